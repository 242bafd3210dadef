//! One project.

use axum::Json;
use axum::response::IntoResponse;
use serde_json::Value;

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::shapes::Lens;
use crate::gitlab::model::ProjectId;

/// `GET /projects/:id`
pub(super) async fn one(ask: Ask) -> Answer {
    let project = ask.project()?;
    Ok(Json(shape(&ask, project.id)?).into_response())
}

/// A project in full, as it is now.
pub(super) fn shape(ask: &Ask, id: ProjectId) -> Result<Value, RestError> {
    let shape = ask.read(|state| {
        let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
        state.projects.get(&id).map(|project| lens.project(project))
    });
    shape.ok_or(RestError::NotFound("Project"))
}
