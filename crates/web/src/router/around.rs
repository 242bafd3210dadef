//! What happens around every request: it gets an id and a line in the log, errors get their frame, answers their
//! protective headers.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use crate::error::PageError;
use crate::facade::{self, Refusal};
use crate::frame::{self, Frame};
use crate::metrics;
use crate::problem::Problem;
use crate::state::AppState;
use crate::visit::{REQUEST_ID, Visit, Visited};

/// Everything comes from ourselves, nothing frames us, forms go to ourselves.
pub const POLICY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// Runs a request with its id, its line in the log, its error page and its headers.
pub async fn around(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let visit = Arc::new(Visit::of(&state, &request));
    let path = request.uri().path().to_owned();
    // The route and not the path: one-time links carry their token in it.
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("none", MatchedPath::as_str);
    let method = request.method().clone();
    let span = tracing::info_span!("request", request_id = visit.request_id, %method, route);
    request.extensions_mut().insert(Visited(Arc::clone(&visit)));
    let answered = async {
        let started = Instant::now();
        let response = next.run(request).await;
        let mut response = with_error_drawn(&state, &visit, &path, response).await;
        protect(&visit, response.headers_mut());
        let (status, took) = (response.status().as_u16(), started.elapsed());
        metrics::answered(&method, route, status, took);
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(status, milliseconds, "answered");
        response
    };
    answered.instrument(span).await
}

async fn with_error_drawn(state: &AppState, visit: &Arc<Visit>, path: &str, mut response: Response) -> Response {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        return problem.of_request(&visit.request_id).to_response();
    }
    let carried = response.extensions_mut().remove::<PageError>();
    let bare = is_bare_error(path, &response).then(|| PageError::of_status(response.status()));
    match carried.or(bare) {
        None => response,
        Some(error) if facade::answers(path) => Refusal::Status(error.status).into_response(),
        Some(error) if is_for_programs(path) => Problem::from(error).of_request(&visit.request_id).to_response(),
        Some(error) => frame::draw_error(Frame::for_error(state, visit).await, &error),
    }
}

/// Whether a layer or an extractor answered an error without a page.
fn is_bare_error(path: &str, response: &Response) -> bool {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    failed && !matches!(path, "/healthz" | "/readyz") && kind.is_none_or(|kind| kind.starts_with("text/plain"))
}

fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/") || path.starts_with("/rest/") || path.starts_with("/hooks/") || path == "/metrics"
}

fn protect(visit: &Visit, headers: &mut HeaderMap) {
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(CONTENT_SECURITY_POLICY, POLICY);
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(X_FRAME_OPTIONS, "DENY");
    set(REFERRER_POLICY, "same-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    set(CACHE_CONTROL, "no-store");
    if let Ok(id) = HeaderValue::try_from(&visit.request_id) {
        headers.insert(HeaderName::from_static(REQUEST_ID), id);
    }
}
