//! The engine: what it needs, its workers, and when it is idle.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use forge::oauth::OAuthClient;
use forge::{Auth, ClientOptions, Forge, ForgeError};
use git::Git;
use grammar::Noise;
use model::secret::SecretString;
use model::{Clock, HostKind};
use queue::{Limits, Workers};
use store::Store;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::circuit::ProbeHost;
use crate::credential::Renewals;
use crate::deliver::{DeliverDevInfo, DeliverLinks, FillOutbox, PruneDeliveries, WithdrawDevInfo};
use crate::facade::{CallHook, FetchNow, ReadFiles, RefreshMemberships};
use crate::hook::{PruneInbox, RegisterHook, WorkOffInbox};
use crate::progress::{self, Board, Progress};
use crate::refresh::RefreshAccount;
use crate::removal::{PurgeRepository, RemoveAccount};
use crate::repository::{PackCache, SyncRepository};
use crate::review::ReviewMergeRequests;
use crate::site::clients::DevInfoClients;
use crate::site::{AskKey, AskKeys, RefreshSite, RelinkJob, RemoveSite};
use crate::smart_commits::{RunSmartCommits, WriteCommitComments};
use crate::stops::Stops;
use crate::{SyncError, hook, schedule, servers};

/// What the engine is told once, at start (`[sync]`, `[network]`, `[links]`, `[retention]` of the configuration).
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the git cache lives (`data_dir/cache/…`).
    pub data_dir: PathBuf,
    /// How often every account is refreshed.
    pub interval: Duration,
    /// How many imports and refreshes run at the same time; at least one. Clicks have workers of their own beside them.
    pub workers: usize,
    /// Whether git is spoken; otherwise everything comes by REST.
    pub git: bool,
    /// Whether commits that are on no branch and in no merge request any more are still shown.
    pub show_unreachable: bool,
    /// Trust, proxies and time-outs of every outgoing connection.
    pub network: net::Network,
    /// The project parts that are noise, never keys, unless a site knows such a project.
    pub noise: Vec<String>,
    /// The address at which forges and browsers reach this server (`[server] public_url`); without one no hooks are made.
    pub public_url: Option<Url>,
    /// This process among those that share a database: a random name, another one at every start.
    pub node: String,
    /// How long hook events are kept and can be worked off again.
    pub inbox_age: Duration,
    /// How long jobs that were given up are kept, for whoever looks why.
    pub job_age: Duration,
    /// How old a commit may be, by its committer's date, for its smart commits to run.
    pub smart_commit_max_age: Duration,
    /// How long it is kept what Jira was told, and how that ended.
    pub delivery_age: Duration,
    /// How many bytes the git caches of this node may take together; none: as many as come.
    pub cache_max_size: Option<u64>,
    /// Where Jira Cloud takes development information and hands out tokens for it.
    pub atlassian_api: Url,
}

/// The engine. Cheap to clone; every clone is the same engine.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    options: Options,
    clock: Arc<dyn Clock>,
    http: net::Client,
    git: Git,
    noise: Noise,
    rule_version: i64,
    renewals: Renewals,
    board: Arc<Board>,
    stops: Stops,
    dev_info_clients: DevInfoClients,
}

/// How many workers take only what people wait for.
const LIVE_WORKERS: usize = 2;

impl Engine {
    /// An engine over `store`. Nothing runs before [`Engine::start`].
    ///
    /// # Errors
    /// [`SyncError::Network`] when the network settings cannot be used.
    pub fn new(store: Store, options: Options, clock: Arc<dyn Clock>) -> Result<Self, SyncError> {
        let http = net::HttpFactory::new(options.network.clone())?.client();
        let noise = Noise::new(&options.noise);
        let inner = Inner {
            rule_version: grammar::rule_version(&noise),
            board: Arc::new(Board::new(Arc::clone(&clock))),
            git: Git::new(),
            renewals: Renewals::default(),
            stops: Stops::default(),
            dev_info_clients: DevInfoClients::default(),
            store,
            options,
            clock,
            http,
            noise,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Starts the workers and the schedule on `tracker`; they end soon after `shutdown` is cancelled.
    pub fn start(&self, shutdown: &CancellationToken, tracker: &TaskTracker) {
        let board = Arc::clone(&self.inner.board);
        let stop = shutdown.clone();
        tracker.spawn(async move { board.publish(stop).await });
        tracker.spawn(progress::follow(self.clone(), shutdown.clone()));
        tracker.spawn(servers::follow(self.clone(), shutdown.clone()));
        tracker.spawn(schedule::keep(self.clone(), shutdown.clone()));
        let (engine, stop) = (self.clone(), shutdown.clone());
        tracker.spawn(async move {
            stop.cancelled().await;
            engine.renewals().finished().await;
        });
        let limits = Limits {
            workers: self.inner.options.workers.max(1) + LIVE_WORKERS,
            live_only: LIVE_WORKERS,
            ..Limits::default()
        };
        Workers::new(self.store().clone(), Arc::clone(self.clock()), self.clone(), limits)
            .register::<RefreshAccount>()
            .register::<SyncRepository>()
            .register::<PackCache>()
            .register::<ReviewMergeRequests>()
            .register::<RemoveAccount>()
            .register::<ProbeHost>()
            .register::<PurgeRepository>()
            .register::<RegisterHook>()
            .register::<WorkOffInbox>()
            .register::<PruneInbox>()
            .register::<ReadFiles>()
            .register::<RefreshMemberships>()
            .register::<CallHook>()
            .register::<FetchNow>()
            .register::<RefreshSite>()
            .register::<AskKeys>()
            .register::<AskKey>()
            .register::<RelinkJob>()
            .register::<RemoveSite>()
            .register::<RunSmartCommits>()
            .register::<WriteCommitComments>()
            .register::<DeliverLinks>()
            .register::<DeliverDevInfo>()
            .register::<FillOutbox>()
            .register::<WithdrawDevInfo>()
            .register::<PruneDeliveries>()
            .start(shutdown.clone(), tracker);
    }

    /// The store that it writes to.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// What it was told at start.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.inner.options
    }

    /// Live numbers of every account, at most four changes a second.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Arc<Progress>> {
        self.inner.board.watch()
    }

    /// Waits until no job is running, none could run now, and every hook event is worked off. Jobs that are due later do
    /// not count.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn idle(&self) -> Result<(), SyncError> {
        loop {
            queue::idle(self.store(), &**self.clock()).await?;
            if self.store().inbox_is_empty().await? {
                return Ok(());
            }
            // Events come with the job that works them off: this one was given up.
            hook::work_off(self).await?;
        }
    }

    pub(crate) fn board(&self) -> &Board {
        &self.inner.board
    }

    pub(crate) fn stops(&self) -> &Stops {
        &self.inner.stops
    }

    pub(crate) fn dev_info_clients(&self) -> &DevInfoClients {
        &self.inner.dev_info_clients
    }

    pub(crate) fn git(&self) -> &Git {
        &self.inner.git
    }

    pub(crate) fn http(&self) -> &net::Client {
        &self.inner.http
    }

    pub(crate) fn noise(&self) -> &Noise {
        &self.inner.noise
    }

    pub(crate) fn rule_version(&self) -> i64 {
        self.inner.rule_version
    }

    pub(crate) fn renewals(&self) -> &Renewals {
        &self.inner.renewals
    }

    /// Where all caches lie.
    pub(crate) fn cache_folder(&self) -> PathBuf {
        self.inner.options.data_dir.join("cache")
    }

    /// Where the objects of a repository are kept between syncs.
    pub(crate) fn cache_directory(&self, repository_id: i64) -> PathBuf {
        self.cache_folder().join(format!("{repository_id}.git"))
    }

    /// A client of a forge.
    pub(crate) fn forge(&self, kind: HostKind, url: &str, auth: Auth) -> Result<Box<dyn Forge>, ForgeError> {
        let (http, clock) = (self.inner.http.clone(), Arc::clone(&self.inner.clock));
        forge::client(ClientOptions { kind, url: url.to_owned(), auth, http, clock })
    }

    /// A client of a forge's authorisation.
    pub(crate) fn oauth_client(
        &self,
        kind: HostKind,
        url: &str,
        client_id: &str,
        client_secret: &SecretString,
    ) -> Result<OAuthClient, ForgeError> {
        let (http, clock) = (self.inner.http.clone(), Arc::clone(&self.inner.clock));
        OAuthClient::new(kind, url, client_id, client_secret, http, clock)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("options", &self.inner.options).finish_non_exhaustive()
    }
}
