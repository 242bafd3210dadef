//! A running site without a socket, and browsers that keep their cookies.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use model::clock::ManualClock;
use model::secret::{ExposeSecret, random_token, token_hash};
use store::testing::{Engine, TestStore};
use store::users::Role;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use web::{AppState, Options};

/// 22 November 2026, 11:04 UTC.
pub const NOW: i64 = 1_795_345_440_000;
pub const MINUTE: i64 = 60 * 1000;
pub const DAY: i64 = 24 * 60 * 60 * 1000;

/// A site over a store of its own.
pub struct Site {
    pub state: AppState,
    pub clock: Arc<ManualClock>,
    pub store: TestStore,
    router: Router,
    folder: TempDir,
}

impl Site {
    /// A site that knows no public address.
    pub async fn open(engine: Engine) -> Option<Self> {
        Self::with(engine, options()).await
    }

    /// A site with these options.
    pub async fn with(engine: Engine, options: Options) -> Option<Self> {
        let store = store::testing::open(engine).await?;
        let clock = Arc::new(ManualClock::new(NOW));
        let folder = TempDir::new().unwrap();
        let engine_options = sync::Options {
            data_dir: folder.path().to_owned(),
            interval: Duration::from_secs(3600),
            workers: 1,
            git: true,
            show_unreachable: true,
            network: net::Network::default(),
            noise: grammar::Noise::DEFAULT.map(str::to_owned).to_vec(),
            public_url: options.public_url.clone(),
            node: "test".to_owned(),
            inbox_age: Duration::from_secs(7 * 24 * 3600),
            job_age: Duration::from_secs(7 * 24 * 3600),
            smart_commit_max_age: Duration::from_secs(7 * 24 * 3600),
            delivery_age: Duration::from_secs(30 * 24 * 3600),
            cache_max_size: None,
            atlassian_api: "https://api.atlassian.com".parse().unwrap(),
        };
        let engine = sync::Engine::new(store.clone(), engine_options, clock.clone()).unwrap();
        let state = AppState::new(engine, options, CancellationToken::new());
        Some(Self { router: web::router(state.clone()), state, clock, store, folder })
    }

    /// A folder of this site.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// A browser that nobody is signed in with.
    pub fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookies: BTreeMap::new(), headers: Vec::new(), peer: [127, 0, 0, 1] }
    }

    /// A browser of a new user.
    pub async fn user(&self, login: &str, role: Role) -> (i64, Browser) {
        let id = self.store.user_insert(login, login, role, None, NOW).await.unwrap();
        let token = random_token("");
        self.store.session_insert(&token_hash(token.expose_secret()), id, NOW, NOW + 30 * DAY).await.unwrap();
        let mut browser = self.browser();
        browser.cookies.insert("dovetail_session".to_owned(), token.expose_secret().to_owned());
        (id, browser)
    }

    /// A browser of a new administrator.
    pub async fn administrator(&self) -> Browser {
        self.user("jira-admin", Role::Admin).await.1
    }

    /// A browser of a new reader.
    pub async fn reader(&self, login: &str) -> (i64, Browser) {
        self.user(login, Role::Reader).await
    }
}

/// Options without a public address.
pub fn options() -> Options {
    Options::new(SocketAddr::from(([127, 0, 0, 1], 8080)))
}

/// A browser: keeps cookies, sends forms, follows no redirects.
pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
    pub headers: Vec<(&'static str, String)>,
    pub peer: [u8; 4],
}

/// What a browser got.
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Browser {
    /// Gets a page.
    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Sends a form.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded"), form.into()).await
    }

    async fn send(&mut self, mut request: axum::http::request::Builder, body: Body) -> Page {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request = request.header("host", "dovetail.example.com").header(COOKIE, cookies.join("; "));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((self.peer, 40_000))));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        Page { status: parts.status, headers: parts.headers, text }
    }
}

impl Page {
    /// Where a redirect leads; fails when it is none.
    #[track_caller]
    pub fn location(&self) -> &str {
        assert!(self.status.is_redirection(), "{} is no redirect: {}", self.status, self.text);
        self.headers[LOCATION].to_str().unwrap()
    }

    /// The cookie that was set, with its attributes.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self.headers.get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
        cookies.into_iter().find(|cookie| cookie.starts_with(&format!("{name}=")))
    }

    /// What stands between the first `before` and the next `after`.
    #[track_caller]
    pub fn between(&self, before: &str, after: &str) -> &str {
        let (_, rest) = self.text.split_once(before).unwrap_or_else(|| panic!("no {before} in {}", self.text));
        rest.split_once(after).unwrap_or_else(|| panic!("no {after} behind {before}")).0
    }

    /// How often `part` stands in it.
    pub fn count(&self, part: &str) -> usize {
        self.text.matches(part).count()
    }
}
