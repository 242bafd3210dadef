//! All sentences about a server that cannot be talked to, and the server's own words.

use std::fmt;

use http::StatusCode;
use net::NetError;
use serde::Deserialize;
use url::Url;

use crate::explain::harmless;

/// An error of the server (RFC 9457): what happened, the likely cause, what to do.
#[derive(Debug, Deserialize)]
pub struct Problem {
    title: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    remedy: String,
}

/// What happened, the likely cause, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    happened: String,
    cause: String,
    remedy: String,
}

impl Sentence {
    /// Three sentences; the latter two may be empty.
    pub fn new(happened: impl Into<String>, cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { happened: happened.into(), cause: cause.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&harmless(&self.happened))?;
        if !self.cause.is_empty() {
            write!(f, "\n  likely cause: {}", harmless(&self.cause))?;
        }
        if !self.remedy.is_empty() {
            write!(f, "\n  what to do: {}", harmless(&self.remedy))?;
        }
        Ok(())
    }
}

impl std::error::Error for Sentence {}

/// The server's own words.
impl From<Problem> for Sentence {
    fn from(problem: Problem) -> Self {
        Self::new(problem.title, problem.detail, problem.remedy)
    }
}

/// The server cannot be talked to.
pub fn unreachable(server: &Url, error: &NetError) -> Sentence {
    let (cause, remedy) = match error {
        NetError::Refused { .. } => (
            "Dovetail is not running there, or listens on another address or port.",
            "Start it with `dovetail serve`, or name its address by --server or DOVETAIL_SERVER.",
        ),
        NetError::Dns { .. } => (
            "The address is mistyped, or the name is only known in another network.",
            "Check --server or DOVETAIL_SERVER.",
        ),
        NetError::Tls { .. } => (
            "The server's certificate is of an authority that this machine does not know, or the address is not the one it is for.",
            "Name the authority's file by DOVETAIL_NETWORK_CA_BUNDLE, or correct --server.",
        ),
        NetError::Redirected { .. } => (
            "The server is known by another address, or a proxy before it sends http to https.",
            "Name the address that it redirects to by --server or DOVETAIL_SERVER.",
        ),
        NetError::Timeout { .. } | NetError::Reset { .. } => (
            "The server is overloaded or restarting, or something between here and there drops connections.",
            "Try again in a minute; if it stays so, look at the server's log.",
        ),
        _ => (
            "Something between here and there does not let it through.",
            "Check --server, and proxies in DOVETAIL_NETWORK_PROXY and the environment.",
        ),
    };
    Sentence::new(format!("Dovetail at {server} did not answer: {error}"), cause, remedy)
}

/// Something answers that is no Dovetail.
pub fn not_dovetail(server: &Url, status: StatusCode) -> Sentence {
    Sentence::new(
        format!("What answers at {server} is not Dovetail's REST API (status {}).", status.as_u16()),
        "The address is another program's, or lacks the path below which Dovetail lives, or a proxy answers in its place.",
        "Open the address in a browser; it should show Dovetail. Correct --server or DOVETAIL_SERVER.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_tells_what_happened_why_and_what_to_do() {
        let server: Url = "https://dovetail.example.com/".parse().unwrap();
        let host = || "dovetail.example.com".to_owned();
        let refused = Problem {
            title: "This needs a token.".to_owned(),
            detail: "None was sent.".to_owned(),
            remedy: "Make one.".to_owned(),
        };
        let all: [Sentence; 8] = [
            unreachable(&server, &NetError::Refused { host: host() }),
            unreachable(&server, &NetError::Dns { host: host() }),
            unreachable(&server, &NetError::Tls { host: host(), reason: net::TlsReason::UnknownIssuer }),
            unreachable(&server, &NetError::Redirected { host: host(), to: "https://tools.example.com/".to_owned() }),
            unreachable(&server, &NetError::Timeout { host: host() }),
            unreachable(&server, &NetError::Private { host: host() }),
            not_dovetail(&server, StatusCode::NOT_FOUND),
            refused.into(),
        ];
        let text: Vec<String> = all.iter().map(ToString::to_string).collect();

        insta::assert_snapshot!(text.join("\n\n"));
    }
}
