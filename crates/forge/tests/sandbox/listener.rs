//! Who is called by hooks: keeps every call, so that it can be checked and read as Dovetail does.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use forge::{HookAddress, HookNews, HookTarget};
use model::HostKind;
use model::secret::{ExposeSecret as _, random_token};
use sandbox::gitlab::model::ProjectId;

use crate::place::{NOW, Place};

/// A call as it arrived.
#[derive(Debug, Clone)]
pub struct Call {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Call {
    /// A header by its name.
    pub fn header(&self, name: &str) -> Option<String> {
        Some(self.headers.get(name)?.to_str().unwrap().to_owned())
    }

    /// What it asks for.
    pub fn news(&self) -> HookNews {
        forge::hook_news(HostKind::Gitlab, &self.header("x-gitlab-event").unwrap(), &self.body).unwrap()
    }

    /// What tells its repetitions.
    pub fn key(&self) -> String {
        forge::hook_delivery_key(HostKind::Gitlab, &|name| self.header(name), &self.body)
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A server that takes every call.
pub struct Listener {
    pub address: HookAddress,
    heard: Arc<Heard>,
}

struct Heard {
    calls: Mutex<Vec<Call>>,
    status: AtomicU16,
}

impl Listener {
    /// Starts one.
    pub async fn start() -> Self {
        let heard = Arc::new(Heard { calls: Mutex::default(), status: AtomicU16::new(200) });
        let router = Router::new().fallback(take).with_state(Arc::clone(&heard));
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(socket, router).await });
        Self { address: address(&format!("http://127.0.0.1:{port}")), heard }
    }

    /// Starts one and registers it for a project.
    pub async fn at(place: &Place, project: ProjectId) -> Self {
        let listener = Self::start().await;
        let id = project.to_string();
        place.client().hook_register(HookTarget::Repository(&id), &listener.address, None).await.unwrap();
        listener
    }

    /// Answers every call from now on with this status.
    pub fn answer(&self, status: StatusCode) {
        self.heard.status.store(status.as_u16(), Ordering::SeqCst);
    }

    /// What arrived since the last time, once everything under way is delivered; each call must show that it is genuine.
    pub async fn calls(&self, place: &Place) -> Vec<Call> {
        place.server.hooks().idle().await;
        let calls = std::mem::take(&mut *self.heard.calls.lock().unwrap());
        for call in &calls {
            let (header, secret) = (|name: &str| call.header(name), &self.address.secret);
            assert!(forge::hook_verify(HostKind::Gitlab, &header, &call.body, secret, NOW), "{call:?}");
            let body = String::from_utf8_lossy(&call.body);
            assert!(!body.contains(secret.expose_secret()));
        }
        calls
    }
}

/// An address of ours below a public one, with a secret.
pub fn address(public: &str) -> HookAddress {
    let url = format!("{public}/hooks/gitlab/0123456789abcdef0123456789abcdef").parse().unwrap();
    HookAddress { url, secret: random_token("") }
}

async fn take(State(heard): State<Arc<Heard>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    heard.calls.lock().unwrap().push(Call { headers, body });
    StatusCode::from_u16(heard.status.load(Ordering::SeqCst)).unwrap()
}
