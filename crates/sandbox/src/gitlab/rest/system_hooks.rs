//! System hooks: told about the whole instance, for administrators (GitLab contract §7.7).

use axum::Json;
use axum::response::IntoResponse;

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::hooks;
use crate::gitlab::model::HookPlace;

/// `GET /hooks`
pub(super) async fn list(ask: Ask) -> Answer {
    hooks::list(&ask, instance(&ask)?)
}

/// `POST /hooks`
pub(super) async fn create(ask: Ask) -> Answer {
    hooks::create(&ask, instance(&ask)?)
}

/// `GET /hooks/:hook_id`
pub(super) async fn one(ask: Ask) -> Answer {
    let hook = hooks::find(&ask, instance(&ask)?)?;
    Ok(Json(hooks::told(&ask, &hook)).into_response())
}

/// `PUT /hooks/:hook_id`
pub(super) async fn update(ask: Ask) -> Answer {
    hooks::update(&ask, instance(&ask)?)
}

/// `DELETE /hooks/:hook_id`
pub(super) async fn delete(ask: Ask) -> Answer {
    hooks::delete(&ask, instance(&ask)?)
}

/// The instance, for its administrators.
fn instance(ask: &Ask) -> Result<HookPlace, RestError> {
    let user = ask.user()?;
    ask.read(|state| state.is_admin(user)).then_some(HookPlace::Instance).ok_or(RestError::Forbidden)
}
