//! Telling sites what the store knows: remote links to any Jira, development information to Jira Cloud.
//!
//! Whatever changes an entity, its links or its state leaves a row in the outbox, in the transaction of the fact. Jobs take
//! what is due, look up what is to be told by now, and tell it; every attempt is a delivery. Nothing is taken from what an
//! attempt meant to send, so that whatever is told late is told right.
//!
//! ```text
//! fact ─▶ outbox ─┬▶ DeliverLinks ─────────────▶ any Jira
//!  begin ─▶ fill ─┴▶ DeliverDevInfo, two lanes ─▶ Jira Cloud
//! ```

mod batch;
mod dev_info;
mod entities;
mod fill;
mod identity;
mod link;
mod links;
mod pages;
mod patience;
mod titles;
mod upkeep;
mod waiting;
mod withdrawal;

use model::{Channel, Millis};
use store::{Lane, WriteTx};

pub(crate) use dev_info::DeliverDevInfo;
pub(crate) use fill::FillOutbox;
pub(crate) use links::DeliverLinks;
pub(crate) use upkeep::{PruneDeliveries, tend};
pub(crate) use withdrawal::{WithdrawDevInfo, account_goes, farewell, sight_changed, sites_of, sites_told, tell_sight};

use crate::{Engine, SyncError};

/// The most issues that are told of one entity (design §5).
const MOST_KEYS: usize = jira::limits::MOST_KEYS;

/// The channels that tell of entities.
const CHANNELS: [Channel; 2] = [Channel::RemoteLink, Channel::DevInfo];

/// Has a site told all that it is to know, and made to forget what it is to know no more: when it is added, when a channel
/// is switched on or off, when its accounts change. Only what differs from what it was told is sent.
///
/// # Errors
/// When the store does not answer.
pub async fn begin(engine: &Engine, site_id: i64) -> store::Result<()> {
    let now = engine.clock().now();
    let Some(site) = waiting::site(engine, site_id).await? else { return Ok(()) };
    let told = engine.store().outbox_counts(site_id).await?;
    let was_told = told.iter().any(|(channel, ..)| *channel == Channel::DevInfo);
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    for channel in CHANNELS {
        if channel != Channel::DevInfo || site.settings.dev_info {
            queue::enqueue(&mut tx, &FillOutbox::of(site_id, channel), now).await?;
        } else if was_told {
            withdrawal::everything(&mut tx, site_id, now).await?;
        }
    }
    tx.commit().await
}

/// Projects of a site became known: what was parked because nobody knew its issues is told at once.
///
/// # Errors
/// When the store does not answer.
pub async fn projects_known(engine: &Engine, site_id: i64) -> store::Result<()> {
    let now = engine.clock().now();
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    for channel in CHANNELS {
        tx.outbox_wake(site_id, channel, now).await?;
        enqueue(&mut tx, site_id, channel, now).await?;
        queue::enqueue(&mut tx, &FillOutbox::of(site_id, channel), now).await?;
    }
    tx.commit().await
}

/// Tries again what a delivery was about, now: also when its site is left alone for a while because it failed.
///
/// # Errors
/// [`SyncError::Missing`] without such a delivery, or where nothing is left to be told.
pub async fn retry(engine: &Engine, delivery_id: i64) -> Result<(), SyncError> {
    let now = engine.clock().now();
    let missing = || SyncError::Missing("delivery");
    let delivery = engine.store().delivery(delivery_id).await?.ok_or_else(missing)?;
    end_pause(engine, delivery.site_id).await?;
    if engine.store().delivery_retry(delivery_id, now).await? { Ok(()) } else { Err(missing()) }
}

/// Tries again all that failed or was refused, of one site or of all. Returns how many things are tried.
///
/// # Errors
/// When the store does not answer.
pub async fn retry_failed(engine: &Engine, site_id: Option<i64>) -> Result<u64, SyncError> {
    for site in engine.store().sites().await? {
        if site_id.is_none_or(|id| id == site.id) {
            end_pause(engine, site.id).await?;
        }
    }
    Ok(engine.store().deliveries_retry_failed(site_id, engine.clock().now()).await?)
}

/// Ends the pause of a site that failed. One that it asked for itself is kept.
async fn end_pause(engine: &Engine, site_id: i64) -> Result<(), SyncError> {
    if engine.store().site(site_id).await?.is_some_and(|site| site.error_kind.is_some()) {
        engine.store().site_wait_until(site_id, None).await?;
    }
    Ok(())
}

/// Has what is due told, as part of a transaction.
async fn enqueue(tx: &mut WriteTx, site_id: i64, channel: Channel, now: Millis) -> store::Result<()> {
    match channel {
        Channel::RemoteLink => {
            queue::enqueue(tx, &DeliverLinks { site_id }, now).await?;
        }
        Channel::DevInfo => {
            for backfill in [false, true] {
                queue::enqueue(tx, &DeliverDevInfo { site_id, backfill }, now).await?;
            }
        }
        Channel::SmartCommit | Channel::CommitComment => {}
    }
    Ok(())
}
