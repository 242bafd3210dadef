//! Finding commits by the beginning of their ids.

use crate::database::read;
use crate::sql::{commit_columns, repository_seen};
use crate::{RepositoryRef, Result, Store, StoredCommit, Viewer};

impl Store {
    /// Commits whose object ids begin with these hexadecimal digits, with the repositories they are shown in to the
    /// viewer (the first is the one they are shown under); commits that are shown in none are left out.
    pub async fn commits_by_prefix(
        &self,
        viewer: Viewer,
        hex: &str,
        limit: i64,
    ) -> Result<Vec<(StoredCommit, Vec<RepositoryRef>)>> {
        const SQL: &str = concat!(
            "SELECT ",
            commit_columns!(),
            " FROM git_commit c WHERE c.object_id >= $2 AND c.object_id < $3 AND EXISTS \
             (SELECT 1 FROM repository_commit rc WHERE rc.commit_id = c.id AND ",
            repository_seen!("rc.repository_id", "$1"),
            ") ORDER BY c.object_id LIMIT $4"
        );
        if hex.is_empty() || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Vec::new());
        }
        let hex = hex.to_ascii_lowercase();
        // `g` comes behind every hexadecimal digit.
        let end = format!("{hex}g");
        let commits: Vec<StoredCommit> = read!(self, |db| sqlx::query_as(SQL)
            .bind(viewer.user_id())
            .bind(hex.as_str())
            .bind(end.as_str())
            .bind(limit.max(0))
            .fetch_all(db))?;
        let mut found = Vec::with_capacity(commits.len());
        for commit in commits {
            let repositories = self.commit_repositories(viewer, commit.id).await?;
            found.push((commit, repositories));
        }
        Ok(found)
    }
}
