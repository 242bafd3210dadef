//! All routes, and the layers around them.

mod around;
mod prefix;

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::address::PublicAddress;
use crate::error::PageError;
use crate::options::Options;
use crate::state::AppState;
use crate::{api, assets, dev_status, events, facade, hooks, metrics, pages};

/// How long an answer may take to begin.
const TIMEOUT: Duration = Duration::from_secs(60);
/// As [`TIMEOUT`], for a check: the way to a server may take a minute, and so may what is asked there.
const LASTING_TIMEOUT: Duration = Duration::from_secs(150);
/// How long an event of a web hook may take to arrive and to be kept: forges wait no longer than ten seconds.
const HOOK_TIMEOUT: Duration = Duration::from_secs(15);
/// How large a request may be, in bytes.
const LARGEST_REQUEST: usize = 256 * 1024;
/// As [`LARGEST_REQUEST`], where a file is pasted into a form: a sign of it may take three in the form, and a little goes around.
const LARGEST_PASTE: usize = 3 * crate::people_file::LONGEST + 16 * 1024;

/// Everything that is answered over HTTP.
pub fn router(state: AppState) -> Router {
    let routes = Router::new()
        .merge(pages::router())
        .merge(facade::pages())
        .merge(api::router())
        .merge(dev_status::router())
        .merge(events::router())
        .merge(metrics::router())
        .route("/assets/{name}", get(assets::serve))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready));
    let address = PublicAddress::configured(state.options());
    let programs = received(state.clone()).merge(asked_by_jira(state.clone()));
    let pasted = layered(state.clone(), pages::pasting_router(), TIMEOUT, LARGEST_PASTE);
    let lasting = layered(state.clone(), api::lasting_router(), LASTING_TIMEOUT, LARGEST_REQUEST);
    let routes = layered(state, routes.fallback(jira_link), TIMEOUT, LARGEST_REQUEST);
    prefix::stripped(address, programs.merge(pasted).merge(lasting).merge(routes))
}

/// What Jira asks of the facade: programs with tokens of their own, so without what protects people's browsers.
fn asked_by_jira(state: AppState) -> Router {
    let layers = ServiceBuilder::new()
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(from_fn_with_state(state.clone(), around::around))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
        .layer(RequestBodyLimitLayer::new(LARGEST_REQUEST));
    facade::router().layer(DefaultBodyLimit::max(LARGEST_REQUEST)).layer(layers).with_state(state)
}

/// What forges send: with a larger limit, and without what protects people's browsers.
fn received(state: AppState) -> Router {
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(state.clone(), around::around))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, HOOK_TIMEOUT))
        .layer(RequestBodyLimitLayer::new(sync::hook::LONGEST_BODY));
    hooks::router().layer(DefaultBodyLimit::disable()).layer(layers).with_state(state)
}

/// `routes` with everything around them; an answer must begin within `timeout`, a request may have so many bytes.
fn layered(state: AppState, routes: Router<AppState>, timeout: Duration, largest: usize) -> Router {
    let layers = ServiceBuilder::new()
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(from_fn_with_state(state.clone(), around::around))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, timeout))
        .layer(cross_site_posts_refused(state.options()))
        .layer(RequestBodyLimitLayer::new(largest));
    routes.layer(DefaultBodyLimit::max(largest)).layer(layers).with_state(state)
}

/// What is no page may be a link that Jira built to a page of the forge.
async fn jira_link(State(state): State<AppState>, method: Method, uri: Uri) -> Response {
    facade::follow(&state, &method, &uri).await
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tokio_util::sync::CancellationToken;
    use tower::ServiceExt;

    use super::*;

    async fn state(folder: &std::path::Path) -> (store::testing::TestStore, AppState) {
        let store = store::testing::open(store::testing::Engine::Sqlite).await.unwrap();
        let options = sync::Options {
            data_dir: folder.to_owned(),
            interval: Duration::from_secs(3600),
            workers: 1,
            git: true,
            show_unreachable: true,
            network: net::Network::default(),
            noise: Vec::new(),
            public_url: None,
            node: "test".to_owned(),
            inbox_age: Duration::from_secs(7 * 24 * 3600),
            job_age: Duration::from_secs(7 * 24 * 3600),
            smart_commit_max_age: Duration::from_secs(7 * 24 * 3600),
            delivery_age: Duration::from_secs(30 * 24 * 3600),
            cache_max_size: None,
            atlassian_api: "https://api.atlassian.com".parse().unwrap(),
        };
        let engine = sync::Engine::new(store.clone(), options, Arc::new(model::SystemClock)).unwrap();
        let options = Options::new("127.0.0.1:8080".parse().unwrap());
        (store, AppState::new(engine, options, CancellationToken::new()))
    }

    #[tokio::test]
    async fn a_panic_becomes_a_page_that_does_not_quote_it() {
        let folder = tempfile::tempdir().unwrap();
        let (_store, state) = state(folder.path()).await;
        let panicking = Router::new().route("/panic", get(async || -> String { panic!("with a secret") }));

        let router = layered(state, panicking, TIMEOUT, LARGEST_REQUEST);
        let response = router.oneshot(Request::get("/panic").body(Body::empty()).unwrap()).await;

        let (parts, body) = response.unwrap().into_parts();
        let page = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        assert_eq!(parts.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(page.contains("Something went wrong in Dovetail.") && page.contains("class=\"top\""));
        assert!(!page.contains("secret"));
        assert!(page.contains(parts.headers["x-request-id"].to_str().unwrap()));
    }

    #[tokio::test]
    async fn an_answer_that_does_not_come_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let (_store, state) = state(folder.path()).await;
        let silent = Router::new().route("/silent", get(async || std::future::pending::<String>().await));

        let router = layered(state, silent, Duration::from_millis(1), LARGEST_REQUEST);
        let response = router.oneshot(Request::get("/silent").body(Body::empty()).unwrap()).await;

        let (parts, body) = response.unwrap().into_parts();
        let page = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        assert_eq!(parts.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(page.contains("The answer took too long"));
    }
}
