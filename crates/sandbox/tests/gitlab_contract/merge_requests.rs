//! The life of a merge request over REST (GitLab contract §5.7).

use reqwest::StatusCode;
use sandbox::gitlab::model::{AccessLevel, ProjectId};
use serde_json::{Value, json};

use crate::world::{Reply, World, on_top};

/// A merge request from `ABC-1-topic` to `main`, opened by Ben with Ada as reviewer.
async fn opened(world: &World) -> (ProjectId, String) {
    let id = world.project_with_code("acme", "own").await;
    let new = json!({
        "source_branch": "ABC-1-topic",
        "target_branch": "main",
        "title": "ABC-1: topic",
        "description": "Does it.",
        "reviewer_ids": [world.ada.0],
        "assignee_ids": [world.ben.0],
    });
    let made = world.post(world.ben, &format!("/projects/{id}/merge_requests"), new).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    (id, format!("/projects/{id}/merge_requests/1"))
}

async fn head(world: &World, project: ProjectId, revision: &str) -> Value {
    let commit = world.get(world.ada, &format!("/projects/{project}/repository/commits/{revision}")).await;
    commit.json()["id"].clone()
}

fn is_message(reply: &Reply, status: StatusCode, message: &str) {
    assert_eq!((reply.status, &reply.json()["message"]), (status, &json!(message)));
}

#[tokio::test]
async fn an_opened_merge_request_tells_everything_about_itself() {
    let world = World::new().await;
    let (id, path) = opened(&world).await;
    let it = world.get(world.ada, &path).await.json();
    let expected = json!({
        "iid": 1, "project_id": id.0, "state": "opened", "title": "ABC-1: topic", "description": "Does it.",
        "draft": false, "source_project_id": id.0, "target_project_id": id.0, "merge_commit_sha": null,
        "squash_commit_sha": null, "merged_at": null, "closed_at": null, "changes_count": "1",
        "detailed_merge_status": "mergeable", "created_at": "2026-03-01T12:00:00.000Z",
        "web_url": format!("{}/acme/own/-/merge_requests/1", world.server.url()),
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&it[field], value, "{field}");
    }
    assert_eq!((&it["author"]["username"], &it["reviewers"][0]["username"]), (&json!("ben"), &json!("ada")));
    assert_eq!(it["references"]["full"], "acme/own!1");
    let (main, topic) = (head(&world, id, "main").await, head(&world, id, "ABC-1-topic").await);
    assert_eq!(it["sha"], topic);
    assert_eq!(it["diff_refs"], json!({ "base_sha": main, "head_sha": topic, "start_sha": main }));
    let commits = world.get(world.ada, &format!("{path}/commits")).await;
    assert_eq!(commits.column("title"), ["ABC-1 topic"]);
    assert_eq!(world.get(world.ada, &format!("{path}/diffs")).await.column("new_path"), ["topic.txt"]);
}

#[tokio::test]
async fn what_cannot_be_opened_says_why() {
    let world = World::new().await;
    let (id, _) = opened(&world).await;
    let path = format!("/projects/{id}/merge_requests");
    let new = |source: &str| json!({ "source_branch": source, "target_branch": "main", "title": "t" });
    assert_eq!(world.post(world.ben, &path, new("ABC-1-topic")).await.status, StatusCode::CONFLICT);
    assert_eq!(world.post(world.ben, &path, new("gone")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.post(world.ben, &path, new("main")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.post(world.gil, &path, new("ABC-1-topic")).await.status, StatusCode::FORBIDDEN);
    let untitled = json!({ "source_branch": "a", "target_branch": "main" });
    assert_eq!(world.post(world.ben, &path, untitled).await.json(), json!({ "error": "title is missing" }));
    is_message(&world.get(world.ben, &format!("{path}/9")).await, StatusCode::NOT_FOUND, "404 Not found");
}

#[tokio::test]
async fn an_edit_changes_the_fields_and_the_time() {
    let world = World::new().await;
    let (_, path) = opened(&world).await;
    world.clock.advance(1000);
    let change = json!({ "title": "Draft: ABC-2", "description": "", "labels": "a,b", "reviewer_ids": [] });
    let it = world.put(world.ben, &path, change).await.json();
    assert_eq!((&it["title"], &it["description"], &it["draft"]), (&json!("Draft: ABC-2"), &json!(""), &json!(true)));
    assert_eq!((&it["labels"], &it["reviewers"]), (&json!(["a", "b"]), &json!([])));
    assert_eq!(it["updated_at"], "2026-03-01T12:00:01.000Z");
    assert_eq!(world.put(world.gil, &path, json!({ "title": "x" })).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_push_to_the_branch_moves_the_head() {
    let world = World::new().await;
    let (id, path) = opened(&world).await;
    let before = world.get(world.ada, &path).await.json();
    world.clock.advance(1000);
    world.model().import(id, world.ben, on_top("ABC-1-topic", 9, "more\n", "more", "x\n")).await.unwrap();
    let after = world.get(world.ada, &path).await.json();
    assert_eq!(after["sha"], head(&world, id, "ABC-1-topic").await);
    assert_ne!(after["sha"], before["sha"]);
    assert_eq!(after["updated_at"], "2026-03-01T12:00:01.000Z");
    assert_eq!(world.get(world.ada, &format!("{path}/commits")).await.column("title"), ["more", "ABC-1 topic"]);
    // and the head is kept as a ref of GitLab's own
    let kept = world.model().repositories().resolve(id, "refs/merge-requests/1/head").await.unwrap();
    assert_eq!(json!(kept), after["sha"]);
}

#[tokio::test]
async fn approvals_come_and_go() {
    let world = World::new().await;
    let (_, path) = opened(&world).await;
    let state = async || world.get(world.ada, &format!("{path}/reviewers")).await.column("state");
    assert_eq!(state().await, ["unreviewed"]);
    let approved = world.post(world.ada, &format!("{path}/approve"), json!({})).await;
    assert_eq!((approved.status, &approved.json()["user_has_approved"]), (StatusCode::CREATED, &json!(true)));
    assert_eq!(world.post(world.ada, &format!("{path}/approve"), json!({})).await.status, StatusCode::UNAUTHORIZED);
    let all = world.get(world.ben, &format!("{path}/approvals")).await.json();
    assert_eq!((&all["approved"], &all["user_can_approve"]), (&json!(true), &json!(true)));
    assert_eq!(all["approved_by"][0]["user"]["username"], "ada");
    assert_eq!(state().await, ["approved"]);
    assert_eq!(world.post(world.ada, &format!("{path}/unapprove"), json!({})).await.status, StatusCode::CREATED);
    assert_eq!(world.get(world.ben, &format!("{path}/approvals")).await.json()["approved"], false);
    assert_eq!(state().await, ["unapproved"]);
    assert_eq!(world.post(world.ada, &format!("{path}/unapprove"), json!({})).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_merge_makes_a_merge_commit() {
    let world = World::new().await;
    let (id, path) = opened(&world).await;
    let (main, topic) = (head(&world, id, "main").await, head(&world, id, "ABC-1-topic").await);
    let stale = world.put(world.ben, &format!("{path}/merge"), json!({ "sha": "0000000" })).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    world.clock.advance(1000);
    let it =
        world.put(world.ben, &format!("{path}/merge"), json!({ "should_remove_source_branch": true })).await.json();
    assert_eq!((&it["state"], &it["merged_at"]), (&json!("merged"), &json!("2026-03-01T12:00:01.000Z")));
    assert_eq!((&it["merge_user"]["username"], &it["closed_at"]), (&json!("ben"), &json!(null)));
    assert_eq!((&it["merge_commit_sha"], &it["squash_commit_sha"]), (&head(&world, id, "main").await, &json!(null)));
    let commit = world.get(world.ada, &format!("/projects/{id}/repository/commits/main")).await.json();
    assert_eq!(commit["parent_ids"], json!([main, topic]));
    assert!(commit["message"].as_str().unwrap().ends_with("See merge request acme/own!1"));
    // the commits of the merge request are what they were
    assert_eq!(world.get(world.ada, &format!("{path}/commits")).await.column("title"), ["ABC-1 topic"]);
    let branches = world.get(world.ada, &format!("/projects/{id}/repository/branches")).await;
    assert_eq!(branches.column("name"), ["main"]);
    is_message(
        &world.put(world.ben, &format!("{path}/merge"), json!({})).await,
        StatusCode::METHOD_NOT_ALLOWED,
        "405 Method Not Allowed",
    );
}

#[tokio::test]
async fn a_squash_makes_one_commit_of_all() {
    let world = World::new().await;
    let (id, path) = opened(&world).await;
    world.model().import(id, world.ben, on_top("ABC-1-topic", 9, "more\n", "more", "x\n")).await.unwrap();
    let it = world.put(world.ben, &format!("{path}/merge"), json!({ "squash": true })).await.json();
    let squash = it["squash_commit_sha"].as_str().unwrap();
    let commit = world.get(world.ada, &format!("/projects/{id}/repository/commits/{squash}")).await.json();
    assert_eq!((&commit["title"], &commit["stats"]["additions"]), (&json!("ABC-1: topic"), &json!(2)));
    assert_eq!(commit["parent_ids"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_push_of_its_commits_to_the_target_merges_it() {
    let world = World::new().await;
    let (id, path) = opened(&world).await;
    let topic = head(&world, id, "ABC-1-topic").await;
    // when something else is pushed, then nothing happens
    world.model().import(id, world.ada, on_top("main", 9, "other\n", "other", "x\n")).await.unwrap();
    assert_eq!(world.get(world.ada, &path).await.json()["state"], "opened");
    // when the branch is merged by hand and pushed
    let merge = on_top("main", 10, "by hand\n", "other", "y\n");
    let merge = String::from_utf8(merge).unwrap().replace("^0\n", "^0\nmerge refs/heads/ABC-1-topic\n");
    world.model().import(id, world.ada, merge.into_bytes()).await.unwrap();
    // then it is merged, by whom pushed, with that commit
    let it = world.get(world.ada, &path).await.json();
    assert_eq!((&it["state"], &it["merge_user"]["username"]), (&json!("merged"), &json!("ada")));
    assert_eq!((&it["merge_commit_sha"], &it["sha"]), (&head(&world, id, "main").await, &topic));
}

#[tokio::test]
async fn a_fast_forward_by_push_names_the_head_as_the_merge_commit() {
    let world = World::new().await;
    let (id, path) = opened(&world).await;
    let forward = b"reset refs/heads/main\nfrom refs/heads/ABC-1-topic\n\n".to_vec();
    world.model().import(id, world.ada, forward).await.unwrap();
    let it = world.get(world.ada, &path).await.json();
    assert_eq!((&it["state"], &it["merge_commit_sha"]), (&json!("merged"), &it["sha"]));
}

#[tokio::test]
async fn a_conflict_is_not_merged() {
    let world = World::new().await;
    let (id, path) = opened(&world).await;
    world.model().import(id, world.ada, on_top("main", 9, "other\n", "topic.txt", "different\n")).await.unwrap();
    let main = head(&world, id, "main").await;
    is_message(
        &world.put(world.ben, &format!("{path}/merge"), json!({})).await,
        StatusCode::UNPROCESSABLE_ENTITY,
        "Branch cannot be merged",
    );
    assert_eq!(head(&world, id, "main").await, main);
    assert_eq!(world.get(world.ada, &path).await.json()["state"], "opened");
}

#[tokio::test]
async fn a_merge_request_is_closed_and_reopened() {
    let world = World::new().await;
    let (_, path) = opened(&world).await;
    let closed = world.put(world.ben, &path, json!({ "state_event": "close" })).await.json();
    assert_eq!((&closed["state"], &closed["closed_by"]["username"]), (&json!("closed"), &json!("ben")));
    assert_eq!(closed["closed_at"], "2026-03-01T12:00:00.000Z");
    let reopened = world.put(world.ben, &path, json!({ "state_event": "reopen" })).await.json();
    assert_eq!((&reopened["state"], &reopened["closed_at"]), (&json!("opened"), &json!(null)));
    let system = world.get(world.ada, &format!("{path}/notes?activity_filter=only_activity&sort=asc")).await;
    assert_eq!(system.column("body"), ["closed", "reopened"]);
}

#[tokio::test]
async fn only_owners_delete() {
    let world = World::new().await;
    let (_, path) = opened(&world).await;
    assert_eq!(world.delete(world.ben, &path).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.delete(world.ada, &path).await.status, StatusCode::NO_CONTENT);
    is_message(&world.get(world.ada, &path).await, StatusCode::NOT_FOUND, "404 Not found");
}

#[tokio::test]
async fn comments_are_counted_and_the_systems_notes_are_not() {
    let world = World::new().await;
    let (_, path) = opened(&world).await;
    world.clock.advance(1000);
    let note = world.post(world.ada, &format!("{path}/notes"), json!({ "body": "Nice." })).await;
    assert_eq!((note.status, &note.json()["system"]), (StatusCode::CREATED, &json!(false)));
    world.post(world.ada, &format!("{path}/approve"), json!({})).await;
    let it = world.get(world.ada, &path).await.json();
    assert_eq!((&it["user_notes_count"], &it["updated_at"]), (&json!(1), &json!("2026-03-01T12:00:01.000Z")));
    let comments = world.get(world.ada, &format!("{path}/notes?activity_filter=only_comments")).await;
    assert_eq!(comments.column("body"), ["Nice."]);
    assert_eq!(world.get(world.ada, &format!("{path}/notes")).await.column("body").len(), 2);
}

#[tokio::test]
async fn a_merge_request_from_a_fork_outlives_the_fork() {
    // given a merge request from a fork in Ben's namespace
    let world = World::new().await;
    let target = world.project_with_code("acme", "own").await;
    world.model().add_member(target, world.ben, AccessLevel::Developer);
    let forked = world.post(world.ben, &format!("/projects/{target}/fork"), json!({})).await;
    let fork = forked.json()["id"].as_u64().unwrap();
    assert_eq!(forked.json()["forked_from_project"]["id"], target.0);
    world.model().import(ProjectId(fork), world.ben, on_top("main", 9, "forked\n", "fork", "x\n")).await.unwrap();
    let new = json!({
        "source_branch": "main", "target_branch": "main", "title": "From a fork", "target_project_id": target.0,
    });
    let made = world.post(world.ben, &format!("/projects/{fork}/merge_requests"), new).await;
    assert_eq!((made.status, &made.json()["source_project_id"]), (StatusCode::CREATED, &json!(fork)), "{}", made.text);
    let path = format!("/projects/{target}/merge_requests/{}", made.json()["iid"]);
    // when the fork is deleted
    assert_eq!(world.delete(world.ben, &format!("/projects/{fork}")).await.status, StatusCode::ACCEPTED);
    // then the source is null, and the commits are still there
    let it = world.get(world.ada, &path).await.json();
    assert_eq!((&it["source_project_id"], &it["state"]), (&json!(null), &json!("opened")));
    assert_eq!(world.get(world.ada, &format!("{path}/commits")).await.column("title"), ["forked"]);
}

#[tokio::test]
async fn the_head_ref_goes_two_weeks_after_the_end() {
    let world = World::new().await;
    let (id, path) = opened(&world).await;
    world.put(world.ben, &path, json!({ "state_event": "close" })).await;
    let model = world.model();
    let kept = async || model.repositories().resolve(id, "refs/merge-requests/1/head").await.unwrap();
    world.clock.advance(14 * 24 * 3_600_000 - 1);
    model.drop_expired_head_refs(id).await.unwrap();
    assert!(kept().await.is_some());
    world.clock.advance(1);
    model.drop_expired_head_refs(id).await.unwrap();
    assert_eq!(kept().await, None);
    // reopening brings it back
    world.put(world.ben, &path, json!({ "state_event": "reopen" })).await;
    assert!(kept().await.is_some());
}
