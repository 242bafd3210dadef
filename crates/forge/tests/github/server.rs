//! A server that answers whatever a test wants, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use forge::{Auth, ClientOptions, Forge};
use model::clock::ManualClock;
use model::{HostKind, Millis};

/// The present, for every test: 2018-09-20T10:18:01Z.
pub const NOW: Millis = 1_537_438_681_000;
/// The token of every test; no error may show it.
pub const TOKEN: &str = "ghp_do-not-show-me";

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Asked {
    /// A parameter of the query; no test needs a decoded one.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// A running server; it ends with the test's runtime.
pub struct Server {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Starts a server on a free port.
    pub async fn start(answer: impl Fn(&Asked) -> Response + Clone + Send + Sync + 'static) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let router = Router::new().fallback(move |request: Request| {
            let (answer, log) = (answer.clone(), Arc::clone(&log));
            async move {
                let arrived = read(request).await;
                let response = answer(&arrived);
                log.lock().unwrap().push(arrived);
                response
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, asked }
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The paths it was asked for so far.
    pub fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }

    /// A client of it with a personal token.
    pub fn client(&self) -> Box<dyn Forge> {
        self.client_with(Auth::Token(TOKEN.to_owned().into()))
    }

    /// A client of it with whatever lets us in.
    pub fn client_with(&self, auth: Auth) -> Box<dyn Forge> {
        let clock = Arc::new(ManualClock::new(NOW));
        forge::client(ClientOptions { kind: HostKind::Github, url: self.url.clone(), auth, http: http(), clock })
            .unwrap()
    }
}

async fn read(request: Request) -> Asked {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    Asked {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// A client that trusts what the system trusts.
pub fn http() -> net::Client {
    net::HttpFactory::new(net::Network::default()).unwrap().client()
}

/// An answer of GitHub itself, in JSON.
pub fn json(status: u16, body: impl Into<String>) -> Response {
    answer(status, &[GITHUB, ("content-type", "application/json")], body)
}

/// An answer in JSON of what only speaks GitHub's language.
pub fn copy(status: u16, body: impl Into<String>) -> Response {
    answer(status, &[("content-type", "application/json")], body)
}

/// What GitHub signs all of its answers with.
pub const GITHUB: (&str, &str) = ("x-github-request-id", "0401:33B0:1FDD6A4:200B12B:65F0A1B2");

/// Any answer.
pub fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<String>) -> Response {
    let mut response = (StatusCode::from_u16(status).unwrap(), Body::from(body.into())).into_response();
    response.headers_mut().remove("content-type");
    for (name, value) in headers {
        response.headers_mut().append(axum::http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
    }
    response
}

/// GitHub's "there is no such thing".
pub fn not_found() -> Response {
    json(404, r#"{"message":"Not Found","documentation_url":"https://docs.example.com","status":"404"}"#)
}
