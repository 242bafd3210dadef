//! `dovetail account sync`.

use std::time::{Duration, Instant};

use serde_json::json;

use super::events::Events;
use super::find;
use super::pending::{self, Before};
use super::progress::Shown;
use super::sentences;
use super::wire::{Account, Progress, Repository};
use crate::Failure;
use crate::commands::{AccountSyncArguments, Format, SyncMode};
use crate::explain::harmless;
use crate::server::sentences::Sentence;
use crate::server::{Server, Trouble};

/// How often the server is asked how the account stands, where no event says that something moved.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How long the server may take to begin; an error of the account that is older is not taken for this sync's.
const BEGINS_WITHIN: Duration = Duration::from_secs(3);
/// How often in a row a server that went away is asked again, once in [`LOOK_AGAIN`]: long enough for a restart.
const TRIES: u32 = 60;

/// Runs the command.
pub async fn run(server: &Server, arguments: &AccountSyncArguments, format: Format) -> Result<(), Failure> {
    let account = find::account(server, &arguments.account).await?;
    if let Some(sentence) = sentences::not_synced(&account) {
        return Err(sentence.into());
    }
    let mode = match arguments.mode {
        SyncMode::Soft => "soft",
        SyncMode::Full => "full",
    };
    if !arguments.wait {
        server.refresh(account.id, mode).await?;
        return asked(&account, mode, format);
    }
    let mut wait = Wait::begin(server, &account, mode).await?;
    let outcome = wait.run().await;
    wait.shown.finish();
    let (account, repositories) = outcome?;
    ended(&account, &repositories, mode, format)
}

fn asked(account: &Account, mode: &str, format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => println!("{}", json!({ "account": account, "mode": mode, "ended": false })),
        Format::Text => {
            println!("A {mode} sync of {} was asked for; --wait waits for its end.", harmless(&account.path));
        }
    }
    Ok(())
}

fn ended(account: &Account, repositories: &[Repository], mode: &str, format: Format) -> Result<(), Failure> {
    let failed: Vec<&Repository> =
        repositories.iter().filter(|repository| repository.linked && repository.state == "failed").collect();
    match format {
        Format::Json => println!("{}", json!({ "account": account, "mode": mode, "ended": true, "failed": failed })),
        Format::Text => {
            for repository in &failed {
                println!(
                    "{}: {}",
                    harmless(&repository.path),
                    harmless(repository.error.as_deref().unwrap_or("failed"))
                );
            }
            let well = account.linked - i64::try_from(failed.len()).unwrap_or(0);
            println!("{}: {well} of {} repositories are up to date.", harmless(&account.path), account.linked);
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(sentences::repositories_failed(account, failed.len()).into()) }
}

/// A sync that is waited for.
struct Wait<'s> {
    server: &'s Server,
    account: &'s Account,
    before: Before,
    events: Option<Events>,
    progress: Progress,
    shown: Shown,
    began: Instant,
}

/// The account and its repositories when all have ended.
type Ended = (Account, Vec<Repository>);

impl<'s> Wait<'s> {
    /// Listens first and asks then, so that nothing is missed.
    async fn begin(server: &'s Server, account: &'s Account, mode: &str) -> Result<Self, Failure> {
        let events = Some(Events::open(server).await?);
        server.refresh(account.id, mode).await?;
        Ok(Self {
            server,
            account,
            before: Before::new(account),
            events,
            progress: Progress::default(),
            shown: Shown::new(),
            began: Instant::now(),
        })
    }

    async fn run(&mut self) -> Result<Ended, Failure> {
        let mut away = 0;
        loop {
            self.listen().await;
            match self.look().await {
                Ok(Some(ended)) => return Ok(ended),
                Ok(None) => away = 0,
                // It may be restarting: the sync goes on after that.
                Err(Look::Server(Trouble::Away(_))) if away < TRIES => {
                    away += 1;
                    self.events = None;
                }
                Err(Look::Server(trouble)) => return Err(trouble.into()),
                Err(Look::Account(sentence)) => return Err(sentence.into()),
            }
        }
    }

    /// Shows events until they say that nothing runs, but not for long: whether they come from a server that is still
    /// there is to be looked at too.
    async fn listen(&mut self) {
        let deadline = tokio::time::Instant::now() + LOOK_AGAIN;
        loop {
            let Some(events) = &mut self.events else {
                self.progress = Progress::default();
                tokio::time::sleep_until(deadline).await;
                self.events = Events::open(self.server).await.ok();
                return;
            };
            match tokio::time::timeout_at(deadline, events.next()).await {
                Ok(Some(lines)) => {
                    let line = lines.into_iter().find(|line| line.account == self.account.id);
                    self.progress = line.unwrap_or_default();
                    if !self.progress.running {
                        return;
                    }
                    self.shown.update(&self.progress);
                }
                Ok(None) => self.events = None,
                Err(_) => return,
            }
        }
    }

    async fn look(&mut self) -> Result<Option<Ended>, Look> {
        let account = self.server.account(self.account.id).await?;
        if let Some(sentence) = sentences::not_synced(&account) {
            return Err(Look::Account(sentence));
        }
        let Some(listed_at) = self.before.listed_anew(&account) else {
            let failed = account.error.is_some() && self.began.elapsed() > BEGINS_WITHIN && !self.progress.running;
            return if failed { Err(Look::Account(sentences::not_listed(&account))) } else { Ok(None) };
        };
        if self.progress.running {
            return Ok(None);
        }
        let (repositories, now) = self.server.repositories(account.id).await?;
        let is_pending = repositories.iter().any(|repository| pending::is_pending(repository, Some(listed_at), now));
        Ok((!is_pending).then_some((account, repositories)))
    }
}

/// Why looking how the account stands ends the wait, or does not.
enum Look {
    Server(Trouble),
    Account(Sentence),
}

impl From<Trouble> for Look {
    fn from(trouble: Trouble) -> Self {
        Self::Server(trouble)
    }
}
