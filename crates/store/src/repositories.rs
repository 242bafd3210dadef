//! Repositories, and which accounts see them.

use model::{ForgeRepository, HostKind, Millis};

use crate::rows::{Word, words};
use crate::{Result, Store, Viewer, WriteTx};

words! {
    /// How the syncs of a repository are doing.
    RepositoryState {
        /// A sync is due.
        Waiting = "waiting",
        /// A sync is running.
        Syncing = "syncing",
        /// The last sync ended well.
        UpToDate = "up_to_date",
        /// The last sync failed.
        Failed = "failed",
        /// It holds no commits.
        Empty = "empty",
    }
}

words! {
    /// Whether the forge lets its merge requests be read.
    MergeRequestsState {
        /// Not asked yet.
        Unknown = "unknown",
        /// They can be read.
        Available = "available",
        /// They are switched off, or the credential may not read them.
        Unavailable = "unavailable",
    }
}

/// One repository of a host, with its host's kind and URL.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Repository {
    /// Inner id.
    pub id: i64,
    /// The host it is on.
    pub host_id: i64,
    /// The host's kind.
    #[sqlx(try_from = "Word<HostKind>")]
    pub host_kind: HostKind,
    /// The host's URL.
    pub host_url: String,
    /// The forge's own id, which renames and moves keep.
    pub forge_id: String,
    /// The display name.
    pub name: String,
    /// The full path.
    pub path: String,
    /// Its page, where there is one.
    pub web_url: Option<String>,
    /// Where git reads it.
    pub git_url: String,
    /// The default branch.
    pub default_branch: Option<String>,
    /// The forge's id of its parent, on the same host.
    pub fork_of: Option<String>,
    /// Whether it is archived.
    pub archived: bool,
    /// When something last happened in it.
    pub last_activity_at: Option<Millis>,
    /// How its syncs are doing.
    #[sqlx(try_from = "Word<RepositoryState>")]
    pub state: RepositoryState,
    /// Commits written by the running sync.
    pub commits_done: i64,
    /// Commits that the running sync will write.
    pub commits_total: i64,
    /// When its first import ended.
    pub imported_at: Option<Millis>,
    /// When the last sync ended well.
    pub synced_at: Option<Millis>,
    /// The watermark of the merge request list.
    pub merge_requests_until: Option<Millis>,
    /// Whether its merge requests can be read.
    #[sqlx(try_from = "Word<MergeRequestsState>")]
    pub merge_requests_state: MergeRequestsState,
    /// The kind of its present error.
    pub error_kind: Option<String>,
    /// Its present error, as sentences.
    pub error: Option<String>,
    /// Syncs failed in a row.
    pub failures: i64,
    /// When it was first seen.
    pub created_at: Millis,
}

/// A repository as one account sees it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AccountRepository {
    /// The repository.
    #[sqlx(flatten)]
    pub repository: Repository,
    /// Whether this account imports and shows it.
    pub linked: bool,
    /// Whether the account's list still names it.
    pub visible: bool,
    /// Whether smart commits are on.
    pub smart_commits: bool,
    /// Branches that are not gone.
    pub branches: i64,
    /// Commits that name an issue.
    pub commits_with_keys: i64,
    /// Merge requests that are not gone.
    pub merge_requests: i64,
}

impl WriteTx {
    /// Writes an account's whole list: repositories are made or renamed (the same forge id is the same repository), new
    /// ones are linked when `auto_link` says so, those not named any more are marked. Answers each repository's inner id
    /// in the order given, and whether this account sees it for the first time.
    pub async fn repositories_listed(
        &mut self,
        account_id: i64,
        listed: &[ForgeRepository],
        auto_link: bool,
        smart_commits: bool,
        now: Millis,
    ) -> Result<Vec<(i64, bool)>> { todo!() }
}

impl Store {
    /// One repository.
    pub async fn repository(&self, id: i64) -> Result<Option<Repository>> { todo!() }

    /// The repository with this forge id on this host.
    pub async fn repository_by_forge_id(&self, host_id: i64, forge_id: &str) -> Result<Option<Repository>> { todo!() }

    /// The repositories that an account sees, newest activity first; none when the viewer may not see the account.
    pub async fn account_repositories(&self, viewer: Viewer, account_id: i64) -> Result<Vec<AccountRepository>> { todo!() }

    /// The repositories that an account imports, newest activity first.
    pub async fn linked_repositories(&self, account_id: i64) -> Result<Vec<Repository>> { todo!() }

    /// Links or unlinks a repository.
    pub async fn repository_set_linked(&self, account_id: i64, repository_id: i64, linked: bool) -> Result<()> { todo!() }

    /// Whether any account imports it.
    pub async fn repository_is_linked(&self, id: i64) -> Result<bool> { todo!() }

    /// The accounts whose lists name it, those that link it first.
    pub async fn repository_accounts(&self, id: i64) -> Result<Vec<i64>> { todo!() }

    /// Whether the viewer may see it: an account that the viewer may see links it.
    pub async fn repository_visible(&self, viewer: Viewer, id: i64) -> Result<bool> { todo!() }
}
