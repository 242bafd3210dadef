//! A request as the handlers see it: who asks, in which version, for what.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{FromRequest, RawPathParams, Request};
use axum::{Extension, RequestExt};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Method};
use serde_json::Value;

use super::error::RestError;
use super::shapes::Lens;
use crate::jira::gate::AskedPath;
use crate::jira::model::{Issue, Refusal, State, UserId};
use crate::jira::{App, Deployment};

/// The longest body that is read.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The version of REST that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// Texts are texts.
    V2,
    /// Texts are documents (Cloud).
    V3,
}

/// A request whose credentials were checked.
pub(crate) struct Ask {
    pub(crate) app: Arc<App>,
    /// Who asks; none: nobody who told.
    pub(crate) viewer: Option<UserId>,
    pub(crate) version: Version,
    query: Vec<(String, String)>,
    captures: Vec<(String, String)>,
    /// The body; null when there is none.
    pub(crate) body: Value,
}

impl FromRequest<Arc<App>> for Ask {
    type Rejection = RestError;

    async fn from_request(mut request: Request, app: &Arc<App>) -> Result<Self, RestError> {
        let path = request.extensions().get::<AskedPath>().map(|path| path.0.clone()).unwrap_or_default();
        let missing = || RestError::NoRoute(path.clone());
        let captured = request.extract_parts::<RawPathParams>().await.map_err(|_| missing())?;
        let captures: Vec<_> = captured.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let version = captures.iter().find(|(name, _)| name == "version").map_or("", |(_, value)| value.as_str());
        let version = match (version, app.options.deployment) {
            ("2" | "latest", Deployment::DataCenter) | ("2", Deployment::Cloud) => Version::V2,
            ("3" | "latest", Deployment::Cloud) => Version::V3,
            _ => return Err(missing()),
        };
        let viewer = viewer(app, request.headers())?;
        let query = url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
        let query = query.into_owned().collect();
        let body = body(request).await?;
        Ok(Self { app: Arc::clone(app), viewer, version, query, captures, body })
    }
}

impl Ask {
    pub(crate) fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        self.app.model.read(look)
    }

    /// Looks at the model with what shapes need to know.
    pub(crate) fn look<R>(&self, look: impl FnOnce(Lens<'_>) -> R) -> R {
        let (url, deployment) = (self.app.url.as_str(), self.app.options.deployment);
        let version = self.version;
        self.read(|state| look(Lens { state, url, deployment, version }))
    }

    pub(crate) fn deployment(&self) -> Deployment {
        self.app.options.deployment
    }

    /// Who asks, where somebody must.
    pub(crate) fn user(&self) -> Result<UserId, RestError> {
        self.viewer.ok_or(RestError::NotLoggedIn)
    }

    /// What a placeholder of the path stood for.
    pub(crate) fn capture(&self, name: &str) -> &str {
        self.captures.iter().find(|(captured, _)| captured == name).map_or("", |(_, value)| value)
    }

    /// The key or id of the path's issue.
    pub(crate) fn issue_key(&self) -> &str {
        self.capture("issue")
    }

    /// The issue of the path, when the viewer may see it.
    pub(crate) fn issue(&self) -> Result<Issue, RestError> {
        let found = self.read(|state| state.visible_issue(self.issue_key(), self.viewer, self.deployment()).cloned());
        Ok(found?)
    }

    /// A parameter of the query.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(sent, _)| sent == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that is a number.
    pub(crate) fn number(&self, name: &str, default: usize) -> Result<usize, RestError> {
        match self.param(name).filter(|text| !text.is_empty()) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| {
                RestError::Refused(Refusal::invalid(format!("The value '{text}' for '{name}' is not a number.")))
            }),
        }
    }

    /// A parameter that is a list of words with commas between them; it may be given several times.
    pub(crate) fn words(&self, name: &str) -> Vec<&str> {
        let sent = self.query.iter().filter(|(sent, _)| sent == name);
        let words = sent.flat_map(|(_, value)| value.split(',')).map(str::trim);
        words.filter(|word| !word.is_empty()).collect()
    }
}

/// Whoever logs in with this request; nobody, when it has no credentials.
fn viewer(app: &App, headers: &HeaderMap) -> Result<Option<UserId>, RestError> {
    let Some(header) = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()) else { return Ok(None) };
    let failed = |problem| RestError::LogIn(problem, app.options.deployment);
    let wrong = crate::jira::model::LogInProblem::Wrong;
    let (scheme, credential) = header.split_once(' ').unwrap_or((header, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        return app.model.log_in_by_token(credential.trim()).map(Some).map_err(failed);
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(failed(wrong));
    }
    let decoded = BASE64_STANDARD.decode(credential.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let (name, password) = decoded.as_deref().and_then(|text| text.split_once(':')).ok_or_else(|| failed(wrong))?;
    app.model.log_in(name, password).map(Some).map_err(failed)
}

async fn body(request: Request) -> Result<Value, RestError> {
    let reads = [Method::GET, Method::HEAD, Method::DELETE].contains(request.method());
    if reads {
        return Ok(Value::Null);
    }
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/json") {
        return Err(RestError::MediaType);
    }
    let bytes = to_bytes(request.into_body(), MOST_BYTES).await.map_err(|_| RestError::Broken)?;
    serde_json::from_slice(&bytes)
        .map_err(|error| RestError::Refused(Refusal::invalid(format!("Unexpected character or end of input: {error}"))))
}

/// What has no route.
pub(crate) async fn unknown(Extension(path): Extension<AskedPath>) -> RestError {
    RestError::NoRoute(path.0)
}
