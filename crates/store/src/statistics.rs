//! What commits changed, asked of the forge on demand and kept.

use model::Statistics;

use crate::database::{execute, read};
use crate::rows::JsonText;
use crate::{Lane, Result, Store};

impl Store {
    /// What a commit changed, if it was asked for before.
    pub async fn statistics(&self, commit_id: i64) -> Result<Option<Statistics>> {
        const SQL: &str = "SELECT statistics FROM commit_statistics WHERE commit_id = $1";
        let row: Option<(JsonText<Statistics>,)> =
            read!(self, |db| sqlx::query_as(SQL).bind(commit_id).fetch_optional(db))?;
        Ok(row.map(|(statistics,)| statistics.0))
    }

    /// Keeps what a commit changed; nothing happens when the commit has gone meanwhile.
    pub async fn statistics_put(&self, commit_id: i64, statistics: &Statistics) -> Result<()> {
        const SQL: &str = "INSERT INTO commit_statistics (commit_id, statistics) \
                           SELECT c.id, $2 FROM git_commit c WHERE c.id = $1 \
                           ON CONFLICT (commit_id) DO UPDATE SET statistics = excluded.statistics";
        let json = serde_json::json!(statistics).to_string();
        let mut tx = self.begin_write(Lane::Live).await?;
        let touched = tx.touched();
        execute!(tx, sqlx::query(SQL).bind(commit_id).bind(json.as_str()))?;
        let issues = tx.commits_issues(&[commit_id]).await?;
        tx.touched_only(touched, issues.iter().map(String::as_str));
        tx.commit().await
    }
}
