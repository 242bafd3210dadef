//! The jobs that forget an account, and repositories that no account sees any more.

use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::Lane;

use crate::{Engine, deliver, hook};

/// Removes an account; repositories that nobody sees any more are purged behind it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RemoveAccount {
    pub(crate) account_id: i64,
}

impl queue::Job for RemoveAccount {
    type Context = Engine;
    const KIND: &'static str = "remove_account";

    fn dedup_key(&self) -> String {
        self.resource_key()
    }

    fn resource_key(&self) -> String {
        format!("account:{}", self.account_id)
    }

    fn lane(&self) -> JobLane {
        JobLane::Live
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let now = engine.clock().now();
        let account = engine.store().account(self.account_id).await?;
        if let Some(account) = &account {
            hook::farewell(&engine, &lease, account).await?;
        }
        let sites = deliver::sites_of(&engine, self.account_id).await?;
        let linked: Vec<i64> =
            engine.store().linked_repositories(self.account_id).await?.iter().map(|one| one.id).collect();
        let mut tx = lease.begin_write(Lane::Live).await?;
        tx.account_remove(self.account_id).await?;
        deliver::account_goes(&mut tx, &sites, (self.account_id, &linked), now).await?;
        if let Some(account) = &account {
            // A Jira that saw nothing else would have the account made again with its next question.
            tx.facade_tokens_of_nothing_revoke(account.host_id, now).await?;
        }
        tx.commit().await?;
        engine.board().forget(self.account_id);
        if let Some(account) = account {
            hook::inherit(&engine, account.host_id).await?;
        }
        let orphans = engine.store().orphan_repositories().await?;
        for orphans in orphans.chunks(200) {
            let mut tx = lease.begin_write(Lane::Live).await?;
            for repository_id in orphans {
                queue::enqueue(&mut tx, &PurgeRepository { repository_id: *repository_id }, now).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

/// Forgets a repository with everything of it, in small steps.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PurgeRepository {
    pub(crate) repository_id: i64,
}

impl queue::Job for PurgeRepository {
    type Context = Engine;
    const KIND: &'static str = "purge_repository";

    fn dedup_key(&self) -> String {
        self.resource_key()
    }

    /// Never beside a sync of the same repository.
    fn resource_key(&self) -> String {
        format!("repository:{}", self.repository_id)
    }

    fn lane(&self) -> JobLane {
        JobLane::Import
    }

    async fn run(self, engine: Engine, _lease: Lease) -> Result<(), JobError> {
        if !engine.store().purge_repository(self.repository_id).await? {
            return Ok(());
        }
        engine.board().dropped(self.repository_id);
        match tokio::fs::remove_dir_all(engine.cache_directory(self.repository_id)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(JobError::retry("the git cache of a removed repository could not be deleted"))
            }
            _ => Ok(()),
        }
    }
}
