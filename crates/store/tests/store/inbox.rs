use model::Millis;
use rstest::rstest;
use serde_json::json;
use store::testing::Engine;
use store::{HookOf, InboxEvent, InboxState, NewInboxEvent, Role, StoreError, Viewer};

use crate::hooks::ensure;
use crate::world::{NOW, World};

fn event(hook_id: &str, delivery_key: &str) -> NewInboxEvent {
    NewInboxEvent {
        hook_id: hook_id.to_owned(),
        event: "Push Hook".to_owned(),
        delivery_key: delivery_key.to_owned(),
        headers: json!({"x-gitlab-event": "Push Hook"}),
        body: format!("{{\"key\":\"{delivery_key}\"}}"),
    }
}

async fn put(world: &World, event: &NewInboxEvent, now: Millis) -> Option<i64> {
    let mut tx = world.write().await;
    let id = tx.inbox_put(event, now).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn worked(world: &World, id: i64, state: InboxState) {
    let mut tx = world.write().await;
    tx.inbox_worked(id, state, "A sync was asked for.", NOW + 50).await.unwrap();
    tx.commit().await.unwrap();
}

fn ids(events: Vec<InboxEvent>) -> Vec<i64> {
    events.into_iter().map(|event| event.id).collect()
}

#[rstest]
#[tokio::test]
async fn an_event_waits_until_it_is_worked_off_and_may_be_played_again(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    ensure(&world, HookOf::Account(account), "hook").await;
    assert!(world.inbox_is_empty().await.unwrap());
    // when two come, the later one first
    let second = put(&world, &event("hook", "2"), NOW + 2).await.unwrap();
    let first = put(&world, &event("hook", "1"), NOW + 1).await.unwrap();
    // then they are worked off in the order in which they came
    assert_eq!(ids(world.inbox_waiting(10).await.unwrap()), [first, second]);
    assert_eq!(ids(world.inbox_waiting(1).await.unwrap()), [first]);
    assert!(!world.inbox_is_empty().await.unwrap());
    let kept = world.inbox_event(first).await.unwrap().unwrap();
    assert_eq!((kept.hook_id.as_str(), kept.event.as_str(), kept.received_at), ("hook", "Push Hook", NOW + 1));
    assert_eq!((kept.headers, kept.body.as_str()), (json!({"x-gitlab-event": "Push Hook"}), "{\"key\":\"1\"}"));
    assert_eq!((kept.host_id, kept.account_id, kept.repository_id), (world.host, Some(account), None));
    assert_eq!((kept.state, kept.outcome, kept.worked_at), (InboxState::Waiting, None, None));
    // when they are worked off
    worked(&world, first, InboxState::Done).await;
    worked(&world, second, InboxState::Failed).await;
    assert!(world.inbox_is_empty().await.unwrap());
    let done = world.inbox_event(first).await.unwrap().unwrap();
    assert_eq!((done.state, done.worked_at), (InboxState::Done, Some(NOW + 50)));
    assert_eq!(done.outcome.as_deref(), Some("A sync was asked for."));
    // when one is played again, then it waits as it came
    let mut tx = world.write().await;
    tx.inbox_again(first).await.unwrap();
    tx.commit().await.unwrap();
    let again = world.inbox_waiting(10).await.unwrap();
    assert_eq!((again.len(), again[0].id, again[0].received_at), (1, first, NOW + 1));
    assert_eq!((&again[0].outcome, again[0].worked_at), (&None, None));
    assert!(world.inbox_event(-1).await.unwrap().is_none());
}

#[rstest]
#[tokio::test]
async fn an_event_that_is_delivered_twice_is_kept_once(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    ensure(&world, HookOf::Account(account), "group").await;
    ensure(&world, HookOf::Repository(one), "one").await;
    assert!(put(&world, &event("group", "same"), NOW).await.is_some());
    let heard = world.hook("group").await.unwrap().unwrap();
    assert_eq!((heard.last_event_at, heard.last_event.as_deref()), (Some(NOW), Some("Push Hook")));
    // when the same comes again, then it is known, and that it came is noted; told by another hook it is another one
    assert_eq!(put(&world, &event("group", "same"), NOW + 1).await, None);
    assert!(put(&world, &event("one", "same"), NOW + 1).await.is_some());
    assert_eq!(world.hook("group").await.unwrap().unwrap().last_event_at, Some(NOW + 1));
    assert_eq!(world.inbox_waiting(10).await.unwrap().len(), 2);
    // when the hook is removed, then its events go with it, and later ones find no place
    let mut tx = world.write().await;
    tx.hook_removed("group").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.inbox_waiting(10).await.unwrap().len(), 1);
    let mut tx = world.write().await;
    let refused = tx.inbox_put(&event("group", "late"), NOW).await;
    assert!(matches!(refused, Err(StoreError::Missing { what: "hook" })), "{refused:?}");
}

#[rstest]
#[tokio::test]
async fn old_events_are_forgotten_but_none_that_waits(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    ensure(&world, HookOf::Account(account), "hook").await;
    let old = put(&world, &event("hook", "old"), NOW).await.unwrap();
    let stuck = put(&world, &event("hook", "stuck"), NOW).await.unwrap();
    let young = put(&world, &event("hook", "young"), NOW + 10).await.unwrap();
    worked(&world, old, InboxState::Ignored).await;
    worked(&world, young, InboxState::Done).await;
    // when
    let mut tx = world.write().await;
    let forgotten = tx.inbox_prune(NOW + 10).await.unwrap();
    tx.commit().await.unwrap();
    // then
    assert_eq!(forgotten, 1);
    assert!(world.inbox_event(old).await.unwrap().is_none());
    assert_eq!(ids(world.inbox_of_account(Viewer::Everything, account, 10).await.unwrap()), [young, stuck]);
}

#[rstest]
#[tokio::test]
async fn events_are_listed_for_those_who_may_see_the_account(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let (account, other) = (world.connect("team").await, world.connect("other").await);
    let [one, two] = world.repositories(account, ["1", "2"]).await;
    let [three] = world.repositories(other, ["3"]).await;
    world.repository_set_linked(account, two, false).await.unwrap();
    let hooks = [
        (HookOf::Account(account), "team"),
        (HookOf::Repository(one), "one"),
        (HookOf::Repository(two), "two"),
        (HookOf::Repository(three), "three"),
    ];
    let mut events = Vec::new();
    for (later, (of, id)) in hooks.into_iter().enumerate() {
        ensure(&world, of, id).await;
        let long = NewInboxEvent { body: "ä".repeat(2_001), ..event(id, "1") };
        events.push(put(&world, &long, NOW + later as i64).await.unwrap());
    }
    let insider = world.user_insert("in", "In", Role::Reader, None, NOW).await.unwrap();
    let outsider = world.user_insert("out", "Out", Role::Reader, None, NOW).await.unwrap();
    world.account_restrict(account, true, &[insider]).await.unwrap();
    // when
    let seen = async |viewer, limit| ids(world.inbox_of_account(viewer, account, limit).await.unwrap());
    // then: the group's and those of what it links, newest first
    assert_eq!(seen(Viewer::Everything, 10).await, [events[1], events[0]]);
    assert_eq!(seen(Viewer::User(insider), 1).await, [events[1]]);
    assert_eq!(seen(Viewer::User(outsider), 10).await, [0_i64; 0]);
    // and of a long body only the beginning, while the whole is kept
    let listed = world.inbox_of_account(Viewer::Everything, account, 1).await.unwrap().remove(0);
    let whole = world.inbox_event(listed.id).await.unwrap().unwrap();
    assert_eq!((listed.body.chars().count(), whole.body.chars().count()), (2_000, 2_001));
    assert_eq!((listed.repository_id, listed.account_id), (Some(one), None));
}
