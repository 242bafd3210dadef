//! Comments at the forge that tell what became of a commit's commands: one for each commit and site, due once all of its
//! commands there have ended.

use std::collections::HashMap;

use model::{Channel, Millis, ObjectId, OutboxLane, OutboxState, Outcome, Told};

use crate::database::{execute, execute_live, read, within};
use crate::deliveries::{Ending, NewDelivery};
use crate::issues::RepositoryRef;
use crate::jobs::JobLane;
use crate::receipts::Receipt;
use crate::rows::Word;
use crate::{NewJob, Result, Store, Viewer, WriteTx};

/// A comment that a commit is to have, or has.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CommitComment {
    /// The site whose commands it tells of.
    pub site_id: i64,
    /// The commit.
    pub commit_id: i64,
    /// Where the commit was seen first.
    pub repository_id: i64,
    /// Whether it is there.
    #[sqlx(try_from = "Word<OutboxState>")]
    pub state: OutboxState,
    /// When it was perhaps written last; none: never.
    pub attempted_at: Option<Millis>,
    /// It is not written before this.
    pub not_before: Millis,
    /// Since when it is due.
    pub created_at: Millis,
    /// When it was written or given up.
    pub ended_at: Option<Millis>,
}

/// A comment that is due, with what it tells.
#[derive(Debug, Clone)]
pub struct CommitToComment {
    /// The comment.
    pub comment: CommitComment,
    /// The commit.
    pub object_id: ObjectId,
    /// Where it is shown.
    pub repository: RepositoryRef,
    /// The receipts of the site, in the order in which the commands are written, each with the key that its issue has now.
    pub receipts: Vec<(Receipt, String)>,
}

/// Comments whose commands have all ended, as `m`; one that is run again holds its comment back.
macro_rules! ready {
    () => {
        "m.site_id = $1 AND m.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM receipt r WHERE r.commit_id = m.commit_id \
         AND r.site_id = m.site_id AND r.ended_at IS NULL)"
    };
}

impl WriteTx {
    /// Has a commit commented once all of its commands at a site that wants it have ended. Commits whose commands were never
    /// to run (they came with an import, or too late, or commands were off) are passed over: there may be thousands.
    pub(crate) async fn commit_comment_due(&mut self, site_id: i64, commit_id: i64, now: Millis) -> Result<()> {
        const SQL: &str = "INSERT INTO commit_comment (site_id, commit_id, repository_id, state, not_before, created_at) \
            SELECT r.site_id, r.commit_id, MIN(r.repository_id), 'waiting', $3, $3 FROM receipt r \
            WHERE r.site_id = $1 AND r.commit_id = $2 GROUP BY r.site_id, r.commit_id \
            HAVING COUNT(*) = COUNT(r.ended_at) AND SUM(CASE WHEN r.reason IN ('not_live', 'switched_off', 'too_old', \
            'site_removed', 'repository_removed') THEN 0 ELSE 1 END) > 0 \
            ON CONFLICT (site_id, commit_id) DO UPDATE SET not_before = excluded.not_before \
            WHERE commit_comment.ended_at IS NULL";
        let wants = self.site_wants().await?;
        if !wants.iter().any(|site| site.site_id == site_id && site.comments_commits()) {
            return Ok(());
        }
        let due = execute!(self.aside(), sqlx::query(SQL).bind(site_id).bind(commit_id).bind(now))?;
        if due > 0 {
            self.commit_comments_wake(site_id, now).await?;
        }
        Ok(())
    }

    pub(crate) async fn commit_comments_wake(&mut self, site_id: i64, now: Millis) -> Result<()> {
        let key = format!("site:{site_id}:commit_comments");
        let job = NewJob {
            kind: "write_commit_comments".to_owned(),
            dedup_key: key.clone(),
            resource_key: key,
            lane: JobLane::Live,
            priority: 0,
            payload: serde_json::json!({ "site_id": site_id }),
            run_at: now,
        };
        self.job_enqueue(&job, now).await.map(|_| ())
    }

    /// Notes that an attempt at a comment begins; answers the delivery that is under way. `issue_key`: the issue, where it
    /// tells of one alone.
    pub async fn commit_comment_attempt(
        &mut self,
        comment: &CommitComment,
        title: &str,
        issue_key: Option<&str>,
        now: Millis,
    ) -> Result<i64> {
        let new = NewDelivery {
            site_id: comment.site_id,
            channel: Channel::CommitComment,
            kind: Told::Commit,
            entity_id: comment.commit_id,
            receipt_id: None,
            issue_key: issue_key.map(str::to_owned),
            title: title.to_owned(),
            lane: OutboxLane::Live,
        };
        self.delivery_begin(&new, now).await
    }

    /// Notes that a comment is about to be written: from now on it may be there.
    pub async fn commit_comment_sending(&mut self, comment: &CommitComment, now: Millis) -> Result<()> {
        const SQL: &str = "UPDATE commit_comment SET attempted_at = $3 WHERE site_id = $1 AND commit_id = $2";
        execute!(self.aside(), sqlx::query(SQL).bind(comment.site_id).bind(comment.commit_id).bind(now))?;
        Ok(())
    }

    /// Ends a comment: it is there, or will not be, with why.
    pub async fn commit_comment_end(
        &mut self,
        comment: &CommitComment,
        delivery: i64,
        refused: Option<&str>,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "UPDATE commit_comment SET state = $3, ended_at = $4 WHERE site_id = $1 AND commit_id = $2";
        let (state, outcome) = match refused {
            Some(_) => (OutboxState::Refused, Outcome::Refused),
            None => (OutboxState::Sent, Outcome::Sent),
        };
        execute!(
            self.aside(),
            sqlx::query(SQL).bind(comment.site_id).bind(comment.commit_id).bind(state.as_str()).bind(now)
        )?;
        let ending = Ending::of(outcome, refused);
        self.delivery_end(delivery, &ending, now).await?;
        self.commit_comment_deliveries_end(comment, &ending, now).await
    }

    /// Ends the attempts that a crash or a lost answer left open.
    async fn commit_comment_deliveries_end(
        &mut self,
        comment: &CommitComment,
        ending: &Ending,
        now: Millis,
    ) -> Result<()> {
        const OPEN: &str = "SELECT id FROM delivery WHERE entity_kind = 'commit' AND entity_id = $2 AND site_id = $1 \
                            AND channel = 'commit_comment' AND outcome IN ('sending', 'unknown') ORDER BY id";
        let open: Vec<i64> = within!(self.aside(), |db| sqlx::query_scalar(OPEN)
            .bind(comment.site_id)
            .bind(comment.commit_id)
            .fetch_all(db))?;
        for delivery in open {
            self.delivery_end(delivery, ending, now).await?;
        }
        Ok(())
    }

    /// Lets a comment wait after an attempt. With [`Outcome::Unknown`] it may be there.
    pub async fn commit_comment_later(
        &mut self,
        comment: &CommitComment,
        delivery: i64,
        not_before: Millis,
        outcome: Outcome,
        words: &str,
        now: Millis,
    ) -> Result<()> {
        self.commit_comment_wait(comment, not_before).await?;
        let ending = Ending { next_at: Some(not_before), ..Ending::of(outcome, Some(words)) };
        self.delivery_end(delivery, &ending, now).await
    }

    /// Lets a comment wait that was not tried.
    pub async fn commit_comment_wait(&mut self, comment: &CommitComment, not_before: Millis) -> Result<()> {
        const SQL: &str = "UPDATE commit_comment SET not_before = $3 WHERE site_id = $1 AND commit_id = $2";
        execute!(self.aside(), sqlx::query(SQL).bind(comment.site_id).bind(comment.commit_id).bind(not_before))?;
        Ok(())
    }

    /// A comment is not to be written after all, and nobody needs to know.
    pub async fn commit_comment_drop(&mut self, comment: &CommitComment) -> Result<()> {
        const SQL: &str = "DELETE FROM commit_comment WHERE site_id = $1 AND commit_id = $2";
        execute!(self.aside(), sqlx::query(SQL).bind(comment.site_id).bind(comment.commit_id))?;
        Ok(())
    }

    /// Has the comments of a site, or that of one commit, written now that wait or were refused; answers how many.
    pub(crate) async fn commit_comments_hurry(
        &mut self,
        site_id: i64,
        commit_id: Option<i64>,
        now: Millis,
    ) -> Result<u64> {
        const SQL: &str = "UPDATE commit_comment SET state = 'waiting', not_before = $3, created_at = $3, ended_at = NULL \
                           WHERE site_id = $1 AND (CAST($2 AS BIGINT) IS NULL OR commit_id = $2) AND state <> 'sent' \
                           AND (ended_at IS NOT NULL OR not_before > $3)";
        let hurried = execute!(self.aside(), sqlx::query(SQL).bind(site_id).bind(commit_id).bind(now))?;
        if hurried > 0 {
            self.commit_comments_wake(site_id, now).await?;
        }
        Ok(hurried)
    }
}

impl Store {
    /// The comments of a site that are due, oldest first. One whose commit is shown nowhere any more is forgotten.
    pub async fn commit_comments_due(&self, site_id: i64, now: Millis, limit: i64) -> Result<Vec<CommitToComment>> {
        const SQL: &str = concat!(
            "SELECT m.site_id, m.commit_id, m.repository_id, m.state, m.attempted_at, m.not_before, m.created_at, m.ended_at \
             FROM commit_comment m WHERE ",
            ready!(),
            " AND m.not_before <= $2 ORDER BY m.created_at, m.commit_id LIMIT $3"
        );
        let due: Vec<CommitComment> =
            read!(self, |db| sqlx::query_as(SQL).bind(site_id).bind(now).bind(limit).fetch_all(db))?;
        let commits = self.commits_by_id(due.iter().map(|comment| comment.commit_id)).await?;
        let ids: Vec<i64> = due.iter().map(|comment| comment.repository_id).collect();
        let shown: HashMap<i64, RepositoryRef> = self.repositories_shown(Viewer::Everything, None, &ids).await?;
        let rule = self.key_rule().await?;
        let mut ready = Vec::with_capacity(due.len());
        for comment in due {
            let Some((commit, _)) = commits.get(&comment.commit_id) else { continue };
            let repository = match shown.get(&comment.repository_id) {
                Some(repository) => Some(repository.clone()),
                None => self.repository_of_commit(comment.commit_id).await?,
            };
            let Some(repository) = repository else {
                let mut tx = self.begin_write(crate::Lane::Live).await?;
                tx.commit_comment_drop(&comment).await?;
                tx.commit().await?;
                continue;
            };
            let all = self.receipts_of_commit(comment.commit_id).await?;
            let of_site = all.into_iter().filter(|receipt| receipt.site_id == site_id).map(|receipt| {
                let present = rule.present(&receipt.issue_key).unwrap_or_else(|| receipt.issue_key.clone());
                (receipt, present)
            });
            let receipts = of_site.collect();
            ready.push(CommitToComment { object_id: commit.object_id.clone(), repository, receipts, comment });
        }
        Ok(ready)
    }

    /// When the next comment of a site is due; none: no commit waits for one.
    pub async fn commit_comments_next_at(&self, site_id: i64) -> Result<Option<Millis>> {
        const SQL: &str = concat!("SELECT MIN(m.not_before) FROM commit_comment m WHERE ", ready!());
        read!(self, |db| sqlx::query_scalar(SQL).bind(site_id).fetch_one(db))
    }

    /// The comments of a commit, by site.
    pub async fn commit_comments(&self, commit_id: i64) -> Result<Vec<CommitComment>> {
        const SQL: &str = "SELECT site_id, commit_id, repository_id, state, attempted_at, not_before, created_at, ended_at \
                           FROM commit_comment WHERE commit_id = $1 ORDER BY site_id";
        read!(self, |db| sqlx::query_as(SQL).bind(commit_id).fetch_all(db))
    }

    /// Forgets the comments of a site that were not written: it wants none any more.
    pub async fn commit_comments_drop(&self, site_id: i64) -> Result<u64> {
        const SQL: &str = "DELETE FROM commit_comment WHERE site_id = $1 AND ended_at IS NULL";
        execute_live!(aside self, sqlx::query(SQL).bind(site_id))
    }
}
