//! The running program: store, engine and web server wired together, started and stopped as one.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use model::secret::ExposeSecret;
use store::Store;
use sync::Engine;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use web::AppState;

use crate::config::Config;
use crate::workshop::Workshop;
use crate::{Failure, open};

/// How long work under way may take once the program stops.
const GRACE: Duration = Duration::from_millis(1500);

/// A running Dovetail.
pub struct Program {
    pub state: AppState,
    pub address: SocketAddr,
    workshop: Workshop,
    serving: JoinHandle<std::io::Result<()>>,
    tracker: TaskTracker,
    shutdown: CancellationToken,
    signals: StopSignals,
}

impl Program {
    /// Listens, opens the engine over `store`, and begins to answer and to work.
    pub async fn start(config: &Config, store: Store, listener: TcpListener) -> Result<Self, Failure> {
        // From here on it is stopped and not killed.
        let signals = StopSignals::listen()?;
        let address = listener.local_addr()?;
        let shutdown = CancellationToken::new();
        let tracker = TaskTracker::new();
        let engine = Engine::new(store, engine_options(config), open::clock())?;
        // Before the first job asks a server for something.
        sync::servers::apply(&engine).await?;
        let workshop = Workshop::open()?;
        {
            let _tasks_go_there = workshop.enter();
            engine.start(&shutdown, &tracker);
        }
        let state = AppState::new(engine, web_options(config, address)?, shutdown.clone());
        let serving = tokio::spawn(web::serve(listener, web::router(state.clone()), shutdown.clone()));
        Ok(Self { state, address, workshop, serving, tracker, shutdown, signals })
    }

    /// The address to open in a browser.
    pub fn url(&self, config: &Config) -> String {
        config
            .server
            .public_url
            .as_ref()
            .map_or_else(|| format!("http://{}", self.address), |url| url.as_str().trim_end_matches('/').to_owned())
    }

    /// Waits until someone asks it to stop, then stops within two seconds.
    pub async fn run_until_stopped(mut self) -> Result<(), Failure> {
        self.signals.asked().await;
        tracing::info!("stopping");
        self.stop().await
    }

    /// Lets requests and jobs end, but not for long: what a job had not done is done after the next start.
    pub async fn stop(self) -> Result<(), Failure> {
        self.shutdown.cancel();
        self.tracker.close();
        let _ = tokio::time::timeout(GRACE, self.tracker.wait()).await;
        drop(self.workshop);
        self.serving.await.context("the server ended oddly")??;
        Ok(())
    }
}

/// Ctrl-C, or the signal that service managers send.
#[cfg(feature = "sandbox")]
pub async fn stop_asked() -> std::io::Result<()> {
    StopSignals::listen()?.asked().await;
    Ok(())
}

/// What asks a program to stop; it no longer ends it at once from the moment that this is there.
struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Listens on the configured address.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::Failed(anyhow::anyhow!(
            "cannot listen on {address}: {error}. Is another program on that port? Set [server] listen, or DOVETAIL_SERVER_LISTEN"
        ))
    })
}

pub fn engine_options(config: &Config) -> sync::Options {
    sync::Options {
        data_dir: config.server.data_dir.clone(),
        interval: config.sync.interval,
        workers: config.sync.workers,
        git: config.sync.git,
        show_unreachable: config.sync.show_unreachable,
        network: net::Network {
            ca_bundle: config.network.ca_bundle.clone(),
            ca_bundle_password: config.network.ca_bundle_password.clone(),
            client_certificate: config.network.client_certificate.clone(),
            client_key: config.network.client_key.clone(),
            proxy: config.network.proxy.clone(),
            no_proxy: config.network.no_proxy.clone(),
            connect_timeout: config.network.connect_timeout,
            allow_private: config.network.allow_private,
            ..net::Network::default()
        },
        noise: config.links.noise.clone(),
        public_url: config.server.public_url.clone(),
        node: model::secret::random_token("").expose_secret().chars().take(16).collect(),
        inbox_age: config.retention.inbox,
        job_age: config.retention.jobs,
        smart_commit_max_age: config.sync.smart_commit_max_age,
        delivery_age: config.retention.deliveries,
        cache_max_size: config.cache.max_size.map(|size| size.as_u64()),
        atlassian_api: config.network.atlassian_api.clone(),
    }
}

fn web_options(config: &Config, listen: SocketAddr) -> Result<web::Options, Failure> {
    let trusted_proxies = networks("trusted_proxies", &config.server.trusted_proxies)?;
    let metrics_from = networks("metrics_from", &config.server.metrics_from)?;
    let mut allowed_redirects = Vec::new();
    for text in &config.facade.allowed_redirects {
        let allowed =
            text.parse().map_err(|error| Failure::Usage(format!("[facade] allowed_redirects: {text:?} is {error}")))?;
        allowed_redirects.push(allowed);
    }
    let facade = web::facade::Settings { allowed_redirects, require_user_agent: config.facade.require_user_agent };
    let public_url = config.server.public_url.clone();
    Ok(web::Options { listen, public_url, trusted_proxies, metrics_from, facade })
}

/// The addresses and networks of a setting in `[server]`.
fn networks(setting: &str, texts: &[String]) -> Result<Vec<web::TrustedProxy>, Failure> {
    let network = |text: &String| {
        text.parse().map_err(|error| Failure::Usage(format!("[server] {setting}: {text:?} is {error}")))
    };
    texts.iter().map(network).collect()
}
