//! The page of a merge request.

use askama::Template;
use axum::response::Response;

use super::browse::{Link, encoded};
use super::code::{to_commit, to_project};
use super::session::Visitor;
use super::{Shell, page};
use crate::gitlab::App;
use crate::gitlab::model::{MergeRequest, Project, UserId};
use crate::gitlab::repositories::CommitQuery;

#[derive(Template)]
#[template(path = "merge_request.html")]
struct MergeRequestPage {
    shell: Shell,
    project: Link,
    state: &'static str,
    author: String,
    source: Link,
    target: Link,
    description: String,
    reviewers: Vec<(String, &'static str)>,
    commits: Vec<Link>,
    notes: Vec<(String, String)>,
}

/// `/<project>/-/merge_requests/<iid>`
pub(super) async fn show(app: &App, visitor: &Visitor, project: &Project, iid: &str) -> Option<Response> {
    if !app.model.read(|state| state.can_see_merge_requests(visitor.id(), project)) {
        return None;
    }
    let it = app.model.merge_request_by_iid(project.id, iid.parse().ok()?)?;
    let path = app.model.project_path(project.id);
    let login = |id: UserId| app.model.user(id).map(|user| user.login).unwrap_or_default();
    let source_path = it.source_project.map(|id| app.model.project_path(id)).unwrap_or_default();
    let notes = app.model.notes(it.id).into_iter().map(|note| (login(note.author), note.body));
    Some(page(&MergeRequestPage {
        shell: Shell::new(&format!("{} (!{})", it.title, it.iid), visitor),
        project: to_project(&path),
        state: it.state.as_str(),
        author: login(it.author),
        source: to_branch(&source_path, &it.source_branch),
        target: to_branch(&path, &it.target_branch),
        description: it.description.clone().unwrap_or_default(),
        reviewers: it.reviewers.iter().map(|review| (login(review.user), review.state.as_str())).collect(),
        commits: commits(app, project, &path, &it).await,
        notes: notes.collect(),
    }))
}

async fn commits(app: &App, project: &Project, path: &str, it: &MergeRequest) -> Vec<Link> {
    let Some(diff) = &it.diff else { return Vec::new() };
    let (include, exclude) = (vec![diff.head.clone()], vec![diff.base.clone()]);
    let query = CommitQuery { include, exclude, limit: 100, ..CommitQuery::default() };
    let commits = app.model.repositories.commits(project.id, &query).await.unwrap_or_default();
    commits.iter().map(|row| to_commit(path, &row.id, row.title())).collect()
}

fn to_branch(path: &str, branch: &str) -> Link {
    let href = encoded(&format!("/{path}/-/tree/{branch}"));
    Link { href, text: branch.to_owned(), note: String::new() }
}
