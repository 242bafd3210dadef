//! Hook events as they came: kept before they are worked off, and for some days after, so that they can be played again.

use model::{HostKind, Millis};

use crate::database::{execute, read};
use crate::rows::{JsonText, Word, words};
use crate::sql::account_seen;
use crate::{Result, Store, StoreError, Viewer, WriteTx};

words! {
    /// What became of an event.
    InboxState {
        /// It is to be worked off.
        Waiting = "waiting",
        /// It led to what it asked for.
        Done = "done",
        /// It asked for nothing.
        Ignored = "ignored",
        /// It was not understood.
        Failed = "failed",
    }
}

/// An event to keep.
#[derive(Debug, Clone)]
pub struct NewInboxEvent {
    /// The hook that told it.
    pub hook_id: String,
    /// The forge's word for it.
    pub event: String,
    /// The same event delivered again has the same.
    pub delivery_key: String,
    /// The headers that tell of the delivery; never a secret.
    pub headers: serde_json::Value,
    /// The body as it came.
    pub body: String,
}

/// An event of the inbox.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct InboxEvent {
    /// Inner id.
    pub id: i64,
    /// The hook that told it.
    pub hook_id: String,
    /// The kind of the host that told it.
    #[sqlx(try_from = "Word<HostKind>")]
    pub host_kind: HostKind,
    /// The host that told it.
    pub host_id: i64,
    /// The account, of a group hook.
    pub account_id: Option<i64>,
    /// The repository, of a repository hook.
    pub repository_id: Option<i64>,
    /// The forge's word for it.
    pub event: String,
    /// The headers that tell of the delivery.
    #[sqlx(try_from = "JsonText<serde_json::Value>")]
    pub headers: serde_json::Value,
    /// The body as it came.
    pub body: String,
    /// When it came.
    pub received_at: Millis,
    /// What became of it.
    #[sqlx(try_from = "Word<InboxState>")]
    pub state: InboxState,
    /// What it led to, as a sentence.
    pub outcome: Option<String>,
    /// When it was worked off.
    pub worked_at: Option<Millis>,
}

/// The columns of [`InboxEvent`], of `inbox i JOIN hook k JOIN host h`, with this body.
macro_rules! select {
    ($body:literal) => {
        concat!(
            "SELECT i.id, i.hook_id, h.kind AS host_kind, k.host_id, k.account_id, k.repository_id, i.event, i.headers, ",
            $body,
            " AS body, i.received_at, i.state, i.outcome, i.worked_at \
             FROM inbox i JOIN hook k ON k.id = i.hook_id JOIN host h ON h.id = k.host_id WHERE "
        )
    };
}

impl WriteTx {
    /// Keeps an event; none when it came before, or is not to be told from one that did. Either way its coming is noted with its
    /// hook, as it shows that the forge reaches us.
    /// [`StoreError::Missing`] when the hook was removed meanwhile.
    pub async fn inbox_put(&mut self, event: &NewInboxEvent, now: Millis) -> Result<Option<i64>> {
        const INSERT: &str = "INSERT INTO inbox (id, hook_id, received_at, event, delivery_key, headers, body, state) \
                              VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting') \
                              ON CONFLICT (hook_id, delivery_key) DO NOTHING";
        const HEARD: &str = "UPDATE hook SET last_event_at = $2, last_event = $3 WHERE id = $1";
        let id = self.ids(1).await?;
        let headers = event.headers.to_string();
        let inserted = execute!(
            self.aside(),
            sqlx::query(INSERT)
                .bind(id)
                .bind(event.hook_id.as_str())
                .bind(now)
                .bind(event.event.as_str())
                .bind(event.delivery_key.as_str())
                .bind(headers.as_str())
                .bind(event.body.as_str())
        );
        let inserted = inserted.map_err(|error| match error {
            error if error.is_foreign_key_violation() => StoreError::Missing { what: "hook" },
            error => error,
        })?;
        execute!(self.aside(), sqlx::query(HEARD).bind(event.hook_id.as_str()).bind(now).bind(event.event.as_str()))?;
        Ok((inserted > 0).then_some(id))
    }

    /// Notes what became of an event, and what it led to as a sentence.
    pub async fn inbox_worked(&mut self, id: i64, state: InboxState, outcome: &str, now: Millis) -> Result<()> {
        const SQL: &str = "UPDATE inbox SET state = $2, outcome = $3, worked_at = $4 WHERE id = $1";
        execute!(self.aside(), sqlx::query(SQL).bind(id).bind(state.as_str()).bind(outcome).bind(now))?;
        Ok(())
    }

    /// Lets an event wait again, as if it had just come.
    pub async fn inbox_again(&mut self, id: i64) -> Result<()> {
        const SQL: &str = "UPDATE inbox SET state = 'waiting', outcome = NULL, worked_at = NULL WHERE id = $1";
        execute!(self.aside(), sqlx::query(SQL).bind(id))?;
        Ok(())
    }

    /// Forgets events that came before `before`, but none that still waits; answers how many.
    pub async fn inbox_prune(&mut self, before: Millis) -> Result<u64> {
        const SQL: &str = "DELETE FROM inbox WHERE received_at < $1 AND state <> 'waiting'";
        execute!(self.aside(), sqlx::query(SQL).bind(before))
    }
}

impl Store {
    /// Events to be worked off, oldest first.
    pub async fn inbox_waiting(&self, limit: i64) -> Result<Vec<InboxEvent>> {
        const SQL: &str = concat!(select!("i.body"), "i.state = 'waiting' ORDER BY i.received_at, i.id LIMIT $1");
        read!(self, |db| sqlx::query_as(SQL).bind(limit).fetch_all(db))
    }

    /// One event.
    pub async fn inbox_event(&self, id: i64) -> Result<Option<InboxEvent>> {
        const SQL: &str = concat!(select!("i.body"), "i.id = $1");
        read!(self, |db| sqlx::query_as(SQL).bind(id).fetch_optional(db))
    }

    /// Events of the account's group and of the repositories that it links, newest first; none when the viewer may not see
    /// the account. Of each body only the first 2,000 characters: it is for people, and a body may have 25 MB.
    pub async fn inbox_of_account(&self, viewer: Viewer, account_id: i64, limit: i64) -> Result<Vec<InboxEvent>> {
        const SQL: &str = concat!(
            select!("SUBSTR(i.body, 1, 2000)"),
            "(k.account_id = $2 OR EXISTS (SELECT 1 FROM account_repository ar \
             WHERE ar.account_id = $2 AND ar.linked AND ar.repository_id = k.repository_id)) \
             AND EXISTS (SELECT 1 FROM account a WHERE a.id = $2 AND ",
            account_seen!("$1"),
            ") ORDER BY i.received_at DESC, i.id DESC LIMIT $3"
        );
        read!(self, |db| sqlx::query_as(SQL).bind(viewer.user_id()).bind(account_id).bind(limit).fetch_all(db))
    }

    /// Whether no event waits to be worked off.
    pub async fn inbox_is_empty(&self) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM inbox WHERE state = 'waiting' LIMIT 1) first";
        let waiting: i64 = read!(self, |db| sqlx::query_scalar(SQL).fetch_one(db))?;
        Ok(waiting == 0)
    }
}
