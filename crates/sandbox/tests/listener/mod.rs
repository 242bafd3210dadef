//! Somebody who registered a hook.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use sandbox::gitlab::Server;
use sandbox::gitlab::model::{HookChange, HookEvent, HookId, ProjectId};
use serde_json::Value;

pub const SECRET: &str = "a-secret";

/// A call that arrived.
#[derive(Debug, Clone)]
pub struct Call {
    pub headers: HeaderMap,
    pub body: Value,
}

impl Call {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A server that takes every call and answers with its status.
pub struct Listener {
    pub url: String,
    calls: Arc<Mutex<Vec<Call>>>,
    status: Arc<Mutex<StatusCode>>,
}

type Calls = (Arc<Mutex<Vec<Call>>>, Arc<Mutex<StatusCode>>);

impl Listener {
    pub async fn start(status: StatusCode) -> Self {
        let calls = Arc::<Mutex<Vec<Call>>>::default();
        let status = Arc::new(Mutex::new(status));
        let router = Router::new().route("/hook", post(take)).with_state((Arc::clone(&calls), Arc::clone(&status)));
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", socket.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(socket, router).await });
        Self { url, calls, status }
    }

    /// Answers with this from now on.
    pub fn answer(&self, status: StatusCode) {
        *self.status.lock().unwrap() = status;
    }

    /// Registers it for these events of a project.
    pub fn register(&self, server: &Server, project: ProjectId, events: &[HookEvent]) -> HookId {
        let on = |event: &HookEvent| (*event, events.contains(event));
        let events = HookEvent::ALL.iter().map(on).collect();
        let (url, token) = (Some(self.url.clone()), Some(SECRET.to_owned()));
        server.model().create_hook(project, HookChange { url, token, events, ..HookChange::default() }).unwrap()
    }

    /// What arrived since the last time, once everything under way is delivered.
    pub async fn calls(&self, server: &Server) -> Vec<Call> {
        server.hooks().idle().await;
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

async fn take(State((calls, status)): State<Calls>, headers: HeaderMap, body: String) -> (StatusCode, String) {
    calls.lock().unwrap().push(Call { headers, body: serde_json::from_str(&body).unwrap() });
    let status = *status.lock().unwrap();
    (status, "x".repeat(20_000))
}
