//! Asking a site for the present keys of issues: once a key.

use std::time::Duration;

use model::Millis;
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{Lane, Relink, Site, SiteState};

use super::clients::{self, ClientError};
use super::relink_all;
use crate::{Engine, SyncError};

/// How many keys one job asks for before others have their turn.
const AT_ONCE: i64 = 50;
/// How long to wait after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(300);

/// For how long an answer is good enough for somebody who looks at the issue.
const FRESH: Millis = 60 * 60 * 1_000;

/// Has the sites that know the project of an issue asked for its present key, unless they were lately: somebody looks at it.
///
/// # Errors
/// When the store does not answer.
pub async fn ask_key(engine: &Engine, key: &str) -> Result<(), SyncError> {
    let Some((project, number)) = key.rsplit_once('-') else { return Ok(()) };
    if !engine.store().key_rule().await?.knows_project(project) {
        return Ok(());
    }
    let now = engine.clock().now();
    for site in engine.store().sites().await? {
        let projects = engine.store().site_projects(site.id).await?;
        // Texts may name it by a key of the time before its project was renamed.
        let keys = projects.iter().filter(|one| one.key == project || one.present_key == project);
        for key in keys.map(|one| format!("{}-{number}", one.key)) {
            let asked = engine.store().alias(site.id, &key).await?;
            if site.state == SiteState::Active && asked.is_none_or(|asked| now - asked.asked_at >= FRESH) {
                let mut tx = engine.store().begin_write(Lane::Live).await?;
                queue::enqueue(&mut tx, &AskKey { site_id: site.id, key }, now).await?;
                tx.commit().await?;
            }
        }
    }
    Ok(())
}

/// Asks a site for one key that somebody looks at.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AskKey {
    site_id: i64,
    key: String,
}

impl queue::Job for AskKey {
    type Context = Engine;
    const KIND: &'static str = "ask_key";

    fn dedup_key(&self) -> String {
        self.resource_key()
    }

    fn resource_key(&self) -> String {
        format!("site:{}:key:{}", self.site_id, self.key)
    }

    fn lane(&self) -> JobLane {
        JobLane::Live
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let Some(site) = active(&engine, self.site_id).await? else { return Ok(()) };
        ask(&engine, &lease, &site, &[self.key]).await
    }
}

/// Asks a site for the keys that something is linked to, in steps.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AskKeys {
    pub(crate) site_id: i64,
    pub(crate) after: Option<String>,
}

impl queue::Job for AskKeys {
    type Context = Engine;
    const KIND: &'static str = "ask_keys";

    fn dedup_key(&self) -> String {
        self.resource_key()
    }

    fn resource_key(&self) -> String {
        format!("site:{}:keys", self.site_id)
    }

    fn lane(&self) -> JobLane {
        JobLane::Import
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let Some(site) = active(&engine, self.site_id).await? else { return Ok(()) };
        let (keys, next) = engine.store().keys_to_ask(site.id, self.after.as_deref(), AT_ONCE).await?;
        ask(&engine, &lease, &site, &keys).await?;
        if next.is_some() {
            let mut tx = lease.begin_write(Lane::Bulk).await?;
            queue::enqueue(&mut tx, &Self { site_id: site.id, after: next }, engine.clock().now()).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

async fn active(engine: &Engine, site_id: i64) -> Result<Option<Site>, JobError> {
    Ok(engine.store().site(site_id).await?.filter(|site| site.state == SiteState::Active))
}

async fn ask(engine: &Engine, lease: &Lease, site: &Site, keys: &[String]) -> Result<(), JobError> {
    if keys.is_empty() {
        return Ok(());
    }
    let rest = match clients::rest(engine, site).await {
        Ok(rest) => rest,
        Err(ClientError::Store(error)) => return Err(error.into()),
        Err(ClientError::NoCredentials | ClientError::Address(_)) => return Ok(()),
    };
    for key in keys {
        let issue = rest.issue(key).await.map_err(|error| failed(&error, engine.clock().now()))?;
        let present = issue.map(|issue| issue.key);
        let now = engine.clock().now();
        let mut tx = lease.begin_write(Lane::Bulk).await?;
        if tx.alias_set(site.id, key, present.as_deref(), now).await? {
            relink_all(&mut tx, [Relink::Issue(key.clone())], now).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

fn failed(error: &jira::JiraError, now: Millis) -> JobError {
    let asked = error.retry_at.and_then(|at| u64::try_from(at - now).ok()).map(Duration::from_millis);
    if error.is_temporary() {
        JobError::retry_after(asked.unwrap_or(AFTER_FAILURE), error.sentence())
    } else {
        JobError::fail(error.sentence())
    }
}
