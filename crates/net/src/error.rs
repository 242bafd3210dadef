//! What can go wrong between here and a server, in sentences for people.

use std::fmt;

use model::Millis;

/// Why a request got no usable answer. No variant holds a header, a query or a body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// The name has no address.
    #[error("The name {host} could not be resolved.")]
    Dns {
        /// The name.
        host: String,
    },
    /// Nothing listens there.
    #[error("{host} refused the connection.")]
    Refused {
        /// Host and port.
        host: String,
    },
    /// No connection or no whole answer in time.
    #[error("{host} did not answer in time.")]
    Timeout {
        /// Host and port.
        host: String,
    },
    /// No trusted encrypted connection.
    #[error("No secure connection to {host}: {reason}.")]
    Tls {
        /// Host and port.
        host: String,
        /// Why.
        reason: TlsReason,
    },
    /// The proxy could not be used.
    #[error("The proxy did not let the request to {host} through: {reason}.")]
    Proxy {
        /// Host and port of the target.
        host: String,
        /// What the proxy answered.
        reason: String,
    },
    /// The connection broke off.
    #[error("The connection to {host} broke off.")]
    Reset {
        /// Host and port.
        host: String,
    },
    /// The server sends elsewhere; redirects are never followed.
    #[error("{host} redirects to {to}; redirects are not followed, because they would carry the credentials along.")]
    Redirected {
        /// Host and port.
        host: String,
        /// The address it names, without query and user.
        to: String,
    },
    /// The address is private and `network.allow_private` is off.
    #[error("{host} has a private address, which `network.allow_private = false` forbids.")]
    Private {
        /// Host and port.
        host: String,
    },
    /// The answer is longer than it may be.
    #[error("The answer of {host} is longer than the {limit} bytes allowed here.")]
    TooLarge {
        /// Host and port.
        host: String,
        /// The bound in bytes.
        limit: usize,
    },
    /// The answer is not what was asked for.
    #[error("The answer of {host} could not be read: {reason}.")]
    BadBody {
        /// Host and port.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The certificates or the proxy of the configuration cannot be used.
    #[error("The network settings cannot be used: {0}.")]
    Settings(String),
    /// Anything else.
    #[error("The request to {host} failed: {reason}.")]
    Other {
        /// Host and port.
        host: String,
        /// What is known.
        reason: String,
    },
}

impl NetError {
    /// Whether trying again later, unchanged, may help.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Dns { .. } | Self::Refused { .. } | Self::Timeout { .. } | Self::Reset { .. })
    }
}

/// Why a certificate or a handshake was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsReason {
    /// No trusted authority signed it (or an intermediate certificate is missing).
    UnknownIssuer,
    /// It is for other names.
    WrongName {
        /// The names it is for; empty where unknown.
        valid_for: Vec<String>,
    },
    /// Its time is over.
    Expired {
        /// Since when, where known.
        since: Option<Millis>,
    },
    /// Its time has not come.
    NotYetValid,
    /// Its authority withdrew it.
    Revoked,
    /// The other side does not speak TLS (plain HTTP on this port, for example).
    NotTls,
    /// Anything else.
    Other(String),
}

impl fmt::Display for TlsReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownIssuer => f.write_str(
                "its certificate is signed by an authority that is not trusted here (unknown issuer), \
                 or the server does not send the intermediate certificate",
            ),
            Self::WrongName { valid_for } if valid_for.is_empty() => f.write_str("its certificate is for another name"),
            Self::WrongName { valid_for } => write!(f, "its certificate is only valid for {}", valid_for.join(", ")),
            Self::Expired { .. } => f.write_str("its certificate has expired"),
            Self::NotYetValid => f.write_str("its certificate is not valid yet; compare the clocks of both machines"),
            Self::Revoked => f.write_str("its certificate was revoked"),
            Self::NotTls => f.write_str("the server does not speak TLS on this port"),
            Self::Other(reason) => f.write_str(reason),
        }
    }
}
