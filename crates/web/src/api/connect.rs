//! Adding an account by an access token, or a folder: what needs no browser.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::HostKind;
use model::secret::SecretString;
use serde::Deserialize;
use sync::connect::{self, Begun, ConnectError, Form, Method};
use utoipa::ToSchema;

use super::account_shapes::Account;
use super::accounts::shown;
use super::body::Body;
use crate::bearer::ApiToken;
use crate::end_date::end_of_token;
use crate::problem::Problem;
use crate::sentences::{self, Sentence};
use crate::state::AppState;

/// An account to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// `gitlab`, `github` or `folder`.
    host_kind: String,
    /// The host's address, or the folder.
    host_url: String,
    /// The path of a group, subgroup, organisation or user; for a folder, a folder below it or nothing.
    #[serde(default)]
    path: String,
    /// A personal, group or project access token; nothing for a folder.
    token: Option<String>,
    /// The day on which the token ends (2026-12-31), where the forge does not tell (GitLab before 15.5).
    ends_on: Option<String>,
    /// Whether new repositories are linked.
    #[serde(default = "yes")]
    auto_link: bool,
    /// Whether smart commits are on for new repositories.
    #[serde(default = "yes")]
    smart_commits: bool,
}

const fn yes() -> bool {
    true
}

/// Add an account by an access token, or a folder of repositories. OAuth needs a browser: use the page *Add account*.
#[utoipa::path(
    post, path = "/accounts", tag = "accounts", request_body = NewAccount,
    responses(
        (status = 201, body = Account), (status = 400, description = "`ends_on` is no day to come", body = Problem),
        (status = 403, body = Problem),
        (status = 409, description = "There is such an account already", body = Problem),
        (status = 422, description = "It cannot be connected", body = Problem)
    )
)]
pub async fn add_account(
    State(state): State<AppState>,
    caller: ApiToken,
    Body(new): Body<NewAccount>,
) -> Result<(StatusCode, Json<Account>), Problem> {
    caller.require_admin()?;
    let kind: HostKind = new.host_kind.parse().map_err(|_| {
        Problem::bad_request(sentences::parameter_not_understood("host_kind is not gitlab, github or folder"))
    })?;
    let ends_at = end_of_token(new.ends_on.as_deref().unwrap_or_default(), state.now());
    let ends_at = ends_at.map_err(|_| Problem::bad_request(sentences::token_end_not_understood()))?;
    let method = new.token.map_or(Method::None, |token| Method::Token { token: SecretString::from(token), ends_at });
    // Where an account of the host begins at a folder, a slash in front would leave that folder.
    let path = new.path.trim().trim_matches('/').to_owned();
    let form =
        Form { kind, host_url: new.host_url, path, method, auto_link: new.auto_link, smart_commits: new.smart_commits };
    // A script is nobody's browser: its dance belongs to no user, and it has seen what it sends.
    let user_id = caller.user.as_ref().map_or(0, |user| user.id);
    let engine = state.engine();
    let begun = connect::begin(engine, form, "", user_id).await.map_err(|error| refused(&error))?;
    let id = match begun {
        Begun::Added { account_id } => account_id,
        Begun::Confirm { state: dance } => {
            connect::confirm(engine, &dance, user_id).await.map_err(|error| refused(&error))?
        }
        Begun::Authorise { .. } => {
            return Err(Problem::bad_request(sentences::parameter_not_understood("token is missing")));
        }
    };
    Ok((StatusCode::CREATED, Json(shown(&state, &caller, id).await?)))
}

/// Why an account could not be connected.
pub fn refused(error: &ConnectError) -> Problem {
    let status = match error {
        ConnectError::AccountExists { .. } => StatusCode::CONFLICT,
        ConnectError::AccountGone => StatusCode::NOT_FOUND,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Problem::new(status, Sentence::new(error.happened(), error.cause(), error.remedy()))
}
