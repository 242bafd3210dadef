//! Reading the projects of a site, so that keys count as the site knows them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jira::Rest;
use model::Millis;
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{Lane, Site, SiteProject, SiteState};

use super::clients::{self, ClientError};
use super::{AskKeys, SiteError, relink_all, verbs};
use crate::{Engine, deliver};

/// How often projects are read.
const EVERY: Millis = 60 * 60 * 1_000;
/// How long to wait after a failure, times the failures in a row, at most [`EVERY`].
const AFTER_FAILURE: Duration = Duration::from_secs(30);
/// Of how many projects a Jira may be asked for former keys at one reading: the rest follow at the next ones.
const ASKED_AT_ONCE: usize = 200;

/// Reads the projects of a site now.
///
/// # Errors
/// [`SiteError::Missing`] without such a site.
pub async fn refresh_projects(engine: &Engine, site_id: i64) -> Result<(), SiteError> {
    verbs::present(engine, site_id).await?;
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    queue::enqueue(&mut tx, &RefreshSite { site_id }, engine.clock().now()).await?;
    Ok(tx.commit().await?)
}

/// Lets every site wait for the next reading of its projects.
pub(crate) async fn tend(engine: &Engine) -> store::Result<()> {
    let now = engine.clock().now();
    for site in engine.store().sites().await?.iter().filter(|site| site.state == SiteState::Active) {
        let due = site.projects_read_at.map_or(now, |read_at| read_at + EVERY);
        let mut tx = engine.store().begin_write(Lane::Live).await?;
        queue::enqueue_at(&mut tx, &RefreshSite { site_id: site.id }, due.max(now), now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Reads the projects of a site.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RefreshSite {
    pub(crate) site_id: i64,
}

impl queue::Job for RefreshSite {
    type Context = Engine;
    const KIND: &'static str = "refresh_site";
    /// A Jira may be away for days.
    const MAX_ATTEMPTS: i64 = 1_000_000;

    fn dedup_key(&self) -> String {
        self.resource_key()
    }

    fn resource_key(&self) -> String {
        format!("site:{}:projects", self.site_id)
    }

    fn lane(&self) -> JobLane {
        JobLane::Live
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let Some(site) = engine.store().site(self.site_id).await? else { return Ok(()) };
        if site.state != SiteState::Active {
            return Ok(());
        }
        let rest = match clients::rest(&engine, &site).await {
            Ok(rest) => rest,
            Err(ClientError::Store(error)) => return Err(error.into()),
            // Development information alone names no projects.
            Err(ClientError::NoCredentials | ClientError::Address(_)) => return next(&engine, &lease, &site).await,
        };
        let before = engine.store().site_projects(site.id).await?;
        match read(&rest, &before).await {
            Ok(projects) => {
                engine.store().site_answered(site.id).await?;
                keep(&engine, &lease, &site, &projects).await
            }
            Err(error) => {
                let failures = engine.store().site_failed(site.id, error.problem.as_str(), &error.sentence()).await?;
                let wait = AFTER_FAILURE.saturating_mul(u32::try_from(failures).unwrap_or(u32::MAX));
                let longest = Duration::from_millis(EVERY.unsigned_abs());
                let asked = error.retry_at.map(|at| at - engine.clock().now()).and_then(|ms| u64::try_from(ms).ok());
                let wait = wait.min(longest).max(asked.map_or(Duration::ZERO, Duration::from_millis));
                Err(JobError::retry_after(wait, error.sentence()))
            }
        }
    }
}

/// Writes what was read, and has links follow.
async fn keep(engine: &Engine, lease: &Lease, site: &Site, projects: &[SiteProject]) -> Result<(), JobError> {
    let now = engine.clock().now();
    let mut tx = lease.begin_write(Lane::Live).await?;
    let changed = tx.site_projects_replace(site.id, projects, now).await?;
    relink_all(&mut tx, changed.all().into_iter().map(store::Relink::Project), now).await?;
    queue::enqueue(&mut tx, &AskKeys { site_id: site.id, after: None }, now).await?;
    queue::enqueue_at(&mut tx, &RefreshSite { site_id: site.id }, now + EVERY, now).await?;
    tx.commit().await?;
    if !changed.added.is_empty() {
        deliver::projects_known(engine, site.id).await?;
    }
    Ok(())
}

async fn next(engine: &Engine, lease: &Lease, site: &Site) -> Result<(), JobError> {
    let now = engine.clock().now();
    let mut tx = lease.begin_write(Lane::Live).await?;
    queue::enqueue_at(&mut tx, &RefreshSite { site_id: site.id }, now + EVERY, now).await?;
    tx.commit().await?;
    Ok(())
}

/// The keys of all projects: present ones as the list tells them; former ones as they were seen here, or as the site tells of
/// a project that is new here.
async fn read(rest: &Rest, before: &[SiteProject]) -> Result<Vec<SiteProject>, jira::JiraError> {
    let listed = rest.projects().await?;
    let known: BTreeSet<&str> = before.iter().map(|one| one.project_id.as_str()).collect();
    let mut keys: BTreeMap<String, SiteProject> = BTreeMap::new();
    let of = |project: &jira::Project, key: &str| SiteProject {
        key: key.to_owned(),
        project_id: project.id.clone(),
        name: project.name.clone(),
        present_key: project.key.clone(),
    };
    let mut asked = 0;
    for project in &listed {
        for former in before.iter().filter(|one| one.project_id == project.id) {
            keys.entry(former.key.clone()).or_insert_with(|| of(project, &former.key));
        }
        if !known.contains(project.id.as_str()) && asked < ASKED_AT_ONCE {
            asked += 1;
            match rest.project_keys(&project.id).await {
                Ok(all) => all.iter().for_each(|key| {
                    keys.entry(key.clone()).or_insert_with(|| of(project, key));
                }),
                // It went meanwhile, or keeps that to itself.
                Err(error) if !error.is_temporary() => {}
                Err(error) => return Err(error),
            }
        }
    }
    // A key that is a project's now is nobody's former one.
    for project in &listed {
        keys.insert(project.key.clone(), of(project, &project.key));
    }
    Ok(keys.into_values().collect())
}
