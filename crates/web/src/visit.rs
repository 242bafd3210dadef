//! What is known of a request before anything is looked up.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use model::Millis;
use model::secret::SecretString;
use uuid::Uuid;

use crate::address::{PublicAddress, client_address};
use crate::cookies;
use crate::error::PageError;
use crate::state::AppState;

/// What is known of a request before anything is looked up.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Names the request in the log and on error pages.
    pub request_id: String,
    /// Where this program is, seen from this browser.
    pub address: PublicAddress,
    /// Who asks.
    pub client: IpAddr,
    /// Which colours the browser asked us to remember.
    pub theme: Theme,
    /// The session's token, not yet checked.
    pub session: Option<SecretString>,
    /// Path and query, without our prefix.
    pub target: String,
    /// When it came.
    pub now: Millis,
}

/// Which colours a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The stable name, in the cookie and in the markup.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of that name; the system's for any other.
    pub fn named(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// What the ◐ button switches to.
    pub const fn next(self) -> Self {
        match self {
            Self::System => Self::Dark,
            Self::Dark => Self::Light,
            Self::Light => Self::System,
        }
    }
}

impl Visit {
    /// Reads what a request says about itself.
    pub fn of(state: &AppState, request: &Request) -> Self {
        let headers = request.headers();
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let uri = request.uri();
        Self {
            request_id: request_id(headers),
            address: PublicAddress::of(state.options(), peer, headers),
            client: client_address(state.options(), peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), headers),
            theme: cookies::read(headers, cookies::THEME).map(|name| Theme::named(&name)).unwrap_or_default(),
            session: cookies::read(headers, cookies::SESSION).map(SecretString::from),
            target: uri.path_and_query().map_or_else(|| uri.path().to_owned(), ToString::to_string),
            now: state.now(),
        }
    }
}

/// The header in which proxies name a request, and in which the answer says what it is called.
pub(crate) const REQUEST_ID: &str = "x-request-id";

/// What the request is called by who sent it on, where that is a plain name and nothing that a log or a page could trip over;
/// a new name otherwise.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    given.filter(|name| is_plain(name)).map_or_else(|| Uuid::new_v4().simple().to_string(), str::to_owned)
}

fn is_plain(name: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (SHORTEST_ID..=LONGEST_ID).contains(&name.len()) && name.bytes().all(is_sign)
}

/// Shorter ones name too many requests.
const SHORTEST_ID: usize = 8;
/// A UUID has 36 signs, the ids of nginx 32.
const LONGEST_ID: usize = 64;

/// The [`Visit`] of a request, as handlers take it.
#[derive(Debug, Clone)]
pub struct Visited(pub Arc<Visit>);

impl FromRequestParts<AppState> for Visited {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or_else(PageError::internal)
    }
}
