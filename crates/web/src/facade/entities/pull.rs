//! Merge requests, which GitHub calls pull requests.

use model::MergeRequestState;
use serde_json::{Value, json};
use store::Repository;
use store::facade::FacadePull;

use super::super::caller::Caller;
use super::super::names;
use super::{Extent, Person, joined, node_id, number, repository, time, time_or_null};
use crate::view::forge_links;

/// What stands for a commit where there is none.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// The repository that merge requests go to, drawn once for all of them.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its path below REST v3.
    pub base: String,
    /// Its owner.
    pub owner: Person,
    /// Its JSON.
    pub json: Value,
    /// Its page at the forge.
    web_url: String,
}

impl Target {
    /// The target `repository` of merge requests, owned by `owner`.
    pub fn new(caller: &Caller, target: &Repository, owner: Person) -> Self {
        let json = repository(caller, target, &owner, Extent::default());
        Self {
            base: format!("/repos/{}/{}", owner.login, names::name_of(&target.path)),
            web_url: json["html_url"].as_str().unwrap_or_default().to_owned(),
            owner,
            json,
        }
    }
}

/// The JSON of a merge request. Its number is its id over all repositories, as it was at GitLab; `commits` are how many it
/// has, where that is told. How many lines and files it changes is not known here, and left out.
pub fn pull(caller: &Caller, target: &Target, pull: &FacadePull, commits: Option<i64>) -> Value {
    let known = &pull.merge_request;
    let id = number(&known.forge_id);
    let at = |tail: &str| caller.api(&format!("{}{tail}", target.base));
    let url = at(&format!("/pulls/{id}"));
    let html_url = forge_links::safe(&known.web_url).unwrap_or(&target.web_url);
    let head = known.head.as_ref().map_or(NO_COMMIT, |head| head.as_str());
    let (issue_url, commits_url) = (at(&format!("/issues/{id}")), format!("{url}/commits"));
    let (reviews_url, comments_url) = (format!("{url}/comments"), format!("{issue_url}/comments"));
    let (review_url, statuses_url) = (at("/pulls/comments{/number}"), at(&format!("/statuses/{head}")));
    let merged = known.state == MergeRequestState::Merged;
    let link = |href: &str| json!({ "href": href });
    let reviewers: Vec<Value> =
        known.reviewers.iter().map(|reviewer| Person::user(&reviewer.user).json(caller)).collect();
    let facts = json!({
        "id": id,
        "node_id": node_id("PullRequest", id),
        "number": id,
        "state": if known.state == MergeRequestState::Open { "open" } else { "closed" },
        "title": known.title,
        "body": known.description,
        "draft": known.draft,
        "locked": false,
        "merged": merged,
        "user": Person::user(&known.author).json(caller),
        // Jira looks for a reviewer nowhere else; who is to do it is not kept.
        "assignee": reviewers.first(),
        "assignees": reviewers,
        "merged_by": null,
        "requested_reviewers": reviewers,
        "requested_teams": [],
        "labels": [],
        "milestone": null,
        "auto_merge": null,
        "author_association": "NONE",
        "mergeable": null,
        "mergeable_state": "unknown",
        "maintainer_can_modify": false,
        "merge_commit_sha": known.merge_commit.as_ref().or(known.squash_commit.as_ref()),
        "created_at": time(known.created_at),
        "updated_at": time(known.updated_at),
        "merged_at": time_or_null(known.merged_at.or(merged.then_some(known.updated_at))),
        "closed_at": time_or_null(closed_at(pull)),
        "comments": known.comment_count,
        "review_comments": 0,
    });
    let addresses = json!({
        "url": url,
        "html_url": html_url,
        "diff_url": format!("{html_url}.diff"),
        "patch_url": format!("{html_url}.patch"),
        "issue_url": issue_url,
        "commits_url": commits_url,
        "review_comments_url": reviews_url,
        "review_comment_url": review_url,
        "comments_url": comments_url,
        "statuses_url": statuses_url,
        "head": side(&known.source_branch, head, source(caller, target, pull)),
        "base": side(&known.target_branch, NO_COMMIT, (target.json.clone(), target.owner.json(caller))),
        "_links": {
            "self": link(&url),
            "html": link(html_url),
            "issue": link(&issue_url),
            "comments": link(&comments_url),
            "review_comments": link(&reviews_url),
            "review_comment": link(&review_url),
            "commits": link(&commits_url),
            "statuses": link(&statuses_url),
        },
    });
    let mut object = joined(facts, addresses);
    if let Some(commits) = commits {
        object["commits"] = json!(commits);
    }
    object
}

/// When it was closed; GitHub tells that of merged ones too.
fn closed_at(pull: &FacadePull) -> Option<model::Millis> {
    let known = &pull.merge_request;
    match known.state {
        MergeRequestState::Open => None,
        MergeRequestState::Merged | MergeRequestState::Declined => {
            known.closed_at.or(known.merged_at).or(Some(known.updated_at))
        }
    }
}

/// The repository it comes from and that one's owner; none where it is gone or the token does not open it.
fn source(caller: &Caller, target: &Target, pull: &FacadePull) -> (Value, Value) {
    match &pull.source {
        None => (Value::Null, Value::Null),
        Some(source) if source.id == pull.repository_id => (target.json.clone(), target.owner.json(caller)),
        Some(source) => {
            let owner = Person::namespace(names::root_of(&source.path));
            let json = owner.json(caller);
            (repository(caller, source, &owner, Extent::default()), json)
        }
    }
}

fn side(branch: &str, sha: &str, (repository, owner): (Value, Value)) -> Value {
    json!({ "label": branch, "ref": branch, "sha": sha, "repo": repository, "user": owner })
}
