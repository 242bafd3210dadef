//! Accounts: the teams and users whose repositories are imported.

use model::{AccountKind, HostKind, Millis};

use crate::rows::{Word, words};
use crate::{Result, Store, Viewer, WriteTx};

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
    /// The kind of its present error.
    pub error_kind: Option<String>,
    /// Its present error, as sentences.
    pub error: Option<String>,
    /// When it was connected.
    pub created_at: Millis,
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
    /// Adds an account. [`crate::StoreError::AccountExists`] when the host has one with this path in any case.
    pub async fn account_insert(&mut self, account: &NewAccount, now: Millis) -> Result<i64> { todo!() }

    /// Notes that its project list was read whole, and clears its error.
    pub async fn account_listed(&mut self, id: i64, now: Millis) -> Result<()> { todo!() }

    /// Notes that its first import ended; later calls change nothing.
    pub async fn account_import_ended(&mut self, id: i64, now: Millis) -> Result<()> { todo!() }

    /// Removes an account with its credential, readers and views of repositories. Repositories that no account sees any
    /// more stay as orphans until [`Store::purge_repository`].
    pub async fn account_remove(&mut self, id: i64) -> Result<()> { todo!() }
}

impl Store {
    /// One account.
    pub async fn account(&self, id: i64) -> Result<Option<Account>> { todo!() }

    /// The account with this path, ignoring case, on this host.
    pub async fn account_by_path(&self, kind: HostKind, host_url: &str, path: &str) -> Result<Option<Account>> { todo!() }

    /// The accounts that the viewer may see, oldest first.
    pub async fn accounts(&self, viewer: Viewer) -> Result<Vec<Account>> { todo!() }

    /// The accounts that the viewer may see with the sums over their repositories, oldest first.
    pub async fn account_summaries(&self, viewer: Viewer) -> Result<Vec<AccountSummary>> { todo!() }

    /// Sets what happens with new repositories.
    pub async fn account_set_switches(&self, id: i64, auto_link: bool, smart_commits: bool) -> Result<()> { todo!() }

    /// Sets how it is doing.
    pub async fn account_set_state(&self, id: i64, state: AccountState) -> Result<()> { todo!() }

    /// Sets or clears its error: the kind, and sentences for people.
    pub async fn account_set_error(&self, id: i64, error: Option<(&str, &str)>) -> Result<()> { todo!() }
}
