//! Who is signed in to the pages.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::FromRequestParts;
use axum::response::Response;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use http::Uri;
use http::request::Parts;
use model::secret::{ExposeSecret, random_token, token_hash};

use super::found;
use crate::gitlab::App;
use crate::gitlab::model::{User, UserId, UserState};

/// The cookie that names a session.
const COOKIE: &str = "sandbox_gitlab_session";

/// The cookie's value in a browser that signed out: it is not signed in again by itself.
const SIGNED_OUT: &str = "signed-out";

/// The sessions, by the hash of the cookie's value.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, UserId>>);

impl Sessions {
    /// Opens a session and returns its cookie.
    pub(crate) fn open(&self, user: UserId) -> Cookie<'static> {
        let name = random_token("").expose_secret().to_owned();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(token_hash(&name), user);
        cookie(name)
    }

    /// Closes the session of a browser and returns the cookie that says so.
    pub(crate) fn close(&self, jar: &CookieJar) -> Cookie<'static> {
        if let Some(old) = jar.get(COOKIE) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&token_hash(old.value()));
        }
        cookie(SIGNED_OUT.to_owned())
    }

    fn user(&self, name: &str) -> Option<UserId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&token_hash(name)).copied()
    }
}

fn cookie(value: String) -> Cookie<'static> {
    Cookie::build((COOKIE, value)).path("/").http_only(true).same_site(SameSite::Lax).build()
}

/// The browser's user, if it is signed in.
#[derive(Debug)]
pub(crate) struct Visitor {
    pub(crate) user: Option<User>,
}

impl Visitor {
    pub(crate) fn id(&self) -> Option<UserId> {
        self.user.as_ref().map(|user| user.id)
    }

    /// Sends the browser to the sign-in page, which leads back here.
    pub(crate) fn to_sign_in(&self, uri: &Uri) -> Response {
        let here = uri.path_and_query().map_or("/", |here| here.as_str());
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", here).finish();
        found(&format!("/users/sign_in?{query}"))
    }
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let jar = CookieJar::from_headers(&parts.headers);
        let name = jar.get(COOKIE).map(Cookie::value);
        let by_cookie = name.and_then(|name| app.sessions.user(name)).and_then(|id| app.model.user(id));
        let by_itself = || {
            let login = app.options.auto_sign_in.as_deref().filter(|_| name != Some(SIGNED_OUT))?;
            app.model.user_by_login(login)
        };
        let user = by_cookie.or_else(by_itself).filter(|user| user.state == UserState::Active);
        Ok(Self { user })
    }
}
