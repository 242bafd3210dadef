//! Tokens: issued, told about, revoked.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;

use crate::gitlab::App;
use crate::gitlab::model::{GrantError, TokenPair, TokenProblem};
use crate::gitlab::rest::ask::bearer;
use crate::gitlab::rest::error::RestError;
use crate::gitlab::rest::params::Params;

/// `POST /oauth/token`
pub(super) async fn issue(State(app): State<Arc<App>>, request: Request) -> Result<Response, RestError> {
    let headers = request.headers().clone();
    let params = Params::read(request).await?;
    let (id, secret) = client(&headers, &params);
    let client = (id.as_str(), secret.as_str());
    let outcome = match params.text("grant_type").as_deref() {
        Some("authorization_code") => {
            let code = params.text("code").unwrap_or_default();
            let redirect_uri = params.text("redirect_uri").unwrap_or_default();
            app.model.exchange_code(client, &code, &redirect_uri, params.text("code_verifier").as_deref())
        }
        Some("refresh_token") => app.model.refresh(client, &params.text("refresh_token").unwrap_or_default()),
        Some(_) => {
            return Ok(refused(StatusCode::BAD_REQUEST, "unsupported_grant_type", "This kind of grant is not known."));
        }
        None => {
            return Ok(refused(StatusCode::BAD_REQUEST, "invalid_request", "Missing required parameter: grant_type."));
        }
    };
    Ok(match outcome {
        Ok(pair) => granted(&pair),
        Err(GrantError::InvalidClient) => unknown_client(),
        Err(GrantError::InvalidGrant) => {
            let text = "The code or refresh token is invalid, expired, used, revoked, or not this client's.";
            refused(StatusCode::BAD_REQUEST, "invalid_grant", text)
        }
    })
}

/// `GET /oauth/token/info`
pub(super) async fn info(State(app): State<Arc<App>>, request: Request) -> Result<Response, RestError> {
    let headers = request.headers().clone();
    let params = Params::read(request).await?;
    let identity = app.model.authenticate(&bearer(&headers, &params)?).map_err(RestError::Token)?;
    let token = app.model.token(identity.token).ok_or(RestError::Token(TokenProblem::Unknown))?;
    let uid = app.model.read(|state| {
        let application = token.application().and_then(|id| state.applications.get(&id));
        application.map(|application| application.client_id.clone())
    });
    let left = token.expires_at.map(|end| (end - app.model.now()).max(0) / 1000);
    let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    let body = json!({
        "resource_owner_id": token.user,
        "scope": scopes,
        "expires_in": left,
        "application": { "uid": uid },
        "created_at": token.created_at / 1000,
        "scopes": scopes,
        "expires_in_seconds": left,
    });
    Ok(Json(body).into_response())
}

/// `POST /oauth/revoke`
pub(super) async fn revoke(State(app): State<Arc<App>>, request: Request) -> Result<Response, RestError> {
    let headers = request.headers().clone();
    let params = Params::read(request).await?;
    let (id, secret) = client(&headers, &params);
    let outcome = app.model.revoke((&id, &secret), &params.text("token").unwrap_or_default());
    Ok(match outcome {
        Ok(()) => Json(json!({})).into_response(),
        Err(_) => refused(StatusCode::FORBIDDEN, "unauthorized_client", "You are not authorized to revoke this token"),
    })
}

/// The client's id and secret, from HTTP Basic or the parameters.
fn client(headers: &HeaderMap, params: &Params) -> (String, String) {
    basic(headers).unwrap_or_else(|| {
        (params.text("client_id").unwrap_or_default(), params.text("client_secret").unwrap_or_default())
    })
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    let decoded = scheme.eq_ignore_ascii_case("basic").then(|| BASE64_STANDARD.decode(encoded.trim()).ok())??;
    let text = String::from_utf8(decoded).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn granted(pair: &TokenPair) -> Response {
    let body = json!({
        "access_token": pair.access_token,
        "token_type": "Bearer",
        "expires_in": pair.expires_in,
        "refresh_token": pair.refresh_token,
        "scope": pair.scopes.to_string(),
        "created_at": pair.created_at / 1000,
    });
    let mut response = Json(body).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn unknown_client() -> Response {
    let text = "The application is unknown or its secret is wrong.";
    let mut response = refused(StatusCode::UNAUTHORIZED, "invalid_client", text);
    let challenge = HeaderValue::from_static("Bearer realm=\"Doorkeeper\", error=\"invalid_client\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

fn refused(status: StatusCode, error: &str, description: &str) -> Response {
    (status, Json(json!({ "error": error, "error_description": description }))).into_response()
}
