//! A server that answers whatever a test wants, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use jira::{DevInfo, DevInfoOptions, Rest, RestAuth, RestOptions};
use model::Millis;
use model::clock::ManualClock;

/// The present, for every test: 2018-09-20T10:18:01Z.
pub const NOW: Millis = 1_537_438_681_000;
/// The secret of every test; no error may show it.
pub const SECRET: &str = "do-not-show-me";

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: String,
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
                let (parts, body) = request.into_parts();
                let body = to_bytes(body, 1 << 20).await.unwrap();
                let asked = Asked {
                    method: parts.method,
                    path: parts.uri.path().to_owned(),
                    query: parts.uri.query().unwrap_or_default().to_owned(),
                    headers: parts.headers,
                    body: String::from_utf8(body.to_vec()).unwrap(),
                };
                let response = answer(&asked);
                log.lock().unwrap().push(asked);
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

    /// A client of it as of a Data Center, or of Cloud.
    pub fn rest(&self, cloud: bool) -> Rest {
        Rest::new(RestOptions {
            base_url: self.url.parse().unwrap(),
            auth: RestAuth::Bearer(SECRET.to_owned().into()),
            http: http(),
            clock: Arc::new(ManualClock::new(NOW)),
            cloud,
        })
    }

    /// A client of development information of it, whose cloud id is known.
    pub fn dev_info(&self, cloud_id: Option<&str>) -> DevInfo {
        DevInfo::new(DevInfoOptions {
            site_url: self.url.parse().unwrap(),
            api_url: self.url.parse().unwrap(),
            client_id: "id".to_owned(),
            client_secret: SECRET.to_owned().into(),
            cloud_id: cloud_id.map(str::to_owned),
            http: http(),
            clock: Arc::new(ManualClock::new(NOW)),
        })
    }
}

fn http() -> net::Client {
    net::HttpFactory::new(net::Network::default()).unwrap().client()
}

/// An answer.
pub fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<String>) -> Response {
    let mut response = (StatusCode::from_u16(status).unwrap(), body.into()).into_response();
    for (name, value) in headers {
        let name: axum::http::HeaderName = name.parse().unwrap();
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

pub fn json(body: &str) -> Response {
    answer(200, &[("content-type", "application/json")], body)
}
