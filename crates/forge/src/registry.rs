//! What speaks to which kind of host: the only place that asks for a [`HostKind`].

use model::HostUrl;
use model::hook::HookNews;
use model::host_url::{HostUrlError, Parsed};
use model::secret::SecretString;
use model::{HostKind, Millis};
use url::Url;

use crate::oauth::Endpoints;
use crate::{Capabilities, ClientOptions, Forge, ForgeError, HookFault, folder, github, gitlab, hook};

/// What a host of this kind at this address can do, without asking it.
#[must_use]
pub fn capabilities(kind: HostKind, url: &str) -> Capabilities {
    match kind {
        HostKind::Gitlab => gitlab::capabilities(url),
        HostKind::Folder => folder::capabilities(),
        HostKind::Github => github::capabilities(url),
    }
}

/// A client of the host that `options` name.
///
/// # Errors
/// [`crate::Problem::NotAnAddress`], [`crate::Problem::FolderMissing`].
pub fn client(options: ClientOptions) -> Result<Box<dyn Forge>, ForgeError> {
    match options.kind {
        HostKind::Gitlab => Ok(Box::new(gitlab::Gitlab::new(options)?)),
        HostKind::Folder => Ok(Box::new(folder::Folder::new(options)?)),
        HostKind::Github => Ok(Box::new(github::Github::new(options)?)),
    }
}

/// The address of a host as somebody typed it. A path that belongs to the host's own language stays: an old GitLab speaks
/// GitHub's below `/-/jira`.
///
/// # Errors
/// [`HostUrlError`].
pub fn host_url(kind: HostKind, typed: &str) -> Result<Parsed, HostUrlError> {
    match kind {
        HostKind::Github => HostUrl::parse_keeping(typed, &github::JIRA),
        HostKind::Gitlab | HostKind::Folder => HostUrl::parse(typed),
    }
}

/// Which of `candidates` (an address and its relative roots, most likely first) is such a host.
///
/// # Errors
/// [`crate::Problem::NotGitlab`] or [`crate::Problem::NotGithub`] when something else answers at all of them,
/// [`crate::Problem::Network`] when nothing does, [`crate::Problem::FolderMissing`] and
/// [`crate::Problem::FolderUnreadable`] for a folder.
pub async fn probe<S: AsRef<str> + Sync>(
    kind: HostKind,
    candidates: &[S],
    http: &net::Client,
) -> Result<String, ForgeError> {
    match kind {
        HostKind::Gitlab => gitlab::probe::probe(candidates, http).await,
        HostKind::Folder => folder::probe::probe(candidates).await,
        HostKind::Github => github::probe::probe(candidates, http).await,
    }
}

/// Where a host of this kind hands out tokens; none where it has no OAuth.
pub(crate) fn oauth_endpoints(kind: HostKind, url: &Url) -> Option<Endpoints> {
    match kind {
        HostKind::Gitlab => Some(gitlab::oauth::endpoints(url)),
        HostKind::Github => Some(github::oauth::endpoints(url)),
        HostKind::Folder => None,
    }
}

/// What the forge's header calls a call of a hook; empty where it sent none. `headers` gives a header by its name in lower
/// case.
#[must_use]
pub fn hook_event(kind: HostKind, headers: &dyn Fn(&str) -> Option<String>) -> String {
    let name = match kind {
        HostKind::Gitlab => "x-gitlab-event",
        HostKind::Github => "x-github-event",
        HostKind::Folder => return String::new(),
    };
    headers(name).unwrap_or_default()
}

/// What a call of a hook asks for. `event` is what [`hook_event`] told of it, `body` may be anything.
///
/// # Errors
/// [`HookFault`], where the body is not what the forge's documentation promises.
pub fn hook_news(kind: HostKind, event: &str, body: &[u8]) -> Result<HookNews, HookFault> {
    match kind {
        HostKind::Gitlab => gitlab::hook::news(event, body),
        HostKind::Github => github::hook::news(event, body),
        HostKind::Folder => Err(HookFault::Unsupported(kind)),
    }
}

/// Whether a call of a hook comes from who knows the `secret`. `headers` gives a header by its name in lower case.
#[must_use]
pub fn hook_verify(
    kind: HostKind,
    headers: &dyn Fn(&str) -> Option<String>,
    body: &[u8],
    secret: &SecretString,
    now: Millis,
) -> bool {
    match kind {
        HostKind::Gitlab => gitlab::hook::verify(headers, body, secret, now),
        HostKind::Github => github::hook::verify(headers, body, secret),
        HostKind::Folder => false,
    }
}

/// What is the same for every repetition of one call, and another for every other: at most 200 characters of visible
/// ASCII. `headers` gives a header by its name in lower case.
#[must_use]
pub fn hook_delivery_key(kind: HostKind, headers: &dyn Fn(&str) -> Option<String>, body: &[u8]) -> String {
    match kind {
        HostKind::Gitlab => gitlab::hook::delivery_key(headers, body),
        HostKind::Github => github::hook::delivery_key(headers, body),
        HostKind::Folder => hook::digest(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_a_gitlab_tells_gitlab_com_from_the_others() {
        // given
        let cases = [
            ("https://gitlab.com", "GitLab", "gitlab"),
            ("https://GitLab.com/", "GitLab", "gitlab"),
            ("https://git.example.com/gitlab", "GitLab Self-Managed", "gitlabselfmanaged"),
            ("https://gitlab.com.example.org", "GitLab Self-Managed", "gitlabselfmanaged"),
            ("http://127.0.0.1:8081", "GitLab Self-Managed", "gitlabselfmanaged"),
        ];

        for (url, title, application_type) in cases {
            // when
            let capabilities = capabilities(HostKind::Gitlab, url);

            // then
            assert_eq!((capabilities.title, capabilities.application_type), (title, application_type), "{url}");
            assert!(capabilities.merge_requests && capabilities.oauth && capabilities.statistics);
            assert!(capabilities.hooks && capabilities.group_merge_requests && capabilities.commit_comments);
        }
    }

    #[test]
    fn the_type_of_a_github_tells_github_com_from_the_others() {
        // given
        let cases = [
            ("https://github.com", "GitHub", "github"),
            ("https://GitHub.com/", "GitHub", "github"),
            ("https://git.example.com", "GitHub Enterprise", "githube"),
            ("https://gitlab.example.com/-/jira", "GitHub Enterprise", "githube"),
            ("https://github.com.example.org", "GitHub Enterprise", "githube"),
        ];

        for (url, title, application_type) in cases {
            // when
            let capabilities = capabilities(HostKind::Github, url);

            // then
            assert_eq!((capabilities.title, capabilities.application_type), (title, application_type), "{url}");
            assert!(capabilities.merge_requests && capabilities.oauth && capabilities.statistics && capabilities.hooks);
            assert!(!capabilities.group_merge_requests, "GitHub lists pull requests by repository alone");
        }
    }

    #[test]
    fn the_path_of_an_old_gitlabs_facade_belongs_to_a_github_alone() {
        // when
        let github = host_url(HostKind::Github, "https://git.example.com/-/jira/").unwrap().url;
        let gitlab = host_url(HostKind::Gitlab, "https://git.example.com/-/jira/").unwrap().url;

        // then
        assert_eq!(github.as_str(), "https://git.example.com/-/jira");
        assert_eq!(gitlab.as_str(), "https://git.example.com");
    }

    #[test]
    fn commits_can_be_commented_at_github_and_not_in_gitlabs_copy_of_its_language() {
        let can = |url: &str| capabilities(HostKind::Github, url).commit_comments;
        assert!(can("https://github.com") && can("https://git.example.com/code"));
        assert!(!can("https://git.example.com/-/jira"));
    }

    #[test]
    fn a_folder_has_no_pages_and_no_merge_requests() {
        // when
        let folder = capabilities(HostKind::Folder, "/srv/git");

        // then
        assert_eq!((folder.title, folder.application_type), ("Git folder", "folder"));
        assert!(!folder.merge_requests && !folder.oauth && folder.statistics && folder.links.is_none());
        assert!(!folder.hooks && !folder.group_merge_requests && !folder.commit_comments);
    }
}
