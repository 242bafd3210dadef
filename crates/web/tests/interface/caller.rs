//! A program that calls the interfaces.

use std::io::Read;
use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, BodyDataStream, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, COOKIE};
use axum::http::{HeaderMap, HeaderName, Method, Request, StatusCode};
use axum::response::Response;
use flate2::read::GzDecoder;
use model::secret::{ExposeSecret, random_token, token_hash};
use serde_json::Value;
use store::Scope;
use tower::ServiceExt;

use crate::site::{Browser, NOW, Site};

/// A program that calls the interfaces, as somebody or as nobody.
pub struct Caller {
    router: Router,
    shows: Option<(HeaderName, String)>,
}

/// What it got.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Caller {
    /// A caller who shows nothing.
    pub fn nobody(site: &Site) -> Self {
        Self { router: web::router(site.state.clone()), shows: None }
    }

    /// A caller with these credentials in the header `Authorization`.
    pub fn showing(site: &Site, authorization: &str) -> Self {
        Self { shows: Some((AUTHORIZATION, authorization.to_owned())), ..Self::nobody(site) }
    }

    /// A caller with a new token, and the token's id.
    pub async fn with_token(site: &Site, scope: Scope) -> (i64, Self) {
        let token = random_token("");
        let hash = token_hash(token.expose_secret());
        let id = site.store.api_token_insert(&hash, "a script", scope, NOW).await.unwrap();
        (id, Self::showing(site, &format!("Bearer {}", token.expose_secret())))
    }

    /// A caller with a new token that may do everything.
    pub async fn admin(site: &Site) -> Self {
        Self::with_token(site, Scope::Admin).await.1
    }

    /// A caller with the session of a browser.
    pub fn session(site: &Site, browser: &Browser) -> Self {
        let cookie = format!("dovetail_session={}", browser.cookies["dovetail_session"]);
        Self { shows: Some((COOKIE, cookie)), ..Self::nobody(site) }
    }

    /// Asks.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// Asks for a compressed answer, and unpacks it.
    pub async fn get_zipped(&self, path: &str) -> Answer {
        let response = self.respond(Request::get(path).header(ACCEPT_ENCODING, "gzip"), Body::empty()).await;
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let mut text = String::new();
        GzDecoder::new(body.as_ref()).read_to_string(&mut text).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Asks, and takes what must be there.
    #[track_caller]
    pub fn json(&self, path: &str) -> impl Future<Output = Value> {
        let path = path.to_owned();
        async move {
            let answer = self.get(&path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
            answer.json()
        }
    }

    /// Sends a JSON body, or none.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let request = Request::builder().method(method);
        match body {
            Some(body) => self.send_raw(request.header(CONTENT_TYPE, "application/json"), path, body.to_string()).await,
            None => self.send_raw(request, path, String::new()).await,
        }
    }

    /// Sends any text.
    pub async fn send_raw(&self, request: axum::http::request::Builder, path: &str, body: String) -> Answer {
        self.send_body(request, path, Body::from(body)).await
    }

    /// Sends any body.
    pub async fn send_body(&self, request: axum::http::request::Builder, path: &str, body: Body) -> Answer {
        let (parts, body) = self.respond(request.uri(path), body).await.into_parts();
        let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Opens a stream.
    pub async fn stream(&self, path: &str) -> BodyDataStream {
        let response = self.respond(Request::get(path), Body::empty()).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CONTENT_TYPE], "text/event-stream");
        response.into_body().into_data_stream()
    }

    async fn respond(&self, mut request: axum::http::request::Builder, body: Body) -> Response {
        request = request.header("host", "dovetail.example.com");
        if let Some((name, value)) = &self.shows {
            request = request.header(name, value);
        }
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 40_000))));
        self.router.clone().oneshot(request).await.unwrap()
    }
}

impl Answer {
    /// The body.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The problem document (RFC 9457) that this must be.
    #[track_caller]
    pub fn problem(&self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["type"], "about:blank");
        assert_eq!(problem["status"], status.as_u16());
        assert_eq!(problem["request_id"], self.headers["x-request-id"].to_str().unwrap());
        for sentence in ["title", "detail", "remedy"] {
            assert!(problem[sentence].as_str().is_some_and(|text| !text.is_empty()), "{sentence} in {problem}");
        }
        problem
    }
}
