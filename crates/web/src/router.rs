//! All routes, and the layers around them.

mod around;
mod prefix;

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::address::PublicAddress;
use crate::error::PageError;
use crate::options::Options;
use crate::state::AppState;
use crate::{api, assets, dev_status, events, pages};

/// How long an answer may take to begin.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How large a request may be, in bytes.
const LARGEST_REQUEST: usize = 256 * 1024;

/// Everything that is answered over HTTP.
pub fn router(state: AppState) -> Router {
    let layers = ServiceBuilder::new()
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(state.clone(), around::around))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
        .layer(cross_site_posts_refused(state.options()))
        .layer(RequestBodyLimitLayer::new(LARGEST_REQUEST));
    let routes = Router::new()
        .merge(pages::router())
        .merge(api::router())
        .merge(dev_status::router())
        .merge(events::router())
        .route("/assets/{name}", get(assets::serve))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .fallback(async || PageError::not_found())
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .layer(layers)
        .with_state(state.clone());
    prefix::stripped(PublicAddress::configured(state.options()), routes)
}

/// Whether requests can be worked on: the store answers.
async fn ready(State(state): State<AppState>) -> (StatusCode, &'static str) {
    match state.store().ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
        }
    }
}

/// Forms of other sites are refused: by `Sec-Fetch-Site`, else by comparing `Origin` with our own.
fn cross_site_posts_refused(options: &Options) -> CsrfLayer {
    let layer = CsrfLayer::new();
    match &options.public_url {
        // A proxy may have changed the Host header that Origin is compared with.
        Some(url) => layer.clone().add_trusted_origin(url.origin().ascii_serialization()).unwrap_or(layer),
        None => layer,
    }
}

/// A panic's message may quote what it choked on, so it goes to the log and not to the page.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    PageError::internal().into_response()
}
