//! What the instance says of itself.

use axum::Json;
use axum::response::IntoResponse;
use serde_json::json;

use super::ask::Ask;
use super::error::Answer;

const REVISION: &str = "sandbox";

/// `GET /metadata`
pub(super) async fn metadata(ask: Ask) -> Answer {
    ask.user()?;
    let kas = json!({ "enabled": false, "externalUrl": null, "externalK8sProxyUrl": null, "version": null });
    let body = json!({ "version": ask.app.model.version(), "revision": REVISION, "kas": kas, "enterprise": false });
    Ok(Json(body).into_response())
}

/// `GET /version`
pub(super) async fn version(ask: Ask) -> Answer {
    ask.user()?;
    Ok(Json(json!({ "version": ask.app.model.version(), "revision": REVISION })).into_response())
}
