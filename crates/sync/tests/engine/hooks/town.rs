//! A world whose GitLab can call the engine: hooks go over real HTTP to a server that hands them in.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use model::secret::ExposeSecret;
use sandbox::gitlab::model::{AccessLevel, Hook, NewUser, ProjectId, Scopes, UserId};
use store::{HookOf, InboxEvent, InboxState, Viewer};
use sync::connect::Method;
use sync::hook::{HookRefused, Incoming, Received};
use sync::{Engine, Options};

use crate::world::{Database, World};

pub struct Town {
    world: World,
    door: Door,
}

/// Where hooks arrive.
#[derive(Clone, Default)]
struct Door {
    engine: Arc<Mutex<Option<Engine>>>,
    shut: Arc<AtomicBool>,
    broken: Arc<AtomicBool>,
}

impl Deref for Town {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl DerefMut for Town {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.world
    }
}

impl Town {
    pub async fn new(database: Database) -> Option<Self> {
        let mut world = World::asleep(database).await?;
        let door = Door::default();
        let url = door.open().await;
        let options = world.engine.options().clone();
        world.restart_with(Options { public_url: Some(url.parse().unwrap()), ..options }).await;
        door.leads_to(&world.engine);
        Some(Self { world, door })
    }

    /// A new engine that is told another address, at which the same door stands.
    pub async fn move_to(&mut self, url: &str) {
        let options = self.world.engine.options().clone();
        self.world.restart_with(Options { public_url: Some(url.parse().unwrap()), ..options }).await;
        self.door.leads_to(&self.world.engine);
    }

    /// From now on whoever calls is answered, but nothing arrives.
    pub fn lose_events(&self, lose: bool) {
        self.door.shut.store(lose, Ordering::SeqCst);
    }

    /// From now on whoever calls meets a failing proxy.
    pub fn break_down(&self, broken: bool) {
        self.door.broken.store(broken, Ordering::SeqCst);
    }

    /// Lets everything that happened be told, and worked off.
    pub async fn settle(&self) {
        self.server.hooks().idle().await;
        self.idle().await;
    }

    /// Who may do this much in the group.
    pub fn member(&self, login: &str, level: AccessLevel) -> UserId {
        let user = self
            .model()
            .create_user(NewUser {
                login: login.to_owned(),
                name: login.to_owned(),
                email: format!("{login}@example.com"),
                password: "secret-word".to_owned(),
                admin: false,
            })
            .unwrap();
        self.model().add_member(self.group, user, level);
        user
    }

    /// Connects an account with a token of this user, and waits for its import.
    pub async fn import_as(&self, user: UserId, path: &str) -> i64 {
        let token = self.model().create_personal_token(user, "Dovetail", Scopes::api(), None);
        let account = self.try_connect(self.form(path, Method::token(token.into()))).await.unwrap();
        self.settle().await;
        account
    }

    /// The hooks of a project itself that lead here.
    pub fn project_hooks(&self, project: ProjectId) -> Vec<Hook> {
        self.model().hooks_at(project)
    }

    /// The hooks of the group itself that lead here.
    pub fn group_hooks(&self) -> Vec<Hook> {
        self.model().hooks_at(self.group)
    }

    pub async fn hook(&self, of: HookOf) -> store::Hook {
        self.store.hook_of(of).await.unwrap().expect("there is a hook")
    }

    /// What became of the events of an account, oldest first.
    pub async fn outcomes(&self, account: i64) -> Vec<(InboxState, String)> {
        let events = self.events(account).await;
        events.into_iter().map(|event| (event.state, event.outcome.unwrap_or_default())).collect()
    }

    pub async fn events(&self, account: i64) -> Vec<InboxEvent> {
        let mut events = self.store.inbox_of_account(Viewer::Everything, account, 1_000).await.unwrap();
        events.reverse();
        events
    }

    /// Hands in an event as the forge would, with the right secret.
    pub async fn tell(&self, hook: &store::Hook, event: &str, key: &str, body: &str) -> Result<Received, HookRefused> {
        self.tell_with(hook, hook.secret.expose_secret(), event, key, body).await
    }

    pub async fn tell_with(
        &self,
        hook: &store::Hook,
        secret: &str,
        event: &str,
        key: &str,
        body: &str,
    ) -> Result<Received, HookRefused> {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = [
            header("X-Gitlab-Event", event),
            header("Idempotency-Key", key),
            header("X-Gitlab-Token", secret),
            header("Content-Type", "application/json"),
        ];
        let body = Bytes::copy_from_slice(body.as_bytes());
        sync::hook::receive(&self.engine, Incoming { kind: "gitlab", id: &hook.id, headers: &headers, body }).await
    }

    /// How many requests about hooks the forge got.
    pub fn asked_about_hooks(&self) -> usize {
        self.server.requests().all().iter().filter(|request| request.path.contains("/hooks")).count()
    }
}

impl Door {
    async fn open(&self) -> String {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", socket.local_addr().unwrap());
        // Also below a path, as behind a proxy.
        let router = Router::new()
            .route("/hooks/{kind}/{id}", post(take))
            .route("/below/hooks/{kind}/{id}", post(take))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(socket, router).await });
        url
    }

    fn leads_to(&self, engine: &Engine) {
        *self.engine.lock().unwrap() = Some(engine.clone());
    }
}

async fn take(
    State(door): State<Door>,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    if door.broken.load(Ordering::SeqCst) {
        return StatusCode::BAD_GATEWAY;
    }
    if door.shut.load(Ordering::SeqCst) {
        return StatusCode::OK;
    }
    let engine = door.engine.lock().unwrap().clone().unwrap();
    let headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned())).collect();
    match sync::hook::receive(&engine, Incoming { kind: &kind, id: &id, headers: &headers, body }).await {
        Ok(_) => StatusCode::OK,
        Err(HookRefused::Unknown) => StatusCode::NOT_FOUND,
        Err(HookRefused::Forbidden) => StatusCode::UNAUTHORIZED,
        Err(HookRefused::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
        Err(HookRefused::Store(error)) => panic!("{error}"),
    }
}
