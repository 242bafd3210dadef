//! What sites were told of something, and why not.

use model::{Channel, Millis, OutboxState, Told};
use sqlx::AssertSqlSafe;

use crate::database::read;
use crate::outbox_sight::sees;
use crate::rows::Word;
use crate::{Result, Site, SiteState, Store};

/// How it stands with telling one site about one thing by one channel.
#[derive(Debug, Clone)]
pub struct ToldHow {
    /// The site.
    pub site: Site,
    /// By what it is told, or would be.
    pub channel: Channel,
    /// Whether the site is told such things.
    pub wanted: bool,
    /// Whether an account that serves the site links a repository that has it.
    pub served: bool,
    /// How far it is; none while it is not due.
    pub entry: Option<ToldSoFar>,
}

/// How far telling is.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ToldSoFar {
    /// Where it stands.
    #[sqlx(try_from = "Word<OutboxState>")]
    pub state: OutboxState,
    /// What went wrong the last time, in the site's words.
    pub words: Option<String>,
    /// It is not tried before this.
    pub not_before: Millis,
    /// Failures since it was told last.
    pub attempts: i64,
    /// When it was seen to change.
    pub changed_at: Millis,
}

impl Store {
    /// How each site that is not being removed stands with a thing, in order of the sites. Channels that the site's kind does not
    /// have for such things are left out.
    pub async fn explain_told(&self, told: Told, entity_id: i64) -> Result<Vec<ToldHow>> {
        let mut found = Vec::new();
        for site in self.sites().await?.into_iter().filter(|site| site.state != SiteState::Removing) {
            for channel in site.kind.channels(told) {
                let served = self.is_served(site.id, told, entity_id).await?;
                let entry = self.told_so_far(site.id, *channel, told, entity_id).await?;
                let wanted = site.settings.tells(*channel, told);
                found.push(ToldHow { site: site.clone(), channel: *channel, wanted, served, entry });
            }
        }
        Ok(found)
    }

    async fn is_served(&self, site_id: i64, told: Told, entity_id: i64) -> Result<bool> {
        let (table, entity, repository) = match told {
            Told::Repository => ("repository", "id", "e.id"),
            Told::Branch => ("branch", "id", "e.repository_id"),
            Told::MergeRequest => ("merge_request", "id", "e.repository_id"),
            Told::Commit => ("repository_commit", "commit_id", "e.repository_id"),
        };
        let sql = format!("SELECT COUNT(*) FROM {table} e WHERE e.{entity} = $2 AND {}", sees(repository));
        let count: i64 = read!(self, |db| sqlx::query_scalar(AssertSqlSafe(sql.as_str()))
            .bind(site_id)
            .bind(entity_id)
            .fetch_one(db))?;
        Ok(count > 0)
    }

    async fn told_so_far(
        &self,
        site_id: i64,
        channel: Channel,
        told: Told,
        entity_id: i64,
    ) -> Result<Option<ToldSoFar>> {
        const SQL: &str = "SELECT state, words, not_before, attempts, changed_at FROM outbox WHERE site_id = $1 \
                           AND channel = $2 AND entity_kind = $3 AND entity_id = $4";
        read!(self, |db| sqlx::query_as(SQL)
            .bind(site_id)
            .bind(channel.as_str())
            .bind(told.as_str())
            .bind(entity_id)
            .fetch_optional(db))
    }
}
