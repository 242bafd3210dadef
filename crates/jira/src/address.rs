//! Addresses of a Jira and of what lies below it.

use url::{Position, Url};

use crate::{JiraError, Problem, sentences};

/// An address as the root of a site: without user, query, fragment and slash at its end.
pub fn root(url: &Url) -> Url {
    let mut root = url.clone();
    // Fails only for addresses that cannot have a user at all.
    let _ = root.set_username("");
    let _ = root.set_password(None);
    root.set_query(None);
    root.set_fragment(None);
    if !root.cannot_be_a_base() {
        let trimmed = root.path().trim_end_matches('/').to_owned();
        root.set_path(&trimmed);
    }
    root
}

/// `root` with segments appended, each percent-encoded. (Appended, as a site may live below a path.)
///
/// # Errors
/// [`Problem::NotJira`] where the root is no address of the web.
pub fn below(root: &Url, segments: &[&str]) -> Result<Url, JiraError> {
    let not_an_address = || JiraError::told(Problem::NotJira, sentences::not_an_address());
    if !matches!(root.scheme(), "http" | "https") {
        return Err(not_an_address());
    }
    let mut url = root.clone();
    // Steps through folders would be left out, and what stands above them be meant: a sign that nothing is called takes their place.
    let segments = segments.iter().map(|segment| match *segment {
        "" | "." | ".." => "%",
        segment => segment,
    });
    url.path_segments_mut().map_err(|()| not_an_address())?.pop_if_empty().extend(segments);
    Ok(url)
}

/// The name and the port of a host, as rate gates name it.
pub fn host_and_port(url: &Url) -> String {
    url[Position::BeforeHost..Position::AfterPort].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_encoded_and_the_context_path_stays() {
        let root = root(&"https://user:word@jira.corp/context/?x=1#y".parse().unwrap());
        assert_eq!(root.as_str(), "https://jira.corp/context");
        let url = below(&root, &["rest", "issue", "A/../B?x#y ä"]).unwrap();
        assert_eq!(url.as_str(), "https://jira.corp/context/rest/issue/A%2F..%2FB%3Fx%23y%20%C3%A4");
        for step in ["..", ".", ""] {
            let step = below(&root, &["rest", "issue", step]).unwrap();
            assert_eq!(step.as_str(), "https://jira.corp/context/rest/issue/%25");
        }
    }

    #[test]
    fn only_addresses_of_the_web_have_something_below() {
        for url in ["mailto:a@b.example.com", "file:///etc", "data:text/plain,x"] {
            assert_eq!(below(&root(&url.parse().unwrap()), &["x"]).unwrap_err().problem, Problem::NotJira, "{url}");
        }
    }
}
