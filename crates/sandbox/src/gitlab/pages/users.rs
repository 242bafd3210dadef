//! Making users, for administrators.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};
use serde::Deserialize;

use super::session::Visitor;
use super::{Shell, missing, page};
use crate::gitlab::App;
use crate::gitlab::model::NewUser;

#[derive(Template)]
#[template(path = "new_user.html")]
struct NewUserPage {
    shell: Shell,
    form: Sent,
    done: Option<String>,
    problem: Option<String>,
}

/// What the form sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    name: String,
    username: String,
    email: String,
    password: String,
    access_level: String,
}

/// `GET /admin/users/new`
pub(super) async fn form(visitor: Visitor, uri: Uri) -> Response {
    let Some(user) = &visitor.user else { return visitor.to_sign_in(&uri) };
    if !user.admin {
        return missing(&visitor);
    }
    page(&NewUserPage { shell: Shell::new("New user", &visitor), form: Sent::default(), done: None, problem: None })
}

/// `POST /admin/users`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    uri: Uri,
    Form(sent): Form<Sent>,
) -> Response {
    let Some(user) = &visitor.user else { return visitor.to_sign_in(&uri) };
    if !user.admin {
        return missing(&visitor);
    }
    let new = NewUser {
        login: sent.username.clone(),
        name: sent.name.clone(),
        email: sent.email.clone(),
        password: sent.password.clone(),
        admin: sent.access_level == "admin",
    };
    let shell = Shell::new("New user", &visitor);
    match app.model.create_user(new) {
        Ok(_) => page(&NewUserPage { shell, form: Sent::default(), done: Some(sent.username), problem: None }),
        Err(problem) => {
            let problem = Some(problem.to_string());
            let again = page(&NewUserPage { shell, form: sent, done: None, problem });
            (StatusCode::UNPROCESSABLE_ENTITY, again).into_response()
        }
    }
}
