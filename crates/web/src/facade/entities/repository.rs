//! Repositories.

use serde_json::{Value, json};
use store::Repository;

use super::super::caller::Caller;
use super::super::names;
use super::{Person, node_id, number, time, time_or_null};
use crate::view::forge_links;

/// How much of a repository is told.
#[derive(Debug, Clone, Default)]
pub struct Extent {
    /// The repository it was forked from, where the caller sees it.
    pub parent: Option<Value>,
}

/// The addresses that GitHub's schema requires, by what follows the repository's.
const ADDRESSES: [(&str, &str); 38] = [
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
    ("ssh_url", ""),
    ("git_url", ""),
];

/// What is counted at GitHub and not here.
const COUNTS: [&str; 10] = [
    "forks",
    "forks_count",
    "open_issues",
    "open_issues_count",
    "stargazers_count",
    "watchers",
    "watchers_count",
    "size",
    "network_count",
    "subscribers_count",
];

/// What GitHub's repositories have, and these are not seen to have.
const SWITCHES: [&str; 7] =
    ["has_issues", "has_projects", "has_wiki", "has_pages", "has_downloads", "has_discussions", "disabled"];

/// The JSON of a repository.
pub fn repository(caller: &Caller, repository: &Repository, owner: &Person, extent: Extent) -> Value {
    let name = names::name_of(&repository.path);
    let url = caller.api(&format!("/repos/{}/{name}", owner.login));
    let id = number(&repository.forge_id);
    let web_url = repository.web_url.as_deref().and_then(forge_links::safe).map(str::to_owned);
    let html_url = web_url.unwrap_or_else(|| format!("{}/{}", repository.host_url, repository.path));
    let changed_at = repository.last_activity_at.unwrap_or(repository.created_at);
    let mut object = json!({
        "id": id,
        "node_id": node_id("Repository", id),
        "name": name,
        "full_name": format!("{}/{name}", owner.login),
        "owner": owner.json(caller),
        "private": true,
        "visibility": "private",
        "html_url": html_url,
        "description": null,
        "fork": extent.parent.is_some(),
        "url": url,
        "clone_url": repository.git_url,
        "svn_url": html_url,
        "mirror_url": null,
        "homepage": null,
        "language": null,
        "license": null,
        "archived": repository.archived,
        "default_branch": repository.default_branch.as_deref().unwrap_or_default(),
        "pushed_at": time_or_null(repository.last_activity_at),
        "created_at": time(repository.created_at),
        "updated_at": time(changed_at),
    });
    for (key, tail) in ADDRESSES {
        object[key] = if tail.is_empty() { json!("") } else { json!(format!("{url}{tail}")) };
    }
    COUNTS.iter().for_each(|key| object[*key] = json!(0));
    SWITCHES.iter().for_each(|key| object[*key] = json!(false));
    if let Some(parent) = extent.parent {
        object["parent"] = parent;
    }
    object
}
