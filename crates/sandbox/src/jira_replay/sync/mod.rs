//! The synchronisation of one repository (`DefaultSynchronizer`): which work is queued, what becomes of work that fails.

mod commits;
mod events;
mod pull_requests;

use std::collections::VecDeque;
use std::time::Instant;

use super::egit::{ApiError, Clients, Missing};
use super::jira::Inner;
use super::memory::{Message, Repository, Waiting};
use super::report::Run;
use super::sentences::{SYNC_FAILED, SYNC_PAUSED};

/// After so many failures a message is thrown away at the next one.
const RETRIES: u32 = 3;

/// What is to be synchronised, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flags {
    /// Only what is new.
    pub(super) soft: bool,
    pub(super) changesets: bool,
    pub(super) pull_requests: bool,
    /// A hook asked for it.
    pub(super) webhook: bool,
}

impl Flags {
    /// A full synchronisation.
    pub(super) const EVERYTHING: Self = Self { soft: false, changesets: true, pull_requests: true, webhook: false };

    /// The audit log's words.
    fn words(self) -> String {
        let words = [
            (self.soft, "SOFT"),
            (self.changesets, "CHANGESETS"),
            (self.pull_requests, "PULLREQUESTS"),
            (self.webhook, "WEBHOOKS"),
        ];
        words.iter().filter(|(set, _)| *set).map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
    }
}

/// Why a piece of work was not done.
#[derive(Debug)]
enum Trouble {
    /// The rate limit is used up.
    Paused,
    /// Anything else: what the log says.
    Failed(String),
}

impl From<Missing> for Trouble {
    fn from(missing: Missing) -> Self {
        Self::Failed(missing.to_string())
    }
}

/// One synchronisation under way.
#[derive(Debug)]
pub(super) struct Synchronizer<'a> {
    jira: &'a Inner,
    clients: &'a Clients,
    /// The account, and how calls about pull requests name the repository.
    account: &'a str,
    pulls_of: String,
    repository: &'a mut Repository,
    log: &'a mut Vec<String>,
    soft: bool,
    nodes: VecDeque<Waiting>,
    pulls: VecDeque<Waiting>,
    paused: bool,
    failed: bool,
    incomplete: usize,
    changesets: usize,
    pull_requests: usize,
}

impl<'a> Synchronizer<'a> {
    /// One of a repository of an account.
    pub(super) fn new(
        jira: &'a Inner,
        clients: &'a Clients,
        (account, pulls_of): (&'a str, String),
        repository: &'a mut Repository,
        log: &'a mut Vec<String>,
    ) -> Self {
        let (nodes, pulls) = (VecDeque::new(), VecDeque::new());
        let (paused, failed, incomplete, changesets, pull_requests) = (false, false, 0, 0, 0);
        Self {
            jira,
            clients,
            account,
            pulls_of,
            repository,
            log,
            soft: false,
            nodes,
            pulls,
            paused,
            failed,
            incomplete,
            changesets,
            pull_requests,
        }
    }

    /// Synchronises to the end of the queue.
    pub(super) async fn run(mut self, asked: Flags) -> Run {
        let (started, calls) = (Instant::now(), self.jira.calls.count());
        // What was never read cannot be read softly.
        let flags = Flags { soft: asked.soft && !self.repository.heads.is_empty(), ..asked };
        self.soft = flags.soft;
        if !flags.soft {
            self.forget(flags);
        }
        for waiting in std::mem::take(&mut self.repository.waiting) {
            self.publish(waiting);
        }
        if let Err(trouble) = self.start(flags).await {
            self.note(&trouble, "");
        }
        self.read_nodes().await;
        self.read_pull_requests().await;
        self.end(flags, started, calls)
    }

    /// A full synchronisation begins with nothing.
    fn forget(&mut self, flags: Flags) {
        self.repository.waiting.clear();
        if flags.changesets {
            self.repository.changesets.clear();
            self.repository.heads.clear();
        }
        if flags.pull_requests {
            self.repository.events.clear();
            self.repository.save_point = None;
            self.repository.pull_requests.clear();
        }
    }

    /// Queues the work.
    async fn start(&mut self, flags: Flags) -> Result<(), Trouble> {
        if flags.changesets {
            self.list_branches().await?;
        }
        match (flags.pull_requests, flags.soft) {
            (false, _) => Ok(()),
            (true, true) => self.read_events().await,
            (true, false) => {
                self.publish(fresh(Message::Page { page: 1, processed: std::collections::BTreeSet::new() }));
                Ok(())
            }
        }
    }

    fn publish(&mut self, waiting: Waiting) {
        match waiting.message {
            Message::Node { .. } => self.nodes.push_back(waiting),
            Message::Page { .. } | Message::PullRequest { .. } => self.pulls.push_back(waiting),
        }
    }

    /// A message that failed waits for the next synchronisation, or is thrown away.
    fn fail(&mut self, mut waiting: Waiting, trouble: &Trouble) {
        self.note(trouble, &spelled(&waiting.message));
        self.incomplete += 1;
        if waiting.retries >= RETRIES {
            self.log.push(format!("{}: RETRY_COUNT_EXCEEDED: {}", self.repository.slug, spelled(&waiting.message)));
            return;
        }
        waiting.retries += 1;
        self.repository.waiting.push_back(waiting);
    }

    fn note(&mut self, trouble: &Trouble, at: &str) {
        let why = match trouble {
            Trouble::Paused => {
                self.paused = true;
                "rate limit exceeded"
            }
            Trouble::Failed(why) => {
                self.failed = true;
                why
            }
        };
        let at = if at.is_empty() { String::new() } else { format!("{at}: ") };
        self.log.push(format!("{}: {at}{why}", self.repository.slug));
    }

    /// What an error of the plain client means: after a 403 it asks for the rate limit.
    async fn trouble(&self, error: ApiError) -> Trouble {
        if error.is(403) && pull_requests::is_used_up(&self.clients.plain).await {
            return Trouble::Paused;
        }
        Trouble::Failed(error.to_string())
    }

    fn end(self, flags: Flags, started: Instant, calls: u64) -> Run {
        let error = match (self.failed, self.paused) {
            (true, _) => Some(SYNC_FAILED),
            (false, true) => Some(SYNC_PAUSED),
            (false, false) => None,
        };
        self.repository.error = error;
        Run {
            repository: self.repository.slug.clone(),
            kind: flags.words(),
            outcome: if error.is_none() { "SUCCESS" } else { "FAILED" },
            seconds: started.elapsed().as_secs_f64(),
            calls: self.jira.calls.count() - calls,
            changesets: self.changesets,
            pull_requests: self.pull_requests,
            incomplete: self.incomplete,
        }
    }
}

/// A message that nobody tried yet.
const fn fresh(message: Message) -> Waiting {
    Waiting { message, retries: 0 }
}

fn spelled(message: &Message) -> String {
    match message {
        Message::Node { branch, node } => format!("{node} of branch '{branch}'"),
        Message::Page { page, .. } => format!("page {page} of pull requests"),
        Message::PullRequest { number } => format!("pull request {number}"),
    }
}
