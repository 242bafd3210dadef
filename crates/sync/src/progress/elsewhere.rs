//! What the jobs of other nodes do: read from the store by one task of a process, once a second at most, and only while
//! somebody watches.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use store::OpenSync;
use tokio_util::sync::CancellationToken;

use super::{Board, Run, Share};
use crate::Engine;
use crate::repository::SyncRepository;

/// From one look into the store to the next.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// Follows the jobs of other nodes until `shutdown`, where the store is shared.
pub(crate) async fn follow(engine: Engine, shutdown: CancellationToken) {
    if !engine.store().is_shared() {
        return;
    }
    let followed = async {
        loop {
            engine.board().somebody_watches().await;
            if let Err(error) = look(&engine).await {
                tracing::warn!(%error, "how far other nodes are could not be read");
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = followed => {}
    }
}

async fn look(engine: &Engine) -> store::Result<()> {
    let board = engine.board();
    let before = board.moment.load(Ordering::SeqCst);
    let kind = <SyncRepository as queue::Job>::KIND;
    let open = engine.store().open_syncs(kind, SyncRepository::RESOURCE, engine.clock().now()).await?;
    board.seen_in_store(before, &open);
    Ok(())
}

impl Board {
    /// Ends at once when somebody watches, else when somebody begins to.
    async fn somebody_watches(&self) {
        if self.sender.receiver_count() == 0 {
            self.watched.notified().await;
        }
    }

    /// Takes over what the store told, asked at moment `before`: what is open there is due, and what became due before
    /// and is no longer open has ended on another node.
    fn seen_in_store(&self, before: u64, open: &[OpenSync]) {
        let mut by_account: HashMap<i64, Vec<&OpenSync>> = HashMap::new();
        for sync in open {
            by_account.entry(sync.account_id).or_default().push(sync);
        }
        let known: Vec<i64> = {
            let runs = self.runs.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            runs.iter().filter(|(_, run)| !run.due.is_empty()).map(|(account, _)| *account).collect()
        };
        for account in known {
            by_account.entry(account).or_default();
        }
        for (account, open) in by_account {
            self.change(&[account], |run| run.seen_in_store(before, &open));
        }
    }
}

impl Run {
    fn seen_in_store(&mut self, before: u64, open: &[&OpenSync]) {
        let is_open = |repository: &i64| open.iter().any(|sync| sync.repository_id == *repository);
        let ended: Vec<i64> =
            self.due.iter().filter(|(id, since)| **since <= before && !is_open(id)).map(|(id, _)| *id).collect();
        for repository in ended {
            self.ends(repository);
            if let Some(share) = self.elsewhere.get_mut(&repository) {
                share.commits = share.total;
            }
        }
        for sync in open {
            if !self.due.contains_key(&sync.repository_id) {
                self.becomes_due(sync.repository_id, before);
            }
            if sync.running && !self.counted.contains(&sync.repository_id) {
                self.goes_on_elsewhere(sync);
            }
        }
    }

    fn goes_on_elsewhere(&mut self, sync: &OpenSync) {
        let number = |number: i64| u64::try_from(number).unwrap_or(0);
        let commits = number(sync.commits_done);
        let share = Share { commits, total: number(sync.commits_total).max(commits) };
        if self.elsewhere.insert(sync.repository_id, share) != Some(share) {
            self.progress.last_repository = Some(sync.path.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::FutureExt;
    use model::clock::ManualClock;

    use super::*;

    fn sync(repository_id: i64, running: bool, done: i64, total: i64) -> OpenSync {
        let path = format!("platform/{repository_id}");
        OpenSync { account_id: 1, repository_id, path, running, commits_done: done, commits_total: total }
    }

    fn board() -> Board {
        Board::new(Arc::new(ManualClock::new(1_000_000)))
    }

    #[test]
    fn the_work_of_other_nodes_is_told_like_ones_own() {
        // given
        let board = board();

        // when: another node works on one of two
        board.seen_in_store(0, &[sync(10, true, 300, 1_000), sync(11, false, 0, 0)]);

        // then
        let seen = board.snapshot().accounts[&1].clone();
        assert!(seen.running);
        assert_eq!((seen.repositories_done, seen.repositories_total), (0, 2));
        assert_eq!((seen.commits, seen.commits_total), (300, 1_000));
        assert_eq!(seen.last_repository.as_deref(), Some("platform/10"));

        // when: it has ended both
        board.seen_in_store(0, &[]);

        // then
        let seen = board.snapshot().accounts[&1].clone();
        assert!(!seen.running);
        assert_eq!((seen.repositories_done, seen.commits, seen.commits_total), (2, 1_000, 1_000));
    }

    #[test]
    fn what_became_due_after_the_look_has_not_ended() {
        // given
        let board = board();
        board.due(&[1], 10);
        let before = board.moment.load(Ordering::SeqCst);
        board.due(&[1], 11);

        // when
        board.seen_in_store(before, &[]);

        // then
        let seen = board.snapshot().accounts[&1].clone();
        assert_eq!((seen.running, seen.repositories_done, seen.repositories_total), (true, 1, 2));
    }

    #[test]
    fn a_repository_that_another_node_left_to_this_one_is_counted_once() {
        // given
        let board = board();
        board.seen_in_store(0, &[sync(10, true, 300, 1_000)]);

        // when
        board.counted(&[1], 10, "platform/10", 700);
        board.written(&[1], 700, 0);
        board.seen_in_store(1, &[sync(10, true, 700, 700)]);

        // then
        let seen = board.snapshot().accounts[&1].clone();
        assert_eq!((seen.commits, seen.commits_total), (1_000, 1_000));
    }

    #[test]
    fn the_store_is_asked_only_while_somebody_watches() {
        // given
        let board = board();
        assert_eq!(board.somebody_watches().now_or_never(), None);

        // when
        let watcher = board.watch();

        // then
        assert_eq!(board.somebody_watches().now_or_never(), Some(()));

        // when: who came and went has been told once
        drop(watcher);
        assert_eq!(board.somebody_watches().now_or_never(), Some(()));

        // then
        assert_eq!(board.somebody_watches().now_or_never(), None);
    }
}
