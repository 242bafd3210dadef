//! Signing in and out, and one's profile.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use http::{StatusCode, Uri};
use serde::Deserialize;

use super::session::Visitor;
use super::{Shell, found, page};
use crate::gitlab::App;

/// Where to go after signing in.
#[derive(Deserialize)]
pub(super) struct Return {
    return_to: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    shell: Shell,
    return_to: String,
    failed: bool,
}

/// `GET /users/sign_in`
pub(super) async fn sign_in_page(visitor: Visitor, Query(query): Query<Return>) -> Response {
    let return_to = local(query.return_to);
    page(&SignIn { shell: Shell::new("Sign in", &visitor), return_to, failed: false })
}

/// What the sign-in form sends.
#[derive(Deserialize)]
pub(super) struct Credentials {
    login: String,
    password: String,
    return_to: Option<String>,
}

/// `POST /users/sign_in`
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    jar: CookieJar,
    Form(form): Form<Credentials>,
) -> Response {
    let return_to = local(form.return_to);
    match app.model.authenticate_password(&form.login, &form.password) {
        Some(user) => (jar.add(app.sessions.open(user)), found(&return_to)).into_response(),
        None => {
            let again = SignIn { shell: Shell::new("Sign in", &visitor), return_to, failed: true };
            (StatusCode::UNPROCESSABLE_ENTITY, page(&again)).into_response()
        }
    }
}

#[derive(Template)]
#[template(path = "sign_out.html")]
struct SignOut {
    shell: Shell,
}

/// `GET /users/sign_out`
pub(super) async fn sign_out_page(visitor: Visitor) -> Response {
    page(&SignOut { shell: Shell::new("Sign out", &visitor) })
}

/// `POST /users/sign_out`
pub(super) async fn sign_out(State(app): State<Arc<App>>, jar: CookieJar) -> Response {
    let closed = app.sessions.close(&jar);
    (jar.add(closed), found("/users/sign_in")).into_response()
}

#[derive(Template)]
#[template(path = "profile.html")]
struct Profile {
    shell: Shell,
    login: String,
    name: String,
    email: String,
}

/// `GET /-/user_settings/profile`
pub(super) async fn profile(visitor: Visitor, uri: Uri) -> Response {
    let Some(user) = visitor.user.clone() else { return visitor.to_sign_in(&uri) };
    let shell = Shell::new("Edit profile", &visitor);
    page(&Profile { shell, login: user.login, name: user.name, email: user.email })
}

/// A path of this server; anything else would let a link send people elsewhere after they signed in.
fn local(path: Option<String>) -> String {
    let ours = |path: &String| path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    path.filter(ours).unwrap_or_else(|| "/".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_on_this_server() {
        let back = |path: &str| local(Some(path.to_owned()));
        assert_eq!(back("/oauth/authorize?client_id=x"), "/oauth/authorize?client_id=x");
        for elsewhere in ["//evil.example.com", "https://evil.example.com", "/\\evil.example.com", ""] {
            assert_eq!(back(elsewhere), "/", "{elsewhere}");
        }
    }
}
