//! OAuth as Jira dances it with GitHub (GitLab contract §4): on to the forge, back from it, and a code for a token.
//!
//! What goes wrong is told where Jira shows it: in the answer of the exchange as `error=…` with 200 and nothing behind it,
//! and on a page where the browser may not be sent on.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequestParts, Query, Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use model::secret::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use sync::connect::Outcome;
use sync::facade::FacadeError;
use url::Url;

use crate::error::PageError;
use crate::frame::AdministratorPage;
use crate::pages;
use crate::sentences;
use crate::state::AppState;
use crate::visit::Visited;

/// The longest parameter that is read, in bytes.
const LONGEST: usize = 4_096;

/// What a client asks for (`GET /login/oauth/authorize`); the rest, as `scope`, is ignored: `repo` is `api` at GitLab.
#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    redirect_uri: String,
    state: Option<String>,
}

/// Sends the browser on to the forge's consent page.
pub async fn authorize(
    State(state): State<AppState>,
    Visited(visit): Visited,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    if asked.client_id.is_empty() || asked.redirect_uri.is_empty() {
        return Err(PageError::bad_request(sentences::authorize_incomplete()));
    }
    let back = allowed(&state, &asked.redirect_uri)?;
    let ours = visit.address.absolute("/oauth/callback");
    let client_state = asked.state.as_deref().filter(|state| state.len() <= LONGEST);
    let sent = sync::facade::authorise(state.engine(), &asked.client_id, &back, client_state, &ours).await;
    found(&sent.map_err(|error| page_error(&error))?)
}

/// The browser comes back from the forge, for Jira or for an administrator: the state tells.
pub async fn callback(State(state): State<AppState>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    match back_to_jira(&state, &parts.uri).await {
        Ok(Some(response)) => response,
        Ok(None) => match AdministratorPage::from_request_parts(&mut parts, &state).await {
            Ok(page) => match Query::from_request_parts(&mut parts, &state).await {
                Ok(returned) => pages::connect_callback(State(state), page, returned).await.into_response(),
                Err(_) => PageError::bad_request(sentences::malformed()).into_response(),
            },
            Err(response) => response,
        },
        Err(error) => error.into_response(),
    }
}

/// Where the browser goes if the dance was begun by Jira; none if it was not.
async fn back_to_jira(state: &AppState, uri: &Uri) -> Result<Option<Response>, PageError> {
    let Ok(Query(returned)) = Query::<pages::Returned>::try_from_uri(uri) else { return Ok(None) };
    if returned.state.is_empty() || !sync::facade::is_dance(state.engine(), &returned.state).await? {
        return Ok(None);
    }
    let outcome = match (returned.code, returned.error) {
        (Some(code), None) => Outcome::Code(code),
        (_, Some(error)) => Outcome::Denied { error, description: returned.error_description },
        (None, None) => return Err(PageError::bad_request(sentences::malformed())),
    };
    if let Outcome::Denied { .. } = outcome {
        tracing::warn!(
            "the forge did not authorise Jira: the person refused, or the application may not have the scope api"
        );
    }
    let back = sync::facade::returned(state.engine(), &returned.state, outcome).await;
    found(&back.map_err(|error| page_error(&error))?).map(Some)
}

/// Trades a code for a token.
pub async fn access_token(State(state): State<AppState>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let asked = Exchange::read(&uri, &headers, &body);
    let exchanged = sync::facade::exchange(state.engine(), &asked.client_id, &asked.client_secret, &asked.code).await;
    let as_json = wants_json(&headers);
    match exchanged {
        Ok(token) if as_json => Json(json!({
            "access_token": token.expose_secret(), "scope": "api", "token_type": "Bearer",
        }))
        .into_response(),
        Ok(token) => form(format!("access_token={}&scope=api&token_type=Bearer", token.expose_secret())),
        Err(error) => refused(&error, as_json),
    }
}

/// What is shown for a token.
struct Exchange {
    client_id: String,
    client_secret: SecretString,
    code: SecretString,
}

impl Exchange {
    /// Reads the form, the JSON body or the parameters.
    fn read(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Self {
        let is_json = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        let object: Value = if is_json { serde_json::from_slice(body).unwrap_or_default() } else { Value::Null };
        let form = if is_json { Vec::new() } else { pairs(&String::from_utf8_lossy(body)) };
        let parameters = pairs(uri.query().unwrap_or_default());
        let value = |name: &str| {
            let in_json = object.get(name).and_then(Value::as_str).map(str::to_owned);
            let listed = || form.iter().chain(&parameters).find(|(key, _)| key == name).map(|(_, value)| value.clone());
            in_json.or_else(listed).filter(|value| value.len() <= LONGEST).unwrap_or_default()
        };
        Self {
            client_id: value("client_id"),
            client_secret: SecretString::from(value("client_secret")),
            code: SecretString::from(value("code")),
        }
    }
}

/// The fields of a form. Jira does not encode its values, so a plus is a plus; no value has blanks.
fn pairs(text: &str) -> Vec<(String, String)> {
    let protected = text.trim().replace('+', "%2B");
    url::form_urlencoded::parse(protected.as_bytes()).into_owned().collect()
}

/// Whether the caller asks for JSON by name; Jira does not, and cannot read it.
fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.to_ascii_lowercase().contains("application/json")
}

fn form(text: String) -> Response {
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");
    ([(CONTENT_TYPE, kind)], text).into_response()
}

/// GitHub's word for what went wrong. Jira knows these two, if nothing else stands in the answer.
fn refused(error: &FacadeError, as_json: bool) -> Response {
    let (word, description) = match error {
        FacadeError::UnknownApplication | FacadeError::WrongSecret => {
            ("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
        }
        FacadeError::BadCode | FacadeError::State => {
            ("bad_verification_code", "The code passed is incorrect or expired.")
        }
        FacadeError::Forge(..) | FacadeError::Store(_) => {
            tracing::error!(error = error as &dyn std::error::Error, "no token could be made for Jira");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    tracing::warn!(error = word, why = why(error), "Jira got no token");
    if as_json {
        Json(json!({ "error": word, "error_description": description })).into_response()
    } else {
        form(format!("error={word}"))
    }
}

/// What the log says of it.
fn why(error: &FacadeError) -> &'static str {
    match error {
        FacadeError::UnknownApplication => "the Client ID in Jira is that of no application that Dovetail knows",
        FacadeError::WrongSecret => "the Client Secret in Jira is another than the one in Dovetail",
        FacadeError::BadCode => "the code is unknown, older than ten minutes, or was used before",
        FacadeError::State => "the authorisation was not begun here, is too old, or was ended already",
        FacadeError::Forge(..) => "the forge did not answer as expected",
        FacadeError::Store(_) => "the database did not answer",
    }
}

fn page_error(error: &FacadeError) -> PageError {
    tracing::warn!(error = error as &dyn std::error::Error, why = why(error), "Jira was not authorised");
    match error {
        FacadeError::UnknownApplication => PageError::new(StatusCode::NOT_FOUND, sentences::application_unknown()),
        FacadeError::WrongSecret => PageError::new(StatusCode::BAD_GATEWAY, sentences::application_refused()),
        FacadeError::BadCode | FacadeError::State => PageError::new(StatusCode::GONE, sentences::authorisation_over()),
        FacadeError::Forge(error) => PageError::new(StatusCode::BAD_GATEWAY, pages::sentence_of(error)),
        FacadeError::Store(_) => PageError::new(StatusCode::SERVICE_UNAVAILABLE, sentences::store_failed()),
    }
}

/// The address that Jira wants the browser back at, if the configuration allows it.
fn allowed(state: &AppState, redirect_uri: &str) -> Result<Url, PageError> {
    let url = Url::parse(redirect_uri).ok().filter(|_| redirect_uri.len() <= LONGEST);
    let url = url.ok_or_else(|| PageError::bad_request(sentences::authorize_incomplete()))?;
    let settings = &state.options().facade;
    if settings.allowed_redirects.iter().any(|allowed| allowed.covers(&url)) {
        return Ok(url);
    }
    let origin = url.origin().ascii_serialization();
    tracing::warn!(origin, "Jira was not authorised: its address is not in [facade] allowed_redirects");
    Err(PageError::forbidden(sentences::redirect_not_allowed(&origin)))
}

/// A redirect as old clients know it.
fn found(url: &Url) -> Result<Response, PageError> {
    let location = HeaderValue::try_from(url.as_str()).map_err(|_| PageError::internal())?;
    Ok((StatusCode::FOUND, [(LOCATION, location)]).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_jira_does_not_encode_are_read_as_they_are() {
        let body = b"client_id=abc&client_secret=gloas-a+b/c==&code=x%2By\n";

        let asked = Exchange::read(&Uri::from_static("/login/oauth/access_token"), &HeaderMap::new(), body);

        assert_eq!(asked.client_id, "abc");
        assert_eq!(asked.client_secret.expose_secret(), "gloas-a+b/c==");
        assert_eq!(asked.code.expose_secret(), "x+y");
    }

    #[test]
    fn parameters_and_json_are_read_too() {
        let uri = Uri::from_static("/login/oauth/access_token?client_id=abc&client_secret=s&code=c");
        let in_query = Exchange::read(&uri, &HeaderMap::new(), b"");
        let headers: HeaderMap = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))].into_iter().collect();
        let in_json = Exchange::read(&Uri::from_static("/"), &headers, br#"{"client_id":"abc","code":7}"#);

        assert_eq!((in_query.client_id.as_str(), in_query.code.expose_secret()), ("abc", "c"));
        assert_eq!((in_json.client_id.as_str(), in_json.code.expose_secret()), ("abc", ""));
    }
}
