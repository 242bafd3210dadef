//! Events: one for each merge request and each time it changed (GitLab contract §3.5).

use model::MergeRequestState;
use serde_json::{Value, json};
use store::facade::FacadePull;

use super::super::caller::Caller;
use super::{Person, Target, number, pull, time};

/// The JSON of the newest event of a merge request. Its id changes with each change, as Jira never looks twice at one id.
pub fn event(caller: &Caller, target: &Target, changed: &FacadePull, commits: Option<i64>) -> Value {
    let known = &changed.merge_request;
    let id = number(&known.forge_id);
    let actor = Person::user(&known.author).json(caller);
    let part = |key: &str| actor[key].clone();
    json!({
        "id": format!("{}-{}", known.forge_id, known.updated_at),
        "type": "PullRequestEvent",
        "actor": {
            "id": part("id"), "login": part("login"), "display_login": part("login"), "gravatar_id": part("gravatar_id"),
            "url": part("url"), "avatar_url": part("avatar_url"),
        },
        "repo": {
            "id": target.json["id"], "name": target.json["full_name"], "url": target.json["url"],
        },
        "payload": {
            "id": id,
            "number": id,
            "action": if known.state == MergeRequestState::Open { "opened" } else { "closed" },
            "pull_request": pull(caller, target, changed, commits),
        },
        "public": false,
        "created_at": time(known.updated_at),
    })
}
