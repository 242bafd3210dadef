//! The ◐ button.

use axum::Form;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::cookies;
use crate::session::local_path;
use crate::visit::{Theme, Visited};

/// A year, in seconds.
const LIFE_SECONDS: i64 = 365 * 24 * 60 * 60;

#[derive(Debug, Deserialize)]
pub struct Choice {
    theme: String,
    #[serde(default)]
    back: String,
}

/// Remembers the colours in a cookie and goes back to the page.
pub async fn submit(Visited(visit): Visited, Form(choice): Form<Choice>) -> Response {
    let theme = Theme::named(&choice.theme);
    let mut response = Redirect::to(&visit.address.path(local_path(&choice.back))).into_response();
    let seconds = if theme == Theme::System { 0 } else { LIFE_SECONDS };
    cookies::set(&mut response, &visit.address, cookies::THEME, theme.as_str(), seconds);
    response
}
