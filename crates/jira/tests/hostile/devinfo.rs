//! Answers of a gateway that no gateway should give.

use jira::{Problem, Provider, Repository, Submission};

use crate::server::{Asked, SECRET, Server, answer, json};

fn token(asked: &Asked) -> bool {
    asked.path == "/oauth/token"
}

fn submission() -> Submission {
    let repository = Repository {
        id: "r1".to_owned(),
        name: "r1".to_owned(),
        url: "https://gitlab.example.com/r1".to_owned(),
        description: None,
        fork_of: None,
        avatar: None,
        avatar_description: None,
        update_sequence_id: 1,
        commits: Vec::new(),
        branches: Vec::new(),
        pull_requests: Vec::new(),
    };
    Submission {
        repositories: vec![repository],
        prevent_transitions: true,
        properties: [("connection".to_owned(), "1".to_owned())].into(),
        provider: Provider { product: "dovetail 1".to_owned() },
    }
}

const TOKEN: &str = r#"{"access_token":"token-do-not-show","expires_in":900,"token_type":"Bearer"}"#;

#[tokio::test]
async fn a_cloud_id_is_an_id_or_an_error() {
    for body in ["{}", r#"{"cloudId":""}"#, r#"{"cloudId":"../../x"}"#, r#"{"cloudId":7}"#] {
        let server = Server::start(move |_| json(body)).await;
        assert_eq!(server.dev_info(None).cloud_id().await.unwrap_err().problem, Problem::Unreadable, "{body}");
    }
    let server = Server::start(|_| answer(404, &[], "<html>")).await;
    assert_eq!(server.dev_info(None).cloud_id().await.unwrap_err().problem, Problem::NotJira);
    assert!(server.asked()[0].headers.get("authorization").is_none());
}

#[tokio::test]
async fn tokens_that_are_none_are_told_apart() {
    for (status, body, problem) in [
        (200, "{}", Problem::Unreadable),
        (200, r#"{"access_token":""}"#, Problem::Unreadable),
        (200, "<html>", Problem::NotJira),
        (400, r#"{"error":"invalid_client"}"#, Problem::Unauthorised),
        (401, r#"{"error":"access_denied","error_description":"Unauthorized"}"#, Problem::Unauthorised),
        (403, "", Problem::Unauthorised),
        (429, "", Problem::RateLimited),
        (500, "", Problem::Unavailable),
    ] {
        let server = Server::start(move |_| answer(status, &[], body)).await;
        let error = server.dev_info(Some("cloud-1")).sign_in().await.unwrap_err();
        assert_eq!(error.problem, problem, "{status} {body}");
        assert!(!format!("{error:?}").contains(SECRET));
        let sent: serde_json::Value = serde_json::from_str(&server.asked()[0].body).unwrap();
        assert_eq!(
            (&sent["audience"], &sent["grant_type"]),
            (&"api.atlassian.com".into(), &"client_credentials".into())
        );
    }
}

#[tokio::test]
async fn a_token_that_is_always_refused_is_renewed_once() {
    let server = Server::start(|asked| if token(asked) { json(TOKEN) } else { answer(401, &[], "") }).await;
    let error = server.dev_info(Some("cloud-1")).submit(&submission()).await.unwrap_err();
    assert_eq!((error.problem, error.may_have_acted), (Problem::Unauthorised, false));
    let paths: Vec<_> = server.asked().into_iter().map(|it| it.path).collect();
    let bulk = "/jira/devinfo/0.1/cloud/cloud-1/bulk";
    assert_eq!(paths, ["/oauth/token", bulk, "/oauth/token", bulk]);
}

#[tokio::test]
async fn what_is_answered_to_a_bulk_write_is_judged() {
    for (status, body, problem) in [
        (202, "<html>", Problem::NotJira),
        (202, "{\"a\"", Problem::Unreadable),
        (202, r#"{"errorMessages":["inside"]}"#, Problem::ErrorInside),
        (400, r#"{"errorMessages":[{"message":"Duplicate repository id"}]}"#, Problem::Refused),
        (400, r#"[{"message":"x"}]"#, Problem::Refused),
        (403, "", Problem::Forbidden),
        (404, r#"{"code":404,"message":"Not Found"}"#, Problem::NotFound),
        (413, "<html>", Problem::TooLarge),
        (405, "", Problem::Refused),
        (503, "<html><title>Down</title>", Problem::Unavailable),
    ] {
        let server =
            Server::start(move |asked| if token(asked) { json(TOKEN) } else { answer(status, &[], body) }).await;
        let error = server.dev_info(Some("cloud-1")).submit(&submission()).await.unwrap_err();
        assert_eq!(error.problem, problem, "{status} {body}");
    }
    for body in ["{}", r#"{"acceptedDevinfoEntities":null}"#] {
        let server = Server::start(move |asked| if token(asked) { json(TOKEN) } else { json(body) }).await;
        server.dev_info(Some("cloud-1")).submit(&submission()).await.unwrap();
        let sent: serde_json::Value = serde_json::from_str(&server.asked()[1].body).unwrap();
        let rest = serde_json::json!({
            "repositories": [{ "id": "r1", "name": "r1", "url": "https://gitlab.example.com/r1", "updateSequenceId": 1 }],
            "preventTransitions": true, "operationType": "BACKFILL", "properties": { "connection": "1" },
            "providerMetadata": { "product": "dovetail 1" },
        });
        assert_eq!(sent, rest);
    }
}

#[tokio::test]
async fn ids_in_addresses_are_encoded() {
    let server = Server::start(|asked| if token(asked) { json(TOKEN) } else { answer(202, &[], "") }).await;
    let dev_info = server.dev_info(Some("cloud-1"));
    dev_info.delete_entity("a/b", jira::EntityKind::PullRequest, "..", 7).await.unwrap();
    let asked = &server.asked()[1];
    assert_eq!(asked.path, "/jira/devinfo/0.1/cloud/cloud-1/repository/a%2Fb/pull_request/%25");
    assert_eq!(asked.query, "_updateSequenceId=7");
}
