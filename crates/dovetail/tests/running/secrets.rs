//! Nothing secret is told: not in the log at its most talkative, not in the list of processes, not on disk.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::secret::ExposeSecret;
use reqwest::{Client, Method, RequestBuilder};
use sandbox::gitlab::model::{ApplicationKeys, NewUser, ProjectId, QuickCommit, Scopes};
use serde_json::{Value, json};
use store::testing::Engine;
use store::{Credential, Viewer};
use url::Url;

use crate::browser::{Browser, PASSWORD};
use crate::traffic::Traffic;
use crate::world::{Serve, World, end};

/// Where Jira is; nobody listens there.
const JIRA: &str = "http://127.0.0.1:9/";
const AGENT: &str = "Jira DVCS Connector/3.4.7";
/// What all addresses of people in the sample end with.
const EMAIL: &str = "@example.com";
/// How a proxy calls a request.
const REQUEST_ID: &str = "proxy-4711.a_request";
/// What a smart commit is to write.
const COMMENT: &str = "salaries are on the second page";
/// Shorter values are words.
const SHORTEST: usize = 12;

/// What must not be told, and what it is.
#[derive(Default)]
struct Secrets(Vec<(String, String)>);

impl Secrets {
    fn keep(&mut self, what: &str, value: &str) {
        if value.len() >= SHORTEST {
            self.0.push((what.to_owned(), value.to_owned()));
        }
    }

    /// A secret that is none, which somebody shows.
    fn wrong(&mut self, what: &str) -> String {
        let value = format!("wrong-{}-{:04}", what.replace(' ', "-"), 4_711 + self.0.len());
        self.keep(&format!("wrong {what}"), &value);
        value
    }

    /// What a token looks like in the headers that git sends.
    fn keep_token(&mut self, what: &str, value: &str) {
        self.keep(what, value);
        self.keep(&format!("{what} in base64"), &BASE64_STANDARD.encode(format!("oauth2:{value}")));
    }

    /// The lines that tell any of it, and what.
    fn told(&self, text: &str) -> Vec<String> {
        let mut told = Vec::new();
        for (what, value) in &self.0 {
            if let Some(line) = text.lines().find(|line| line.contains(value.as_str())) {
                told.push(format!("{what}: {}", line.chars().take(600).collect::<String>()));
            }
        }
        told
    }
}

/// A Dovetail that logs all it can, and whose git tells with what it is called.
struct Scene {
    world: World,
    serve: Serve,
    api_token: String,
    keys: ApplicationKeys,
    secrets: Secrets,
    http: Client,
}

impl Scene {
    #[expect(clippy::disallowed_methods, reason = "a client that is not ours")]
    async fn new(engine: Engine, format: &str) -> Option<Self> {
        let mut world = World::new(engine).await?;
        world.settle_down();
        if engine == Engine::Postgres {
            world.gitlab.switches().signing_tokens();
        }
        let (model, callback) = (world.gitlab.model(), format!("{}/oauth/callback", world.url()));
        let user = model.user_by_login(sandbox::sample::INTEGRATION_USER).unwrap().id;
        let keys = model.create_application(user, "Jira", &[&callback], Scopes::api()).unwrap();
        let git = talkative_git(&world.path("bin"), &world.path("processes"));
        world.set("PATH", format!("{}:{}", git.display(), std::env::var("PATH").unwrap()));
        world.set("DOVETAIL_FACADE_ALLOWED_REDIRECTS", JIRA);
        world.set("DOVETAIL_LOG", "trace");
        world.set("DOVETAIL_LOG_FORMAT", format);
        let api_token = world.api_token().await;
        let log = std::fs::File::create(world.path("log")).unwrap();
        let serve = world.serve_into(log.into()).await;
        let mut secrets = Secrets::default();
        secrets.keep("key of the store", store::testing::key().expose_secret());
        secrets.keep("password of PostgreSQL", password_of(world.database.url()).as_deref().unwrap_or_default());
        secrets.keep("API token", &api_token);
        secrets.keep("client secret", &keys.secret);
        secrets.keep("password of the administrator", PASSWORD);
        secrets.keep_token("personal access token", &world.sample.access_token);
        Some(Self { world, serve, api_token, keys, secrets, http: Client::new() })
    }

    fn asks(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.world.url())).header("user-agent", AGENT)
    }

    /// Asks with an API token for programs.
    fn asks_api(&self, method: Method, path: &str) -> RequestBuilder {
        self.asks(method, path).bearer_auth(&self.api_token)
    }

    async fn project(&self, path: &str) -> ProjectId {
        self.world.gitlab.model().project_by_path(path).unwrap().id
    }

    /// Whatever comes of it.
    async fn sync(&self, account: &str) -> i32 {
        let mut command = self.world.command(&["account", "sync", account, "--wait"]);
        command.env("DOVETAIL_SERVER", &self.serve.url).env("DOVETAIL_TOKEN", &self.api_token);
        end(command, "").await.code
    }

    fn keep_way(&mut self, browser: &Browser) {
        for to in &browser.sent_to {
            for (name, value) in to.query_pairs() {
                if ["code", "state", "code_challenge"].contains(&&*name) {
                    self.secrets.keep(&format!("{name} in an address"), &value);
                }
            }
            if let Some(token) = to.path().strip_prefix("/invite/") {
                self.secrets.keep("one-time link", token);
            }
        }
        for value in browser.cookies() {
            self.secrets.keep("cookie", value);
        }
    }

    /// The forge's tokens that are in use now.
    async fn keep_credentials(&mut self) {
        let store = self.world.database.open_again().await;
        let accounts = store.accounts(Viewer::Everything).await.unwrap();
        let grants = store.facade_grants_in_use(None).await.unwrap();
        let owners = accounts.iter().map(|account| account.id).chain(grants.iter().map(|grant| grant.id));
        for owner in owners {
            let Some(Credential { access, refresh, .. }) = store.credential(owner).await.unwrap() else { continue };
            self.secrets.keep_token("access token", access.expose_secret());
            self.secrets.keep("refresh token", refresh.as_ref().map(|one| one.expose_secret()).unwrap_or_default());
        }
        store.close().await;
    }
}

#[rstest::rstest]
#[case::in_lines(Engine::Sqlite, "full")]
#[case::in_json(Engine::Postgres, "json")]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_told(#[case] engine: Engine, #[case] format: &str) {
    // given
    let Some(mut scene) = Scene::new(engine, format).await else { return };
    let mut browser = Browser::of_administrator(&scene.world).await;

    // when: people, programs and forges come with secrets, good ones and bad ones
    strangers(&mut scene, &mut browser).await;
    accounts(&mut scene, &mut browser).await;
    let token = dance(&mut scene, &mut browser).await;
    facade_calls(&mut scene, &token).await;
    another_dovetail(&mut scene, &token).await;
    let jira = a_jira(&mut scene).await;
    events(&mut scene).await;
    commands(&mut scene).await;
    tokens_end(&mut scene).await;
    let watched = watched(&mut scene).await;
    scene.keep_way(&browser);
    jira.shutdown().await;
    scene.serve.child.kill().await.unwrap();

    // then
    let log = std::fs::read_to_string(scene.world.path("log")).unwrap();
    assert!(log.contains("TRACE") && log.contains("sqlx") && log.contains("hyper"), "it is talkative");
    assert_eq!(scene.secrets.told(&log), Vec::<String>::new(), "in the log");
    assert_eq!(log.lines().find(|line| line.contains(EMAIL)), None);
    assert!(log.contains(REQUEST_ID), "requests have the name that their sender gave them");
    assert_eq!(log.lines().find(|line| line.contains(COMMENT)), None, "what people write is theirs");
    assert_eq!(scene.secrets.told(&watched), Vec::<String>::new(), "in what is watched");
    let private = [EMAIL, "platform", "OPS-", "busy-", "gitlab.", JIRA];
    assert_eq!(watched.lines().find(|line| private.iter().any(|word| line.contains(word))), None);
    let processes = std::fs::read_to_string(scene.world.path("processes")).unwrap();
    assert!(processes.contains("\"fetch\"") && processes.contains("remote-http"), "git fetched");
    assert_eq!(scene.secrets.told(&processes), Vec::<String>::new(), "in the list of processes");
    assert!(!processes.contains(EMAIL));
    assert_eq!(told_on_disk(&scene), Vec::<String>::new(), "on disk");
}

/// Those who do not get in.
async fn strangers(scene: &mut Scene, browser: &mut Browser) {
    let url = scene.world.url();
    let password = scene.secrets.wrong("password");
    let refused = Browser::new().post(&format!("{url}/login"), &[("login", "admin"), ("password", &password)]).await;
    assert_eq!(refused.status, 401);
    for place in ["invite/", "setup?token="] {
        let token = scene.secrets.wrong("one-time link");
        assert!(browser.get(&format!("{url}/{place}{token}")).await.status >= 300);
    }
    let token = scene.secrets.wrong("API token");
    let asked = scene.asks(Method::GET, "/api/v1/accounts").bearer_auth(token);
    assert_eq!(answered(asked).await.0, 401);
    let misplaced = scene.secrets.wrong("token in another field");
    for body in [json!({ "host_kind": misplaced }), json!({ "host_kind": "gitlab", "auto_link": misplaced })] {
        let asked = scene.asks_api(Method::POST, "/api/v1/accounts").json(&body);
        assert!(answered(asked).await.0 >= 400);
    }
}

/// Accounts by OAuth and by token, each with a bad secret first.
async fn accounts(scene: &mut Scene, browser: &mut Browser) {
    let (url, host_url, id) = (scene.world.url(), scene.world.gitlab.url().to_owned(), scene.keys.client_id.clone());
    let bad = scene.secrets.wrong("client secret");
    for (secret, is_good) in [(bad, false), (scene.keys.secret.clone(), true)] {
        let fields = [("host", "gitlab"), ("host_url", &host_url), ("path", "platform"), ("method", "oauth")];
        let fields = [&fields[..], &[("client_id", &id), ("client_secret", &secret)]].concat();
        let page = browser.add_account(&url, &fields).await;
        assert_eq!(page.status == 200, is_good, "{page:#?}");
    }
    let bad = scene.secrets.wrong("personal access token");
    for (token, status) in [(bad, 422), (scene.world.sample.access_token.clone(), 201)] {
        let new = json!({ "host_kind": "gitlab", "host_url": host_url, "path": "platform/ops", "token": token });
        let (told, text) = answered(scene.asks_api(Method::POST, "/api/v1/accounts").json(&new)).await;
        assert_eq!(told, status, "{text}");
    }
    assert_eq!((scene.sync("platform").await, scene.sync("platform/ops").await), (0, 0));
    scene.keep_credentials().await;
}

/// A Jira gets a token: with bad codes and secrets first, as a form and as JSON, and once too often.
async fn dance(scene: &mut Scene, browser: &mut Browser) -> String {
    let first = code(scene, browser).await;
    let (bad_secret, bad_code) = (scene.secrets.wrong("client secret"), scene.secrets.wrong("code"));
    let bad_id = scene.secrets.wrong("client id");
    let (id, secret) = (scene.keys.client_id.clone(), scene.keys.secret.clone());
    let tries = [(&id, &bad_secret, &first), (&bad_id, &secret, &first), (&id, &secret, &bad_code)];
    for (id, secret, code) in tries {
        let body = format!("client_id={id}&client_secret={secret}&code={code}");
        let (_, text) = answered(scene.asks(Method::POST, "/login/oauth/access_token").body(body)).await;
        assert!(text.starts_with("error="), "{text}");
    }
    let body = format!("client_id={id}&client_secret={secret}&code={first}");
    let (_, text) = answered(scene.asks(Method::POST, "/login/oauth/access_token").body(body)).await;
    let token = text.strip_prefix("access_token=").unwrap().split('&').next().unwrap().to_owned();
    scene.secrets.keep_token("facade token", &token);
    let second = code(scene, browser).await;
    let address = format!("/-/jira/login/oauth/access_token?client_id={id}&client_secret={secret}&code={second}");
    let (_, text) = answered(scene.asks(Method::POST, &address).header("accept", "application/json")).await;
    let told: Value = serde_json::from_str(&text).unwrap();
    scene.secrets.keep("second facade token", told["access_token"].as_str().unwrap());
    assert_eq!(answered(scene.asks(Method::POST, &address)).await.1, "error=bad_verification_code");
    scene.keep_credentials().await;
    token
}

/// The code with which a browser comes back to Jira.
async fn code(scene: &Scene, browser: &mut Browser) -> String {
    let mut begin: Url = format!("{}/login/oauth/authorize", scene.world.url()).parse().unwrap();
    let back = format!("{JIRA}secure/admin/Add.jspa?organization=platform&t=3");
    begin.query_pairs_mut().extend_pairs([
        ("scope", "repo"),
        ("client_id", &scene.keys.client_id),
        ("redirect_uri", &back),
    ]);
    let begun = browser.get(begin.as_str()).await;
    let back = browser.follow(begun, Some(JIRA)).await.location.unwrap();
    back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
}

/// Every place where a token can stand, with a good one and a bad one, and hooks with keys in their addresses.
async fn facade_calls(scene: &mut Scene, token: &str) {
    let bad = scene.secrets.wrong("facade token");
    let repository = "/api/v3/repos/platform/platform@ops@oddities";
    let paths = ["/api/v3/users/platform/repos", "/api/v3/user", &format!("{repository}/branches")];
    for (token, status) in [(token, 200), (bad.as_str(), 401)] {
        for path in paths {
            let asked = || scene.asks(Method::GET, path);
            for request in [
                asked().header("authorization", format!("token {token}")),
                asked().bearer_auth(token),
                asked().header("private-token", token),
                asked().query(&[("access_token", token), ("per_page", "1")]),
                asked().query(&[("private_token", token)]),
            ] {
                let (told, text) = answered(request).await;
                assert_eq!(told, status, "{path}: {text}");
                assert!(!text.contains(token));
            }
        }
    }
    let (secret, key) = (scene.secrets.wrong("secret of a hook"), scene.secrets.wrong("key in an address of a hook"));
    let address = format!("{JIRA}rest/bitbucket/1.0/repository/7/sync?key={key}");
    let elsewhere = format!("https://user:{key}@evil.invalid/?key={key}");
    for (config, status) in [
        (json!({ "url": address, "secret": secret }), 422),
        (json!({ "url": elsewhere }), 422),
        (json!({ "url": address }), 201),
    ] {
        let body = json!({ "name": "web", "events": ["*"], "config": config });
        let hooks = format!("{repository}/hooks?access_token={token}");
        assert_eq!(answered(scene.asks(Method::POST, &hooks).json(&body)).await.0, status);
    }
}

/// It is taken for a GitHub Enterprise, by itself.
async fn another_dovetail(scene: &mut Scene, token: &str) {
    let bad = scene.secrets.wrong("token of a GitHub");
    for (token, status) in [(bad.as_str(), 422), (token, 201)] {
        let new = json!({
            "host_kind": "github", "host_url": scene.world.url(), "path": "platform@ops", "token": token,
        });
        let (told, text) = answered(scene.asks_api(Method::POST, "/api/v1/accounts").json(&new)).await;
        assert_eq!(told, status, "{text}");
    }
    assert_eq!(scene.sync("platform@ops").await, 0);
}

/// A Jira, with a bad token first.
async fn a_jira(scene: &mut Scene) -> sandbox::jira::Server {
    let jira = sandbox::jira::Server::start(sandbox::jira::Options::data_center()).await.unwrap();
    let sample = sandbox::jira::sample::build(&jira).unwrap();
    let bad = scene.secrets.wrong("token of a Jira");
    scene.secrets.keep_token("token of a Jira", &sample.token);
    let new = json!({ "kind": "data_center", "url": jira.url(), "secret": bad });
    let (told, text) = answered(scene.asks_api(Method::POST, "/api/v1/sites").json(&new)).await;
    assert_eq!(told, 201, "{text}");
    let site: Value = serde_json::from_str(&text).unwrap();
    let path = format!("/api/v1/sites/{}", site["id"]);
    let change = json!({ "secret": sample.token });
    let (told, text) = answered(scene.asks_api(Method::PATCH, &path).json(&change)).await;
    assert_eq!(told, 200, "{text}");
    let (told, text) = answered(scene.asks_api(Method::POST, &format!("{path}/test"))).await;
    assert_eq!(told, 200, "{text}");
    jira
}

/// Smart commits: of somebody who is known in that Jira, and of somebody who is not.
async fn commands(scene: &mut Scene) {
    let project = scene.project("platform/ops/oddities").await;
    let model = scene.world.gitlab.model();
    let stranger = NewUser {
        login: "stranger".to_owned(),
        name: "A stranger".to_owned(),
        email: format!("stranger{EMAIL}"),
        password: scene.secrets.wrong("password of a stranger"),
        admin: false,
    };
    let users =
        [model.user_by_login(sandbox::sample::INTEGRATION_USER).unwrap().id, model.create_user(stranger).unwrap()];
    for (user, (state, reason)) in users.into_iter().zip([("done", None), ("refused", Some("no_user"))]) {
        let commit = QuickCommit::on("main", &format!("OPS-90 #comment {COMMENT}")).with("y.txt", state);
        model.push_commit(project, user, commit).await.unwrap();
        // The test runner's time-out bounds it.
        while !receipts(scene)
            .await
            .iter()
            .any(|receipt| receipt["state"] == state && receipt["reason"] == json!(reason))
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn receipts(scene: &Scene) -> Vec<Value> {
    let (_, text) = answered(scene.asks_api(Method::GET, "/api/v1/issues/OPS-90/receipts")).await;
    serde_json::from_str(&text).unwrap()
}

/// What a Prometheus reads, and what it is refused with a bad token.
async fn watched(scene: &mut Scene) -> String {
    let bad = scene.secrets.wrong("token of a Prometheus");
    assert_eq!(answered(scene.asks(Method::GET, "/metrics").bearer_auth(bad)).await.0, 401);
    let asked = scene.asks_api(Method::GET, "/metrics").header("x-request-id", REQUEST_ID);
    let (status, text) = answered(asked).await;
    assert_eq!(status, 200);
    for counted in [
        "dovetail_http_requests_total{method=\"POST\",route=\"/hooks/{kind}/{id}\",status=\"401\"}",
        "dovetail_syncs_ended_total{mode=\"soft\",outcome=\"done\"}",
        "dovetail_push_to_panel_seconds_count",
        "dovetail_jobs{lane=\"live\",state=\"due\"}",
        "dovetail_outbox_waiting{site=",
        "dovetail_accounts{state=\"needs_authorisation\"}",
    ] {
        assert!(text.contains(counted), "{counted} in {text}");
    }
    text
}

/// What GitLab tells with the secrets of its hooks, and what others tell with bad ones.
async fn events(scene: &mut Scene) {
    let mut traffic = Traffic::new(&scene.world.gitlab, "platform").await;
    let project = scene.project("platform/ops/oddities").await;
    let model = scene.world.gitlab.model();
    let hooks = model.hooks_for(project);
    assert!(!hooks.is_empty(), "hooks were registered");
    for hook in &hooks {
        scene.secrets.keep("secret of a hook", hook.token.as_deref().unwrap_or_default());
        scene.secrets.keep("key of a hook", hook.signing_token.as_deref().unwrap_or_default());
        let bad = scene.secrets.wrong("secret of a hook");
        for token in [bad.as_str(), hook.token.as_deref().unwrap_or_default()] {
            for body in ["{\"object_kind\":\"push\"}", "no json"] {
                let asked = scene.http.post(&hook.url).header("x-gitlab-token", token);
                let asked = asked.header("x-gitlab-event", "Push Hook").header("webhook-signature", &bad);
                answered(asked.body(body)).await;
            }
        }
    }
    traffic.pushes(4).await.unwrap();
    let user = model.user_by_login(sandbox::sample::INTEGRATION_USER).unwrap().id;
    let commit = QuickCommit::on("main", "OPS-90 Push once more").with("x.txt", "x\n");
    model.push_commit(project, user, commit).await.unwrap();
    scene.world.gitlab.hooks().idle().await;
    let deliveries = scene.world.gitlab.hooks().deliveries();
    assert!(deliveries.iter().any(|delivery| delivery.succeeded()), "some events arrived");
    assert_eq!(scene.sync("platform").await, 0);
}

/// Tokens of the forge are renewed, and then refused.
async fn tokens_end(scene: &mut Scene) {
    scene.world.gitlab.switches().expire_tokens();
    assert_eq!(scene.sync("platform").await, 0);
    scene.keep_credentials().await;
    scene.world.gitlab.switches().revoke_tokens();
    scene.world.gitlab.model().revoke_token(&scene.world.sample.access_token);
    assert_eq!((scene.sync("platform").await, scene.sync("platform/ops").await), (1, 1));
}

#[expect(clippy::disallowed_methods, reason = "a client that is not ours")]
async fn answered(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// A folder with a git that writes down its arguments, and those of every process that it starts in turn: what a list of
/// processes would show.
fn talkative_git(folder: &Path, told: &Path) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    let git = std::env::split_paths(&path).map(|folder| folder.join("git")).find(|git| git.exists()).unwrap();
    let environment = format!("GIT_TRACE2_EVENT='{}' GIT_TRACE2_REDACT=0", told.display());
    let script = format!("#!/bin/sh\n{environment} exec '{}' \"$@\"\n", git.display());
    std::fs::create_dir(folder).unwrap();
    std::fs::write(folder.join("git"), script).unwrap();
    std::fs::set_permissions(folder.join("git"), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder.to_owned()
}

/// What stands on disk in clear: in the data directory, and in the files of SQLite. Addresses of hooks do, as addresses.
fn told_on_disk(scene: &Scene) -> Vec<String> {
    let mut files = files_below(&scene.world.path("data"));
    if let Some(database) = scene.world.database.url().strip_prefix("sqlite://") {
        files.extend(["", "-wal"].map(|end| PathBuf::from(format!("{database}{end}"))));
    }
    assert!(files.iter().any(|file| file.ends_with("config")), "there are caches");
    let secrets = scene.secrets.0.iter().filter(|(what, _)| !what.contains("in an address of a hook")).cloned();
    let secrets = Secrets(secrets.collect());
    let texts = files.iter().filter_map(|file| std::fs::read(file).ok());
    texts.flat_map(|bytes| secrets.told(&String::from_utf8_lossy(&bytes))).collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}

fn password_of(url: &str) -> Option<String> {
    Url::parse(url).ok()?.password().map(str::to_owned)
}
