//! What a failure means for its site: how long nothing is told to it, and what people read meanwhile.

use jira::{JiraError, Problem};
use model::{Millis, Outcome};
use queue::JobError;
use store::{Site, SiteState};

use super::patience;
use crate::Engine;
use crate::sentences::deliver as sentences;
use crate::site::clients::ClientError;

/// How long a site is left alone that asks for a pause without saying until when.
const BARE_PAUSE: Millis = 60 * 1_000;
/// What is wrong with a site of which there is no client ([`Site::error_kind`]).
const NO_CLIENT: &str = "credentials";

/// The site, when it is to be told anything at all.
pub(super) async fn site(engine: &Engine, id: i64) -> store::Result<Option<Site>> {
    Ok(engine.store().site(id).await?.filter(|site| site.state == SiteState::Active))
}

/// Until when nothing is told to a site.
pub(super) fn pause(engine: &Engine, site: &Site) -> Option<Millis> {
    site.paused_until.filter(|until| *until > engine.clock().now())
}

/// Notes that a site gave no usable answer. Returns until when it is left alone: as long as it asks for, or longer with each
/// failure in a row.
pub(super) async fn failed(engine: &Engine, site_id: i64, error: &JiraError) -> store::Result<Millis> {
    let now = engine.clock().now();
    if error.problem == Problem::RateLimited {
        let until = pause_asked_for(error, now);
        tracing::info!(site_id, until, "the site asks for a pause");
        engine.store().site_wait_until(site_id, Some(until)).await?;
        return Ok(until);
    }
    let kind = error.problem.as_str();
    tracing::warn!(site_id, kind, status = error.status, "telling a site failed");
    let failures = engine.store().site_failed(site_id, kind, &error.sentence()).await?;
    leave_alone(engine, (site_id, failures), error.retry_at.unwrap_or(now)).await
}

/// Leaves a site alone that failed once more: longer each time, and at least until a time.
async fn leave_alone(engine: &Engine, (site_id, failures): (i64, i64), at_least: Millis) -> store::Result<Millis> {
    let until = (engine.clock().now() + patience::after_failures(failures)).max(at_least);
    engine.store().site_wait_until(site_id, Some(until)).await?;
    Ok(until)
}

/// Until when a site wants no more requests that told us so.
pub(super) fn pause_asked_for(error: &JiraError, now: Millis) -> Millis {
    error.retry_at.unwrap_or(now + BARE_PAUSE).max(now + 1)
}

/// Notes that a site works, if it did not before.
pub(super) async fn answered(engine: &Engine, site: &Site) -> store::Result<()> {
    if site.error_kind.is_some() || site.failures > 0 {
        engine.store().site_answered(site.id).await?;
    }
    Ok(())
}

/// Notes that there is no client of a site, which people have to mend. Returns until when it is left alone.
pub(super) async fn no_client(engine: &Engine, site_id: i64, error: ClientError) -> Result<Millis, JobError> {
    let words = match error {
        ClientError::Store(error) => return Err(error.into()),
        ClientError::NoCredentials => sentences::NO_CREDENTIALS.to_owned(),
        ClientError::Address(_) => sentences::NO_ADDRESS.to_owned(),
    };
    let failures = engine.store().site_failed(site_id, NO_CLIENT, &words).await?;
    Ok(leave_alone(engine, (site_id, failures), engine.clock().now()).await?)
}

/// How an attempt ended that will be made again.
pub(super) const fn outcome(error: &JiraError) -> Outcome {
    if error.may_have_acted { Outcome::Unknown } else { Outcome::Failed }
}
