//! Starting and stopping.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use model::Clock;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::model::Model;
use super::switches::Switches;
use super::{App, Options, devinfo, gate, oauth, pages, rest};
use crate::doors::{self, Doorkeeper, Doors, Wire};
use crate::request_log::RequestLog;

/// A running stand-in Jira. Dropping it stops it at once; [`Server::shutdown`] lets answers end first.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

/// The address cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen: {0}")]
pub struct StartError(#[from] std::io::Error);

impl Server {
    /// Starts a server without users, projects or issues.
    ///
    /// # Errors
    /// When the address is taken.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let listener = TcpListener::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let root = options.public_url.clone().unwrap_or_else(|| format!("http://{}", doors::reachable(address)));
        let url = format!("{}{}", root.trim_end_matches('/'), options.context_path);
        let keeper = Arc::new(Doorkeeper::new());
        let doors = Doors::new(listener, Arc::clone(&keeper))?;
        let model = Arc::new(Model::new(&options));
        let switches = Switches::new(Arc::clone(&model), keeper);
        let app = Arc::new(App { model, switches, options, url, requests: RequestLog::default() });
        let stop = CancellationToken::new();
        let service = router(&app).into_make_service_with_connect_info::<Wire>();
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move {
            // With a listener that never fails, serving ends only by the shutdown.
            let _ = axum::serve(doors, service).with_graceful_shutdown(stopped).await;
        });
        Ok(Self { app, stop, serving })
    }

    /// The server's address with its context path, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.app.url
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

    /// The server's clock.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.app.options.clock)
    }

    /// Stops listening and lets answers under way end.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        let _ = (&mut self.serving).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
        self.serving.abort();
    }
}

fn router(app: &Arc<App>) -> Router {
    let routes = Router::new()
        .merge(rest::router())
        .merge(devinfo::router())
        .merge(oauth::router())
        .merge(pages::router())
        .fallback(pages::missing);
    let routes = match app.options.context_path.as_str() {
        "" => routes,
        // What lies outside of the context path is not this Jira's.
        path => Router::new().nest(path, routes),
    };
    routes.layer(from_fn_with_state(Arc::clone(app), gate::pass)).with_state(Arc::clone(app))
}
