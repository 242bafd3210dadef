//! Opening, changing, merging and deleting merge requests.

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::json;

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::merge_request_lists::state_event;
use super::merge_requests::in_full;
use crate::gitlab::model::{
    AccessLevel, MergeMethod, MergeRequestChange, MergeState, ModelError, NewMergeRequest, ProjectId, UserId,
};

/// `POST /projects/:id/merge_requests`: `:id` is the source; `target_project_id` another project for a fork.
pub(super) async fn create(ask: Ask) -> Answer {
    let source = ask.project()?;
    let author = ask.with_role(&source, AccessLevel::Developer)?;
    let target = ask.params.number("target_project_id")?.map_or(source.id, ProjectId);
    let target = ask.app.model.project(target).filter(|project| ask.app.model.can_see(ask.viewer, project.id));
    let target = target.ok_or(RestError::NotFound("Project"))?;
    if !ask.read(|state| state.can_see_merge_requests(ask.viewer, &target)) {
        return Err(RestError::Forbidden);
    }
    let new = NewMergeRequest {
        source_project: source.id,
        source_branch: ask.params.required("source_branch")?,
        target_project: target.id,
        target_branch: ask.params.required("target_branch")?,
        title: ask.params.required("title")?,
        description: ask.params.text("description"),
        author,
        reviewers: users(&ask, "reviewer_ids")?.unwrap_or_default(),
        assignees: users(&ask, "assignee_ids")?.unwrap_or_default(),
        squash: ask.params.flag("squash", false)?,
    };
    let id = ask.app.model.open_merge_request(new).await.map_err(|error| match error {
        ModelError::Invalid { field: "validate_branches", problem } => {
            RestError::Message(StatusCode::CONFLICT, json!([problem]))
        }
        other => other.into(),
    })?;
    Ok((StatusCode::CREATED, Json(in_full(&ask, id).await?)).into_response())
}

fn users(ask: &Ask, name: &str) -> Result<Option<Vec<UserId>>, RestError> {
    let ids = ask.params.ids(name)?;
    let known = |id: &u64| ask.app.model.user(UserId(*id)).is_some();
    // 0 stands for nobody, and GitLab passes over users it does not know.
    Ok(ids.map(|ids| ids.into_iter().filter(known).map(UserId).collect()))
}

/// `PUT /projects/:id/merge_requests/:iid`
pub(super) async fn update(ask: Ask) -> Answer {
    let merge_request = ask.merge_request()?;
    let user = changer(&ask, merge_request.author)?;
    let (id, model) = (merge_request.id, &ask.app.model);
    let change = MergeRequestChange {
        title: ask.params.text("title"),
        description: ask.params.text("description"),
        target_branch: ask.params.text("target_branch"),
        labels: ask.params.list("labels"),
        assignees: users(&ask, "assignee_ids")?,
        reviewers: users(&ask, "reviewer_ids")?,
        squash: ask.params.boolean("squash")?,
    };
    if change.is_something() {
        model.update_merge_request(id, user, change).await?;
    }
    // A wish for the state that it is in already is no error at GitLab.
    match (state_event(&ask)?, merge_request.state) {
        (Some(MergeState::Closed), MergeState::Opened) => model.close_merge_request(id, user)?,
        (Some(MergeState::Opened), MergeState::Closed) => model.reopen_merge_request(id, user).await?,
        _ => {}
    }
    Ok(Json(in_full(&ask, id).await?).into_response())
}

/// Who may change a merge request: who opened it, and who may push.
fn changer(ask: &Ask, author: UserId) -> Result<UserId, RestError> {
    let (project, user) = (ask.project()?, ask.user()?);
    if user == author { Ok(user) } else { ask.with_role(&project, AccessLevel::Developer) }
}

/// `PUT /projects/:id/merge_requests/:iid/merge`
pub(super) async fn merge(ask: Ask) -> Answer {
    let merge_request = ask.merge_request()?;
    let user = ask.user()?;
    let project = ask.project()?;
    if !ask.read(|state| state.can_push(user, &project)) {
        return Err(RestError::message(StatusCode::UNAUTHORIZED, "401 Unauthorized"));
    }
    let head = merge_request.diff.as_ref().map(|diff| diff.head.as_str());
    if ask.params.text("sha").is_some_and(|sha| Some(sha.as_str()) != head) {
        let text = "SHA does not match HEAD of source branch";
        return Err(RestError::message(StatusCode::CONFLICT, text));
    }
    let squash = ask.params.flag("squash", merge_request.squash)?;
    let method = if squash { MergeMethod::Squash } else { MergeMethod::MergeCommit };
    ask.app.model.merge(merge_request.id, user, method).await?;
    if ask.params.flag("should_remove_source_branch", false)? {
        ask.app.model.remove_source_branch(merge_request.id, user).await?;
    }
    Ok(Json(in_full(&ask, merge_request.id).await?).into_response())
}

/// `DELETE /projects/:id/merge_requests/:iid`: owners of the project.
pub(super) async fn delete(ask: Ask) -> Answer {
    let merge_request = ask.merge_request()?;
    ask.with_role(&ask.project()?, AccessLevel::Owner)?;
    ask.app.model.delete_merge_request(merge_request.id)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
