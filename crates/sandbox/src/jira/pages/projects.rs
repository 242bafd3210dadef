//! The projects, each with its issues.

use std::sync::Arc;

use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;

use super::{Shell, page};
use crate::jira::App;
use crate::jira::model::{Issue, Project, ProjectId, State};
use crate::jira::rest::time;

/// The most issues that are listed for a project beside others.
const MOST_BESIDE: usize = 50;
/// The most issues that are listed for a project alone.
const MOST_ALONE: usize = 1_000;

#[derive(Template)]
#[template(path = "jira/projects.html")]
struct Projects {
    shell: Shell,
    projects: Vec<Listed>,
}

/// A project in the list.
struct Listed {
    key: String,
    name: String,
    former: String,
    issues: Vec<Row>,
    more: usize,
}

/// An issue in the list.
struct Row {
    key: String,
    summary: String,
    status: String,
    updated: String,
}

/// `GET /`
pub(super) async fn all(Extract(app): Extract<Arc<App>>) -> Response {
    let projects = app.model.read(|state| {
        let listed = state.projects.values().map(|project| listed(state, project, MOST_BESIDE));
        listed.collect()
    });
    page(&Projects { shell: Shell::new(&app, "Projects"), projects })
}

/// `GET /browse/{project}`
pub(super) fn show(app: &App, key: &str) -> Option<Response> {
    let project = app.model.read(|state| {
        let (project, _) = state.project_by_key(key)?;
        Some(listed(state, project, MOST_ALONE))
    })?;
    Some(page(&Projects { shell: Shell::new(app, &project.name), projects: vec![project] }))
}

fn listed(state: &State, project: &Project, most: usize) -> Listed {
    let mut issues: Vec<&Issue> = of_project(state, project.id).collect();
    issues.sort_by_key(|issue| (std::cmp::Reverse(issue.updated_at), issue.number));
    let row = |issue: &&Issue| Row {
        key: state.key(issue),
        summary: issue.summary.clone(),
        status: issue.status.clone(),
        updated: time::plain(issue.updated_at),
    };
    Listed {
        key: project.key.clone(),
        name: project.name.clone(),
        former: project.former_keys.join(", "),
        more: issues.len().saturating_sub(most),
        issues: issues.iter().take(most).map(row).collect(),
    }
}

fn of_project(state: &State, project: ProjectId) -> impl Iterator<Item = &Issue> {
    state.issues.values().filter(move |issue| issue.project == project)
}
