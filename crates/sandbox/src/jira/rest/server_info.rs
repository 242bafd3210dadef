//! What the server says of itself.

use axum::Json;
use axum::response::IntoResponse;
use serde_json::json;

use super::ask::Ask;
use super::error::Answer;
use super::time;
use crate::jira::Deployment;

/// `GET /serverInfo`, for everybody.
pub(super) async fn server_info(ask: Ask) -> Answer {
    let options = &ask.app.options;
    let mut shape = json!({
        "baseUrl": ask.app.url,
        "version": options.version,
        "versionNumbers": options.version_numbers(),
        "deploymentType": match options.deployment {
            Deployment::DataCenter => "Server",
            Deployment::Cloud => "Cloud",
        },
        "buildNumber": 912_015,
        "buildDate": time::write(1_725_408_000_000),
        "scmInfo": "0000000000000000000000000000000000000000",
        "serverTitle": "Sandbox Jira",
    });
    if ask.viewer.is_some() {
        shape["serverTime"] = json!(time::write(ask.app.model.now()));
    }
    Ok(Json(shape).into_response())
}
