//! Comments on commits (GitLab contract §5.6).

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::{Value, json};

use super::ask::Ask;
use super::commits::find;
use super::error::{Answer, RestError};
use super::paging::paged;
use super::shapes::{Lens, time};
use crate::gitlab::model::{CommitComment, ModelError};

/// `GET /projects/:id/repository/commits/:sha/comments`: oldest first.
pub(super) async fn list(ask: Ask) -> Answer {
    let project = ask.repository()?;
    let commit = find(&ask, &project).await?;
    ask.read(|state| {
        let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
        let comments: Vec<&CommitComment> = state.comments_on(project.id, &commit.id).collect();
        paged(&ask, &comments, |comment| shape(lens, comment))
    })
}

/// `POST /projects/:id/repository/commits/:sha/comments`: by whoever may read the code.
pub(super) async fn create(ask: Ask) -> Answer {
    let project = ask.repository()?;
    let user = ask.user()?;
    let note = ask.params.required("note")?;
    let commit = find(&ask, &project).await?;
    let comment = ask.app.model.comment_commit(project.id, &commit.id, user, &note).map_err(refused)?;
    let shape = ask.read(|state| shape(Lens { state, url: &ask.app.url, viewer: ask.viewer }, &comment));
    Ok((StatusCode::CREATED, Json(shape)).into_response())
}

/// What cannot be a comment: 400, as Ruby prints the errors of a note.
fn refused(error: ModelError) -> RestError {
    match error {
        ModelError::Invalid { field, problem } => {
            let text = format!("400 Bad request - Note {{:{field}=>[\"{problem}\"]}}");
            RestError::message(StatusCode::BAD_REQUEST, &text)
        }
        other => other.into(),
    }
}

fn shape(lens: Lens<'_>, comment: &CommitComment) -> Value {
    json!({
        "note": comment.note,
        "path": null,
        "line": null,
        "line_type": null,
        "author": lens.user_basic(comment.author),
        "created_at": time(comment.created_at),
    })
}
