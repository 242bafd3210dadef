//! Reading commits in bulk.

use futures::Stream;
use model::{Commit, ObjectId};

use crate::{Cache, GitError, RawCommit};

impl Cache {
    /// Reads commits, in the order given, while the ids are still being written.
    /// An id that is not here, or no commit, yields an error in its place and the stream goes on.
    pub fn commits(&self, ids: Vec<ObjectId>) -> impl Stream<Item = Result<Commit, GitError>> + Send + Unpin + 'static {
        let _ = ids;
        futures::stream::empty()
    }

    /// Reads every commit reachable from a branch of the repository, newest first, without holding their ids.
    pub fn all_commits(&self) -> impl Stream<Item = Result<Commit, GitError>> + Send + Unpin + 'static {
        futures::stream::empty()
    }

    /// As [`Cache::all_commits`], undecoded and without copying, for a scan. Returns how many there were.
    ///
    /// # Errors
    /// Where git fails, or the repository's data is broken.
    pub async fn visit_commits(&self, visit: impl FnMut(RawCommit<'_>) + Send) -> Result<usize, GitError> {
        let _ = visit;
        todo!()
    }
}
