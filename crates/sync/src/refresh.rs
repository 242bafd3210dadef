//! The job that reads the repository list of an account and has what is linked synced.

use model::{ForgeAccount, Millis};
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{Account, AccountState, Lane, Repository};

use crate::failure::Failure;
use crate::repository::SyncRepository;
use crate::session::Session;
use crate::{Engine, Mode, schedule, sentences, settle};

/// Reads the repository list of an account; every linked repository is synced then, newest activity first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RefreshAccount {
    pub(crate) account_id: i64,
    pub(crate) mode: Mode,
}

/// How often a list that cannot be read is asked for again within minutes; after that, with the next interval.
const ATTEMPTS: i64 = 6;

impl queue::Job for RefreshAccount {
    type Context = Engine;
    const KIND: &'static str = "refresh_account";

    fn dedup_key(&self) -> String {
        format!("account:{}:{}", self.account_id, self.mode.as_str())
    }

    fn resource_key(&self) -> String {
        format!("account:{}", self.account_id)
    }

    /// A few requests, however long the list: never worth waiting behind an import.
    fn lane(&self) -> JobLane {
        JobLane::Live
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let Some(account) = engine.store().account(self.account_id).await? else { return Ok(()) };
        if account.state != AccountState::Active {
            return Ok(());
        }
        if let Some(until) = settle::host_pause(&engine, account.host_id).await? {
            return settle::later(&engine, &lease, &self, until).await;
        }
        engine.board().listing(account.id);
        let outcome = self.refresh(&engine, &lease, &account).await;
        let told = outcome.as_ref().err().map(sentences::of_failure);
        engine.board().listed(account.id, told.as_deref());
        match outcome {
            Ok(()) => Ok(self.plan_next(&engine).await?),
            Err(failure) => self.settle(&engine, &lease, &account, failure).await,
        }
    }
}

impl RefreshAccount {
    async fn refresh(&self, engine: &Engine, lease: &Lease, account: &Account) -> Result<(), Failure> {
        let session = Session::new(engine, account.clone());
        let there = in_forge_words(account);
        let listed = session
            .ask(|forge| {
                let there = &there;
                async move { forge.repositories(there).await }
            })
            .await?;
        let now = engine.clock().now();
        let mut tx = lease.begin_write(Lane::Live).await?;
        tx.repositories_listed(account.id, &listed, account.auto_link, account.smart_commits, now).await?;
        tx.account_listed(account.id, now).await?;
        tx.commit().await?;
        let linked = engine.store().linked_repositories(account.id).await?;
        self.enqueue(engine, lease, &linked, now).await?;
        if linked.is_empty() {
            settle::end_first_import(engine, account.id).await?;
        }
        Ok(())
    }

    async fn enqueue(&self, engine: &Engine, lease: &Lease, linked: &[Repository], now: Millis) -> Result<(), Failure> {
        for repositories in linked.chunks(200) {
            let mut tx = lease.begin_write(Lane::Live).await?;
            for repository in repositories {
                queue::enqueue(&mut tx, &SyncRepository::scheduled(repository, self.mode), now).await?;
                if repository.imported_at.is_none() {
                    tx.repository_waiting(repository.id).await?;
                }
            }
            tx.commit().await?;
        }
        for repository in linked {
            engine.board().due(&[self.account_id], repository.id);
        }
        Ok(())
    }

    async fn plan_next(&self, engine: &Engine) -> Result<(), JobError> {
        if let Some(account) = engine.store().account(self.account_id).await? {
            schedule::next_refresh(engine, &account).await.map_err(settle::job_error)?;
        }
        Ok(())
    }

    async fn settle(self, engine: &Engine, lease: &Lease, account: &Account, failure: Failure) -> Result<(), JobError> {
        let now = engine.clock().now();
        if let Some(until) = failure.paused_until(now) {
            settle::pause_host(engine, account.host_id, until).await?;
            return settle::later(engine, lease, &self, until).await;
        }
        match failure {
            Failure::Pointless => Ok(()),
            Failure::Interrupted => settle::later(engine, lease, &self, now).await,
            Failure::Store(error) => Err(error.into()),
            failure => {
                settle::account_failed(engine, account.id, &failure).await?;
                if failure.is_transient() && lease.job().attempts < ATTEMPTS {
                    return Err(JobError::retry(sentences::of_failure(&failure)));
                }
                self.plan_retry(engine, lease).await
            }
        }
    }

    /// What does not go away by itself within seconds is looked at again with the next interval.
    async fn plan_retry(self, engine: &Engine, lease: &Lease) -> Result<(), JobError> {
        let interval = i64::try_from(engine.options().interval.as_millis()).unwrap_or(Millis::MAX / 4);
        let due = engine.clock().now().saturating_add(interval);
        settle::later(engine, lease, &self, due).await
    }
}

fn in_forge_words(account: &Account) -> ForgeAccount {
    ForgeAccount {
        forge_id: account.forge_id.clone(),
        kind: account.kind,
        path: account.path.clone(),
        name: account.name.clone(),
        web_url: account.web_url.clone(),
    }
}
