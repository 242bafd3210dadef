//! The entries of `docs/troubleshooting.md` about accounts, syncs and web hooks, each with a GitLab that is broken so.

use std::time::Duration;

use http::StatusCode;
use sandbox::gitlab::model::{AccessLevel, NewMergeRequest, Scope, Scopes, Visibility};
use sandbox::gitlab::switches::{Failure, How, RateLimit};
use store::HookOf;
use sync::connect::{self, Begun, ConnectError, Form, Method, Outcome};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::connecting::{consent, oauth};
use crate::hooks::town::Town;
use crate::troubleshooting::assert_told;
use crate::world::{ADMIN, Database, GROUP, REDIRECT, World};

fn words(error: &ConnectError) -> String {
    [error.happened(), error.cause(), error.remedy()].join(" ")
}

async fn world() -> World {
    World::new(Database::Sqlite).await.unwrap()
}

/// Connects with a token, which fails.
async fn refused(world: &World, path: &str, token: &str) -> String {
    let form = world.form(path, Method::token(token.to_owned().into()));
    words(&world.try_connect(form).await.unwrap_err())
}

/// Where the browser is sent to authorise an application with this redirect URI and these scopes.
async fn authorise(world: &World, redirect: &str, scopes: Scopes) -> Result<url::Url, ConnectError> {
    let keys = world.model().create_application(world.jira, "Jira", &[redirect], scopes).unwrap();
    let method = Method::OAuth { client_id: keys.client_id, client_secret: keys.secret.into() };
    match connect::begin(&world.engine, world.form(GROUP, method), REDIRECT, ADMIN).await? {
        Begun::Authorise { url } => Ok(url),
        other => panic!("a dance expected, but {other:?}"),
    }
}

/// What the forge's page answers, and where it sends the browser.
async fn open(url: &url::Url) -> (String, Option<url::Url>) {
    let client = net::HttpFactory::new(net::Network::default()).unwrap().client();
    let response = client.get(url).keep_redirect().send().await.unwrap();
    let to = response.header("location").map(|to| url::Url::parse(to).unwrap());
    (response.text(1 << 20).await.unwrap(), to)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_no_gitlab() {
    let world = world().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host_url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let _ = connection.read(&mut [0_u8; 2048]).await;
            let _ =
                connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello").await;
        }
    });
    let form = Form { host_url, ..world.form(GROUP, Method::token(world.token())) };

    let error = world.try_connect(form).await.unwrap_err();

    assert_told("A log-in page, or an answer that is not GitLab", &words(&error));
    serving.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_without_the_scope() {
    let world = world().await;
    let few = Scopes::from_iter([Scope::ReadUser]);
    let url = authorise(&world, REDIRECT, few).await.unwrap();

    // GitLab says so on a page of its own, or sends the browser back with it.
    let (page, back) = open(&url).await;
    assert!(back.is_none() && page.contains("The requested scope is invalid, unknown, or malformed."), "{page}");
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let denied = Outcome::Denied { error: "invalid_scope".to_owned(), description: None };
    let error = connect::finish(&world.engine, &state, denied, ADMIN).await.unwrap_err();

    assert_told("The requested scope is invalid, unknown, or malformed.", &words(&error));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_with_another_redirect_uri() {
    let world = world().await;
    let error = match authorise(&world, "https://elsewhere.example.com/", Scopes::api()).await {
        Err(error) => words(&error),
        Ok(url) => {
            let (page, back) = open(&url).await;
            assert!(back.is_none() && page.contains("redirect URI included is not valid"), "{page}");
            return;
        }
    };
    assert_told("The redirect URI included is not valid.", &error);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_client_secret() {
    let world = world().await;
    let Method::OAuth { client_id, .. } = oauth(&world) else { unreachable!() };
    let wrong = Method::OAuth { client_id, client_secret: "gloas-wrong".to_owned().into() };
    let error = connect::begin(&world.engine, world.form(GROUP, wrong), REDIRECT, ADMIN).await.unwrap_err();
    assert_told("Error obtaining access token: Incorrect client credentials", &words(&error));
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_that_was_denied_or_took_too_long() {
    let world = world().await;
    let url = authorise(&world, REDIRECT, Scopes::api()).await.unwrap();
    let (state, code) = consent(&url).await;
    let denied = Outcome::Denied { error: "access_denied".to_owned(), description: None };
    let error = connect::finish(&world.engine, &state, denied, ADMIN).await.unwrap_err();
    assert_told("Ops, no access code returned. Did you click Allow?", &words(&error));

    let late = connect::finish(&world.engine, &state, Outcome::Code(code), ADMIN).await.unwrap_err();
    assert_told("The authorisation took too long", &words(&late));
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_are_none() {
    let world = world().await;
    world.project("api").await;
    let token = world.token();
    let token = model::secret::ExposeSecret::expose_secret(&token).to_owned();

    assert_told("The team or user does not exist", &refused(&world, "missing", &token).await);
    assert_told("The path is a project", &refused(&world, "platform/api", &token).await);
    world.import(GROUP).await;
    assert_told("Account is already integrated with JIRA", &refused(&world, "Platform", &token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_project_that_is_seen_is_listed() {
    // “An account without repositories”: what the user sees is there, what it does not see is not.
    let world = world().await;
    world.project("api").await;
    let account = world.import(GROUP).await;
    assert!(world.repository(account, "api").await.path.ends_with("api"));
    assert!(crate::troubleshooting::entries().contains(&"An account without repositories"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gitlab_that_was_added_as_github() {
    let world = world().await;
    let kind = model::HostKind::Github;
    let form = Form { kind, ..world.form(GROUP, Method::token(world.token())) };
    let error = world.try_connect(form).await.unwrap_err();
    assert_told("Error retrieving list of repositories, 404 or 410 from GitLab 16", &words(&error));
}

#[tokio::test(flavor = "multi_thread")]
async fn merge_requests_that_are_switched_off() {
    // given
    let world = world().await;
    let (api, web) = (world.project("api").await, world.project("web").await);
    world.push(api, &[("main", "PLAT-1 Begin")]).await;
    world.push(web, &[("main", "PLAT-1 Begin here"), ("x", "PLAT-2 More")]).await;
    let new = NewMergeRequest::within(web, "x", "main", "PLAT-2 More", world.jira);
    world.model().open_merge_request(new).await.unwrap();
    world.server.switches().merge_requests_off(api);

    // when
    let account = world.import(GROUP).await;

    // then
    world.assert_up_to_date(account).await;
    assert_eq!(world.reachable("PLAT-1").await.len(), 2);
    assert!(crate::troubleshooting::entries().contains(&"Sync failed, 403 Forbidden on merge_requests"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_answers_404() {
    let world = world().await;
    let gone = world.project("gone").await;
    world.push(gone, &[("main", "PLAT-1 Begin")]).await;
    let switches = world.server.switches();
    switches.fail(Failure::every("/platform/gone.git/*", How::Status(StatusCode::NOT_FOUND)));
    switches.fail(Failure::every(&format!("/api/v4/projects/{}/*", gone.0), How::Status(StatusCode::NOT_FOUND)));

    let account = world.import(GROUP).await;

    let error = world.repository(account, "gone").await.error.unwrap();
    assert_told("404 in the sync of one project", &error);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_was_revoked() {
    let world = world().await;
    let url = authorise(&world, REDIRECT, Scopes::api()).await.unwrap();
    let (state, code) = consent(&url).await;
    let shown = connect::finish(&world.engine, &state, Outcome::Code(code), ADMIN).await.unwrap();
    let account = connect::confirm(&world.engine, &shown.state, ADMIN).await.unwrap();
    world.idle().await;
    world.server.switches().revoke_tokens();

    world.wait(Duration::from_secs(3 * 3_600)).await;
    world.refresh(account).await;

    let stored = world.store.account(account).await.unwrap().unwrap();
    assert_told("It worked for two hours", &stored.error.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit() {
    let world = world().await;
    for name in ["a", "b", "c", "d"] {
        let project = world.project(name).await;
        world.push(project, &[("main", "PLAT-1 Begin")]).await;
    }
    world.connect(GROUP).await;
    world.server.switches().rate_limit(Some(RateLimit { limit: 10, window: Duration::from_secs(60) }));

    world.idle().await;

    let host = world.store.hosts().await.unwrap().remove(0);
    assert!(host.paused_until.is_some_and(|until| until > model::Clock::now(&*world.clock)));
    let entry = "Rate limit was exceeded. Syncing will automatically resume later.";
    assert!(crate::troubleshooting::entries().contains(&entry));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_was_deleted_and_a_merge_request_that_was_opened() {
    // given
    let world = world().await;
    let api = world.project("api").await;
    world.push(api, &[("main", "Begin"), ("PLAT-1-x", "Work")]).await;
    let account = world.import(GROUP).await;
    assert_eq!(world.branches("PLAT-1").await.len(), 1);

    // when
    world.delete_branch(api, "PLAT-1-x").await;
    world.push(api, &[("y", "More")]).await;
    let new = NewMergeRequest::within(api, "y", "main", "PLAT-3 More", world.jira);
    world.model().open_merge_request(new).await.unwrap();
    world.refresh(account).await;

    // then
    assert!(world.branches("PLAT-1").await.is_empty());
    assert_eq!(world.merge_requests("PLAT-3").await.len(), 1);
    let entries = crate::troubleshooting::entries();
    for entry in ["A branch that was deleted is still there", "A new merge request appears late"] {
        assert!(entries.contains(&entry));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gitlab_that_calls_no_private_address() {
    let town = Town::new(Database::Sqlite).await.unwrap();
    let api = town.project("api").await;
    town.push(api, &[("main", "PLAT-1 Begin")]).await;
    town.server.switches().no_local_hooks();
    let mia = town.member("mia", AccessLevel::Maintainer);

    let account = town.import_as(mia, GROUP).await;

    let hook = town.hook(HookOf::Repository(town.repository(account, "api").await.id)).await;
    assert_told("Url is blocked: Requests to the local network are not allowed", &hook.error.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_make_no_hooks() {
    let town = Town::new(Database::Sqlite).await.unwrap();
    town.project("api").await;
    let dan = town.member("dan", AccessLevel::Developer);
    let account = town.import_as(dan, GROUP).await;
    let hook = town.hook(HookOf::Repository(town.repository(account, "api").await.id)).await;
    assert_told("403 or 404 when a hook is made", &hook.error.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_hidden_looks_like_none() {
    let world = world().await;
    let anna = world.model().user_by_login("anna").unwrap().id;
    world.model().create_group("secret", "Secret", None, Visibility::Private, anna).unwrap();
    let token = model::secret::ExposeSecret::expose_secret(&world.token()).to_owned();
    assert_told("The team or user does not exist", &refused(&world, "secret", &token).await);
}
