//! One's OAuth applications.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};
use serde::Deserialize;

use super::session::Visitor;
use super::{Shell, page};
use crate::gitlab::App;
use crate::gitlab::model::{Application, Scope, Scopes, UserId};

#[derive(Template)]
#[template(path = "applications.html")]
struct Applications {
    shell: Shell,
    applications: Vec<Application>,
    all_scopes: &'static [Scope],
    form: Filled,
}

#[derive(Template)]
#[template(path = "application_created.html")]
struct Created {
    shell: Shell,
    name: String,
    client_id: String,
    secret: String,
    redirect_uris: Vec<String>,
    scopes: String,
}

/// The form as it was sent, to be shown again when something is wrong with it.
#[derive(Default)]
struct Filled {
    name: String,
    redirect_uri: String,
    scopes: Scopes,
    problem: Option<String>,
}

/// `GET /-/user_settings/applications`
pub(super) async fn list(State(app): State<Arc<App>>, visitor: Visitor, uri: Uri) -> Response {
    let Some(id) = visitor.id() else { return visitor.to_sign_in(&uri) };
    show(&app, &visitor, id, Filled { scopes: Scopes::api(), ..Filled::default() })
}

fn show(app: &App, visitor: &Visitor, user: UserId, form: Filled) -> Response {
    let applications = app.model.applications_of(user);
    let shell = Shell::new("Applications", visitor);
    page(&Applications { shell, applications, all_scopes: Scope::ALL, form })
}

/// What the form sends: one box a scope, so pairs.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Sent(Vec<(String, String)>);

impl Sent {
    fn text(&self, name: &str) -> String {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn scopes(&self) -> Scopes {
        self.0.iter().filter(|(field, _)| field == "scopes").filter_map(|(_, word)| Scope::parse(word)).collect()
    }
}

/// `POST /-/user_settings/applications`: the secret is shown on the answer, and never again.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    uri: Uri,
    Form(sent): Form<Sent>,
) -> Response {
    let Some(id) = visitor.id() else { return visitor.to_sign_in(&uri) };
    let (name, redirect_uri, scopes) = (sent.text("name"), sent.text("redirect_uri"), sent.scopes());
    let redirect_uris: Vec<&str> = redirect_uri.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match app.model.create_application(id, &name, &redirect_uris, scopes.clone()) {
        Ok(keys) => page(&Created {
            shell: Shell::new("Application", &visitor),
            name,
            client_id: keys.client_id,
            secret: keys.secret,
            redirect_uris: redirect_uris.iter().map(|uri| (*uri).to_owned()).collect(),
            scopes: scopes.to_string(),
        }),
        Err(problem) => {
            let problem = Some(problem.to_string());
            let again = show(&app, &visitor, id, Filled { name, redirect_uri, scopes, problem });
            (StatusCode::UNPROCESSABLE_ENTITY, again).into_response()
        }
    }
}
