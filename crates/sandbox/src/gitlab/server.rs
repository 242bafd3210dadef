//! Starting and stopping.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use model::Clock;
use tokio::net::TcpListener;
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::hooks::Hooks;
use super::limits::Limits;
use super::model::{Lives, Model};
use super::repositories::Repositories;
use super::switches::Switches;
use super::{App, Options, gate, oauth, pages, rest};
use crate::doors::{self, Doorkeeper, Doors, Wire};
use crate::request_log::RequestLog;

/// A running stand-in GitLab. Dropping it stops it at once; [`Server::shutdown`] lets answers end first.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be made.
    #[error("cannot make the directory for repositories: {0}")]
    Directory(#[source] std::io::Error),
    /// The address cannot be listened on.
    #[error("cannot listen: {0}")]
    Listen(#[source] std::io::Error),
}

impl Server {
    /// Starts a server without users, groups or projects.
    ///
    /// # Errors
    /// When the directory cannot be made or the address is taken.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        tokio::fs::create_dir_all(&options.data_dir).await.map_err(StartError::Directory)?;
        let listener = TcpListener::bind(options.listen).await.map_err(StartError::Listen)?;
        let address = listener.local_addr().map_err(StartError::Listen)?;
        let url = options.public_url.clone().unwrap_or_else(|| format!("http://{}", doors::reachable(address)));
        let keeper = Arc::new(Doorkeeper::new());
        let doors = Doors::new(listener, Arc::clone(&keeper)).map_err(StartError::Listen)?;
        let app = build(options, url, keeper);
        let stop = CancellationToken::new();
        let service = router(&app).into_make_service_with_connect_info::<Wire>();
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move {
            // With a listener that never fails, serving ends only by the shutdown.
            let _ = axum::serve(doors, service).with_graceful_shutdown(stopped).await;
        });
        Ok(Self { app, address, stop, serving })
    }

    /// The server's address, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.app.url
    }

    /// Where it listens, which is not what links name where it was told a public address.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who and what exists.
    #[must_use]
    pub fn model(&self) -> Arc<Model> {
        Arc::clone(&self.app.model)
    }

    /// What can be made to misbehave.
    #[must_use]
    pub fn switches(&self) -> &Switches {
        &self.app.switches
    }

    /// What was asked so far.
    #[must_use]
    pub fn requests(&self) -> &RequestLog {
        &self.app.requests
    }

    /// Deliveries of web hooks.
    #[must_use]
    pub fn hooks(&self) -> &Hooks {
        &self.app.hooks
    }

    /// The server's clock.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.app.options.clock)
    }

    /// Stops listening, lets answers under way end, and stops delivering hooks.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        let _ = (&mut self.serving).await;
        self.app.hooks.stop().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
        self.serving.abort();
    }
}

fn build(options: Options, url: String, keeper: Arc<Doorkeeper>) -> Arc<App> {
    let (events, happened) = unbounded_channel();
    let repositories = Repositories::new(options.data_dir.clone());
    let lives = Lives { access_token: options.access_token_life, head_ref: options.head_ref_life };
    let model = Arc::new(Model::new(repositories, Arc::clone(&options.clock), lives, events));
    let hooks = Hooks::start(Arc::clone(&model), url.clone(), happened);
    let switches = Switches::new(Arc::clone(&model), keeper);
    let (requests, sessions) = (RequestLog::default(), pages::session::Sessions::default());
    let limits = Limits::default();
    Arc::new(App { model, switches, options, url, hooks, requests, limits, sessions })
}

fn router(app: &Arc<App>) -> Router {
    Router::new()
        .merge(rest::router())
        .merge(oauth::router())
        .merge(pages::router())
        .layer(from_fn_with_state(Arc::clone(app), gate::pass))
        .with_state(Arc::clone(app))
}
