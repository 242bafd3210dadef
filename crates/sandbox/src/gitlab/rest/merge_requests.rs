//! One merge request, its commits and its changes.

use axum::Json;
use axum::response::IntoResponse;
use serde_json::Value;

use super::ask::Ask;
use super::branches::page_of;
use super::error::{Answer, RestError};
use super::paging::paged;
use super::shapes::{Lens, commit as shape};
use crate::gitlab::model::{MergeRequest, MergeRequestId};
use crate::gitlab::repositories::{CommitQuery, FileDiff};

/// `GET /projects/:id/merge_requests/:iid`
pub(super) async fn one(ask: Ask) -> Answer {
    let id = ask.merge_request()?.id;
    Ok(Json(in_full(&ask, id).await?).into_response())
}

/// A merge request in full, as it is now.
pub(super) async fn in_full(ask: &Ask, id: MergeRequestId) -> Result<Value, RestError> {
    let merge_request = ask.app.model.merge_request(id).ok_or(RestError::NoRow)?;
    let changes = changes(ask, &merge_request).await?.len();
    Ok(ask.read(|state| {
        let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
        lens.merge_request_in_full(&merge_request, changes)
    }))
}

async fn changes(ask: &Ask, merge_request: &MergeRequest) -> Result<Vec<FileDiff>, RestError> {
    match &merge_request.diff {
        Some(diff) => Ok(ask.app.model.repositories.diff(merge_request.project, Some(&diff.base), &diff.head).await?),
        None => Ok(Vec::new()),
    }
}

/// `GET /projects/:id/merge_requests/:iid/commits`, newest first.
pub(super) async fn commits(ask: Ask) -> Answer {
    let merge_request = ask.merge_request()?;
    let project = ask.project()?;
    let commits = match &merge_request.diff {
        Some(diff) => {
            let (include, exclude) = (vec![diff.head.clone()], vec![diff.base.clone()]);
            let query = CommitQuery { include, exclude, ..CommitQuery::default() };
            ask.app.model.repositories.commits(project.id, &query).await?
        }
        None => Vec::new(),
    };
    let url = page_of(&ask, &project);
    paged(&ask, &commits, |commit| shape::commit(&url, commit))
}

/// `GET /projects/:id/merge_requests/:iid/diffs`
pub(super) async fn diffs(ask: Ask) -> Answer {
    let merge_request = ask.merge_request()?;
    let files = changes(&ask, &merge_request).await?;
    paged(&ask, &files, shape::file_diff)
}
