//! Remote links of issues.

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::json;

use super::ask::Ask;
use super::error::{Answer, RestError};
use crate::jira::model::{NewRemoteLink, Refusal, Which, missing_remote_link};

/// `GET /issue/{key}/remotelink`: all of them, or with `globalId` one.
pub(super) async fn list(ask: Ask) -> Answer {
    let issue = ask.issue()?;
    let Some(global_id) = ask.param("globalId") else {
        let told: Vec<_> = ask
            .look(|lens| lens.state.remote_links_of(issue.id).map(|link| lens.remote_link(issue.id, link)).collect());
        return Ok(Json(told).into_response());
    };
    told(&ask, Which::GlobalId(global_id))
}

/// `GET /issue/{key}/remotelink/{id}`
pub(super) async fn one(ask: Ask) -> Answer {
    told(&ask, by_id(&ask)?)
}

fn told(ask: &Ask, which: Which<'_>) -> Answer {
    let issue = ask.issue()?;
    let shape = ask.look(|lens| {
        let link = lens.state.remote_link(issue.id, which)?;
        Some(lens.remote_link(issue.id, link))
    });
    Ok(Json(shape.ok_or_else(|| missing_remote_link(which))?).into_response())
}

/// `POST /issue/{key}/remotelink`: makes one, or replaces the one with the same `globalId`.
pub(super) async fn put(ask: Ask) -> Answer {
    let issue = ask.issue()?;
    let user = ask.user()?;
    let sent = &ask.body;
    let text = |field: &str| sent[field].as_str().map(str::to_owned);
    let new = NewRemoteLink {
        global_id: text("globalId"),
        application: sent["application"].clone(),
        relationship: text("relationship"),
        object: sent["object"].clone(),
    };
    let (id, is_new) = ask.app.model.put_remote_link(&issue.id.to_string(), user, new)?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let address = ask.look(|lens| lens.address(&format!("/issue/{}/remotelink/{id}", issue.id)));
    Ok((status, Json(json!({ "id": id.0, "self": address }))).into_response())
}

/// `DELETE /issue/{key}/remotelink?globalId=`
pub(super) async fn delete_by_global_id(ask: Ask) -> Answer {
    let Some(global_id) = ask.param("globalId") else {
        return Err(Refusal::invalid("The 'globalId' query parameter is required.").into());
    };
    delete_link(&ask, Which::GlobalId(global_id))
}

/// `DELETE /issue/{key}/remotelink/{id}`
pub(super) async fn delete(ask: Ask) -> Answer {
    delete_link(&ask, by_id(&ask)?)
}

fn delete_link(ask: &Ask, which: Which<'_>) -> Answer {
    let issue = ask.issue()?;
    ask.app.model.delete_remote_link(&issue.id.to_string(), ask.user()?, which)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn by_id(ask: &Ask) -> Result<Which<'_>, RestError> {
    let text = ask.capture("id");
    let invalid = || Refusal::invalid(format!("The link id '{text}' is not a number."));
    Ok(Which::Id(text.parse().map_err(|_| invalid())?))
}
