//! The style sheet, the script and the icon, embedded in the program; pages name them with their hash.

use axum::extract::{Path, Query};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;

use crate::error::PageError;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// The path of an asset, with its hash so that browsers may keep it for ever; without our prefix.
pub fn path(name: &str) -> String {
    match Assets::get(name) {
        Some(file) => format!("/assets/{name}?v={}", hash(&file)),
        None => format!("/assets/{name}"),
    }
}

#[derive(Debug, Deserialize)]
pub struct Version {
    v: Option<String>,
}

/// Answers one asset.
pub async fn serve(Path(name): Path<String>, Query(version): Query<Version>, headers: HeaderMap) -> Response {
    let Some(file) = Assets::get(&name) else { return PageError::not_found().into_response() };
    let hash = hash(&file);
    let tag = format!("\"{hash}\"");
    let asked = version.v.as_deref() == Some(hash.as_str());
    let caching = if asked { "public, max-age=31536000, immutable" } else { "no-cache" };
    let cached = [(ETAG, tag.clone()), (CACHE_CONTROL, caching.to_owned())];
    if headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, cached).into_response();
    }
    (cached, [(CONTENT_TYPE, content_type(&name))], file.data.into_owned()).into_response()
}

fn hash(file: &EmbeddedFile) -> String {
    hex::encode(&file.metadata.sha256_hash()[..8])
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
