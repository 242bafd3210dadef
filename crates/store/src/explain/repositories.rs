//! Repositories that accounts know, and how each stands: whether it is read, and what hinders it.

use std::collections::HashMap;

use model::Millis;
use sqlx::AssertSqlSafe;

use super::repository_told;
use crate::database::read;
use crate::rows::{Word, words};
use crate::sql::{CHUNK, account_seen, is_storable, numbers, repository_columns};
use crate::{Repository, Result, Store, Viewer};

words! {
    /// How a repository stands, seen from one who asks why something is not there. What comes first hinders first.
    Standing {
        /// No account's list names it any more.
        Hidden = "hidden",
        /// A fork that no account links.
        ForkNotLinked = "fork_not_linked",
        /// No account links it.
        NotLinked = "not_linked",
        /// The forge no longer accepts the credential of its account.
        Unauthorised = "unauthorised",
        /// Somebody paused its account.
        AccountPaused = "account_paused",
        /// Somebody paused it.
        Paused = "paused",
        /// Nothing is asked of its host for now.
        HostPaused = "host_paused",
        /// Its last sync failed.
        Failed = "failed",
        /// A sync runs.
        Syncing = "syncing",
        /// A sync is due.
        Waiting = "waiting",
        /// Its last sync ended well.
        Current = "current",
    }
}

/// A repository with the account through which the viewer knows most of it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct KnownRepository {
    /// The repository.
    #[sqlx(flatten)]
    pub repository: Repository,
    /// How it stands.
    #[sqlx(try_from = "Word<Standing>")]
    pub standing: Standing,
    /// The account.
    pub account_id: i64,
    /// The account's path.
    pub account_path: String,
    /// The account's present error, as sentences.
    pub account_error: Option<String>,
    /// Until when nothing is asked of its host.
    pub paused_until: Option<Millis>,
    /// Why: `rate_limit`, or `down`.
    pub paused_reason: Option<String>,
    /// Whether what is in it may be told to the viewer.
    pub told: bool,
}

impl KnownRepository {
    /// Whether pages show what is in it.
    #[must_use]
    pub const fn is_shown(&self) -> bool {
        !matches!(self.standing, Standing::Hidden | Standing::ForkNotLinked | Standing::NotLinked)
    }
}

/// Repositories `known k`, each once, through accounts that the viewer ($1) may see.
macro_rules! known {
    () => {
        concat!(
            "WITH known AS (SELECT ar.repository_id, ar.linked, ar.visible, ar.account_id, a.path AS account_path, \
             a.state AS account_state, a.error AS account_error, \
             ROW_NUMBER() OVER (PARTITION BY ar.repository_id ORDER BY \
             CASE WHEN ar.linked AND ar.visible THEN 0 WHEN ar.visible THEN 1 ELSE 2 END, \
             CASE WHEN a.state = 'active' THEN 0 ELSE 1 END, a.id) AS place \
             FROM account_repository ar JOIN account a ON a.id = ar.account_id WHERE a.state <> 'removing' AND ",
            account_seen!("$1"),
            ") "
        )
    };
}

/// [`Standing`] of `known k JOIN repository r JOIN host h` at the time $2.
macro_rules! standing {
    () => {
        "CASE WHEN NOT k.visible THEN 'hidden' \
         WHEN NOT k.linked AND r.fork_of IS NOT NULL THEN 'fork_not_linked' \
         WHEN NOT k.linked THEN 'not_linked' \
         WHEN k.account_state = 'needs_authorisation' THEN 'unauthorised' \
         WHEN k.account_state = 'paused' THEN 'account_paused' \
         WHEN r.paused THEN 'paused' \
         WHEN h.paused_until > $2 THEN 'host_paused' \
         WHEN r.state = 'failed' THEN 'failed' \
         WHEN r.state = 'syncing' THEN 'syncing' \
         WHEN r.state = 'waiting' THEN 'waiting' \
         ELSE 'current' END"
    };
}

/// From `known k` on to its rows.
macro_rules! joined {
    () => {
        " FROM known k JOIN repository r ON r.id = k.repository_id JOIN host h ON h.id = r.host_id WHERE k.place = 1"
    };
}

const SELECT: &str = concat!(
    known!(),
    "SELECT ",
    repository_columns!(),
    ", ",
    standing!(),
    " AS standing, k.account_id, k.account_path, k.account_error, h.paused_until, h.paused_reason, ",
    repository_told!("k.repository_id", "$1"),
    " AS told",
    joined!()
);

impl Store {
    /// How many repositories of accounts that the viewer may see stand how.
    pub async fn explain_standings(&self, viewer: Viewer, now: Millis) -> Result<HashMap<Standing, i64>> {
        const SQL: &str = concat!(
            known!(),
            "SELECT s.standing, COUNT(*) FROM (SELECT ",
            standing!(),
            " AS standing",
            joined!(),
            ") s GROUP BY s.standing"
        );
        let rows: Vec<(Word<Standing>, i64)> =
            read!(self, |db| sqlx::query_as(SQL).bind(viewer.user_id()).bind(now).fetch_all(db))?;
        Ok(rows.into_iter().map(|(standing, count)| (standing.0, count)).collect())
    }

    /// Repositories that stand so, newest activity first.
    pub async fn explain_repositories(
        &self,
        viewer: Viewer,
        now: Millis,
        standing: Standing,
        limit: i64,
    ) -> Result<Vec<KnownRepository>> {
        let sql = format!(
            "{SELECT} AND {} = $3 ORDER BY COALESCE(r.last_activity_at, 0) DESC, r.path, r.id LIMIT $4",
            standing!()
        );
        read!(self, |db| sqlx::query_as(AssertSqlSafe(sql))
            .bind(viewer.user_id())
            .bind(now)
            .bind(standing.as_str())
            .bind(limit.max(0))
            .fetch_all(db))
    }

    /// Those of these repositories that accounts know which the viewer may see.
    pub async fn explain_repositories_of(
        &self,
        viewer: Viewer,
        now: Millis,
        ids: &[i64],
    ) -> Result<HashMap<i64, KnownRepository>> {
        let mut known = HashMap::new();
        for chunk in ids.chunks(CHUNK) {
            let sql = format!("{SELECT} AND k.repository_id IN ({})", numbers(chunk));
            let rows: Vec<KnownRepository> = read!(self, |db| sqlx::query_as(AssertSqlSafe(sql))
                .persistent(false)
                .bind(viewer.user_id())
                .bind(now)
                .fetch_all(db))?;
            known.extend(rows.into_iter().map(|row| (row.repository.id, row)));
        }
        Ok(known)
    }

    /// The repository with this full path, ignoring case, on this host, as far as accounts know it which the viewer may see; else
    /// the one that had this path before, and when it left it.
    pub async fn explain_repository_at(
        &self,
        viewer: Viewer,
        now: Millis,
        host_id: i64,
        path: &str,
    ) -> Result<Option<(KnownRepository, Option<Millis>)>> {
        const PRESENT: &str = "SELECT id FROM repository WHERE host_id = $1 AND LOWER(path) = $2 ORDER BY id DESC";
        const FORMER: &str = "SELECT repository_id, left_at FROM former_path WHERE host_id = $1 AND path_folded = $2";
        let folded = path.to_ascii_lowercase();
        if !is_storable(&folded) {
            return Ok(None);
        }
        let ids: Vec<i64> =
            read!(self, |db| sqlx::query_scalar(PRESENT).bind(host_id).bind(folded.as_str()).fetch_all(db))?;
        let mut known = self.explain_repositories_of(viewer, now, &ids).await?;
        if let Some(found) = ids.iter().find_map(|id| known.remove(id)) {
            return Ok(Some((found, None)));
        }
        let former: Option<(i64, Millis)> =
            read!(self, |db| sqlx::query_as(FORMER).bind(host_id).bind(folded.as_str()).fetch_optional(db))?;
        let Some((id, left_at)) = former else { return Ok(None) };
        let found = self.explain_repositories_of(viewer, now, &[id]).await?.remove(&id);
        Ok(found.map(|found| (found, Some(left_at))))
    }
}
