//! An authorisation request, checked.

use serde::Deserialize;

use crate::gitlab::App;
use crate::gitlab::model::{Application, Authorisation, Scopes, UserId};

/// What a client sends the browser with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Parameters {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) response_type: String,
    pub(super) state: Option<String>,
    pub(super) scope: String,
    pub(super) code_challenge: Option<String>,
    pub(super) code_challenge_method: Option<String>,
    /// From the consent page alone: `allow` or `deny`.
    pub(super) decision: Option<String>,
}

/// A request that may be put to the user.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) application: Application,
    pub(super) redirect_uri: String,
    pub(super) scopes: Scopes,
    pub(super) state: Option<String>,
    pub(super) challenge: Option<String>,
}

/// Why the user is not asked. GitLab shows these on a page; a browser is never sent anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error(
        "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method."
    )]
    UnknownClient,
    #[error("The redirect URI included is not valid.")]
    RedirectUri,
    #[error("The authorization server does not support this response type.")]
    ResponseType,
    #[error("The requested scope is invalid, unknown, or malformed.")]
    Scope,
    #[error("The code challenge method must be S256.")]
    ChallengeMethod,
}

impl Request {
    /// Checks a request in GitLab's order: client, redirect URI, response type, scope, challenge.
    pub(super) fn check(app: &App, parameters: Parameters) -> Result<Self, Refusal> {
        let application = app.model.application(&parameters.client_id).ok_or(Refusal::UnknownClient)?;
        if !application.redirect_uris.contains(&parameters.redirect_uri) {
            return Err(Refusal::RedirectUri);
        }
        if parameters.response_type != "code" {
            return Err(Refusal::ResponseType);
        }
        let scopes = match parameters.scope.trim() {
            "" => application.scopes.clone(),
            words => Scopes::parse(words).filter(|scopes| application.scopes.covers(scopes)).ok_or(Refusal::Scope)?,
        };
        let challenge = parameters.code_challenge.filter(|challenge| !challenge.is_empty());
        if challenge.is_some() && parameters.code_challenge_method.as_deref() != Some("S256") {
            return Err(Refusal::ChallengeMethod);
        }
        Ok(Self { application, redirect_uri: parameters.redirect_uri, scopes, state: parameters.state, challenge })
    }

    /// Where the browser goes once the user agreed.
    pub(super) fn agreed(&self, app: &App, user: UserId) -> String {
        let code = app.model.issue_code(Authorisation {
            application: self.application.id,
            user,
            redirect_uri: self.redirect_uri.clone(),
            scopes: self.scopes.clone(),
            challenge: self.challenge.clone(),
        });
        self.back(&[("code", &code)])
    }

    /// Where the browser goes once the user refused.
    pub(super) fn refused(&self) -> String {
        let description = "The resource owner or authorization server denied the request.";
        self.back(&[("error", "access_denied"), ("error_description", description)])
    }

    /// The redirect URI with an answer and the client's state added; its own query stays.
    fn back(&self, answer: &[(&str, &str)]) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        pairs.extend_pairs(answer);
        if let Some(state) = &self.state {
            pairs.append_pair("state", state);
        }
        let separator = if self.redirect_uri.contains('?') { '&' } else { '?' };
        format!("{}{separator}{}", self.redirect_uri, pairs.finish())
    }
}
