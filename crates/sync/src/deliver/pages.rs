//! Where people read about something: at the forge, and where that has no pages, here.

use forge::{Links, capabilities};
use store::ToldRepository;
use url::Url;

use crate::Engine;

/// The longest address that Jira takes (devinfo contract §3).
const LONGEST: usize = 2_000;

/// The pages of one repository.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pages<'a> {
    /// The repository's own, and how those below it are spelled.
    forge: Option<(&'a str, Links)>,
    /// Ours.
    public_url: Option<&'a Url>,
}

impl<'a> Pages<'a> {
    pub(super) fn of(engine: &'a Engine, repository: &'a ToldRepository) -> Self {
        let links = capabilities(repository.host_kind, &repository.host_url).links;
        let forge = repository.web_url.as_deref().filter(|url| is_address(url)).zip(links);
        Self { forge, public_url: engine.options().public_url.as_ref() }
    }

    /// The repository's page; the list of accounts in its place.
    pub(super) fn repository(&self) -> Option<String> {
        self.forge.map(|(url, _)| url.to_owned()).or_else(|| self.own(&["accounts"]))
    }

    /// The page of a commit.
    pub(super) fn commit(&self, id: &str, issue_key: &str) -> Option<String> {
        self.forge.map(|(url, links)| links.revision_url(url, id)).or_else(|| self.issue(issue_key))
    }

    /// The page of a branch; the very same text wherever it is named (devinfo contract §3, pull request).
    pub(super) fn branch(&self, name: &str, issue_key: &str) -> Option<String> {
        let at_forge = self.branch_at_forge(name);
        at_forge.or_else(|| self.issue(issue_key))
    }

    /// The page of a branch where the forge has one.
    pub(super) fn branch_at_forge(&self, name: &str) -> Option<String> {
        self.forge.map(|(url, links)| links.branch_url(url, name)).filter(|url| is_address(url))
    }

    /// The page on which a merge request from a branch can be opened.
    pub(super) fn new_merge_request(&self, branch: &str) -> Option<String> {
        self.forge.map(|(url, links)| links.new_merge_request_url(url, branch)).filter(|url| is_address(url))
    }

    /// The page of a merge request, as the forge tells it.
    pub(super) fn merge_request(&self, told: &str, issue_key: &str) -> Option<String> {
        if is_address(told) { Some(told.to_owned()) } else { self.issue(issue_key) }
    }

    /// The forge's icon.
    pub(super) fn icon(&self) -> Option<String> {
        let (page, _) = self.forge?;
        Url::parse(page).ok()?.join("/favicon.ico").ok().map(String::from)
    }

    fn issue(&self, key: &str) -> Option<String> {
        self.own(&["issues", key])
    }

    fn own(&self, segments: &[&str]) -> Option<String> {
        let mut url = self.public_url?.clone();
        url.set_query(None);
        url.set_fragment(None);
        url.path_segments_mut().ok()?.pop_if_empty().extend(segments);
        Some(url.into())
    }
}

/// Whether Jira takes it as an address.
fn is_address(text: &str) -> bool {
    text.len() <= LONGEST && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}
