//! The page on which a user lets an application in.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};

use super::request::{Parameters, Request};
use crate::gitlab::App;
use crate::gitlab::model::Scope;
use crate::gitlab::pages::session::Visitor;
use crate::gitlab::pages::{Shell, found, message, page};

/// What the consent page shows; the hidden fields carry the request over to the decision.
#[derive(Template)]
#[template(path = "consent.html")]
struct Consent {
    shell: Shell,
    application: String,
    owner: String,
    redirect_uri: String,
    client_id: String,
    scope: String,
    scopes: Vec<Scope>,
    state: Option<String>,
    challenge: Option<String>,
}

/// `GET /oauth/authorize`
pub(super) async fn ask(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    uri: Uri,
    Query(parameters): Query<Parameters>,
) -> Response {
    let Some(user) = visitor.user.as_ref() else { return visitor.to_sign_in(&uri) };
    let request = match Request::check(&app, parameters) {
        Ok(request) => request,
        Err(refusal) => return message(&visitor, "An error has occurred", &refusal.to_string()),
    };
    if !app.options.ask_consent {
        return found(&request.agreed(&app, user.id));
    }
    let owner = app.model.user(request.application.owner).map(|owner| owner.name).unwrap_or_default();
    page(&Consent {
        shell: Shell::new("Authorize application", &visitor),
        application: request.application.name,
        owner,
        redirect_uri: request.redirect_uri,
        client_id: request.application.client_id,
        scope: request.scopes.to_string(),
        scopes: request.scopes.iter().collect(),
        state: request.state,
        challenge: request.challenge,
    })
}

/// `GET /login/oauth/authorize`: the copy of GitHub's, which looks at Client ID and redirect URI before anybody logs in
/// (GitLab contract §4.1: from 15.7.8 to 15.11).
pub(super) async fn as_github(State(app): State<Arc<App>>, Query(parameters): Query<Parameters>) -> Response {
    if !app.model.version().starts_with("15.") {
        return StatusCode::NOT_FOUND.into_response();
    }
    match app.model.application(&parameters.client_id) {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(known) if !known.redirect_uris.contains(&parameters.redirect_uri) => StatusCode::FORBIDDEN.into_response(),
        Some(known) => {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs([("client_id", known.client_id.as_str()), ("response_type", "code"), ("scope", "api")])
                .finish();
            found(&format!("/oauth/authorize?{query}"))
        }
    }
}

/// `POST /oauth/authorize`: the button that was pressed.
pub(super) async fn decide(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    uri: Uri,
    Form(parameters): Form<Parameters>,
) -> Response {
    let Some(user) = visitor.user.as_ref() else { return visitor.to_sign_in(&uri) };
    let allowed = parameters.decision.as_deref() == Some("allow");
    match Request::check(&app, parameters) {
        Err(refusal) => message(&visitor, "An error has occurred", &refusal.to_string()),
        Ok(request) if allowed => found(&request.agreed(&app, user.id)).into_response(),
        Ok(request) => found(&request.refused()).into_response(),
    }
}
