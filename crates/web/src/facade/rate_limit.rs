//! The rate limit: there is none, which is said in GitHub's words.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::caller::Caller;
use crate::state::AppState;

/// What stands for "as many as you like": GitHub Enterprise's own number.
const LIMIT: i64 = 5_000;
/// How far ahead the next window begins, in seconds.
const WINDOW: i64 = 3_600;

/// Nothing is used up, ever. Jira reads the headers, others the body.
pub async fn show(State(state): State<AppState>, _: Caller) -> Response {
    let reset = state.now() / 1000 + WINDOW;
    let limit = json!({ "limit": LIMIT, "remaining": LIMIT, "reset": reset, "used": 0 });
    let mut response = Json(json!({ "resources": { "core": limit, "search": limit }, "rate": limit })).into_response();
    let numbers = [("x-ratelimit-limit", LIMIT), ("x-ratelimit-remaining", LIMIT), ("x-ratelimit-reset", reset)];
    for (name, number) in numbers {
        response.headers_mut().insert(name, HeaderValue::from(number));
    }
    response
}
