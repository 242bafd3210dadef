//! Which repositories an account has.

use sandbox::jira_replay::{Jira, JiraOptions, Token, Words};
use serde_json::{Value, json};

use crate::host::{Answer, Host};
use crate::widget::{JIRA, TOKEN, repository};

const ORGANISATION: &str = "GET /api/v3/orgs/acme/repos?per_page=100&page=1";
const USER: &str = "GET /api/v3/users/acme/repos?per_page=100&page=1";
const OWN: &str = "GET /api/v3/user/repos?per_page=100&page=1";

async fn host(organisation: Value, user: Value, own: Value) -> Host {
    let host = Host::start().await;
    host.json(ORGANISATION, &organisation);
    host.json(USER, &user);
    host.json(OWN, &own);
    host
}

/// A Jira that links nothing by itself, so that only lists are asked for.
fn jira(host: &Host) -> Jira {
    Jira::new(&host.url, JiraOptions { auto_link: false, ..JiraOptions::loopback(JIRA) }).unwrap()
}

async fn listed(host: &Host) -> Result<Vec<String>, String> {
    let account = jira(host).add_account("acme", Token::new(TOKEN)).await;
    account.map(|account| account.repositories()).map_err(|words| words.to_string())
}

const NO_LIST: &str = "Failed adding the account: [Error retrieving list of repositories]";
const INVALID: &str = "Failed adding the account: [Invalid credentials]";

#[tokio::test]
async fn three_lists_are_merged_and_filtered_by_owner() {
    // given repositories of several owners on three lists
    let own = json!([repository("ACME", "own"), repository("ada", "private"), repository("acme", "user")]);
    let host = host(json!([repository("acme", "team")]), json!([repository("acme", "user")]), own).await;
    // then those of the account are there once, its name in any case
    assert_eq!(listed(&host).await.unwrap(), ["own", "team", "user"]);
    // and the lists were asked for in order, by egit's client
    let asked = host.take();
    assert_eq!(asked.iter().map(|it| it.line.as_str()).collect::<Vec<_>>(), [ORGANISATION, USER, OWN]);
    for asked in &asked {
        assert_eq!(asked.header("authorization"), Some("token a-token"));
        assert_eq!(asked.header("user-agent"), Some("Jira DVCS Connector/4.3.7"));
        assert_eq!(asked.header("accept"), Some("application/vnd.github.beta+json"));
        assert_eq!(asked.header("accept-encoding"), None);
    }
    assert_eq!(crate::host::connections(&asked), 1);
}

#[tokio::test]
async fn the_first_list_may_fail_the_others_may_not() {
    let host = host(json!([]), json!([repository("acme", "widget")]), json!([])).await;
    let broken = || [Answer::error(404), Answer::error(401), Answer::new(200, "<html>"), Answer::new(503, "")];
    for answer in broken() {
        host.on(ORGANISATION, answer);
        assert_eq!(listed(&host).await.unwrap(), ["widget"]);
    }
    for (list, words) in [USER, OWN].iter().flat_map(|list| [(*list, NO_LIST), (*list, INVALID)].into_iter()) {
        let answer = if words == INVALID { Answer::error(401) } else { Answer::error(404) };
        host.on(list, answer);
        assert_eq!(listed(&host).await.unwrap_err(), words, "{list}");
        host.json(list, &json!([]));
    }
}

#[tokio::test]
async fn a_401_without_json_is_no_matter_of_credentials() {
    let host = host(json!([]), json!([]), json!([])).await;
    for (body, words) in [
        (r#"{"error":"invalid_token"}"#, INVALID),
        (r#"{"message":"401 Unauthorized"}"#, INVALID),
        ("Bad credentials", NO_LIST),
        ("", NO_LIST),
    ] {
        host.on(USER, Answer::new(401, body));
        assert_eq!(listed(&host).await.unwrap_err(), words, "{body:?}");
    }
}

#[tokio::test]
async fn an_empty_token_is_not_sent() {
    let host = host(json!([]), json!([]), json!([])).await;
    jira(&host).add_account("acme", Token::new("")).await.unwrap();
    assert!(host.take().iter().all(|asked| asked.header("authorization").is_none()));
}

#[tokio::test]
async fn pages_are_followed_by_path_and_query_on_the_same_host() {
    let host = host(json!([]), json!([]), json!([])).await;
    let next = "<https://elsewhere.example.com:1/api/v3/users/acme/repos?namespace=acme&page=2&per_page=100>; rel=\"next\", \
                <https://elsewhere.example.com/x?page=9>; rel=\"last\"";
    host.on(USER, Answer::json(&json!([repository("acme", "a")])).with("link", next));
    let second = "GET /api/v3/users/acme/repos?namespace=acme&page=2&per_page=100";
    let third = "https://elsewhere.example.com/api/v3/users/acme/repos?page=3";
    host.on(second, Answer::json(&json!([repository("acme", "b")])).with("x-next", third));
    host.json("GET /api/v3/users/acme/repos?page=3", &json!([repository("acme", "c")]));
    assert_eq!(listed(&host).await.unwrap(), ["a", "b", "c"]);
}

#[tokio::test]
async fn a_next_page_without_a_number_leads_nowhere() {
    let host = host(json!([]), json!([]), json!([])).await;
    let next = format!("<{}/api/v3/users/acme/repos?cursor=x>; rel=\"next\"", host.url);
    host.on(USER, Answer::json(&json!([repository("acme", "a")])).with("link", &next));
    assert_eq!(listed(&host).await.unwrap_err(), NO_LIST);
}

#[tokio::test]
async fn what_a_list_must_not_be() {
    let date = |text: &str| json!([{ "name": "widget", "owner": { "login": "acme" }, "created_at": text }]);
    let host = host(json!([]), json!([]), json!([])).await;
    for (body, is_fine) in [
        (date("2018-09-20T12:18:01.123+02:00"), true),
        (date("yesterday"), false),
        (json!({ "message": "no list" }), false),
        (json!([{ "name": "widget" }]), false),
        (json!([{ "name": "widget", "owner": {} }]), false),
        (json!([{ "name": "widget", "owner": { "login": "acme", "id": "many" } }]), false),
        (json!([{ "name": ["widget"], "owner": { "login": "acme" } }]), false),
        (json!(["widget"]), false),
    ] {
        host.json(USER, &body);
        assert_eq!(listed(&host).await.is_ok(), is_fine, "{body}");
    }
}

#[tokio::test]
async fn a_new_fork_must_tell_its_parent() {
    // given a fork whose parent the list does not tell
    let fork = json!({ "name": "widget", "owner": { "login": "acme" }, "fork": true });
    let host = host(json!([]), json!([fork]), json!([])).await;
    let one = "GET /api/v3/repos/acme/widget";
    let mut whole = fork.clone();
    // when it is asked for and has none, then there is no list
    host.json(one, &whole);
    assert_eq!(listed(&host).await.unwrap_err(), NO_LIST);
    // and when it has one, it is told
    whole["parent"] = repository("upstream", "widget");
    host.json(one, &whole);
    host.take();
    let mut account = jira(&host).add_account("acme", Token::new(TOKEN)).await.unwrap();
    assert_eq!(account.report().repositories["widget"].fork_of.as_deref(), Some("upstream/widget"));
    assert!(host.take().iter().any(|asked| asked.line == one));
    // a fork that is known is not asked for again
    account.refresh_list().await.unwrap();
    assert!(host.take().iter().all(|asked| asked.line != one));
    assert_eq!(account.report().repositories["widget"].fork_of.as_deref(), Some("upstream/widget"));
}

#[tokio::test]
async fn what_vanishes_from_the_list_vanishes_and_comes_back_with_its_data() {
    // given an account with code
    let host = Host::with_code().await;
    let mut account = host.added().await;
    // when the repository is not listed any more, then it is not shown
    host.json("GET /api/v3/users/acme/repos", &json!([]));
    account.refresh_list().await.unwrap();
    assert!(account.report().repositories.is_empty());
    assert_eq!(account.soft_sync("widget").await, Err(Words::NoRepository));
    // when it is again, then it is read softly
    host.json("GET /api/v3/users/acme/repos", &json!([repository("acme", "widget")]));
    account.clear();
    account.refresh_list().await.unwrap();
    let report = account.report();
    assert_eq!(report.repositories["widget"].changesets.len(), 3);
    assert_eq!(report.runs[0].kind, "SOFT CHANGESETS PULLREQUESTS");
}

#[tokio::test]
async fn a_list_that_cannot_be_refreshed_keeps_what_was_there() {
    let host = Host::with_code().await;
    let mut account = host.added().await;
    host.on("GET /api/v3/users/acme/repos", Answer::error(401));
    let said = account.refresh_list().await.unwrap_err().to_string();
    assert_eq!(said, "Error when refreshing account 'acme'.");
    let report = account.report();
    assert_eq!(report.problems, ["Invalid credentials"]);
    assert_eq!(report.repositories["widget"].changesets.len(), 3);
}
