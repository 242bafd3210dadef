//! What happened in an account, day by day.
//!
//! Nothing is kept for it: the commits of the days are found by the index on their time, and for each of them two other
//! indexes tell whether the account shows it and how many links it has. So the cost follows the commits of those days in the
//! whole store, however many there are before them.

use model::Millis;

use crate::database::read;
use crate::sql::account_seen;
use crate::{Result, Store, Viewer};

/// A day in milliseconds.
pub const DAY: Millis = 24 * 60 * 60 * 1000;

/// What happened in an account on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct DayOfAccount {
    /// The day's number: 0 is the one that begins at the time that was asked from.
    pub day: i64,
    /// How many commits were written. One that is in several repositories of the account, such as forks, counts once; one that
    /// no branch and no merge request reaches any more does not count.
    pub commits: i64,
    /// How many links to issues these commits have.
    pub links: i64,
}

// Whether the account shows a commit is a scalar subquery with a limit, and not EXISTS, as PostgreSQL makes a join of the latter
// that reads every row of repository_commit.
const ACTIVITY: &str = concat!(
    "SELECT (c.authored_at - $3) / 86400000 AS day, COUNT(*) AS commits, CAST(SUM((SELECT COUNT(*) FROM issue_link l \
     WHERE l.kind = 'commit' AND l.entity_id = c.id)) AS BIGINT) AS links FROM git_commit c \
     WHERE c.authored_at >= $3 AND c.authored_at < $4 AND (SELECT 1 FROM repository_commit rc \
     JOIN account_repository ar ON ar.repository_id = rc.repository_id \
     WHERE rc.commit_id = c.id AND rc.lost_at IS NULL AND ar.account_id = $2 AND ar.linked AND ar.visible LIMIT 1) IS NOT NULL \
     AND EXISTS (SELECT 1 FROM account a WHERE a.id = $2 AND a.state <> 'removing' AND ",
    account_seen!("$1"),
    ") GROUP BY 1 ORDER BY 1"
);

impl Store {
    /// The days of an account on which something was written in a linked repository, from `since` (a time in milliseconds, at
    /// which day 0 begins) until before `until`; days without a commit are left out, and all of them where the viewer may not
    /// see the account. A commit counts on the day on which its author wrote it.
    pub async fn account_activity(
        &self,
        viewer: Viewer,
        account_id: i64,
        since: Millis,
        until: Millis,
    ) -> Result<Vec<DayOfAccount>> {
        read!(self, |db| sqlx::query_as(ACTIVITY)
            .bind(viewer.user_id())
            .bind(account_id)
            .bind(since)
            .bind(until)
            .fetch_all(db))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Database;
    use crate::testing::{Engine, open};

    #[test]
    fn the_statement_divides_by_a_day() {
        assert!(ACTIVITY.contains(&format!(" / {DAY} ")));
    }

    #[tokio::test]
    async fn days_are_found_by_time_and_nothing_is_read_whole() {
        let store = open(Engine::Sqlite).await.unwrap();
        let Database::Sqlite(sqlite) = store.database() else { panic!("opened on SQLite") };

        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {ACTIVITY}"));
        let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain)
            .bind(None::<i64>)
            .bind(1_i64)
            .bind(0_i64)
            .bind(DAY)
            .fetch_all(&sqlite.readers)
            .await
            .unwrap();

        let plan: Vec<String> = plan.into_iter().map(|step| step.3).collect();
        let by_time =
            |step: &String| step.contains("COVERING INDEX git_commit_by_time (authored_at>? AND authored_at<?)");
        assert!(plan.iter().any(by_time), "{plan:#?}");
        assert!(plan.iter().all(|step| !step.starts_with("SCAN")), "{plan:#?}");
    }
}
