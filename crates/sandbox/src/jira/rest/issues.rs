//! Issues.

use axum::Json;
use axum::response::IntoResponse;
use serde_json::json;

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::paging::Page;
use crate::jira::Deployment;

/// `GET /issue/{key or id}`: a key that the issue had before it or its project was moved leads to it as well, and the answer has
/// the present one.
pub(super) async fn one(ask: Ask) -> Answer {
    let issue = ask.issue()?;
    let (fields, expand) = (ask.words("fields"), ask.words("expand"));
    let shape = ask.look(|lens| lens.issue(&issue, &fields, &expand));
    Ok(Json(shape).into_response())
}

/// `GET /issue/{key}/changelog`: the changes in pages, oldest first (Cloud).
pub(super) async fn changelog(ask: Ask) -> Answer {
    if ask.deployment() == Deployment::DataCenter {
        return Err(RestError::NoRoute(format!("/rest/api/2/issue/{}/changelog", ask.issue_key())));
    }
    let issue = ask.issue()?;
    let page = Page::of(&ask, 100, 100)?;
    let shape = ask.look(|lens| {
        let changes = lens.state.history_of(issue.id);
        let values: Vec<_> = page.cut(changes).iter().map(|change| lens.change(change)).collect();
        json!({
            "self": format!("{}/rest/api/3/issue/{}/changelog", lens.url, issue.id),
            "maxResults": page.max_results,
            "startAt": page.start_at,
            "total": changes.len(),
            "isLast": page.is_last(changes.len()),
            "values": values,
        })
    });
    Ok(Json(shape).into_response())
}
