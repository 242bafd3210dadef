//! The step `name`: which addresses the host has.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use url::Url;

use super::sentences;
use super::{NAME, Stage};
use crate::Network;
use crate::address::{host_name, is_private, literal};
use crate::proxy::Route;
use crate::resolver::look_up;

/// How long a resolver may take; those of systems try for about that long.
const LIMIT: Duration = Duration::from_secs(12);
/// A resolver that takes longer deserves a warning.
const SLOW: Duration = Duration::from_secs(3);
/// How many addresses are shown.
const SHOWN: usize = 16;

/// Why a name has no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unresolved {
    /// There is no such name.
    NoSuchName,
    /// The name exists and has no address.
    NoAddress,
    /// The servers that should know did not answer.
    NoAnswer,
    /// The system does not say.
    Unknown,
}

/// The step, and the addresses that may be called: none where a proxy resolves.
pub async fn resolve(network: &Network, url: &Url, route: &Route) -> (Stage, Option<Vec<SocketAddr>>) {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or(443);
    if let Some(address) = literal(url) {
        if !network.allow_private && is_private(address) {
            return (sentences::private_address(&host_name(url)).failed(NAME), None);
        }
        return (Stage::passed(NAME, sentences::literal_address(address)), Some(vec![SocketAddr::new(address, port)]));
    }
    if let Route::Through(hop) = route
        && !hop.resolves_here()
    {
        return (Stage::skipped(NAME, sentences::proxy_resolves(&hop.name(), host)), Some(Vec::new()));
    }
    let started = Instant::now();
    let found = match tokio::time::timeout(LIMIT, look_up(host, port)).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => return (sentences::unresolved(host, classify(&error)).failed(NAME), None),
        Err(_) => return (sentences::unresolved(host, Unresolved::NoAnswer).failed(NAME), None),
    };
    judge(network, host, &found, started.elapsed())
}

fn judge(network: &Network, host: &str, found: &[SocketAddr], took: Duration) -> (Stage, Option<Vec<SocketAddr>>) {
    // The client makes the same exception for a proxy's own name.
    let is_proxy = network.proxy.as_ref().and_then(Url::host_str) == Some(host);
    let allowed = |address: &SocketAddr| network.allow_private || is_proxy || !is_private(address.ip());
    let lines: Vec<String> = found
        .iter()
        .take(SHOWN)
        .map(|address| sentences::address_line(address.ip(), is_private(address.ip()), allowed(address)))
        .collect();
    let usable: Vec<SocketAddr> = found.iter().copied().filter(allowed).collect();
    let stage = if found.is_empty() {
        sentences::unresolved(host, Unresolved::NoAddress).failed(NAME)
    } else if usable.is_empty() {
        sentences::private_address(host).failed(NAME)
    } else if took > SLOW {
        sentences::slow_names(host, found.len(), took.as_secs()).warning(NAME)
    } else {
        Stage::passed(NAME, sentences::resolved(host, found))
    };
    (stage.with_details(lines), Some(usable).filter(|usable| !usable.is_empty()))
}

/// The system's resolver tells its reasons as text alone (`gai_strerror` of glibc, musl and the BSDs).
pub fn classify(error: &io::Error) -> Unresolved {
    let text = error.to_string().to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if says(&["name or service not known", "nodename nor servname", "name does not resolve", "no such host is known"]) {
        Unresolved::NoSuchName
    } else if says(&["no address associated", "name has no usable address", "no data"]) {
        Unresolved::NoAddress
    } else if says(&["temporary failure", "try again", "timed out"]) {
        Unresolved::NoAnswer
    } else {
        Unresolved::Unknown
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use super::{Unresolved, classify, judge};
    use crate::Network;
    use crate::check::Verdict;

    #[test]
    fn a_name_that_does_not_exist_is_told_from_servers_that_do_not_answer() {
        let told = |text: &str| classify(&io::Error::other(format!("failed to lookup address information: {text}")));
        assert_eq!(told("Name or service not known"), Unresolved::NoSuchName);
        assert_eq!(told("No address associated with hostname"), Unresolved::NoAddress);
        assert_eq!(told("Temporary failure in name resolution"), Unresolved::NoAnswer);
        assert_eq!(told("System error"), Unresolved::Unknown);
    }

    #[test]
    fn only_addresses_that_may_be_called_are_used() {
        let network = Network { allow_private: false, ..Network::default() };
        let found = ["10.0.0.1:443", "93.184.215.14:443", "[fd00::1]:443"].map(|text| text.parse().unwrap());

        let (stage, usable) = judge(&network, "git.corp", &found, Duration::ZERO);

        assert_eq!((stage.verdict, usable), (Verdict::Passed, Some(vec![found[1]])));
        assert_eq!(
            stage.details,
            [
                "10.0.0.1 (IPv4, private: not called, as `network.allow_private` is false)",
                "93.184.215.14 (IPv4)",
                "fd00::1 (IPv6, private: not called, as `network.allow_private` is false)",
            ]
        );
        assert_eq!(judge(&network, "git.corp", &found[..1], Duration::ZERO).0.verdict, Verdict::Failed);
        assert_eq!(judge(&network, "git.corp", &found, Duration::from_secs(4)).0.verdict, Verdict::Warning);
    }
}
