//! Access tokens of self-hosted tools, and the site's id (devinfo contract §1.1).

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};

use super::{App, Deployment};

/// The longest body that is read.
const MOST_BYTES: usize = 64 * 1024;

/// The routes: the gateway's token endpoint, the site's id.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new().route("/oauth/token", post(issue)).route("/_edge/tenant_info", get(tenant_info))
}

/// `GET /_edge/tenant_info`: what identifies the site, for everybody.
async fn tenant_info(State(app): State<Arc<App>>) -> Response {
    match app.options.deployment {
        Deployment::Cloud => Json(json!({ "cloudId": app.model.cloud_id() })).into_response(),
        Deployment::DataCenter => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `POST /oauth/token` with grant `client_credentials`, as JSON or as a form.
async fn issue(State(app): State<Arc<App>>, request: Request) -> Response {
    if app.options.deployment != Deployment::Cloud {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Some(fields) = fields(request).await else {
        return refused(StatusCode::BAD_REQUEST, "invalid_request", "The request body could not be parsed.");
    };
    let field = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    if field("grant_type") != "client_credentials" {
        let text = "Grant type not allowed for the client.";
        return refused(StatusCode::FORBIDDEN, "unauthorized_client", text);
    }
    if field("audience") != "api.atlassian.com" {
        let text = format!("Service not enabled within domain: {}", field("audience"));
        return refused(StatusCode::FORBIDDEN, "access_denied", &text);
    }
    match app.model.grant(field("client_id"), field("client_secret")) {
        Ok((token, life)) => {
            let scope = "manage:jira-data-provider";
            let body = json!({ "access_token": token, "scope": scope, "expires_in": life, "token_type": "Bearer" });
            Json(body).into_response()
        }
        Err(_) => refused(StatusCode::UNAUTHORIZED, "access_denied", "Unauthorized"),
    }
}

async fn fields(request: Request) -> Option<Map<String, Value>> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_json = kind.starts_with("application/json");
    let body = to_bytes(request.into_body(), MOST_BYTES).await.ok()?;
    if is_json {
        return serde_json::from_slice(&body).ok();
    }
    let pairs = url::form_urlencoded::parse(&body);
    Some(pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect())
}

fn refused(status: StatusCode, error: &str, description: &str) -> Response {
    (status, Json(json!({ "error": error, "error_description": description }))).into_response()
}
