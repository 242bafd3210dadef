//! How far every account is, live.
//!
//! Each process knows what its own jobs do. What the jobs of other nodes do, one task of each process reads from the
//! store, and only while somebody watches ([`elsewhere`]).

mod elsewhere;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::{Clock, Millis};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

pub(crate) use elsewhere::follow;

/// A snapshot over all accounts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// By account id. Accounts with nothing under way since start may be absent.
    pub accounts: HashMap<i64, AccountProgress>,
}

/// How far one account is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AccountProgress {
    /// Whether a job of this account or one of its repositories waits or runs.
    pub running: bool,
    /// Repositories of this run that ended, well or not.
    pub repositories_done: u64,
    /// Repositories of this run.
    pub repositories_total: u64,
    /// Commits written in this run.
    pub commits: u64,
    /// Commits that this run is known to have to write so far; at least `commits`.
    pub commits_total: u64,
    /// Merge requests written in this run, by this process.
    pub merge_requests: u64,
    /// Issue links written in this run, by this process.
    pub links: u64,
    /// Commits a second, smoothed.
    pub rate_per_second: f64,
    /// The repository worked on last, by path.
    pub last_repository: Option<String>,
    /// The last failure, as a sentence.
    pub last_error: Option<String>,
    /// Seconds left, where they can be told.
    pub eta_seconds: Option<u64>,
}

/// At most four changes a second reach the watchers.
const BETWEEN_CHANGES: Duration = Duration::from_millis(250);
/// How much of the smoothed rate the newest measurement makes.
const NEWEST_SHARE: f64 = 0.3;

/// Where jobs tell how far they are.
#[derive(Debug)]
pub(crate) struct Board {
    clock: Arc<dyn Clock>,
    runs: Mutex<HashMap<i64, Run>>,
    /// How often something became due.
    moment: AtomicU64,
    changed: Notify,
    watched: Notify,
    sender: watch::Sender<Arc<Progress>>,
}

/// One account from the first repository that is due to the last that ended.
#[derive(Debug, Default)]
struct Run {
    progress: AccountProgress,
    began_at: Millis,
    listing: bool,
    /// Repositories that are due, and the moment since which they are.
    due: HashMap<i64, u64>,
    /// Those whose number of commits is known here, because they are, or were, written here.
    counted: HashSet<i64>,
    /// Commits written and to be written by other nodes, by repository.
    elsewhere: HashMap<i64, Share>,
    measured_at: Millis,
    measured_commits: u64,
}

/// What another node does of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Share {
    commits: u64,
    total: u64,
}

impl Board {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let sender = watch::Sender::new(Arc::default());
        let (changed, watched) = (Notify::new(), Notify::new());
        Self { clock, runs: Mutex::default(), moment: AtomicU64::new(0), changed, watched, sender }
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Arc<Progress>> {
        let receiver = self.sender.subscribe();
        self.watched.notify_one();
        receiver
    }

    /// The repository list of an account is being read.
    pub(crate) fn listing(&self, account: i64) {
        self.change(&[account], |run| run.listing = true);
    }

    /// The list was read, or could not be.
    pub(crate) fn listed(&self, account: i64, error: Option<&str>) {
        self.change(&[account], |run| {
            run.listing = false;
            run.progress.last_error = error.map(str::to_owned);
        });
    }

    /// A repository is due.
    pub(crate) fn due(&self, accounts: &[i64], repository: i64) {
        let moment = self.moment.fetch_add(1, Ordering::SeqCst) + 1;
        self.change(accounts, |run| run.becomes_due(repository, moment));
    }

    /// So many commits of a repository will be written.
    pub(crate) fn counted(&self, accounts: &[i64], repository: i64, path: &str, commits: u64) {
        self.due(accounts, repository);
        self.change(accounts, |run| {
            if run.counted.insert(repository) {
                run.progress.commits_total += commits;
            }
            // What another node had to leave to this one is not to be written any more, or by this one.
            if let Some(share) = run.elsewhere.get_mut(&repository) {
                share.total = share.commits;
            }
            run.progress.last_repository = Some(path.to_owned());
        });
    }

    /// Commits were written.
    pub(crate) fn written(&self, accounts: &[i64], commits: u64, links: u64) {
        self.change(accounts, |run| {
            run.progress.commits += commits;
            run.progress.commits_total = run.progress.commits_total.max(run.progress.commits);
            run.progress.links += links;
        });
    }

    /// Merge requests were written.
    pub(crate) fn written_merge_requests(&self, accounts: &[i64], merge_requests: u64) {
        self.change(accounts, |run| run.progress.merge_requests += merge_requests);
    }

    /// A repository ended, well or with a failure.
    pub(crate) fn ended(&self, accounts: &[i64], repository: i64, path: &str, error: Option<&str>) {
        self.change(accounts, |run| {
            run.ends(repository);
            run.progress.last_repository = Some(path.to_owned());
            if let Some(error) = error {
                run.progress.last_error = Some(error.to_owned());
            }
        });
    }

    /// A repository is not synced after all: it is gone, or no longer linked.
    pub(crate) fn dropped(&self, repository: i64) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        for run in runs.values_mut() {
            if run.due.remove(&repository).is_some() {
                run.progress.repositories_total -= 1;
            }
        }
        drop(runs);
        self.changed.notify_one();
    }

    /// An account is gone.
    pub(crate) fn forget(&self, account: i64) {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).remove(&account);
        self.changed.notify_one();
    }

    /// Publishes changes until `shutdown`.
    pub(crate) async fn publish(&self, shutdown: CancellationToken) {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = self.changed.notified() => {}
            }
            self.sender.send_replace(Arc::new(self.snapshot()));
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = tokio::time::sleep(BETWEEN_CHANGES) => {}
            }
        }
    }

    fn change(&self, accounts: &[i64], change: impl Fn(&mut Run)) {
        let now = self.clock.now();
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        for account in accounts {
            let run = runs.entry(*account).or_default();
            let was_running = run.is_running();
            let last_error = run.progress.last_error.clone();
            if !was_running {
                change_of_fresh(run, now, &change, last_error);
            } else {
                change(run);
            }
        }
        drop(runs);
        self.changed.notify_one();
    }

    fn snapshot(&self) -> Progress {
        let now = self.clock.now();
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        Progress { accounts: runs.iter_mut().map(|(account, run)| (*account, run.measure(now))).collect() }
    }
}

/// What comes after a run has ended begins a new one, unless it only adds to the numbers of the old.
fn change_of_fresh(run: &mut Run, now: Millis, change: &impl Fn(&mut Run), last_error: Option<String>) {
    let mut fresh = Run { began_at: now, measured_at: now, ..Run::default() };
    fresh.progress.last_error = last_error;
    change(&mut fresh);
    if fresh.is_running() {
        *run = fresh;
    } else {
        change(run);
    }
}

impl Run {
    fn becomes_due(&mut self, repository: i64, moment: u64) {
        if self.due.insert(repository, moment).is_none() {
            self.progress.repositories_total += 1;
        }
    }

    fn ends(&mut self, repository: i64) {
        if self.due.remove(&repository).is_some() {
            self.progress.repositories_done += 1;
        }
    }

    fn is_running(&self) -> bool {
        self.listing || !self.due.is_empty()
    }

    fn measure(&mut self, now: Millis) -> AccountProgress {
        let elapsed = now - self.measured_at;
        let progress = self.on_all_nodes();
        if elapsed >= 200 {
            let newest = progress.commits.saturating_sub(self.measured_commits) as f64 * 1000.0 / elapsed as f64;
            let before = self.progress.rate_per_second;
            self.progress.rate_per_second =
                if before > 0.0 { before.mul_add(1.0 - NEWEST_SHARE, newest * NEWEST_SHARE) } else { newest };
            self.measured_at = now;
            self.measured_commits = progress.commits;
        }
        let rate_per_second = self.progress.rate_per_second;
        let progress = AccountProgress { running: self.is_running(), rate_per_second, ..progress };
        AccountProgress { eta_seconds: self.eta(&progress, now), ..progress }
    }

    /// The numbers of this process and those of others.
    fn on_all_nodes(&self) -> AccountProgress {
        let others = |number: fn(&Share) -> u64| self.elsewhere.values().map(number).sum::<u64>();
        AccountProgress {
            commits: self.progress.commits + others(|share| share.commits),
            commits_total: self.progress.commits_total + others(|share| share.total),
            ..self.progress.clone()
        }
    }

    /// By commits where all of them are counted, else by repositories.
    fn eta(&self, progress: &AccountProgress, now: Millis) -> Option<u64> {
        if !self.is_running() {
            return None;
        }
        let is_counted = |repository| self.counted.contains(repository) || self.elsewhere.contains_key(repository);
        let all_counted = self.due.keys().all(is_counted);
        if all_counted && !self.listing && progress.rate_per_second > 0.0 {
            let left = (progress.commits_total - progress.commits) as f64;
            return Some((left / progress.rate_per_second).ceil() as u64);
        }
        let elapsed = u64::try_from(now - self.began_at).unwrap_or(0);
        let left = progress.repositories_total - progress.repositories_done;
        (progress.repositories_done > 0).then(|| (elapsed * left / progress.repositories_done).div_ceil(1000))
    }
}

#[cfg(test)]
mod tests {
    use model::clock::ManualClock;

    use super::*;

    fn board() -> (Arc<ManualClock>, Board) {
        let clock = Arc::new(ManualClock::new(1_000_000));
        (Arc::clone(&clock), Board::new(clock))
    }

    #[test]
    fn numbers_add_up_over_the_repositories_of_an_account() {
        // given
        let (clock, board) = board();
        board.due(&[1], 10);
        board.due(&[1, 2], 11);

        // when
        board.counted(&[1], 10, "platform/api", 4_000);
        board.counted(&[1, 2], 11, "platform/web", 1_000);
        clock.advance(1_000);
        board.written(&[1], 1_000, 40);

        // then
        let first = board.snapshot().accounts[&1].clone();
        assert!(first.running);
        assert_eq!((first.repositories_done, first.repositories_total), (0, 2));
        assert_eq!((first.commits, first.commits_total, first.links), (1_000, 5_000, 40));
        assert_eq!((first.rate_per_second, first.eta_seconds), (1_000.0, Some(4)));
        assert_eq!(first.last_repository.as_deref(), Some("platform/web"));
        assert_eq!(board.snapshot().accounts[&2].repositories_total, 1);
    }

    #[test]
    fn a_run_ends_with_its_last_repository_and_the_next_counts_from_nought() {
        // given
        let (_, board) = board();
        board.due(&[1], 10);
        board.written(&[1], 5, 5);

        // when
        board.ended(&[1], 10, "platform/api", Some("It failed."));

        // then
        let ended = board.snapshot().accounts[&1].clone();
        assert!(!ended.running);
        assert_eq!((ended.repositories_done, ended.commits, ended.eta_seconds), (1, 5, None));
        assert_eq!(ended.last_error.as_deref(), Some("It failed."));

        // when
        board.due(&[1], 11);

        // then
        let next = board.snapshot().accounts[&1].clone();
        assert_eq!((next.running, next.repositories_done, next.repositories_total, next.commits), (true, 0, 1, 0));
    }

    #[tokio::test]
    async fn watchers_see_the_newest_numbers_and_not_every_one() {
        // given
        let (_, board) = board();
        let board = Arc::new(board);
        let mut watcher = board.watch();
        let shutdown = CancellationToken::new();
        let publisher = tokio::spawn({
            let (board, shutdown) = (Arc::clone(&board), shutdown.clone());
            async move { board.publish(shutdown).await }
        });

        // when
        board.due(&[1], 10);
        for _ in 0..1_000 {
            board.written(&[1], 1, 0);
        }
        let mut changes = 0;
        loop {
            watcher.changed().await.unwrap();
            changes += 1;
            if watcher.borrow_and_update().accounts.get(&1).is_some_and(|progress| progress.commits == 1_000) {
                break;
            }
        }

        // then
        assert!(changes <= 3, "{changes} changes");
        shutdown.cancel();
        publisher.await.unwrap();
    }
}
