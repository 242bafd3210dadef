//! The job that works the inbox off: reads what an event is about, and asks for the sync that finds out the rest.
//!
//! It makes no request, so a second of many events is worked off in milliseconds, and of a hundred pushes to one
//! repository one sync is asked for.

use std::collections::BTreeSet;

use model::Millis;
use model::hook::{HookEvent, HookNews};
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{AccountState, InboxEvent, InboxState, Lane, Repository};

use super::LANE;
use crate::refresh::RefreshAccount;
use crate::repository::SyncRepository;
use crate::sentences::hooks as sentences;
use crate::{Engine, Mode};

/// Works off what waits in the inbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WorkOffInbox {}

/// How many events are held in memory and written with one transaction; each may be as long as [`super::LONGEST_BODY`].
const AT_ONCE: i64 = 10;
/// How often events let the list of an account be read at most: it is a request for each hundred repositories.
const LIST_AGAIN: Millis = 60_000;

/// Asks for the job.
pub(crate) async fn work_off(engine: &Engine) -> store::Result<()> {
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    queue::enqueue(&mut tx, &WorkOffInbox {}, engine.clock().now()).await?;
    tx.commit().await
}

impl queue::Job for WorkOffInbox {
    type Context = Engine;
    const KIND: &'static str = "work_off_inbox";

    fn dedup_key(&self) -> String {
        "inbox".to_owned()
    }

    fn resource_key(&self) -> String {
        "inbox".to_owned()
    }

    fn lane(&self) -> JobLane {
        LANE
    }

    /// Milliseconds, and others wait for what it asks for.
    fn priority(&self) -> i64 {
        i64::MAX
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        loop {
            let events = engine.store().inbox_waiting(AT_ONCE).await?;
            if events.is_empty() {
                return Ok(());
            }
            let mut verdicts = Vec::with_capacity(events.len());
            for event in &events {
                verdicts.push((event.id, judge(&engine, event).await?));
            }
            settle(&engine, &lease, &verdicts).await?;
            if lease.cancelled().is_cancelled() {
                return Err(JobError::retry(sentences::STOPPED));
            }
        }
    }
}

/// What an event leads to.
enum Verdict {
    /// A repository is synced.
    Sync { repository: Box<Repository>, heard_at: Millis, outcome: &'static str },
    /// The lists of these accounts are read.
    List { accounts: Vec<(i64, Millis)>, outcome: &'static str },
    /// Nothing is to be done.
    Ignored(String),
    /// It cannot be understood.
    Failed(String),
}

/// What is asked for and what is said about the events are one transaction: each event leads to its sync, or waits still.
async fn settle(engine: &Engine, lease: &Lease, verdicts: &[(i64, Verdict)]) -> store::Result<()> {
    let now = engine.clock().now();
    let mut tx = lease.begin_write(Lane::Live).await?;
    for (id, verdict) in verdicts {
        let (state, outcome) = match verdict {
            Verdict::Sync { repository, heard_at, outcome } => {
                queue::enqueue(&mut tx, &sync_of(repository).heard(*heard_at), now).await?;
                (InboxState::Done, *outcome)
            }
            Verdict::List { accounts, outcome } => {
                for (account_id, due) in accounts {
                    let job = RefreshAccount { account_id: *account_id, mode: Mode::Branches };
                    queue::enqueue_at(&mut tx, &job, *due, now).await?;
                }
                (InboxState::Done, *outcome)
            }
            Verdict::Ignored(outcome) => (InboxState::Ignored, outcome.as_str()),
            Verdict::Failed(outcome) => (InboxState::Failed, outcome.as_str()),
        };
        tx.inbox_worked(*id, state, outcome, now).await?;
    }
    tx.commit().await
}

/// What is not imported yet comes next among the imports: its import may be under way, and past the place of the news.
fn sync_of(repository: &Repository) -> SyncRepository {
    match repository.imported_at {
        Some(_) => SyncRepository::with_news(repository),
        None => SyncRepository::asked_for(repository, Mode::Soft),
    }
}

async fn judge(engine: &Engine, event: &InboxEvent) -> store::Result<Verdict> {
    let news = match forge::hook_news(event.host_kind, &event.event, event.body.as_bytes()) {
        Ok(news) => news,
        Err(fault) => return Ok(Verdict::Failed(fault.happened())),
    };
    match &news.event {
        HookEvent::Push => synced(engine, event, &news, sentences::PUSH).await,
        HookEvent::MergeRequest { .. } => synced(engine, event, &news, sentences::MERGE_REQUEST).await,
        HookEvent::Note { merge_request: Some(_) } => synced(engine, event, &news, sentences::NOTE).await,
        HookEvent::Note { merge_request: None } => Ok(Verdict::Ignored(sentences::OTHER_NOTE.to_owned())),
        HookEvent::RepositoryChanged => listed(engine, event, &news).await,
        HookEvent::Test => Ok(Verdict::Ignored(sentences::TEST.to_owned())),
        HookEvent::Ignored { what } => Ok(Verdict::Ignored(sentences::not_needed(what))),
    }
}

/// The sync of the repository that the event is about, unless nobody wants it.
async fn synced(engine: &Engine, event: &InboxEvent, news: &HookNews, outcome: &'static str) -> store::Result<Verdict> {
    let Some(forge_id) = &news.repository_forge_id else { return listed(engine, event, news).await };
    let repository = engine.store().repository_by_forge_id(event.host_id, forge_id).await?;
    if event.repository_id.is_some() && event.repository_id != repository.as_ref().map(|it| it.id) {
        return Ok(Verdict::Ignored(sentences::OTHER_REPOSITORY.to_owned()));
    }
    let Some(repository) = repository else { return listed(engine, event, news).await };
    if !engine.store().repository_is_linked(repository.id).await? {
        return Ok(Verdict::Ignored(sentences::NOT_LINKED.to_owned()));
    }
    if repository.paused {
        return Ok(Verdict::Ignored(sentences::REPOSITORY_PAUSED.to_owned()));
    }
    let accounts = engine.store().repository_accounts(repository.id).await?;
    if active(engine, &accounts).await?.is_empty() {
        return Ok(Verdict::Ignored(sentences::NO_ACCOUNT.to_owned()));
    }
    Ok(Verdict::Sync { repository: Box::new(repository), heard_at: event.received_at, outcome })
}

/// Reads the lists that name the repository: those of the accounts that see it, and that of the account whose hook told.
async fn listed(engine: &Engine, event: &InboxEvent, news: &HookNews) -> store::Result<Verdict> {
    let mut accounts: BTreeSet<i64> = event.account_id.into_iter().collect();
    let repository = match (event.repository_id, &news.repository_forge_id) {
        (Some(id), _) => Some(id),
        (None, Some(forge_id)) => {
            engine.store().repository_by_forge_id(event.host_id, forge_id).await?.map(|repository| repository.id)
        }
        (None, None) => None,
    };
    if let Some(id) = repository {
        accounts.extend(engine.store().repository_accounts(id).await?);
    }
    let accounts: Vec<i64> = accounts.into_iter().collect();
    let accounts = active(engine, &accounts).await?;
    if accounts.is_empty() {
        return Ok(Verdict::Ignored(sentences::NO_ACCOUNT.to_owned()));
    }
    Ok(Verdict::List { accounts, outcome: sentences::LIST })
}

/// The accounts of these that are at work, and when their lists may be read again.
async fn active(engine: &Engine, accounts: &[i64]) -> store::Result<Vec<(i64, Millis)>> {
    let now = engine.clock().now();
    let mut active = Vec::new();
    for id in accounts {
        let account = engine.store().account(*id).await?;
        if let Some(account) = account.filter(|account| account.state == AccountState::Active) {
            let due = account.listed_at.map_or(now, |at| at + LIST_AGAIN);
            active.push((account.id, due.max(now)));
        }
    }
    Ok(active)
}
