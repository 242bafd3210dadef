//! The development-information API of Cloud, at the gateway (devinfo contract §2, §7).

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Path, RawPathParams};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, extract::RawQuery};
use http::StatusCode;
use http::header::AUTHORIZATION;
use http::request::Parts;
use serde_json::json;

use super::model::devinfo::EntityKind;
use super::model::{DataKind, TokenDenied};
use super::{App, Deployment};

mod bulk;

/// The routes below the gateway's address of a site.
pub(crate) fn router() -> Router<Arc<App>> {
    const ROOT: &str = "/jira/devinfo/0.1/cloud/{cloud_id}";
    let at = |path: &str| format!("{ROOT}{path}");
    Router::new()
        .route(&at("/bulk"), post(bulk::store))
        .route(&at("/repository/{repository}"), get(repository).delete(delete_repository))
        .route(&at("/repository/{repository}/{kind}/{entity}"), delete(delete_entity))
        .route(&at("/bulkByProperties"), delete(delete_by_properties))
        .route(&at("/existsByProperties"), get(exists_by_properties))
}

/// A request whose access token and cloud id were checked.
pub(crate) struct Caller {
    pub(crate) app: Arc<App>,
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        if app.options.deployment != Deployment::Cloud {
            return Err(StatusCode::NOT_FOUND.into_response());
        }
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = header.strip_prefix("Bearer ").unwrap_or_default();
        match app.model.check_access_token(token, DataKind::DevelopmentInformation) {
            Err(TokenDenied::Wrong) => return Err(gateway(StatusCode::UNAUTHORIZED, "Unauthorized")),
            Err(TokenDenied::Kind) => {
                return Err(refused(StatusCode::FORBIDDEN, "The provider is not allowed to send this kind of data."));
            }
            Ok(()) => {}
        }
        let captured = RawPathParams::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        let cloud_id = captured.iter().find(|(name, _)| *name == "cloud_id").map(|(_, value)| value);
        if cloud_id != Some(app.model.cloud_id()) {
            return Err(gateway(StatusCode::NOT_FOUND, "Not Found"));
        }
        Ok(Self { app: Arc::clone(app) })
    }
}

/// What the gateway itself says.
fn gateway(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "code": status.as_u16(), "message": message }))).into_response()
}

/// What Jira says, with a number by which its people find it again.
fn refused(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "errorMessages": [error(message)] }))).into_response()
}

fn error(message: &str) -> serde_json::Value {
    let trace = ::model::secret::token_hash(message)[..16].to_owned();
    json!({ "message": message, "errorTraceId": trace })
}

/// `GET /repository/{id}`
async fn repository(caller: Caller, Path((_, id)): Path<(String, String)>) -> Response {
    match caller.app.model.read(|state| state.devinfo.told(&id)) {
        Some(told) => Json(told).into_response(),
        None => refused(StatusCode::NOT_FOUND, "There is no repository with this id."),
    }
}

/// `DELETE /repository/{id}`
async fn delete_repository(
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    match up_to(query.as_deref()) {
        Ok(up_to) => {
            caller.app.model.delete_development_repository(&id, up_to);
            StatusCode::ACCEPTED.into_response()
        }
        Err(text) => refused(StatusCode::BAD_REQUEST, text),
    }
}

/// `DELETE /repository/{id}/{commit|branch|pull_request}/{id}`
async fn delete_entity(
    caller: Caller,
    Path((_, repository, kind, entity)): Path<(String, String, String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(kind) = EntityKind::of_path(&kind) else {
        return refused(StatusCode::BAD_REQUEST, "The type must be one of commit, branch, pull_request.");
    };
    match up_to(query.as_deref()) {
        Ok(up_to) => {
            caller.app.model.delete_development_entity(&repository, kind, &entity, up_to);
            StatusCode::ACCEPTED.into_response()
        }
        Err(text) => refused(StatusCode::BAD_REQUEST, text),
    }
}

/// `DELETE /bulkByProperties`
async fn delete_by_properties(caller: Caller, RawQuery(query): RawQuery) -> Response {
    match properties(query.as_deref()) {
        Ok(properties) => {
            caller.app.model.delete_development_by_properties(&properties);
            StatusCode::ACCEPTED.into_response()
        }
        Err(text) => refused(StatusCode::BAD_REQUEST, text),
    }
}

/// `GET /existsByProperties`
async fn exists_by_properties(caller: Caller, RawQuery(query): RawQuery) -> Response {
    match properties(query.as_deref()) {
        Ok(properties) => {
            let has = caller.app.model.read(|state| state.devinfo.has_any(&properties));
            Json(json!({ "hasDataMatchingProperties": has })).into_response()
        }
        Err(text) => refused(StatusCode::BAD_REQUEST, text),
    }
}

/// `_updateSequenceId`; none: everything goes.
fn up_to(query: Option<&str>) -> Result<i64, &'static str> {
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let sent = pairs.find(|(name, _)| name == "_updateSequenceId");
    match sent.map(|(_, value)| value.parse()) {
        None => Ok(i64::MAX),
        Some(Ok(up_to)) => Ok(up_to),
        Some(Err(_)) => Err("_updateSequenceId must be an integer."),
    }
}

/// The properties of a query: at least one, none twice. Names that begin with `_` are parameters, not properties.
fn properties(query: Option<&str>) -> Result<Vec<(String, String)>, &'static str> {
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned();
    let mut properties: Vec<(String, String)> = pairs.filter(|(name, _)| !name.starts_with('_')).collect();
    let sent = properties.len();
    properties.sort();
    properties.dedup_by(|one, other| one.0 == other.0);
    if properties.is_empty() || properties.len() < sent {
        return Err("At least one property is needed, and none may be given twice.");
    }
    Ok(properties)
}
