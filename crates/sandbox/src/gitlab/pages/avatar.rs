//! Pictures of users: a coloured square with a letter.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;

use crate::gitlab::App;
use crate::gitlab::model::UserId;

/// `GET /-/avatar/:id`
pub(super) async fn avatar(State(app): State<Arc<App>>, Path(id): Path<u64>) -> Response {
    let Some(user) = app.model.user(UserId(id)) else { return StatusCode::NOT_FOUND.into_response() };
    let letter = user.login.chars().next().unwrap_or('?').to_ascii_uppercase();
    let hue = (id * 67) % 360;
    let svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" fill="hsl({hue} 45% 45%)"/><text x="24" y="33" font-family="sans-serif" font-size="26" fill="#fff" text-anchor="middle">{letter}</text></svg>"##
    );
    ([(CONTENT_TYPE, "image/svg+xml")], svg).into_response()
}
