//! Notes below merge requests.

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::Value;

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::paging::paged;
use super::shapes::Lens;
use crate::gitlab::model::{AccessLevel, MergeRequest, Note, NoteId};

/// `GET /projects/:id/merge_requests/:iid/notes`
pub(super) async fn list(ask: Ask) -> Answer {
    let merge_request = ask.merge_request()?;
    let order = ask.params.word("order_by", &["created_at", "updated_at"])?.unwrap_or("created_at");
    let ascending = ask.params.word("sort", &["asc", "desc"])? == Some("asc");
    let activity = ask.params.word("activity_filter", &["all_notes", "only_comments", "only_activity"])?;
    let wanted = |note: &&Note| match activity {
        Some("only_comments") => !note.system,
        Some("only_activity") => note.system,
        _ => true,
    };
    ask.read(|state| {
        let mut notes: Vec<&Note> = state.notes_of(merge_request.id).filter(wanted).collect();
        notes.sort_by_key(|note| (if order == "updated_at" { note.updated_at } else { note.created_at }, note.id));
        if !ascending {
            notes.reverse();
        }
        let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
        paged(&ask, &notes, |note| lens.note(note, &merge_request))
    })
}

/// `POST /projects/:id/merge_requests/:iid/notes`
pub(super) async fn create(ask: Ask) -> Answer {
    let merge_request = ask.merge_request()?;
    let user = ask.user()?;
    let body = ask.params.required("body")?;
    let id = ask.app.model.comment(merge_request.id, user, &body)?;
    let shape = told(&ask, &merge_request, id)?;
    Ok((StatusCode::CREATED, Json(shape)).into_response())
}

/// `GET /projects/:id/merge_requests/:iid/notes/:note_id`
pub(super) async fn one(ask: Ask) -> Answer {
    let merge_request = ask.merge_request()?;
    Ok(Json(told(&ask, &merge_request, NoteId(ask.number("note_id")?))?).into_response())
}

/// `PUT /projects/:id/merge_requests/:iid/notes/:note_id`: by who wrote it, or a maintainer.
pub(super) async fn update(ask: Ask) -> Answer {
    let merge_request = ask.merge_request()?;
    let id = own_note(&ask, &merge_request)?;
    ask.app.model.edit_note(id, &ask.params.required("body")?)?;
    Ok(Json(told(&ask, &merge_request, id)?).into_response())
}

/// `DELETE /projects/:id/merge_requests/:iid/notes/:note_id`: by who wrote it, or a maintainer.
pub(super) async fn delete(ask: Ask) -> Answer {
    let merge_request = ask.merge_request()?;
    ask.app.model.delete_note(own_note(&ask, &merge_request)?)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The comment of the path, when the asking user may change it.
fn own_note(ask: &Ask, merge_request: &MergeRequest) -> Result<NoteId, RestError> {
    let (id, user) = (NoteId(ask.number("note_id")?), ask.user()?);
    let author = ask.read(|state| {
        state.notes_of(merge_request.id).find(|note| note.id == id && !note.system).map(|note| note.author)
    });
    if author.ok_or(RestError::NoRow)? != user {
        ask.with_role(&ask.project()?, AccessLevel::Maintainer)?;
    }
    Ok(id)
}

fn told(ask: &Ask, merge_request: &MergeRequest, id: NoteId) -> Result<Value, RestError> {
    let shape = ask.read(|state| {
        let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
        state.notes_of(merge_request.id).find(|note| note.id == id).map(|note| lens.note(note, merge_request))
    });
    shape.ok_or(RestError::NoRow)
}
