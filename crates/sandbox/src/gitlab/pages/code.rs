//! The pages of a project's code: the project, a branch, a commit.

use askama::Template;
use axum::response::Response;

use super::browse::{Link, encoded};
use super::session::Visitor;
use super::{Shell, page};
use crate::gitlab::App;
use crate::gitlab::model::{MergeRequest, Project};
use crate::gitlab::repositories::{CommitQuery, CommitRow, FileDiff, TreeKind};

#[derive(Template)]
#[template(path = "project.html")]
struct ProjectPage {
    shell: Shell,
    clone_url: String,
    archived: bool,
    branches: Vec<Link>,
    merge_requests: Vec<Link>,
}

#[derive(Template)]
#[template(path = "tree.html")]
struct TreePage {
    shell: Shell,
    project: Link,
    reference: String,
    files: Vec<String>,
    commits: Vec<Link>,
}

#[derive(Template)]
#[template(path = "commit.html")]
struct CommitPage {
    shell: Shell,
    project: Link,
    commit: CommitRow,
    authored: String,
    parents: Vec<Link>,
    files: Vec<FileDiff>,
}

/// How many lines, branches and commits a page shows.
const MOST: usize = 100;

/// The project's page; its code only for who may read it.
pub(super) async fn project(app: &App, visitor: &Visitor, project: &Project) -> Option<Response> {
    let path = app.model.project_path(project.id);
    let readable = app.model.can_read_code(visitor.id(), project.id);
    let branches =
        if readable { app.model.repositories.branches(project.id).await.unwrap_or_default() } else { Vec::new() };
    let branch = |name: &String, title: &str| Link {
        href: encoded(&format!("/{path}/-/tree/{name}")),
        text: name.clone(),
        note: title.to_owned(),
    };
    let branches = branches.iter().map(|row| branch(&row.name, row.commit.title())).collect();
    let merge_requests = app.model.read(|state| {
        let visible = state.can_see_merge_requests(visitor.id(), project);
        let here = state.merge_requests.values().filter(|it| visible && it.project == project.id).rev();
        here.take(MOST).map(|it| merge_request(&path, it)).collect()
    });
    let clone_url = format!("{}/{path}.git", app.url);
    let shell = Shell::new(&path, visitor);
    Some(page(&ProjectPage { shell, clone_url, archived: project.archived, branches, merge_requests }))
}

fn merge_request(path: &str, it: &MergeRequest) -> Link {
    Link {
        href: format!("/{path}/-/merge_requests/{}", it.iid),
        text: format!("!{} {}", it.iid, it.title),
        note: it.state.as_str().to_owned(),
    }
}

/// The page of a branch, tag or commit: its files at the top, its newest commits.
pub(super) async fn tree(app: &App, visitor: &Visitor, project: &Project, reference: &str) -> Option<Response> {
    let repositories = readable(app, visitor, project)?;
    let id = repositories.resolve(project.id, reference).await.ok()??;
    let query = CommitQuery { include: vec![id.clone()], limit: MOST, ..CommitQuery::default() };
    let commits = repositories.commits(project.id, &query).await.ok()?;
    let rows = repositories.tree(project.id, &id, "").await.unwrap_or_default();
    let files = rows.into_iter().map(|row| match row.kind {
        TreeKind::Tree => format!("{}/", row.name),
        TreeKind::Blob | TreeKind::Commit => row.name,
    });
    let path = app.model.project_path(project.id);
    Some(page(&TreePage {
        shell: Shell::new(reference, visitor),
        project: to_project(&path),
        reference: reference.to_owned(),
        files: files.collect(),
        commits: commits.iter().map(|row| to_commit(&path, &row.id, row.title())).collect(),
    }))
}

/// The page of a commit.
pub(super) async fn commit(app: &App, visitor: &Visitor, project: &Project, sha: &str) -> Option<Response> {
    let repositories = readable(app, visitor, project)?;
    let commit = repositories.commit(project.id, sha).await.ok()??;
    let parent = commit.parents.first().map(String::as_str);
    let files = repositories.diff(project.id, parent, &commit.id).await.unwrap_or_default();
    let path = app.model.project_path(project.id);
    Some(page(&CommitPage {
        shell: Shell::new(commit.title(), visitor),
        project: to_project(&path),
        authored: commit.author.time(),
        parents: commit.parents.iter().map(|id| to_commit(&path, id, "")).collect(),
        files: files.into_iter().take(MOST).collect(),
        commit,
    }))
}

fn readable<'a>(
    app: &'a App,
    visitor: &Visitor,
    project: &Project,
) -> Option<&'a crate::gitlab::repositories::Repositories> {
    app.model.can_read_code(visitor.id(), project.id).then(|| app.model.repositories())
}

/// A link to a project.
pub(super) fn to_project(path: &str) -> Link {
    Link { href: format!("/{path}"), text: path.to_owned(), note: String::new() }
}

/// A link to a commit.
pub(super) fn to_commit(path: &str, id: &str, title: &str) -> Link {
    let text = id.get(..8).unwrap_or(id).to_owned();
    Link { href: format!("/{path}/-/commit/{id}"), text, note: title.to_owned() }
}
