//! Issues that have another key now: asked of a site once a key.

use model::Millis;

use crate::database::{execute, read};
use crate::key_rule::project_of;
use crate::{Result, Store, WriteTx};

/// What a site said about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueAlias {
    /// The key that was asked for.
    pub key: String,
    /// The key that the issue has now; none: there is no such issue.
    pub present: Option<String>,
    /// When it was asked last.
    pub asked_at: Millis,
}

impl Store {
    /// Up to `limit` keys behind `after` that something is linked to and that a site whose project it is was not asked about
    /// yet, in order; and where to go on, none at the end.
    pub async fn keys_to_ask(
        &self,
        site_id: i64,
        after: Option<&str>,
        limit: i64,
    ) -> Result<(Vec<String>, Option<String>)> {
        const SQL: &str = "SELECT DISTINCT l.issue_key FROM issue_link l WHERE l.issue_key > $2 AND NOT EXISTS \
                           (SELECT 1 FROM issue_alias a WHERE a.site_id = $1 AND a.issue_key = l.issue_key) \
                           ORDER BY l.issue_key LIMIT $3";
        let after = after.unwrap_or_default();
        let keys: Vec<String> =
            read!(self, |db| sqlx::query_scalar(SQL).bind(site_id).bind(after).bind(limit).fetch_all(db))?;
        let next = keys.last().filter(|_| keys.len() as i64 == limit).cloned();
        let projects = self.site_projects(site_id).await?;
        let is_known = |key: &String| projects.binary_search_by(|one| one.key.as_str().cmp(project_of(key))).is_ok();
        Ok((keys.into_iter().filter(is_known).collect(), next))
    }

    /// Whether a site was asked about a key, and what it said.
    pub async fn alias(&self, site_id: i64, key: &str) -> Result<Option<IssueAlias>> {
        const SQL: &str = "SELECT present_key, asked_at FROM issue_alias WHERE site_id = $1 AND issue_key = $2";
        let found: Option<(Option<String>, Millis)> =
            read!(self, |db| sqlx::query_as(SQL).bind(site_id).bind(key).fetch_optional(db))?;
        Ok(found.map(|(present, asked_at)| IssueAlias { key: key.to_owned(), present, asked_at }))
    }

    /// The keys that an issue had before, as far as they are known, in order.
    pub async fn former_keys(&self, present: &str) -> Result<Vec<String>> {
        Ok(self.key_rule().await?.former(present))
    }
}

impl WriteTx {
    /// Keeps what a site said about a key; true when links have to follow ([`crate::Store::relink_step`]).
    pub async fn alias_set(&mut self, site_id: i64, key: &str, present: Option<&str>, now: Millis) -> Result<bool> {
        const SQL: &str = "INSERT INTO issue_alias (site_id, issue_key, present_key, asked_at) VALUES ($1, $2, $3, $4) \
                           ON CONFLICT (site_id, issue_key) DO UPDATE SET present_key = excluded.present_key, \
                           asked_at = excluded.asked_at";
        const BEFORE: &str = "SELECT present_key FROM issue_alias WHERE site_id = $1 AND issue_key = $2";
        let before: Option<Option<String>> = crate::database::within!(self.aside(), |db| sqlx::query_scalar(BEFORE)
            .bind(site_id)
            .bind(key)
            .fetch_optional(db))?;
        execute!(self.aside(), sqlx::query(SQL).bind(site_id).bind(key).bind(present).bind(now))?;
        let elsewhere = |present: Option<&str>| present.filter(|present| *present != key).map(str::to_owned);
        let is_changed = elsewhere(before.flatten().as_deref()) != elsewhere(present);
        if is_changed {
            // What is shown changes, and what is kept of the rule with it.
            self.connection();
        }
        Ok(is_changed)
    }

    /// Forgets what a site said about keys, so that it is asked anew; answers the keys whose links have to follow.
    pub async fn aliases_forget(&mut self, site_id: i64) -> Result<Vec<String>> {
        const MOVED: &str = "SELECT issue_key FROM issue_alias WHERE site_id = $1 AND present_key IS NOT NULL \
                             AND present_key <> issue_key ORDER BY issue_key";
        const DELETE: &str = "DELETE FROM issue_alias WHERE site_id = $1";
        let moved = crate::database::within!(self.aside(), |db| sqlx::query_scalar(MOVED).bind(site_id).fetch_all(db))?;
        execute!(self, sqlx::query(DELETE).bind(site_id))?;
        Ok(moved)
    }
}
