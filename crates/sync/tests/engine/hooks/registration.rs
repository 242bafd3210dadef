//! Hooks at the forge.

use std::time::Duration;

use http::StatusCode;
use model::secret::ExposeSecret;
use rstest::rstest;
use sandbox::gitlab::model::{AccessLevel, AlertStatus, HookChange, HookEvent, Visibility};
use sandbox::gitlab::switches::{Failure, How};
use store::{HookOf, HookState};
use sync::SyncError;

use super::town::Town;
use crate::world::{Database, GROUP, World};

const DAY: Duration = Duration::from_secs(25 * 3_600);

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_group_owner_gets_one_hook_for_the_whole_group(#[case] database: Database) {
    // given
    let Some(town) = Town::new(database).await else { return };
    let (api, web) = (town.project("api").await, town.project("web").await);
    town.push(api, &[("main", "PLAT-1 Begin")]).await;

    // when
    let account = town.import(GROUP).await;

    // then
    let hooks = town.group_hooks();
    assert_eq!(hooks.len(), 1);
    let hook = town.hook(HookOf::Account(account)).await;
    assert_eq!((hook.state, hook.url.as_deref()), (HookState::Registered, Some(hooks[0].url.as_str())));
    assert!(hooks[0].url.ends_with(&format!("/hooks/gitlab/{}", hook.id)), "{}", hooks[0].url);
    let mut heard: Vec<_> = hooks[0].events.iter().copied().collect();
    heard.sort();
    assert_eq!(heard, [HookEvent::Push, HookEvent::MergeRequests, HookEvent::Notes]);
    assert!(town.project_hooks(api).is_empty() && town.project_hooks(web).is_empty());
    town.assert_up_to_date(account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maintainer_gets_a_hook_in_each_linked_project() {
    // given
    let Some(town) = Town::new(Database::Sqlite).await else { return };
    let (api, web) = (town.project("api").await, town.project("web").await);
    let mia = town.member("mia", AccessLevel::Maintainer);

    // when
    let account = town.import_as(mia, GROUP).await;

    // then
    assert!(town.group_hooks().is_empty());
    assert_eq!((town.project_hooks(api).len(), town.project_hooks(web).len()), (1, 1));
    assert!(town.store.hook_of(HookOf::Account(account)).await.unwrap().is_none());
    let id = town.repository(account, "api").await.id;
    assert_eq!(town.hook(HookOf::Repository(id)).await.state, HookState::Registered);

    // when: nothing changed, it asks for nothing
    town.server.requests().clear();
    town.refresh(account).await;

    // then
    assert_eq!(town.asked_about_hooks(), 0);

    // when: there is another project
    let more = town.project("more").await;
    town.refresh(account).await;

    // then
    assert_eq!((town.project_hooks(more).len(), town.project_hooks(api).len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_cannot_be_made_is_a_warning_and_works_when_it_is_pasted() {
    // given
    let Some(town) = Town::new(Database::Sqlite).await else { return };
    let api = town.project("api").await;
    town.push(api, &[("main", "PLAT-1 Begin")]).await;
    let dan = town.member("dan", AccessLevel::Developer);

    // when
    let account = town.import_as(dan, GROUP).await;

    // then: nothing failed
    town.assert_up_to_date(account).await;
    assert_eq!(town.store.account(account).await.unwrap().unwrap().error, None);

    // then: but it says what is to be done
    let id = town.repository(account, "api").await.id;
    let hook = town.hook(HookOf::Repository(id)).await;
    let url = sync::hook::address(&town.engine, &hook).unwrap();
    let told = hook.error.clone().unwrap();
    assert_eq!((hook.state, hook.error_kind.as_deref()), (HookState::Manual, Some("permission")));
    assert!(told.contains(url.as_str()) && told.contains("Maintainer"), "{told}");
    assert!(!told.contains(hook.secret.expose_secret()));

    // when: an owner pastes it
    let events = vec![(HookEvent::Push, true)];
    let token = Some(hook.secret.expose_secret().to_owned());
    let pasted = HookChange { url: Some(url.to_string()), token, events, ..HookChange::default() };
    town.model().create_hook(api, pasted).unwrap();
    town.push(api, &[("main", "PLAT-2 Later")]).await;
    town.settle().await;

    // then
    assert_eq!(town.reachable("PLAT-2").await.len(), 1);

    // when: dan becomes a maintainer
    town.model().add_member(town.group, dan, AccessLevel::Maintainer);
    town.wait(DAY).await;

    // then: the pasted one is taken for ours
    assert_eq!(town.hook(HookOf::Repository(id)).await.state, HookState::Registered);
    assert_eq!(town.project_hooks(api).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_change_at_the_forge_is_repaired_within_a_day() {
    // given
    let Some(town) = Town::new(Database::Sqlite).await else { return };
    let (api, web) = (town.project("api").await, town.project("web").await);
    let mia = town.member("mia", AccessLevel::Maintainer);
    let account = town.import_as(mia, GROUP).await;

    // when
    let (changed, deleted) = (town.project_hooks(api)[0].clone(), town.project_hooks(web)[0].clone());
    let nothing = vec![(HookEvent::Push, false), (HookEvent::MergeRequests, false)];
    town.model().update_hook(changed.id, HookChange { events: nothing, ..HookChange::default() }).unwrap();
    town.model().delete_hook(deleted.id);
    town.wait(DAY).await;

    // then
    assert_eq!(town.project_hooks(api)[0].events, changed.events);
    assert_eq!(town.project_hooks(web)[0].url, deleted.url);

    // then: both work
    town.push(api, &[("main", "PLAT-1 Begin")]).await;
    town.push(web, &[("main", "PLAT-2 Begin")]).await;
    town.settle().await;
    assert_eq!((town.reachable("PLAT-1").await.len(), town.reachable("PLAT-2").await.len()), (1, 1));
    town.assert_up_to_date(account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_was_changed_at_the_forge_is_set_again() {
    // given
    let Some(town) = Town::new(Database::Sqlite).await else { return };
    let api = town.project("api").await;
    town.import(GROUP).await;
    let token = Some("another".to_owned());
    town.model().update_hook(town.group_hooks()[0].id, HookChange { token, ..HookChange::default() }).unwrap();
    town.wait(Duration::from_secs(3_600)).await;

    // when: its next event is refused
    town.push(api, &[("main", "PLAT-1 Begin")]).await;
    town.settle().await;

    // then: the one after it is not
    assert_eq!(town.group_hooks().len(), 1);
    town.push(api, &[("main", "PLAT-2 Later")]).await;
    town.settle().await;
    assert_eq!((town.reachable("PLAT-1").await.len(), town.reachable("PLAT-2").await.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_follow_the_public_address() {
    // given
    let Some(mut town) = Town::new(Database::Sqlite).await else { return };
    let api = town.project("api").await;
    let account = town.import(GROUP).await;
    let below = format!("{}below", town.engine.options().public_url.as_ref().unwrap());

    // when
    town.move_to(&below).await;
    town.refresh(account).await;

    // then
    let hooks = town.group_hooks();
    assert_eq!(hooks.len(), 1);
    assert!(hooks[0].url.starts_with(&format!("{below}/hooks/gitlab/")), "{}", hooks[0].url);
    town.push(api, &[("main", "PLAT-1 Begin")]).await;
    town.settle().await;
    assert_eq!(town.reachable("PLAT-1").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unlinked_repository_loses_its_hook_and_a_linked_one_gets_one() {
    // given
    let Some(town) = Town::new(Database::Sqlite).await else { return };
    let (api, web) = (town.project("api").await, town.project("web").await);
    let mia = town.member("mia", AccessLevel::Maintainer);
    let account = town.import_as(mia, GROUP).await;
    let id = town.repository(account, "api").await.id;

    // when
    sync::request::set_linked(&town.engine, account, id, false).await.unwrap();
    town.idle().await;

    // then
    assert_eq!((town.project_hooks(api).len(), town.project_hooks(web).len()), (0, 1));
    assert!(town.store.hook_of(HookOf::Repository(id)).await.unwrap().is_none());

    // when
    sync::request::set_linked(&town.engine, account, id, true).await.unwrap();
    town.idle().await;

    // then
    assert_eq!(town.project_hooks(api).len(), 1);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_removed_account_takes_its_hooks_back(#[case] database: Database) {
    // given: one with a group hook, one with hooks of projects
    let Some(town) = Town::new(database).await else { return };
    let api = town.project("api").await;
    let account = town.import(GROUP).await;
    assert_eq!(town.group_hooks().len(), 1);

    // when
    sync::request::remove_account(&town.engine, account).await.unwrap();
    town.idle().await;

    // then
    assert!(town.group_hooks().is_empty());

    // when
    let mia = town.member("mia", AccessLevel::Maintainer);
    let account = town.import_as(mia, GROUP).await;
    assert_eq!(town.project_hooks(api).len(), 1);
    sync::request::remove_account(&town.engine, account).await.unwrap();
    town.idle().await;

    // then
    assert!(town.project_hooks(api).is_empty());
    assert!(town.store.account(account).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forge_that_keeps_a_hook_does_not_keep_the_account() {
    // given
    let Some(town) = Town::new(Database::Sqlite).await else { return };
    town.project("api").await;
    let account = town.import(GROUP).await;
    town.server.switches().fail(Failure::every("DELETE *", How::Status(StatusCode::BAD_GATEWAY)));

    // when
    sync::request::remove_account(&town.engine, account).await.unwrap();
    town.idle().await;

    // then
    assert!(town.store.account(account).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_of_two_accounts_has_one_hook_and_keeps_it_with_the_last() {
    // given: a subgroup that is an account of its own, too; both by an owner
    let Some(town) = Town::new(Database::Sqlite).await else { return };
    let shop = town.model().create_group("shop", "Shop", Some(town.group), Visibility::Private, town.jira).unwrap();
    let cart =
        town.model().create_project("platform/shop", "cart", "cart", Visibility::Private, town.jira).await.unwrap();
    let outer = town.import(GROUP).await;
    let inner = town.import("platform/shop").await;

    // then
    let count = || (town.group_hooks().len(), town.model().hooks_at(shop).len(), town.project_hooks(cart).len());
    assert_eq!(count(), (1, 0, 0));

    // when: one push
    town.push(cart, &[("main", "PLAT-1 Begin")]).await;
    town.settle().await;

    // then: one event, and each account shows it
    assert_eq!(town.events(outer).await.len(), 1);
    assert_eq!(town.reachable("PLAT-1").await.len(), 1);
    town.assert_up_to_date(inner).await;

    // when
    sync::request::remove_account(&town.engine, outer).await.unwrap();
    town.idle().await;

    // then
    assert_eq!(count(), (0, 1, 0));
    town.push(cart, &[("main", "PLAT-2 Later")]).await;
    town.settle().await;
    assert_eq!(town.reachable("PLAT-2").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_maintainers_of_a_project_share_its_hook() {
    // given
    let Some(town) = Town::new(Database::Sqlite).await else { return };
    town.model().create_group("shop", "Shop", Some(town.group), Visibility::Private, town.jira).unwrap();
    let cart =
        town.model().create_project("platform/shop", "cart", "cart", Visibility::Private, town.jira).await.unwrap();
    let mia = town.member("mia", AccessLevel::Maintainer);
    let outer = town.import_as(mia, GROUP).await;
    let inner = town.import_as(mia, "platform/shop").await;
    assert_eq!(town.project_hooks(cart).len(), 1);

    // when: one goes
    sync::request::remove_account(&town.engine, outer).await.unwrap();
    town.idle().await;

    // then
    assert_eq!(town.project_hooks(cart).len(), 1);

    // when: the last goes
    sync::request::remove_account(&town.engine, inner).await.unwrap();
    town.idle().await;

    // then
    assert!(town.project_hooks(cart).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_becomes_an_owner_trades_the_hooks_of_projects_for_one_of_the_group() {
    // given
    let Some(town) = Town::new(Database::Sqlite).await else { return };
    let api = town.project("api").await;
    let mia = town.member("mia", AccessLevel::Maintainer);
    let account = town.import_as(mia, GROUP).await;

    // when
    town.model().add_member(town.group, mia, AccessLevel::Owner);
    town.wait(DAY).await;

    // then
    assert_eq!((town.group_hooks().len(), town.project_hooks(api).len()), (1, 0));

    // when: and back
    town.model().add_member(town.group, mia, AccessLevel::Maintainer);
    town.wait(DAY).await;

    // then: the group's own hook is out of reach now, but no repository is left without one
    assert_eq!(town.project_hooks(api).len(), 1);
    town.push(api, &[("main", "PLAT-1 Begin")]).await;
    town.settle().await;
    assert_eq!(town.reachable("PLAT-1").await.len(), 1);
    town.assert_up_to_date(account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forge_that_is_down_for_a_moment_gets_its_hooks_later() {
    // given
    let Some(town) = Town::new(Database::Sqlite).await else { return };
    town.project("api").await;
    let failure = Failure::nth("/api/v4/groups/*/hooks", 1, How::Status(StatusCode::BAD_GATEWAY));
    town.server.switches().fail(failure);
    let account = town.import(GROUP).await;
    town.assert_up_to_date(account).await;

    // when
    town.wait(Duration::from_secs(60)).await;

    // then
    assert_eq!(town.group_hooks().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_public_address_there_are_no_hooks() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project = world.project("api").await;

    // when
    let account = world.import(GROUP).await;

    // then
    assert!(world.model().hooks_for(project).is_empty());
    assert!(world.store.hooks_of_account(account).await.unwrap().is_empty());
    let id = world.repository(account, "api").await.id;
    let Err(SyncError::Told { sentence }) = sync::hook::test(&world.engine, id).await else { panic!("no answer") };
    assert!(sentence.contains("public_url"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_sends_an_event_or_says_why_not() {
    // given
    let Some(town) = Town::new(Database::Sqlite).await else { return };
    let (api, empty) = (town.project("api").await, town.project("empty").await);
    town.push(api, &[("main", "PLAT-1 Begin")]).await;
    let mia = town.member("mia", AccessLevel::Maintainer);
    let account = town.import_as(mia, GROUP).await;
    let id = town.repository(account, "api").await.id;

    // when
    sync::hook::test(&town.engine, id).await.unwrap();
    town.settle().await;

    // then
    assert_eq!(town.outcomes(account).await.len(), 1);

    // when: there is nothing to test with
    assert_eq!(town.project_hooks(empty).len(), 1);
    let id = town.repository(account, "empty").await.id;
    let Err(SyncError::Told { sentence }) = sync::hook::test(&town.engine, id).await else { panic!("no answer") };

    // then
    assert!(sentence.contains("Ensure the project has at least one commit"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_the_forge_switched_off_says_so_and_comes_back() {
    // given
    let Some(town) = Town::new(Database::Sqlite).await else { return };
    let api = town.project("api").await;
    town.push(api, &[("main", "PLAT-1 Begin")]).await;
    let mia = town.member("mia", AccessLevel::Maintainer);
    let account = town.import_as(mia, GROUP).await;
    let id = town.repository(account, "api").await.id;
    let there = town.project_hooks(api)[0].id;

    // when: Dovetail cannot be reached for a long time
    town.break_down(true);
    for _ in 0..45 {
        town.clock.advance(DAY.as_millis().try_into().unwrap());
        town.push(api, &[("main", "PLAT-2 Unheard")]).await;
        town.server.hooks().idle().await;
    }
    assert_eq!(town.model().alert_status(there), Some(AlertStatus::Disabled));
    town.wait(DAY).await;

    // then
    let hook = town.hook(HookOf::Repository(id)).await;
    assert_eq!(hook.state, HookState::Manual);
    crate::troubleshooting::assert_told("The hook was disabled", &hook.error.unwrap());

    // when: it can be reached again, and somebody presses Test
    town.break_down(false);
    sync::hook::test(&town.engine, id).await.unwrap_err();
    town.settle().await;

    // then
    assert_eq!(town.hook(HookOf::Repository(id)).await.state, HookState::Registered);
    assert_eq!(town.model().alert_status(there), Some(AlertStatus::Executable));
    town.push(api, &[("main", "PLAT-3 Heard")]).await;
    town.settle().await;
    assert_eq!(town.reachable("PLAT-3").await.len(), 1);
}
