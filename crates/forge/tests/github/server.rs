//! How GitHub answers.

use axum::response::Response;
use model::HostKind;

pub use crate::answering::{Asked, NOW, Server, answer, http};

/// What the clients of the tests are made for.
pub const KIND: HostKind = HostKind::Github;
/// The token of every test; no error may show it.
pub const TOKEN: &str = "ghp_do-not-show-me";

/// An answer of GitHub itself, in JSON.
pub fn json(status: u16, body: impl Into<String>) -> Response {
    answer(status, &[GITHUB, ("content-type", "application/json")], body)
}

/// An answer in JSON of what only speaks GitHub's language.
pub fn copy(status: u16, body: impl Into<String>) -> Response {
    answer(status, &[("content-type", "application/json")], body)
}

/// What GitHub signs all of its answers with.
pub const GITHUB: (&str, &str) = ("x-github-request-id", "0401:33B0:1FDD6A4:200B12B:65F0A1B2");

/// GitHub's "there is no such thing".
pub fn not_found() -> Response {
    json(404, r#"{"message":"Not Found","documentation_url":"https://docs.example.com","status":"404"}"#)
}
