//! What things are called at a Jira, so that it finds them again however they are renamed: ids of development information
//! (devinfo contract §4) and global ids of remote links.

use jira::limits;
use model::HostKind;
use model::secret::token_hash;

/// Digits that tell a host from others.
const HOST_DIGITS: usize = 12;
/// Digits that stand for what is too long, or cannot be written as it is.
const DIGITS: usize = 32;
/// The longest id of a repository that stands in a global id as it is.
const LONGEST: usize = 180;

/// A repository's id over all hosts: of the host's address and the forge's own id, which renames and moves keep.
pub(super) fn repository_id(kind: HostKind, host_url: &str, forge_id: &str) -> String {
    let host = format!("{kind} {}", host_url.trim_end_matches('/').to_ascii_lowercase());
    limits::repository_id(&digits(&host, HOST_DIGITS), forge_id)
}

/// The global id of a merge request's remote link; Jira takes 255 characters.
pub(super) fn merge_request_link(repository_id: &str, number: i64) -> String {
    format!("dovetail:{}:merge_request:{number}", short(repository_id))
}

/// The global id of a branch's remote link, however long its name is.
pub(super) fn branch_link(repository_id: &str, name: &str) -> String {
    format!("dovetail:{}:branch:{}", short(repository_id), digits(name, DIGITS))
}

fn short(repository_id: &str) -> String {
    if repository_id.len() <= LONGEST { repository_id.to_owned() } else { digits(repository_id, DIGITS) }
}

fn digits(text: &str, count: usize) -> String {
    token_hash(text).chars().take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_on_two_hosts_is_two_repositories() {
        let one = repository_id(HostKind::Gitlab, "https://a.example.com", "7");
        assert_ne!(one, repository_id(HostKind::Gitlab, "https://b.example.com", "7"));
        assert_ne!(one, repository_id(HostKind::Github, "https://a.example.com", "7"));
        assert_eq!(one, repository_id(HostKind::Gitlab, "https://A.example.com/", "7"));
        assert!(one.ends_with("-7"));
    }

    #[test]
    fn global_ids_fit_and_tell_branches_from_merge_requests() {
        let repository = repository_id(HostKind::Gitlab, "https://a.example.com", &"/9".repeat(400));
        let ids = [merge_request_link(&repository, i64::MAX), branch_link(&repository, &"x".repeat(10_000))];
        assert!(ids.iter().all(|id| id.len() <= 255), "{ids:?}");
        assert_ne!(branch_link("r", "1"), merge_request_link("r", 1));
        assert_ne!(branch_link("r", "a/b"), branch_link("r", "a-b"));
    }
}
