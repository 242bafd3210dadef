//! Access tokens that end, answers that are lost, and grants that are revoked.

use std::time::Duration;

use model::secret::ExposeSecret;
use sandbox::gitlab::model::Scopes;
use sandbox::gitlab::switches::{Failure, How};
use store::{AccountState, Credential};
use sync::connect::{self, Begun, Method, Outcome};
use url::Url;

use crate::world::{ADMIN, Database, GROUP, REDIRECT, World};

/// A world with one project and an account authorised by OAuth.
async fn authorised() -> Option<(World, i64)> {
    let world = World::new(Database::Sqlite).await?;
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    let keys = world.model().create_application(world.jira, "Dovetail", &[REDIRECT], Scopes::api()).unwrap();
    let method = Method::OAuth { client_id: keys.client_id, client_secret: keys.secret.into() };
    let begun = connect::begin(&world.engine, world.form(GROUP, method), REDIRECT, ADMIN).await.unwrap();
    let Begun::Authorise { url } = begun else { panic!("a dance expected") };
    let client = net::HttpFactory::new(net::Network::default()).unwrap().client();
    let response = client.get(&url).keep_redirect().send().await.unwrap();
    let back = Url::parse(response.header("location").unwrap()).unwrap();
    let value = |name| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap();
    let shown = connect::finish(&world.engine, &value("state"), Outcome::Code(value("code")), ADMIN).await.unwrap();
    let account = connect::confirm(&world.engine, &shown.state, ADMIN).await.unwrap();
    world.idle().await;
    world.server.requests().clear();
    Some((world, account))
}

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
