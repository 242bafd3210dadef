//! Connecting a GitLab group by browser, from the form to the issue, against the stand-in GitLab.

use std::sync::Arc;

use axum::http::StatusCode;
use sandbox::gitlab::model::{AccessLevel, NewUser, Scopes, UserId, Visibility};
use sandbox::gitlab::{Model, Options, Server};
use store::Viewer;
use store::testing::Engine;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::site::{Browser, Page, Site};

const CALLBACK: &str = "http://dovetail.example.com/oauth/callback";
const HISTORY: &str = "commit refs/heads/main
committer Ada Lovelace <ada@example.com> 1795340000 +0000
data <<END
PLAT-1 Begin the engine
END
";

pub struct Scene {
    pub site: Site,
    gitlab: Server,
    user: UserId,
}

impl Scene {
    /// A GitLab with the group "platform" of one project, whose consent page agrees as `login`.
    pub async fn new(engine: Engine, login: &str) -> Option<Self> {
        let site = Site::open(engine).await?;
        let mut options = Options::new(site.folder().join("gitlab"));
        options.clock = site.clock.clone();
        options.auto_sign_in = Some(login.to_owned());
        let gitlab = Server::start(options).await.unwrap();
        let user = people(&gitlab.model(), login).await;
        Some(Self { site, gitlab, user })
    }

    /// The form of a new application, whose secret may be another.
    pub fn form(&self, secret: Option<&str>) -> Vec<(&'static str, String)> {
        let keys = self.gitlab.model().create_application(self.user, "Dovetail", &[CALLBACK], Scopes::api()).unwrap();
        vec![
            ("host", "gitlab".to_owned()),
            ("host_url", self.gitlab.url().to_owned()),
            ("path", "Platform".to_owned()),
            ("method", "oauth".to_owned()),
            ("client_id", keys.client_id),
            ("client_secret", secret.map_or(keys.secret, str::to_owned)),
            ("auto_link", "true".to_owned()),
        ]
    }

    /// A personal access token of the user.
    pub fn token(&self) -> String {
        self.gitlab.model().create_personal_token(self.user, "Dovetail", Scopes::api(), None)
    }

    async fn assert_no_account(&self) {
        assert!(self.site.store.accounts(Viewer::Everything).await.unwrap().is_empty());
    }
}

async fn people(model: &Arc<Model>, login: &str) -> UserId {
    let user = model
        .create_user(NewUser {
            login: login.to_owned(),
            name: format!("The {login} user"),
            email: format!("{login}@example.com"),
            password: "correct horse".to_owned(),
            admin: login == "root",
        })
        .unwrap();
    let owner = NewUser {
        login: "owner".to_owned(),
        name: "Owner".to_owned(),
        email: "owner@example.com".to_owned(),
        password: "correct horse".to_owned(),
        admin: false,
    };
    let owner = model.create_user(owner).unwrap();
    let group = model.create_group("platform", "Platform", None, Visibility::Private, owner).unwrap();
    model.add_member(group, user, AccessLevel::Maintainer);
    let project = model.create_project("platform", "engine", "engine", Visibility::Private, owner).await.unwrap();
    model.import(project, owner, HISTORY.as_bytes().to_vec()).await.unwrap();
    user
}

/// Sends a form.
pub async fn post(browser: &mut Browser, path: &str, fields: &[(&'static str, String)]) -> Page {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post(path, &fields).await
}

/// Goes where the browser is sent, and answers the path that GitLab sends it back to.
pub async fn consent(page: &Page) -> String {
    let client = net::HttpFactory::new(net::Network::default()).unwrap().client();
    let response = client.get(&page.location().parse().unwrap()).keep_redirect().send().await.unwrap();
    let back = Url::parse(response.header("location").expect("sent back")).unwrap();
    assert!(back.as_str().starts_with(CALLBACK), "{back}");
    format!("{}?{}", back.path(), back.query().unwrap())
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn from_the_form_to_the_issue(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine, "jira").await else { return };
    let (shutdown, tracker) = (CancellationToken::new(), TaskTracker::new());
    scene.site.state.engine().start(&shutdown, &tracker);
    let mut admin = scene.site.administrator().await;

    let sent = post(&mut admin, "/accounts/new", &scene.form(None)).await;
    assert!(sent.location().contains("scope=api") && sent.location().contains("code_challenge"));
    let confirmation = admin.get(&consent(&sent).await).await;
    let page = admin.get(confirmation.location()).await;
    assert!(page.text.contains("<bdi>The jira user</bdi>") && page.text.contains("<bdi>platform</bdi>"));
    assert!(!page.text.contains("notice warning"), "an integration user is no reason to warn");
    scene.assert_no_account().await;

    let state = page.between("name=\"state\" value=\"", "\"").to_owned();
    let made = admin.post("/accounts/new/confirm", &[("state", &state)]).await;
    scene.site.state.engine().idle().await.unwrap();
    let account = admin.get(made.location()).await;
    assert!(account.text.contains("<bdi>platform/engine</bdi>") && account.text.contains("up to date"));
    assert!(admin.get("/issues/PLAT-1").await.text.contains("Begin the engine"));

    let again = post(&mut admin, "/accounts/new", &scene.form(None)).await;
    let refused = match again.status {
        StatusCode::SEE_OTHER => admin.get(&consent(&again).await).await,
        _ => again,
    };
    assert!(refused.status == StatusCode::CONFLICT || refused.text.contains("Open the existing account"));
    shutdown.cancel();
    tracker.close();
    tracker.wait().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrators_log_in_is_warned_of_and_can_be_cancelled() {
    let scene = Scene::new(Engine::Sqlite, "root").await.unwrap();
    let mut admin = scene.site.administrator().await;
    let sent = post(&mut admin, "/accounts/new", &scene.form(None)).await;
    let confirmation = admin.get(&consent(&sent).await).await;

    let page = admin.get(confirmation.location()).await;
    assert!(page.text.contains("This user is an administrator of the forge."));
    let state = page.between("name=\"state\" value=\"", "\"").to_owned();
    assert_eq!(admin.post("/accounts/new/cancel", &[("state", &state)]).await.location(), "/accounts");

    scene.assert_no_account().await;
    assert_eq!(admin.post("/accounts/new/confirm", &[("state", &state)]).await.status, StatusCode::GONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_administrator_began_no_other_can_finish() {
    let scene = Scene::new(Engine::Sqlite, "jira").await.unwrap();
    let mut admin = scene.site.administrator().await;
    let (_, mut other) = scene.site.user("other-admin", store::Role::Admin).await;
    let sent = post(&mut admin, "/accounts/new", &scene.form(None)).await;

    let page = other.get(&consent(&sent).await).await;

    assert_eq!(page.status, StatusCode::GONE);
    scene.assert_no_account().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusing_at_gitlab_leaves_nothing() {
    let scene = Scene::new(Engine::Sqlite, "jira").await.unwrap();
    let mut admin = scene.site.administrator().await;
    let sent = post(&mut admin, "/accounts/new", &scene.form(None)).await;
    let address = Url::parse(sent.location()).unwrap();
    let state = address.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();

    let path = format!("/login/oauth/callback?error=access_denied&error_description=%3Cb%3ENo%3C%2Fb%3E&state={state}");
    let page = admin.get(&path).await;

    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("class=\"remedy\"") && !page.text.contains("<b>No"));
    scene.assert_no_account().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_told_of() {
    let scene = Scene::new(Engine::Sqlite, "jira").await.unwrap();
    let mut admin = scene.site.administrator().await;

    let answer = post(&mut admin, "/accounts/new", &scene.form(Some("not-the-secret"))).await;
    let page = match answer.status {
        StatusCode::SEE_OTHER => admin.get(&consent(&answer).await).await,
        _ => answer,
    };

    assert!(page.status.is_client_error() || page.status.is_server_error());
    assert!(page.text.contains("Client Secret") && !page.text.contains("not-the-secret"));
    scene.assert_no_account().await;
}
