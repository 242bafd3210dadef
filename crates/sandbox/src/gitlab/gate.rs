//! What every request passes: the log, the latency, the rate limit, failures on purpose.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use http::header::{AUTHORIZATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use model::Millis;
use serde_json::json;

use super::connection::Wire;
use super::request_log::Counted;
use super::switches::{How, Standing};
use super::{App, git_http};

/// Lets a request through to its handler, or does to it what the switches say.
pub(crate) async fn pass(
    State(app): State<Arc<App>>,
    wire: ConnectInfo<Wire>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let logged = parts.clone();
    let request = Request::from_parts(parts, body);
    match answer(&app, request, next).await {
        Some(response) => {
            let bytes = app.requests.add(&logged, Some(response.status()));
            response.map(|body| Counted::body(body, bytes))
        }
        None => {
            app.requests.add(&logged, None);
            wire.0.cut();
            Response::new(Body::empty())
        }
    }
}

/// The answer; none when the connection is to be cut instead.
async fn answer(app: &App, request: Request, next: Next) -> Option<Response> {
    let latency = app.switches.present_latency();
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let now = app.model.now();
    let path = request.uri().path();
    let standing = is_limited(path).then(|| app.switches.count(&caller(request.headers()), now)).flatten();
    if let Some(standing) = standing.filter(|standing| standing.observed > standing.limit.limit) {
        return Some(too_many(&standing, now));
    }
    let mut response = match app.switches.failure(request.method(), path) {
        None => next.run(request).await,
        Some(How::Status(status)) => failed(status),
        Some(How::DropConnection) => return None,
        Some(How::DropAnswer) => {
            let body = next.run(request).await.into_body();
            // The work counts as done once the answer is complete; nobody is to see it.
            let _ = to_bytes(body, usize::MAX).await;
            return None;
        }
    };
    if let Some(standing) = standing {
        set_standing(response.headers_mut(), &standing);
    }
    Some(response)
}

/// Whether the rate limit counts requests of this path: the API, OAuth tokens, git.
fn is_limited(path: &str) -> bool {
    path.starts_with("/api/") || path == "/oauth/token" || git_http::is_git_path(path)
}

/// Who asks, as far as the rate limit is concerned: whoever holds the credential.
fn caller(headers: &HeaderMap) -> String {
    let credential = headers.get(AUTHORIZATION).or_else(|| headers.get("private-token"));
    model::secret::token_hash(credential.and_then(|value| value.to_str().ok()).unwrap_or("anonymous"))
}

/// The answer above the limit (GitLab contract §6, instance throttles).
fn too_many(standing: &Standing, now: Millis) -> Response {
    let mut response = (StatusCode::TOO_MANY_REQUESTS, "Retry later\n").into_response();
    set_standing(response.headers_mut(), standing);
    let wait = (standing.reset - now).max(0).div_euclid(1000) + i64::from((standing.reset - now) % 1000 != 0);
    let reset = jiff::Timestamp::from_millisecond(standing.reset).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let date = reset.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait));
    insert(response.headers_mut(), "ratelimit-resettime", &date);
    response
}

fn set_standing(headers: &mut HeaderMap, standing: &Standing) {
    let window = standing.limit.window.as_millis().max(1);
    let per_minute = (u128::from(standing.limit.limit) * 60_000).div_ceil(window);
    insert(headers, "ratelimit-name", "throttle_authenticated_api");
    insert(headers, "ratelimit-limit", &per_minute.to_string());
    insert(headers, "ratelimit-observed", &standing.observed.to_string());
    insert(headers, "ratelimit-remaining", &standing.limit.limit.saturating_sub(standing.observed).to_string());
    insert(headers, "ratelimit-reset", &standing.reset.div_euclid(1000).to_string());
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// What a status looks like that something in front of GitLab, or GitLab itself, answers in trouble.
fn failed(status: StatusCode) -> Response {
    let text = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or("Unknown"));
    match status {
        StatusCode::TOO_MANY_REQUESTS => (status, "Retry later\n").into_response(),
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            (status, Html(format!("<!DOCTYPE html><title>{text}</title><h1>{text}</h1>"))).into_response()
        }
        _ => (status, Json(json!({ "message": text }))).into_response(),
    }
}
