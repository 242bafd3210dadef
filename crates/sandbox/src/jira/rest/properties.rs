//! Properties of issues.

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::json;

use super::ask::Ask;
use super::error::{Answer, RestError};
use crate::jira::model::Refusal;
use crate::jira::sentences;

/// `GET /issue/{key}/properties`: the keys.
pub(super) async fn list(ask: Ask) -> Answer {
    let issue = ask.issue()?;
    let keys: Vec<_> = ask.look(|lens| {
        let address = |key: &str| lens.address(&format!("/issue/{}/properties/{key}", issue.id));
        lens.state.properties_of(issue.id).map(|(key, _)| json!({ "self": address(key), "key": key })).collect()
    });
    Ok(Json(json!({ "keys": keys })).into_response())
}

/// `GET /issue/{key}/properties/{property}`
pub(super) async fn one(ask: Ask) -> Answer {
    let issue = ask.issue()?;
    let key = ask.capture("key");
    let found = ask.read(|state| {
        let mut properties = state.properties_of(issue.id);
        properties.find(|(name, _)| *name == key).map(|(_, value)| value.clone())
    });
    let value = found.ok_or_else(|| Refusal::not_found(sentences::no_property(key)))?;
    Ok::<_, RestError>(Json(json!({ "key": key, "value": value })).into_response())
}

/// `PUT /issue/{key}/properties/{property}`: the body is the value.
pub(super) async fn set(ask: Ask) -> Answer {
    let issue = ask.issue()?;
    let user = ask.user()?;
    let is_new = ask.app.model.set_property(&issue.id.to_string(), user, ask.capture("key"), ask.body.clone())?;
    Ok(if is_new { StatusCode::CREATED } else { StatusCode::OK }.into_response())
}

/// `DELETE /issue/{key}/properties/{property}`
pub(super) async fn delete(ask: Ask) -> Answer {
    let issue = ask.issue()?;
    let user = ask.user()?;
    ask.app.model.delete_property(&issue.id.to_string(), user, ask.capture("key"))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
