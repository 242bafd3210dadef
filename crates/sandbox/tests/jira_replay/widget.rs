//! The account `acme` with the repository `widget`, as a right host shows it.

use sandbox::jira_replay::{Account, Changeset, Jira, JiraOptions, PullRequest, Report, Token};
use serde_json::{Value, json};

use crate::host::{Answer, Host};

/// Where nobody listens: hooks call it, browsers come back to it.
pub const JIRA: &str = "https://jira.example.com";
pub const TOKEN: &str = "a-token";
/// The addresses of the repository begin so.
pub const WIDGET: &str = "/api/v3/repos/acme/widget";
pub const FULL_PULLS: &str = "pulls?state=all&sort=created&direction=asc&per_page=30&page=1";
pub const SOFT_PULLS: &str = "pulls?state=all&sort=updated&direction=desc&per_page=30&page=1";

/// An object id.
pub fn sha(number: u32) -> String {
    format!("{number:040x}")
}

pub fn repository(owner: &str, name: &str) -> Value {
    json!({ "id": 7, "name": name, "full_name": format!("{owner}/{name}"), "owner": { "login": owner, "id": 1 }, "fork": false,
            "private": true, "html_url": format!("https://host/{owner}/{name}"), "created_at": "2018-09-20T10:18:01Z" })
}

pub fn branch(name: &str, head: u32) -> Value {
    json!({ "name": name, "commit": { "sha": sha(head), "type": "commit" } })
}

pub fn commit(number: u32, message: &str, parents: &[u32]) -> Value {
    let who = json!({ "name": "Ada Example", "email": "ada@example.com", "date": "2018-09-20T10:18:01Z" });
    json!({
        "sha": sha(number),
        "commit": { "message": message, "author": who, "committer": who, "tree": { "sha": sha(9) } },
        "author": { "login": "ada", "id": 3 },
        "committer": null,
        "parents": parents.iter().map(|parent| json!({ "sha": sha(*parent) })).collect::<Vec<_>>(),
        "files": [],
    })
}

pub fn pull(number: u32, title: &str, updated_at: &str) -> Value {
    let side = |branch: &str| json!({ "label": branch, "ref": branch, "repo": repository("acme", "widget") });
    json!({
        "id": number, "number": number, "state": "open", "title": title, "body": null,
        "html_url": format!("https://host/acme/widget/pull/{number}"),
        "created_at": "2018-09-20T10:18:01Z", "updated_at": updated_at, "merged_at": null, "closed_at": null,
        "user": { "login": "ada" }, "assignee": null, "merged_by": null, "comments": 0, "review_comments": 0,
        "head": side("topic"), "base": side("main"),
    })
}

pub fn event(id: &str, pull: &Value) -> Value {
    json!({ "id": id, "type": "PullRequestEvent", "created_at": pull["updated_at"], "public": false,
            "actor": { "login": "ada" }, "repo": { "id": 7, "name": "acme/widget", "url": "https://host" },
            "payload": { "action": "opened", "number": pull["number"], "pull_request": pull } })
}

impl Host {
    /// A host with the empty repository `acme/widget`.
    pub async fn with_widget() -> Self {
        let host = Self::start().await;
        host.json("GET /api/v3/orgs/acme/repos", &json!([]));
        host.json("GET /api/v3/users/acme/repos", &json!([repository("acme", "widget")]));
        host.json("GET /api/v3/user/repos", &json!([]));
        host.branches(&[]);
        host.events(&[]);
        host.json(&format!("GET {WIDGET}/pulls"), &json!([]));
        host.json(&format!("GET {WIDGET}/hooks"), &json!([]));
        host.on(&format!("POST {WIDGET}/hooks"), Answer::new(201, "{}"));
        host
    }

    /// Two branches: `topic` is one commit ahead of `main`, which has two.
    pub async fn with_code() -> Self {
        let host = Self::with_widget().await;
        host.branches(&[("main", 2), ("topic", 3)]);
        host.commits(&[(1, "first", &[]), (2, "ABC-1 second\n\nand ABC-2", &[1]), (3, "third", &[2])]);
        host
    }

    /// The same, and a pull request from `topic` to `main`, with the event of its making.
    pub async fn with_pull() -> Self {
        let host = Self::with_code().await;
        let pull = pull(5, "ABC-3 topic", "2018-09-20T11:00:00Z");
        host.events(&[event("5-1", &pull)]);
        host.pull(&pull, &[commit(3, "ABC-4 third", &[2])]);
        host.json(&format!("GET {WIDGET}/{FULL_PULLS}"), &json!([pull]));
        host
    }

    pub fn branches(&self, branches: &[(&str, u32)]) {
        let branches: Vec<Value> = branches.iter().map(|(name, head)| branch(name, *head)).collect();
        self.json(&format!("GET {WIDGET}/branches"), &json!(branches));
    }

    pub fn commits(&self, commits: &[(u32, &str, &[u32])]) {
        for (number, message, parents) in commits {
            self.commit(*number, &commit(*number, message, parents));
        }
    }

    pub fn commit(&self, number: u32, body: &Value) {
        self.json(&format!("GET {WIDGET}/commits/{}", sha(number)), body);
    }

    pub fn events(&self, events: &[Value]) {
        self.json(&format!("GET {WIDGET}/events"), &json!(events));
    }

    /// A pull request without comments.
    pub fn pull(&self, pull: &Value, commits: &[Value]) {
        let number = &pull["number"];
        self.json(&format!("GET {WIDGET}/pulls/{number}"), pull);
        self.json(&format!("GET {WIDGET}/pulls/{number}/commits"), &json!(commits));
        self.json(&format!("GET {WIDGET}/pulls/{number}/comments"), &json!([]));
        self.json(&format!("GET {WIDGET}/issues/{number}/comments"), &json!([]));
    }

    pub fn jira(&self) -> Jira {
        Jira::new(&self.url, JiraOptions::loopback(JIRA)).unwrap()
    }

    /// The account, added.
    pub async fn added(&self) -> Account {
        self.jira().add_account("acme", Token::new(TOKEN)).await.unwrap()
    }
}

pub fn changesets(report: &Report) -> Vec<(&str, &Changeset)> {
    report.repositories["widget"].changesets.iter().map(|(sha, changeset)| (sha.as_str(), changeset)).collect()
}

pub fn pull_request(report: &Report, number: i64) -> &PullRequest {
    &report.repositories["widget"].pull_requests[&number]
}
