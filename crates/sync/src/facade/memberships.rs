//! The job that reads which repositories the user of a grant is a member of.

use forge::{ForgeError, Problem};
use model::Millis;
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::Lane;
use store::facade::{Grant, GrantState};

use super::files::read_files;
use crate::failure::Failure;
use crate::session::Way;
use crate::{Engine, circuit, sentences, settle};

/// Reads the memberships of a grant's user, and withdraws what is no longer among them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RefreshMemberships {
    pub(crate) grant_id: i64,
}

/// How often a list that cannot be read is asked for again within minutes; after that, with the next interval.
const ATTEMPTS: i64 = 6;

impl queue::Job for RefreshMemberships {
    type Context = Engine;
    const KIND: &'static str = "refresh_memberships";

    fn dedup_key(&self) -> String {
        self.resource_key()
    }

    /// One at a time, so that an older list never takes the place of a newer one.
    fn resource_key(&self) -> String {
        format!("grant:{}", self.grant_id)
    }

    fn lane(&self) -> JobLane {
        JobLane::Live
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let Some(grant) = engine.store().facade_grant(self.grant_id).await? else { return Ok(()) };
        if grant.state != GrantState::Active {
            return Ok(());
        }
        if let Some(until) = settle::host_pause(&engine, grant.host_id).await? {
            return settle::later(&engine, &lease, &self, until).await;
        }
        match read(&engine, &grant).await {
            Ok(forge_ids) => {
                circuit::answered(&engine, grant.host_id).await?;
                write(&engine, &lease, &grant, &forge_ids).await
            }
            Err(failure) => self.settle(&engine, &lease, &grant, failure).await,
        }
    }
}

async fn read(engine: &Engine, grant: &Grant) -> Result<Vec<String>, Failure> {
    let way = Way::of_grant(engine, grant);
    match way.ask(|forge| async move { forge.member_repositories().await }).await {
        // Who is blocked, or whose grant no longer covers the question, sees nothing.
        Err(Failure::Forge(ForgeError {
            problem: Problem::Blocked | Problem::Forbidden | Problem::InsufficientScope | Problem::NotAvailable,
            ..
        })) => Ok(Vec::new()),
        told => told,
    }
}

async fn write(engine: &Engine, lease: &Lease, grant: &Grant, forge_ids: &[String]) -> Result<(), JobError> {
    let mut tx = lease.begin_write(Lane::Live).await?;
    tx.facade_memberships_replace(grant.id, forge_ids, engine.clock().now()).await?;
    tx.commit().await?;
    // What is served from now on; and what nobody came to read until now.
    let without_files = engine.store().facade_repositories_without_files(grant.host_id).await?;
    let mut tx = lease.begin_write(Lane::Live).await?;
    for repository_id in without_files {
        read_files(&mut tx, repository_id, engine.clock().now()).await?;
    }
    Ok(tx.commit().await?)
}

impl RefreshMemberships {
    async fn settle(self, engine: &Engine, lease: &Lease, grant: &Grant, failure: Failure) -> Result<(), JobError> {
        if let Some(until) = settle::host_wait(engine, grant.host_id, &failure).await? {
            return settle::later(engine, lease, &self, until).await;
        }
        match failure {
            Failure::Pointless => Ok(()),
            Failure::Interrupted => settle::later(engine, lease, &self, engine.clock().now()).await,
            Failure::NeedsAuthorisation { owner, .. } => settle::refused(engine, owner, &failure).await,
            failure if failure.is_transient() && lease.job().attempts < ATTEMPTS => Err(settle::job_error(failure)),
            failure => {
                let why = sentences::of_failure(&failure);
                tracing::warn!(grant_id = grant.id, why, "the memberships of a grant could not be read");
                Ok(())
            }
        }
    }
}

/// Has the memberships read of every grant in use on a host, whose lists of repositories were just read.
pub(crate) async fn refresh_on_host(engine: &Engine, host_id: i64) -> store::Result<()> {
    let now = engine.clock().now();
    let grants = engine.store().facade_grants_in_use(Some(host_id)).await?;
    enqueue(engine, grants.iter().map(|grant| (grant.id, now))).await
}

/// Sees to it that every grant in use waits for its next refresh, also where no account of its host is at work.
pub(crate) async fn tend(engine: &Engine) -> store::Result<()> {
    let interval = Millis::try_from(engine.options().interval.as_millis()).unwrap_or(Millis::MAX / 4);
    let now = engine.clock().now();
    let grants = engine.store().facade_grants_in_use(None).await?;
    let due = |grant: &Grant| grant.listed_at.map_or(now, |at| at.saturating_add(interval).max(now));
    enqueue(engine, grants.iter().map(|grant| (grant.id, due(grant)))).await
}

async fn enqueue(engine: &Engine, due: impl Iterator<Item = (i64, Millis)>) -> store::Result<()> {
    let due: Vec<(i64, Millis)> = due.collect();
    if due.is_empty() {
        return Ok(());
    }
    let now = engine.clock().now();
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    for (grant_id, at) in due {
        queue::enqueue_at(&mut tx, &RefreshMemberships { grant_id }, at, now).await?;
    }
    tx.commit().await
}
