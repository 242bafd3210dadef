//! Receipts: what becomes of each smart-commit command at each site.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use model::{Channel, Millis, ObjectId, OutboxLane, Outcome, ReceiptReason, ReceiptState, Told};
use sqlx::AssertSqlSafe;

use crate::commits::NewCommit;
use crate::database::{execute, execute_live, read, within};
use crate::deliveries::{Ending, NewDelivery};
use crate::issues::RepositoryRef;
use crate::jobs::JobLane;
use crate::rows::{MaybeWord, Word};
use crate::sql::{CHUNK, commit_columns, execute_built, numbers};
use crate::{NewJob, Result, Store, StoredCommit, Viewer, WriteTx};

/// A command of a commit message, to be kept with the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommand {
    /// Which command of the message it is, from 0.
    pub position: i64,
    /// The issue, as written.
    pub key: String,
    /// The word after `#`.
    pub command: String,
    /// What follows it.
    pub argument: String,
    /// Why it is not run, where that is known already.
    pub refused: Option<ReceiptReason>,
}

/// What became of one command at one site so far.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Receipt {
    /// Inner id.
    pub id: i64,
    /// The site.
    pub site_id: i64,
    /// The commit.
    pub commit_id: i64,
    /// Where the commit was seen first.
    pub repository_id: i64,
    /// Which command of the message it is, from 0.
    pub position: i64,
    /// The issue, as written.
    pub issue_key: String,
    /// The word after `#`.
    pub command: String,
    /// What follows it.
    pub argument: String,
    /// How far it is.
    #[sqlx(try_from = "Word<ReceiptState>")]
    pub state: ReceiptState,
    /// The step that it is at: 1, where a transition was taken and its comment is to come.
    pub step: i64,
    /// Why it was not run.
    #[sqlx(try_from = "MaybeWord<ReceiptReason>")]
    pub reason: Option<ReceiptReason>,
    /// What became of it, as a sentence.
    pub words: Option<String>,
    /// The site's id of the comment or worklog; of a transition under way what it aims at.
    pub jira_id: Option<String>,
    /// When it was sent last.
    pub attempted_at: Option<Millis>,
    /// How often it was sent.
    pub attempts: i64,
    /// It is not run before this.
    pub not_before: Millis,
    /// When the commit came.
    pub created_at: Millis,
    /// When it was done or refused.
    pub ended_at: Option<Millis>,
}

/// A command that waits, with what is needed to run it.
#[derive(Debug, Clone)]
pub struct ReceiptToRun {
    /// The receipt.
    pub receipt: Receipt,
    /// The commit.
    pub object_id: ObjectId,
    /// Its author.
    pub author_name: String,
    /// The author's e-mail. Never log it.
    pub author_email: String,
    /// When it was written.
    pub authored_at: Millis,
    /// When it was committed.
    pub committed_at: Millis,
    /// The whole message.
    pub message: String,
    /// Where it is shown.
    pub repository: RepositoryRef,
    /// The key that the issue has now.
    pub present_key: String,
}

/// A receipt for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownReceipt {
    /// The receipt.
    pub receipt: Receipt,
    /// What the site is called.
    pub site_name: String,
    /// The site's address.
    pub site_url: String,
    /// The commit.
    pub object_id: ObjectId,
    /// Its author.
    pub author_name: String,
}

macro_rules! receipt_columns {
    () => {
        "r.id, r.site_id, r.commit_id, r.repository_id, r.position, r.issue_key, r.command, r.argument, r.state, r.step, \
         r.reason, r.words, r.jira_id, r.attempted_at, r.attempts, r.not_before, r.created_at, r.ended_at"
    };
}

/// How a commit that comes to a repository now stands with a site that serves it.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
struct Standing {
    is_live: bool,
    is_on: bool,
}

impl Standing {
    /// Whether commands of commits that come now are run.
    const fn runs(self) -> bool {
        self.is_live && self.is_on
    }
}

impl WriteTx {
    /// Writes the receipts of commits that the store did not know: for every active site that runs smart commits and is served
    /// by an account that links the repository.
    pub(crate) async fn receipts_write(
        &mut self,
        repository_id: i64,
        fresh: &[(i64, &NewCommit)],
        now: Millis,
    ) -> Result<()> {
        if fresh.iter().all(|(_, new)| new.commands.is_empty()) {
            return Ok(());
        }
        let wants = self.site_wants().await?;
        for site in wants.iter().filter(|site| site.runs_smart_commits()) {
            let Some(standing) = self.standing(site.site_id, repository_id).await? else { continue };
            let rows: Vec<(i64, &NewCommand)> =
                fresh.iter().flat_map(|(id, new)| new.commands.iter().map(move |command| (*id, command))).collect();
            let reason = |command: &NewCommand| {
                let by_repository = match standing {
                    Standing { is_live: false, .. } => Some(ReceiptReason::NotLive),
                    Standing { is_on: false, .. } => Some(ReceiptReason::SwitchedOff),
                    Standing { .. } => None,
                };
                by_repository.or(command.refused)
            };
            for chunk in rows.chunks(CHUNK / 2) {
                self.receipt_rows(site.site_id, repository_id, chunk, reason, now).await?;
            }
            if rows.iter().any(|(_, command)| reason(command).is_none()) {
                self.smart_commits_wake(site.site_id, now).await?;
            }
            if site.comments_commits() && standing.runs() {
                let over = |new: &NewCommit| new.commands.iter().all(|command| command.refused.is_some());
                for (commit_id, _) in fresh.iter().filter(|(_, new)| !new.commands.is_empty() && over(new)) {
                    self.commit_comment_due(site.site_id, *commit_id, now).await?;
                }
            }
        }
        Ok(())
    }

    /// None: no account that serves the site links the repository.
    async fn standing(&mut self, site_id: i64, repository_id: i64) -> Result<Option<Standing>> {
        const SQL: &str = "SELECT (MAX(CASE WHEN r.imported_at IS NOT NULL OR r.created_at > a.imported_at THEN 1 ELSE 0 END) = 1) \
             AS is_live, (MAX(CASE WHEN ar.smart_commits THEN 1 ELSE 0 END) = 1) AS is_on FROM repository r \
             JOIN account_repository ar ON ar.repository_id = r.id AND ar.linked AND ar.visible \
             JOIN account a ON a.id = ar.account_id AND a.state <> 'removing' JOIN site s ON s.id = $1 \
             WHERE r.id = $2 AND (s.settings LIKE '%\"all_accounts\":true%' OR EXISTS (SELECT 1 FROM site_account sa \
             WHERE sa.site_id = s.id AND sa.account_id = a.id)) GROUP BY r.id";
        within!(self.aside(), |db| sqlx::query_as(SQL).bind(site_id).bind(repository_id).fetch_optional(db))
    }

    async fn receipt_rows(
        &mut self,
        site_id: i64,
        repository_id: i64,
        rows: &[(i64, &NewCommand)],
        reason: impl Fn(&NewCommand) -> Option<ReceiptReason>,
        now: Millis,
    ) -> Result<()> {
        const INSERT: &str = "INSERT INTO receipt (id, site_id, commit_id, repository_id, position, issue_key, command, argument, \
                              state, step, reason, attempts, not_before, created_at, ended_at) ";
        let first = self.ids(rows.len() as i64).await?;
        execute_built!(self.aside(), false, {
            let mut sql = sqlx::QueryBuilder::new(INSERT);
            sql.push_values((first..).zip(rows), |mut row, (id, (commit_id, command))| {
                let reason = reason(command);
                let state = if reason.is_some() { ReceiptState::Refused } else { ReceiptState::Waiting };
                row.push_bind(id).push_bind(site_id).push_bind(*commit_id).push_bind(repository_id);
                row.push_bind(command.position).push_bind(command.key.as_str()).push_bind(command.command.as_str());
                row.push_bind(command.argument.as_str()).push_bind(state.as_str()).push_bind(0_i64);
                row.push_bind(reason.map(ReceiptReason::as_str)).push_bind(0_i64).push_bind(now).push_bind(now);
                row.push_bind(reason.map(|_| now));
            });
            sql.push(" ON CONFLICT DO NOTHING");
            sql
        })?;
        Ok(())
    }

    pub(crate) async fn smart_commits_wake(&mut self, site_id: i64, now: Millis) -> Result<()> {
        let key = format!("site:{site_id}:smart_commits");
        let job = NewJob {
            kind: "run_smart_commits".to_owned(),
            dedup_key: key.clone(),
            resource_key: key,
            lane: JobLane::Live,
            priority: 0,
            payload: serde_json::json!({ "site_id": site_id }),
            run_at: now,
        };
        self.job_enqueue(&job, now).await.map(|_| ())
    }

    /// Notes that a command is about to be sent; answers the delivery that is under way.
    pub async fn receipt_attempt(&mut self, id: i64, step: i64, now: Millis) -> Result<i64> {
        const SQL: &str = "UPDATE receipt SET state = 'sending', step = $2, attempts = attempts + 1, attempted_at = $3 \
                           WHERE id = $1";
        execute!(self.aside(), sqlx::query(SQL).bind(id).bind(step).bind(now))?;
        let receipt = self.receipt(id).await?;
        let what = if step == 0 { receipt.command.as_str() } else { "comment" };
        let new = NewDelivery {
            site_id: receipt.site_id,
            channel: Channel::SmartCommit,
            kind: Told::Commit,
            entity_id: receipt.commit_id,
            receipt_id: Some(id),
            title: format!("#{what} on {}", receipt.issue_key),
            issue_key: Some(receipt.issue_key),
            lane: OutboxLane::Live,
        };
        self.delivery_begin(&new, now).await
    }

    /// Notes what a transition that is about to be sent aims at.
    pub async fn receipt_aim(&mut self, id: i64, aim: &str) -> Result<()> {
        execute!(self.aside(), sqlx::query("UPDATE receipt SET jira_id = $2 WHERE id = $1").bind(id).bind(aim))?;
        Ok(())
    }

    /// Ends a command: done, or refused for a reason.
    #[expect(clippy::too_many_arguments, reason = "the columns of an ending")]
    pub async fn receipt_end(
        &mut self,
        id: i64,
        state: ReceiptState,
        reason: Option<ReceiptReason>,
        words: Option<&str>,
        jira_id: Option<&str>,
        delivery: Option<i64>,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str =
            "UPDATE receipt SET state = $2, reason = $3, words = $4, jira_id = $5, ended_at = $6 WHERE id = $1";
        execute!(
            self.aside(),
            sqlx::query(SQL)
                .bind(id)
                .bind(state.as_str())
                .bind(reason.map(ReceiptReason::as_str))
                .bind(words)
                .bind(jira_id)
                .bind(now)
        )?;
        let outcome = if state == ReceiptState::Done { Outcome::Sent } else { Outcome::Refused };
        self.receipt_delivery_end(id, delivery, Ending::of(outcome, words), now).await?;
        let receipt = self.receipt(id).await?;
        self.commit_comment_due(receipt.site_id, receipt.commit_id, now).await?;
        self.receipt_touched(id).await
    }

    /// A step was done: the next one waits.
    pub async fn receipt_step(&mut self, id: i64, step: i64, delivery: Option<i64>, now: Millis) -> Result<()> {
        const SQL: &str = "UPDATE receipt SET state = 'waiting', step = $2, jira_id = NULL, words = NULL WHERE id = $1";
        execute!(self.aside(), sqlx::query(SQL).bind(id).bind(step))?;
        self.receipt_delivery_end(id, delivery, Ending::of(Outcome::Sent, None), now).await
    }

    /// Lets a command wait. With [`Outcome::Unknown`] it may have been done: it stays as one that was sent.
    pub async fn receipt_later(
        &mut self,
        id: i64,
        not_before: Millis,
        words: &str,
        delivery: Option<i64>,
        outcome: Outcome,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "UPDATE receipt SET not_before = $2, words = $3, state = $4 WHERE id = $1";
        let state = if outcome == Outcome::Unknown { ReceiptState::Sending } else { ReceiptState::Waiting };
        execute!(self.aside(), sqlx::query(SQL).bind(id).bind(not_before).bind(words).bind(state.as_str()))?;
        let ending = Ending { next_at: Some(not_before), ..Ending::of(outcome, Some(words)) };
        self.receipt_delivery_end(id, delivery, ending, now).await?;
        self.receipt_touched(id).await
    }

    /// Ends the delivery under way, and those that a crash left open.
    async fn receipt_delivery_end(
        &mut self,
        id: i64,
        delivery: Option<i64>,
        ending: Ending,
        now: Millis,
    ) -> Result<()> {
        const OPEN: &str =
            "SELECT id FROM delivery WHERE receipt_id = $1 AND outcome IN ('sending', 'unknown') ORDER BY id";
        if let Some(delivery) = delivery {
            self.delivery_end(delivery, &ending, now).await?;
        }
        if matches!(ending.outcome, Outcome::Failed | Outcome::Unknown) {
            return Ok(());
        }
        let open: Vec<i64> = within!(self.aside(), |db| sqlx::query_scalar(OPEN).bind(id).fetch_all(db))?;
        for delivery in open {
            self.delivery_end(delivery, &ending, now).await?;
        }
        Ok(())
    }

    async fn receipt(&mut self, id: i64) -> Result<Receipt> {
        const SQL: &str = concat!("SELECT ", receipt_columns!(), " FROM receipt r WHERE r.id = $1");
        within!(self.aside(), |db| sqlx::query_as(SQL).bind(id).fetch_one(db))
    }

    /// What is shown of its issue changes.
    async fn receipt_touched(&mut self, id: i64) -> Result<()> {
        let (touched, receipt) = (self.touched(), self.receipt(id).await?);
        self.touched_only(touched, [receipt.issue_key.as_str()]);
        Ok(())
    }
}

impl Store {
    /// The commands of a site that are due, those of the oldest commits first, in the order in which they are written.
    pub async fn receipts_due(&self, site_id: i64, now: Millis, limit: i64) -> Result<Vec<ReceiptToRun>> {
        const SQL: &str = concat!(
            "SELECT ",
            receipt_columns!(),
            " FROM receipt r JOIN git_commit c ON c.id = r.commit_id WHERE r.site_id = $1 AND r.ended_at IS NULL \
             AND r.not_before <= $2 ORDER BY c.committed_at, r.commit_id, r.position, r.id LIMIT $3"
        );
        let due: Vec<Receipt> =
            read!(self, |db| sqlx::query_as(SQL).bind(site_id).bind(now).bind(limit).fetch_all(db))?;
        let commits = self.commits_by_id(due.iter().map(|receipt| receipt.commit_id)).await?;
        let repositories: Vec<i64> = due.iter().map(|receipt| receipt.repository_id).collect();
        let repositories = self.repositories_shown(Viewer::Everything, None, &repositories).await?;
        let rule = self.key_rule().await?;
        let mut ready = Vec::with_capacity(due.len());
        for receipt in due {
            let Some((commit, author_email)) = commits.get(&receipt.commit_id).cloned() else { continue };
            let repository = match repositories.get(&receipt.repository_id) {
                Some(repository) => repository.clone(),
                None => match self.repository_of_commit(receipt.commit_id).await? {
                    Some(repository) => repository,
                    None => {
                        self.receipt_forsaken(receipt.id, now).await?;
                        continue;
                    }
                },
            };
            ready.push(ReceiptToRun {
                present_key: rule.present(&receipt.issue_key).unwrap_or_else(|| receipt.issue_key.clone()),
                object_id: commit.object_id,
                author_name: commit.author_name,
                author_email,
                authored_at: commit.authored_at,
                committed_at: commit.committed_at,
                message: commit.message,
                repository,
                receipt,
            });
        }
        Ok(ready)
    }

    /// When the next command of a site is due; none: all are done or refused.
    pub async fn receipts_next_at(&self, site_id: i64) -> Result<Option<Millis>> {
        const SQL: &str = "SELECT MIN(not_before) FROM receipt WHERE site_id = $1 AND ended_at IS NULL";
        read!(self, |db| sqlx::query_scalar(SQL).bind(site_id).fetch_one(db))
    }

    /// The receipts of a commit, by site, in the order in which the commands are written.
    pub async fn receipts_of_commit(&self, commit_id: i64) -> Result<Vec<Receipt>> {
        const SQL: &str = concat!(
            "SELECT ",
            receipt_columns!(),
            " FROM receipt r WHERE r.commit_id = $1 ORDER BY r.site_id, r.position, r.id"
        );
        read!(self, |db| sqlx::query_as(SQL).bind(commit_id).fetch_all(db))
    }

    /// The newest receipts of an issue, under whatever key it was named, of commits that the viewer may see.
    pub async fn receipts_of_issue(&self, viewer: Viewer, key: &str, limit: i64) -> Result<Vec<ShownReceipt>> {
        const SQL: &str = concat!(
            "SELECT ",
            receipt_columns!(),
            " FROM receipt r WHERE r.issue_key = $1 AND EXISTS (SELECT 1 FROM repository_commit rc \
             WHERE rc.commit_id = r.commit_id AND ",
            crate::sql::repository_seen!("rc.repository_id", "$2"),
            ") ORDER BY r.created_at DESC, r.commit_id DESC, r.position, r.id LIMIT $3"
        );
        let mut found: Vec<Receipt> = Vec::new();
        for named in std::iter::once(key.to_owned()).chain(self.former_keys(key).await?) {
            let more: Vec<Receipt> =
                read!(self, |db| sqlx::query_as(SQL).bind(&named).bind(viewer.user_id()).bind(limit).fetch_all(db))?;
            found.extend(more);
        }
        found.sort_by_key(|it| (Reverse(it.created_at), Reverse(it.commit_id), it.position, it.id));
        found.truncate(usize::try_from(limit).unwrap_or_default());
        self.receipts_shown(found).await
    }

    /// One receipt, for people.
    pub async fn receipt(&self, id: i64) -> Result<Option<ShownReceipt>> {
        const SQL: &str = concat!("SELECT ", receipt_columns!(), " FROM receipt r WHERE r.id = $1");
        let found: Option<Receipt> = read!(self, |db| sqlx::query_as(SQL).bind(id).fetch_optional(db))?;
        Ok(self.receipts_shown(found.into_iter().collect()).await?.pop())
    }

    async fn receipts_shown(&self, found: Vec<Receipt>) -> Result<Vec<ShownReceipt>> {
        let sites: HashMap<i64, crate::Site> = self.sites().await?.into_iter().map(|site| (site.id, site)).collect();
        let commits = self.commits_by_id(found.iter().map(|receipt| receipt.commit_id)).await?;
        let shown = found.into_iter().filter_map(|receipt| {
            let site = sites.get(&receipt.site_id)?;
            let (commit, _) = commits.get(&receipt.commit_id)?;
            Some(ShownReceipt {
                site_name: site.name.clone(),
                site_url: site.url.clone(),
                object_id: commit.object_id.clone(),
                author_name: commit.author_name.clone(),
                receipt,
            })
        });
        Ok(shown.collect())
    }

    /// Has a command run again that was refused for a reason that may be over; false otherwise.
    pub async fn receipt_retry(&self, id: i64, now: Millis) -> Result<bool> {
        const SQL: &str = "UPDATE receipt SET state = 'waiting', reason = NULL, words = NULL, ended_at = NULL, not_before = $2, \
                           created_at = $2 WHERE id = $1 AND state = 'refused' AND reason NOT IN ('not_live', 'switched_off', \
                           'too_old', 'quoted', 'too_many', 'no_time', 'empty_comment', 'site_removed', 'repository_removed') RETURNING site_id";
        let mut tx = self.begin_write(crate::Lane::Live).await?;
        let site: Option<i64> =
            within!(tx.aside(), |db| sqlx::query_scalar(SQL).bind(id).bind(now).fetch_optional(db))?;
        if let Some(site) = site {
            tx.smart_commits_wake(site, now).await?;
            tx.receipt_touched(id).await?;
        }
        tx.commit().await?;
        Ok(site.is_some())
    }

    /// The repository of its commit is gone: nobody could follow the link.
    async fn receipt_forsaken(&self, id: i64, now: Millis) -> Result<()> {
        const SQL: &str =
            "UPDATE receipt SET state = 'refused', reason = 'repository_removed', ended_at = $2 WHERE id = $1";
        execute_live!(aside self, sqlx::query(SQL).bind(id).bind(now))?;
        Ok(())
    }

    pub(crate) async fn repository_of_commit(&self, commit_id: i64) -> Result<Option<RepositoryRef>> {
        const SQL: &str = "SELECT repository_id FROM repository_commit WHERE commit_id = $1";
        let ids: Vec<i64> = read!(self, |db| sqlx::query_scalar(SQL).bind(commit_id).fetch_all(db))?;
        let shown = self.repositories_shown(Viewer::Everything, None, &ids).await?;
        Ok(shown.into_values().min_by_key(RepositoryRef::order))
    }

    /// Commits by their inner ids, with the e-mails of their authors.
    pub(crate) async fn commits_by_id(
        &self,
        ids: impl Iterator<Item = i64>,
    ) -> Result<BTreeMap<i64, (StoredCommit, String)>> {
        let mut commits = BTreeMap::new();
        let mut ids: Vec<i64> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        for chunk in ids.chunks(CHUNK) {
            let sql =
                format!(concat!("SELECT ", commit_columns!(), " FROM git_commit c WHERE c.id IN ({})"), numbers(chunk));
            let rows: Vec<StoredCommit> =
                read!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
            commits.extend(rows.into_iter().map(|commit| (commit.id, (commit.clone(), commit.author_email))));
        }
        Ok(commits)
    }
}
