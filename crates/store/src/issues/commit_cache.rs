//! Commits that were lately shown, in memory: a busy issue is asked for again and again, and a commit never changes.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::StoredCommit;

/// How many commits are expected to fit.
const EXPECTED: usize = 20_000;
/// What they may take, in bytes.
const CAPACITY: u64 = 16 << 20;

/// Commits by inner id. Only those that git read come in: they are final, while one read by REST may still be overwritten.
/// Inner ids are never given twice, so a purged commit is forgotten without being told.
#[derive(Debug)]
pub(crate) struct CommitCache(Cache<i64, Arc<StoredCommit>, Bytes>);

#[derive(Debug, Clone)]
struct Bytes;

impl Weighter<i64, Arc<StoredCommit>> for Bytes {
    fn weight(&self, _id: &i64, commit: &Arc<StoredCommit>) -> u64 {
        let texts = [&commit.author_name, &commit.author_email, &commit.committer_name, &commit.message];
        let texts: usize = texts.iter().map(|text| text.len()).sum();
        let ids: usize = commit.parents.iter().chain([&commit.object_id]).map(|id| id.as_str().len()).sum();
        (size_of::<StoredCommit>() + texts + ids) as u64
    }
}

impl Default for CommitCache {
    fn default() -> Self {
        Self(Cache::with_weighter(EXPECTED, CAPACITY, Bytes))
    }
}

impl CommitCache {
    pub(super) fn get(&self, id: i64) -> Option<Arc<StoredCommit>> {
        self.0.get(&id)
    }

    pub(super) fn keep(&self, commit: &Arc<StoredCommit>) {
        self.0.insert(commit.id, commit.clone());
    }
}
