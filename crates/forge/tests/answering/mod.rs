//! A server that answers whatever a test wants, and remembers what it was asked. The host's `server` says which kind of
//! client asks it, and with which token.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use forge::{Auth, ClientOptions, Forge};
use model::Millis;
use model::clock::ManualClock;

use crate::server::{KIND, TOKEN};

/// The present, for every test: 2018-09-20T10:18:01Z.
pub const NOW: Millis = 1_537_438_681_000;

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
        forge::client(ClientOptions { kind: KIND, url: self.url.clone(), auth, http: http(), clock }).unwrap()
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

/// Any answer.
pub fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<String>) -> Response {
    let mut response = (StatusCode::from_u16(status).unwrap(), Body::from(body.into())).into_response();
    response.headers_mut().remove("content-type");
    for (name, value) in headers {
        response.headers_mut().append(axum::http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
    }
    response
}
