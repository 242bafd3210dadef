//! Where hook events arrive: a server that hands them to whichever engine runs.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use sync::Engine;
use sync::hook::{HookRefused, Incoming};
use url::Url;

/// A server that hands hook events in.
pub struct Door {
    engine: Arc<Mutex<Option<Engine>>>,
    /// Its address.
    pub url: Url,
    serving: tokio::task::JoinHandle<()>,
}

impl Door {
    pub async fn open() -> Self {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", socket.local_addr().unwrap()).parse().unwrap();
        let engine = Arc::<Mutex<Option<Engine>>>::default();
        let router = Router::new().route("/hooks/{kind}/{id}", post(take)).with_state(Arc::clone(&engine));
        let serving = tokio::spawn(async move { axum::serve(socket, router).await.unwrap() });
        Self { engine, url, serving }
    }

    /// Who is handed events from now on.
    pub fn leads_to(&self, engine: &Engine) {
        *self.engine.lock().unwrap() = Some(engine.clone());
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(
    State(engine): State<Arc<Mutex<Option<Engine>>>>,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let engine = engine.lock().unwrap().clone().unwrap();
    let text = |value: &http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    match sync::hook::receive(&engine, Incoming { kind: &kind, id: &id, headers: &headers, body }).await {
        Ok(_) => StatusCode::OK,
        Err(HookRefused::Unknown) => StatusCode::NOT_FOUND,
        Err(HookRefused::Forbidden) => StatusCode::UNAUTHORIZED,
        Err(HookRefused::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
        Err(HookRefused::Store(_)) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
