//! Commits, and the repositories they are in.

use std::collections::HashSet;

use model::{Commit, Mention, Millis, ObjectId};

use crate::issues::RepositoryRef;
use crate::rows::{ObjectIds, Word, words};
use crate::{Result, Store, Viewer, WriteTx};

words! {
    /// Where a commit was read; git overwrites REST, which re-encodes messages.
    Source {
        /// The commit object.
        Git = "git",
        /// The forge's REST interface.
        Rest = "rest",
    }
}

/// A commit to write, with what its message names.
#[derive(Debug, Clone)]
pub struct NewCommit {
    /// The commit.
    pub commit: Commit,
    /// What its message names.
    pub mentions: Vec<Mention>,
}

/// What a write brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CommitsInserted {
    /// Commits that were in no repository of the store before.
    pub new: u64,
    /// Issue links that were not there before.
    pub links: u64,
}

/// A commit of the store.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredCommit {
    /// Inner id.
    pub id: i64,
    /// Its object id.
    #[sqlx(try_from = "Word<ObjectId>")]
    pub object_id: ObjectId,
    /// Its parents, in order.
    #[sqlx(try_from = "ObjectIds")]
    pub parents: Vec<ObjectId>,
    /// Who wrote it.
    pub author_name: String,
    /// The writer's e-mail. Never log it.
    pub author_email: String,
    /// When it was written.
    pub authored_at: Millis,
    /// Who committed it.
    pub committer_name: String,
    /// When it was committed.
    pub committed_at: Millis,
    /// The whole message.
    pub message: String,
    /// Whether decoding the message lost something.
    pub lossy: bool,
}

impl WriteTx {
    /// Writes commits into a repository: commits unknown to the store with their mentions and issue links, and for all of
    /// them that they are in this repository (again). One read by git overwrites one read by REST. `rule_version` is the
    /// version of the grammar that found the mentions. Callers hand over at most 500 in the bulk lane.
    pub async fn commits_insert(
        &mut self,
        repository_id: i64,
        commits: &[NewCommit],
        source: Source,
        rule_version: i64,
        now: Millis,
    ) -> Result<CommitsInserted> { todo!() }

    /// Notes that commits known from other repositories are in this one too; answers those that the store does not know.
    pub async fn commits_attach(&mut self, repository_id: i64, ids: &[ObjectId], now: Millis) -> Result<Vec<ObjectId>> { todo!() }

    /// Notes that nothing of this repository leads to these commits any more.
    pub async fn commits_lost(&mut self, repository_id: i64, ids: &[ObjectId], now: Millis) -> Result<()> { todo!() }
}

impl Store {
    /// Which of these are in the repository, and not lost.
    pub async fn commits_present(&self, repository_id: i64, ids: &[ObjectId]) -> Result<HashSet<ObjectId>> { todo!() }

    /// One commit, whoever sees it.
    pub async fn commit(&self, id: &ObjectId) -> Result<Option<StoredCommit>> { todo!() }

    /// The repositories it is shown in to the viewer, the one it is shown under first.
    pub async fn commit_repositories(&self, viewer: Viewer, commit_id: i64) -> Result<Vec<RepositoryRef>> { todo!() }
}
