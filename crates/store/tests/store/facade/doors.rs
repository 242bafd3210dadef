//! Grants, codes and tokens.

use model::HostKind;
use rstest::rstest;
use store::facade::{CodeExchange, GrantState};
use store::testing::Engine;
use store::{AccountState, Credential, CredentialKind};

use super::{application, code, grant, members, token};
use crate::world::{NOW, World, user};

#[rstest]
#[tokio::test]
async fn an_application_is_found_by_its_client_id_where_only_one_host_knows_it(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some(world) = World::open(engine).await else { return };
    let id = application(&world, "client").await;
    let found = world.application_by_client_id("client").await.unwrap().unwrap();
    assert_eq!((found.id, found.host_id), (id, world.host));
    for unknown in ["Client", "", "no\0thing", "' OR 1=1"] {
        assert!(world.application_by_client_id(unknown).await.unwrap().is_none());
    }
    // when another host knows it, too, then nobody can tell which is meant
    let mut tx = world.write().await;
    let other = tx.host_ensure(HostKind::Gitlab, "https://other.example.com", NOW).await.unwrap();
    tx.application_put(other, "client", &"other".to_owned().into(), NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.application_by_client_id("client").await.unwrap().is_none());
}

#[rstest]
#[tokio::test]
async fn the_same_user_and_application_are_one_grant(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let first = grant(&world, "ada", &["1"]).await;
    assert_eq!((first.state, first.user.login.as_str(), first.host_id), (GrantState::Active, "ada", world.host));
    assert_eq!((first.host_url.as_str(), first.listed_at), ("https://git.example.com", Some(NOW)));
    assert_eq!(grant(&world, "ada", &["1"]).await.id, first.id);
    assert_ne!(grant(&world, "bob", &["1"]).await.id, first.id);
    assert!(world.facade_grant(first.id + 1_000_000).await.unwrap().is_none());
}

#[rstest]
#[tokio::test]
async fn a_code_is_good_once_and_a_second_use_revokes_the_token(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let ada = grant(&world, "ada", &[]).await;
    let other = application(&world, "other").await;
    code(&world, &ada, "code").await;
    let exchange =
        async |application, token, now| world.facade_code_exchange("code", application, token, now).await.unwrap();

    // when another application, or somebody too late, has it, then it stays good for whom it is
    assert_eq!(exchange(other, "t0", NOW).await, CodeExchange::Unknown);
    assert_eq!(exchange(ada.application_id, "t0", NOW + 600_000).await, CodeExchange::Unknown);
    let CodeExchange::Exchanged { token_id } = exchange(ada.application_id, "t1", NOW).await else {
        panic!("a token expected")
    };
    let (found, of) = world.facade_token("t1", NOW).await.unwrap().unwrap();
    assert_eq!((found.id, found.grant_id, of.id), (token_id, ada.id, ada.id));

    // when it comes once more, then no token is good
    assert_eq!(exchange(other, "t2", NOW).await, CodeExchange::Unknown);
    assert!(world.facade_token("t1", NOW).await.unwrap().is_some());
    assert_eq!(exchange(ada.application_id, "t2", NOW).await, CodeExchange::Reused);
    for hash in ["t0", "t1", "t2"] {
        assert!(world.facade_token(hash, NOW).await.unwrap().is_none());
    }
}

#[rstest]
#[tokio::test]
async fn of_two_exchanges_at_once_none_is_left_with_a_token(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let ada = grant(&world, "ada", &[]).await;
    code(&world, &ada, "code").await;
    let (one, other) = tokio::join!(
        world.facade_code_exchange("code", ada.application_id, "one", NOW),
        world.facade_code_exchange("code", ada.application_id, "other", NOW)
    );
    let exchanged = [one.unwrap(), other.unwrap()];
    assert_eq!(exchanged.iter().filter(|one| **one == CodeExchange::Reused).count(), 1, "{exchanged:?}");
    for hash in ["one", "other"] {
        assert!(world.facade_token(hash, NOW).await.unwrap().is_none());
    }
}

#[rstest]
#[tokio::test]
async fn a_token_notes_its_use_to_the_minute_until_it_is_revoked(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let ada = grant(&world, "ada", &[]).await;
    let id = token(&world, &ada, "hash").await;
    let used = async |now| world.facade_token("hash", now).await.unwrap().map(|(token, _)| token.last_used_at);
    assert_eq!(used(NOW).await, Some(None));
    assert_eq!(used(NOW + 59_999).await, Some(Some(NOW)));
    assert_eq!(used(NOW + 60_000).await, Some(Some(NOW)));
    assert_eq!(used(NOW + 60_001).await, Some(Some(NOW + 60_000)));
    world.facade_token_revoke(id, NOW + 7).await.unwrap();
    world.facade_token_revoke(id, NOW + 8).await.unwrap();
    assert_eq!(used(NOW + 9).await, None);
}

#[rstest]
#[tokio::test]
async fn an_account_tells_the_tokens_that_open_something_of_it(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let team = world.connect("team").await;
    let other = world.connect("other").await;
    world.repositories(team, ["1", "2"]).await;
    world.repositories(other, ["3"]).await;
    let (ada, bob) = (grant(&world, "ada", &["2", "9"]).await, grant(&world, "bob", &["3"]).await);
    let (first, second) = (token(&world, &ada, "a").await, token(&world, &ada, "b").await);
    token(&world, &bob, "c").await;
    world.facade_token_revoke(first, NOW + 5).await.unwrap();

    let told = world.facade_tokens_of_account(team).await.unwrap();
    let told: Vec<_> =
        told.iter().map(|(token, grant)| (token.id, token.revoked_at, grant.user.login.as_str())).collect();
    assert_eq!(told, [(second, None, "ada"), (first, Some(NOW + 5), "ada")]);

    // when the account was made by a grant that opens nothing of it yet
    let mut tx = world.write().await;
    tx.account_granted(other, ada.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.facade_tokens_of_account(other).await.unwrap().len(), 3);
}

#[rstest]
#[tokio::test]
async fn grants_are_in_use_by_a_token_or_an_account(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let (ada, bob, eve) =
        (grant(&world, "ada", &[]).await, grant(&world, "bob", &[]).await, grant(&world, "eve", &[]).await);
    let id = token(&world, &ada, "a").await;
    let team = world.connect("team").await;
    let mut tx = world.write().await;
    tx.account_granted(team, bob.id).await.unwrap();
    tx.commit().await.unwrap();
    let in_use = async |host| {
        let grants = world.facade_grants_in_use(host).await.unwrap();
        grants.iter().map(|grant| grant.user.login.clone()).collect::<Vec<_>>()
    };
    assert_eq!(in_use(None).await, ["ada", "bob"]);
    assert_eq!(in_use(Some(world.host)).await, ["ada", "bob"]);
    assert!(in_use(Some(world.host + 1_000_000)).await.is_empty());
    world.facade_token_revoke(id, NOW).await.unwrap();
    assert_eq!(in_use(None).await, ["bob"]);
    assert_eq!(eve.state, GrantState::Active);
}

#[rstest]
#[tokio::test]
async fn a_refused_grant_takes_its_accounts_along_and_brings_them_back(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let ada = grant(&world, "ada", &["1"]).await;
    let (team, paused, own) = (world.connect("team").await, world.connect("paused").await, world.connect("own").await);
    let credential = |owner_id| Credential {
        owner_id,
        kind: CredentialKind::Oauth,
        access: "access".to_owned().into(),
        refresh: None,
        expires_at: None,
        issued_at: None,
        refresh_attempted_at: None,
        user: user("ada"),
    };
    let mut tx = world.write().await;
    for owner in [team, ada.id] {
        tx.credential_put(&credential(owner)).await.unwrap();
    }
    for account in [team, paused] {
        tx.account_granted(account, ada.id).await.unwrap();
    }
    tx.commit().await.unwrap();
    world.account_set_state(paused, AccountState::Paused).await.unwrap();
    let account = world.account(team).await.unwrap().unwrap();
    assert_eq!((account.credential_owner(), account.application_id), (ada.id, Some(ada.application_id)));
    assert!(world.credential(team).await.unwrap().is_none(), "its own is forgotten");

    // when
    let mut tx = world.write().await;
    tx.facade_grant_refused(ada.id, "authentication", "It was revoked.").await.unwrap();
    tx.commit().await.unwrap();

    // then
    assert_eq!(world.facade_grant(ada.id).await.unwrap().unwrap().state, GrantState::NeedsAuthorisation);
    let states = async || {
        let mut states = Vec::new();
        for id in [team, paused, own] {
            let account = world.account(id).await.unwrap().unwrap();
            states.push((account.state, account.error));
        }
        states
    };
    let error = || Some("It was revoked.".to_owned());
    let refused =
        [(AccountState::NeedsAuthorisation, error()), (AccountState::Paused, error()), (AccountState::Active, None)];
    assert_eq!(states().await, refused);
    assert!(world.facade_grants_in_use(None).await.unwrap().is_empty());

    // when the user authorises again
    assert_eq!(grant(&world, "ada", &["1"]).await.state, GrantState::Active);
    let mut tx = world.write().await;
    assert_eq!(tx.facade_grant_accepted(ada.id).await.unwrap(), [team]);
    tx.commit().await.unwrap();
    assert_eq!(states().await[0], (AccountState::Active, None));

    // when an administrator authorises the account itself, then it has a credential of its own again
    let mut tx = world.write().await;
    tx.account_authorised(team, None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.account(team).await.unwrap().unwrap().credential_owner(), team);

    // when an account is removed, then its grant's credential stays
    let mut tx = world.write().await;
    tx.account_remove(paused).await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.credential(ada.id).await.unwrap().is_some());
}

#[rstest]
#[tokio::test]
async fn tokens_that_open_nothing_any_more_are_revoked_with_the_last_account(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some(world) = World::open(engine).await else { return };
    let (team, other) = (world.connect("team").await, world.connect("other").await);
    world.repositories(team, ["1"]).await;
    world.repositories(other, ["2"]).await;
    let (ada, bob) = (grant(&world, "ada", &["1"]).await, grant(&world, "bob", &["1", "2"]).await);
    token(&world, &ada, "a").await;
    token(&world, &bob, "b").await;

    // when
    let mut tx = world.write().await;
    tx.account_remove(team).await.unwrap();
    assert_eq!(tx.facade_tokens_of_nothing_revoke(world.host, NOW).await.unwrap(), 1);
    tx.commit().await.unwrap();

    // then
    assert!(world.facade_token("a", NOW).await.unwrap().is_none());
    assert!(world.facade_token("b", NOW).await.unwrap().is_some());
    members(&world, bob.id, &[]).await;
}
