//! Access tokens that end, answers that are lost, and grants that are revoked.

use std::time::Duration;

use http::StatusCode;
use model::ObjectId;
use model::secret::ExposeSecret;
use rstest::rstest;
use sandbox::gitlab::model::{AccessLevel, Scopes};
use sandbox::gitlab::switches::{Failure, How};
use store::{AccountState, Credential, CredentialKind, Viewer};
use sync::connect::{self, Begun, Method, Outcome};
use sync::{CredentialState, Engine, Options};

use crate::connecting::{consent, oauth};
use crate::world::{ADMIN, Database, GROUP, REDIRECT, World, object_id};

/// A world with one project and an account authorised by OAuth.
async fn authorised() -> Option<(World, i64)> {
    authorised_on(Database::Sqlite).await
}

async fn authorised_on(database: Database) -> Option<(World, i64)> {
    let world = World::new(database).await?;
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin"), ("main", "PLAT-2 Go on")]).await;
    let method = oauth(&world);
    let begun = connect::begin(&world.engine, world.form(GROUP, method), REDIRECT, ADMIN).await.unwrap();
    let Begun::Authorise { url } = begun else { panic!("a dance expected") };
    let (state, code) = consent(&url).await;
    let shown = connect::finish(&world.engine, &state, Outcome::Code(code), ADMIN).await.unwrap();
    let account = connect::confirm(&world.engine, &shown.state, ADMIN).await.unwrap();
    world.idle().await;
    world.server.requests().clear();
    Some((world, account))
}

/// Another node over the same database. It has no workers.
fn other_node(world: &World) -> Engine {
    let options = Options { node: "other".to_owned(), ..world.engine.options().clone() };
    Engine::new(world.store.clone(), options, world.clock.clone()).unwrap()
}

/// The commits of the project.
async fn commits(world: &World) -> Vec<ObjectId> {
    let project = world.model().project_by_path("platform/api").unwrap().id;
    world.git(project, &["log", "--all", "--format=%H"]).await.iter().map(|id| object_id(id)).collect()
}

/// Something that is asked of the forge by whoever calls, without a job.
async fn ask(engine: &Engine, repository: i64, commit: &ObjectId, deadline: Duration) -> bool {
    let told = sync::statistics(engine, Viewer::Everything, repository, commit, deadline).await.unwrap();
    told.is_some()
}

const PATIENT: Duration = Duration::from_secs(60);

async fn credential(world: &World, account: i64) -> Credential {
    world.store.credential(account).await.unwrap().unwrap()
}

fn refreshes(world: &World) -> usize {
    world.server.requests().count("/oauth/token")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_renewed_when_a_fifth_of_its_life_is_left() {
    // given
    let Some((world, account)) = authorised().await else { return };
    let first = credential(&world, account).await;

    // when: 79 % of two hours have passed
    world.clock.advance(5_688_000);
    world.refresh(account).await;

    // then
    assert_eq!(refreshes(&world), 0);

    // when: 81 %
    world.clock.advance(144_000);
    world.refresh(account).await;

    // then: once, though several jobs needed it
    assert_eq!(refreshes(&world), 1);
    let second = credential(&world, account).await;
    assert_ne!(second.access.expose_secret(), first.access.expose_secret());
    assert_ne!(second.refresh.unwrap().expose_secret(), first.refresh.unwrap().expose_secret());
    assert_eq!(second.refresh_attempted_at, None);
    world.assert_up_to_date(account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_is_renewed_once() {
    // given
    let Some((world, account)) = authorised().await else { return };
    world.server.switches().expire_tokens();

    // when
    world.refresh(account).await;

    // then
    assert_eq!(refreshes(&world), 1);
    world.assert_up_to_date(account).await;
    assert_eq!(world.store.account(account).await.unwrap().unwrap().state, AccountState::Active);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_token_that_the_forge_does_not_know_yet_costs_no_authorisation() {
    // given: the old token is refused, and so is the first new one, as by a replica that has not heard of it
    let Some((world, account)) = authorised().await else { return };
    for nth in [1, 2] {
        let refused = How::Status(StatusCode::UNAUTHORIZED);
        world.server.switches().fail(Failure::nth("GET /api/v4/groups/*", nth, refused));
    }

    // when
    world.refresh(account).await;

    // then
    assert_eq!(world.store.account(account).await.unwrap().unwrap().state, AccountState::Active);
    assert_eq!(refreshes(&world), 2);
    world.assert_up_to_date(account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_the_answer_to_a_refresh() {
    // given: a page has asked for something that needs a new token
    let Some((world, account)) = authorised().await else { return };
    let repository = world.repository(account, "api").await.id;
    let (commits, first) = (commits(&world).await, credential(&world, account).await);
    world.clock.advance(5_832_000);
    world.server.switches().latency(Duration::from_millis(300));
    assert!(!ask(&world.engine, repository, &commits[0], Duration::from_millis(100)).await);

    // when
    world.stop().await;

    // then: the pair that the forge made is the one that is stored
    assert_ne!(credential(&world, account).await.access.expose_secret(), first.access.expose_secret());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_costs_the_authorisation_only_when_the_old_pair_is_refused() {
    // given: GitLab renews the pair, but its answer never arrives
    let Some((world, account)) = authorised().await else { return };
    world.server.switches().expire_tokens();
    world.server.switches().fail(Failure::nth("POST /oauth/token", 1, How::DropAnswer));

    // when
    world.refresh(account).await;

    // then: the attempt is on record, and the account not given up yet
    assert!(credential(&world, account).await.refresh_attempted_at.is_some());
    assert_eq!(world.store.account(account).await.unwrap().unwrap().state, AccountState::Active);

    // when: the stored pair is tried once
    world.wait(Duration::from_secs(60)).await;

    // then
    assert_eq!(refreshes(&world), 2);
    let stored = world.store.account(account).await.unwrap().unwrap();
    assert_eq!(stored.state, AccountState::NeedsAuthorisation);
    assert_eq!(stored.error_kind.as_deref(), Some("authentication"));
    assert!(stored.error.unwrap().contains("its answer never arrived"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_never_reached_the_host_is_tried_again() {
    // given
    let Some((world, account)) = authorised().await else { return };
    world.server.switches().expire_tokens();
    world.server.switches().fail(Failure::nth("POST /oauth/token", 1, How::DropConnection));

    // when
    world.refresh(account).await;
    world.wait(Duration::from_secs(60)).await;

    // then
    world.assert_up_to_date(account).await;
    let stored = world.store.account(account).await.unwrap().unwrap();
    assert_eq!((stored.state, stored.error), (AccountState::Active, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_grant_needs_a_person() {
    // given
    let Some((world, account)) = authorised().await else { return };
    world.server.switches().revoke_tokens();

    // when
    world.refresh(account).await;

    // then
    let stored = world.store.account(account).await.unwrap().unwrap();
    assert_eq!(stored.state, AccountState::NeedsAuthorisation);
    assert!(stored.error.unwrap().contains("revoked"));

    // then: it is left alone
    world.server.requests().clear();
    world.wait(Duration::from_secs(10 * 3_600)).await;
    assert!(world.server.requests().all().is_empty());
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn of_several_nodes_one_renews_and_the_others_wait_for_it(#[case] database: Database) {
    // given: a token in the last fifth of its life, and a host that takes its time
    let Some((world, account)) = authorised_on(database).await else { return };
    let repository = world.repository(account, "api").await.id;
    let (other, commits) = (other_node(&world), commits(&world).await);
    world.clock.advance(5_832_000);
    world.server.switches().latency(Duration::from_millis(300));

    // when: both need it at the same moment
    let both = tokio::join!(
        ask(&world.engine, repository, &commits[0], PATIENT),
        ask(&other, repository, &commits[1], PATIENT)
    );

    // then
    assert_eq!(both, (true, true));
    assert_eq!(refreshes(&world), 1);
    assert_eq!(world.store.account(account).await.unwrap().unwrap().state, AccountState::Active);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_node_was_about_to_renew_another_renews_once_its_turn_is_over(#[case] database: Database) {
    // given: a node that died between its turn and its request
    let Some((world, account)) = authorised_on(database).await else { return };
    let repository = world.repository(account, "api").await.id;
    world.clock.advance(5_832_000);
    let now = model::Clock::now(&*world.clock);
    assert!(world.store.credential_lease(account, "dead", now, now + 90_000).await.unwrap());

    // when
    let (engine, commit) = (world.engine.clone(), commits(&world).await[0].clone());
    let waiting = tokio::spawn(async move { ask(&engine, repository, &commit, PATIENT).await });
    world.clock.advance(90_001);

    // then
    assert!(waiting.await.unwrap());
    assert_eq!(refreshes(&world), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_kept_though_whoever_asked_has_lost_patience() {
    // given
    let Some((world, account)) = authorised().await else { return };
    let repository = world.repository(account, "api").await.id;
    let (commits, first) = (commits(&world).await, credential(&world, account).await);
    world.clock.advance(5_832_000);
    world.server.switches().latency(Duration::from_millis(300));

    // when: a page asks, and does not wait for the answer
    assert!(!ask(&world.engine, repository, &commits[0], Duration::from_millis(100)).await);
    while credential(&world, account).await.access.expose_secret() == first.access.expose_secret() {
        tokio::task::yield_now().await;
    }

    // then
    assert!(ask(&world.engine, repository, &commits[0], PATIENT).await);
    assert_eq!(refreshes(&world), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_dies_between_list_and_fetch_is_renewed() {
    // given
    let Some((world, account)) = authorised().await else { return };
    let project = world.model().project_by_path("platform/api").unwrap().id;
    world.push(project, &[("main", "PLAT-3 Later")]).await;
    let refused = How::Status(StatusCode::UNAUTHORIZED);
    world.server.switches().fail(Failure::nth("GET /platform/api.git/info/refs", 1, refused));

    // when
    world.refresh(account).await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(world.reachable("PLAT-3").await.len(), 1);
    assert_eq!(refreshes(&world), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_needs_a_person_who_can_replace_it() {
    // given: links, and settings that are not the usual ones
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let (api, web) = (world.project("api").await, world.project("web").await);
    world.push(api, &[("main", "PLAT-1 Begin")]).await;
    world.push(web, &[("main", "PLAT-2 Begin")]).await;
    let token = world.token();
    let account = world.try_connect(world.form(GROUP, Method::token(token.clone()))).await.unwrap();
    world.idle().await;
    let web = world.repository(account, "web").await.id;
    sync::request::set_linked(&world.engine, account, web, false).await.unwrap();
    world.store.account_set_switches(account, false, false).await.unwrap();

    // when
    world.model().revoke_token(token.expose_secret());
    world.push(api, &[("main", "PLAT-3 Later")]).await;
    world.refresh(account).await;

    // then: told, and nothing is lost
    let stored = world.store.account(account).await.unwrap().unwrap();
    assert_eq!(
        (stored.state, stored.error_kind.as_deref()),
        (AccountState::NeedsAuthorisation, Some("authentication"))
    );
    assert!(stored.error.unwrap().contains("no longer accepts the access token"));
    assert_eq!(world.reachable("PLAT-1").await.len(), 1);

    // when
    let end = Some(model::Clock::now(&*world.clock) + 20 * DAY);
    let bot =
        world.model().create_place_token(world.group, "bot", Scopes::api(), AccessLevel::Maintainer, end).unwrap();
    connect::replace_token(&world.engine, account, &bot.into(), None).await.unwrap();
    world.idle().await;

    // then: it goes on where it was
    let stored = world.store.account(account).await.unwrap().unwrap();
    assert_eq!((stored.state, stored.error, stored.error_kind), (AccountState::Active, None, None));
    assert!(!stored.auto_link && !stored.smart_commits);
    assert_eq!((world.reachable("PLAT-1").await.len(), world.reachable("PLAT-3").await.len()), (1, 1));
    assert!(world.reachable("PLAT-2").await.is_empty(), "still not linked");
}

const DAY: i64 = 24 * 60 * 60 * 1000;

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_token_is_known_and_warned_of_a_fortnight_before() {
    // given: the forge tells a day, and its first moment is the end
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let midnight = (model::Clock::now(&*world.clock) / DAY + 1) * DAY;
    world.clock.advance(midnight - model::Clock::now(&*world.clock));
    let end = midnight + 30 * DAY;
    let token = world.model().create_personal_token(world.jira, "Dovetail", Scopes::api(), Some(end));
    let account = world.try_connect(world.form(GROUP, Method::token(token.into()))).await.unwrap();
    world.idle().await;
    let state = async || sync::credential_state(&world.engine, account).await.unwrap().unwrap();
    let expected = CredentialState {
        kind: CredentialKind::Token,
        expires_at: Some(end),
        days_left: Some(30),
        warn: false,
        needs_authorisation: false,
    };

    // then
    assert_eq!(state().await, expected);
    world.clock.advance(16 * DAY - 1);
    assert_eq!(state().await, CredentialState { days_left: Some(14), ..expected.clone() });
    world.clock.advance(1);
    assert_eq!(state().await, CredentialState { days_left: Some(14), warn: true, ..expected.clone() });

    // when: it ends
    world.clock.advance(14 * DAY);
    world.refresh(account).await;

    // then
    assert_eq!(
        state().await,
        CredentialState { days_left: Some(0), warn: true, needs_authorisation: true, ..expected }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_forge_does_not_tell_the_end_of_a_token_the_day_that_was_typed_counts() {
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let end = model::Clock::now(&*world.clock) + 20 * DAY;
    // given: GitLab before 15.5
    let missing = Failure::nth("GET /api/v4/personal_access_tokens/self", 1, How::Status(StatusCode::NOT_FOUND));
    world.server.switches().fail(missing);

    // when
    let method = Method::Token { token: world.token(), ends_at: Some(end) };
    let account = world.try_connect(world.form(GROUP, method)).await.unwrap();

    // then
    let state = sync::credential_state(&world.engine, account).await.unwrap().unwrap();
    assert_eq!((state.expires_at, state.days_left), (Some(end), Some(20)));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_warned_of_the_end_of_a_token_that_is_renewed_by_itself() {
    let Some((world, account)) = authorised().await else { return };
    let state = sync::credential_state(&world.engine, account).await.unwrap().unwrap();

    assert_eq!((state.kind, state.days_left, state.warn), (CredentialKind::Oauth, None, false));
    assert_eq!(sync::credential_state(&world.engine, account + 1_000).await.unwrap(), None);
}
