//! What every request passes: the log, the latency, the rate limit, failures on purpose.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use model::Millis;
use serde_json::json;

use super::rest::error::TOO_OFTEN;
use super::switches::{How, LimitAnswer, RateLimit, Standing, TooMany};
use super::{App, git_http};
use crate::doors::Wire;
use crate::request_log::Counted;

/// Longer than any client waits.
const SILENCE: Duration = Duration::from_secs(600);

/// Lets a request through to its handler, or does to it what the switches say.
pub(crate) async fn pass(
    State(app): State<Arc<App>>,
    wire: ConnectInfo<Wire>,
    request: Request,
    next: Next,
) -> Response {
    let _under_way = app.requests.begin();
    let (request, sent) = app.requests.body_of(request).await;
    let (parts, body) = request.into_parts();
    let logged = parts.clone();
    let request = Request::from_parts(parts, body);
    match answer(&app, request, next).await {
        Some(response) => {
            let bytes = app.requests.add(&logged, sent, Some(response.status()));
            response.map(|body| Counted::body(body, bytes))
        }
        None => {
            app.requests.add(&logged, sent, None);
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
        return Some(above_limit(&standing, now));
    }
    let mut response = match app.switches.failure(request.method(), path) {
        None => next.run(request).await,
        Some(How::Status(status)) => failed(status),
        Some(How::TooMany(kind)) => too_many(kind, now),
        Some(How::HalfAnswer) => half(next.run(request).await).await,
        Some(How::Silence) => {
            tokio::time::sleep(SILENCE).await;
            return None;
        }
        Some(How::DropConnection) => return None,
        Some(How::DropAnswer) => {
            let body = next.run(request).await.into_body();
            // The work counts as done once the answer is complete; nobody is to see it.
            let _ = to_bytes(body, usize::MAX).await;
            return None;
        }
    };
    if let Some(standing) = standing.filter(|standing| standing.answer == LimitAnswer::Throttle) {
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

/// The answer above the limit (GitLab contract §6).
fn above_limit(standing: &Standing, now: Millis) -> Response {
    let wait = u64::try_from(standing.reset - now).unwrap_or_default().div_ceil(1000);
    let kind = match standing.answer {
        LimitAnswer::Throttle => TooMany { rate_limit_reset: None, ..TooMany::throttle(wait) },
        LimitAnswer::Endpoint => TooMany::endpoint(wait),
        LimitAnswer::OldEndpoint => TooMany::old_endpoint(),
    };
    let mut response = too_many(kind, now);
    if standing.answer == LimitAnswer::Throttle {
        set_standing(response.headers_mut(), standing);
        insert(response.headers_mut(), "ratelimit-resettime", &http_date(standing.reset));
    }
    response
}

/// An answer with status 429.
fn too_many(kind: TooMany, now: Millis) -> Response {
    let status = StatusCode::TOO_MANY_REQUESTS;
    let mut response = match (kind.json, kind.retry_after.or(kind.rate_limit_reset)) {
        (true, _) => (status, Json(json!({ "message": { "error": TOO_OFTEN } }))).into_response(),
        (false, Some(_)) => (status, "Retry later\n").into_response(),
        (false, None) => (status, TOO_OFTEN).into_response(),
    };
    if let Some(seconds) = kind.retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(seconds) = kind.rate_limit_reset {
        let reset = now.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX / 1000).saturating_mul(1000));
        let limit = RateLimit { limit: 1, window: Duration::from_secs(60) };
        let standing = Standing { limit, observed: 2, reset, answer: LimitAnswer::Throttle };
        set_standing(response.headers_mut(), &standing);
        insert(response.headers_mut(), "ratelimit-resettime", &http_date(reset));
    }
    response
}

fn http_date(at: Millis) -> String {
    let at = jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The first half of an answer's body, as if it were the whole.
async fn half(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.remove(CONTENT_LENGTH);
    let first = bytes.slice(..bytes.len() / 2);
    Response::from_parts(parts, Body::from(first))
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
