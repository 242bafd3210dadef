//! Whether events come: how the hooks of a connected account stand, and a test event that goes all the way round.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use model::Millis;
use net::check::Stage;
use store::{Account, HookState, Repository, Viewer};

use super::HOOKS;
use crate::sentences::check as says;
use crate::{Engine, SyncError, hook};

/// How long a test event may take to come.
const WAIT: Duration = Duration::from_secs(15);
/// How often the inbox is looked into.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// Among how many of the newest events the test event is looked for.
const NEWEST: i64 = 50;
/// How many hooks that could not be made are named.
const NAMED: usize = 10;

/// Looks at the hooks of an account, and lets the forge call one.
pub(super) async fn look(engine: &Engine, account: &Account) -> (Stage, Option<()>) {
    let stage = match examine(engine, account).await {
        Ok(stage) => stage,
        Err(error) => says::not_let_in(HOOKS, &error.into()),
    };
    (stage, Some(()))
}

async fn examine(engine: &Engine, account: &Account) -> store::Result<Stage> {
    if !::forge::capabilities(account.host_kind, &account.host_url).hooks {
        return Ok(says::none_here());
    }
    let Some(address) = engine.options().public_url.as_ref() else { return Ok(says::no_address()) };
    let linked = engine.store().linked_repositories(account.id).await?;
    let Some(first) = linked.first() else { return Ok(Stage::skipped(HOOKS, says::NOTHING_LINKED)) };
    let all = engine.store().hooks_of_account(account.id).await?;
    let count = |state| all.iter().filter(|hook| hook.state == state).count();
    let hooks = says::Hooks {
        registered: count(HookState::Registered),
        manual: count(HookState::Manual),
        waiting: count(HookState::Waiting),
        last_event_at: all.iter().filter_map(|hook| hook.last_event_at).max(),
    };
    let manual = all.iter().filter(|hook| hook.state == HookState::Manual).filter_map(|hook| {
        let place = linked.iter().find(|one| Some(one.id) == hook.repository_id).map_or(&account.path, |one| &one.path);
        hook.error.as_ref().map(|error| format!("{place}: {error}"))
    });
    let manual: Vec<String> = manual.take(NAMED).collect();
    let covered = |one: &&Repository| {
        all.iter().any(|hook| {
            hook.state == HookState::Registered
                && (hook.account_id == Some(account.id) || hook.repository_id == Some(one.id))
        })
    };
    // The one that was active last surely has a push that the test can be made of.
    let tried = linked.iter().filter(covered).max_by_key(|one| one.last_activity_at);
    let stage = match tried {
        Some(repository) => round_trip(engine, account, repository, address.as_str(), hooks).await?,
        None if hook::is_covered(engine, first.id).await? => Stage::skipped(HOOKS, says::OF_ANOTHER),
        None => says::none_registered(hooks),
    };
    Ok(stage.with_details(manual))
}

/// Lets the forge call us, and waits for what comes.
async fn round_trip(
    engine: &Engine,
    account: &Account,
    repository: &Repository,
    address: &str,
    hooks: says::Hooks,
) -> store::Result<Stage> {
    let before = heard(engine, account).await?;
    let begun = Instant::now();
    match hook::test(engine, repository.id).await {
        Ok(()) => {}
        Err(SyncError::Store(error)) => return Err(error),
        Err(SyncError::Told { sentence }) => return Ok(says::not_called(hooks, address, &sentence)),
        Err(error) => return Ok(says::not_called(hooks, address, &format!("{error}."))),
    }
    loop {
        if heard(engine, account).await?.is_more_than(&before) {
            return Ok(says::came(hooks, begun.elapsed()));
        }
        if begun.elapsed() >= WAIT {
            return Ok(says::nothing_came(hooks, address, WAIT));
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// What the hooks of an account have told so far.
struct Heard {
    /// The newest events.
    events: HashSet<i64>,
    /// When each hook was called last. Two test events of a forge that numbers none are the same to the inbox, which keeps
    /// the first alone; that the second came shows here.
    called: HashMap<String, Option<Millis>>,
}

impl Heard {
    fn is_more_than(&self, before: &Self) -> bool {
        let called = |hook: &String, at: &Option<Millis>| before.called.get(hook) != Some(at);
        !self.events.is_subset(&before.events) || self.called.iter().any(|(hook, at)| at.is_some() && called(hook, at))
    }
}

async fn heard(engine: &Engine, account: &Account) -> store::Result<Heard> {
    let newest = engine.store().inbox_of_account(Viewer::Everything, account.id, NEWEST).await?;
    let hooks = engine.store().hooks_of_account(account.id).await?;
    Ok(Heard {
        events: newest.into_iter().map(|event| event.id).collect(),
        called: hooks.into_iter().map(|hook| (hook.id, hook.last_event_at)).collect(),
    })
}
