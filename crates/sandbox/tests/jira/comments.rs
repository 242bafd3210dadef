//! Comments.

use sandbox::jira::model::Permission;
use serde_json::{Value, json};

use crate::world::{World, column, field, messages};

#[tokio::test]
async fn a_comment_is_made_and_told() {
    let world = World::new().await;
    let made = world.post(world.ada, "/issue/ABC-1/comment", json!({ "body": "h1. Hello\nthere" })).await;
    let (status, told) = made.parts();
    assert_eq!((status, &told["body"], &told["author"]["name"]), (201, &json!("h1. Hello\nthere"), &json!("ada")));
    assert_eq!(told["created"], "2026-03-01T12:00:00.000+0000");
    assert_eq!(told["updateAuthor"], told["author"]);
    let one = world.get(world.ben, &format!("/issue/ABC-1/comment/{}", told["id"].as_str().unwrap())).await;
    assert_eq!(one.json(), told);
    assert_eq!(world.get(world.ben, "/issue/ABC-1/comment/1").await.status, 404);
    assert_eq!(world.get(world.ben, "/issue/ABC-1").await.json()["fields"]["comment"]["comments"][0], told);
}

#[tokio::test]
async fn comments_come_in_pages_and_in_either_order() {
    let world = World::new().await;
    for number in 1..=5 {
        world.post(world.ada, "/issue/ABC-1/comment", json!({ "body": format!("{number}") })).await;
    }
    let list = async |query: &str| {
        let told = world.get(world.ada, &format!("/issue/ABC-1/comment{query}")).await.json();
        (column(&told["comments"], "body").join(""), told["total"].clone(), told["maxResults"].clone())
    };
    assert_eq!(list("").await, ("12345".to_owned(), json!(5), json!(1_048_576)));
    assert_eq!(list("?startAt=1&maxResults=2").await, ("23".to_owned(), json!(5), json!(2)));
    assert_eq!(list("?orderBy=-created&maxResults=2").await, ("54".to_owned(), json!(5), json!(2)));
    assert_eq!(list("?startAt=9").await.0, "");
    for query in ["?orderBy=body", "?startAt=x"] {
        assert_eq!(world.get(world.ada, &format!("/issue/ABC-1/comment{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn a_comment_that_cannot_be_taken_is_refused_in_jiras_words() {
    let world = World::new().await;
    let post = async |body: Value| world.post(world.ada, "/issue/ABC-1/comment", body).await.parts();
    let empty = field("comment", "Comment body can not be empty!");
    assert_eq!(post(json!({ "body": " \n" })).await, (400, empty.clone()));
    assert_eq!(post(json!({})).await, (400, empty));
    let long = post(json!({ "body": "x".repeat(32_768) })).await;
    let text = "The entered text is too long. It exceeds the allowed limit of 32767 characters.";
    assert_eq!(long, (400, field("comment", text)));
    assert_eq!(post(json!({ "body": "ü".repeat(32_767) })).await.0, 201);
    assert_eq!(world.post(world.ada, "/issue/ABC-99/comment", json!({ "body": "x" })).await.status, 404);
    // somebody who may not comment
    world.model().allow_only(world.abc, world.ada, &[Permission::BrowseProjects]);
    let text = "Ada Kowalska, you do not have the permission to comment on this issue.";
    assert_eq!(post(json!({ "body": "x" })).await, (400, messages(&[text])));
    assert_eq!(world.model().comments("ABC-1").len(), 1);
}

#[tokio::test]
async fn what_is_no_json_is_not_read() {
    let world = World::new().await;
    let post = |kind: &'static str, body: &'static str| {
        let request = world.as_user(world.ada, reqwest::Method::POST, "/issue/ABC-1/comment");
        world.send(request.header("content-type", kind).header("x-atlassian-token", "no-check").body(body))
    };
    assert_eq!(post("application/json", "{\"body\":").await.status, 400);
    assert_eq!(post("application/xml", "<body/>").await.status, 415);
    assert_eq!(world.model().totals().comments, 0);
}

#[tokio::test]
async fn a_comment_may_have_properties() {
    let world = World::new().await;
    let body = json!({ "body": "x", "properties": [{ "key": "mark", "value": { "commit": "abc" } }] });
    world.post(world.ada, "/issue/ABC-1/comment", body).await;
    let plain = world.get(world.ada, "/issue/ABC-1/comment").await.json();
    assert!(plain["comments"][0].get("properties").is_none());
    let told = world.get(world.ada, "/issue/ABC-1/comment?expand=properties").await.json();
    assert_eq!(told["comments"][0]["properties"], json!([{ "key": "mark", "value": { "commit": "abc" } }]));
}

#[tokio::test]
async fn cloud_takes_documents_in_its_third_version() {
    let world = World::cloud().await;
    let path = "/rest/api/3/issue/ABC-1/comment";
    let document = json!({ "type": "doc", "version": 1, "content": [
        { "type": "paragraph", "content": [{ "type": "text", "text": "Hello" }] },
    ] });
    let made = world.post(world.ada, path, json!({ "body": document })).await;
    assert_eq!((made.status.as_u16(), &made.json()["body"]), (201, &document));
    // which are texts in the second, and the other way round
    let told = world.get(world.ada, "/rest/api/2/issue/ABC-1/comment").await.json();
    assert_eq!(told["comments"][0]["body"], "Hello");
    world.post(world.ada, "/rest/api/2/issue/ABC-1/comment", json!({ "body": "one\ntwo" })).await;
    let told = world.get(world.ada, path).await.json();
    assert_eq!(told["comments"][1]["body"]["content"].as_array().unwrap().len(), 2);
    let refused = world.post(world.ada, path, json!({ "body": "plain" })).await;
    assert_eq!(refused.parts(), (400, field("comment", "Comment body is not valid!")));
}
