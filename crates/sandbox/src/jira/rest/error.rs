//! What REST refuses, in Jira's statuses and bodies.

use axum::Json;
use axum::response::{Html, IntoResponse, Response};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use crate::jira::model::{LogInProblem, Refusal, RefusalKind};
use crate::jira::{Deployment, sentences};

/// What a handler answers.
pub(crate) type Answer = Result<Response, RestError>;

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(crate) enum RestError {
    /// Nobody logged in where somebody must.
    NotLoggedIn,
    /// Credentials that open nothing, at this Jira.
    LogIn(LogInProblem, Deployment),
    /// No such address.
    NoRoute(String),
    /// A body of a kind that is not read.
    MediaType,
    /// Something of the request breaks Jira instead of being refused.
    Broken,
    /// The model refuses.
    Refused(Refusal),
}

impl From<Refusal> for RestError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl IntoResponse for RestError {
    fn into_response(self) -> Response {
        match self {
            Self::NotLoggedIn => {
                let mut response = messages(StatusCode::UNAUTHORIZED, &[sentences::NOT_AUTHENTICATED.to_owned()], &[]);
                challenge(&mut response);
                response
            }
            Self::LogIn(problem, deployment) => log_in(problem, deployment),
            Self::NoRoute(path) => {
                let text = format!("null for uri: {path}");
                (StatusCode::NOT_FOUND, Json(json!({ "message": text, "status-code": 404 }))).into_response()
            }
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response(),
            Self::Broken => messages(StatusCode::INTERNAL_SERVER_ERROR, &[sentences::INTERNAL.to_owned()], &[]),
            Self::Refused(refusal) => {
                let status = match refusal.kind {
                    RefusalKind::Invalid => StatusCode::BAD_REQUEST,
                    RefusalKind::NotLoggedIn => StatusCode::UNAUTHORIZED,
                    RefusalKind::Forbidden => StatusCode::FORBIDDEN,
                    RefusalKind::NotFound => StatusCode::NOT_FOUND,
                };
                messages(status, &refusal.messages, &refusal.errors)
            }
        }
    }
}

/// Jira's body of errors.
fn messages(status: StatusCode, messages: &[String], errors: &[(String, String)]) -> Response {
    let errors: Map<_, _> = errors.iter().map(|(field, text)| (field.clone(), Value::String(text.clone()))).collect();
    (status, Json(json!({ "errorMessages": messages, "errors": errors }))).into_response()
}

/// A log-in that fails: a Data Center answers with a page, Cloud with a sentence.
fn log_in(problem: LogInProblem, deployment: Deployment) -> Response {
    let (status, reason) = match problem {
        LogInProblem::Wrong => (StatusCode::UNAUTHORIZED, "AUTHENTICATED_FAILED"),
        LogInProblem::Captcha => (StatusCode::FORBIDDEN, "AUTHENTICATION_DENIED"),
    };
    let mut response = match deployment {
        Deployment::Cloud => (status, sentences::MUST_AUTHENTICATE).into_response(),
        Deployment::DataCenter => {
            let title = if status == StatusCode::FORBIDDEN { "Forbidden (403)" } else { "Unauthorized (401)" };
            let page = format!(
                "<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>Encountered a \"{title}\" error while loading \
                 this page.</h1><p>Basic Authentication Failure - Reason : {reason}</p></body></html>"
            );
            (status, Html(page)).into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-seraph-loginreason"), HeaderValue::from_static(reason));
    if problem == LogInProblem::Captcha {
        let name = HeaderName::from_static("x-authentication-denied-reason");
        headers.insert(name, HeaderValue::from_static("CAPTCHA_CHALLENGE; login-url=/login.jsp"));
    }
    challenge(&mut response);
    response
}

fn challenge(response: &mut Response) {
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("OAuth realm=\"Jira\""));
    }
}
