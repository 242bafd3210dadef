//! The one place that builds clients.

use crate::connector::{Connector, Ground};
use crate::{Client, NetError, Network};

/// Builds clients that share trust, proxies and time-outs.
#[derive(Debug, Clone)]
pub struct HttpFactory {
    client: Client,
}

impl HttpFactory {
    /// Reads the certificates of `network` and prepares a client.
    ///
    /// # Errors
    /// [`NetError::Settings`] where the certificate file or the proxy cannot be used.
    pub fn new(network: Network) -> Result<Self, NetError> {
        let ground = Ground::read(network)?;
        let usual = Connector::new(&ground)?;
        Ok(Self { client: Client::new(ground, usual) })
    }

    /// A client; cheap, as all share one pool of connections.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }
}
