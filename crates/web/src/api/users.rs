//! `/users`: for administrators only.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use store::StoreError;
use store::users::{Purpose, Role};
use utoipa::ToSchema;

use super::body::Body;
use super::shapes::User;
use crate::address::PublicAddress;
use crate::bearer::ApiToken;
use crate::login_name::log_in_name;
use crate::one_time_link::one_time_link;
use crate::problem::Problem;
use crate::sentences;
use crate::state::AppState;

/// All users.
#[utoipa::path(get, path = "/users", tag = "users", responses((status = 200, body = [User]), (status = 403, body = Problem)))]
pub async fn list_users(State(state): State<AppState>, caller: ApiToken) -> Result<Json<Vec<User>>, Problem> {
    caller.require_admin()?;
    Ok(Json(state.store().users().await?.into_iter().map(Into::into).collect()))
}

/// A user to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// The log-in name.
    login: String,
    /// The display name; the log-in name where absent.
    name: Option<String>,
    /// `admin` or `reader`.
    #[serde(default = "reader")]
    role: String,
}

fn reader() -> String {
    Role::Reader.as_str().to_owned()
}

/// A one-time link, shown once.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitation {
    /// The user.
    user: User,
    /// Whoever opens it first chooses the password; good for seven days.
    link: String,
}

/// Add a user; the answer has a one-time link to choose the password.
#[utoipa::path(
    post, path = "/users", tag = "users", request_body = NewUser,
    responses((status = 201, body = Invitation), (status = 403, body = Problem), (status = 409, body = Problem))
)]
pub async fn add_user(
    State(state): State<AppState>,
    caller: ApiToken,
    Body(new): Body<NewUser>,
) -> Result<(StatusCode, Json<Invitation>), Problem> {
    caller.require_admin()?;
    let role = role(&new.role)?;
    let login = log_in_name(&new.login).ok_or_else(|| bad("login is not 1 to 64 of a-z 0-9 . - _ @"))?;
    let name = name(new.name.as_deref(), &login)?;
    let id = state.store().user_insert(&login, name, role, None, state.now()).await.map_err(|error| match error {
        StoreError::LoginTaken => Problem::new(StatusCode::CONFLICT, sentences::login_taken()),
        error => error.into(),
    })?;
    Ok((StatusCode::CREATED, Json(link(&state, id, Purpose::Invite).await?)))
}

/// What can be changed of a user.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// Whether the user is locked out.
    disabled: Option<bool>,
    /// `admin` or `reader`.
    role: Option<String>,
}

/// Lock a user out, let one in again, or change the role.
#[utoipa::path(
    patch, path = "/users/{id}", tag = "users", params(("id" = i64, Path, description = "The user's id")),
    request_body = UserChange,
    responses(
        (status = 200, body = User), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "It is the caller", body = Problem)
    )
)]
pub async fn change_user(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
    Body(change): Body<UserChange>,
) -> Result<Json<User>, Problem> {
    caller.require_admin()?;
    if caller.user.as_ref().is_some_and(|user| user.id == id) {
        return Err(Problem::new(StatusCode::CONFLICT, sentences::not_yourself()));
    }
    let store = state.store();
    store.user(id).await?.ok_or_else(Problem::not_found)?;
    let new_role = change.role.as_deref().map(role).transpose()?;
    if let Some(new_role) = new_role {
        store.user_set_role(id, new_role).await?;
    }
    if let Some(disabled) = change.disabled {
        store.user_set_disabled(id, disabled).await?;
    }
    Ok(Json(store.user(id).await?.ok_or_else(Problem::not_found)?.into()))
}

/// Make a one-time link to choose a new password.
#[utoipa::path(
    post, path = "/users/{id}/reset", tag = "users", params(("id" = i64, Path, description = "The user's id")),
    responses((status = 201, body = Invitation), (status = 403, body = Problem), (status = 404, body = Problem))
)]
pub async fn reset_user(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<(StatusCode, Json<Invitation>), Problem> {
    caller.require_admin()?;
    Ok((StatusCode::CREATED, Json(link(&state, id, Purpose::Reset).await?)))
}

/// A name that nobody wrote is the log-in name.
fn name<'a>(text: Option<&'a str>, login: &'a str) -> Result<&'a str, Problem> {
    let name = text.map(str::trim).filter(|name| !name.is_empty()).unwrap_or(login);
    // PostgreSQL stores no NUL, and the others have no business in a name.
    if name.contains(char::is_control) { Err(bad("name has control characters")) } else { Ok(name) }
}

fn bad(what: &'static str) -> Problem {
    Problem::bad_request(sentences::parameter_not_understood(what))
}

fn role(word: &str) -> Result<Role, Problem> {
    word.parse().map_err(|_| bad("role is not admin or reader"))
}

async fn link(state: &AppState, id: i64, purpose: Purpose) -> Result<Invitation, Problem> {
    let user = state.store().user(id).await?.ok_or_else(Problem::not_found)?;
    let address = PublicAddress::without_request(state.options());
    let link = one_time_link(state.store(), &address, id, purpose, state.now()).await?;
    Ok(Invitation { user: user.into(), link })
}
