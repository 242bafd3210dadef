//! Accounts that are authorised again, by whichever way: repositories, links and settings stay.

use http::StatusCode;
use model::Clock;
use model::secret::{ExposeSecret, SecretString};
use rstest::rstest;
use sandbox::gitlab::model::{AccessLevel, Scopes, UserId, Visibility};
use sandbox::gitlab::switches::{Failure, How};
use store::{Account, AccountState, CredentialKind};
use sync::connect::{self, ConnectError, Field, Form, Keys, Method, Outcome};

use crate::connecting::{consent, oauth};
use crate::world::{ADMIN, Database, GROUP, REDIRECT, World};

/// A world whose account is connected by OAuth and has lost its authorisation.
async fn refused(database: Database) -> Option<(World, i64)> {
    let world = World::new(database).await?;
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin"), ("PLAT-2-topic", "PLAT-2 Try")]).await;
    let form = Form { auto_link: false, ..world.form(GROUP, oauth(&world)) };
    let connect::Begun::Authorise { url } = connect::begin(&world.engine, form, REDIRECT, ADMIN).await.unwrap() else {
        panic!("a dance expected")
    };
    let (state, code) = consent(&url).await;
    let shown = connect::finish(&world.engine, &state, Outcome::Code(code), ADMIN).await.unwrap();
    let account = connect::confirm(&world.engine, &shown.state, ADMIN).await.unwrap();
    world.idle().await;
    let api = world.repository(account, "api").await.id;
    sync::request::set_linked(&world.engine, account, api, true).await.unwrap();
    world.idle().await;
    world.model().revoke_oauth_tokens();
    world.refresh(account).await;
    assert_eq!(stored(&world, account).await.state, AccountState::NeedsAuthorisation);
    world.push(project, &[("main", "PLAT-3 Later")]).await;
    Some((world, account))
}

async fn stored(world: &World, account: i64) -> Account {
    world.store.account(account).await.unwrap().unwrap()
}

/// Who authorised the account.
async fn authorised_by(world: &World, account: i64) -> String {
    world.store.credential(account).await.unwrap().unwrap().user.login
}

async fn assert_goes_on(world: &World, account: i64) {
    let stored = stored(world, account).await;
    assert_eq!((stored.state, stored.error_kind, stored.error), (AccountState::Active, None, None));
    assert!(!stored.auto_link, "settings stay");
    world.assert_up_to_date(account).await;
    assert_eq!(world.branches("PLAT-2").await, ["PLAT-2-topic"]);
    for key in ["PLAT-1", "PLAT-2", "PLAT-3"] {
        assert_eq!(world.reachable(key).await.len(), 1, "{key}");
    }
}

fn member(world: &World, login: &str) -> UserId {
    let user = world.model().user_by_login(login).unwrap().id;
    world.model().add_member(world.group, user, AccessLevel::Maintainer);
    user
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_user_authorises_again_with_one_click(#[case] database: Database) {
    // given
    let Some((world, account)) = refused(database).await else { return };

    // when
    let url = connect::begin_again(&world.engine, account, None, REDIRECT, ADMIN).await.unwrap();
    let (state, code) = consent(&url).await;
    let shown = connect::finish(&world.engine, &state, Outcome::Code(code), ADMIN).await.unwrap();

    // then
    assert_eq!((shown.existing, shown.done, shown.authorised_by.login.as_str()), (Some(account), true, "jira"));
    world.idle().await;
    assert_goes_on(&world, account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_user_is_shown_before_anything_changes() {
    // given: the browser is signed in to GitLab as somebody else
    let Some((world, account)) = refused(Database::Sqlite).await else { return };
    let anna = member(&world, "anna");
    let url = connect::begin_again(&world.engine, account, None, REDIRECT, ADMIN).await.unwrap();

    // when
    let shown =
        connect::finish(&world.engine, &state_of(&url), Outcome::Code(code_of(&world, &url, anna)), ADMIN).await;
    let shown = shown.unwrap();

    // then
    assert_eq!((shown.existing, shown.done, shown.authorised_by.login.as_str()), (Some(account), false, "anna"));
    assert_eq!(stored(&world, account).await.state, AccountState::NeedsAuthorisation);
    assert_eq!(authorised_by(&world, account).await, "jira");

    // when
    assert_eq!(connect::confirm(&world.engine, &shown.state, ADMIN).await.unwrap(), account);
    world.idle().await;

    // then
    assert_eq!(authorised_by(&world, account).await, "anna");
    assert_goes_on(&world, account).await;
}

fn value(url: &url::Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap()
}

fn state_of(url: &url::Url) -> String {
    value(url, "state")
}

/// The code that GitLab gives out when this user consents.
fn code_of(world: &World, url: &url::Url, user: UserId) -> String {
    let application = world.model().application(&value(url, "client_id")).unwrap().id;
    world.model().issue_code(sandbox::gitlab::model::Authorisation {
        application,
        user,
        redirect_uri: REDIRECT.to_owned(),
        scopes: Scopes::api(),
        challenge: Some(value(url, "code_challenge")),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn another_application_takes_the_place_of_one_that_was_deleted() {
    // given
    let Some((world, account)) = refused(Database::Sqlite).await else { return };
    for application in world.model().applications_of(world.jira) {
        world.model().delete_application(application.id);
    }
    let Method::OAuth { client_id, client_secret } = oauth(&world) else { unreachable!() };
    let again = async |keys| connect::begin_again(&world.engine, account, keys, REDIRECT, ADMIN).await;

    // then: the old one is known to fail before anybody is sent away
    assert!(matches!(again(None).await, Err(ConnectError::WrongSecret)));
    let wrong = Keys { client_id: client_id.clone(), client_secret: "gloas-wrong".to_owned().into() };
    assert!(matches!(again(Some(wrong)).await, Err(ConnectError::WrongSecret)));
    let empty = Keys { client_id: " ".to_owned(), client_secret: client_secret.clone() };
    assert!(matches!(again(Some(empty)).await, Err(ConnectError::Empty(Field::ClientId))));

    // when
    let url = again(Some(Keys { client_id: client_id.clone(), client_secret })).await.unwrap();
    let (state, code) = consent(&url).await;
    connect::finish(&world.engine, &state, Outcome::Code(code), ADMIN).await.unwrap();
    world.idle().await;

    // then
    assert_goes_on(&world, account).await;
    let application = stored(&world, account).await.application_id.unwrap();
    assert_eq!(world.store.application(application).await.unwrap().unwrap().client_id, client_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_see_the_account_cannot_authorise_it() {
    // given
    let Some((world, account)) = refused(Database::Sqlite).await else { return };
    let stranger = world.model().user_by_login("anna").unwrap().id;
    let url = connect::begin_again(&world.engine, account, None, REDIRECT, ADMIN).await.unwrap();

    // when
    let code = code_of(&world, &url, stranger);
    let error = connect::finish(&world.engine, &state_of(&url), Outcome::Code(code), ADMIN).await.unwrap_err();

    // then
    assert!(matches!(&error, ConnectError::AccountMissing { login, .. } if login == "anna"), "{error:?}");
    assert_eq!(authorised_by(&world, account).await, "jira");
    assert_eq!(stored(&world, account).await.state, AccountState::NeedsAuthorisation);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_removed_meanwhile_is_told_so() {
    // given
    let Some((world, account)) = refused(Database::Sqlite).await else { return };
    let url = connect::begin_again(&world.engine, account, None, REDIRECT, ADMIN).await.unwrap();
    sync::request::remove_account(&world.engine, account).await.unwrap();
    world.idle().await;

    // when
    let (state, code) = consent(&url).await;
    let late = connect::finish(&world.engine, &state, Outcome::Code(code), ADMIN).await.unwrap_err();
    let again = connect::begin_again(&world.engine, account, None, REDIRECT, ADMIN).await.unwrap_err();
    let token = connect::replace_token(&world.engine, account, &world.token(), None).await.unwrap_err();

    // then
    for error in [late, again, token] {
        assert!(matches!(error, ConnectError::AccountGone), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_adds_it_once_more_is_told_to_authorise_it() {
    // given
    let Some((world, account)) = refused(Database::Sqlite).await else { return };

    // when
    let error = world.try_connect(world.form(GROUP, Method::token(world.token()))).await.unwrap_err();

    // then
    let expected =
        matches!(&error, ConnectError::AccountExists { id, needs_authorisation: true, .. } if *id == account);
    assert!(expected, "{error:?}");
    assert!(error.remedy().contains("authorise it there"), "{}", error.remedy());
}

/// Tokens of every kind that GitLab has.
#[rstest]
#[case::personal("personal")]
#[case::of_the_group("group")]
#[case::of_a_project("project")]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_takes_the_place_of_oauth(#[case] kind: &str) {
    // given
    let Some((world, account)) = refused(Database::Sqlite).await else { return };
    let end = (world.clock.now() / 86_400_000 + 100) * 86_400_000;
    let model = world.model();
    let project = model.project_by_path("platform/api").unwrap().id;
    let place_token = |place: sandbox::gitlab::model::Place| {
        model.create_place_token(place, "Dovetail", Scopes::api(), AccessLevel::Maintainer, Some(end)).unwrap()
    };
    let token = match kind {
        "group" => place_token(world.group.into()),
        "project" => place_token(project.into()),
        _ => model.create_personal_token(member(&world, "anna"), "Dovetail", Scopes::api(), Some(end)),
    };

    // when
    let given = Some(world.clock.now());
    connect::replace_token(&world.engine, account, &format!(" {token}\n").into(), given).await.unwrap();
    world.idle().await;

    // then: the forge knows its end better than whoever pasted it
    assert_goes_on(&world, account).await;
    assert_eq!(stored(&world, account).await.application_id, None);
    let credential = world.store.credential(account).await.unwrap().unwrap();
    assert_eq!((credential.kind, credential.expires_at), (CredentialKind::Token, Some(end)));
    assert_eq!(credential.access.expose_secret(), token);
    assert!(credential.refresh.is_none());

    // when: and back, which needs an application
    let url = connect::begin_again(&world.engine, account, None, REDIRECT, ADMIN).await;
    assert!(matches!(url, Err(ConnectError::Empty(Field::ClientId))), "{url:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_that_a_person_gives_counts_where_the_forge_tells_none() {
    // given: a GitLab before 15.5
    let Some((world, account)) = refused(Database::Sqlite).await else { return };
    let unknown = How::Status(StatusCode::NOT_FOUND);
    world.server.switches().fail(Failure::every("/api/v4/personal_access_tokens/self", unknown));

    // when
    let end = world.clock.now() + 1_000_000_000;
    connect::replace_token(&world.engine, account, &world.token(), Some(end)).await.unwrap();
    world.idle().await;

    // then
    assert_goes_on(&world, account).await;
    assert_eq!(world.store.credential(account).await.unwrap().unwrap().expires_at, Some(end));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_no_good_replaces_nothing() {
    // given
    let Some((world, account)) = refused(Database::Sqlite).await else { return };
    let model = world.model();
    let stranger = model.user_by_login("anna").unwrap().id;
    model.create_group("hers", "Hers", None, Visibility::Private, stranger).unwrap();
    let replace = async |token: String| {
        connect::replace_token(&world.engine, account, &SecretString::from(token), None).await.unwrap_err()
    };

    // then
    assert!(matches!(replace(" ".to_owned()).await, ConnectError::Empty(Field::Token)));
    assert!(matches!(replace("glpat-wrong".to_owned()).await, ConnectError::TokenRefused));
    let narrow = model.create_personal_token(world.jira, "t", Scopes::parse("read_api").unwrap(), None);
    assert!(matches!(replace(narrow).await, ConnectError::ScopeTooSmall { application: false }));
    let foreign = model.create_personal_token(stranger, "t", Scopes::api(), None);
    assert!(matches!(replace(foreign).await, ConnectError::AccountMissing { .. }));
    assert_eq!(authorised_by(&world, account).await, "jira");
    assert_eq!(stored(&world, account).await.state, AccountState::NeedsAuthorisation);
}
