//! What the server says of itself and of how it is set up.

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

/// `GET /configuration`: what is switched on, and how long a working day is.
pub(super) async fn configuration(ask: Ask) -> Answer {
    ask.user()?;
    let settings = ask.app.model.settings();
    let mut shape = json!({
        "votingEnabled": true,
        "watchingEnabled": true,
        "unassignedIssuesAllowed": true,
        "subTasksEnabled": true,
        "issueLinkingEnabled": settings.issue_linking,
        "timeTrackingEnabled": settings.time_tracking,
        "attachmentsEnabled": true,
    });
    if settings.time_tracking {
        shape["timeTrackingConfiguration"] = json!({
            "workingHoursPerDay": 8.0,
            "workingDaysPerWeek": 5.0,
            "timeFormat": "pretty",
            "defaultUnit": "minute",
        });
    }
    Ok(Json(shape).into_response())
}
