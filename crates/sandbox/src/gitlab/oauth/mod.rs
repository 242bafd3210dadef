//! OAuth 2 as GitLab speaks it (GitLab contract §5.1): authorisation code with PKCE, refresh, revocation, token info.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use tower_http::csrf::CsrfLayer;

use super::App;

mod authorize;
mod request;
mod token;

/// The routes below `/oauth`.
pub(crate) fn router() -> Router<Arc<App>> {
    let form = Router::new().route("/oauth/authorize", get(authorize::ask).post(authorize::decide));
    Router::new()
        .merge(form.layer(CsrfLayer::new()))
        .route("/login/oauth/authorize", get(authorize::as_github))
        .route("/oauth/token", post(token::issue))
        .route("/oauth/token/info", get(token::info))
        .route("/oauth/revoke", post(token::revoke))
}
