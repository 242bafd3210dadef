//! A Jira: an application, people who authorise it, and an address where hooks arrive.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use model::secret::{ExposeSecret, SecretString};
use model::{Clock, HostKind};
use sandbox::gitlab::model::{AccessLevel, ApplicationKeys, Authorisation, NewUser, Scopes, UserId};
use store::facade::GrantState;
use store::{Account, Lane};
use sync::connect::Outcome;
use sync::facade::{self, FacadeError, Visitor};
use url::Url;

use crate::world::{GROUP, REDIRECT, World};

/// Longer than anything here takes.
pub const PATIENT: Duration = Duration::from_secs(60);
/// Where Jira wants its browser back, its own query included.
pub const BACK: &str =
    "https://jira.example.com/secure/admin/AddOrganizationProgressAction!default.jspa?organization=platform&x=%26t%3D3";

pub struct Jira {
    pub keys: ApplicationKeys,
}

impl Jira {
    /// A Jira whose application is known here.
    pub async fn known(world: &World) -> Self {
        let keys = world.model().create_application(world.jira, "Jira", &[REDIRECT], Scopes::api()).unwrap();
        let now = world.clock.now();
        let mut tx = world.store.begin_write(Lane::Live).await.unwrap();
        let host = tx.host_ensure(HostKind::Gitlab, world.server.url(), now).await.unwrap();
        tx.application_put(host, &keys.client_id, &keys.secret.clone().into(), now).await.unwrap();
        tx.commit().await.unwrap();
        Self { keys }
    }

    pub async fn begin(&self, world: &World, state: Option<&str>) -> Result<Url, FacadeError> {
        let back = BACK.parse().unwrap();
        facade::authorise(&world.engine, &self.keys.client_id, &back, state, REDIRECT).await
    }

    /// What somebody's browser brings back from the forge's consent page: state and code.
    pub fn consent(&self, world: &World, url: &Url, user: UserId) -> (String, String) {
        let value = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        assert_eq!((value("scope").as_deref(), value("redirect_uri").as_deref()), (Some("api"), Some(REDIRECT)));
        let code = world.model().issue_code(Authorisation {
            application: self.keys.id,
            user,
            redirect_uri: REDIRECT.to_owned(),
            scopes: Scopes::api(),
            challenge: value("code_challenge"),
        });
        (value("state").unwrap(), code)
    }

    /// Authorised by this user: the code that the browser brings to Jira.
    pub async fn code(&self, world: &World, user: UserId) -> SecretString {
        let url = self.begin(world, None).await.unwrap();
        let (state, code) = self.consent(world, &url, user);
        let back = facade::returned(&world.engine, &state, Outcome::Code(code)).await.unwrap();
        code_of(&back)
    }

    pub async fn exchange(&self, world: &World, code: &SecretString) -> Result<SecretString, FacadeError> {
        let secret = SecretString::from(self.keys.secret.clone());
        facade::exchange(&world.engine, &self.keys.client_id, &secret, code).await
    }

    /// Authorised by this user: the token.
    pub async fn token(&self, world: &World, user: UserId) -> SecretString {
        let code = self.code(world, user).await;
        self.exchange(world, &code).await.unwrap()
    }

    /// Authorised by this user, whose memberships were read.
    pub async fn visit(&self, world: &World, user: UserId) -> Visitor {
        let token = self.token(world, user).await;
        world.idle().await;
        visitor(world, &token).await
    }
}

pub fn code_of(back: &Url) -> SecretString {
    let code = back.query_pairs().find(|(key, _)| key == "code").map(|(_, value)| value.into_owned());
    code.expect("a code").into()
}

pub async fn visitor(world: &World, token: &SecretString) -> Visitor {
    let visitor = facade::visitor(&world.engine, token.expose_secret()).await.unwrap().expect("the token is good");
    assert_eq!(visitor.grant.state, GrantState::Active);
    visitor
}

/// The account of the group, asked for by a Jira, and imported.
pub async fn imported(world: &World, visitor: &Visitor) -> Account {
    let account = facade::account(&world.engine, visitor, GROUP, PATIENT).await.unwrap().expect("the group is seen");
    world.idle().await;
    account
}

/// Somebody new.
pub fn user(world: &World, login: &str) -> UserId {
    let (name, email) = (login.to_owned(), format!("{login}@example.com"));
    let new = NewUser { login: login.to_owned(), name, email, password: "secret-word".to_owned(), admin: false };
    world.model().create_user(new).unwrap()
}

/// Somebody new who may read one project of the group.
pub fn reader_of(world: &World, login: &str, path: &str) -> UserId {
    let reader = user(world, login);
    let project = world.model().project_by_path(path).unwrap().id;
    world.model().add_member(project, reader, AccessLevel::Reporter);
    reader
}

/// The paths of what a visitor sees of the group.
pub async fn seen(world: &World, visitor: &Visitor) -> Vec<String> {
    let page = world.store.facade_repositories(visitor.grant.id, GROUP, 0, 100).await.unwrap();
    page.items.into_iter().map(|repository| repository.path).collect()
}

/// Where hooks arrive.
#[derive(Clone)]
pub struct Bell {
    pub url: Url,
    inner: Arc<Rung>,
}

struct Rung {
    calls: Mutex<Vec<Call>>,
    status: AtomicU16,
}

/// A call of a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub path: String,
    pub event: String,
    pub delivery: String,
    pub kind: String,
    pub body: String,
}

impl Bell {
    pub async fn hang() -> Self {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/rest/bitbucket/1.0/repository/5/sync", socket.local_addr().unwrap());
        let inner = Arc::new(Rung { calls: Mutex::default(), status: AtomicU16::new(200) });
        let router = Router::new().fallback(take).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(socket, router).await });
        Self { url: url.parse().unwrap(), inner }
    }

    /// From now on it answers with this.
    pub fn answers(&self, status: StatusCode) {
        self.inner.status.store(status.as_u16(), Ordering::SeqCst);
    }

    /// The calls since the last time this was asked, sorted by event and kind of body.
    pub fn calls(&self) -> Vec<Call> {
        let mut calls = std::mem::take(&mut *self.inner.calls.lock().unwrap());
        calls.sort_by(|one, other| (&one.event, &one.kind).cmp(&(&other.event, &other.kind)));
        calls
    }
}

async fn take(State(rung): State<Arc<Rung>>, uri: Uri, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    rung.calls.lock().unwrap().push(Call {
        path: uri.path().to_owned(),
        event: header("x-github-event"),
        delivery: header("x-github-delivery"),
        kind: header("content-type"),
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    StatusCode::from_u16(rung.status.load(Ordering::SeqCst)).unwrap()
}
