//! Branches; those that vanish stay, marked as gone.

use model::{Branch, Mention, Millis, ObjectId};

use crate::rows::Word;
use crate::{Result, Store, WriteTx};

/// A branch to write, with what its name says.
#[derive(Debug, Clone)]
pub struct NewBranch {
    /// The branch.
    pub branch: Branch,
    /// What its name says.
    pub mentions: Vec<Mention>,
}

/// What a list of branches changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BranchesChanged {
    /// New ones, and ones that came back.
    pub added: u64,
    /// Ones whose head moved.
    pub moved: u64,
    /// Ones that the list no longer names.
    pub gone: u64,
}

/// A branch of the store.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredBranch {
    /// Inner id.
    pub id: i64,
    /// Its name without `refs/heads/`.
    pub name: String,
    /// The commit it points at, or pointed at when it was last seen.
    #[sqlx(try_from = "Word<ObjectId>")]
    pub head: ObjectId,
    /// When the head was last seen to change.
    pub moved_at: Millis,
    /// When it was first seen.
    pub first_seen_at: Millis,
    /// When it was first missed.
    pub gone_at: Option<Millis>,
}

impl WriteTx {
    /// Writes a repository's whole list: branches it does not name are marked gone and lose their issue links, ones that
    /// come back are shown again.
    pub async fn branches_replace(
        &mut self,
        repository_id: i64,
        branches: &[NewBranch],
        rule_version: i64,
        now: Millis,
    ) -> Result<BranchesChanged> { todo!() }
}

impl Store {
    /// The branches of a repository in order of their names, gone ones included.
    pub async fn branches(&self, repository_id: i64) -> Result<Vec<StoredBranch>> { todo!() }
}
