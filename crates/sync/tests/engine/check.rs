//! The check of a host, step by step, against a GitLab that is broken in one way each.

use std::net::Ipv4Addr;
use std::sync::Arc;

use http::StatusCode;
use model::secret::SecretString;
use model::{Clock, HostKind};
use net::check::{Report, Stage, Verdict};
use sandbox::gitlab::model::{AccessLevel, NewUser, Scope, Scopes, Visibility};
use sandbox::gitlab::switches::{Failure, How};
use sync::check::{STAGES, Target, check};
use sync::connect::{Keys, Method};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::connecting::oauth;
use crate::troubleshooting::assert_told;
use crate::world::{Database, GROUP, REDIRECT, World};

async fn world() -> World {
    let world = World::new(Database::Sqlite).await.unwrap();
    let project = world.project("api").await;
    world.push(project, &[("main", "PLAT-1 Begin")]).await;
    world
}

fn keys(world: &World) -> Keys {
    let Method::OAuth { client_id, client_secret } = oauth(world) else { unreachable!() };
    Keys { client_id, client_secret }
}

fn target(world: &World) -> Target {
    Target {
        kind: HostKind::Gitlab,
        host_url: world.server.url().to_owned(),
        account: Some(GROUP.to_owned()),
        token: Some(world.token()),
        application: Some(keys(world)),
        redirect_uri: None,
    }
}

async fn looked(world: &World, target: &Target, until: Option<&str>) -> Report {
    let http = net::HttpFactory::new(net::Network::default()).unwrap().client();
    let clock: Arc<dyn Clock> = world.clock.clone();
    check(&http, &clock, target, until, None).await
}

/// A step by its name.
#[track_caller]
pub fn stage<'a>(report: &'a Report, name: &str) -> &'a Stage {
    report.stages.iter().find(|stage| stage.stage == name).unwrap_or_else(|| panic!("no {name}: {report:#?}"))
}

/// The verdicts in a line, behind those of the network.
fn verdicts(report: &Report) -> String {
    let names: Vec<&str> = report.stages.iter().map(|stage| stage.stage.as_str()).collect();
    assert_eq!(names, STAGES[..names.len()], "each step once, in order");
    let own = report.stages.iter().skip(6);
    own.map(|stage| format!("{} {:?}", stage.stage, stage.verdict).to_lowercase()).collect::<Vec<_>>().join(", ")
}

/// What the step that failed says; all behind it is skipped.
#[track_caller]
fn failure(report: &Report, stage: &str) -> String {
    let failed = report.first_failed().unwrap_or_else(|| panic!("nothing failed: {report:#?}"));
    assert_eq!(failed.stage, stage, "{report:#?}");
    let at = report.stages.iter().position(|one| one.stage == stage).unwrap();
    assert!(report.stages[at + 1..].iter().all(|one| one.verdict == Verdict::Skipped), "{report:#?}");
    format!("{} | {} | {}", failed.seen, failed.cause.as_deref().unwrap(), failed.remedy.as_deref().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_well_passes_every_step() {
    let world = world().await;

    let report = looked(&world, &target(&world), None).await;

    let expected = "kind passed, application passed, token passed, version passed, account passed, rights passed, \
                    repositories passed, git passed, hooks skipped";
    assert_eq!(verdicts(&report), expected, "{report:#?}");
    assert_eq!(report.first_failed(), None);
    let repositories = stage(&report, "repositories");
    assert_eq!(repositories.seen, "The user sees 1, 0 of them archived and 0 empty.");
    assert_eq!(repositories.details, ["platform/api"]);
    let shown = serde_json::to_string(&report).unwrap();
    let target = target(&world);
    for secret in [target.token.as_ref().unwrap(), &target.application.as_ref().unwrap().client_secret] {
        assert!(!shown.contains(model::secret::ExposeSecret::expose_secret(secret)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_with_the_step_that_was_asked_for() {
    let world = world().await;
    for (at, until) in STAGES.iter().enumerate() {
        let report = looked(&world, &target(&world), Some(until)).await;
        assert_eq!(report.stages.len(), at + 1, "{until}");
        assert_eq!(report.first_failed(), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_given_is_not_looked_at() {
    let world = world().await;
    let bare = Target { account: None, token: None, application: None, ..target(&world) };
    let report = looked(&world, &bare, None).await;
    let expected = "kind passed, application skipped, token skipped, version skipped, account skipped, rights skipped, repositories \
         skipped, git skipped, hooks skipped";
    assert_eq!(verdicts(&report), expected);
    let no_account = Target { account: None, ..target(&world) };
    assert!(
        verdicts(&looked(&world, &no_account, None).await).contains("token passed, version passed, account skipped")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_answers_is_told() {
    let world = world().await;

    // A page of it
    let page = Target { host_url: format!("{}/platform/api/-/issues", world.server.url()), ..target(&world) };
    let report = looked(&world, &page, Some("kind")).await;
    assert_ne!(stage(&report, "kind").verdict, Verdict::Failed, "{report:#?}");

    // Chosen as GitHub
    let github = Target { kind: HostKind::Github, ..target(&world) };
    let told = failure(&looked(&world, &github, None).await, "kind");
    assert!(told.contains("This is not GitHub Enterprise, but GitLab Self-Managed."), "{told}");

    // Servers of others
    let gitea = serve("<html><meta name=\"author\" content=\"Gitea - Git with a cup of tea\">").await;
    let told = failure(&looked(&world, &Target { host_url: gitea, ..target(&world) }, None).await, "kind");
    assert!(told.contains("it looks like a Gitea"), "{told}");
    let jira = sandbox::jira::Server::start(sandbox::jira::Options::data_center()).await.unwrap();
    let told =
        failure(&looked(&world, &Target { host_url: jira.url().to_owned(), ..target(&world) }, None).await, "kind");
    assert!(told.contains("it looks like a Jira"), "{told}");
    let other = serve("hello").await;
    let told = failure(&looked(&world, &Target { host_url: other, ..target(&world) }, None).await, "kind");
    assert!(told.contains("it is not GitLab"), "{told}");
}

async fn serve(page: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let _ = connection.read(&mut [0_u8; 4096]).await;
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", page.len());
            let _ = connection.write_all(format!("{head}{page}").as_bytes()).await;
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_application_is_told_without_a_browser_as_far_as_the_host_tells() {
    let world = world().await;
    let wrong = |keys: Keys| Target { application: Some(keys), ..target(&world) };
    let secret = wrong(Keys { client_secret: SecretString::from("gloas-wrong"), ..keys(&world) });
    let unknown = wrong(Keys { client_id: "unknown".to_owned(), ..keys(&world) });
    let elsewhere =
        Target { redirect_uri: Some("https://other.example.com/oauth/callback".to_owned()), ..target(&world) };
    let here = Target { redirect_uri: Some(REDIRECT.to_owned()), ..target(&world) };
    let small =
        world.model().create_application(world.jira, "x", &[REDIRECT], Scopes::parse("read_user").unwrap()).unwrap();
    let small = Keys { client_id: small.client_id, client_secret: small.secret.into() };
    let small = Target { application: Some(small), ..here.clone() };
    let told = async |target: &Target| failure(&looked(&world, target, None).await, "application");
    let passed = async |target: &Target| {
        let report = looked(&world, target, Some("application")).await;
        assert_eq!(report.first_failed(), None, "{report:#?}");
        let stage = stage(&report, "application").clone();
        format!("{} {}", stage.seen, stage.details.join(" "))
    };

    // The page shows what it thinks of a request
    assert_told("The Client Secret is wrong", &told(&secret).await);
    assert_told("The Client ID is not known", &told(&unknown).await);
    assert_told("The application does not list the redirect URI", &told(&elsewhere).await);
    assert_told("The application does not have the scope", &told(&small).await);
    assert!(passed(&here).await.contains("has the scope “api”"));

    // It wants a log-in, but the copy of GitHub's does not
    world.server.switches().fail(Failure::every("/oauth/authorize", How::Status(StatusCode::SERVICE_UNAVAILABLE)));
    world.model().change_settings(|settings| settings.version = Some("15.11.13"));
    assert!(told(&secret).await.contains("the Client Secret is wrong"));
    assert!(told(&unknown).await.contains("does not accept the Client ID with this Client Secret"));
    assert!(told(&elsewhere).await.contains("does not list the redirect URI"));
    assert!(passed(&here).await.contains(&format!("It lists {REDIRECT}.")));

    // Neither tells
    world.model().change_settings(|settings| settings.version = Some("16.0.0"));
    for target in [&secret, &unknown] {
        let told = told(target).await;
        assert!(told.contains("does not accept the Client ID with this Client Secret"), "{told}");
        assert!(told.contains("Copy both again"), "{told}");
    }
    assert!(passed(&here).await.contains("show only after the log-in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_says_which_instructions_apply() {
    let world = world().await;
    for (version, connector) in
        [("11.2.0", "“/-/jira” at the end"), ("15.11.0", "as GitHub Enterprise"), ("16.0.0", "gone from 16")]
    {
        world.model().change_settings(|settings| settings.version = Some(version));
        let report = looked(&world, &target(&world), Some("version")).await;
        let stage = stage(&report, "version");
        assert_eq!((stage.verdict, &*stage.seen), (Verdict::Passed, &*format!("GitLab Self-Managed {version}.")));
        assert!(stage.details[0].contains(connector), "{stage:?}");
        assert_eq!(stage.details[1].contains("after 2 hours"), !version.starts_with("11"), "{stage:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_role_is_enough_for_is_told() {
    let world = world().await;
    let of = |level: Option<AccessLevel>, name: &str| {
        let new = NewUser {
            login: name.to_owned(),
            name: name.to_owned(),
            email: format!("{name}@example.com"),
            password: "secret-word".to_owned(),
            admin: false,
        };
        let user = world.model().create_user(new).unwrap();
        if let Some(level) = level {
            world.model().add_member(world.group, user, level);
        }
        let token = world.model().create_personal_token(user, "x", Scopes::api(), None);
        Target { token: Some(token.into()), ..target(&world) }
    };
    for (level, verdict, words) in [
        (AccessLevel::Owner, Verdict::Passed, "Owner of “platform”: enough for branches, merge requests and hooks"),
        (AccessLevel::Maintainer, Verdict::Passed, "a hook of each repository"),
        (AccessLevel::Developer, Verdict::Warning, "but not for hooks"),
        (AccessLevel::Guest, Verdict::Warning, "the code of private repositories stays hidden"),
    ] {
        let target = of(Some(level), &format!("{level:?}").to_lowercase());
        let report = looked(&world, &target, Some("rights")).await;
        let stage = stage(&report, "rights");
        assert_eq!(stage.verdict, verdict, "{level:?} {stage:?}");
        assert!(stage.seen.contains(words), "{stage:?}");
        if level == AccessLevel::Developer {
            assert_told("The user's role is too small", &stage.seen);
        }
    }

    // A guest sees that there is something, and cannot read it
    let token =
        world.model().create_personal_token(world.model().user_by_login("guest").unwrap().id, "y", Scopes::api(), None);
    let guest = Target { token: Some(token.into()), ..target(&world) };
    let report = looked(&world, &guest, Some("repositories")).await;
    let repositories = stage(&report, "repositories");
    assert_eq!(repositories.verdict, Verdict::Warning, "{repositories:?}");
    assert!(repositories.details.contains(&"platform/api: not readable, the role there is too small".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_told_with_its_reason() {
    let world = world().await;
    let off = world.project("off").await;
    let plain = world.project("plain").await;
    world.model().set_repository_enabled(off, false);
    world.server.switches().merge_requests_off(plain);

    let report = looked(&world, &target(&world), Some("repositories")).await;

    let repositories = stage(&report, "repositories");
    assert!(repositories.seen.contains("The user sees 2") && repositories.seen.contains("1 more cannot be read"));
    assert_told("Some repositories cannot be read", &repositories.seen);
    assert!(repositories.cause.as_deref().unwrap().contains("repository feature is switched off"), "{repositories:?}");
    assert!(repositories.details.contains(&"platform/plain: merge requests are switched off".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_is_told_as_soon_as_it_is_known() {
    let world = world().await;
    let http = net::HttpFactory::new(net::Network::default()).unwrap().client();
    let clock: Arc<dyn Clock> = world.clock.clone();
    let (watch, mut told) = tokio::sync::mpsc::unbounded_channel();

    let report = check(&http, &clock, &target(&world), None, Some(&watch)).await;

    for stage in &report.stages {
        assert_eq!(told.try_recv().as_ref(), Ok(stage));
    }
    assert!(told.try_recv().is_err(), "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_wrong_small_large_or_ends_soon_is_told() {
    let world = world().await;
    let with = |token: String| Target { token: Some(token.into()), ..target(&world) };
    let made = |scopes: &[Scope], ends: Option<i64>| {
        let scopes = scopes.iter().copied().collect::<Scopes>();
        with(world.model().create_personal_token(world.jira, "x", scopes, ends))
    };

    let told = failure(&looked(&world, &with("glpat-wrong".to_owned()), None).await, "token");
    assert!(told.contains("token"), "{told}");
    let told = failure(&looked(&world, &made(&[Scope::ReadUser], None), None).await, "token");
    assert!(told.contains("“api” is needed") || told.contains("scope is too small"), "{told}");
    let report = looked(&world, &made(&[Scope::Api, Scope::ReadUser], None), None).await;
    assert!(stage(&report, "token").seen.contains("more than is needed"), "{report:#?}");
    let soon = world.clock.now() + 5 * 24 * 3_600_000;
    let report = looked(&world, &made(&[Scope::Api], Some(soon)), None).await;
    assert_eq!(stage(&report, "token").verdict, Verdict::Warning, "{report:#?}");
    assert!(stage(&report, "token").seen.contains("more days"), "{report:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_none_is_told_with_both_explanations() {
    let world = world().await;
    let anna = world.model().user_by_login("anna").unwrap().id;
    world.model().create_group("secret", "Secret", None, Visibility::Private, anna).unwrap();
    for path in ["missing", "secret"] {
        let named = Target { account: Some(path.to_owned()), ..target(&world) };
        let told = failure(&looked(&world, &named, None).await, "account");
        assert!(told.contains("does not exist on the host, or this user cannot see it"), "{told}");
        assert!(told.contains("Compare the path") && told.contains("become a member"), "{told}");
        assert!(!told.contains("Did you mean"), "{told}");
    }
    let misspelt = Target { account: Some("platfrom".to_owned()), ..target(&world) };
    let told = failure(&looked(&world, &misspelt, None).await, "account");
    assert_told("The name of the group is misspelt", &told);
    let project = Target { account: Some("platform/api".to_owned()), ..target(&world) };
    let told = failure(&looked(&world, &project, None).await, "account");
    assert!(told.contains("is a single repository, not an account. It lies in “platform”."), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_repositories_is_a_warning() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let report = looked(&world, &target(&world), None).await;
    assert!(verdicts(&report).ends_with("repositories warning, git skipped, hooks skipped"), "{report:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn git_that_is_off_or_old_is_told() {
    let world = world().await;
    world.server.switches().no_filters();
    let report = looked(&world, &target(&world), None).await;
    assert!(stage(&report, "git").seen.contains("only with all its files"), "{report:#?}");

    world.server.switches().no_git_http();
    let told = failure(&looked(&world, &target(&world), None).await, "git");
    assert!(told.contains("platform/api cannot be read by git"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_fails_is_told_where_it_does() {
    let world = world().await;
    let failing = Failure::every("/api/v4/groups/*", How::Status(StatusCode::BAD_GATEWAY));
    world.server.switches().fail(failing);
    let told = failure(&looked(&world, &target(&world), None).await, "account");
    assert!(told.contains("502"), "{told}");

    let nowhere = Target { host_url: "http://127.0.0.1:1".to_owned(), ..target(&world) };
    assert!(failure(&looked(&world, &nowhere, None).await, "tcp").contains("refused"));
    let bad = Target { host_url: "gitlab.example.com".to_owned(), ..target(&world) };
    failure(&looked(&world, &bad, None).await, "url");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_needs_no_network() {
    let world = world().await;
    let folder = world.path("repositories");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.display().to_string();
    let of = |path: &str| Target {
        kind: HostKind::Folder,
        host_url: path.to_owned(),
        account: Some(path.to_owned()),
        token: None,
        application: None,
        redirect_uri: None,
    };
    let report = looked(&world, &of(&path), None).await;
    assert_eq!(report.first_failed(), None, "{report:#?}");
    assert!(report.stages[..6].iter().all(|stage| stage.verdict == Verdict::Skipped));
    failure(&looked(&world, &of(&format!("{path}/nothing")), None).await, "kind");
}
