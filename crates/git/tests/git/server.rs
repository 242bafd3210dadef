//! A git server over `git http-backend`, with a switch for every behaviour that servers in the world show.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use git::{Git, HttpRemote, Remote, http_backend};
use http::{HeaderMap, StatusCode, header};
use model::secret::SecretString;
use tokio::sync::Semaphore;

/// How a server behaves.
#[derive(Clone)]
pub struct Behaviour {
    /// The token that opens it; none: open to all.
    pub token: Option<String>,
    pub config: Vec<(String, String)>,
    /// Refuses protocol 2 requests with this status.
    pub refuse_v2: Option<StatusCode>,
    /// Does not hear `Git-Protocol`.
    pub deaf_to_v2: bool,
    /// Sends everything to this origin.
    pub redirect: Option<String>,
    /// Answers every request with this.
    pub fixed: Option<(StatusCode, Vec<u8>)>,
    /// Answers fetches with this.
    pub fixed_fetch: Option<Vec<u8>>,
    /// Never answers fetches.
    pub stall: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            token: None,
            config: vec![setting("uploadpack.allowFilter", "true")],
            refuse_v2: None,
            deaf_to_v2: false,
            redirect: None,
            fixed: None,
            fixed_fetch: None,
            stall: false,
        }
    }
}

pub fn setting(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Method and the last part of the path.
    pub what: String,
    pub authorization: Option<String>,
    pub encoding: Option<String>,
    pub chunked: bool,
}

#[derive(Clone)]
struct Shared {
    git: Git,
    root: PathBuf,
    behaviour: Arc<Mutex<Behaviour>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    stalled: Arc<Semaphore>,
}

/// A server; it ends with the test's runtime.
pub struct Server {
    pub origin: String,
    shared: Shared,
}

impl Server {
    /// Serves the repositories below `root`.
    pub async fn start(root: &Path, behaviour: Behaviour) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let shared = Shared {
            git: Git::new(),
            root: root.to_owned(),
            behaviour: Arc::new(Mutex::new(behaviour)),
            seen: Arc::default(),
            stalled: Arc::new(Semaphore::new(0)),
        };
        let router = Router::new().fallback(answer).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { origin, shared }
    }

    pub fn remote(&self, repository: &str, token: Option<&str>) -> Remote {
        Remote::Http(self.http_remote(repository, token))
    }

    pub fn http_remote(&self, repository: &str, token: Option<&str>) -> HttpRemote {
        let network = net::Network::default();
        HttpRemote {
            url: format!("{}/{repository}", self.origin).parse().unwrap(),
            username: "oauth2".to_owned(),
            password: token.map(SecretString::from),
            client: net::HttpFactory::new(network).unwrap().client(),
        }
    }

    pub fn behave(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.shared.behaviour.lock().unwrap());
    }

    /// What came since the last call.
    pub fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.shared.seen.lock().unwrap())
    }

    pub fn seen_what(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.what).collect()
    }

    /// Waits until a fetch stalls.
    pub async fn stalled(&self) {
        self.shared.stalled.acquire().await.unwrap().forget();
    }
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let behaviour = shared.behaviour.lock().unwrap().clone();
    shared.seen.lock().unwrap().push(seen(&request));
    let posted = request.method() == http::Method::POST;
    if let Some(origin) = &behaviour.redirect {
        let target = format!("{origin}{}", request.uri());
        return (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, target)]).into_response();
    }
    if !allowed(&behaviour, request.headers()) {
        return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Basic realm=\"git\"")]).into_response();
    }
    if let Some(fixed) = behaviour.fixed {
        return fixed.into_response();
    }
    if let Some(status) = behaviour.refuse_v2.filter(|_| posted && text(request.headers(), "git-protocol").is_some()) {
        return status.into_response();
    }
    let (parts, body) = request.into_parts();
    let body = if posted { body } else { Body::empty() };
    if posted && (behaviour.stall || behaviour.fixed_fetch.is_some()) {
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        if is_fetch(&bytes) {
            if let Some(fixed) = behaviour.fixed_fetch {
                return ([(header::CONTENT_TYPE, "application/x-git-upload-pack-result")], fixed).into_response();
            }
            shared.stalled.add_permits(1);
            std::future::pending::<()>().await;
        }
        return serve(&shared, &behaviour, &parts, Body::from(bytes)).await;
    }
    serve(&shared, &behaviour, &parts, body).await
}

fn is_fetch(body: &[u8]) -> bool {
    body.windows(13).any(|window| window == b"command=fetch")
}

fn allowed(behaviour: &Behaviour, headers: &HeaderMap) -> bool {
    use base64::Engine;
    let expected = behaviour
        .token
        .as_ref()
        .map(|token| format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(format!("oauth2:{token}"))));
    expected.is_none() || text(headers, "authorization") == expected
}

async fn serve(shared: &Shared, behaviour: &Behaviour, parts: &http::request::Parts, body: Body) -> Response {
    let headers = &parts.headers;
    let length = text(headers, "content-length").and_then(|text| text.parse().ok());
    let request = http_backend::Request {
        project_root: shared.root.clone(),
        path_info: parts.uri.path().to_owned(),
        method: parts.method.to_string(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        content_type: text(headers, "content-type"),
        content_encoding: text(headers, "content-encoding"),
        content_length: length,
        git_protocol: text(headers, "git-protocol").filter(|_| !behaviour.deaf_to_v2),
        remote_user: behaviour.token.as_ref().map(|_| "ada".to_owned()),
        config: behaviour.config.clone(),
    };
    let answer = shared.git.http_backend(request, body.into_data_stream()).await.unwrap();
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from_stream(answer.body)).unwrap()
}

fn seen(request: &Request) -> Seen {
    let last = request.uri().path().rsplit('/').next().unwrap_or_default();
    let headers = request.headers();
    Seen {
        what: format!("{} {last}", request.method()),
        authorization: text(headers, "authorization"),
        encoding: text(headers, "content-encoding"),
        chunked: text(headers, "transfer-encoding").is_some_and(|value| value.contains("chunked")),
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
