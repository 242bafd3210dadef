//! The client.

use http::Method;
use url::Url;

use crate::{RateGate, Request};

/// Sends requests; a clone shares everything.
#[derive(Debug, Clone)]
pub struct Client {}

impl Client {
    /// A GET request.
    #[must_use]
    pub fn get(&self, url: &Url) -> Request {
        self.request(Method::GET, url)
    }

    /// A POST request.
    #[must_use]
    pub fn post(&self, url: &Url) -> Request {
        self.request(Method::POST, url)
    }

    /// A PUT request.
    #[must_use]
    pub fn put(&self, url: &Url) -> Request {
        self.request(Method::PUT, url)
    }

    /// A DELETE request.
    #[must_use]
    pub fn delete(&self, url: &Url) -> Request {
        self.request(Method::DELETE, url)
    }

    /// A request with any method.
    #[must_use]
    pub fn request(&self, method: Method, url: &Url) -> Request {
        let _ = (method, url);
        todo!()
    }

    /// Who must wait until when, by host.
    #[must_use]
    pub fn gate(&self) -> &RateGate {
        todo!()
    }

    /// Git's configuration for the same trust and proxy (`http.proxy`, `http.sslCAInfo`).
    #[must_use]
    pub fn git_config(&self) -> Vec<(String, String)> {
        todo!()
    }

    /// Environment variables for git that configuration cannot express (`no_proxy` and the system's proxies).
    #[must_use]
    pub fn git_environment(&self) -> Vec<(String, String)> {
        todo!()
    }
}
