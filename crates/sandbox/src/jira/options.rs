//! How a stand-in Jira is started.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ::model::{Clock, SystemClock};

/// Which Jira it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployment {
    /// Server or Data Center, which call themselves alike: users have names, REST ends at v2, there is no development information.
    DataCenter,
    /// Cloud: users have account ids, REST has v3, development information is taken.
    Cloud,
}

/// What a [`Server`](super::Server) is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address that links name, without context path and trailing slash; none: the one that is listened on.
    pub public_url: Option<String>,
    /// A path in front of everything, as Data Centers often have (`/jira`); empty: none.
    pub context_path: String,
    /// Which Jira it is.
    pub deployment: Deployment,
    /// The version it says it has. Personal access tokens begin with 8.14.
    pub version: String,
    /// How long an OAuth access token of development information lives (devinfo contract §1.1: 900 s).
    pub access_token_life: Duration,
    /// Where the present time comes from.
    pub clock: Arc<dyn Clock>,
}

impl Options {
    /// A Data Center on a free port of this machine.
    #[must_use]
    pub fn data_center() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: None,
            context_path: String::new(),
            deployment: Deployment::DataCenter,
            version: "9.12.15".to_owned(),
            access_token_life: Duration::from_secs(900),
            clock: Arc::new(SystemClock),
        }
    }

    /// A Cloud site on a free port of this machine.
    #[must_use]
    pub fn cloud() -> Self {
        let (deployment, version) = (Deployment::Cloud, "1001.0.0-SNAPSHOT".to_owned());
        Self { deployment, version, ..Self::data_center() }
    }

    /// Major and minor number of the version.
    pub(crate) fn version_numbers(&self) -> Vec<u64> {
        let plain = self.version.split('-').next().unwrap_or_default();
        plain.split('.').map_while(|number| number.parse().ok()).collect()
    }

    /// Whether people can have personal access tokens.
    pub(crate) fn has_personal_tokens(&self) -> bool {
        self.deployment == Deployment::DataCenter && self.version_numbers() >= vec![8, 14]
    }
}
