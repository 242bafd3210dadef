//! Comments of issues.

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::{Value, json};

use super::adf;
use super::ask::{Ask, Version};
use super::error::{Answer, RestError};
use super::paging::Page;
use crate::jira::model::{Comment, NewComment, Refusal};
use crate::jira::{Deployment, sentences};

/// How many comments are told at once where nothing else is asked for.
const fn usual(deployment: Deployment) -> usize {
    match deployment {
        Deployment::DataCenter => 1_048_576,
        Deployment::Cloud => 5_000,
    }
}

/// `GET /issue/{key}/comment`
pub(super) async fn list(ask: Ask) -> Answer {
    let issue = ask.issue()?;
    let usual = usual(ask.deployment());
    let page = Page::of(&ask, usual, usual)?;
    let newest_first = match ask.param("orderBy") {
        None | Some("created" | "+created") => false,
        Some("-created") => true,
        Some(other) => return Err(Refusal::invalid(format!("Cannot order by '{other}'.")).into()),
    };
    let expand = ask.words("expand");
    let shape = ask.look(|lens| {
        let mut comments: Vec<&Comment> = lens.state.comments_of(issue.id).collect();
        if newest_first {
            comments.reverse();
        }
        let told: Vec<_> = page.cut(&comments).iter().map(|comment| lens.comment(issue.id, comment, &expand)).collect();
        json!({
            "startAt": page.start_at,
            "maxResults": page.max_results,
            "total": comments.len(),
            "comments": told,
        })
    });
    Ok(Json(shape).into_response())
}

/// `GET /issue/{key}/comment/{id}`
pub(super) async fn one(ask: Ask) -> Answer {
    let issue = ask.issue()?;
    let (id, expand) = (ask.capture("id"), ask.words("expand"));
    let shape = ask.look(|lens| {
        let mut comments = lens.state.comments_of(issue.id);
        let comment = comments.find(|comment| comment.id.to_string() == id)?;
        Some(lens.comment(issue.id, comment, &expand))
    });
    let missing = || Refusal::not_found(format!("Can not find a comment for the id: {id}."));
    Ok::<_, RestError>(Json(shape.ok_or_else(missing)?).into_response())
}

/// `POST /issue/{key}/comment`
pub(super) async fn create(ask: Ask) -> Answer {
    let issue = ask.issue()?;
    let user = ask.user()?;
    let new = read(&ask.body, ask.version)?;
    let made = ask.app.model.comment(&issue.id.to_string(), user, new)?;
    let shape = ask.look(|lens| lens.comment(issue.id, &made, &[]));
    Ok((StatusCode::CREATED, Json(shape)).into_response())
}

/// A comment as it is sent.
pub(super) fn read(sent: &Value, version: Version) -> Result<NewComment, Refusal> {
    let properties = sent["properties"].as_array().into_iter().flatten();
    let properties = properties.filter_map(|property| {
        let key = property["key"].as_str()?.to_owned();
        Some((key, property["value"].clone()))
    });
    let (body, document) = text(&sent["body"], version).ok_or_else(|| {
        Refusal::field(
            "comment",
            match version {
                Version::V2 => sentences::EMPTY_COMMENT,
                Version::V3 => sentences::NO_DOCUMENT,
            },
        )
    })?;
    Ok(NewComment { body, document, properties: properties.collect() })
}

/// A text, with the document that it was taken from where documents are sent.
pub(super) fn text(sent: &Value, version: Version) -> Option<(String, Option<Value>)> {
    match version {
        Version::V2 => sent.as_str().map(|text| (text.to_owned(), None)),
        Version::V3 => adf::is_document(sent).then(|| (adf::text(sent), Some(sent.clone()))),
    }
}
