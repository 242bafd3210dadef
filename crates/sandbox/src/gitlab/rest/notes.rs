//! Notes below merge requests.

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::paging::paged;
use super::shapes::Lens;
use crate::gitlab::model::Note;

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
    let shape = ask.read(|state| {
        let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
        state.notes_of(merge_request.id).find(|note| note.id == id).map(|note| lens.note(note, &merge_request))
    });
    Ok((StatusCode::CREATED, Json(shape.ok_or(RestError::NoRow)?)).into_response())
}
