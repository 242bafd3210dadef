//! Who calls the REST interface: a script with an API token, or a page with its session.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use model::secret::token_hash;
use store::Viewer;
use store::tokens::Scope;
use store::users::{Role, User};

use crate::problem::Problem;
use crate::session;
use crate::state::AppState;
use crate::visit::Visited;

/// A caller of the REST interface: an API token (`Authorization: Bearer …`), or else the session of a browser.
/// As an extractor it answers everybody else with a problem document.
#[derive(Debug, Clone)]
pub struct ApiToken {
    /// What the token is called, or the user's log-in.
    pub name: String,
    /// What it may do: administrators' sessions may do everything, readers' only read.
    pub scope: Scope,
    /// What it may see.
    pub viewer: Viewer,
    /// The person, where a session and not a token was shown.
    pub user: Option<User>,
}

impl ApiToken {
    /// Refuses callers that may only read.
    ///
    /// # Errors
    /// [`Problem`] 403.
    pub fn require_admin(&self) -> Result<(), Problem> {
        match self.scope {
            Scope::Admin => Ok(()),
            Scope::Read => Err(Problem::insufficient_scope()),
        }
    }

    /// Whether the caller may do everything.
    #[must_use]
    pub const fn is_admin(&self) -> bool {
        matches!(self.scope, Scope::Admin)
    }

    fn of_user(user: User) -> Self {
        let scope = match user.role {
            Role::Admin => Scope::Admin,
            Role::Reader => Scope::Read,
        };
        Self { name: user.login.clone(), scope, viewer: session::viewer(&user), user: Some(user) }
    }
}

impl FromRequestParts<AppState> for ApiToken {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let Visited(visit) = Visited::from_request_parts(parts, state).await.map_err(Problem::from)?;
        if let Some(header) = parts.headers.get(AUTHORIZATION) {
            let token = header.to_str().ok().and_then(bearer).ok_or_else(Problem::unauthorised)?;
            let known = state.store().api_token(&token_hash(token), visit.now).await?;
            let known = known.ok_or_else(Problem::unauthorised)?;
            return Ok(Self { name: known.name, scope: known.scope, viewer: Viewer::Everything, user: None });
        }
        let user = session::user_of(state, &visit).await?.ok_or_else(Problem::unauthorised)?;
        Ok(Self::of_user(user))
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
