//! Accounts: the teams and users whose repositories are imported.

use model::{AccountKind, HostKind, Millis};

use crate::database::{execute, execute_live, read, within};
use crate::rows::{Word, words};
use crate::sql::{account_columns, account_seen};
use crate::{Result, Store, StoreError, Viewer, WriteTx};

words! {
    /// How an account is doing.
    AccountState {
        /// It is synced.
        Active = "active",
        /// An administrator stopped it for now.
        Paused = "paused",
        /// The forge no longer accepts its credential.
        NeedsAuthorisation = "needs_authorisation",
        /// It is being removed; nothing of it is shown any more.
        Removing = "removing",
    }
}

/// A team or user on a host.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Account {
    /// Inner id.
    pub id: i64,
    /// The host it is on.
    pub host_id: i64,
    /// The host's kind.
    #[sqlx(try_from = "Word<HostKind>")]
    pub host_kind: HostKind,
    /// The host's URL.
    pub host_url: String,
    /// The application that authorised it; none with a token or a folder.
    pub application_id: Option<i64>,
    /// The full path as the forge spells it.
    pub path: String,
    /// The display name.
    pub name: String,
    /// Group, user or folder.
    #[sqlx(try_from = "Word<AccountKind>")]
    pub kind: AccountKind,
    /// The forge's own id.
    pub forge_id: String,
    /// Its page, where there is one.
    pub web_url: Option<String>,
    /// Whether new repositories are linked.
    pub auto_link: bool,
    /// Whether smart commits are on for new repositories.
    pub smart_commits: bool,
    /// Whether only its readers and administrators see it.
    pub restricted: bool,
    /// How it is doing.
    #[sqlx(try_from = "Word<AccountState>")]
    pub state: AccountState,
    /// When its project list was last read whole.
    pub listed_at: Option<Millis>,
    /// When its first import ended: from here on new facts are live.
    pub imported_at: Option<Millis>,
    /// The watermark of the merge request list of its group.
    pub merge_requests_until: Option<Millis>,
    /// The kind of its present error.
    pub error_kind: Option<String>,
    /// Its present error, as sentences.
    pub error: Option<String>,
    /// The grant of the facade that it is reached with; none: its own credential.
    pub grant_id: Option<i64>,
    /// When it was connected.
    pub created_at: Millis,
}

impl Account {
    /// Whose credential it is reached with: its grant's where the facade made it, else its own.
    #[must_use]
    pub fn credential_owner(&self) -> i64 {
        self.grant_id.unwrap_or(self.id)
    }
}

/// What an account is made of.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The host it is on.
    pub host_id: i64,
    /// The application that authorised it.
    pub application_id: Option<i64>,
    /// The full path as the forge spells it.
    pub path: String,
    /// The display name.
    pub name: String,
    /// Group, user or folder.
    pub kind: AccountKind,
    /// The forge's own id.
    pub forge_id: String,
    /// Its page, where there is one.
    pub web_url: Option<String>,
    /// Whether new repositories are linked.
    pub auto_link: bool,
    /// Whether smart commits are on for new repositories.
    pub smart_commits: bool,
}

/// An account with the sums over its repositories.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AccountSummary {
    /// The account.
    #[sqlx(flatten)]
    pub account: Account,
    /// Repositories that its list names.
    pub repositories: i64,
    /// Of these, linked ones.
    pub linked: i64,
    /// Of the linked ones, those that wait for a sync.
    pub waiting: i64,
    /// Of the linked ones, those being synced.
    pub syncing: i64,
    /// Of the linked ones, those whose last sync failed.
    pub failed: i64,
    /// Commits written by the syncs under way.
    pub commits_done: i64,
    /// Commits that the syncs under way will write.
    pub commits_total: i64,
    /// The newest activity in any of its repositories.
    pub last_activity_at: Option<Millis>,
}

impl WriteTx {
    /// Adds an account. [`StoreError::AccountExists`] when the host has one with this path in any case.
    pub async fn account_insert(&mut self, account: &NewAccount, now: Millis) -> Result<i64> {
        const INSERT: &str = "INSERT INTO account (id, host_id, application_id, path, path_folded, name, kind, forge_id, \
                              web_url, auto_link, smart_commits, restricted, state, created_at) \
                              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, FALSE, 'active', $12) \
                              ON CONFLICT (host_id, path_folded) DO NOTHING";
        const FIND: &str = "SELECT id FROM account WHERE host_id = $1 AND path_folded = $2";
        let folded = account.path.to_lowercase();
        let id = self.ids(1).await?;
        // It sees no repository yet, so nobody sees more or less than before.
        let inserted = execute!(
            self.aside(),
            sqlx::query(INSERT)
                .bind(id)
                .bind(account.host_id)
                .bind(account.application_id)
                .bind(account.path.as_str())
                .bind(folded.as_str())
                .bind(account.name.as_str())
                .bind(account.kind.as_str())
                .bind(account.forge_id.as_str())
                .bind(account.web_url.as_deref())
                .bind(account.auto_link)
                .bind(account.smart_commits)
                .bind(now)
        )?;
        if inserted == 0 {
            let id =
                within!(self, |db| sqlx::query_scalar(FIND).bind(account.host_id).bind(folded.as_str()).fetch_one(db))?;
            return Err(StoreError::AccountExists { id });
        }
        Ok(id)
    }

    /// Notes that its project list was read whole, and clears its error.
    pub async fn account_listed(&mut self, id: i64, now: Millis) -> Result<()> {
        const SQL: &str = "UPDATE account SET listed_at = $2, error_kind = NULL, error = NULL WHERE id = $1";
        execute!(self.aside(), sqlx::query(SQL).bind(id).bind(now))?;
        Ok(())
    }

    /// Notes that its first import ended; later calls change nothing.
    pub async fn account_import_ended(&mut self, id: i64, now: Millis) -> Result<()> {
        const SQL: &str = "UPDATE account SET imported_at = $2 WHERE id = $1 AND imported_at IS NULL";
        execute!(self.aside(), sqlx::query(SQL).bind(id).bind(now))?;
        Ok(())
    }

    /// Up to when the merge request list of its group was read; none: it is to be read from the beginning.
    pub async fn account_merge_requests_until(&mut self, id: i64, until: Option<Millis>) -> Result<()> {
        const SQL: &str = "UPDATE account SET merge_requests_until = $2 WHERE id = $1";
        execute!(self.aside(), sqlx::query(SQL).bind(id).bind(until))?;
        Ok(())
    }

    /// Sets the application that authorised it; none with a token.
    pub async fn account_application_set(&mut self, id: i64, application_id: Option<i64>) -> Result<()> {
        const SQL: &str = "UPDATE account SET application_id = $2 WHERE id = $1";
        execute!(self.aside(), sqlx::query(SQL).bind(id).bind(application_id))?;
        Ok(())
    }

    /// Removes an account with its credential, readers and views of repositories. Repositories that no account sees any
    /// more stay as orphans until [`Store::purge_repository`].
    pub async fn account_remove(&mut self, id: i64) -> Result<()> {
        // A grant's credential is the grant's, and stays. Readers and views go with the account (ON DELETE CASCADE).
        self.credential_remove(id).await?;
        execute!(self, sqlx::query("DELETE FROM account WHERE id = $1").bind(id))?;
        Ok(())
    }
}

impl Store {
    /// One account.
    pub async fn account(&self, id: i64) -> Result<Option<Account>> {
        const SQL: &str =
            concat!("SELECT ", account_columns!(), " FROM account a JOIN host h ON h.id = a.host_id WHERE a.id = $1");
        read!(self, |db| sqlx::query_as(SQL).bind(id).fetch_optional(db))
    }

    /// The account with this path, ignoring case, on this host.
    pub async fn account_by_path(&self, kind: HostKind, host_url: &str, path: &str) -> Result<Option<Account>> {
        const SQL: &str = concat!(
            "SELECT ",
            account_columns!(),
            " FROM account a JOIN host h ON h.id = a.host_id WHERE h.kind = $1 AND h.url = $2 AND a.path_folded = $3"
        );
        let folded = path.to_lowercase();
        read!(self, |db| sqlx::query_as(SQL)
            .bind(kind.as_str())
            .bind(host_url)
            .bind(folded.as_str())
            .fetch_optional(db))
    }

    /// The accounts that the viewer may see, oldest first.
    pub async fn accounts(&self, viewer: Viewer) -> Result<Vec<Account>> {
        const SQL: &str = concat!(
            "SELECT ",
            account_columns!(),
            " FROM account a JOIN host h ON h.id = a.host_id WHERE ",
            account_seen!("$1"),
            " ORDER BY a.id"
        );
        read!(self, |db| sqlx::query_as(SQL).bind(viewer.user_id()).fetch_all(db))
    }

    /// The accounts that the viewer may see with the sums over their repositories, oldest first.
    pub async fn account_summaries(&self, viewer: Viewer) -> Result<Vec<AccountSummary>> {
        const SQL: &str = concat!(
            "SELECT ",
            account_columns!(),
            ", COUNT(r.id) AS repositories, \
             COUNT(CASE WHEN ar.linked THEN 1 END) AS linked, \
             COUNT(CASE WHEN ar.linked AND r.state = 'waiting' THEN 1 END) AS waiting, \
             COUNT(CASE WHEN ar.linked AND r.state = 'syncing' THEN 1 END) AS syncing, \
             COUNT(CASE WHEN ar.linked AND r.state = 'failed' THEN 1 END) AS failed, \
             CAST(COALESCE(SUM(CASE WHEN ar.linked AND r.state = 'syncing' THEN r.commits_done END), 0) AS BIGINT) \
             AS commits_done, \
             CAST(COALESCE(SUM(CASE WHEN ar.linked AND r.state = 'syncing' THEN r.commits_total END), 0) AS BIGINT) \
             AS commits_total, \
             MAX(r.last_activity_at) AS last_activity_at \
             FROM account a JOIN host h ON h.id = a.host_id \
             LEFT JOIN account_repository ar ON ar.account_id = a.id AND ar.visible \
             LEFT JOIN repository r ON r.id = ar.repository_id WHERE ",
            account_seen!("$1"),
            " GROUP BY a.id, h.id ORDER BY a.id"
        );
        read!(self, |db| sqlx::query_as(SQL).bind(viewer.user_id()).fetch_all(db))
    }

    /// Sets what happens with new repositories.
    pub async fn account_set_switches(&self, id: i64, auto_link: bool, smart_commits: bool) -> Result<()> {
        const SQL: &str = "UPDATE account SET auto_link = $2, smart_commits = $3 WHERE id = $1";
        execute_live!(self, sqlx::query(SQL).bind(id).bind(auto_link).bind(smart_commits))?;
        Ok(())
    }

    /// Sets how it is doing.
    pub async fn account_set_state(&self, id: i64, state: AccountState) -> Result<()> {
        const SQL: &str = "UPDATE account SET state = $2 WHERE id = $1";
        execute_live!(self, sqlx::query(SQL).bind(id).bind(state.as_str()))?;
        Ok(())
    }

    /// Sets or clears its error: the kind, and sentences for people.
    pub async fn account_set_error(&self, id: i64, error: Option<(&str, &str)>) -> Result<()> {
        const SQL: &str = "UPDATE account SET error_kind = $2, error = $3 WHERE id = $1";
        let (kind, text) = error.unzip();
        execute_live!(self, sqlx::query(SQL).bind(id).bind(kind).bind(text))?;
        Ok(())
    }
}
