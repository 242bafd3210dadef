//! A GitLab of two users, and Jiras that connect to it through the facade.

use axum::http::{Method, Request, StatusCode};
use model::secret::SecretString;
use model::{HostKind, Millis};
use sandbox::gitlab::model::{
    AccessLevel, ApplicationKeys, Authorisation, MergeMethod, MergeRequestId, Model, NewMergeRequest, NewUser,
    ProjectId, QuickCommit, Scopes, UserId, Visibility,
};
use sandbox::gitlab::{Options, Server};
use serde_json::Value;
use store::testing::Engine;
use sync::connect::Keys;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::caller::{Answer, Caller};
use crate::site::{Site, options};

pub const CALLBACK: &str = "http://dovetail.example.com/oauth/callback";
/// What Jira 8.13 puts into `redirect_uri`, with the tail that it appends.
pub const BACK: &str = "https://jira.example.com/secure/admin/AddOrganizationProgressAction!default.jspa\
                        ?url=http%3A%2F%2Fdovetail.example.com&atl_token=B1-2&organization=platform&autoLinking=true&t=3";
pub const AGENT: &str = "Jira DVCS Connector/3.4.7";

/// A GitLab with the group "platform", of which "jira" sees all and "eve" only the subgroup "mobile".
pub struct Scene {
    pub site: Site,
    pub gitlab: Server,
    pub keys: ApplicationKeys,
    pub jira: UserId,
    pub eve: UserId,
    pub owner: UserId,
    pub engine: ProjectId,
    pub app: ProjectId,
    pub open: MergeRequestId,
    pub merged: MergeRequestId,
    shutdown: CancellationToken,
}

/// A Jira with the token that it got.
pub struct Jira {
    caller: Caller,
    pub token: String,
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl Scene {
    pub async fn new(engine: Engine) -> Option<Self> {
        let mut options = options();
        options.facade.allowed_redirects = vec!["https://jira.example.com/".parse().unwrap()];
        Self::with(engine, options).await
    }

    pub async fn with(engine: Engine, options: web::Options) -> Option<Self> {
        let site = Site::with(engine, options).await?;
        let mut at = Options::new(site.folder().join("gitlab"));
        at.clock = site.clock.clone();
        let gitlab = Server::start(at).await.unwrap();
        let model = gitlab.model();
        let [owner, jira, eve] = ["owner", "jira", "eve"].map(|login| user(&model, login));
        let group = model.create_group("platform", "Platform", None, Visibility::Private, owner).unwrap();
        let mobile = model.create_group("mobile", "Mobile", Some(group), Visibility::Private, owner).unwrap();
        model.add_member(group, jira, AccessLevel::Reporter);
        model.add_member(mobile, eve, AccessLevel::Reporter);
        let engine = project(&model, "platform", "engine", owner).await;
        let app = project(&model, "platform/mobile", "app", owner).await;
        let open = merge_request(&model, engine, "feature/PLAT-2", "PLAT-2 Run faster", owner).await;
        model.comment(open, jira, "Looks **good**").unwrap();
        let merged = merge_request(&model, app, "PLAT-3", "PLAT-3 Show it", owner).await;
        model.merge(merged, owner, MergeMethod::MergeCommit).await.unwrap();
        let keys = model.create_application(jira, "Jira", &[CALLBACK], Scopes::api()).unwrap();
        let shutdown = CancellationToken::new();
        site.state.engine().start(&shutdown, &TaskTracker::new());
        let scene = Self { site, gitlab, keys, jira, eve, owner, engine, app, open, merged, shutdown };
        scene.add_application().await;
        Some(scene)
    }

    async fn add_application(&self) {
        let client_secret = SecretString::from(self.keys.secret.clone());
        let keys = Keys { client_id: self.keys.client_id.clone(), client_secret };
        let engine = self.site.state.engine();
        sync::connect::add_application(engine, HostKind::Gitlab, self.gitlab.url(), &keys, CALLBACK).await.unwrap();
    }

    /// Where Jira sends the browser, below `prefix`.
    pub fn authorize_path(&self, prefix: &str, back: &str) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("scope", "repo")
            .append_pair("client_id", &self.keys.client_id)
            .append_pair("redirect_uri", back)
            .finish();
        format!("{prefix}/login/oauth/authorize?{query}")
    }

    /// What a browser gets without a session and a name.
    pub async fn browse(&self, path: &str) -> Answer {
        Caller::nobody(&self.site).get(path).await
    }

    /// Consents at GitLab as `user`; answers where GitLab sends the browser back to.
    pub fn consent(&self, page: &Answer, user: UserId) -> String {
        assert_eq!(page.status, StatusCode::FOUND, "{}", page.text);
        let sent = Url::parse(page.headers["location"].to_str().unwrap()).unwrap();
        assert!(sent.as_str().starts_with(self.gitlab.url()), "{sent}");
        let value = |name: &str| sent.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        assert_eq!((value("scope").as_deref(), value("redirect_uri").as_deref()), (Some("api"), Some(CALLBACK)));
        let code = self.gitlab.model().issue_code(Authorisation {
            application: self.keys.id,
            user,
            redirect_uri: CALLBACK.to_owned(),
            scopes: Scopes::api(),
            challenge: value("code_challenge"),
        });
        format!("/oauth/callback?code={code}&state={}", value("state").unwrap())
    }

    /// The code that Jira gets for `user`.
    pub async fn code(&self, user: UserId) -> String {
        let sent = self.browse(&self.authorize_path("", BACK)).await;
        let back = self.browse(&self.consent(&sent, user)).await;
        code_of(&back)
    }

    /// Trades a code as Jira does: without encoding, and without saying what it takes.
    pub async fn exchange(&self, prefix: &str, secret: &str, code: &str) -> Answer {
        let body = format!("client_id={}&client_secret={secret}&code={code}", self.keys.client_id);
        let request = Request::builder().method(Method::POST);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let path = format!("{prefix}/login/oauth/access_token");
        Caller::nobody(&self.site).send_raw(request, &path, body).await
    }

    /// A Jira that was authorised by `user`.
    pub async fn jira_of(&self, user: UserId) -> Jira {
        let code = self.code(user).await;
        let answer = self.exchange("", &self.keys.secret, &code).await;
        let token = answer.text.strip_prefix("access_token=").and_then(|rest| rest.split('&').next());
        Jira::new(&self.site, token.unwrap_or_else(|| panic!("no token: {}", answer.text)))
    }

    /// A Jira of the user who sees everything, with the group listed and imported.
    pub async fn imported(&self) -> Jira {
        let jira = self.jira_of(self.jira).await;
        jira.json("/api/v3/users/platform/repos?per_page=100&page=1").await;
        self.idle().await;
        jira
    }

    pub async fn idle(&self) {
        self.site.state.engine().idle().await.unwrap();
    }

    /// The time goes on.
    pub fn later(&self, by: Millis) {
        self.site.clock.advance(by);
    }

    pub fn model(&self) -> std::sync::Arc<Model> {
        self.gitlab.model()
    }
}

/// The code that a browser carries back to Jira.
pub fn code_of(back: &Answer) -> String {
    assert_eq!(back.status, StatusCode::FOUND, "{}", back.text);
    let location = back.headers["location"].to_str().unwrap();
    let (kept, code) = location.rsplit_once("&code=").unwrap_or_else(|| panic!("no code in {location}"));
    assert_eq!(kept, BACK);
    code.to_owned()
}

impl Jira {
    pub fn new(site: &Site, token: &str) -> Self {
        Self { caller: Caller::showing(site, &format!("token {token}")), token: token.to_owned() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.caller.send_raw(Request::get("/").header("user-agent", AGENT), path, String::new()).await
    }

    /// What must be there.
    pub async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/json", "{path}");
        answer.json()
    }

    /// The status, whatever is answered; it must be JSON.
    pub async fn status(&self, path: &str) -> StatusCode {
        let answer = self.get(path).await;
        answer.json();
        answer.status
    }
}

fn user(model: &Model, login: &str) -> UserId {
    let new = NewUser {
        login: login.to_owned(),
        name: format!("The {login} user"),
        email: format!("{login}@example.com"),
        password: "correct horse".to_owned(),
        admin: false,
    };
    model.create_user(new).unwrap()
}

async fn project(model: &Model, namespace: &str, path: &str, owner: UserId) -> ProjectId {
    let project = model.create_project(namespace, path, path, Visibility::Private, owner).await.unwrap();
    let first = QuickCommit::on("main", "PLAT-1 Begin\n\nWith a body.").with("README.md", "one\n");
    model.push_commit(project, owner, first).await.unwrap();
    model
        .push_commit(project, owner, QuickCommit::on("main", "Go on").with("src/a b.rs", "fn main() {}\n"))
        .await
        .unwrap();
    project
}

async fn merge_request(model: &Model, project: ProjectId, branch: &str, title: &str, owner: UserId) -> MergeRequestId {
    let main = format!("refs/heads/{}", "main");
    let commit = QuickCommit { parent: Some(main), ..QuickCommit::on(branch, title).with("change.txt", title) };
    model.push_commit(project, owner, commit).await.unwrap();
    model.open_merge_request(NewMergeRequest::within(project, branch, "main", title, owner)).await.unwrap()
}
