//! From the consent to the token, and what ends it.

use std::time::Duration;

use model::secret::{ExposeSecret, SecretString};
use rstest::rstest;
use store::AccountState;
use store::facade::GrantState;
use sync::connect::{self, Begun, ConnectError, Outcome};
use sync::facade::{self, FacadeError};

use super::jira::{BACK, Jira, code_of, imported, seen, user, visitor};
use crate::connecting::{consent, oauth};
use crate::world::{ADMIN, Database, GROUP, REDIRECT, World};

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_jira_gets_a_token_of_our_own(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    let jira = Jira::known(&world).await;

    // when its browser goes to the forge, and comes back
    let url = jira.begin(&world, Some("a state of theirs & more")).await.unwrap();
    let (state, code) = jira.consent(&world, &url, world.jira);
    assert!(facade::is_dance(&world.engine, &state).await.unwrap());
    let back = facade::returned(&world.engine, &state, Outcome::Code(code)).await.unwrap();

    // then it is sent on with its own query as it was, a code, and its own state
    assert!(back.as_str().starts_with(BACK), "{back}");
    let code = code_of(&back);
    assert!(code.expose_secret().starts_with("dvc_"));
    assert!(back.as_str().ends_with(&format!("&code={}&state=a+state+of+theirs+%26+more", code.expose_secret())));
    assert!(!facade::is_dance(&world.engine, &state).await.unwrap(), "it is used up");

    // when
    let token = jira.exchange(&world, &code).await.unwrap();

    // then
    assert!(token.expose_secret().starts_with("dvf_"));
    let found = visitor(&world, &token).await;
    assert_eq!((found.grant.user.login.as_str(), found.grant.host_url.as_str()), ("jira", world.server.url()));
    for nobody in ["", "dvf_", "dvf_0000", token.expose_secret().trim_start_matches("dvf_")] {
        assert!(facade::visitor(&world.engine, nobody).await.unwrap().is_none(), "{nobody}");
    }

    // when the code comes a second time
    let again = jira.exchange(&world, &code).await;

    // then it is refused, and the first token is no good any more
    assert!(matches!(again, Err(FacadeError::BadCode)));
    assert!(facade::visitor(&world.engine, token.expose_secret()).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_as_it_should_be_is_refused() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let jira = Jira::known(&world).await;
    let back = BACK.parse().unwrap();

    // an application that nobody entered
    let unknown = facade::authorise(&world.engine, "unknown", &back, None, REDIRECT).await;
    assert!(matches!(unknown, Err(FacadeError::UnknownApplication)));

    // a refusal at the forge
    let url = jira.begin(&world, Some("theirs")).await.unwrap();
    let (state, code) = jira.consent(&world, &url, world.jira);
    let denied = Outcome::Denied { error: "access_denied".to_owned(), description: Some("No & no".to_owned()) };
    let sent = facade::returned(&world.engine, &state, denied).await.unwrap();
    assert_eq!(sent.as_str(), format!("{BACK}&error=access_denied&state=theirs"));

    // a state that was used, one that is none, one that is too old
    for state in [state.as_str(), "", "no state"] {
        assert!(!facade::is_dance(&world.engine, state).await.unwrap());
        let again = facade::returned(&world.engine, state, Outcome::Code(code.clone())).await;
        assert!(matches!(again, Err(FacadeError::State)), "{again:?}");
    }
    let url = jira.begin(&world, None).await.unwrap();
    let (state, code) = jira.consent(&world, &url, world.jira);
    world.clock.advance(15 * 60 * 1000);
    assert!(matches!(facade::returned(&world.engine, &state, Outcome::Code(code)).await, Err(FacadeError::State)));

    // a code that the forge did not give
    let url = jira.begin(&world, None).await.unwrap();
    let (state, _) = jira.consent(&world, &url, world.jira);
    let refused = facade::returned(&world.engine, &state, Outcome::Code("made up".to_owned())).await;
    assert!(matches!(refused, Err(FacadeError::Forge(ConnectError::CodeRefused))), "{refused:?}");

    // a wrong secret, a wrong client, a wrong code, a code that is too old
    let code = jira.code(&world, world.jira).await;
    let (good, wrong) = (SecretString::from(jira.keys.secret.clone()), SecretString::from("wrong"));
    let id = &jira.keys.client_id;
    let exchanged = facade::exchange(&world.engine, id, &wrong, &code).await;
    assert!(matches!(exchanged, Err(FacadeError::WrongSecret)));
    let exchanged = facade::exchange(&world.engine, "unknown", &good, &code).await;
    assert!(matches!(exchanged, Err(FacadeError::UnknownApplication)));
    let exchanged = facade::exchange(&world.engine, id, &good, &wrong).await;
    assert!(matches!(exchanged, Err(FacadeError::BadCode)));
    let other = Jira::known(&world).await;
    assert!(matches!(other.exchange(&world, &code).await, Err(FacadeError::BadCode)), "it is another one's");
    world.clock.advance(10 * 60 * 1000);
    assert!(matches!(jira.exchange(&world, &code).await, Err(FacadeError::BadCode)));
}

#[tokio::test(flavor = "multi_thread")]
async fn dances_in_one_browser_do_not_meet_not_even_an_administrators() {
    // given: two of two people, and one of an administrator who adds an account
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let jira = Jira::known(&world).await;
    let anna = user(&world, "berta");
    let (first, second) = (jira.begin(&world, None).await.unwrap(), jira.begin(&world, None).await.unwrap());
    let begun = connect::begin(&world.engine, world.form(GROUP, oauth(&world)), REDIRECT, ADMIN).await.unwrap();
    let Begun::Authorise { url: third } = begun else { panic!("a dance expected") };

    // when they come back in another order
    let (second_state, second_code) = jira.consent(&world, &second, anna);
    let (first_state, first_code) = jira.consent(&world, &first, world.jira);
    let (third_state, third_code) = consent(&third).await;
    assert!(!facade::is_dance(&world.engine, &third_state).await.unwrap());
    let third = facade::returned(&world.engine, &third_state, Outcome::Code(third_code.clone())).await;
    assert!(matches!(third, Err(FacadeError::State)));
    let crossed = connect::finish(&world.engine, &first_state, Outcome::Code(first_code.clone()), ADMIN).await;
    assert!(matches!(crossed, Err(ConnectError::StateMismatch)));

    // then each gets what is its own
    let mut logins = Vec::new();
    for (state, code) in [(second_state, second_code), (first_state, first_code)] {
        let back = facade::returned(&world.engine, &state, Outcome::Code(code)).await.unwrap();
        let token = jira.exchange(&world, &code_of(&back)).await.unwrap();
        logins.push(visitor(&world, &token).await.grant.user.login);
    }
    assert_eq!(logins, ["berta", "jira"]);
    connect::finish(&world.engine, &third_state, Outcome::Code(third_code), ADMIN).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pair_behind_a_token_is_renewed_once_for_all_that_it_lets_in() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    world.project("api").await;
    let jira = Jira::known(&world).await;
    let token = jira.token(&world, world.jira).await;
    let account = imported(&world, &visitor(&world, &token).await).await;
    assert_eq!(world.store.credential(account.id).await.unwrap().map(|it| it.owner_id), None);
    world.server.requests().clear();

    // when GitLab's tokens have come to their end
    world.clock.advance(3 * 60 * 60 * 1000);
    world.refresh(account.id).await;

    // then the account and the memberships were read with one new pair, and Jira's token is as good as ever
    assert_eq!(world.server.requests().count("/oauth/token"), 1);
    world.assert_up_to_date(account.id).await;
    assert_eq!(seen(&world, &visitor(&world, &token).await).await, ["platform/api"]);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_pair_closes_the_door_until_its_user_authorises_again(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    world.project("api").await;
    let jira = Jira::known(&world).await;
    let token = jira.token(&world, world.jira).await;
    let asking = visitor(&world, &token).await;
    let account = imported(&world, &asking).await;

    // when
    world.server.switches().revoke_tokens();
    world.refresh(account.id).await;

    // then
    let refused = facade::visitor(&world.engine, token.expose_secret()).await.unwrap().unwrap();
    assert_eq!(refused.grant.state, GrantState::NeedsAuthorisation);
    assert!(seen(&world, &asking).await.is_empty());
    assert!(facade::account(&world.engine, &refused, GROUP, Duration::from_secs(5)).await.unwrap().is_none());
    let stored = world.store.account(account.id).await.unwrap().unwrap();
    assert_eq!(
        (stored.state, stored.error_kind.as_deref()),
        (AccountState::NeedsAuthorisation, Some("authentication"))
    );

    // when the same user lets Jira in again
    let second = jira.token(&world, world.jira).await;
    world.idle().await;

    // then both tokens are good, and the account goes on
    for token in [token, second] {
        assert_eq!(seen(&world, &visitor(&world, &token).await).await, ["platform/api"]);
    }
    let stored = world.store.account(account.id).await.unwrap().unwrap();
    assert_eq!((stored.state, stored.error), (AccountState::Active, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_opens_nothing_any_more_is_revoked_with_its_account() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    world.project("api").await;
    let jira = Jira::known(&world).await;
    let token = jira.token(&world, world.jira).await;
    let account = imported(&world, &visitor(&world, &token).await).await;

    // when
    sync::request::remove_account(&world.engine, account.id).await.unwrap();
    world.idle().await;

    // then Jira's next question does not add it again
    assert!(facade::visitor(&world.engine, token.expose_secret()).await.unwrap().is_none());
}
