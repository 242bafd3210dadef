//! Approvals and reviewers.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::paging::paged;
use super::shapes::{Lens, time};
use crate::gitlab::model::{AccessLevel, MergeRequestId, ModelError};

/// `GET /projects/:id/merge_requests/:iid/reviewers`
pub(super) async fn reviewers(ask: Ask) -> Answer {
    let merge_request = ask.merge_request()?;
    ask.read(|state| {
        let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
        paged(&ask, &merge_request.reviewers, |review| {
            json!({
                "user": lens.user_basic(review.user),
                "state": review.state.as_str(),
                "created_at": time(review.created_at),
            })
        })
    })
}

/// `GET /projects/:id/merge_requests/:iid/approvals`
pub(super) async fn approvals(ask: Ask) -> Answer {
    let id = ask.merge_request()?.id;
    Ok(Json(shape(&ask, id)?).into_response())
}

/// `POST /projects/:id/merge_requests/:iid/approve`
pub(super) async fn approve(ask: Ask) -> Answer {
    let merge_request = ask.merge_request()?;
    let user = ask.with_role(&ask.project()?, AccessLevel::Developer)?;
    let head = merge_request.diff.as_ref().map(|diff| diff.head.as_str());
    if ask.params.text("sha").is_some_and(|sha| Some(sha.as_str()) != head) {
        return Err(RestError::message(StatusCode::CONFLICT, "SHA does not match HEAD of source branch"));
    }
    answer(&ask, merge_request.id, ask.app.model.approve(merge_request.id, user))
}

/// `POST /projects/:id/merge_requests/:iid/unapprove`
pub(super) async fn unapprove(ask: Ask) -> Answer {
    let merge_request = ask.merge_request()?;
    let user = ask.user()?;
    answer(&ask, merge_request.id, ask.app.model.unapprove(merge_request.id, user))
}

/// GitLab answers 401 to an approval that cannot be given, and 404 to one that cannot be taken back.
fn answer(ask: &Ask, id: MergeRequestId, outcome: Result<(), ModelError>) -> Result<Response, RestError> {
    match outcome {
        Ok(()) => Ok((StatusCode::CREATED, Json(shape(ask, id)?)).into_response()),
        Err(ModelError::Refused(_)) => Err(RestError::Unauthorised),
        Err(ModelError::NotFound(_)) => Err(RestError::NotFound("")),
        Err(other) => Err(other.into()),
    }
}

fn shape(ask: &Ask, id: MergeRequestId) -> Result<Value, RestError> {
    let merge_request = ask.app.model.merge_request(id).ok_or(RestError::NoRow)?;
    let approved = |user| merge_request.approvals.iter().any(|approval| approval.user == user);
    Ok(ask.read(|state| {
        let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
        let project = state.projects.get(&merge_request.project);
        let may = ask.viewer.is_some_and(|user| project.is_some_and(|it| state.has(user, it, AccessLevel::Developer)));
        let has = ask.viewer.is_some_and(approved);
        let by = merge_request
            .approvals
            .iter()
            .map(|approval| json!({ "user": lens.user_basic(approval.user), "approved_at": time(approval.at) }));
        let given = merge_request.approvals.len();
        let mut shape = json!({
            "user_has_approved": has,
            "user_can_approve": may && !has && merge_request.is_open(),
            "approved": given > 0,
            "approved_by": by.collect::<Vec<_>>(),
        });
        // With rules, as the Enterprise Edition has them, "approved" means that they are met.
        let required = project.map_or(0, |it| it.approval_rules.required);
        if required > 0 {
            shape["approved"] = json!(given >= required);
            shape["approvals_required"] = json!(required);
            shape["approvals_left"] = json!(required.saturating_sub(given));
        }
        shape
    }))
}
