//! Which hosts an `applicationType` means.

use axum::http::StatusCode;
use store::Viewer;
use store::hosts::Host;

use crate::issue_key;
use crate::problem::Problem;
use crate::sentences;
use crate::state::AppState;

/// What `gitlabselfmanaged` is in Jira: one of two names for one kind of host, so either means any GitLab (design §8).
const ANY_GITLAB: [&str; 2] = ["gitlab", "gitlabselfmanaged"];

/// The hosts of this type that exist; none where the type is absent: all.
pub async fn hosts(state: &AppState, application_type: Option<&str>) -> Result<Option<Vec<Host>>, Problem> {
    let Some(wanted) = application_type.filter(|wanted| !wanted.is_empty()) else { return Ok(None) };
    let mut hosts = state.store().hosts().await?;
    hosts.retain(|host| matches(of_host(host), wanted));
    Ok(Some(hosts))
}

/// The type of a host in answers.
pub fn of_host(host: &Host) -> &'static str {
    sync::capabilities(host.kind, &host.url).application_type
}

fn matches(host_type: &str, wanted: &str) -> bool {
    let any_gitlab = |word: &str| ANY_GITLAB.iter().any(|gitlab| gitlab.eq_ignore_ascii_case(word));
    host_type.eq_ignore_ascii_case(wanted) || (any_gitlab(host_type) && any_gitlab(wanted))
}

/// The issue that a query names, by the key that it has now.
pub async fn issue_key(state: &AppState, written: Option<&str>) -> Result<String, Problem> {
    let key = written.map(issue_key::as_stored).filter(|key| !key.is_empty()).ok_or_else(|| {
        Problem::new(StatusCode::BAD_REQUEST, sentences::parameter_not_understood("issueKey is missing"))
    })?;
    Ok(state.store().present_key(&key).await?.unwrap_or(key))
}

/// A query over the hosts chosen.
pub fn query(viewer: Viewer, key: String, hosts: Option<&[Host]>) -> store::issues::IssueQuery {
    let host_ids = hosts.map(|hosts| hosts.iter().map(|host| host.id).collect());
    store::issues::IssueQuery { viewer, key, host_ids }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[rstest::rstest]
    #[case("gitlabselfmanaged", "GitLab", true)]
    #[case("gitlab", "gitlabselfmanaged", true)]
    #[case("gitlab", "GITLAB", true)]
    #[case("folder", "Folder", true)]
    #[case("folder", "gitlab", false)]
    #[case("gitlab", "github", false)]
    fn either_name_of_gitlab_means_any(#[case] host: &str, #[case] wanted: &str, #[case] matched: bool) {
        assert_eq!(matches(host, wanted), matched);
    }
}
