//! Comments on commits over REST (GitLab contract §5.6).

use reqwest::StatusCode;
use sandbox::gitlab::model::Scopes;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_commit_is_commented_by_whoever_may_read_it() {
    // given
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let one = format!("/projects/{id}/repository/commits/main/comments");
    let note = |text: &str| json!({ "note": text });

    // when
    let made = world.post(world.ben, &one, note("Nice\n\n— as it is")).await;
    for number in 2..=25 {
        world.post(world.ada, &one, note(&number.to_string())).await;
    }

    // then
    assert_eq!(made.status, StatusCode::CREATED);
    let told = made.json();
    assert_eq!((&told["note"], &told["author"]["username"]), (&json!("Nice\n\n— as it is"), &json!("ben")));
    assert_eq!((&told["path"], &told["line"], &told["line_type"]), (&json!(null), &json!(null), &json!(null)));
    // oldest first, by pages, and by the commit's id too
    let head = world.get(world.ada, &format!("/projects/{id}/repository/commits/main")).await.json();
    let by_id = format!("/projects/{id}/repository/commits/{}/comments", head["id"].as_str().unwrap());
    let first = world.get(world.ada, &by_id).await;
    assert_eq!((first.column("note").len(), first.header("x-next-page")), (20, Some("2")));
    assert_eq!(first.column("note")[0], "Nice\n\n— as it is");
    let second = world.get(world.ada, &format!("{one}?page=2")).await;
    assert_eq!(second.column("note"), ["21", "22", "23", "24", "25"]);
    // and another commit has none
    let before = format!("/projects/{id}/repository/commits/main~1/comments").replace('~', "%7E");
    assert_eq!(world.get(world.ada, &before).await.column("note").len(), 0);
}

#[tokio::test]
async fn what_cannot_be_a_comment_is_refused_in_gitlabs_words() {
    // given
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let one = format!("/projects/{id}/repository/commits/main/comments");

    // then: nothing to say, no such commit, nobody who may read
    let missing = world.post(world.ben, &one, json!({})).await;
    assert_eq!((missing.status, missing.json()), (StatusCode::BAD_REQUEST, json!({ "error": "note is missing" })));
    let blank = world.post(world.ben, &one, json!({ "note": " " })).await;
    assert_eq!(blank.status, StatusCode::BAD_REQUEST);
    assert_eq!(blank.json()["message"], "400 Bad request - Note {:note=>[\"can't be blank\"]}");
    let nowhere = format!("/projects/{id}/repository/commits/{}/comments", "0".repeat(40));
    let nowhere = world.post(world.ben, &nowhere, json!({ "note": "x" })).await;
    assert_eq!((nowhere.status, &nowhere.json()["message"]), (StatusCode::NOT_FOUND, &json!("404 Commit Not Found")));
    assert_eq!(world.post(world.gil, &one, json!({ "note": "x" })).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.post(world.eve, &one, json!({ "note": "x" })).await.status, StatusCode::NOT_FOUND);
    // and no token that may only read
    let token = world.model().create_personal_token(world.ben, "reads", Scopes::parse("read_api").unwrap(), None);
    let request = world.request(reqwest::Method::POST, &format!("/api/v4{one}")).bearer_auth(token);
    let reader = world.send(request.json(&json!({ "note": "x" }))).await;
    assert_eq!((reader.status, &reader.json()["error"]), (StatusCode::FORBIDDEN, &json!("insufficient_scope")));
    assert!(world.get(world.ada, &one).await.json().as_array().unwrap().is_empty());
}
