//! Forgetting repositories that no account sees any more, in small steps.

use model::{EntityKind, Told};
use sqlx::AssertSqlSafe;

use crate::database::{execute, read, within};
use crate::sql::{CHUNK, numbers};
use crate::{Lane, Result, Store, WriteTx};

/// How often in a row a transaction is tried again that stood in an import's way.
const DEADLOCKS: usize = 8;

/// How far a purge came.
enum Purge {
    GoesOn,
    Gone,
    SeenAgain,
}

impl Store {
    /// Repositories that no account sees any more.
    pub async fn orphan_repositories(&self) -> Result<Vec<i64>> {
        const SQL: &str = "SELECT r.id FROM repository r WHERE NOT EXISTS \
                           (SELECT 1 FROM account_repository ar WHERE ar.repository_id = r.id) ORDER BY r.id";
        read!(self, |db| sqlx::query_scalar(SQL).fetch_all(db))
    }

    /// Forgets an orphan with everything of it, and commits that are in no other repository, in bulk transactions of at
    /// most 500 rows. May be stopped anywhere and called again (also when all is gone); stops by itself, and answers false, when an account sees
    /// the repository again.
    pub async fn purge_repository(&self, id: i64) -> Result<bool> {
        let mut deadlocks = 0;
        loop {
            match self.purge_some(id).await {
                Ok(Purge::GoesOn) => deadlocks = 0,
                Ok(Purge::Gone) => return Ok(true),
                Ok(Purge::SeenAgain) => return Ok(false),
                // An import of the same commits goes first.
                Err(error) if error.is_deadlock() && deadlocks < DEADLOCKS => deadlocks += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// One transaction.
    async fn purge_some(&self, id: i64) -> Result<Purge> {
        let mut tx = self.begin_write(Lane::Bulk).await?;
        if !tx.repository_is_orphan(id).await? {
            return Ok(Purge::SeenAgain);
        }
        tx.repository_forget_sync(id).await?;
        let done =
            !tx.purge_merge_requests(id).await? && !tx.purge_branches(id).await? && !tx.purge_commits(id).await?;
        if done {
            tx.repository_delete(id).await?;
        }
        tx.commit().await?;
        Ok(if done { Purge::Gone } else { Purge::GoesOn })
    }
}

impl WriteTx {
    /// Whether no account sees the repository. Holds its row, so that none can see it until the
    /// transaction ends.
    async fn repository_is_orphan(&mut self, id: i64) -> Result<bool> {
        const HOLD: &str = "SELECT id FROM repository WHERE id = $1 FOR UPDATE";
        const SQL: &str = "SELECT COUNT(*) FROM account_repository WHERE repository_id = $1";
        if self.is_postgres() {
            execute!(self, sqlx::query(HOLD).bind(id))?;
        }
        let seen: i64 = within!(self, |db| sqlx::query_scalar(SQL).bind(id).fetch_one(db))?;
        Ok(seen == 0)
    }

    /// Makes its next sync a first one: should an account see it again half-way, everything is read anew.
    async fn repository_forget_sync(&mut self, id: i64) -> Result<()> {
        const SQL: &str = "UPDATE repository SET state = 'waiting', imported_at = NULL, synced_at = NULL, \
                           merge_requests_until = NULL, merge_requests_state = 'unknown', retry_at = NULL, \
                           paused = FALSE, changes = NULL, changes_at = NULL WHERE id = $1";
        execute!(self, sqlx::query(SQL).bind(id))?;
        execute!(self, sqlx::query("DELETE FROM tip WHERE repository_id = $1").bind(id))?;
        Ok(())
    }

    /// Forgets some merge requests, and commits that only they led to; false when there are none.
    async fn purge_merge_requests(&mut self, repository_id: i64) -> Result<bool> {
        const SOME: &str = "SELECT id FROM merge_request WHERE repository_id = $1 LIMIT $2";
        let ids = self.some_of(SOME, repository_id).await?;
        if ids.is_empty() {
            return Ok(false);
        }
        let list = numbers(&ids);
        let sql = format!("SELECT DISTINCT commit_id FROM merge_request_commit WHERE merge_request_id IN ({list})");
        let commits: Vec<i64> =
            within!(self, |db| sqlx::query_scalar(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
        self.outbox_bury(repository_id, Told::MergeRequest, &ids).await?;
        self.entities_changed(EntityKind::MergeRequest, &ids).await?;
        self.mentions_remove(EntityKind::MergeRequest, &ids).await?;
        self.run_built(&format!("DELETE FROM merge_request WHERE id IN ({list})")).await?;
        for chunk in commits.chunks(CHUNK) {
            self.purge_unreferenced(chunk).await?;
        }
        Ok(true)
    }

    async fn purge_branches(&mut self, repository_id: i64) -> Result<bool> {
        const SOME: &str = "SELECT id FROM branch WHERE repository_id = $1 LIMIT $2";
        let ids = self.some_of(SOME, repository_id).await?;
        if ids.is_empty() {
            return Ok(false);
        }
        self.outbox_bury(repository_id, Told::Branch, &ids).await?;
        self.entities_changed(EntityKind::Branch, &ids).await?;
        self.mentions_remove(EntityKind::Branch, &ids).await?;
        self.run_built(&format!("DELETE FROM branch WHERE id IN ({})", numbers(&ids))).await?;
        Ok(true)
    }

    async fn purge_commits(&mut self, repository_id: i64) -> Result<bool> {
        const SOME: &str = "SELECT commit_id FROM repository_commit WHERE repository_id = $1 LIMIT $2";
        let ids = self.some_of(SOME, repository_id).await?;
        if ids.is_empty() {
            return Ok(false);
        }
        self.outbox_bury(repository_id, Told::Commit, &ids).await?;
        let keyed = self.commits_keyed(repository_id, &ids).await?;
        self.commits_with_keys_add(repository_id, -keyed).await?;
        let list = numbers(&ids);
        self.run_built(&format!(
            "DELETE FROM repository_commit WHERE repository_id = {repository_id} AND commit_id IN ({list})"
        ))
        .await?;
        self.purge_unreferenced(&ids).await?;
        Ok(true)
    }

    /// Forgets those of these commits that no repository and no merge request has.
    async fn purge_unreferenced(&mut self, ids: &[i64]) -> Result<()> {
        let mut alone = self.unreferenced(ids).await?;
        if self.is_postgres() && !alone.is_empty() {
            // Held in the order in which imports hold them; who was quicker than we were has said by then that it has them.
            let hold = format!("SELECT id FROM git_commit WHERE id IN ({}) ORDER BY id FOR UPDATE", numbers(&alone));
            self.run_built(&hold).await?;
            alone = self.unreferenced(&alone).await?;
        }
        if alone.is_empty() {
            return Ok(());
        }
        self.mentions_remove(EntityKind::Commit, &alone).await?;
        self.outbox_forgets_commits(&alone).await?;
        // What they changed goes with them (ON DELETE CASCADE).
        self.run_built(&format!("DELETE FROM git_commit WHERE id IN ({})", numbers(&alone))).await
    }

    async fn unreferenced(&mut self, ids: &[i64]) -> Result<Vec<i64>> {
        let sql = format!(
            "SELECT c.id FROM git_commit c WHERE c.id IN ({}) \
             AND NOT EXISTS (SELECT 1 FROM repository_commit rc WHERE rc.commit_id = c.id) \
             AND NOT EXISTS (SELECT 1 FROM merge_request_commit mc WHERE mc.commit_id = c.id)",
            numbers(ids)
        );
        within!(self, |db| sqlx::query_scalar(AssertSqlSafe(sql)).persistent(false).fetch_all(db))
    }

    async fn some_of(&mut self, sql: &'static str, repository_id: i64) -> Result<Vec<i64>> {
        within!(self, |db| sqlx::query_scalar(sql).bind(repository_id).bind(CHUNK as i64).fetch_all(db))
    }

    /// Runs a statement made of numbers.
    async fn run_built(&mut self, sql: &str) -> Result<()> {
        execute!(self, sqlx::query(AssertSqlSafe(sql)).persistent(false))?;
        Ok(())
    }

    /// Removes the row of a repository that was emptied before.
    pub async fn repository_delete(&mut self, id: i64) -> Result<()> {
        execute!(self, sqlx::query("DELETE FROM repository WHERE id = $1").bind(id))?;
        Ok(())
    }
}
