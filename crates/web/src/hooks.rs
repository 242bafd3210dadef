//! Web hooks at `/hooks/{kind}/{id}`: what forges tell us as it happens.
//!
//! An event is kept as it came and answered at once; the engine works it off behind. No session, no check for cross-site
//! forms and no limit of pages applies here: a forge shows the secret of its hook, and may send 25 MiB.

use axum::body::Bytes;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use sync::hook::{HookRefused, Incoming};

use crate::error::PageError;
use crate::problem::Problem;
use crate::sentences;
use crate::state::AppState;

/// Its route.
pub fn router() -> Router<AppState> {
    Router::new().route("/hooks/{kind}/{id}", post(receive))
}

/// A hook that exists, named by the path. As an extractor it answers 404 before the body is read: what strangers send
/// is never kept, not even in memory.
#[derive(Debug)]
struct KnownHook {
    kind: String,
    id: String,
}

impl FromRequestParts<AppState> for KnownHook {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((kind, id)) = path.map_err(|_| Problem::not_found())?;
        // What cannot be an id is not looked up: it may hold what a database does not take.
        let hook = match id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            true => state.store().hook(&id).await?,
            false => None,
        };
        let known = hook.is_some_and(|hook| hook.host_kind.as_str() == kind);
        if known { Ok(Self { kind, id }) } else { Err(Problem::not_found()) }
    }
}

async fn receive(
    State(state): State<AppState>,
    hook: KnownHook,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let incoming = Incoming { kind: &hook.kind, id: &hook.id, headers: &readable(&headers), body };
    match sync::hook::receive(state.engine(), incoming).await {
        // One that was sent twice is as welcome: the forge must not try again.
        Ok(_) => Ok(Json(json!({ "ok": true }))),
        Err(refused) => Err(problem(refused)),
    }
}

/// The headers that are text, their names in lower case.
fn readable(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    text.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn problem(refused: HookRefused) -> Problem {
    match refused {
        HookRefused::Unknown => Problem::not_found(),
        HookRefused::Forbidden => Problem::new(StatusCode::UNAUTHORIZED, sentences::hook_secret_wrong()),
        HookRefused::TooLarge => PageError::of_status(StatusCode::PAYLOAD_TOO_LARGE).into(),
        HookRefused::Store(error) => error.into(),
    }
}
