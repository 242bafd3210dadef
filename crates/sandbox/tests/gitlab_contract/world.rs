//! A server with a few people and projects, and a client that asks it.

use std::sync::Arc;

use model::clock::ManualClock;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use sandbox::gitlab::model::{
    AccessLevel, ApplicationKeys, Authorisation, GroupId, Model, NewUser, ProjectId, Scope, Scopes, TokenPair, UserId,
    Visibility,
};
use sandbox::gitlab::{Options, Server};
use serde_json::Value;
use tempfile::TempDir;

/// Sunday, 1 March 2026, 12:00 UTC, in milliseconds.
pub const NOON: i64 = 1_772_366_400_000;

/// Where the application of the [`World`] sends browsers back to; the second has a query of its own.
pub const CALLBACKS: [&str; 2] =
    ["http://dovetail.example.com/oauth/callback", "http://dovetail.example.com/cb?door=2"];

/// A server in which Ada owns the private group `acme` with the subgroup `acme/core`, Ben develops in it, Gil is a guest of
/// it, and Eve belongs to nothing.
pub struct World {
    pub server: Server,
    pub clock: Arc<ManualClock>,
    pub root: UserId,
    pub ada: UserId,
    pub ben: UserId,
    pub gil: UserId,
    pub eve: UserId,
    pub acme: GroupId,
    pub core: GroupId,
    pub keys: ApplicationKeys,
    client: reqwest::Client,
    _data: TempDir,
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The field of each row of a list.
    pub fn column(&self, field: &str) -> Vec<String> {
        let rows = self.json();
        let rows = rows.as_array().unwrap_or_else(|| panic!("no list: {}", self.text));
        rows.iter().map(|row| row[field].as_str().map_or_else(|| row[field].to_string(), str::to_owned)).collect()
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(NOON));
        let mut options = Options::new(data.path().to_path_buf());
        options.clock = Arc::clone(&clock) as Arc<dyn model::Clock>;
        change(&mut options);
        let server = Server::start(options).await.unwrap();
        let model = server.model();
        let user = |login: &str, admin| {
            let (name, email) = (format!("{login} Example"), format!("{login}@example.com"));
            let password = format!("{login}-password");
            model.create_user(NewUser { login: login.to_owned(), name, email, password, admin }).unwrap()
        };
        let (root, ada, ben) = (user("root", true), user("ada", false), user("ben", false));
        let (gil, eve) = (user("gil", false), user("eve", false));
        let acme = model.create_group("acme", "Acme", None, Visibility::Private, ada).unwrap();
        let core = model.create_group("core", "Core", Some(acme), Visibility::Private, ada).unwrap();
        model.add_member(acme, ben, AccessLevel::Developer);
        model.add_member(acme, gil, AccessLevel::Guest);
        let keys =
            model.create_application(ada, "Dovetail", &CALLBACKS, Scopes::from_iter([Scope::Api, Scope::ReadUser]));
        let keys = keys.unwrap();
        Self { server, clock, root, ada, ben, gil, eve, acme, core, keys, client: client(), _data: data }
    }

    pub fn model(&self) -> Arc<Model> {
        self.server.model()
    }

    /// A private project with nothing in it.
    pub async fn project(&self, namespace: &str, path: &str) -> ProjectId {
        self.model().create_project(namespace, path, path, Visibility::Private, self.ada).await.unwrap()
    }

    /// A private project with three commits on `main`, and a branch `ABC-1-topic` with one more.
    pub async fn project_with_code(&self, namespace: &str, path: &str) -> ProjectId {
        let id = self.project(namespace, path).await;
        self.model().import(id, self.ada, history()).await.unwrap();
        id
    }

    /// A token that may do everything for a user.
    pub fn token(&self, user: UserId) -> String {
        self.model().create_personal_token(user, "all", Scopes::api(), None)
    }

    /// A pair of OAuth tokens that Ada's application got for her.
    pub fn pair(&self) -> TokenPair {
        let model = self.model();
        let code = model.issue_code(Authorisation {
            application: self.keys.id,
            user: self.ada,
            redirect_uri: CALLBACKS[0].to_owned(),
            scopes: Scopes::api(),
            challenge: None,
        });
        let client = (self.keys.client_id.as_str(), self.keys.secret.as_str());
        model.exchange_code(client, &code, CALLBACKS[0], None).unwrap()
    }

    pub async fn get(&self, user: UserId, path: &str) -> Reply {
        self.ask(user, Method::GET, path, Value::Null).await
    }

    pub async fn post(&self, user: UserId, path: &str, body: Value) -> Reply {
        self.ask(user, Method::POST, path, body).await
    }

    pub async fn put(&self, user: UserId, path: &str, body: Value) -> Reply {
        self.ask(user, Method::PUT, path, body).await
    }

    pub async fn delete(&self, user: UserId, path: &str) -> Reply {
        self.ask(user, Method::DELETE, path, Value::Null).await
    }

    /// Asks `/api/v4` + path as a user.
    pub async fn ask(&self, user: UserId, method: Method, path: &str, body: Value) -> Reply {
        let token = self.token(user);
        let mut request = self.request(method, &format!("/api/v4{path}")).bearer_auth(token);
        if !body.is_null() {
            request = request.json(&body);
        }
        send(request).await.unwrap()
    }

    /// A request without credentials; redirects are not followed.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.server.url()))
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        send(request).await.unwrap()
    }

    /// Posts a form.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.send(self.request(Method::POST, path).form(fields)).await
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test's client needs no factory, and the sandbox may not use crate net"
)]
fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

/// Sends a request and reads its answer whole.
#[expect(clippy::disallowed_methods, reason = "a test asks as any client in the world does")]
pub async fn send(request: reqwest::RequestBuilder) -> Result<Reply, reqwest::Error> {
    let response = request.send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    Ok(Reply { status, headers, text: response.text().await? })
}

/// A `git fast-import` stream: three commits on `main`, one more on `ABC-1-topic`.
pub fn history() -> Vec<u8> {
    let mut stream = String::new();
    stream.push_str(&commit("main", 1, "ABC-1 first\n\nWith a body.\n", "one.txt", "one\n"));
    stream.push_str(&commit("main", 2, "second\n", "two.txt", "1\n2\n3\n"));
    stream.push_str(&commit("main", 3, "third\n", "two.txt", "1\n3\n4\n5\n"));
    stream.push_str("reset refs/heads/ABC-1-topic\nfrom refs/heads/main\n\n");
    stream.push_str(&commit("ABC-1-topic", 4, "ABC-1 topic\n", "topic.txt", "topic\n"));
    stream.into_bytes()
}

/// One commit of a stream on the tip of a branch, `hour` hours after the start of 2026, that writes one file.
pub fn commit(branch: &str, hour: i64, message: &str, file: &str, text: &str) -> String {
    let at = 1_767_225_600 + hour * 3600;
    let (length, size) = (message.len(), text.len());
    format!(
        "commit refs/heads/{branch}\nauthor Ada Example <ada@example.com> {at} +0100\n\
         committer Ada Example <ada@example.com> {at} +0100\ndata {length}\n{message}\
         M 100644 inline {file}\ndata {size}\n{text}\n"
    )
}

/// A stream with one commit on top of an existing branch.
pub fn on_top(branch: &str, hour: i64, message: &str, file: &str, text: &str) -> Vec<u8> {
    let plain = commit(branch, hour, message, file, text);
    let (head, tail) = plain.split_once("M 100644").unwrap();
    format!("{head}from refs/heads/{branch}^0\nM 100644{tail}").into_bytes()
}
