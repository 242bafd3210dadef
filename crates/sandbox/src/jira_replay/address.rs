//! The addresses that Jira makes of the Host URL, and what it loses on the way.

use url::Url;

use super::options::JiraOptions;
use super::sentences::Words;

/// Where GitHub Enterprise answers below its host.
pub(super) const PREFIX: &str = "/api/v3";

/// The host that somebody typed.
#[derive(Debug, Clone)]
pub(super) struct Host {
    /// The Host URL, its trailing slash cut.
    pub(super) url: String,
    /// Scheme and host, where [`PREFIX`] goes on: port and path are dropped.
    pub(super) api: String,
    /// What of the Host URL's path is kept in `api`.
    kept_path: String,
}

impl Host {
    /// Reads a Host URL.
    pub(super) fn parse(typed: &str, options: &JiraOptions) -> Result<Self, Words> {
        let text = typed.trim().strip_suffix('/').unwrap_or_else(|| typed.trim());
        let url = Url::parse(text).map_err(|_| Words::BadHostUrl)?;
        let host = url.host_str().filter(|_| matches!(url.scheme(), "http" | "https")).ok_or(Words::BadHostUrl)?;
        let port = url.port().filter(|_| options.keep_port).map(|port| format!(":{port}")).unwrap_or_default();
        let path = url.path().trim_end_matches('/');
        let kept_path = if options.keep_path { path.to_owned() } else { String::new() };
        let api = format!("{}://{host}{port}{kept_path}", url.scheme());
        Ok(Self { url: text.to_owned(), api, kept_path })
    }

    /// Where a person finds a repository.
    pub(super) fn repository(&self, account: &str, slug: &str) -> String {
        format!("{}/{account}/{slug}", self.url)
    }

    /// How the calls about pull requests name a repository: the first two segments of its address, whatever they are. A path in
    /// the Host URL takes their place.
    pub(super) fn first_two_segments(&self, account: &str, slug: &str) -> String {
        let address = self.repository(account, slug);
        let path = address.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
        let kept = self.kept_path.split('/').filter(|segment| !segment.is_empty()).count();
        let mut segments = path.split('/').filter(|segment| !segment.is_empty()).skip(kept);
        format!("{}/{}", segments.next().unwrap_or_default(), segments.next().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(typed: &str, change: impl FnOnce(&mut JiraOptions)) -> Result<Host, Words> {
        let mut options = JiraOptions::new("https://jira.example.com");
        change(&mut options);
        Host::parse(typed, &options)
    }

    #[test]
    fn port_and_path_are_dropped_where_jira_drops_them() {
        let host = host("https://git.example.com:8443/-/jira/", |_| {}).unwrap();
        assert_eq!(host.url, "https://git.example.com:8443/-/jira");
        assert_eq!(host.api, "https://git.example.com");
        assert_eq!(host.first_two_segments("acme", "widget"), "-/jira");
    }

    #[test]
    fn port_and_path_are_kept_on_demand() {
        let port = host("http://127.0.0.1:8080/-/jira", |options| options.keep_port = true).unwrap();
        assert_eq!(port.api, "http://127.0.0.1:8080");
        assert_eq!(port.first_two_segments("acme", "widget"), "-/jira");
        let path = host("http://127.0.0.1/-/jira", |options| options.keep_path = true).unwrap();
        assert_eq!(path.api, "http://127.0.0.1/-/jira");
        assert_eq!(path.first_two_segments("acme", "widget"), "acme/widget");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for typed in ["", "git.example.com", "ftp://git.example.com", "https://"] {
            assert_eq!(host(typed, |_| {}).unwrap_err(), Words::BadHostUrl, "{typed}");
        }
    }
}
