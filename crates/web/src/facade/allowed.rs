//! Where browsers may be sent back to, and which web hooks may be called: prefixes of addresses.

use std::str::FromStr;

use url::Url;

/// A prefix of addresses: scheme, host, port, and a path up to the border of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedRedirect(Url);

/// A text that is no such prefix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not the beginning of an address: expected something like https://jira.example.com/ without user, query and fragment"
)]
pub struct InvalidAllowedRedirect;

impl AllowedRedirect {
    /// Whether `address` begins with it. One that carries a user or a fragment never does.
    #[must_use]
    pub fn covers(&self, address: &Url) -> bool {
        let same_server = self.0.scheme() == address.scheme()
            && self.0.host() == address.host()
            && self.0.port_or_known_default() == address.port_or_known_default();
        same_server && is_plain(address) && address.fragment().is_none() && self.covers_path(address.path())
    }

    /// The prefix.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    fn covers_path(&self, path: &str) -> bool {
        let prefix = self.0.path().trim_end_matches('/');
        // A parser behind the address may read an encoded dot or slash as a real one.
        let lower = path.to_ascii_lowercase();
        let tricky = ["%2e", "%2f", "%5c", "\\"].iter().any(|part| lower.contains(part));
        let rest = path.strip_prefix(prefix);
        (prefix.is_empty() || !tricky) && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl FromStr for AllowedRedirect {
    type Err = InvalidAllowedRedirect;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text.trim()).map_err(|_| InvalidAllowedRedirect)?;
        let well_formed = matches!(url.scheme(), "http" | "https")
            && url.host().is_some()
            && is_plain(&url)
            && url.query().is_none()
            && url.fragment().is_none();
        if well_formed { Ok(Self(url)) } else { Err(InvalidAllowedRedirect) }
    }
}

/// Whether it carries no user and no password.
fn is_plain(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("https://jira.example.com/", "https://jira.example.com/secure/admin/x.jspa?a=b", true)]
    #[case("https://jira.example.com", "https://JIRA.example.com:443/", true)]
    #[case("https://example.com/jira", "https://example.com/jira", true)]
    #[case("https://example.com/jira", "https://example.com/jira?x=1", true)]
    #[case("https://example.com/jira/", "https://example.com/jira/secure", true)]
    #[case("https://example.com/jira", "https://example.com/jirate", false)]
    #[case("https://example.com/jira", "https://example.com/jira/../evil", false)]
    #[case("https://example.com/jira", "https://example.com/jira/%2e%2e/evil", false)]
    #[case("https://example.com/jira", "https://example.com/jira/..%2Fevil", false)]
    #[case("https://jira.example.com/", "http://jira.example.com/", false)]
    #[case("https://jira.example.com/", "https://jira.example.com:8443/", false)]
    #[case("https://jira.example.com/", "https://jira.example.com.evil.example/", false)]
    #[case("https://jira.example.com/", "https://jira.example.com@evil.example/", false)]
    #[case("https://jira.example.com/", "https://user@jira.example.com/", false)]
    #[case("https://jira.example.com/", "https://jira.example.com/#x", false)]
    fn a_prefix_ends_at_the_border_of_a_segment(#[case] prefix: &str, #[case] address: &str, #[case] covered: bool) {
        let prefix: AllowedRedirect = prefix.parse().unwrap();

        assert_eq!(prefix.covers(&Url::parse(address).unwrap()), covered);
    }

    #[rstest::rstest]
    #[case("jira.example.com")]
    #[case("ftp://jira.example.com/")]
    #[case("https://user:secret@jira.example.com/")]
    #[case("https://jira.example.com/?x=1")]
    #[case("https://jira.example.com/#x")]
    #[case("*")]
    #[case("")]
    fn nonsense_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<AllowedRedirect>(), Err(InvalidAllowedRedirect));
    }
}
