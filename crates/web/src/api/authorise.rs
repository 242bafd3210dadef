//! Letting an account in again. Repositories, links and settings stay.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use model::secret::SecretString;
use serde::{Deserialize, Serialize};
use sync::connect::{self, Keys};
use utoipa::ToSchema;

use super::accounts::summary;
use super::body::Body;
use super::connect::refused;
use crate::address::PublicAddress;
use crate::bearer::ApiToken;
use crate::end_date::end_of_token;
use crate::problem::Problem;
use crate::sentences;
use crate::state::AppState;
use crate::visit::Visited;

/// By which application an account is authorised again.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// The Client ID (GitLab: Application ID) of another application; absent: the one that the account has.
    client_id: Option<String>,
    /// Its Client Secret.
    client_secret: Option<String>,
}

/// Where a browser has to go.
#[derive(Debug, Serialize, ToSchema)]
pub struct Address {
    /// For the session of a browser: the forge's consent page, which sends the browser back here. For an API token: the page of
    /// Dovetail where an administrator does the same.
    url: String,
}

/// Begin to authorise an account again by OAuth: answers the address that a person has to open.
#[utoipa::path(
    post, path = "/accounts/{id}/authorise", tag = "accounts",
    params(("id" = i64, Path, description = "The account's id")), request_body = Application,
    responses(
        (status = 200, body = Address),
        (status = 400, description = "Another application was given with an API token: only a browser can use it", body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, description = "The host or the application does not let it be begun", body = Problem)
    )
)]
pub async fn authorise_account(
    State(state): State<AppState>,
    Visited(visit): Visited,
    caller: ApiToken,
    Path(id): Path<i64>,
    Body(application): Body<Application>,
) -> Result<Json<Address>, Problem> {
    caller.require_admin()?;
    summary(&state, caller.viewer, id).await?;
    let keys = match (application.client_id, application.client_secret) {
        (None, None) => None,
        (id, secret) => {
            Some(Keys { client_id: id.unwrap_or_default(), client_secret: secret.unwrap_or_default().into() })
        }
    };
    // What is begun belongs to the person whose browser comes back; a script is nobody.
    let Some(user) = caller.user else {
        if keys.is_some() {
            return Err(bad("client_id and client_secret can be given by a browser's session only"));
        }
        let page = PublicAddress::without_request(state.options()).absolute(&format!("/accounts/{id}/authorise"));
        return Ok(Json(Address { url: page }));
    };
    let callback = visit.address.absolute("/oauth/callback");
    let begun = connect::begin_again(state.engine(), id, keys, &callback, user.id).await;
    Ok(Json(Address { url: begun.map_err(|error| refused(&error))?.into() }))
}

/// An access token to use from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// A group, project or personal access token with the scope `api`.
    token: String,
    /// The day on which it ends, such as 2026-12-31; needed only where the forge does not tell (GitLab before 15.5).
    ends_on: Option<String>,
}

/// Put an access token in place of what lets an account in now.
#[utoipa::path(
    put, path = "/accounts/{id}/token", tag = "accounts",
    params(("id" = i64, Path, description = "The account's id")), request_body = NewToken,
    responses(
        (status = 204, description = "It is in use; the account is refreshed"),
        (status = 400, description = "`ends_on` is no day to come", body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 422, description = "The forge does not accept the token, or it cannot see the account", body = Problem)
    )
)]
pub async fn replace_token(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
    Body(new): Body<NewToken>,
) -> Result<StatusCode, Problem> {
    caller.require_admin()?;
    summary(&state, caller.viewer, id).await?;
    let end = end_of_token(new.ends_on.as_deref().unwrap_or_default(), state.now());
    let end = end.map_err(|_| Problem::bad_request(sentences::token_end_not_understood()))?;
    let replaced = connect::replace_token(state.engine(), id, &SecretString::from(new.token), end).await;
    replaced.map_err(|error| refused(&error))?;
    Ok(StatusCode::NO_CONTENT)
}

fn bad(what: &'static str) -> Problem {
    Problem::bad_request(sentences::parameter_not_understood(what))
}
