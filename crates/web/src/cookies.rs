//! Cookies: named `dovetail_*`, because browsers share cookies between the ports of a host.

use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

use crate::address::PublicAddress;

/// The log-in.
pub const SESSION: &str = "dovetail_session";
/// Light, dark, or as the system says.
pub const THEME: &str = "dovetail_theme";

/// The value of a cookie that the browser sent.
pub fn read(headers: &HeaderMap, name: &str) -> Option<String> {
    CookieJar::from_headers(headers).get(name).map(|cookie| cookie.value().to_owned())
}

/// Makes the browser keep a cookie for `seconds`; zero makes it forget.
pub fn set(response: &mut Response, address: &PublicAddress, name: &'static str, value: &str, seconds: i64) {
    let cookie = Cookie::build((name, value))
        .path(format!("{}/", address.prefix()))
        .http_only(true)
        .secure(address.is_https())
        .same_site(SameSite::Lax)
        .build();
    if let Ok(value) = HeaderValue::try_from(format!("{cookie}; Max-Age={seconds}")) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}
