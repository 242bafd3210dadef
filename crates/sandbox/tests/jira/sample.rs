//! The sample, which fits the stand-in GitLab's.

use reqwest::Method;
use sandbox::jira::{Options, Server, sample};
use serde_json::json;

use crate::world::send;

async fn get(server: &Server, token: &str, path: &str) -> serde_json::Value {
    let request = reqwest_client().request(Method::GET, format!("{}/rest/api/2{path}", server.url()));
    send(request.bearer_auth(token)).await.unwrap().json()
}

#[expect(clippy::disallowed_methods, reason = "a test's client needs no factory")]
fn reqwest_client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[tokio::test]
async fn every_issue_that_gitlabs_sample_names_is_there() {
    let server = Server::start(Options::data_center()).await.unwrap();
    let sample = sample::build(&server).unwrap();
    for issue in sandbox::sample::ISSUES {
        let told = get(&server, &sample.token, &format!("/issue/{}?fields=summary", issue.key)).await;
        assert_eq!(told["fields"]["summary"], issue.summary);
        assert!(sample.issues.contains(&issue.key.to_owned()));
    }
    assert!(sample.oauth.is_none());
    assert!(sample::build(&server).is_err(), "twice is refused");
}

#[tokio::test]
async fn its_people_have_the_emails_of_the_commits_and_the_first_may_do_everything() {
    let server = Server::start(Options::data_center()).await.unwrap();
    let sample = sample::build(&server).unwrap();
    let everybody = get(&server, &sample.token, "/user/search?username=.").await;
    assert_eq!((&everybody[0]["name"], &everybody[0]["active"]), (&json!(sample.login), &json!(true)));
    for project in ["SHOP", "PAY", "OPS", "ABC"] {
        let told = get(&server, &sample.token, &format!("/mypermissions?projectKey={project}")).await;
        let permissions = told["permissions"].as_object().unwrap();
        assert!(permissions.values().all(|permission| permission["havePermission"] == true), "{project}");
    }
    let found = get(&server, &sample.token, "/user/search?username=ada.kowalska@example.com").await;
    assert_eq!((found.as_array().unwrap().len(), &found[0]["name"]), (1, &json!("ada")));
    let path = "/user/permission/search?username=ada&issueKey=SHOP-142&permissions=ADD_COMMENTS,WORK_ON_ISSUES";
    assert_eq!(get(&server, &sample.token, path).await[0]["name"], "ada");
}

#[tokio::test]
async fn in_cloud_it_has_a_credential_for_development_information() {
    let server = Server::start(Options::cloud()).await.unwrap();
    let sample = sample::build(&server).unwrap();
    let keys = sample.oauth.unwrap();
    assert!(!keys.client_id.is_empty() && keys.secret.starts_with("ATOA"));
}

#[tokio::test]
async fn issues_of_any_history_can_be_provided_beside_those_of_the_sample() {
    let server = Server::start(Options::data_center()).await.unwrap();
    sample::build(&server).unwrap();
    let keys =
        ["SHOP-1", "ZOOKEEPER-4711", "ZOOKEEPER-007", "ÄB-1", "ABC-99999999999999999999"].map(str::to_owned).to_vec();
    let provided = sample::provide(&server, keys);
    assert_eq!(
        provided,
        ["SHOP-1", "ZOOKEEPER-4711"],
        "a Jira has no keys with leading zeros, umlauts or endless numbers"
    );
    let service = server.model().user_by_login(sample::SERVICE_USER).unwrap();
    assert!(server.model().issue("ZOOKEEPER-4711").is_some_and(|issue| issue.reporter == Some(service.id)));
}
