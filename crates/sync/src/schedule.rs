//! When accounts are refreshed by themselves.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use model::Millis;
use store::{Account, AccountState, Lane, Viewer};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;
use crate::refresh::RefreshAccount;
use crate::{Engine, Mode, request};

/// How often it is looked at most whether every account waits.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// The version of the grammar whose mentions are in the store.
const RULE_VERSION: &str = "links.rule_version";

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
    Ok(())
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

/// Lets an account wait for its next refresh.
pub(crate) async fn next_refresh(engine: &Engine, account: &Account) -> Result<(), Failure> {
    if account.state != AccountState::Active {
        return Ok(());
    }
    let now = engine.clock().now();
    let due = match account.listed_at {
        Some(listed_at) => listed_at + spread(account.id, listed_at, engine.options().interval),
        None => now,
    };
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    queue::enqueue_at(&mut tx, &RefreshAccount { account_id: account.id, mode: Mode::Soft }, due.max(now), now).await?;
    Ok(tx.commit().await?)
}

/// The interval, up to a tenth longer or shorter, so that accounts added together do not stay together. By account and
/// time alone, so that a restart does not draw again.
fn spread(account_id: i64, listed_at: Millis, interval: Duration) -> Millis {
    let interval = i64::try_from(interval.as_millis()).unwrap_or(Millis::MAX / 4);
    let mut hasher = DefaultHasher::new();
    (account_id, listed_at).hash(&mut hasher);
    let permille = i64::try_from(hasher.finish() % 201).expect("a number below 201") - 100;
    interval.saturating_add(interval / 1_000 * permille)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refreshes_are_spread_by_a_tenth_and_the_same_after_a_restart() {
        let hour = Duration::from_secs(3_600);
        let due: Vec<_> = (0..200).map(|account| spread(account, 1_700_000_000_000, hour)).collect();

        assert!(due.iter().all(|due| (3_240_000..=3_960_000).contains(due)));
        assert!(due.iter().max() > due.iter().min().map(|least| least + 360_000).as_ref());
        assert_eq!(due[7], spread(7, 1_700_000_000_000, hour));
    }
}
