//! Commits of a repository (GitLab contract §5.6).

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::{Value, json};

use super::ask::Ask;
use super::branches::page_of;
use super::error::{Answer, RestError};
use super::paging::{Page, guessed, paged};
use super::shapes::commit as shape;
use crate::gitlab::model::Project;
use crate::gitlab::repositories::{CommitQuery, CommitRow, FileDiff, RefKind, RepositoryError};

/// `GET /projects/:id/repository/commits`
pub(super) async fn list(ask: Ask) -> Answer {
    let project = ask.repository()?;
    let page = Page::lenient(&ask);
    let Some(query) = query(&ask, &project, page)? else { return Ok(guessed(&ask, page, Vec::new())) };
    let repositories = &ask.app.model.repositories;
    let commits = match repositories.commits(project.id, &query).await {
        Ok(commits) => commits,
        Err(RepositoryError::Missing(_)) => return Err(RestError::NotFound("Commit")),
        Err(other) => return Err(other.into()),
    };
    let with_stats = ask.params.flag("with_stats", false)?;
    let url = page_of(&ask, &project);
    let mut body = Vec::new();
    for commit in &commits {
        let mut row = shape::commit(&url, commit);
        if with_stats {
            row["stats"] = shape::stats(&changes(&ask, &project, commit).await?);
        }
        body.push(row);
    }
    Ok(guessed(&ask, page, body))
}

/// Reads which commits are wanted; none when there are none, because the repository is empty.
fn query(ask: &Ask, project: &Project, page: Page) -> Result<Option<CommitQuery>, RestError> {
    let all = ask.params.flag("all", false)?;
    let asked = ask.params.text("ref_name").filter(|name| !name.is_empty());
    let (include, exclude) = match (&asked, &project.default_branch) {
        _ if all => (Vec::new(), Vec::new()),
        (Some(name), _) => range(name)?,
        (None, Some(default)) => (vec![default.clone()], Vec::new()),
        (None, None) => return Ok(None),
    };
    let order = ask.params.word("order", &["default", "topo"])?;
    Ok(Some(CommitQuery {
        include,
        exclude,
        all,
        since: ask.params.time("since")?,
        until: ask.params.time("until")?,
        path: ask.params.text("path").filter(|path| !path.is_empty()),
        author: ask.params.text("author").filter(|author| !author.is_empty()),
        first_parent: ask.params.flag("first_parent", false)?,
        topo: order == Some("topo"),
        skip: page.skip(),
        limit: page.per_page,
    }))
}

/// A ref name, or `A..B`: what B has and A has not.
fn range(name: &str) -> Result<(Vec<String>, Vec<String>), RestError> {
    let ill_formed = name.starts_with('-') || name.contains([' ', '~', '^', ':', '?', '*', '[', '\\']);
    if ill_formed || name.chars().any(char::is_control) {
        return Err(RestError::message(StatusCode::BAD_REQUEST, "ref_name is invalid"));
    }
    match name.split_once("..") {
        Some((from, to)) if !from.is_empty() && !to.is_empty() => Ok((vec![to.to_owned()], vec![from.to_owned()])),
        Some(_) => Err(RestError::message(StatusCode::BAD_REQUEST, "ref_name is invalid")),
        None => Ok((vec![name.to_owned()], Vec::new())),
    }
}

/// `GET /projects/:id/repository/commits/:sha`
pub(super) async fn one(ask: Ask) -> Answer {
    let project = ask.repository()?;
    let commit = find(&ask, &project).await?;
    let mut body = shape::commit(&page_of(&ask, &project), &commit);
    if ask.params.flag("stats", true)? {
        body["stats"] = shape::stats(&changes(&ask, &project, &commit).await?);
    }
    body["status"] = Value::Null;
    body["project_id"] = json!(project.id);
    body["last_pipeline"] = Value::Null;
    Ok(Json(body).into_response())
}

/// `GET /projects/:id/repository/commits/:sha/diff`
pub(super) async fn diff(ask: Ask) -> Answer {
    let project = ask.repository()?;
    let commit = find(&ask, &project).await?;
    let files = changes(&ask, &project, &commit).await?;
    paged(&ask, &files, shape::file_diff)
}

/// `GET /projects/:id/repository/commits/:sha/refs`
pub(super) async fn refs(ask: Ask) -> Answer {
    let project = ask.repository()?;
    let commit = find(&ask, &project).await?;
    let wanted = ask.params.word("type", &["branch", "tag", "all"])?.unwrap_or("all");
    let refs = ask.app.model.repositories.refs_containing(project.id, &commit.id).await?;
    let page = Page::of(&ask)?;
    let rows = refs.into_iter().filter_map(|(kind, name)| {
        let kind = match kind {
            RefKind::Branch => "branch",
            RefKind::Tag => "tag",
        };
        (wanted == "all" || wanted == kind).then(|| json!({ "type": kind, "name": name }))
    });
    Ok(guessed(&ask, page, rows.skip(page.skip()).take(page.per_page).collect()))
}

pub(super) async fn find(ask: &Ask, project: &Project) -> Result<CommitRow, RestError> {
    let commit = ask.app.model.repositories.commit(project.id, ask.capture("sha")).await?;
    commit.ok_or(RestError::NotFound("Commit"))
}

/// What a commit changed against its first parent.
pub(super) async fn changes(ask: &Ask, project: &Project, commit: &CommitRow) -> Result<Vec<FileDiff>, RestError> {
    let parent = commit.parents.first().map(String::as_str);
    Ok(ask.app.model.repositories.diff(project.id, parent, &commit.id).await?)
}
