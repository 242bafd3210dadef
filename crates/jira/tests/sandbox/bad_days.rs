//! A Jira that fails: what it is called, and whether anything may have been done.

use std::time::Duration;

use jira::{JiraError, Problem};
use model::secret::ExposeSecret as _;
use sandbox::jira::{Failure, Host, How, Reason, TooMany};

use crate::world::{NOON, World, problem};

const COMMENTS: &str = "/rest/api/2/issue/*/comment";

/// What a read and a change are told on a day like this.
async fn both(world: &World, how: How) -> [JiraError; 2] {
    world.server.switches().fail_no_more();
    world.server.switches().fail(Failure::every(COMMENTS, how));
    let read = world.rest.comment_find("ABC-1", "x", NOON).await.unwrap_err();
    let change = world.rest.comment_add("ABC-1", "x").await.unwrap_err();
    assert!(!read.may_have_acted, "a read changes nothing");
    [read, change]
}

#[tokio::test]
async fn each_bad_day_has_its_name() {
    let status = |status: u16| How::Status(http::StatusCode::from_u16(status).unwrap());
    for world in [World::data_center().await, World::cloud().await] {
        // how it fails: its name, whether a change may have been made, whether it passes by itself
        for (how, expected, may_have_acted, temporary) in [
            (status(401), Problem::Unauthorised, false, false),
            (status(403), Problem::Forbidden, false, false),
            (status(413), Problem::TooLarge, false, false),
            (status(409), Problem::Refused, false, false),
            (status(500), Problem::Unavailable, true, true),
            (status(502), Problem::Unavailable, true, true),
            (status(503), Problem::Unavailable, true, true),
            (How::TooMany(TooMany::bare()), Problem::RateLimited, false, true),
            (How::Html, Problem::NotJira, true, true),
            (How::LogIn, Problem::LogInPage, false, true),
            (How::ErrorInside, Problem::ErrorInside, true, true),
            (How::HalfAnswer, Problem::Unreadable, true, true),
            (How::DropConnection, Problem::Network, true, true),
            (How::DropAnswer, Problem::Network, true, true),
        ] {
            let [read, change] = both(&world, how).await;
            assert_eq!((read.problem, change.problem), (expected, expected), "{how:?}");
            assert_eq!((change.may_have_acted, change.is_temporary()), (may_have_acted, temporary), "{how:?}");
        }
    }
}

#[tokio::test]
async fn a_silent_jira_is_not_waited_for_for_ever() {
    let world = World::data_center().await;
    let network = net::Network { answer_timeout: Duration::from_millis(300), ..net::Network::default() };
    let hasty = world.rest_over(net::HttpFactory::new(network).unwrap().client());
    world.server.switches().fail(Failure::every(COMMENTS, How::Silence));
    assert_eq!(problem(hasty.comment_add("ABC-1", "x").await), (Problem::Network, true));
}

#[tokio::test]
async fn a_jira_that_is_down_has_done_nothing() {
    let world = World::data_center().await;
    world.server.switches().host(Host::Refusing).await;
    let error = world.rest.comment_add("ABC-1", "x").await.unwrap_err();
    assert_eq!((error.problem, error.may_have_acted, error.status), (Problem::Network, false, None));
    assert!(error.words.unwrap().contains("refused the connection"));
}

#[tokio::test]
async fn a_pause_is_kept_by_all_who_share_the_client() {
    // given
    let world = World::data_center().await;
    let limited = How::TooMany(TooMany::after(30, Reason::TenantQuota));
    world.server.switches().fail(Failure::nth("/rest/api/2/myself", 1, limited));

    // when
    let error = world.rest.myself().await.unwrap_err();

    // then
    assert_eq!((error.problem, error.retry_at), (Problem::RateLimited, Some(NOON + 30_000)));
    world.server.requests().clear();
    let next = world.rest.clone().time_tracking().await.unwrap_err();
    assert_eq!((next.problem, next.retry_at, next.status), (Problem::RateLimited, Some(NOON + 30_000), None));
    assert!(world.server.requests().all().is_empty(), "nothing is sent meanwhile");
    world.clock.advance(30_000);
    assert!(world.rest.time_tracking().await.unwrap());
}

#[tokio::test]
async fn a_limit_of_one_issue_pauses_nothing_else() {
    let world = World::cloud().await;
    let limited = How::TooMany(TooMany::after(30, Reason::PerIssueOnWrite));
    world.server.switches().fail(Failure::every(COMMENTS, limited));
    let error = world.rest.comment_add("ABC-1", "x").await.unwrap_err();
    assert_eq!((error.problem, error.retry_at), (Problem::RateLimited, Some(NOON + 30_000)));
    world.rest.transition("ABC-1", "31").await.unwrap();
}

#[tokio::test]
async fn a_renamed_site_gets_no_credentials_at_its_new_address() {
    // given
    let (world, elsewhere) = (World::cloud().await, World::cloud().await);
    world.server.switches().renamed_to(Some(elsewhere.server.url()));

    // when
    let error = world.rest.comment_add("ABC-1", "x").await.unwrap_err();

    // then
    assert_eq!((error.problem, error.may_have_acted, error.is_temporary()), (Problem::Redirected, false, false));
    assert!(error.words.unwrap().starts_with(elsewhere.server.url()));
    assert!(elsewhere.server.requests().all().is_empty());
}

#[tokio::test]
async fn a_404_of_something_else_is_no_missing_issue() {
    let world = World::data_center().await;
    world.server.switches().fail(Failure::every("/rest/api/2/issue/*", How::Status(http::StatusCode::NOT_FOUND)));
    // Jira's own shape is believed …
    assert_eq!(world.rest.issue("ABC-1").await.unwrap(), None);
    // … what lies outside of Jira is not
    let outside = World::with(sandbox::jira::Options {
        context_path: "/elsewhere".to_owned(),
        ..sandbox::jira::Options::data_center()
    })
    .await;
    let root = outside.server.url().trim_end_matches("/elsewhere").to_owned();
    let token = outside.model().create_token(outside.root, None);
    let rest = jira::Rest::new(jira::RestOptions {
        base_url: root.parse().unwrap(),
        auth: jira::RestAuth::Bearer(token.into()),
        http: crate::world::http(),
        clock: outside.clock.clone(),
        cloud: false,
    });
    assert_eq!(problem(rest.issue("ABC-1").await).0, Problem::NotFound);
    assert_eq!(problem(rest.server_info().await).0, Problem::NotJira);
}

#[tokio::test]
async fn no_error_shows_a_secret() {
    let world = World::cloud().await;
    let keys = world.keys();
    let dev_info = world.dev_info(&jira_keys_with(&keys, "wrong-secret"));
    let error = dev_info.sign_in().await.unwrap_err();
    let shown = format!("{error:?} {error} {} {dev_info:?}", error.sentence());
    let secret = model::secret::SecretString::from("wrong-secret".to_owned());
    assert!(!shown.contains(secret.expose_secret()) && !shown.contains(&keys.client_id), "{shown}");
}

fn jira_keys_with(keys: &sandbox::jira::model::OAuthKeys, secret: &str) -> sandbox::jira::model::OAuthKeys {
    sandbox::jira::model::OAuthKeys { client_id: keys.client_id.clone(), secret: secret.to_owned() }
}
