//! When accounts and repositories are refreshed by themselves.
//!
//! Each has a place of its own in the interval, and keeps it: the list of an account is read there, and a repository is
//! asked for its branches there. So the requests of an interval are spread over all of it, however many repositories came
//! together, and one that was late does not draw the others along.

use std::time::Duration;

use model::Millis;
use store::{Account, AccountState, Lane, Repository, Viewer, WriteTx};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;
use crate::refresh::RefreshAccount;
use crate::repository::SyncRepository;
use crate::{Engine, Mode, SyncError, cache_room, deliver, facade, hook, request, site, smart_commits, spread};

/// How often it is looked at most whether every account waits.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// The version of the grammar whose mentions are in the store.
const RULE_VERSION: &str = "links.rule_version";
/// Which part of the interval a run may be away from its place: a twentieth, so that a host that others ask by the clock,
/// too, is not met by the same ones each time.
const JITTER: Millis = 20;

/// Has everything read again when the rules for issue keys have changed since the last start, and sees to it that every
/// account waits for its next refresh, now and whatever happens to its jobs.
pub(crate) async fn keep(engine: Engine, shutdown: CancellationToken) {
    let kept = async {
        if let Err(error) = read_again_by_new_rules(&engine).await {
            tracing::error!(%error, "whether the rules for issue keys have changed could not be found out");
        }
        loop {
            if let Err(error) = plan(&engine).await {
                tracing::error!(%error, "the next refreshes could not be planned");
            }
            tokio::time::sleep((engine.options().interval / 4).max(LOOK_AGAIN)).await;
        }
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = kept => {}
    }
}

async fn plan(engine: &Engine) -> Result<(), Failure> {
    for account in &engine.store().accounts(Viewer::Everything).await? {
        next_refresh(engine, account).await?;
    }
    cache_room::tend(engine).await;
    facade::tend(engine).await?;
    site::tend(engine).await?;
    smart_commits::tend(engine).await?;
    deliver::tend(engine).await?;
    Ok(hook::tend(engine).await?)
}

async fn read_again_by_new_rules(engine: &Engine) -> Result<(), Failure> {
    let store = engine.store();
    let version = engine.rule_version().to_string();
    let stored = store.setting(RULE_VERSION).await?;
    if stored.as_ref().is_some_and(|stored| *stored != version) {
        for account in &store.accounts(Viewer::Everything).await? {
            request::refresh(engine, account.id, Mode::Full).await?;
        }
    }
    if stored.as_ref() != Some(&version) {
        store.setting_put(RULE_VERSION, &version).await?;
    }
    Ok(())
}

/// Lets an account wait for its next refresh. Whoever calls it, on whichever node, means the same job.
pub(crate) async fn next_refresh(engine: &Engine, account: &Account) -> Result<(), Failure> {
    if account.state != AccountState::Active {
        return Ok(());
    }
    let now = engine.clock().now();
    let due = account.listed_at.map_or(now, |listed_at| next(account.id, listed_at, engine.options().interval));
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    let job = RefreshAccount { account_id: account.id, mode: Mode::Branches };
    queue::enqueue_at(&mut tx, &job, due.max(now), now).await?;
    Ok(tx.commit().await?)
}

/// Lets a repository wait for its next run by the schedule, as part of a transaction.
pub(crate) async fn next_sync(engine: &Engine, tx: &mut WriteTx, repository: &Repository) -> store::Result<()> {
    let now = engine.clock().now();
    let (job, due) = next_sync_of(engine, repository, now);
    queue::enqueue_at(tx, &job, due, now).await?;
    Ok(())
}

/// The next run of a repository by the schedule, and when it is due.
pub(crate) fn next_sync_of(engine: &Engine, repository: &Repository, now: Millis) -> (SyncRepository, Millis) {
    (SyncRepository::by_schedule(repository), next(repository.id, now, engine.options().interval))
}

/// When an account's list is read next; none: nothing is planned, because it is paused or not authorised.
///
/// # Errors
/// When the store does not answer.
pub async fn next_refresh_at(engine: &Engine, account_id: i64) -> Result<Option<Millis>, SyncError> {
    let mut earliest = None;
    for mode in [Mode::Branches, Mode::Soft, Mode::Full] {
        let key = queue::Job::dedup_key(&RefreshAccount { account_id, mode });
        let due = engine.store().job_due_at(<RefreshAccount as queue::Job>::KIND, &key).await?;
        earliest = [earliest, due].into_iter().flatten().min();
    }
    Ok(earliest)
}

/// The first run after `after` of what has this running number: its place in the interval, up to a twentieth of the
/// interval later, another bit each time.
fn next(number: i64, after: Millis, interval: Duration) -> Millis {
    let interval = Millis::try_from(interval.as_millis()).unwrap_or(Millis::MAX / 4).max(1);
    let place = spread::evenly(number, interval);
    let run = |round: Millis| round * interval + place + spread::of((number, round), interval / JITTER);
    let round = (after - place).div_euclid(interval) - 1;
    (round..).map(run).find(|run| *run > after).expect("the rounds go on")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);
    const NOW: Millis = 1_760_000_000_000;

    #[test]
    fn a_thousand_repositories_are_never_due_together() {
        // when
        let mut due: Vec<Millis> = (1..=1_000).map(|number| next(number, NOW, HOUR) - NOW).collect();
        due.sort_unstable();

        // then: all within the interval, and in no minute more than twice their share
        assert!(due[0] > 0 && due[999] <= 3_600_000 + 180_000);
        let fullest = (0..63).map(|minute| due.iter().filter(|due| **due / 60_000 == minute).count()).max().unwrap();
        assert!(fullest <= 34, "{fullest} in one minute");
    }

    #[test]
    fn each_runs_once_in_an_interval_at_its_own_place() {
        for number in [1, 7, 1_000_003] {
            // when
            let runs: Vec<Millis> =
                std::iter::successors(Some(next(number, NOW, HOUR)), |run| Some(next(number, *run, HOUR)))
                    .take(50)
                    .collect();

            // then
            let between: Vec<Millis> = runs.windows(2).map(|pair| pair[1] - pair[0]).collect();
            assert!(between.iter().all(|between| (3_420_000..=3_780_000).contains(between)), "{between:?}");
            assert!(between.iter().any(|gap| *gap != between[0]), "a bit earlier or later each time");
            let drift = runs[49] - runs[0] - 49 * 3_600_000;
            assert!(drift.abs() <= 180_000, "{drift} ms away from its place");
        }
    }

    #[test]
    fn a_restart_draws_nothing_again() {
        let due = next(7, NOW, HOUR);
        assert_eq!(next(7, due - 1, HOUR), due);
        assert!(next(7, due, HOUR) > due);
    }
}
