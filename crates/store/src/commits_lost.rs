//! Commits of a repository that nothing leads to any more: still shown where a person wants that, and read again when the
//! rule for issue keys changes.

use model::ObjectId;

use crate::database::read;
use crate::rows::Word;
use crate::{Result, Store};

/// A commit that nothing of its repository leads to any more.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct LostCommit {
    /// Inner id.
    pub id: i64,
    /// Its object id.
    #[sqlx(try_from = "Word<ObjectId>")]
    pub object_id: ObjectId,
    /// The whole message.
    pub message: String,
}

impl Store {
    /// The lost commits of a repository in order of their inner ids, behind `after`.
    pub async fn commits_lost_in(&self, repository_id: i64, after: Option<i64>, limit: i64) -> Result<Vec<LostCommit>> {
        const SQL: &str = "SELECT c.id, c.object_id, c.message FROM repository_commit rc \
                           JOIN git_commit c ON c.id = rc.commit_id \
                           WHERE rc.repository_id = $1 AND rc.lost_at IS NOT NULL AND rc.commit_id > $2 \
                           ORDER BY rc.commit_id LIMIT $3";
        let after = after.unwrap_or(i64::MIN);
        read!(self, |db| sqlx::query_as(SQL).bind(repository_id).bind(after).bind(limit).fetch_all(db))
    }
}
