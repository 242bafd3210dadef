//! Taking back what sites were told: of an account that goes, of repositories that are unlinked, and everything of a site.

use std::collections::BTreeMap;

use jira::{DevInfo, JiraError};
use model::{Channel, Millis, OutboxLane, Outcome, Told};
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{Ending, Lane, NewDelivery, Site, SiteState, WriteTx};

use super::batch::{ACCOUNT, SITE};
use super::fill::{self, FillOutbox};
use super::{CHANNELS, waiting};
use crate::sentences::deliver as sentences;
use crate::site::clients::{self, ClientError};
use crate::{Engine, settle};

/// How many rows are forgotten in one transaction.
const AT_ONCE: i64 = 500;

/// The entity of a delivery that is about many.
const NOTHING: i64 = 0;

/// Deletes development information by its properties, in one request, and forgets that it was told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WithdrawDevInfo {
    site_id: i64,
    of: Of,
}

/// What of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Of {
    /// Everything that the site was told.
    Site,
    /// What was told of an account's repositories, of which others may still be seen through other accounts.
    Account { id: i64, repositories: Vec<i64> },
}

impl queue::Job for WithdrawDevInfo {
    type Context = Engine;
    const KIND: &'static str = "withdraw_dev_info";

    fn dedup_key(&self) -> String {
        match &self.of {
            Of::Site => format!("site:{}", self.site_id),
            Of::Account { id, .. } => format!("site:{}:account:{id}", self.site_id),
        }
    }

    /// Nothing is told beside it.
    fn resource_key(&self) -> String {
        format!("site:{}:dev_info", self.site_id)
    }

    fn lane(&self) -> JobLane {
        JobLane::Live
    }

    /// Before what is told one by one.
    fn priority(&self) -> i64 {
        1
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let Some(site) = waiting::site(&engine, self.site_id).await? else { return Ok(()) };
        if let Some(until) = waiting::pause(&engine, &site) {
            return settle::later(&engine, &lease, &self, until).await;
        }
        let up_to = self.newest(&engine).await?;
        let client = match clients::dev_info(&engine, &site).await {
            Ok(client) => client,
            Err(error) => {
                let until = waiting::no_client(&engine, site.id, error).await?;
                return settle::later(&engine, &lease, &self, until).await;
            }
        };
        let outcome = delete(&client, &site, &self.of).await;
        let until = match &outcome {
            Ok(()) => None,
            Err(error) => Some(waiting::failed(&engine, site.id, error).await?),
        };
        self.note(&engine, &lease, &outcome, until).await?;
        if let Some(until) = until {
            return settle::later(&engine, &lease, &self, until).await;
        }
        waiting::answered(&engine, &site).await?;
        self.forget(&engine, &lease, &up_to).await
    }
}

impl WithdrawDevInfo {
    /// Keeps the attempt.
    async fn note(
        &self,
        engine: &Engine,
        lease: &Lease,
        outcome: &Result<(), JiraError>,
        next_at: Option<Millis>,
    ) -> Result<(), JobError> {
        let now = engine.clock().now();
        let title = match &self.of {
            Of::Site => sentences::EVERYTHING,
            Of::Account { .. } => sentences::ACCOUNT,
        };
        let delivery = NewDelivery {
            site_id: self.site_id,
            channel: Channel::DevInfo,
            kind: Told::Repository,
            entity_id: NOTHING,
            receipt_id: None,
            issue_key: None,
            title: title.to_owned(),
            lane: OutboxLane::Live,
        };
        let ending = match outcome {
            Ok(()) => Ending {
                outcome: Outcome::Sent,
                status: None,
                words: Some(sentences::WITHDRAWN.to_owned()),
                next_at: None,
            },
            Err(error) => Ending {
                outcome: waiting::outcome(error),
                status: error.status.map(i64::from),
                words: Some(error.sentence()),
                next_at,
            },
        };
        let mut tx = lease.begin_write(Lane::Live).await?;
        tx.deliveries_done(&[(delivery, ending)], now).await?;
        Ok(tx.commit().await?)
    }

    /// The highest sequence of each repository that is taken back; at least what would be one by now.
    async fn newest(&self, engine: &Engine) -> store::Result<Vec<(i64, i64)>> {
        let Of::Account { repositories, .. } = &self.of else { return Ok(Vec::new()) };
        let began = engine.clock().now();
        let mut newest = Vec::with_capacity(repositories.len());
        for id in repositories {
            let told = engine.store().outbox_newest(self.site_id, Channel::DevInfo, *id).await?;
            newest.push((*id, told.max(began)));
        }
        Ok(newest)
    }

    /// Forgets that it was told, as far as nothing has changed since.
    async fn forget(&self, engine: &Engine, lease: &Lease, up_to: &[(i64, i64)]) -> Result<(), JobError> {
        match &self.of {
            Of::Site => forget_all(lease, self.site_id).await,
            Of::Account { .. } => {
                for (id, up_to) in up_to {
                    forget(lease, self.site_id, *id, *up_to).await?;
                }
                // Some of them are seen through other accounts.
                Ok(fill::begin(lease, self.site_id, Channel::DevInfo, engine.clock().now()).await?)
            }
        }
    }
}

async fn delete(client: &DevInfo, site: &Site, of: &Of) -> Result<(), JiraError> {
    let mut properties = BTreeMap::from([(SITE.to_owned(), site.id.to_string())]);
    if let Of::Account { id, .. } = of {
        properties.insert(ACCOUNT.to_owned(), id.to_string());
    }
    let properties: Vec<(String, String)> = properties.into_iter().collect();
    client.delete_by_properties(&properties).await
}

async fn forget_all(lease: &Lease, site_id: i64) -> Result<(), JobError> {
    loop {
        let mut tx = lease.begin_write(Lane::Bulk).await?;
        let more = tx.outbox_forget_all_step(site_id, Channel::DevInfo, AT_ONCE).await?;
        tx.commit().await?;
        if !more {
            return Ok(());
        }
    }
}

/// Forgets that a site was told of a repository, as far as nothing has changed since it had this sequence.
pub(super) async fn forget(lease: &Lease, site_id: i64, repository_id: i64, up_to: i64) -> Result<(), JobError> {
    loop {
        let mut tx = lease.begin_write(Lane::Bulk).await?;
        let more = tx.outbox_forget_step(site_id, Channel::DevInfo, repository_id, up_to, AT_ONCE).await?;
        tx.commit().await?;
        if !more {
            return Ok(());
        }
    }
}

/// Has everything taken back that sites were told of an account, as part of the transaction that removes it. `repositories`:
/// those it linked.
pub(crate) async fn account_goes(
    tx: &mut WriteTx,
    sites: &[Site],
    (account_id, repositories): (i64, &[i64]),
    now: Millis,
) -> store::Result<()> {
    for site in sites {
        queue::enqueue(tx, &FillOutbox::of(site.id, Channel::RemoteLink), now).await?;
        if site.settings.dev_info {
            let of = Of::Account { id: account_id, repositories: repositories.to_vec() };
            queue::enqueue(tx, &WithdrawDevInfo { site_id: site.id, of }, now).await?;
        }
    }
    Ok(())
}

/// The sites that are told of an account.
pub(crate) async fn sites_of(engine: &Engine, account_id: i64) -> store::Result<Vec<Site>> {
    let mut told = Vec::new();
    for site in sites_told(engine).await? {
        if site.settings.all_accounts || engine.store().site_accounts(site.id).await?.contains(&account_id) {
            told.push(site);
        }
    }
    Ok(told)
}

/// Has everything deleted that a site was told as development information, as part of a transaction.
pub(super) async fn everything(tx: &mut WriteTx, site_id: i64, now: Millis) -> store::Result<()> {
    queue::enqueue(tx, &WithdrawDevInfo { site_id, of: Of::Site }, now).await.map(|_| ())
}

/// Has everything deleted that a site was told as development information, now: before the site itself is removed. What keeps
/// Jira from it is left to it: whoever administers it can delete the OAuth credential.
///
/// # Errors
/// When the store does not answer; never for what Jira says.
pub(crate) async fn farewell(engine: &Engine, site: &Site) -> store::Result<()> {
    if !site.settings.dev_info {
        return Ok(());
    }
    let outcome = match clients::dev_info(engine, site).await {
        Ok(client) => delete(&client, site, &Of::Site).await.map_err(|error| error.sentence()),
        Err(ClientError::Store(error)) => return Err(error),
        Err(error) => Err(error.to_string()),
    };
    if let Err(why) = outcome {
        tracing::warn!(site_id = site.id, why, "what was told stays at the site");
    }
    Ok(())
}

/// What accounts link, or see at their forge, has changed: sites are told what they see now, and what they see no more is
/// taken back. `repositories`: those that are not seen any more, or called otherwise.
pub(crate) async fn sight_changed(engine: &Engine, repositories: &[i64]) -> store::Result<()> {
    let sites = sites_told(engine).await?;
    if sites.is_empty() {
        return Ok(());
    }
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    tell_sight(&mut tx, &sites, repositories, engine.clock().now()).await?;
    tx.commit().await
}

/// The sites that are told what they see.
pub(crate) async fn sites_told(engine: &Engine) -> store::Result<Vec<Site>> {
    let sites = engine.store().sites().await?;
    Ok(sites.into_iter().filter(|site| site.state == SiteState::Active).collect())
}

/// [`sight_changed`] for these sites, as part of a transaction.
pub(crate) async fn tell_sight(
    tx: &mut WriteTx,
    sites: &[Site],
    repositories: &[i64],
    now: Millis,
) -> store::Result<()> {
    if sites.is_empty() {
        return Ok(());
    }
    tx.outbox_touch(Told::Repository, repositories, now).await?;
    for site in sites {
        for channel in CHANNELS {
            queue::enqueue(tx, &FillOutbox::of(site.id, channel), now).await?;
        }
    }
    Ok(())
}
