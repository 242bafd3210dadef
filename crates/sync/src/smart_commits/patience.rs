//! How long is waited for what.

use jira::{JiraError, Problem, Rest};
use model::Millis;
use queue::JobError;
use store::{Receipt, Site};

use crate::Engine;

pub(super) const SECOND: Millis = 1_000;
const MINUTE: Millis = 60 * SECOND;
const DAY: Millis = 24 * 60 * MINUTE;

/// How long after something was sent whose answer is missing it is not sent again: a slow Jira may be at it still.
pub(super) const GRACE: Millis = 10 * SECOND;
/// How long a command is tried.
const LIFE: Millis = 7 * DAY;
/// How late a comment at a forge is tried again; as soon as after a minute.
const LATEST_COMMENT: Millis = DAY / 4;
/// How soon something that failed is tried again, and how late.
const SOONEST: Millis = 5 * SECOND;
const LATEST: Millis = 10 * MINUTE;
/// How long a site is left alone that asks for a pause without saying how long.
const UNTOLD_PAUSE: Millis = MINUTE;

/// Whether a command was tried long enough.
pub(super) fn is_over(receipt: &Receipt, now: Millis) -> bool {
    is_over_since(receipt.created_at, now)
}

/// Whether something was tried long enough that has waited since then.
pub(super) const fn is_over_since(since: Millis, now: Millis) -> bool {
    now.saturating_sub(since) > LIFE
}

/// When a comment at a forge is tried again that fails: after as long again as it has waited already.
pub(super) fn of_comment(since: Millis, now: Millis) -> Millis {
    now + now.saturating_sub(since).clamp(MINUTE, LATEST_COMMENT)
}

/// When a command is tried again that fails alone: after as long again as it has waited already.
pub(super) fn of_receipt(receipt: &Receipt, now: Millis) -> Millis {
    now + now.saturating_sub(receipt.created_at).clamp(SOONEST, LATEST)
}

/// When a site is asked again after trouble that concerns all of it; none: it answers a plain question, so the trouble is
/// that of one command.
pub(super) async fn of_site(
    engine: &Engine,
    site: &Site,
    rest: &Rest,
    error: &JiraError,
) -> Result<Option<Millis>, JobError> {
    let store = engine.store();
    let error = match error.problem {
        Problem::RateLimited => error.clone(),
        _ => match rest.myself().await {
            Ok(_) => return Ok(None),
            Err(error) => error,
        },
    };
    let now = engine.clock().now();
    let until = if error.problem == Problem::RateLimited {
        error.retry_at.unwrap_or(now + UNTOLD_PAUSE).max(now + SECOND)
    } else {
        let kind = error.problem.as_str();
        tracing::warn!(site_id = site.id, kind, status = error.status, "the site does not answer as it should");
        let failures = store.site_failed(site.id, kind, &error.sentence()).await?;
        (now + after_failures(failures)).max(error.retry_at.unwrap_or(now))
    };
    store.site_wait_until(site.id, Some(until)).await?;
    Ok(Some(until))
}

/// How long a site is left alone after so many failures in a row.
pub(super) fn after_failures(failures: i64) -> Millis {
    let doublings = u32::try_from(failures.saturating_sub(1).clamp(0, 20)).unwrap_or(0);
    (SOONEST << doublings).min(LATEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_that_fails_is_left_alone_for_five_seconds_and_for_ten_minutes_in_the_end() {
        let waits = [0, 1, 2, 3, 7, 8, 100, i64::MAX].map(after_failures).map(|wait| wait / SECOND);
        assert_eq!(waits, [5, 5, 10, 20, 320, 600, 600, 600]);
    }
}
