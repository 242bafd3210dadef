//! What was learnt about git servers, so that it is asked once.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use url::Url;

use crate::{Filter, ServerCapabilities};

/// Shared by all clones of a [`crate::Git`]; nothing secret in it.
#[derive(Debug, Clone, Default)]
pub struct ServerMemory(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    /// By origin: filters are switched on for a whole server.
    capabilities: HashMap<String, ServerCapabilities>,
    refused: HashSet<(String, Filter)>,
    /// By URL: the object format is a repository's own.
    sha256: HashSet<String>,
}

impl ServerMemory {
    fn with<T>(&self, body: impl FnOnce(&mut Known) -> T) -> T {
        body(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn capabilities(&self, url: &Url) -> Option<ServerCapabilities> {
        self.with(|known| known.capabilities.get(&origin(url)).copied())
    }

    pub fn learn(&self, url: &Url, capabilities: ServerCapabilities) {
        self.with(|known| {
            known.capabilities.insert(origin(url), capabilities);
            if capabilities.sha256 {
                known.sha256.insert(url.to_string());
            }
        });
    }

    pub fn is_sha256(&self, url: &Url) -> bool {
        self.with(|known| known.sha256.contains(url.as_str()))
    }

    /// Notes that the server turned a filter down although it announces filters.
    pub fn refuse(&self, url: &Url, filter: Filter) {
        self.with(|known| known.refused.insert((origin(url), filter)));
    }

    pub fn refuses(&self, url: &Url, filter: Filter) -> bool {
        self.with(|known| known.refused.contains(&(origin(url), filter)))
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
