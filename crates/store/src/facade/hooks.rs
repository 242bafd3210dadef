//! Hooks that Jira registered at the facade: where it wants to be told.

use model::Millis;

use super::grant_sees;
use crate::database::{execute, execute_live, read, within};
use crate::rows::JsonText;
use crate::{Result, Store, WriteTx};

/// Where a Jira wants to be told of a repository.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FacadeHook {
    /// Inner id; also the one that Jira sees.
    pub id: i64,
    /// The repository.
    pub repository_id: i64,
    /// Whose token registered it.
    pub grant_id: i64,
    /// What is called.
    pub url: String,
    /// Of what it wants to be told, in GitHub's words (`push`, `pull_request`, …).
    #[sqlx(try_from = "JsonText<Vec<String>>")]
    pub events: Vec<String>,
    /// Whether the body is JSON; else a form with the field `payload`.
    pub json: bool,
    /// Whether it is called at all.
    pub active: bool,
    /// When it was registered.
    pub created_at: Millis,
    /// When it was last called.
    pub called_at: Option<Millis>,
    /// What came of that, for people.
    pub outcome: Option<String>,
}

/// A hook to register.
#[derive(Debug, Clone)]
pub struct NewFacadeHook {
    /// The repository.
    pub repository_id: i64,
    /// Whose token registers it.
    pub grant_id: i64,
    /// What is called.
    pub url: String,
    /// Of what it wants to be told.
    pub events: Vec<String>,
    /// Whether the body is JSON; else a form with the field `payload`.
    pub json: bool,
    /// Whether it is called at all.
    pub active: bool,
}

macro_rules! select {
    ($where:expr) => {
        concat!(
            "SELECT k.id, k.repository_id, k.grant_id, k.url, k.events, k.json, k.active, k.created_at, k.called_at, \
             k.outcome FROM facade_hook k WHERE ",
            $where
        )
    };
}

impl WriteTx {
    /// Keeps a hook. One with the same address and kind of body, of the same grant and repository, is that hook: it gets the
    /// new events.
    pub async fn facade_hook_put(&mut self, hook: &NewFacadeHook, now: Millis) -> Result<FacadeHook> {
        const SAME: &str =
            "SELECT id FROM facade_hook WHERE repository_id = $1 AND grant_id = $2 AND url = $3 AND json = $4";
        const UPDATE: &str = "UPDATE facade_hook SET events = $2, active = $3 WHERE id = $1";
        const INSERT: &str = "INSERT INTO facade_hook (id, repository_id, grant_id, url, events, json, active, created_at) \
                              VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        const KEPT: &str = select!("k.id = $1");
        let events = serde_json::json!(hook.events).to_string();
        let same: Option<i64> = within!(self.aside(), |db| sqlx::query_scalar(SAME)
            .bind(hook.repository_id)
            .bind(hook.grant_id)
            .bind(hook.url.as_str())
            .bind(hook.json)
            .fetch_optional(db))?;
        let id = match same {
            Some(id) => {
                execute!(self.aside(), sqlx::query(UPDATE).bind(id).bind(events.as_str()).bind(hook.active))?;
                id
            }
            None => {
                let id = self.ids(1).await?;
                execute!(
                    self.aside(),
                    sqlx::query(INSERT)
                        .bind(id)
                        .bind(hook.repository_id)
                        .bind(hook.grant_id)
                        .bind(hook.url.as_str())
                        .bind(events.as_str())
                        .bind(hook.json)
                        .bind(hook.active)
                        .bind(now)
                )?;
                id
            }
        };
        within!(self.aside(), |db| sqlx::query_as(KEPT).bind(id).fetch_one(db))
    }

    /// The hooks of a repository that are called, whoever registered them.
    pub async fn facade_hooks_active(&mut self, repository_id: i64) -> Result<Vec<FacadeHook>> {
        const SQL: &str = select!("k.repository_id = $1 AND k.active ORDER BY k.id");
        within!(self.aside(), |db| sqlx::query_as(SQL).bind(repository_id).fetch_all(db))
    }
}

impl Store {
    /// The hooks that a grant registered for a repository, oldest first.
    pub async fn facade_hooks(&self, repository_id: i64, grant_id: i64) -> Result<Vec<FacadeHook>> {
        const SQL: &str = select!("k.repository_id = $1 AND k.grant_id = $2 ORDER BY k.id");
        read!(self, |db| sqlx::query_as(SQL).bind(repository_id).bind(grant_id).fetch_all(db))
    }

    /// The hook with this id, where it is still to be called: it is switched on, its grant sees the repository, and a token
    /// of that grant is not revoked.
    pub async fn facade_hook_to_call(&self, id: i64) -> Result<Option<FacadeHook>> {
        const SQL: &str = select!(concat!(
            "k.id = $1 AND k.active \
             AND EXISTS (SELECT 1 FROM facade_token t WHERE t.grant_id = k.grant_id AND t.revoked_at IS NULL) \
             AND EXISTS (SELECT 1 FROM repository r WHERE r.id = k.repository_id AND ",
            grant_sees!("k.grant_id"),
            ")"
        ));
        read!(self, |db| sqlx::query_as(SQL).bind(id).fetch_optional(db))
    }

    /// Forgets a hook of this grant and repository; false where there is none.
    pub async fn facade_hook_remove(&self, id: i64, repository_id: i64, grant_id: i64) -> Result<bool> {
        const SQL: &str = "DELETE FROM facade_hook WHERE id = $1 AND repository_id = $2 AND grant_id = $3";
        let rows = execute_live!(aside self, sqlx::query(SQL).bind(id).bind(repository_id).bind(grant_id))?;
        Ok(rows > 0)
    }

    /// Notes that a hook was called, and what came of it.
    pub async fn facade_hook_called(&self, id: i64, outcome: &str, now: Millis) -> Result<()> {
        const SQL: &str = "UPDATE facade_hook SET called_at = $2, outcome = $3 WHERE id = $1";
        execute_live!(aside self, sqlx::query(SQL).bind(id).bind(now).bind(outcome))?;
        Ok(())
    }
}
