//! What a token says of itself.

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;
use jiff::Timestamp;
use model::Millis;
use serde_json::json;

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::shapes::time;
use crate::gitlab::model::Token;

/// `GET /personal_access_tokens/self`: for personal access tokens and those of groups and projects, whatever their scopes. An
/// OAuth token has no such thing to tell.
pub(super) async fn itself(ask: Ask) -> Answer {
    let token = ask.token.and_then(|id| ask.app.model.token(id)).ok_or(RestError::Unauthorised)?;
    if token.application().is_some() {
        let text = "400 Bad request - This endpoint requires token type to be a personal access token";
        return Err(RestError::message(StatusCode::BAD_REQUEST, text));
    }
    let Token { id, name, user, scopes, created_at, expires_at, revoked, .. } = token;
    let shape = json!({
        "id": id,
        "name": name,
        "revoked": revoked,
        "created_at": time(created_at),
        "description": null,
        "scopes": scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>(),
        "user_id": user,
        "last_used_at": time(ask.app.model.now()),
        "active": true,
        "expires_at": expires_at.map(date),
        "last_used_ips": [],
    });
    Ok(Json(shape).into_response())
}

/// The day of a moment, in UTC: GitLab tells no hour.
fn date(at: Millis) -> String {
    Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH).strftime("%Y-%m-%d").to_string()
}
