//! A Jira with a few people and projects, and a client that asks it.

use std::sync::Arc;

use model::clock::ManualClock;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use sandbox::jira::model::{Model, NewUser, ProjectId, UserId, Workflow};
use sandbox::jira::{Deployment, Options, Server};
use serde_json::{Value, json};

/// Sunday, 1 March 2026, 12:00 UTC, in milliseconds.
pub const NOON: i64 = 1_772_366_400_000;

/// A Jira that Root administers, in which Ada and Ben work on `ABC` (the simplified workflow) and `PAY` (the classic one), of which
/// Eve sees nothing. Each has the issues 1 and 2.
pub struct World {
    pub server: Server,
    pub clock: Arc<ManualClock>,
    pub root: UserId,
    pub ada: UserId,
    pub ben: UserId,
    pub eve: UserId,
    pub abc: ProjectId,
    pub pay: ProjectId,
    client: reqwest::Client,
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

    /// Status and body.
    pub fn parts(&self) -> (u16, Value) {
        (self.status.as_u16(), self.json())
    }

    /// The field of each row of a list.
    pub fn column(&self, field: &str) -> Vec<String> {
        column(&self.json(), field)
    }
}

/// The field of each row of a list.
pub fn column(rows: &Value, field: &str) -> Vec<String> {
    let rows = rows.as_array().unwrap_or_else(|| panic!("no list: {rows}"));
    rows.iter().map(|row| row[field].as_str().map_or_else(|| row[field].to_string(), str::to_owned)).collect()
}

/// Jira's body of errors with messages alone.
pub fn messages(texts: &[&str]) -> Value {
    json!({ "errorMessages": texts, "errors": {} })
}

/// Jira's body of errors with one field alone.
pub fn field(name: &str, text: &str) -> Value {
    json!({ "errorMessages": [], "errors": { name: text } })
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn cloud() -> Self {
        Self::start(Options::cloud()).await
    }

    pub async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options::data_center();
        change(&mut options);
        Self::start(options).await
    }

    async fn start(mut options: Options) -> Self {
        let clock = Arc::new(ManualClock::new(NOON));
        options.clock = Arc::clone(&clock) as Arc<dyn model::Clock>;
        let server = Server::start(options).await.unwrap();
        let model = server.model();
        let user = |login: &str, name: &str, admin| {
            let (email, password) = (format!("{login}@example.com"), format!("{login}-password"));
            let (login, name) = (login.to_owned(), name.to_owned());
            model.create_user(NewUser { login, name, email, password, admin }).unwrap()
        };
        let root = user("root", "Administrator", true);
        let (ada, ben, eve) =
            (user("ada", "Ada Kowalska", false), user("ben", "Ben Okafor", false), user("eve", "Eve", false));
        let abc = model.create_project("ABC", "Alphabet", Workflow::simplified()).unwrap();
        let pay = model.create_project("PAY", "Payments", Workflow::classic()).unwrap();
        for project in [abc, pay] {
            model.allow_only(project, eve, &[]);
        }
        for (project, summary) in [("ABC", "First"), ("ABC", "Second"), ("PAY", "Third"), ("PAY", "Fourth")] {
            model.create_issue(project, summary, Some(ada)).unwrap();
        }
        Self { server, clock, root, ada, ben, eve, abc, pay, client: client() }
    }

    pub fn model(&self) -> Arc<Model> {
        self.server.model()
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

    /// Asks `/rest/api/2` + path as a user; a path that begins with `/rest` as it stands.
    pub async fn ask(&self, user: UserId, method: Method, path: &str, body: Value) -> Reply {
        let mut request = self.as_user(user, method, path);
        if !body.is_null() {
            request = request.json(&body);
        }
        self.send(request).await
    }

    /// A request as a user.
    pub fn as_user(&self, user: UserId, method: Method, path: &str) -> reqwest::RequestBuilder {
        let model = self.model();
        let token = model.create_token(user, None);
        let whole = if path.starts_with("/rest/") { path.to_owned() } else { format!("/rest/api/2{path}") };
        let request = self.request(method, &whole);
        match model.deployment() {
            Deployment::DataCenter => request.bearer_auth(token),
            Deployment::Cloud => request.basic_auth(model.user(user).unwrap().email, Some(token)),
        }
    }

    /// A request without credentials; redirects are not followed.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.server.url()))
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        send(request).await.unwrap()
    }

    /// The name of an issue's status.
    pub fn status(&self, key: &str) -> String {
        self.model().issue(key).unwrap().status
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
