//! Stand-ins until the store and git have them.
use model::{Mention, ObjectId};

pub(crate) struct MergeRequestRange {
    pub number: i64,
    pub base: Option<ObjectId>,
    pub frozen: bool,
    pub commits: Vec<ObjectId>,
}

pub(crate) trait Tx {
    async fn merge_request_ranges(&mut self, r: i64, x: &[MergeRequestRange], v: i64) -> store::Result<u64>;
    async fn commits_reextract(&mut self, x: &[(ObjectId, Vec<Mention>)], v: i64) -> store::Result<u64>;
}
impl Tx for store::WriteTx {
    async fn merge_request_ranges(&mut self, _: i64, x: &[MergeRequestRange], _: i64) -> store::Result<u64> {
        if x.is_empty() {
            return Ok(0);
        }
        todo!()
    }
    async fn commits_reextract(&mut self, _: &[(ObjectId, Vec<Mention>)], _: i64) -> store::Result<u64> {
        todo!()
    }
}
pub(crate) trait St {
    async fn repository_commit_ids(&self, r: i64, a: Option<i64>, l: i64) -> store::Result<Vec<(i64, ObjectId)>>;
}
impl St for store::Store {
    async fn repository_commit_ids(&self, _: i64, _: Option<i64>, _: i64) -> store::Result<Vec<(i64, ObjectId)>> {
        todo!()
    }
}
