//! Addresses of a host and of what lies below it.

use url::{Position, Url};

use crate::{ForgeError, Problem};

/// An http(s) address as the root of a host, without query, fragment and slash at its end.
///
/// # Errors
/// [`Problem::NotAnAddress`] where it is something else.
pub fn root(url: &str) -> Result<Url, ForgeError> {
    let not_an_address = || ForgeError::from(Problem::NotAnAddress);
    let mut root = Url::parse(url.trim()).map_err(|_| not_an_address())?;
    if !matches!(root.scheme(), "http" | "https") || !root.has_host() {
        return Err(not_an_address());
    }
    root.set_query(None);
    root.set_fragment(None);
    let trimmed = root.path().trim_end_matches('/').to_owned();
    root.set_path(&trimmed);
    Ok(root)
}

/// `root` with segments appended, each percent-encoded.
pub fn below<'a>(root: &Url, segments: impl Iterator<Item = &'a &'a str>) -> Url {
    let mut url = root.clone();
    url.path_segments_mut().expect("an http address has a path").pop_if_empty().extend(segments);
    url
}

/// The name and the port of a host, as rate gates and errors name it.
pub fn host_and_port(url: &Url) -> String {
    url[Position::BeforeHost..Position::AfterPort].to_owned()
}

/// A redirect that is not followed.
pub fn redirected(from: &Url, location: Option<&str>) -> ForgeError {
    let to = location.and_then(|location| from.join(location).ok());
    let to = to.map(|to| to[..Position::AfterPath].to_owned()).unwrap_or_default();
    ForgeError::at(Problem::Network(net::NetError::Redirected { host: host_and_port(from), to }), from.path())
}

/// An address that is safe as a link: http(s), nothing else.
pub fn page(url: Option<&str>) -> Option<String> {
    let url = Url::parse(url?).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        assert_eq!(page(Some("https://h/a")).as_deref(), Some("https://h/a"));
        for url in ["javascript:alert(1)", "data:text/html,x", "/relative", "", "ftp://h/a"] {
            assert_eq!(page(Some(url)), None, "{url}");
        }
    }
}
