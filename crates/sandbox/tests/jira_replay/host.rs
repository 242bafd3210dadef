//! A server that answers what it was told to, and remembers what it was asked.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Method, path and query.
    pub line: String,
    pub headers: HeaderMap,
    pub body: String,
    peer: SocketAddr,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    pub fn new(status: u16, body: &str) -> Self {
        Self { status, headers: Vec::new(), body: body.to_owned() }
    }

    pub fn json(body: &Value) -> Self {
        Self::new(200, &body.to_string()).with("content-type", "application/json")
    }

    /// An error as GitHub words it.
    pub fn error(status: u16) -> Self {
        Self { status, ..Self::json(&json!({ "message": "no" })) }
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

#[derive(Default)]
struct Shared {
    answers: Mutex<HashMap<String, Answer>>,
    asked: Mutex<Vec<Asked>>,
}

/// The server. What nobody told it is answered with 404.
pub struct Host {
    pub url: String,
    shared: Arc<Shared>,
}

impl Host {
    pub async fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { url, shared }
    }

    /// Answers a request so from now on. A line without query is good for every query that has no line of its own.
    pub fn on(&self, line: &str, answer: Answer) {
        self.shared.answers.lock().unwrap().insert(line.to_owned(), answer);
    }

    /// Answers with JSON.
    pub fn json(&self, line: &str, body: &Value) {
        self.on(line, Answer::json(body));
    }

    /// What was asked since the last time, in order.
    pub fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut self.shared.asked.lock().unwrap())
    }

    /// The same, as lines; what begins with `prefix` is left out of them.
    pub fn lines(&self, prefix: &str) -> Vec<String> {
        let lines = self.take().into_iter().map(|asked| asked.line);
        lines.map(|line| line.replace(prefix, "…")).collect()
    }
}

/// Over how many connections requests came.
pub fn connections(asked: &[Asked]) -> usize {
    asked.iter().map(|asked| asked.peer).collect::<BTreeSet<_>>().len()
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let path = format!("{} {}", parts.method, parts.uri.path());
    let line = parts.uri.query().map_or_else(|| path.clone(), |query| format!("{path}?{query}"));
    let body = String::from_utf8(body.to_vec()).unwrap();
    shared.asked.lock().unwrap().push(Asked { line: line.clone(), headers: parts.headers, body, peer });
    let answers = shared.answers.lock().unwrap();
    let answer = answers.get(&line).or_else(|| answers.get(&path)).cloned().unwrap_or_else(|| Answer::error(404));
    let mut response = (StatusCode::from_u16(answer.status).unwrap(), answer.body).into_response();
    response.headers_mut().remove("content-type");
    for (name, value) in answer.headers {
        response.headers_mut().append(name, value.parse().unwrap());
    }
    response
}
