//! Branches and tags of a repository (GitLab contract §5.5, §5.8).

use std::collections::BTreeSet;

use axum::Json;
use axum::response::IntoResponse;
use http::{Method, StatusCode};
use regex::Regex;
use serde_json::{Value, json};

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::paging::paged;
use super::shapes::{Lens, commit as shape};
use crate::gitlab::model::{AccessLevel, Project, RefChange};
use crate::gitlab::repositories::BranchRow;

/// `GET /projects/:id/repository/branches`
pub(super) async fn list(ask: Ask) -> Answer {
    let project = ask.repository()?;
    let wanted = Wanted::of(&ask)?;
    let order = ask.params.word("sort", &["name_asc", "updated_asc", "updated_desc"])?.unwrap_or("name_asc");
    let mut branches = ask.app.model.repositories.branches(project.id).await?;
    branches.retain(|branch| wanted.fits(&branch.name));
    match order {
        "updated_asc" => branches.sort_by_key(|branch| branch.commit.committer.at),
        "updated_desc" => branches.sort_by_key(|branch| std::cmp::Reverse(branch.commit.committer.at)),
        _ => {}
    }
    let view = View::of(&ask, &project).await?;
    paged(&ask, &branches, |branch| view.branch(branch))
}

/// `GET` and `HEAD /projects/:id/repository/branches/:branch`
pub(super) async fn one(ask: Ask) -> Answer {
    let project = ask.repository()?;
    let branch = find(&ask, &project, ask.capture("branch")).await?;
    if ask.method == Method::HEAD {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Json(View::of(&ask, &project).await?.branch(&branch)).into_response())
}

/// `POST /projects/:id/repository/branches`: `branch` at `ref`.
pub(super) async fn create(ask: Ask) -> Answer {
    let project = ask.repository()?;
    let user = ask.with_role(&project, AccessLevel::Developer)?;
    let (name, start) = (ask.params.required("branch")?, ask.params.required("ref")?);
    let model = &ask.app.model;
    let bad = |text: &str| RestError::message(StatusCode::BAD_REQUEST, text);
    let start = model.repositories.resolve(project.id, &start).await?.ok_or_else(|| bad("Invalid reference name"))?;
    {
        let _turn = model.push_lock(project.id).await;
        let full = format!("refs/heads/{name}");
        if model.repositories.refs(project.id).await?.contains_key(&full) {
            return Err(bad("Branch already exists"));
        }
        model.repositories.set_ref(project.id, &full, &start).await.map_err(|_| bad("Branch name is invalid"))?;
        model.pushed(project.id, user, vec![RefChange { name: full, before: None, after: Some(start) }]).await?;
    }
    let branch = find(&ask, &project, &name).await?;
    Ok((StatusCode::CREATED, Json(View::of(&ask, &project).await?.branch(&branch))).into_response())
}

/// `DELETE /projects/:id/repository/branches/:branch`; the default branch stays.
pub(super) async fn delete(ask: Ask) -> Answer {
    let project = ask.repository()?;
    let user = ask.with_role(&project, AccessLevel::Developer)?;
    let branch = find(&ask, &project, ask.capture("branch")).await?;
    if project.default_branch.as_ref() == Some(&branch.name) {
        return Err(RestError::message(StatusCode::BAD_REQUEST, "Cannot remove HEAD branch"));
    }
    let model = &ask.app.model;
    let _turn = model.push_lock(project.id).await;
    let name = format!("refs/heads/{}", branch.name);
    model.repositories.delete_ref(project.id, &name).await?;
    model.pushed(project.id, user, vec![RefChange { name, before: Some(branch.commit.id), after: None }]).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /projects/:id/repository/tags`
pub(super) async fn tags(ask: Ask) -> Answer {
    let project = ask.repository()?;
    let mut tags = ask.app.model.repositories.tags(project.id).await?;
    tags.sort_by_key(|tag| std::cmp::Reverse(tag.commit.committer.at));
    let url = page_of(&ask, &project);
    paged(&ask, &tags, |tag| {
        json!({
            "name": tag.name,
            "message": tag.message.clone().unwrap_or_default(),
            "target": tag.target,
            "commit": shape::commit(&url, &tag.commit),
            "release": null,
            "protected": false,
            "created_at": null,
        })
    })
}

async fn find(ask: &Ask, project: &Project, name: &str) -> Result<BranchRow, RestError> {
    let missing = || RestError::NotFound("Branch");
    let commit = ask.app.model.repositories.commit(project.id, &format!("refs/heads/{name}")).await?;
    Ok(BranchRow { name: name.to_owned(), commit: commit.ok_or_else(missing)? })
}

/// The page of a project.
pub(super) fn page_of(ask: &Ask, project: &Project) -> String {
    ask.read(|state| Lens { state, url: &ask.app.url, viewer: ask.viewer }.project_url(project))
}

/// What a branch's shape needs to know beside the branch.
struct View {
    url: String,
    default: Option<String>,
    merged: BTreeSet<String>,
    can_push: bool,
}

impl View {
    async fn of(ask: &Ask, project: &Project) -> Result<Self, RestError> {
        let repositories = &ask.app.model.repositories;
        let default = repositories.default_branch(project.id).await?;
        let merged = match &default {
            Some(name) => repositories.merged_branches(project.id, &format!("refs/heads/{name}")).await?,
            None => BTreeSet::new(),
        };
        let can_push = ask.read(|state| ask.viewer.is_some_and(|user| state.can_push(user, project)));
        Ok(Self { url: page_of(ask, project), default, merged, can_push })
    }

    fn branch(&self, branch: &BranchRow) -> Value {
        let default = self.default.as_ref() == Some(&branch.name);
        json!({
            "name": branch.name,
            "commit": shape::commit(&self.url, &branch.commit),
            "merged": !default && self.merged.contains(&branch.name),
            "protected": default,
            "developers_can_push": false,
            "developers_can_merge": false,
            "can_push": self.can_push,
            "default": default,
            "web_url": format!("{}/-/tree/{}", self.url, branch.name),
        })
    }
}

/// Which branches are wanted: `search` (with `^` and `$` as anchors) and `regex`.
struct Wanted {
    search: Option<String>,
    regex: Option<Regex>,
}

impl Wanted {
    fn of(ask: &Ask) -> Result<Self, RestError> {
        let search = ask.params.text("search").filter(|text| !text.is_empty());
        let regex = ask.params.text("regex").filter(|text| !text.is_empty());
        let regex = regex.map(|pattern| Regex::new(&pattern)).transpose();
        let invalid = |_| RestError::message(StatusCode::BAD_REQUEST, "Regex is invalid");
        Ok(Self { search, regex: regex.map_err(invalid)? })
    }

    fn fits(&self, name: &str) -> bool {
        let searched =
            self.search.as_deref().is_none_or(|text| match (text.strip_prefix('^'), text.strip_suffix('$')) {
                (Some(start), _) => name.starts_with(start),
                (None, Some(end)) => name.ends_with(end),
                (None, None) => name.to_lowercase().contains(&text.to_lowercase()),
            });
        searched && self.regex.as_ref().is_none_or(|regex| regex.is_match(name))
    }
}
