//! What every handler shares.

use std::sync::Arc;

use grammar::Noise;
use model::{Clock, Millis};
use store::Store;
use sync::Engine;
use tokio_util::sync::CancellationToken;

use crate::check_run::Checks;
use crate::facade::Budget;
use crate::metrics;
use crate::options::Options;
use crate::password::Passwords;
use crate::throttle::Throttle;

/// What every handler shares. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState {
    engine: Engine,
    options: Arc<Options>,
    shutdown: CancellationToken,
    noise: Arc<Noise>,
    pub(crate) throttle: Arc<Throttle>,
    pub(crate) passwords: Passwords,
    pub(crate) facade_budget: Arc<Budget>,
    pub(crate) checks: Checks,
}

impl AppState {
    /// The state of a server over `engine`; event streams end when `shutdown` is cancelled.
    #[must_use]
    pub fn new(engine: Engine, options: Options, shutdown: CancellationToken) -> Self {
        metrics::begin();
        let noise = Arc::new(Noise::new(&engine.options().noise));
        Self {
            engine,
            options: Arc::new(options),
            shutdown,
            noise,
            throttle: Arc::new(Throttle::default()),
            passwords: Passwords::default(),
            facade_budget: Arc::new(Budget::default()),
            checks: Checks::default(),
        }
    }

    /// The engine.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.engine.store()
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        self.engine.clock()
    }

    /// The present time.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.clock().now()
    }

    /// The settings.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What looks like an issue key and is none.
    #[must_use]
    pub fn noise(&self) -> &Noise {
        &self.noise
    }

    /// Hashes and checks passwords.
    #[must_use]
    pub const fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    /// Cancelled when the server stops: every stream without an end of its own must end then.
    #[must_use]
    pub const fn shutdown(&self) -> &CancellationToken {
        &self.shutdown
    }
}
