//! How GitLab answers.

use axum::response::Response;
use model::HostKind;

pub use crate::answering::{Asked, NOW, Server, answer, http};

/// What the clients of the tests are made for.
pub const KIND: HostKind = HostKind::Gitlab;
/// The token of every test; no error may show it.
pub const TOKEN: &str = "glpat-do-not-show-me";

/// An answer in JSON.
pub fn json(status: u16, body: impl Into<String>) -> Response {
    answer(status, &[("content-type", "application/json")], body)
}

/// GitLab's "there is no such thing".
pub fn not_found() -> Response {
    json(404, r#"{"message":"404 Not Found"}"#)
}
