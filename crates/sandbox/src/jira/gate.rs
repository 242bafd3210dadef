//! What every request passes: the log, the latency, the rate limit, failures on purpose, the rename, the XSRF check.

use std::sync::Arc;
use std::time::Duration;

use ::model::Millis;
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, ORIGIN, REFERER, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::json;

use super::limits::Standing;
use super::switches::{How, Reason, TooMany};
use super::{App, sentences};
use crate::doors::Wire;
use crate::request_log::Counted;

/// Longer than any client waits.
const SILENCE: Duration = Duration::from_secs(600);

/// The path that was asked for below the context path, for those who are told that there is nothing.
#[derive(Debug, Clone)]
pub(crate) struct AskedPath(pub(crate) String);

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
async fn answer(app: &App, mut request: Request, next: Next) -> Option<Response> {
    let latency = app.switches.present_latency();
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let whole = request.uri().path();
    let path = whole.strip_prefix(app.options.context_path.as_str()).unwrap_or(whole).to_owned();
    request.extensions_mut().insert(AskedPath(path.clone()));
    let path = path.as_str();
    if let Some(response) = renamed(app, path, &request) {
        return Some(response);
    }
    let now = app.model.now();
    let standing = is_api(path).then(|| app.switches.count(&caller(request.headers()), now)).flatten();
    if let Some(standing) = standing.filter(|standing| standing.is_above()) {
        return Some(above(standing, Reason::TenantQuota, now));
    }
    let failure = app.switches.failure(request.method(), path);
    if failure.is_none() && is_forged(app, path, &request) {
        return Some((StatusCode::FORBIDDEN, sentences::XSRF).into_response());
    }
    let mut response = match failure {
        None => next.run(request).await,
        Some(how) => fail(app, how, request, next).await?,
    };
    if let Some(standing) = standing {
        tell_standing(response.headers_mut(), standing);
    }
    Some(response)
}

async fn fail(app: &App, how: How, request: Request, next: Next) -> Option<Response> {
    let failed = match how {
        How::Status(status) => refused(status),
        How::TooMany(kind) => too_many(kind, app.model.now()),
        How::Html => Html("<!DOCTYPE html><title>Welcome</title><h1>Please enable JavaScript</h1>").into_response(),
        How::LogIn => redirect(&format!("{}/login.jsp?permissionViolation=true", app.url)),
        How::ErrorInside => {
            Json(json!({ "errorMessages": ["Something went wrong on our side."], "errors": {} })).into_response()
        }
        How::HalfAnswer => half(next.run(request).await).await,
        How::Silence => {
            tokio::time::sleep(SILENCE).await;
            return None;
        }
        How::DropConnection => return None,
        How::DropAnswer | How::SilenceAfter => {
            let body = next.run(request).await.into_body();
            // The work counts as done once the answer is complete; nobody is to see it.
            let _ = to_bytes(body, usize::MAX).await;
            if how == How::SilenceAfter {
                tokio::time::sleep(SILENCE).await;
            }
            return None;
        }
    };
    Some(failed)
}

/// Whether a path is an API's rather than a page.
fn is_api(path: &str) -> bool {
    path.starts_with("/rest/") || is_gateway(path)
}

/// Whether a path is the gateway's, which knows sites by their cloud id.
fn is_gateway(path: &str) -> bool {
    path.starts_with("/jira/") || path == "/oauth/token"
}

/// The redirect that a renamed site answers everything with.
fn renamed(app: &App, path: &str, request: &Request) -> Option<Response> {
    let to = app.switches.present_rename().filter(|_| !is_gateway(path))?;
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    Some(redirect(&format!("{to}{path}{query}")))
}

fn redirect(to: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(to) else { return StatusCode::BAD_REQUEST.into_response() };
    (StatusCode::FOUND, [(LOCATION, location)]).into_response()
}

/// Whether something in a browser may have forged the request: a write of a kind that a form can send without the header that
/// no form can, or a write by a browser whose page is another site's. Reads, and JSON of programs, pass.
fn is_forged(app: &App, path: &str, request: &Request) -> bool {
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    if reads || !path.starts_with("/rest/") {
        return false;
    }
    let text = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = text(CONTENT_TYPE).to_ascii_lowercase();
    let is_form = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];
    let no_check = ["no-check", "nocheck"].contains(&text(HeaderName::from_static("x-atlassian-token")));
    if is_form.iter().any(|form| kind.starts_with(form)) && !no_check {
        return true;
    }
    let is_browser = ["Mozilla/", "Opera/"].iter().any(|name| text(USER_AGENT).starts_with(name));
    let own = |from: &str| from == app.url || from.starts_with(&format!("{}/", app.url));
    is_browser && !own(text(ORIGIN)) && !own(text(REFERER))
}

/// Who asks, as far as the rate limit is concerned: whoever holds the credential.
fn caller(headers: &HeaderMap) -> String {
    let credential = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    ::model::secret::token_hash(credential.unwrap_or("anonymous"))
}

/// The answer above a limit.
pub(crate) fn above(standing: Standing, reason: Reason, now: Millis) -> Response {
    let wait = u64::try_from(standing.reset - now).unwrap_or_default().div_ceil(1_000);
    let mut response = too_many(TooMany::after(wait, reason), now);
    tell_standing(response.headers_mut(), standing);
    response
}

/// The headers of ordinary answers where there is a limit.
pub(crate) fn tell_standing(headers: &mut HeaderMap, standing: Standing) {
    insert(headers, "x-ratelimit-limit", &standing.limit.to_string());
    insert(headers, "x-ratelimit-remaining", &standing.remaining().to_string());
    if standing.is_near() {
        insert(headers, "x-ratelimit-nearlimit", "true");
    }
    insert(headers, "x-ratelimit-reset", &iso(standing.reset));
}

/// An answer with status 429.
fn too_many(kind: TooMany, now: Millis) -> Response {
    let body = json!({ "errorMessages": ["Rate limit exceeded."], "errors": {} });
    let mut response = (StatusCode::TOO_MANY_REQUESTS, Json(body)).into_response();
    let headers = response.headers_mut();
    if let Some(seconds) = kind.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(seconds) = kind.reset_in {
        let after = i64::try_from(seconds).unwrap_or(i64::MAX / 1_000).saturating_mul(1_000);
        insert(headers, "x-ratelimit-reset", &iso(now.saturating_add(after)));
    }
    if let Some(reason) = kind.reason {
        insert(headers, "ratelimit-reason", reason.as_str());
    }
    response
}

fn iso(at: Millis) -> String {
    let at = jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// The first half of an answer's body, as if it were the whole.
async fn half(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.remove(CONTENT_LENGTH);
    let first = bytes.slice(..bytes.len() / 2);
    Response::from_parts(parts, Body::from(first))
}

/// What a status looks like that Jira, or something in front of it, answers in trouble.
fn refused(status: StatusCode) -> Response {
    let text = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or("Unknown"));
    match status {
        StatusCode::UNAUTHORIZED => (status, sentences::MUST_AUTHENTICATE).into_response(),
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            (status, Html(format!("<!DOCTYPE html><title>{text}</title><h1>{text}</h1>"))).into_response()
        }
        _ => (status, Json(json!({ "errorMessages": [text], "errors": {} }))).into_response(),
    }
}
