//! `POST /bulk`: repositories with their commits, branches and pull requests (devinfo contract §3, §7).

use axum::Json;
use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Caller, error, refused};
use crate::jira::gate;
use crate::jira::model::devinfo::{Bulk, EntityKind, Failed, Outcome};
use crate::jira::switches::Reason;

/// Stores what is valid, and says of each entity what became of it.
pub(super) async fn store(caller: Caller, request: Request) -> Response {
    let app = &caller.app;
    let largest = app.model.settings().largest_body;
    let Ok(body) = to_bytes(request.into_body(), largest).await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.");
    };
    let bulk = match read(&body) {
        Ok(bulk) => bulk,
        Err(text) => return refused(StatusCode::BAD_REQUEST, &text),
    };
    let now = app.model.now();
    let standing = app.switches.count_bulk(bulk.lane, now);
    if let Some(standing) = standing.filter(|standing| standing.is_above()) {
        return gate::above(standing, Reason::TenantQuota, now);
    }
    let outcome = app.model.store_development(&bulk);
    let status = if outcome.is_refusal() { StatusCode::BAD_REQUEST } else { StatusCode::ACCEPTED };
    let mut response = (status, Json(told(&outcome))).into_response();
    if let Some(standing) = standing {
        gate::tell_standing(response.headers_mut(), standing);
    }
    response
}

fn read(body: &Bytes) -> Result<Bulk, String> {
    let body = serde_json::from_slice(body).map_err(|_| "The request body is not valid JSON.".to_owned())?;
    Bulk::read(body)
}

fn told(outcome: &Outcome) -> Value {
    let accepted = outcome.accepted.iter().map(|(repository, by_kind)| {
        let ids = |kind: EntityKind| by_kind.get(&kind).cloned().unwrap_or_default();
        let shape = EntityKind::ALL.into_iter().map(|kind| (kind.array().to_owned(), json!(ids(kind)))).collect();
        (repository.clone(), Value::Object(shape))
    });
    let failed = outcome.failed.iter().map(|(repository, failed)| (repository.clone(), refusals(failed)));
    let associations = outcome.unknown_associations.iter();
    let associations = associations.map(|(kind, values)| json!({ "associationType": kind, "values": values }));
    let mut shape = json!({
        "acceptedDevinfoEntities": accepted.collect::<Map<_, _>>(),
        "failedDevinfoEntities": failed.collect::<Map<_, _>>(),
        "unknownIssueKeys": outcome.unknown_keys,
        "unknownAssociations": associations.collect::<Vec<_>>(),
    });
    if outcome.is_refusal() {
        let messages = outcome.failed.values().flat_map(|failed| &failed.messages);
        shape["errorMessages"] = messages.map(|text| error(text)).collect();
    }
    shape
}

fn refusals(failed: &Failed) -> Value {
    let errors = |messages: &[String]| messages.iter().map(|text| error(text)).collect::<Vec<_>>();
    let mut shape = json!({ "errorMessages": errors(&failed.messages) });
    for kind in EntityKind::ALL {
        let entities = failed.entities.get(&kind).map(Vec::as_slice).unwrap_or_default();
        let told = entities.iter().map(|(id, messages)| json!({ "id": id, "errorMessages": errors(messages) }));
        shape[kind.array()] = told.collect();
    }
    shape
}
