//! Comments over REST (GitLab contract §5.7).

use reqwest::StatusCode;
use sandbox::gitlab::model::NewMergeRequest;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_comment_is_made_changed_and_deleted() {
    // given a merge request
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let new = NewMergeRequest::within(id, "ABC-1-topic", "main", "ABC-1", world.ada);
    world.model().open_merge_request(new).await.unwrap();
    let one = format!("/projects/{id}/merge_requests/1");
    let counted = async || {
        let told = world.get(world.ada, &one).await.json();
        (told["user_notes_count"].as_u64().unwrap(), told["updated_at"].as_str().unwrap().to_owned())
    };
    // when somebody comments, then it counts, as a change too
    world.clock.advance(60_000);
    let made = world.post(world.ben, &format!("{one}/notes"), json!({ "body": "Nice." })).await;
    assert_eq!((made.status, &made.json()["body"]), (StatusCode::CREATED, &json!("Nice.")));
    assert_eq!(counted().await, (1, "2026-03-01T12:01:00.000Z".to_owned()));
    // when it is changed, then as a change again
    let note = format!("{one}/notes/{}", made.json()["id"]);
    world.clock.advance(60_000);
    let changed = world.put(world.ben, &note, json!({ "body": "Nicer." })).await;
    assert_eq!((changed.status, &changed.json()["body"]), (StatusCode::OK, &json!("Nicer.")));
    assert_eq!(counted().await, (1, "2026-03-01T12:02:00.000Z".to_owned()));
    // by who wrote it, or a maintainer
    assert_eq!(world.put(world.gil, &note, json!({ "body": "x" })).await.status, StatusCode::FORBIDDEN);
    // when it is deleted, then it is gone, and the merge request has not changed
    world.clock.advance(60_000);
    assert_eq!(world.delete(world.ada, &note).await.status, StatusCode::NO_CONTENT);
    assert_eq!(counted().await, (0, "2026-03-01T12:02:00.000Z".to_owned()));
    assert_eq!(world.get(world.ada, &note).await.status, StatusCode::NOT_FOUND);
}
