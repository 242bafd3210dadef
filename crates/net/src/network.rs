//! How this installation reaches the world.

use std::path::PathBuf;
use std::time::Duration;

use model::secret::SecretString;
use url::Url;

/// The `[network]` section of the configuration.
#[derive(Debug, Clone)]
pub struct Network {
    /// A file of certificate authorities trusted beside the system's: PEM, or a trust store of Java (PKCS#12, JKS).
    pub ca_bundle: Option<PathBuf>,
    /// The password of that trust store; none: Java's own, `changeit`.
    pub ca_bundle_password: Option<SecretString>,
    /// A PEM file with the certificate that this client shows to servers that ask for one, its chain behind it.
    pub client_certificate: Option<PathBuf>,
    /// The PEM file with its key, which has no password; none: it is in the same file.
    pub client_key: Option<PathBuf>,
    /// The proxy for every request; none: the `http_proxy`, `https_proxy` and `all_proxy` of the environment.
    pub proxy: Option<Url>,
    /// Hosts reached without `proxy`, comma-separated; none: the `no_proxy` of the environment.
    pub no_proxy: Option<String>,
    /// No proxy at all, whatever `proxy` and the environment say.
    pub direct: bool,
    /// How long establishing a connection may take, TLS included.
    pub connect_timeout: Duration,
    /// How long a whole exchange may take, the body included, where a request does not say otherwise.
    pub answer_timeout: Duration,
    /// Whether private, loopback and link-local addresses may be called.
    pub allow_private: bool,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            ca_bundle: None,
            ca_bundle_password: None,
            client_certificate: None,
            client_key: None,
            proxy: None,
            no_proxy: None,
            direct: false,
            connect_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(60),
            allow_private: true,
        }
    }
}
