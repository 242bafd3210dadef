//! Merge requests that are not merged: their commits depend on where their target is.

use std::collections::BTreeSet;

use model::{MergeRequestState, ObjectId};
use sqlx::AssertSqlSafe;

use crate::database::read;
use crate::rows::Word;
use crate::sql::{CHUNK, numbers, with_texts};
use crate::{Result, Store};

/// What finding the commits of an open or closed merge request takes.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct UnmergedMergeRequest {
    /// The number people see.
    pub number: i64,
    /// Open or declined.
    #[sqlx(try_from = "Word<MergeRequestState>")]
    pub state: MergeRequestState,
    /// Its newest commit.
    #[sqlx(try_from = "Word<ObjectId>")]
    pub head: ObjectId,
    /// Where it is to be merged.
    pub target_branch: String,
}

impl Store {
    /// The merge requests of a repository that are neither merged nor gone and whose head is known, in order of their
    /// numbers.
    pub async fn merge_requests_unmerged(&self, repository_id: i64) -> Result<Vec<UnmergedMergeRequest>> {
        const SQL: &str = "SELECT number, state, head, target_branch FROM merge_request WHERE repository_id = $1 \
                           AND gone_at IS NULL AND state <> 'merged' AND head IS NOT NULL ORDER BY number";
        read!(self, |db| sqlx::query_as(SQL).bind(repository_id).fetch_all(db))
    }

    /// The numbers of the merge requests of a repository that consist of some of these commits.
    pub async fn merge_requests_with(&self, repository_id: i64, commits: &[ObjectId]) -> Result<BTreeSet<i64>> {
        const COMMITS: &str = "SELECT id FROM git_commit WHERE object_id IN ";
        let mut found = BTreeSet::new();
        for chunk in commits.chunks(CHUNK) {
            let ids: Vec<i64> = read!(self, |db| async {
                let texts = chunk.iter().map(ObjectId::as_str);
                with_texts!(COMMITS, texts).build_query_scalar().persistent(false).fetch_all(db).await
            })?;
            let sql = format!(
                "SELECT DISTINCT m.number FROM merge_request_commit mc JOIN merge_request m ON m.id = mc.merge_request_id \
                 WHERE m.repository_id = $1 AND mc.commit_id IN ({})",
                numbers(&ids)
            );
            let numbers: Vec<i64> = read!(self, |db| sqlx::query_scalar(AssertSqlSafe(sql.as_str()))
                .persistent(false)
                .bind(repository_id)
                .fetch_all(db))?;
            found.extend(numbers);
        }
        Ok(found)
    }
}
