//! Dovetail's side of a walk: a store, an engine over it, one account.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use model::HostKind;
use model::clock::ManualClock;
use sandbox::gitlab::model::Scopes;
use store::testing::TestStore;
use store::{Repository, Viewer};
use sync::connect::{self, Begun, Form, Method, Outcome};
use sync::{Engine, Options};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::door::Door;
use crate::forge::{Forge, GROUP};

/// Who connects accounts.
const ADMIN: i64 = 1;
/// Where the forge sends the browser back to.
const REDIRECT: &str = "http://127.0.0.1:8080/oauth/callback";
/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(240);

/// A store, an engine over it, one account.
pub struct Dovetail {
    pub store: TestStore,
    pub engine: Engine,
    pub account: i64,
    clock: Arc<ManualClock>,
    door: Option<Door>,
    running: Option<Running>,
}

/// The tasks of an engine.
struct Running {
    shutdown: CancellationToken,
    tracker: TaskTracker,
}

impl Dovetail {
    /// An engine that runs and, with a door, takes hook events; its account is still to be connected.
    pub fn start(store: TestStore, data_dir: PathBuf, clock: Arc<ManualClock>, door: Option<Door>) -> Self {
        let engine = Engine::new(store.clone(), options(data_dir, door.as_ref()), clock.clone()).unwrap();
        let mut dovetail = Self { store, engine, account: 0, clock, door, running: None };
        dovetail.run();
        dovetail
    }

    fn run(&mut self) {
        if let Some(door) = &self.door {
            door.leads_to(&self.engine);
        }
        let running = Running { shutdown: CancellationToken::new(), tracker: TaskTracker::new() };
        self.engine.start(&running.shutdown, &running.tracker);
        self.running = Some(running);
    }

    /// Stops the workers wherever they are.
    pub async fn stop(&mut self) {
        let Some(running) = self.running.take() else { return };
        running.shutdown.cancel();
        running.tracker.close();
        running.tracker.wait().await;
    }

    /// Stops the workers wherever they are, and starts a new engine over the same store.
    pub async fn restart(&mut self, data_dir: PathBuf) {
        self.stop().await;
        // What was under way is taken over when its leases have run out.
        self.pass(31_000);
        let options = options(data_dir, self.door.as_ref());
        self.engine = Engine::new(self.store.clone(), options, self.clock.clone()).unwrap();
        self.run();
    }

    /// Time passes, in milliseconds; what is due then runs at once.
    pub fn pass(&self, time: i64) {
        self.clock.advance(time);
        self.store.wakeups().notify_waiters();
    }

    /// Connects the group with an access token, and waits for its import.
    pub async fn connect_with_token(&mut self, forge: &Forge, token: String) {
        match connect::begin(&self.engine, form(forge, Method::token(token.into())), REDIRECT, ADMIN).await.unwrap() {
            Begun::Confirm { state } => {
                self.account = connect::confirm(&self.engine, &state, ADMIN).await.unwrap();
            }
            other => panic!("a token needs no dance, but {other:?}"),
        }
    }

    /// Connects the group with OAuth, so that its tokens expire, and waits for its import.
    pub async fn connect_with_oauth(&mut self, forge: &Forge) {
        let keys = forge.model.create_application(forge.user, "Dovetail", &[REDIRECT], Scopes::api()).unwrap();
        let method = Method::OAuth { client_id: keys.client_id, client_secret: keys.secret.into() };
        let begun = connect::begin(&self.engine, form(forge, method), REDIRECT, ADMIN).await.unwrap();
        let Begun::Authorise { url } = begun else { panic!("a dance expected") };
        let client = net::HttpFactory::new(net::Network::default()).unwrap().client();
        let response = client.get(&url).keep_redirect().send().await.unwrap();
        let back = Url::parse(response.header("location").unwrap()).unwrap();
        let value =
            |name| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap();
        let shown = connect::finish(&self.engine, &value("state"), Outcome::Code(value("code")), ADMIN).await.unwrap();
        self.account = connect::confirm(&self.engine, &shown.state, ADMIN).await.unwrap();
    }

    /// Waits until nothing is left to do now.
    pub async fn idle(&self) -> Result<(), String> {
        match tokio::time::timeout(PATIENCE, self.engine.idle()).await {
            Ok(idle) => idle.map_err(|error| error.to_string()),
            Err(_) => Err("it never becomes idle".to_owned()),
        }
    }

    /// The repositories that the account shows, and those that it showed once.
    pub async fn repositories(&self) -> Vec<(Repository, bool)> {
        let all = self.store.account_repositories(Viewer::Everything, self.account).await.unwrap();
        all.into_iter().map(|seen| (seen.repository, seen.visible && seen.linked)).collect()
    }

    /// The inner id of the repository that the forge calls so, if it was ever seen.
    pub async fn repository(&self, forge_id: &str) -> Option<i64> {
        self.repositories().await.into_iter().find(|(seen, _)| seen.forge_id == forge_id).map(|(seen, _)| seen.id)
    }
}

fn form(forge: &Forge, method: Method) -> Form {
    let (host_url, path) = (forge.server.url().to_owned(), GROUP.to_owned());
    Form { kind: HostKind::Gitlab, host_url, path, method, auto_link: true, smart_commits: true }
}

fn options(data_dir: PathBuf, door: Option<&Door>) -> Options {
    Options {
        data_dir,
        interval: Duration::from_secs(3_600),
        workers: 3,
        git: true,
        show_unreachable: true,
        network: net::Network::default(),
        noise: grammar::Noise::DEFAULT.map(str::to_owned).to_vec(),
        public_url: door.map(|door| door.url.clone()),
        node: format!("{:016x}", rand::random::<u64>()),
        inbox_age: Duration::from_secs(7 * 24 * 3_600),
        job_age: Duration::from_secs(7 * 24 * 3_600),
        smart_commit_max_age: Duration::from_secs(7 * 24 * 3_600),
        delivery_age: Duration::from_secs(30 * 24 * 3_600),
        cache_max_size: None,
        atlassian_api: "https://api.atlassian.com".parse().unwrap(),
    }
}

/// A place for a cache that nothing has used before.
pub fn fresh_cache(directory: &Path) -> PathBuf {
    tempfile::Builder::new().prefix("cache-").tempdir_in(directory).unwrap().keep()
}
