//! Links to pages of a forge. A repository without a page (a folder) has none.

use model::{HostKind, ObjectId};
use store::issues::RepositoryRef;

/// An address from outside as a link: only http and https, so that no script hides in it.
pub fn safe(url: &str) -> Option<&str> {
    let lower = url.get(..8.min(url.len()))?.to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://")).then_some(url)
}

/// The page of a commit.
pub fn commit(repository: &RepositoryRef, object_id: &ObjectId) -> Option<String> {
    Some(commits(repository)?.page(object_id))
}

/// Where the pages of a repository's commits are, for many of them.
pub fn commits(repository: &RepositoryRef) -> Option<Commits<'_>> {
    let (links, page) = links(repository)?;
    Some(Commits { links, page })
}

/// The pages of a repository's commits.
pub struct Commits<'a> {
    links: sync::Links,
    page: &'a str,
}

impl Commits<'_> {
    /// The page of one.
    pub fn page(&self, object_id: &ObjectId) -> String {
        self.links.commit_url(self.page, object_id)
    }
}

/// The page of a branch.
pub fn branch(repository: &RepositoryRef, name: &str) -> Option<String> {
    let (links, page) = links(repository)?;
    Some(links.branch_url(page, name))
}

/// The page where a merge request from a branch can be opened.
pub fn new_merge_request(repository: &RepositoryRef, branch: &str) -> Option<String> {
    let (links, page) = links(repository)?;
    Some(links.new_merge_request_url(page, branch))
}

fn links(repository: &RepositoryRef) -> Option<(sync::Links, &str)> {
    let links = sync::capabilities(repository.host_kind, &repository.host_url).links?;
    Some((links, safe(repository.web_url.as_deref()?)?))
}

/// The host's name on pages ("GitLab Self-Managed"), and where it is ("gitlab.example.com").
pub fn host_title(kind: HostKind, url: &str) -> (&'static str, String) {
    let title = sync::capabilities(kind, url).title;
    let place = url::Url::parse(url).ok().and_then(|url| url.host_str().map(|host| (host.to_owned(), url.port())));
    let place = match place {
        Some((host, Some(port))) => format!("{host}:{port}"),
        Some((host, None)) => host,
        None => String::new(),
    };
    (title, place)
}

/// What people call the maker of a host: "GitLab", whoever runs it.
pub fn brand(kind: HostKind, url: &str) -> &'static str {
    let title = sync::capabilities(kind, url).title;
    title.split_once(' ').map_or(title, |(brand, _)| brand)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("https://gitlab.example.com/a", true)]
    #[case("HTTP://gitlab.example.com/a", true)]
    #[case("javascript:alert(1)", false)]
    #[case("data:text/html,x", false)]
    #[case("//evil.example.com", false)]
    #[case("é", false)]
    #[case("", false)]
    fn only_web_addresses_are_links(#[case] url: &str, #[case] link: bool) {
        assert_eq!(safe(url).is_some(), link);
    }
}
