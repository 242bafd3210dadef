//! `/sites`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use model::SiteSettings;
use model::secret::SecretString;
use store::{SiteState, Viewer};
use sync::site::{self, Form, SiteError};

use super::body::Body;
use super::report_shapes::Report;
use super::site_shapes::{Activity, AddedSite, NewSite, Project, Site, SiteChange};
use crate::bearer::ApiToken;
use crate::problem::Problem;
use crate::sentences::{self, site_calls};
use crate::state::AppState;

/// The sites, by name.
#[utoipa::path(get, path = "/sites", tag = "sites", responses((status = 200, body = [Site])))]
pub async fn list_sites(State(state): State<AppState>, caller: ApiToken) -> Result<Json<Vec<Site>>, Problem> {
    let sites = state.store().sites().await?;
    let mut shown = Vec::with_capacity(sites.len());
    for site in sites.into_iter().filter(|site| site.state != SiteState::Removing) {
        shown.push(shape(&state, &caller, site).await?);
    }
    Ok(Json(shown))
}

/// One site.
#[utoipa::path(
    get, path = "/sites/{id}", tag = "sites", params(("id" = i64, Path, description = "The site's id")),
    responses((status = 200, body = Site), (status = 404, body = Problem))
)]
pub async fn show_site(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<Json<Site>, Problem> {
    let site = present(&state, id).await?;
    Ok(Json(shape(&state, &caller, site).await?))
}

/// Add a Jira and test it. It is kept even where the test finds something missing; that may take a minute.
#[utoipa::path(
    post, path = "/sites", tag = "sites", request_body = NewSite,
    responses(
        (status = 201, body = AddedSite), (status = 403, body = Problem),
        (status = 409, description = "A site has this address already: `existing_id`", body = Problem),
        (status = 422, description = "It cannot be kept: `field` names what is wrong", body = Problem)
    )
)]
pub async fn add_site(
    State(state): State<AppState>,
    caller: ApiToken,
    Body(new): Body<NewSite>,
) -> Result<(StatusCode, Json<AddedSite>), Problem> {
    caller.require_admin()?;
    let kind = new.kind.into();
    known_accounts(&state, new.accounts.as_deref()).await?;
    let form = Form {
        kind,
        name: new.name.unwrap_or_default(),
        url: new.url,
        user: new.user.unwrap_or_default(),
        secret: SecretString::from(new.secret.unwrap_or_default()),
        client_id: new.client_id.unwrap_or_default(),
        client_secret: SecretString::from(new.client_secret.unwrap_or_default()),
        settings: new.settings.applied(&SiteSettings::of(kind), new.accounts.as_deref()),
        accounts: new.accounts.unwrap_or_default(),
    };
    let added = site::add(state.engine(), &form).await.map_err(refused)?;
    let report = Report::from(added.report);
    Ok((StatusCode::CREATED, Json(AddedSite { id: added.id, report })))
}

/// Change a site: what is absent stays as it is.
#[utoipa::path(
    patch, path = "/sites/{id}", tag = "sites", params(("id" = i64, Path, description = "The site's id")),
    request_body = SiteChange,
    responses(
        (status = 200, body = Site), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, description = "It cannot be kept: `field` names what is wrong", body = Problem)
    )
)]
pub async fn change_site(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
    Body(change): Body<SiteChange>,
) -> Result<Json<Site>, Problem> {
    caller.require_admin()?;
    let site = present(&state, id).await?;
    known_accounts(&state, change.accounts.as_deref()).await?;
    let activity = change.state;
    // A pause comes before what would be told anew, the end of one behind it.
    if matches!(activity, Some(Activity::Paused)) {
        site::pause(state.engine(), id).await.map_err(refused)?;
    }
    if change.is_of_the_form() {
        let form = changed(&state, site, change).await?;
        site::update(state.engine(), id, &form).await.map_err(refused)?;
    }
    if matches!(activity, Some(Activity::Active)) {
        site::resume(state.engine(), id).await.map_err(refused)?;
    }
    Ok(Json(shape(&state, &caller, present(&state, id).await?).await?))
}

/// Remove a site: at once from sight; what it was told and what is known of it goes behind.
#[utoipa::path(
    delete, path = "/sites/{id}", tag = "sites", params(("id" = i64, Path, description = "The site's id")),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem))
)]
pub async fn remove_site(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    caller.require_admin()?;
    site::remove(state.engine(), id).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Test a site step by step, from the name of its server to the rights of its user; that may take a minute.
#[utoipa::path(
    post, path = "/sites/{id}/test", tag = "sites", params(("id" = i64, Path, description = "The site's id")),
    responses((status = 200, body = Report), (status = 403, body = Problem), (status = 404, body = Problem))
)]
pub async fn test_site(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<Json<Report>, Problem> {
    caller.require_admin()?;
    let found = site::test(state.engine(), id).await.map_err(refused)?;
    Ok(Json(Report::from(found)))
}

/// Read a site's projects now, and let the links follow.
#[utoipa::path(
    post, path = "/sites/{id}/refresh", tag = "sites", params(("id" = i64, Path, description = "The site's id")),
    responses(
        (status = 202, description = "It will be done"), (status = 403, body = Problem), (status = 404, body = Problem)
    )
)]
pub async fn refresh_site(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    caller.require_admin()?;
    site::refresh_projects(state.engine(), id).await.map_err(refused)?;
    Ok(StatusCode::ACCEPTED)
}

/// The keys of a site's projects, former ones too.
#[utoipa::path(
    get, path = "/sites/{id}/projects", tag = "sites", params(("id" = i64, Path, description = "The site's id")),
    responses((status = 200, body = [Project]), (status = 404, body = Problem))
)]
pub async fn list_site_projects(
    State(state): State<AppState>,
    _caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<Json<Vec<Project>>, Problem> {
    present(&state, id).await?;
    let projects = state.store().site_projects(id).await?;
    Ok(Json(projects.into_iter().map(Into::into).collect()))
}

/// The site, unless it is being removed.
pub async fn present(state: &AppState, id: i64) -> Result<store::Site, Problem> {
    let site = state.store().site(id).await?;
    site.filter(|site| site.state != SiteState::Removing).ok_or_else(Problem::not_found)
}

async fn shape(state: &AppState, caller: &ApiToken, site: store::Site) -> Result<Site, Problem> {
    let mut accounts = state.store().site_accounts(site.id).await?;
    if !accounts.is_empty() {
        let seen = account_ids(state, caller.viewer).await?;
        accounts.retain(|id| seen.contains(id));
    }
    Ok(Site::new(site, accounts, caller.is_admin()))
}

/// The form with what is stored, but for what changes. Secrets stay as they are where they are empty.
async fn changed(state: &AppState, site: store::Site, change: SiteChange) -> Result<Form, Problem> {
    let settings = change.settings.applied(&site.settings, change.accounts.as_deref());
    let accounts = match change.accounts {
        Some(accounts) => accounts,
        None => state.store().site_accounts(site.id).await?,
    };
    Ok(Form {
        kind: site.kind,
        name: change.name.unwrap_or(site.name),
        url: site.url,
        user: change.user.or(site.rest_user).unwrap_or_default(),
        secret: SecretString::from(change.secret.unwrap_or_default()),
        client_id: change.client_id.or(site.client_id).unwrap_or_default(),
        client_secret: SecretString::from(change.client_secret.unwrap_or_default()),
        settings,
        accounts,
    })
}

async fn known_accounts(state: &AppState, accounts: Option<&[i64]>) -> Result<(), Problem> {
    let Some(accounts) = accounts.filter(|accounts| !accounts.is_empty()) else { return Ok(()) };
    let known = account_ids(state, Viewer::Everything).await?;
    match accounts.iter().find(|id| !known.contains(id)) {
        Some(unknown) => Err(unprocessable(site_calls::no_such_account(*unknown), Some("accounts"))),
        None => Ok(()),
    }
}

async fn account_ids(state: &AppState, viewer: Viewer) -> Result<Vec<i64>, Problem> {
    let summaries = state.store().account_summaries(viewer).await?;
    Ok(summaries.into_iter().map(|summary| summary.account.id).collect())
}

/// 422, about a field.
pub fn unprocessable(sentence: sentences::Sentence, field: Option<&'static str>) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, sentence).about(field)
}

/// Why a site could not be kept as it was asked.
fn refused(error: SiteError) -> Problem {
    let field = error.field().map(site::Field::as_str);
    let sentence = site_calls::refused(&error);
    match error {
        SiteError::Store(error) => error.into(),
        SiteError::Sync(error) => error.into(),
        SiteError::Missing => Problem::not_found(),
        SiteError::Exists { id } => Problem::new(StatusCode::CONFLICT, sentence).about(field).existing(id),
        SiteError::Empty(_) | SiteError::Unfit(_) | SiteError::Url(_) => unprocessable(sentence, field),
    }
}
