//! The remote links that issues of sites have.

use model::Told;

use crate::database::{execute, read};
use crate::{Result, Store, WriteTx};

/// A link that a site has.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SentLink {
    /// The issue.
    pub issue_key: String,
    /// How the site knows the link.
    pub global_id: String,
    /// Of what it says; empty where nobody knows whether the site has it.
    pub digest: String,
}

impl Store {
    /// The links that a site has for an entity.
    pub async fn remote_links(&self, site_id: i64, told: Told, entity_id: i64) -> Result<Vec<SentLink>> {
        const SQL: &str = "SELECT issue_key, global_id, digest FROM remote_link WHERE site_id = $1 AND entity_kind = $2 \
                           AND entity_id = $3 ORDER BY issue_key";
        read!(self, |db| sqlx::query_as(SQL).bind(site_id).bind(told.as_str()).bind(entity_id).fetch_all(db))
    }
}

impl WriteTx {
    /// The site is about to be sent these links, each an issue and how the site will know it: it may have them from now on.
    /// Their digest is empty until somebody knows; those that it has stay as they are.
    pub async fn remote_links_offer(
        &mut self,
        site_id: i64,
        told: Told,
        entity_id: i64,
        links: &[(&str, &str)],
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO remote_link (site_id, entity_kind, entity_id, issue_key, global_id, digest) \
                           VALUES ($1, $2, $3, $4, $5, '') ON CONFLICT (site_id, entity_kind, entity_id, issue_key) DO NOTHING";
        for (issue_key, global_id) in links {
            execute!(
                self.aside(),
                sqlx::query(SQL).bind(site_id).bind(told.as_str()).bind(entity_id).bind(*issue_key).bind(*global_id)
            )?;
        }
        Ok(())
    }

    /// The site has this link now.
    pub async fn remote_link_put(
        &mut self,
        site_id: i64,
        told: Told,
        entity_id: i64,
        issue_key: &str,
        global_id: &str,
        digest: &str,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO remote_link (site_id, entity_kind, entity_id, issue_key, global_id, digest) \
                           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (site_id, entity_kind, entity_id, issue_key) \
                           DO UPDATE SET global_id = excluded.global_id, digest = excluded.digest";
        execute!(
            self.aside(),
            sqlx::query(SQL)
                .bind(site_id)
                .bind(told.as_str())
                .bind(entity_id)
                .bind(issue_key)
                .bind(global_id)
                .bind(digest)
        )?;
        Ok(())
    }

    /// The site has it no more.
    pub async fn remote_link_forget(
        &mut self,
        site_id: i64,
        told: Told,
        entity_id: i64,
        issue_key: &str,
    ) -> Result<()> {
        const SQL: &str =
            "DELETE FROM remote_link WHERE site_id = $1 AND entity_kind = $2 AND entity_id = $3 AND issue_key = $4";
        execute!(self.aside(), sqlx::query(SQL).bind(site_id).bind(told.as_str()).bind(entity_id).bind(issue_key))?;
        Ok(())
    }
}
