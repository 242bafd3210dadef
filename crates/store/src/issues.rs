//! What is shown of an issue: look-ups by its key.

mod branches;
pub(crate) mod commit_cache;
mod commits;
mod counts;
mod keys;
mod merge_requests;
pub(crate) mod visible;

use model::{HostKind, Millis};

use crate::Viewer;
use crate::rows::Word;

pub use branches::IssueBranch;
pub use commits::IssueCommit;
pub use counts::HostCounts;
pub use merge_requests::IssueMergeRequest;

/// Which issue, through whose eyes, on which hosts.
#[derive(Debug, Clone)]
pub struct IssueQuery {
    /// Who is looking.
    pub viewer: Viewer,
    /// The issue key, upper case.
    pub key: String,
    /// Only these hosts; none: all.
    pub host_ids: Option<Vec<i64>>,
}

/// Where a page ended; the next one goes on behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Cursor {
    /// The time that lists are sorted by.
    pub sort_at: Millis,
    /// The entity's inner id.
    pub entity_id: i64,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct PageOf<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where to go on; none at the end.
    pub next: Option<Cursor>,
}

/// A repository as it is shown beside an entity.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RepositoryRef {
    /// Inner id.
    pub id: i64,
    /// Its host.
    pub host_id: i64,
    /// The host's kind.
    #[sqlx(try_from = "Word<HostKind>")]
    pub host_kind: HostKind,
    /// The host's URL.
    pub host_url: String,
    /// The forge's own id.
    pub forge_id: String,
    /// The display name.
    pub name: String,
    /// The full path.
    pub path: String,
    /// Its page.
    pub web_url: Option<String>,
    /// Its default branch.
    pub default_branch: Option<String>,
    /// Whether it was forked from another.
    pub fork: bool,
    /// The first account through which the viewer sees it.
    pub account_id: i64,
}

impl RepositoryRef {
    /// A commit is shown under the first in this order: no fork, if there is one; of these the oldest.
    pub(crate) const fn order(&self) -> (bool, i64) {
        (self.fork, self.id)
    }
}
