//! The third judge of the facade: GitHub's own description of its answers. Where they depart from it, `docs/facade.md` says
//! so and why; it is the list that this compares with, in both directions.

use std::collections::BTreeSet;

use axum::http::{Method, Request, StatusCode};
use sandbox::gitlab::model::QuickCommit;
use serde_json::{Value, json};
use store::testing::Engine;

use crate::caller::{Answer, Caller};
use crate::facade_door::Door;
use crate::facade_scene::{AGENT, Jira};
use crate::github_description::Description;

const REPOSITORY: &str = "/repos/{owner}/{repo}";
const CHECKOUT: &str = "/repos/platform/platform@shop@checkout";
/// The repository that stands for all.
const EVERYTHING: &str = "/repos/-/jira";

/// A Jira that asks, and what of the answers departs from GitHub's description.
struct Judge<'d> {
    door: &'d Door,
    jira: Jira,
    description: Description,
    departures: BTreeSet<String>,
}

impl<'d> Judge<'d> {
    /// None where GitHub's description is missing.
    async fn of(door: &'d Door) -> Option<Self> {
        let description = Description::read()?;
        door.invite("ada/dotfiles");
        let token = door.connect(&door.jira("", |_| {}), "platform").await;
        let jira = Jira::new(&door.site, token.text());
        for account in ["platform", "ada"] {
            jira.json(&format!("/api/v3/users/{account}/repos")).await;
        }
        door.settle().await;
        Some(Self { door, jira, description, departures: BTreeSet::new() })
    }

    /// Asks for something that must be there; `described` is its path in GitHub's description.
    async fn get(&mut self, described: &str, path: &str) -> Value {
        let answer = self.jira.json(&format!("/api/v3{path}")).await;
        self.compare("GET", described, StatusCode::OK, &answer);
        answer
    }

    /// The same for a list, which must not be empty.
    async fn list(&mut self, described: &str, path: &str) -> Vec<Value> {
        let path = format!("{path}{}per_page=100", if path.contains('?') { '&' } else { '?' });
        let Value::Array(items) = self.get(described, &path).await else { panic!("{path} is no list") };
        assert!(!items.is_empty(), "{path} lists nothing");
        items
    }

    /// From now on a fork of a repository that the token opens is open to it as well.
    async fn open_a_fork(&mut self) {
        self.door.invite("ben/checkout");
        let account = self.door.account("platform").await.id;
        sync::request::refresh_account(self.door.site.state.engine(), account).await.unwrap();
        self.door.settle().await;
        let repositories = self.list("/users/{username}/repos", "/users/ben/repos").await;
        self.door.settle().await;
        assert_eq!(repositories[0]["parent"]["full_name"], "platform/platform@shop@checkout");
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let request = Request::builder().method(method).header("user-agent", AGENT);
        let request = request.header("authorization", format!("token {}", self.jira.token));
        let request = if body.is_some() { request.header("content-type", "application/json") } else { request };
        let body = body.map(ToString::to_string).unwrap_or_default();
        Caller::nobody(&self.door.site).send_raw(request, &format!("/api/v3{path}"), body).await
    }

    fn compare(&mut self, method: &str, described: &str, status: StatusCode, answer: &Value) {
        let found = self.description.departures(method, described, status.as_u16(), answer);
        let path = described.replace(REPOSITORY, "…");
        let refused = if status.is_success() { String::new() } else { format!(" {}", status.as_u16()) };
        let asked = format!("{method} {path}{refused}");
        self.note(&asked, found);
    }

    fn note(&mut self, asked: &str, found: BTreeSet<String>) {
        self.departures.extend(found.into_iter().map(|departure| format!("{asked} | {departure}")));
    }

    async fn accounts(&mut self) {
        self.list("/orgs/{org}/repos", "/orgs/platform/repos").await;
        for account in ["platform", "ada"] {
            self.list("/users/{username}/repos", &format!("/users/{account}/repos")).await;
        }
        self.get("/user/repos", "/user/repos").await;
        self.get("/user", "/user").await;
        for name in ["platform", "platform@shop", "dalia", "integration"] {
            self.get("/users/{username}", &format!("/users/{name}")).await;
        }
        self.get("/rate_limit", "/rate_limit").await;
    }

    /// Everything about a repository but its hooks.
    async fn repository(&mut self, base: &str) {
        let of = |below: &str| format!("{REPOSITORY}{below}");
        self.get(REPOSITORY, base).await;
        let branches = self.list(&of("/branches"), &format!("{base}/branches")).await;
        let (mut ahead, mut seen) = (Vec::new(), BTreeSet::new());
        ahead.extend(branches.into_iter().map(|branch| branch["commit"]["sha"].clone()));
        while let Some(id) = ahead.pop() {
            let sha = id.as_str().unwrap().to_owned();
            if seen.insert(sha.clone()) {
                let commit = self.get(&of("/commits/{ref}"), &format!("{base}/commits/{sha}")).await;
                ahead.extend(commit["parents"].as_array().unwrap().iter().map(|parent| parent["sha"].clone()));
            }
        }
    }

    /// Everything about the merge requests of a repository, or of all.
    async fn pulls(&mut self, base: &str) {
        let of = |below: &str| format!("{REPOSITORY}{below}");
        for listed in self.list(&of("/pulls"), &format!("{base}/pulls?state=all")).await {
            let number = &listed["number"];
            let (pull, issue) = (format!("{base}/pulls/{number}"), format!("{base}/issues/{number}"));
            let told = self.get(&of("/pulls/{pull_number}"), &pull).await;
            self.list(&of("/pulls/{pull_number}/commits"), &format!("{pull}/commits")).await;
            self.get(&of("/pulls/{pull_number}/comments"), &format!("{pull}/comments")).await;
            let comments = self.get(&of("/issues/{issue_number}/comments"), &format!("{issue}/comments")).await;
            assert_eq!(comments.as_array().map(Vec::len), told["comments"].as_u64().map(|count| count as usize));
        }
        for event in self.list(&of("/events"), &format!("{base}/events")).await {
            let found = self.description.departures_from("pull-request-event", &event["payload"]);
            self.note("GET …/events, payload as pull-request-event", found);
        }
    }

    async fn hooks(&mut self) {
        let (hooks, one) = (format!("{REPOSITORY}/hooks"), format!("{REPOSITORY}/hooks/{{hook_id}}"));
        let at = format!("{CHECKOUT}/hooks");
        let new = json!({ "name": "web", "config": { "url": format!("{}/a", self.door.inbox.url()) } });
        let made = self.send(Method::POST, &at, Some(&new)).await;
        self.compare("POST", &hooks, made.status, &made.json());
        let again = self.send(Method::POST, &at, Some(&new)).await;
        assert_eq!((made.status, again.status), (StatusCode::CREATED, StatusCode::UNPROCESSABLE_ENTITY));
        self.compare("POST", &hooks, again.status, &again.json());
        // One that was called tells what came of it.
        let (model, checkout) = (self.door.model(), self.door.project("platform/shop/checkout"));
        let commit = QuickCommit::on("main", "A push").with("pushed.txt", "x\n");
        model.push_commit(checkout, self.door.integration(), commit).await.unwrap();
        self.door.settle().await;
        let listed = self.list(&hooks, &at).await;
        assert!(listed[0]["last_response"]["message"].is_string(), "{}", listed[0]);
        let path = format!("{at}/{}", listed[0]["id"]);
        self.get(&one, &path).await;
        let removed = self.send(Method::DELETE, &path, None).await;
        assert_eq!((removed.status, removed.text.as_str()), (StatusCode::NO_CONTENT, ""));
        let missing = self.send(Method::DELETE, &path, None).await;
        self.compare("DELETE", &one, missing.status, &missing.json());
    }

    async fn refusals(&mut self) {
        for (described, path) in [
            (REPOSITORY.to_owned(), "/repos/platform/nothing"),
            (format!("{REPOSITORY}/branches"), "/repos/platform/nothing/branches"),
            (format!("{REPOSITORY}/commits/{{ref}}"), "/repos/platform/handbook/commits/nothing"),
            (format!("{REPOSITORY}/pulls/{{pull_number}}"), "/repos/platform/handbook/pulls/999999"),
            ("/users/{username}".to_owned(), "/users/nobody"),
        ] {
            let answer = self.jira.get(&format!("/api/v3{path}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            self.compare("GET", &described, answer.status, &answer.json());
        }
        let stranger = Jira::new(&self.door.site, "dvf_unknown").get("/api/v3/user").await;
        assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
        self.compare("GET", "/user", stranger.status, &stranger.json());
    }
}

/// The rows of the table in `docs/facade.md`, each place of a row by itself.
fn listed() -> BTreeSet<String> {
    const DOCUMENT: &str = include_str!("../../../../docs/facade.md");
    let (_, section) = DOCUMENT.split_once("\n## Where an answer departs from GitHub's schema\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let mut listed = BTreeSet::new();
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let (asked, departures, reason) = (cells.next().unwrap(), cells.next().unwrap(), cells.next().unwrap());
        assert!(!reason.is_empty(), "no reason: {row}");
        let (problem, places) = departures.split_once(": ").unwrap_or_else(|| panic!("no problem: {row}"));
        for place in places.split(", ") {
            let departure = format!("{} | {problem}: {}", asked.replace('`', ""), place.trim_matches('`'));
            assert!(listed.insert(departure), "listed twice: {row}");
        }
    }
    listed
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_depart_from_githubs_description_where_the_documentation_says_so() {
    let door = Door::open(Engine::Sqlite, true).await.unwrap();
    let Some(mut judge) = Judge::of(&door).await else { return };

    judge.accounts().await;
    for name in ["handbook", "platform@shop@checkout", "platform@payments@gateway", "platform@ops@oddities"] {
        judge.repository(&format!("/repos/platform/{name}")).await;
    }
    judge.pulls(CHECKOUT).await;
    judge.open_a_fork().await;
    judge.repository("/repos/ben/checkout").await;
    judge.pulls("/repos/platform/platform@payments@gateway").await;
    judge.pulls(EVERYTHING).await;
    judge.hooks().await;
    judge.refusals().await;

    let listed = listed();
    let unlisted: Vec<_> = judge.departures.difference(&listed).collect();
    let outdated: Vec<_> = listed.difference(&judge.departures).collect();
    assert!(unlisted.is_empty(), "not in docs/facade.md: {unlisted:#?}");
    assert!(outdated.is_empty(), "in docs/facade.md, but no departure any more: {outdated:#?}");
}

#[test]
fn the_description_would_notice_a_departure() {
    let Some(description) = Description::read() else { return };
    let found = description.departures("GET", "/repos/{owner}/{repo}/branches", 200, &json!([{ "name": 1 }]));

    let expected = ["1 is not of type \"string\": [].name", "missing: [].commit", "missing: [].protected"];
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}
