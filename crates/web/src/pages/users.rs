//! Users: who may log in, as what, and the one-time links that let them in.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use store::StoreError;
use store::users::{Purpose, Role, User};

use crate::error::PageError;
use crate::frame::{AdministratorPage, Frame, PageResult, draw, draw_with_status, redirect};
use crate::login_name::log_in_name;
use crate::one_time_link::{ONE_TIME_LINK_DAYS, one_time_link};
use crate::sentences;
use crate::state::AppState;
use crate::view::lozenge::Lozenge;

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage {
    frame: Frame,
    users: Vec<Row>,
    link: Option<OneTimeLink>,
    form: Invited,
    login_error: Option<&'static str>,
}

struct Row {
    user: User,
    is_me: bool,
    role: &'static str,
    other_role: Role,
    state: Lozenge,
}

struct OneTimeLink {
    login: String,
    url: String,
    days: i64,
}

#[derive(Debug, Default, Deserialize)]
pub struct Invited {
    login: String,
    #[serde(default)]
    name: String,
    role: String,
}

#[derive(Debug, Deserialize)]
pub struct NewRole {
    role: String,
}

#[derive(Debug, Deserialize)]
pub struct Disabled {
    disabled: bool,
}

impl Row {
    fn new(user: User, me: &User) -> Self {
        let (role, other_role) = match user.role {
            Role::Admin => ("Administrator", Role::Reader),
            Role::Reader => ("Reader", Role::Admin),
        };
        Self { is_me: user.id == me.id, role, other_role, state: Lozenge::user(user.disabled, user.has_password), user }
    }

    fn is_administrator(&self) -> bool {
        self.user.role == Role::Admin
    }
}

/// The list and the invitation form.
pub async fn show(State(state): State<AppState>, page: AdministratorPage) -> PageResult {
    draw(&users_page(&state, page, None).await?)
}

/// Adds a user and shows the invitation link, this once.
pub async fn invite(State(state): State<AppState>, page: AdministratorPage, Form(form): Form<Invited>) -> PageResult {
    match added(&state, &page.frame, &form).await? {
        Ok((id, login)) => {
            let link = shown_once(&state, &page.frame, id, &login, Purpose::Invite).await?;
            draw(&users_page(&state, page, Some(link)).await?)
        }
        Err(login_error) => {
            let mut drawn = users_page(&state, page, None).await?;
            (drawn.form, drawn.login_error) = (form, Some(login_error));
            draw_with_status(StatusCode::UNPROCESSABLE_ENTITY, &drawn)
        }
    }
}

/// The new user's id and log-in name, or what is wrong with the name.
async fn added(
    state: &AppState,
    frame: &Frame,
    form: &Invited,
) -> Result<Result<(i64, String), &'static str>, PageError> {
    let Some(login) = log_in_name(&form.login) else { return Ok(Err(sentences::LOGIN_RULE)) };
    let name = Some(form.name.trim()).filter(|name| !name.is_empty()).unwrap_or(&login);
    let role = if form.role == Role::Admin.as_str() { Role::Admin } else { Role::Reader };
    match state.store().user_insert(&login, name, role, None, frame.visit.now).await {
        Ok(id) => Ok(Ok((id, login))),
        Err(StoreError::LoginTaken) => Ok(Err(sentences::LOGIN_TAKEN)),
        Err(error) => Err(error.into()),
    }
}

/// Shows a fresh link with which a user sets a password.
pub async fn new_link(State(state): State<AppState>, page: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    let user = other_user(&state, &page, id).await?;
    let purpose = if user.has_password { Purpose::Reset } else { Purpose::Invite };
    let link = shown_once(&state, &page.frame, id, &user.login, purpose).await?;
    draw(&users_page(&state, page, Some(link)).await?)
}

/// Makes an administrator a reader or the reverse.
pub async fn set_role(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path(id): Path<i64>,
    Form(form): Form<NewRole>,
) -> PageResult {
    let user = other_user(&state, &page, id).await?;
    let role = if form.role == Role::Admin.as_str() { Role::Admin } else { Role::Reader };
    state.store().user_set_role(user.id, role).await?;
    Ok(redirect(&page.frame, "/users"))
}

/// Locks a user out or lets the user in again.
pub async fn set_disabled(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path(id): Path<i64>,
    Form(form): Form<Disabled>,
) -> PageResult {
    let user = other_user(&state, &page, id).await?;
    state.store().user_set_disabled(user.id, form.disabled).await?;
    Ok(redirect(&page.frame, "/users"))
}

/// Nobody changes their own rights here, so that an administrator remains.
async fn other_user(state: &AppState, page: &AdministratorPage, id: i64) -> Result<User, PageError> {
    if page.user.id == id {
        return Err(PageError::new(StatusCode::CONFLICT, sentences::not_yourself()));
    }
    state.store().user(id).await?.ok_or_else(PageError::not_found)
}

async fn shown_once(
    state: &AppState,
    frame: &Frame,
    user_id: i64,
    login: &str,
    purpose: Purpose,
) -> Result<OneTimeLink, PageError> {
    let url = one_time_link(state.store(), &frame.visit.address, user_id, purpose, frame.visit.now).await?;
    Ok(OneTimeLink { login: login.to_owned(), url, days: ONE_TIME_LINK_DAYS })
}

async fn users_page(
    state: &AppState,
    page: AdministratorPage,
    link: Option<OneTimeLink>,
) -> Result<UsersPage, PageError> {
    let users = state.store().users().await?.into_iter().map(|user| Row::new(user, &page.user)).collect();
    Ok(UsersPage { frame: page.frame, users, link, form: Invited::default(), login_error: None })
}
