//! The job that reads who reviews the merge requests that name issues.
//!
//! Two requests each, so only where a reader sees the answer (engine §1), and behind everything else.

use std::collections::HashMap;

use forge::{ForgeError, Problem};
use futures::future::try_join_all;
use model::{Millis, Reviewer};
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{Lane, Repository};

use crate::failure::Failure;
use crate::session::Session;
use crate::{Engine, settle};

/// Reads the reviewers of a repository's merge requests.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ReviewMergeRequests {
    pub(crate) repository_id: i64,
}

/// How many are looked up in the store at a time.
const AT_ONCE: i64 = 240;
/// How many questions to the forge are on their way at the same time, and how many answers one transaction writes.
const QUESTIONS_AT_ONCE: usize = 6;

impl queue::Job for ReviewMergeRequests {
    type Context = Engine;
    const KIND: &'static str = "review_merge_requests";

    fn dedup_key(&self) -> String {
        self.resource_key()
    }

    /// Beside a sync of the same repository: it only ever adds reviewers.
    fn resource_key(&self) -> String {
        format!("reviewers:{}", self.repository_id)
    }

    fn lane(&self) -> JobLane {
        JobLane::Import
    }

    fn priority(&self) -> i64 {
        -1
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let Some(repository) = engine.store().repository(self.repository_id).await? else { return Ok(()) };
        if let Some(until) = settle::host_pause(&engine, repository.host_id).await? {
            return settle::later(&engine, &lease, &self, until).await;
        }
        match review(&engine, &lease, &repository).await {
            Ok(()) | Err(Failure::Pointless) => Ok(()),
            Err(Failure::Interrupted) => settle::later(&engine, &lease, &self, engine.clock().now()).await,
            Err(failure) => match settle::host_wait(&engine, repository.host_id, &failure).await? {
                Some(until) => settle::later(&engine, &lease, &self, until).await,
                None => Err(settle::job_error(failure)),
            },
        }
    }
}

async fn review(engine: &Engine, lease: &Lease, repository: &Repository) -> Result<(), Failure> {
    let (store, session) = (engine.store(), Session::for_repository(engine, repository.id).await?.behind_live());
    loop {
        let numbers = store.merge_requests_to_review(repository.id, AT_ONCE).await?;
        if numbers.is_empty() {
            return Ok(());
        }
        let stored = store.merge_request_heads(repository.id).await?;
        let changed: HashMap<i64, Millis> = stored.iter().map(|stored| (stored.number, stored.updated_at)).collect();
        for numbers in numbers.chunks(QUESTIONS_AT_ONCE) {
            let told = try_join_all(numbers.iter().map(|number| ask(&session, repository, *number))).await?;
            let mut tx = lease.begin_write(Lane::Bulk).await?;
            for (number, reviewers) in numbers.iter().zip(told) {
                // What changed since it was looked up is asked about again.
                let updated_at = changed.get(number).copied().unwrap_or(0);
                let times = (updated_at, engine.clock().now());
                tx.merge_request_reviewed(repository.id, *number, &reviewers, times).await?;
            }
            tx.commit().await?;
            if lease.cancelled().is_cancelled() {
                return Err(Failure::Interrupted);
            }
        }
    }
}

/// One that the forge no longer knows has no reviewers; a full sync finds out that it is gone.
async fn ask(session: &Session, repository: &Repository, number: i64) -> Result<Vec<Reviewer>, Failure> {
    let id = &repository.forge_id;
    match session.ask(|forge| async move { forge.reviewers(id, number).await }).await {
        Err(Failure::Forge(ForgeError {
            problem: Problem::NotFound | Problem::NotAvailable | Problem::Forbidden,
            ..
        })) => Ok(Vec::new()),
        reviewers => reviewers,
    }
}
