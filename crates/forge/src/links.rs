//! Addresses of a forge's pages, spelled from a repository's page.

use std::fmt::Write as _;

use model::ObjectId;

/// How a forge spells the addresses of its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Links {
    /// Between the repository's page and the commit's id (`/-/commit/`).
    pub commit: &'static str,
    /// Between the repository's page and the branch's name (`/-/tree/`).
    pub branch: &'static str,
    /// Between the repository's page and the branch that a new merge request shall come from.
    pub new_merge_request: &'static str,
    /// Behind that branch, before the branch that it shall go to, and before the id of the repository that this one is in;
    /// none where the page asks for them itself.
    pub target: Option<(&'static str, &'static str)>,
}

impl Links {
    /// The page of a commit, from its repository's page.
    #[must_use]
    pub fn commit_url(&self, repository_web_url: &str, id: &ObjectId) -> String {
        join(repository_web_url, self.commit, id.as_str())
    }

    /// The page of a commit, named by the beginning of its id; `id` has hexadecimal digits only.
    #[must_use]
    pub fn revision_url(&self, repository_web_url: &str, id: &str) -> String {
        join(repository_web_url, self.commit, &encoded(id, ""))
    }

    /// The page of a branch; slashes in its name stay slashes, everything else that an address cannot hold is encoded.
    #[must_use]
    pub fn branch_url(&self, repository_web_url: &str, branch: &str) -> String {
        join(repository_web_url, self.branch, &encoded(branch, "/"))
    }

    /// The page where a merge request from `source_branch` can be opened.
    #[must_use]
    pub fn new_merge_request_url(&self, repository_web_url: &str, source_branch: &str) -> String {
        join(repository_web_url, self.new_merge_request, &encoded(source_branch, ""))
    }

    /// The same, going to `target_branch`, of the repository with the forge's id `target_repository` if that is another one.
    #[must_use]
    pub fn merge_request_url(
        &self,
        repository_web_url: &str,
        source_branch: &str,
        target_branch: &str,
        target_repository: Option<&str>,
    ) -> String {
        let mut url = self.new_merge_request_url(repository_web_url, source_branch);
        if let Some((branch, repository)) = self.target {
            url = format!("{url}{branch}{}", encoded(target_branch, ""));
            if let Some(id) = target_repository {
                url = format!("{url}{repository}{}", encoded(id, ""));
            }
        }
        url
    }
}

fn join(repository_web_url: &str, between: &str, tail: &str) -> String {
    format!("{}{between}{tail}", repository_web_url.trim_end_matches('/'))
}

/// Percent-encodes everything but RFC 3986's unreserved characters and those in `kept`.
fn encoded(text: &str, kept: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if unreserved || kept.as_bytes().contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to a String never fails");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use crate::capabilities;
    use model::HostKind;

    const ID: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567";

    #[test]
    fn pages_of_gitlab_are_spelled_below_the_dash() {
        // given
        let links = capabilities(HostKind::Gitlab, "https://gitlab.com").links.unwrap();
        let repository = "https://gitlab.com/platform/api/";

        // then
        assert_eq!(
            links.commit_url(repository, &ID.parse().unwrap()),
            format!("https://gitlab.com/platform/api/-/commit/{ID}")
        );
        assert_eq!(
            links.branch_url(repository, "feature/PLAT-1"),
            "https://gitlab.com/platform/api/-/tree/feature/PLAT-1"
        );
    }

    #[test]
    fn pages_of_github_are_spelled_as_jira_spells_them() {
        // given
        let links = capabilities(HostKind::Github, "https://github.com").links.unwrap();
        let repository = "https://github.com/acme/api";

        // then
        assert_eq!(
            links.commit_url(repository, &ID.parse().unwrap()),
            format!("https://github.com/acme/api/commit/{ID}")
        );
        assert_eq!(links.branch_url(repository, "feature/ACME-1"), "https://github.com/acme/api/tree/feature/ACME-1");
        assert_eq!(
            links.new_merge_request_url(repository, "feature/ACME-1"),
            "https://github.com/acme/api/compare/feature%2FACME-1"
        );
    }

    #[test]
    fn a_new_merge_request_names_where_it_goes() {
        // given
        let links = capabilities(HostKind::Gitlab, "https://gitlab.com").links.unwrap();

        // when
        let here = links.merge_request_url("https://h/p", "a/b", "main", None);
        let there = links.merge_request_url("https://h/fork", "a", "main", Some("7"));

        // then
        let page = "-/merge_requests/new?merge_request%5Bsource_branch%5D=";
        assert_eq!(here, format!("https://h/p/{page}a%2Fb&merge_request%5Btarget_branch%5D=main"));
        assert_eq!(
            there,
            format!(
                "https://h/fork/{page}a&merge_request%5Btarget_branch%5D=main&merge_request%5Btarget_project_id%5D=7"
            )
        );
    }

    #[test]
    fn no_branch_name_escapes_its_place() {
        // given
        let links = capabilities(HostKind::Gitlab, "https://gitlab.com").links.unwrap();

        // when
        let tree = links.branch_url("https://h/p", "a#b?c%2F\"é");
        let new = links.new_merge_request_url("https://h/p", "a/b&c=d");

        // then
        assert_eq!(tree, "https://h/p/-/tree/a%23b%3Fc%252F%22%C3%A9");
        assert_eq!(new, "https://h/p/-/merge_requests/new?merge_request%5Bsource_branch%5D=a%2Fb%26c%3Dd");
    }
}
