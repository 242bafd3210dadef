//! What speaks to which kind of host: the only place that asks for a [`HostKind`].

use model::hook::HookNews;
use model::secret::SecretString;
use model::{HostKind, Millis};
use url::Url;

use crate::oauth::Endpoints;
use crate::{Capabilities, ClientOptions, Forge, ForgeError, HookFault, Problem, folder, gitlab, hook};

/// What a host of this kind at this address can do, without asking it.
#[must_use]
pub fn capabilities(kind: HostKind, url: &str) -> Capabilities {
    match kind {
        HostKind::Gitlab => gitlab::capabilities(url),
        HostKind::Folder => folder::capabilities(),
        HostKind::Github => unsupported(),
    }
}

/// A client of the host that `options` name.
///
/// # Errors
/// [`Problem::Unsupported`] for a kind that nothing here speaks to, [`Problem::NotAnAddress`].
pub fn client(options: ClientOptions) -> Result<Box<dyn Forge>, ForgeError> {
    match options.kind {
        HostKind::Gitlab => Ok(Box::new(gitlab::Gitlab::new(options)?)),
        HostKind::Folder => Ok(Box::new(folder::Folder::new(options)?)),
        kind @ HostKind::Github => Err(Problem::Unsupported(kind).into()),
    }
}

/// Which of `candidates` (an address and its relative roots, most likely first) is such a host.
///
/// # Errors
/// [`Problem::NotGitlab`] when something else answers at all of them, [`Problem::Network`] when nothing does,
/// [`Problem::FolderMissing`] and [`Problem::FolderUnreadable`] for a folder.
pub async fn probe<S: AsRef<str> + Sync>(
    kind: HostKind,
    candidates: &[S],
    http: &net::Client,
) -> Result<String, ForgeError> {
    match kind {
        HostKind::Gitlab => gitlab::probe::probe(candidates, http).await,
        HostKind::Folder => folder::probe::probe(candidates).await,
        HostKind::Github => Err(Problem::Unsupported(kind).into()),
    }
}

/// Where a host of this kind hands out tokens; none where it has no OAuth.
pub(crate) fn oauth_endpoints(kind: HostKind, url: &Url) -> Option<Endpoints> {
    match kind {
        HostKind::Gitlab => Some(gitlab::oauth::endpoints(url)),
        HostKind::Folder | HostKind::Github => None,
    }
}

/// What a call of a hook asks for. `event` is what the forge's header calls it (`X-Gitlab-Event`), empty where it sent
/// none; `body` may be anything.
///
/// # Errors
/// [`HookFault`], where the body is not what the forge's documentation promises.
pub fn hook_news(kind: HostKind, event: &str, body: &[u8]) -> Result<HookNews, HookFault> {
    match kind {
        HostKind::Gitlab => gitlab::hook::news(event, body),
        HostKind::Folder | HostKind::Github => Err(HookFault::Unsupported(kind)),
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
        HostKind::Folder | HostKind::Github => false,
    }
}

/// What is the same for every repetition of one call, and another for every other: at most 200 characters of visible
/// ASCII. `headers` gives a header by its name in lower case.
#[must_use]
pub fn hook_delivery_key(kind: HostKind, headers: &dyn Fn(&str) -> Option<String>, body: &[u8]) -> String {
    match kind {
        HostKind::Gitlab => gitlab::hook::delivery_key(headers, body),
        HostKind::Folder | HostKind::Github => hook::digest(body),
    }
}

/// GitHub is a word of the store already, but nothing speaks to it yet.
fn unsupported() -> Capabilities {
    Capabilities {
        merge_requests: false,
        statistics: false,
        oauth: false,
        hooks: false,
        group_merge_requests: false,
        title: "GitHub Enterprise",
        application_type: "githube",
        links: None,
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
            assert!(capabilities.hooks && capabilities.group_merge_requests);
        }
    }

    #[test]
    fn a_folder_has_no_pages_and_no_merge_requests() {
        // when
        let folder = capabilities(HostKind::Folder, "/srv/git");

        // then
        assert_eq!((folder.title, folder.application_type), ("Git folder", "folder"));
        assert!(!folder.merge_requests && !folder.oauth && folder.statistics && folder.links.is_none());
        assert!(!folder.hooks && !folder.group_merge_requests);
    }
}
