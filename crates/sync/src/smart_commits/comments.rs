//! The job that tells at the forge what became of commands: one comment for each commit and site.
//!
//! Before anything is sent to a forge, that is written down; whatever was perhaps written before is looked for by its mark.
//! So a kill, or an answer that never came, doubles nothing.

use std::sync::Arc;

use forge::{Forge, ForgeError, Problem, capabilities};
use model::{Millis, Outcome, SiteKind};
use net::NetError;
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{CommitComment, CommitToComment, Lane, Site, SiteState};

use super::{comment, patience};
use crate::failure::Failure;
use crate::sentences::{commit_comments as sentences, of_failure};
use crate::session::Session;
use crate::{Engine, settle};

/// How many comments are read at a time.
const BATCH: i64 = 50;
/// How many characters of a commit's id its delivery names.
const SHORT: usize = 8;

/// Writes the comments that are due for a site.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct WriteCommitComments {
    pub(crate) site_id: i64,
}

impl queue::Job for WriteCommitComments {
    type Context = Engine;
    const KIND: &'static str = "write_commit_comments";

    fn dedup_key(&self) -> String {
        self.resource_key()
    }

    /// Beside the commands themselves, which a slow forge does not hold up.
    fn resource_key(&self) -> String {
        format!("site:{}:commit_comments", self.site_id)
    }

    fn lane(&self) -> JobLane {
        JobLane::Live
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let Some(site) = engine.store().site(self.site_id).await? else { return Ok(()) };
        if site.state != SiteState::Active {
            return Ok(());
        }
        if site.kind != SiteKind::DataCenter || !site.settings.commit_comments {
            engine.store().commit_comments_drop(site.id).await?;
            return Ok(());
        }
        work_off(&engine, &lease, &site).await?;
        match engine.store().commit_comments_next_at(site.id).await? {
            Some(at) => settle::later(&engine, &lease, &self, at).await,
            None => Ok(()),
        }
    }
}

async fn work_off(engine: &Engine, lease: &Lease, site: &Site) -> Result<(), JobError> {
    let writer = Writer { engine, lease, site };
    loop {
        let due = engine.store().commit_comments_due(site.id, engine.clock().now(), BATCH).await?;
        if due.is_empty() {
            return Ok(());
        }
        for comment in &due {
            if lease.cancelled().is_cancelled() {
                return Ok(());
            }
            writer.settle(comment).await?;
        }
    }
}

/// Writes comments that tell of one site.
struct Writer<'w> {
    engine: &'w Engine,
    lease: &'w Lease,
    site: &'w Site,
}

/// What an attempt found or did.
enum Seen {
    /// It is there.
    There,
    /// It is not there, but was sent a moment before and may be on its way.
    PerhapsStill,
    /// It was sent, and something answered that does not confirm it; it is not there so far.
    Unconfirmed,
}

impl Writer<'_> {
    /// Gets a comment as far as it gets, and writes down how far that is: written, given up, or waiting.
    async fn settle(&self, due: &CommitToComment) -> Result<(), JobError> {
        let (repository, comment) = (&due.repository, &due.comment);
        if !capabilities(repository.host_kind, &repository.host_url).commit_comments {
            let mut tx = self.lease.begin_write(Lane::Live).await?;
            tx.commit_comment_drop(comment).await?;
            return Ok(tx.commit().await?);
        }
        if let Some(until) = settle::host_pause(self.engine, repository.host_id).await? {
            let mut tx = self.lease.begin_write(Lane::Live).await?;
            tx.commit_comment_wait(comment, until).await?;
            return Ok(tx.commit().await?);
        }
        let delivery = self.begin(due).await?;
        match self.attempt(due).await {
            Ok(Seen::There) => self.end(comment, delivery, None).await,
            Ok(Seen::PerhapsStill) => {
                let until = comment.attempted_at.unwrap_or(self.now()).saturating_add(patience::GRACE);
                self.later(comment, delivery, until, Outcome::Failed, sentences::PERHAPS_STILL).await
            }
            Ok(Seen::Unconfirmed) => self.again(comment, delivery, Outcome::Unknown, sentences::PERHAPS_STILL).await,
            Err(failure) if failure.is_lease_lost() => Err(settle::job_error(failure)),
            Err(Failure::Store(error)) => Err(error.into()),
            Err(failure) => self.failed(due, delivery, &failure).await,
        }
    }

    /// Writes down that an attempt begins.
    async fn begin(&self, due: &CommitToComment) -> Result<i64, JobError> {
        let short = due.object_id.as_str().get(..SHORT).unwrap_or(due.object_id.as_str());
        let title = sentences::title(short, &due.repository.path);
        let first = due.receipts.first().map(|(receipt, _)| receipt.issue_key.as_str());
        let issue = first.filter(|key| due.receipts.iter().all(|(receipt, _)| receipt.issue_key == *key));
        let mut tx = self.lease.begin_write(Lane::Live).await?;
        let delivery = tx.commit_comment_attempt(&due.comment, &title, issue, self.now()).await?;
        tx.commit().await?;
        Ok(delivery)
    }

    async fn attempt(&self, due: &CommitToComment) -> Result<Seen, Failure> {
        let session = Session::for_repository(self.engine, due.repository.id).await?;
        let (repository, commit) = (due.repository.forge_id.as_str(), &due.object_id);
        let (mark, text) = (comment::mark(commit, self.site), comment::text(self.site, due));
        let (mark, text) = (mark.as_str(), text.as_str());
        let look = |forge: Arc<dyn Forge>| async move { forge.commit_comment_find(repository, commit, mark).await };
        let write = |forge: Arc<dyn Forge>| async move { forge.commit_comment_add(repository, commit, text).await };
        if let Some(before) = due.comment.attempted_at {
            if session.ask(look).await? {
                return Ok(Seen::There);
            }
            if before.saturating_add(patience::GRACE) > self.now() {
                return Ok(Seen::PerhapsStill);
            }
        }
        let mut tx = self.lease.begin_write(Lane::Live).await?;
        tx.commit_comment_sending(&due.comment, self.now()).await?;
        tx.commit().await?;
        let is_there = session.ask(write).await? || session.ask(look).await?;
        Ok(if is_there { Seen::There } else { Seen::Unconfirmed })
    }

    /// What the forge refuses it will refuse again; everything else may be over soon.
    async fn failed(&self, due: &CommitToComment, delivery: i64, failure: &Failure) -> Result<(), JobError> {
        let comment = &due.comment;
        if let Failure::NeedsAuthorisation { owner, .. } = failure {
            settle::refused(self.engine, *owner, failure).await?;
        }
        let words = match failure {
            Failure::Pointless => sentences::NO_ACCOUNT.to_owned(),
            failure => of_failure(failure),
        };
        if is_final(failure) {
            return self.end(comment, delivery, Some(&sentences::refused(&words))).await;
        }
        let outcome = if may_have_acted(failure) { Outcome::Unknown } else { Outcome::Failed };
        if let Some(until) = settle::host_wait(self.engine, due.repository.host_id, failure).await? {
            return self.later(comment, delivery, until, outcome, &words).await;
        }
        self.again(comment, delivery, outcome, &words).await
    }

    /// Lets a comment wait, unless it was tried for long enough.
    async fn again(
        &self,
        comment: &CommitComment,
        delivery: i64,
        outcome: Outcome,
        words: &str,
    ) -> Result<(), JobError> {
        let now = self.now();
        if patience::is_over_since(comment.created_at, now) {
            return self.end(comment, delivery, Some(&sentences::gave_up(words))).await;
        }
        self.later(comment, delivery, patience::of_comment(comment.created_at, now), outcome, words).await
    }

    async fn end(&self, comment: &CommitComment, delivery: i64, refused: Option<&str>) -> Result<(), JobError> {
        let mut tx = self.lease.begin_write(Lane::Live).await?;
        tx.commit_comment_end(comment, delivery, refused, self.now()).await?;
        Ok(tx.commit().await?)
    }

    async fn later(
        &self,
        comment: &CommitComment,
        delivery: i64,
        until: Millis,
        outcome: Outcome,
        words: &str,
    ) -> Result<(), JobError> {
        let now = self.now();
        let mut tx = self.lease.begin_write(Lane::Live).await?;
        // Never at once, or it would be tried without an end.
        tx.commit_comment_later(comment, delivery, until.max(now + patience::SECOND), outcome, words, now).await?;
        Ok(tx.commit().await?)
    }

    fn now(&self) -> Millis {
        self.engine.clock().now()
    }
}

fn is_final(failure: &Failure) -> bool {
    match failure {
        Failure::Forge(error) => !error.is_transient(),
        _ => false,
    }
}

/// Whether the forge may have done what it was asked.
fn may_have_acted(failure: &Failure) -> bool {
    match failure {
        Failure::Forge(ForgeError { problem: Problem::Network(error), .. }) => {
            matches!(error, NetError::Timeout { .. } | NetError::Reset { .. } | NetError::TooLarge { .. })
        }
        Failure::Forge(ForgeError { problem: Problem::Server(_), .. }) => true,
        _ => false,
    }
}
