//! Connecting an account: the dance, and every way in which it goes wrong without leaving anything behind.

use model::secret::SecretString;
use model::{Clock, HostKind};
use rstest::rstest;
use sandbox::gitlab::model::{AccessLevel, Scopes, Visibility};
use store::{CredentialKind, Viewer};
use sync::connect::{self, Begun, ConnectError, Field, Form, Method, Outcome, Warning};
use url::Url;

use crate::world::{ADMIN, Database, GROUP, REDIRECT, World};

/// Somebody else who is signed in to Dovetail.
const OTHER: i64 = 2;

/// An application, as registered at GitLab.
pub fn oauth(world: &World) -> Method {
    let keys = world.model().create_application(world.jira, "Dovetail", &[REDIRECT], Scopes::api()).unwrap();
    Method::OAuth { client_id: keys.client_id, client_secret: keys.secret.into() }
}

async fn begin(world: &World, form: Form) -> Result<Url, ConnectError> {
    match connect::begin(&world.engine, form, REDIRECT, ADMIN).await? {
        Begun::Authorise { url } => Ok(url),
        other => panic!("a dance expected, but {other:?}"),
    }
}

/// Goes where the browser is sent, and answers what it brings back: the state and the code.
pub async fn consent(url: &Url) -> (String, String) {
    let client = net::HttpFactory::new(net::Network::default()).unwrap().client();
    let response = client.get(url).keep_redirect().send().await.unwrap();
    let back = Url::parse(response.header("location").expect("sent back")).unwrap();
    assert!(back.as_str().starts_with(REDIRECT), "{back}");
    let value = |name| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap();
    (value("state"), value("code"))
}

async fn assert_nothing_left(world: &World) {
    assert!(world.store.accounts(Viewer::Everything).await.unwrap().is_empty());
    assert!(world.store.hosts().await.unwrap().is_empty());
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_connected_and_imported(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;

    // when
    let url = begin(&world, world.form("/Platform/", oauth(&world))).await.unwrap();
    let (state, code) = consent(&url).await;
    let shown = connect::finish(&world.engine, &state, Outcome::Code(code), ADMIN).await.unwrap();

    // then: nothing exists before it is confirmed
    assert_nothing_left(&world).await;
    assert_eq!((shown.authorised_by.login.as_str(), shown.warning), ("jira", None));
    assert_eq!((shown.account.path.as_str(), shown.host_url.as_str()), (GROUP, world.server.url()));
    assert_eq!(shown.notes.len(), 1, "plain http is noted: {:?}", shown.notes);
    let again = connect::confirmation(&world.engine, &shown.state, ADMIN).await.unwrap();
    assert_eq!(again.account, shown.account);

    // when
    let account = connect::confirm(&world.engine, &shown.state, ADMIN).await.unwrap();
    world.idle().await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(world.reachable("PLAT-1").await.len(), 1);
    let stored = world.store.account(account).await.unwrap().unwrap();
    assert_eq!(stored.path, GROUP);
    assert!(stored.imported_at.is_some() && stored.error.is_none());
    let credential = world.store.credential(account).await.unwrap().unwrap();
    assert_eq!(credential.kind, CredentialKind::Oauth);
    assert_eq!(credential.expires_at, Some(world.clock.now() + 7_200_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_is_checked_before_anything_is_asked() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let token = || Method::token("glpat-x".to_owned().into());
    let secret = |client_id: &str, client_secret: &str| Method::OAuth {
        client_id: client_id.to_owned(),
        client_secret: client_secret.to_owned().into(),
    };
    let form = |host_url: &str, path: &str, method| Form { host_url: host_url.to_owned(), ..world.form(path, method) };
    let url = world.server.url();
    let cases = [
        (form("", GROUP, token()), "Empty(HostUrl)", Some(Field::HostUrl)),
        (form("gitlab.example.com", GROUP, token()), "UrlWithoutScheme", Some(Field::HostUrl)),
        (form("ftp://gitlab.example.com", GROUP, token()), "UrlBad(Scheme)", Some(Field::HostUrl)),
        (form("https://anna:pw@gitlab.example.com", GROUP, token()), "UrlBad(Credentials)", Some(Field::HostUrl)),
        (form(url, " / ", token()), "Empty(Path)", Some(Field::Path)),
        (form(url, GROUP, secret(" ", "s")), "Empty(ClientId)", Some(Field::ClientId)),
        (form(url, GROUP, secret("c", "")), "Empty(ClientSecret)", Some(Field::ClientSecret)),
        (form(url, GROUP, Method::token(String::new().into())), "Empty(Token)", Some(Field::Token)),
        (form(url, GROUP, Method::None), "MethodUnsupported", None),
    ];

    for (form, expected, field) in cases {
        // when
        let error = connect::begin(&world.engine, form, REDIRECT, ADMIN).await.unwrap_err();

        // then
        assert_eq!((format!("{error:?}"), error.field()), (expected.to_owned(), field));
    }
    assert_nothing_left(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_none_is_told_from_one_that_is_silent() {
    // given: a port where nobody listens, and a server that is no GitLab
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let other = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let page = format!("http://{}", other.local_addr().unwrap());
    let tls = page.replace("http://", "https://");
    let serving = tokio::spawn(serve_a_page(other));
    let connect = async |host_url: &str| {
        let form =
            Form { host_url: host_url.to_owned(), ..world.form(GROUP, Method::token("glpat-x".to_owned().into())) };
        connect::begin(&world.engine, form, REDIRECT, ADMIN).await.unwrap_err()
    };

    // then
    assert!(matches!(connect(&silent).await, ConnectError::Unreachable { .. }));
    assert!(matches!(connect(&page).await, ConnectError::NotGitlab { .. }));
    assert!(matches!(connect(&tls).await, ConnectError::Certificate { .. }), "plain HTTP where TLS is expected");
    assert!(matches!(connect("https://gitlab.invalid").await, ConnectError::Unreachable { .. }));
    assert_nothing_left(&world).await;
    serving.abort();
}

async fn serve_a_page(listener: tokio::net::TcpListener) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    loop {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = [0_u8; 2048];
        let _ = connection.read(&mut request).await;
        let _ = connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_told_before_anybody_is_sent_away() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let Method::OAuth { client_id, .. } = oauth(&world) else { unreachable!() };
    let wrong = Method::OAuth { client_id, client_secret: "gloas-wrong".to_owned().into() };

    // when
    let error = begin(&world, world.form(GROUP, wrong)).await.unwrap_err();

    // then
    assert!(matches!(error, ConnectError::WrongSecret), "{error:?}");
    assert_eq!(error.field(), Some(Field::ClientSecret));
    assert_nothing_left(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn denied_consent_ends_the_dance() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let url = begin(&world, world.form(GROUP, oauth(&world))).await.unwrap();
    let (state, code) = consent(&url).await;
    let denied = Outcome::Denied { error: "access_denied".to_owned(), description: Some("No\nway".to_owned()) };

    // when
    let error = connect::finish(&world.engine, &state, denied, ADMIN).await.unwrap_err();

    // then
    assert!(matches!(&error, ConnectError::Denied { description: Some(words) } if words == "Noway"), "{error:?}");
    let late = connect::finish(&world.engine, &state, Outcome::Code(code), ADMIN).await.unwrap_err();
    assert!(matches!(late, ConnectError::StateMismatch));
    assert_nothing_left(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_is_good_once_for_its_user_and_for_a_quarter_of_an_hour() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let url = begin(&world, world.form(GROUP, oauth(&world))).await.unwrap();
    let (state, code) = consent(&url).await;
    let finish =
        async |state: &str, user| connect::finish(&world.engine, state, Outcome::Code(code.clone()), user).await;

    // then: neither an invented state nor somebody else's uses it up
    assert!(matches!(finish("invented", ADMIN).await, Err(ConnectError::StateMismatch)));
    assert!(matches!(finish("", ADMIN).await, Err(ConnectError::StateMismatch)));
    assert!(matches!(finish(&state, OTHER).await, Err(ConnectError::StateMismatch)));
    let shown = finish(&state, ADMIN).await.unwrap();
    assert!(matches!(finish(&state, ADMIN).await, Err(ConnectError::StateMismatch)), "used twice");

    // then: the same holds for the confirmation
    assert!(matches!(connect::confirm(&world.engine, &state, ADMIN).await, Err(ConnectError::StateMismatch)));
    assert!(matches!(connect::confirm(&world.engine, &shown.state, OTHER).await, Err(ConnectError::StateMismatch)));
    world.clock.advance(15 * 60 * 1000 + 1);
    assert!(matches!(connect::confirm(&world.engine, &shown.state, ADMIN).await, Err(ConnectError::StateMismatch)));
    assert_nothing_left(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_dance_for_themselves() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    world.model().create_group("tools", "Tools", None, Visibility::Private, world.jira).unwrap();
    let method = oauth(&world);
    let first = begin(&world, world.form(GROUP, method.clone())).await.unwrap();
    let second = begin(&world, world.form("tools", method)).await.unwrap();
    let ((first_state, first_code), (second_state, second_code)) = (consent(&first).await, consent(&second).await);

    // when: the second ends first
    let second = connect::finish(&world.engine, &second_state, Outcome::Code(second_code), ADMIN).await.unwrap();
    let first = connect::finish(&world.engine, &first_state, Outcome::Code(first_code), ADMIN).await.unwrap();
    connect::confirm(&world.engine, &first.state, ADMIN).await.unwrap();
    connect::confirm(&world.engine, &second.state, ADMIN).await.unwrap();

    // then
    let accounts = world.store.accounts(Viewer::Everything).await.unwrap();
    assert_eq!(accounts.iter().map(|account| account.path.as_str()).collect::<Vec<_>>(), [GROUP, "tools"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_another_dance_does_not_fit() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let method = oauth(&world);
    let (first_state, _) = consent(&begin(&world, world.form(GROUP, method.clone())).await.unwrap()).await;
    let (_, second_code) = consent(&begin(&world, world.form(GROUP, method)).await.unwrap()).await;

    // when
    let error = connect::finish(&world.engine, &first_state, Outcome::Code(second_code), ADMIN).await.unwrap_err();

    // then: PKCE binds each code to its own verifier
    assert!(matches!(error, ConnectError::CodeRefused), "{error:?}");
    assert_nothing_left(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_account_of_this_user_is_refused() {
    // given: a group that only others see, a project, and a token that may too little
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let anna = world.model().user_by_login("anna").unwrap().id;
    world.model().create_group("secret", "Secret", None, Visibility::Private, anna).unwrap();
    world.project("api").await;
    let connect =
        async |path: &str| world.try_connect(world.form(path, Method::token(world.token()))).await.unwrap_err();

    // then
    for path in ["missing", "secret"] {
        let error = connect(path).await;
        assert!(matches!(&error, ConnectError::AccountMissing { login, .. } if login == "jira"), "{path}: {error:?}");
    }
    let error = connect("platform/api").await;
    assert!(matches!(&error, ConnectError::AccountIsProject { parent, .. } if parent == "platform"), "{error:?}");
    let refused = world.form(GROUP, Method::token("glpat-wrong".to_owned().into()));
    assert!(matches!(world.try_connect(refused).await, Err(ConnectError::TokenRefused)));
    let narrow = world.model().create_personal_token(world.jira, "narrow", "read_user".parse_scopes(), None);
    let error = world.try_connect(world.form(GROUP, Method::token(narrow.into()))).await.unwrap_err();
    assert!(matches!(error, ConnectError::ScopeTooSmall { application: false }), "{error:?}");
    assert_nothing_left(&world).await;
}

trait ParseScopes {
    fn parse_scopes(self) -> Scopes;
}

impl ParseScopes for &str {
    fn parse_scopes(self) -> Scopes {
        Scopes::parse(self).unwrap()
    }
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_account_in_any_case_is_refused_with_a_link(#[case] database: Database) {
    // given
    let Some(world) = World::new(database).await else { return };
    let method = oauth(&world);
    let racing = begin(&world, world.form(GROUP, method.clone())).await.unwrap();
    let (state, code) = consent(&racing).await;
    let racing = connect::finish(&world.engine, &state, Outcome::Code(code), ADMIN).await.unwrap();
    let account = world.import(GROUP).await;

    // then: before the dance, and when two are confirmed
    let error = begin(&world, world.form("PLATFORM", method)).await.unwrap_err();
    assert!(
        matches!(&error, ConnectError::AccountExists { id, path, .. } if *id == account && path == GROUP),
        "{error:?}"
    );
    let error = connect::confirm(&world.engine, &racing.state, ADMIN).await.unwrap_err();
    assert!(matches!(error, ConnectError::AccountExists { id, .. } if id == account), "{error:?}");
    assert_eq!(world.store.accounts(Viewer::Everything).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_authorised_is_shown_with_what_is_risky_about_it() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let warning = async |token: String| {
        let form = world.form(GROUP, Method::token(SecretString::from(token)));
        let Begun::Confirm { state } = connect::begin(&world.engine, form, REDIRECT, ADMIN).await.unwrap() else {
            panic!("tokens are confirmed")
        };
        let warning = connect::confirmation(&world.engine, &state, ADMIN).await.unwrap().warning;
        connect::cancel(&world.engine, &state, ADMIN).await.unwrap();
        assert!(connect::confirm(&world.engine, &state, ADMIN).await.is_err(), "cancelled");
        warning
    };
    let model = world.model();
    let [root, anna] = ["root", "anna"].map(|login| model.user_by_login(login).unwrap().id);
    model.add_member(world.group, anna, AccessLevel::Maintainer);
    let personal = |user| model.create_personal_token(user, "t", Scopes::api(), None);
    let bot = model.create_place_token(world.group, "bot", Scopes::api(), AccessLevel::Reporter, None).unwrap();

    // then
    assert_eq!(warning(personal(root)).await, Some(Warning::Administrator));
    assert_eq!(warning(personal(anna)).await, Some(Warning::Person));
    assert_eq!(warning(personal(world.jira)).await, None);
    assert_eq!(warning(bot).await, None);
    assert_nothing_left(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_personal_namespace_is_an_account_too() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let project =
        world.model().create_project("jira", "notes", "notes", Visibility::Private, world.jira).await.unwrap();
    world.push(project, &[("main", "PLAT-1 Begin")]).await;

    // when
    let account = world.import("jira").await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(world.reachable("PLAT-1").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_missing_is_no_account() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    let path = world.path("nowhere").to_string_lossy().into_owned();
    let form = Form { kind: HostKind::Folder, host_url: String::new(), ..world.form(&path, Method::None) };

    // when
    let error = world.try_connect(form).await.unwrap_err();

    // then
    assert!(matches!(&error, ConnectError::FolderMissing { path: told } if *told == path), "{error:?}");
    assert_eq!(error.field(), Some(Field::Path));
    assert_nothing_left(&world).await;
}
