//! Sites: which Jiras are told, and whether that works.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use model::secret::SecretString;
use model::{Channel, Millis, OutboxState, SiteKind, SiteSettings};
use serde::Deserialize;
use store::{Site, SiteProject, SiteState};
use sync::site::{self, Form as SiteForm, Report, SiteError, Stage};

use crate::error::PageError;
use crate::frame::{AdministratorPage, Frame, PageResult, draw, draw_with_status, redirect};
use crate::state::AppState;
use crate::view::lozenge::Lozenge;
use crate::view::number::thousands;

/// How many keys of projects are named.
const NAMED: usize = 100;

#[derive(Template)]
#[template(path = "sites.html")]
struct SitesPage {
    frame: Frame,
    sites: Vec<SiteRow>,
}

/// A site in the list.
struct SiteRow {
    id: i64,
    name: String,
    kind: &'static str,
    url: String,
    lozenge: Lozenge,
    error: Option<String>,
    told: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "site_new.html")]
struct NewSitePage {
    frame: Frame,
    form: Filled,
    field: Option<&'static str>,
    error: Option<String>,
    existing: Option<i64>,
}

#[derive(Template)]
#[template(path = "site.html")]
struct SitePage {
    frame: Frame,
    site: SiteRow,
    is_paused: bool,
    tested_at: Option<Millis>,
    stages: Vec<StageRow>,
    projects: Vec<String>,
    projects_all: usize,
    projects_read_at: Option<Millis>,
    counts: Vec<String>,
}

#[derive(Template)]
#[template(path = "site_remove.html")]
struct RemovalPage {
    frame: Frame,
    site: SiteRow,
    is_cloud: bool,
}

/// A step of the last test.
struct StageRow {
    stage: Stage,
    lozenge: Lozenge,
}

/// The form, as it was filled in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Filled {
    kind: String,
    name: String,
    url: String,
    user: String,
    secret: String,
    client_id: String,
    client_secret: String,
    smart_commits: Option<String>,
    links_of_merge_requests: Option<String>,
    links_of_branches: Option<String>,
    dev_info: Option<String>,
}

impl Filled {
    fn is_cloud(&self) -> bool {
        self.kind == SiteKind::Cloud.as_str()
    }

    fn form(&self) -> SiteForm {
        let kind = self.kind.parse().unwrap_or(SiteKind::DataCenter);
        let is_cloud = kind == SiteKind::Cloud;
        SiteForm {
            kind,
            name: self.name.chars().take(100).collect(),
            url: self.url.clone(),
            user: self.user.clone(),
            secret: SecretString::from(self.secret.clone()),
            client_id: self.client_id.clone(),
            client_secret: SecretString::from(self.client_secret.clone()),
            settings: SiteSettings {
                smart_commits: !is_cloud && self.smart_commits.is_some(),
                links_of_merge_requests: self.links_of_merge_requests.is_some(),
                links_of_branches: self.links_of_branches.is_some(),
                dev_info: is_cloud && self.dev_info.is_some(),
                ..SiteSettings::of(kind)
            },
            accounts: Vec::new(),
        }
    }
}

/// All sites.
pub async fn list(State(state): State<AppState>, page: AdministratorPage) -> PageResult {
    let sites = state.store().sites().await?;
    draw(&SitesPage { sites: sites.into_iter().map(SiteRow::from).collect(), frame: page.frame })
}

/// The form for another one.
pub async fn new(page: AdministratorPage) -> PageResult {
    let on = || Some("on".to_owned());
    let form = Filled {
        kind: SiteKind::DataCenter.as_str().to_owned(),
        smart_commits: on(),
        links_of_merge_requests: on(),
        dev_info: on(),
        ..Filled::default()
    };
    draw(&NewSitePage { frame: page.frame, form, field: None, error: None, existing: None })
}

/// Adds one; what its test found stands on its page.
pub async fn add(State(state): State<AppState>, page: AdministratorPage, Form(filled): Form<Filled>) -> PageResult {
    match site::add(state.engine(), &filled.form()).await {
        Ok(added) => Ok(redirect(&page.frame, &format!("/sites/{}", added.id))),
        Err(error) if error.field().is_some() => {
            let existing = if let SiteError::Exists { id } = &error { Some(*id) } else { None };
            let shown = NewSitePage {
                field: error.field().map(site::Field::as_str),
                error: Some(error.sentence()),
                existing,
                form: filled,
                frame: page.frame,
            };
            draw_with_status(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
        Err(error) => Err(of(error)),
    }
}

/// One site, and what its last test found.
pub async fn show(State(state): State<AppState>, page: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    let site = present(&state, id).await?;
    let report: Option<Report> = site.report.clone().and_then(|report| serde_json::from_value(report).ok());
    let projects = state.store().site_projects(id).await?;
    let counts = state.store().outbox_counts(id).await?;
    let stages = report.map(|report| report.stages).unwrap_or_default();
    draw(&SitePage {
        is_paused: site.state == SiteState::Paused,
        tested_at: site.tested_at,
        projects_read_at: site.projects_read_at,
        stages: stages.into_iter().map(|stage| StageRow { lozenge: Lozenge::verdict(stage.verdict), stage }).collect(),
        projects_all: projects.len(),
        projects: projects.iter().take(NAMED).map(project_words).collect(),
        counts: counts.into_iter().map(|(channel, state, _, count)| count_words(channel, state, count)).collect(),
        site: SiteRow::from(site),
        frame: page.frame,
    })
}

/// Tests it again.
pub async fn test(State(state): State<AppState>, page: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    site::test(state.engine(), id).await.map_err(of)?;
    Ok(redirect(&page.frame, &format!("/sites/{id}")))
}

/// Reads its projects again.
pub async fn refresh(State(state): State<AppState>, page: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    site::refresh_projects(state.engine(), id).await.map_err(of)?;
    Ok(redirect(&page.frame, &format!("/sites/{id}")))
}

/// Tells it nothing, or goes on.
pub async fn pause(State(state): State<AppState>, page: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    match present(&state, id).await?.state {
        SiteState::Paused => site::resume(state.engine(), id).await,
        SiteState::Active | SiteState::Removing => site::pause(state.engine(), id).await,
    }
    .map_err(of)?;
    Ok(redirect(&page.frame, &format!("/sites/{id}")))
}

/// Asks whether it shall go.
pub async fn ask_removal(State(state): State<AppState>, page: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    let site = present(&state, id).await?;
    draw(&RemovalPage { is_cloud: site.kind == SiteKind::Cloud, site: SiteRow::from(site), frame: page.frame })
}

/// Removes it.
pub async fn remove(State(state): State<AppState>, page: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    site::remove(state.engine(), id).await.map_err(of)?;
    Ok(redirect(&page.frame, "/sites"))
}

async fn present(state: &AppState, id: i64) -> Result<Site, PageError> {
    let site = state.store().site(id).await?;
    site.filter(|site| site.state != SiteState::Removing).ok_or_else(PageError::not_found)
}

fn of(error: SiteError) -> PageError {
    match error {
        SiteError::Store(error) => error.into(),
        SiteError::Sync(error) => error.into(),
        SiteError::Missing
        | SiteError::Empty(_)
        | SiteError::Unfit(_)
        | SiteError::Url(_)
        | SiteError::Exists { .. } => PageError::not_found(),
    }
}

fn project_words(project: &SiteProject) -> String {
    if project.key == project.present_key {
        format!("{} – {}", project.key, project.name)
    } else {
        format!("{}, now {}", project.key, project.present_key)
    }
}

fn count_words(channel: Channel, state: OutboxState, count: i64) -> String {
    let what = match channel {
        Channel::SmartCommit => "smart commits",
        Channel::RemoteLink => "branches and merge requests, by links",
        Channel::DevInfo => "entities of development information",
    };
    let how = match state {
        OutboxState::Waiting => "wait",
        OutboxState::Sent => "told",
        OutboxState::Refused => "refused",
        OutboxState::Parked => "parked, as their issue is not known there",
    };
    format!("{} {what}: {how}", thousands(count))
}

impl From<Site> for SiteRow {
    fn from(site: Site) -> Self {
        let settings = &site.settings;
        let told = [
            (settings.smart_commits, "smart commits"),
            (settings.links_of_merge_requests, "links of merge requests"),
            (settings.links_of_branches, "links of branches"),
            (settings.dev_info, "development information"),
        ];
        Self {
            told: told.into_iter().filter_map(|(on, words)| on.then_some(words)).collect(),
            id: site.id,
            kind: if site.kind == SiteKind::Cloud { "Cloud" } else { "Server or Data Center" },
            lozenge: Lozenge::site(site.state, site.error.is_some()),
            name: site.name,
            url: site.url,
            error: site.error,
        }
    }
}
