//! Comments of people on merge requests.

use model::Note;
use serde_json::{Value, json};
use store::facade::FacadePull;

use super::super::caller::Caller;
use super::{Person, Target, node_id, number, time};
use crate::view::forge_links;

/// The JSON of a comment.
pub fn comment(caller: &Caller, target: &Target, pull: &FacadePull, note: &Note) -> Value {
    let (id, pull_id) = (number(&note.forge_id), number(&pull.merge_request.forge_id));
    let page = forge_links::safe(&pull.merge_request.web_url).unwrap_or_default();
    json!({
        "id": id,
        "node_id": node_id("IssueComment", id),
        "url": caller.api(&format!("{}/issues/comments/{id}", target.base)),
        "html_url": format!("{page}#note_{id}"),
        "issue_url": caller.api(&format!("{}/issues/{pull_id}", target.base)),
        "user": Person::user(&note.author).json(caller),
        "body": note.body,
        "author_association": "NONE",
        "created_at": time(note.created_at),
        "updated_at": time(note.updated_at),
    })
}
