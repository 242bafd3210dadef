//! Lists of merge requests (GitLab contract §5.7).

use reqwest::StatusCode;
use sandbox::gitlab::model::{MergeRequestChange, NewMergeRequest, ProjectId};
use serde_json::json;

use crate::world::{World, on_top};

/// Two projects: one in the group with merge requests `first` (merged later), `second` and `third`, one in the subgroup.
async fn several(world: &World) -> (ProjectId, ProjectId) {
    let model = world.model();
    let own = world.project_with_code("acme", "own").await;
    for (at, name) in ["second", "third"].into_iter().enumerate() {
        let branch = format!("reset refs/heads/{name}\nfrom refs/heads/main\n\n").into_bytes();
        model.import(own, world.ada, branch).await.unwrap();
        let hour = 10 + i64::try_from(at).unwrap();
        model.import(own, world.ada, on_top(name, hour, name, name, "x\n")).await.unwrap();
    }
    let below = world.project_with_code("acme/core", "below").await;
    for (project, source, title) in [
        (own, "ABC-1-topic", "first"),
        (own, "second", "second"),
        (own, "third", "third"),
        (below, "ABC-1-topic", "below"),
    ] {
        let new = NewMergeRequest::within(project, source, "main", title, world.ben);
        model.open_merge_request(new).await.unwrap();
        world.clock.advance(60_000);
    }
    (own, below)
}

async fn titles(world: &World, path: &str) -> Vec<String> {
    world.get(world.ada, path).await.column("title")
}

#[tokio::test]
async fn a_project_lists_its_merge_requests_newest_first() {
    let world = World::new().await;
    let (own, _) = several(&world).await;
    let path = format!("/projects/{own}/merge_requests");
    assert_eq!(titles(&world, &path).await, ["third", "second", "first"]);
    assert_eq!(titles(&world, &format!("{path}?sort=asc&per_page=2")).await, ["first", "second"]);
    assert_eq!(titles(&world, &format!("{path}?iids[]=1&iids[]=3")).await, ["third", "first"]);
    assert_eq!(titles(&world, &format!("{path}?source_branch=second")).await, ["second"]);
    assert_eq!(titles(&world, &format!("{path}?search=THI&in=title")).await, ["third"]);
    assert_eq!(titles(&world, &format!("{path}?author_username=ada")).await, Vec::<String>::new());
    let wrong = world.get(world.ada, &format!("{path}?state=open")).await;
    assert_eq!(wrong.json(), json!({ "error": "state does not have a valid value" }));
}

#[tokio::test]
async fn the_crawl_by_change_is_inclusive_and_in_order() {
    // given three merge requests, the first of which changed last
    let world = World::new().await;
    let (own, _) = several(&world).await;
    let model = world.model();
    let first = model.merge_request_by_iid(own, 1).unwrap().id;
    let change = MergeRequestChange { title: Some("first, again".to_owned()), ..MergeRequestChange::default() };
    model.update_merge_request(first, world.ada, change).await.unwrap();
    // when it is crawled from a moment on
    let path = format!("/projects/{own}/merge_requests?order_by=updated_at&sort=asc&scope=all");
    assert_eq!(titles(&world, &path).await, ["second", "third", "first, again"]);
    // then that moment itself is included
    let from = titles(&world, &format!("{path}&updated_after=2026-03-01T12:02:00.000Z")).await;
    assert_eq!(from, ["third", "first, again"]);
    let after = titles(&world, &format!("{path}&updated_after=2026-03-01T13:02:00.001%2B01:00")).await;
    assert_eq!(after, ["first, again"]);
    let before = titles(&world, &format!("{path}&updated_before=2026-03-01T12:01:00Z")).await;
    assert_eq!(before, ["second"]);
}

#[tokio::test]
async fn states_are_told_apart() {
    let world = World::new().await;
    let (own, _) = several(&world).await;
    let model = world.model();
    let [first, second] = [1, 2].map(|iid| model.merge_request_by_iid(own, iid).unwrap().id);
    model.merge(first, world.ada, sandbox::gitlab::model::MergeMethod::MergeCommit).await.unwrap();
    model.close_merge_request(second, world.ada).unwrap();
    let by = async |state: &str| titles(&world, &format!("/projects/{own}/merge_requests?state={state}")).await;
    assert_eq!(by("opened").await, ["third"]);
    assert_eq!(by("closed").await, ["second"]);
    assert_eq!(by("merged").await, ["first"]);
    assert_eq!(by("all").await.len(), 3);
}

#[tokio::test]
async fn a_group_lists_what_is_below_it_without_archived_projects() {
    let world = World::new().await;
    let (own, _) = several(&world).await;
    let path = "/groups/acme/merge_requests?order_by=created_at&sort=asc";
    assert_eq!(titles(&world, path).await, ["first", "second", "third", "below"]);
    world.model().archive(own, true);
    assert_eq!(titles(&world, path).await, ["below"]);
    assert_eq!(titles(&world, &format!("{path}&non_archived=false")).await.len(), 4);
}

#[tokio::test]
async fn the_global_list_is_ones_own_unless_all_is_asked_for() {
    let world = World::new().await;
    several(&world).await;
    assert_eq!(titles(&world, "/merge_requests").await, Vec::<String>::new());
    assert_eq!(titles(&world, "/merge_requests?scope=all").await.len(), 4);
    assert_eq!(world.get(world.ben, "/merge_requests").await.column("title").len(), 4);
    // strangers see none
    assert_eq!(world.get(world.eve, "/merge_requests?scope=all").await.json(), json!([]));
}

#[tokio::test]
async fn the_simple_view_is_short() {
    let world = World::new().await;
    let (own, _) = several(&world).await;
    let rows = world.get(world.ada, &format!("/projects/{own}/merge_requests?view=simple")).await.json();
    let keys: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 9, "{keys:?}");
}

#[tokio::test]
async fn switched_off_merge_requests_are_forbidden_in_their_project_and_missing_above() {
    let world = World::new().await;
    let (own, below) = several(&world).await;
    world.server.switches().merge_requests_off(own);
    let list = world.get(world.ada, &format!("/projects/{own}/merge_requests")).await;
    assert_eq!((list.status, list.json()), (StatusCode::FORBIDDEN, json!({ "message": "403 Forbidden" })));
    let one = world.get(world.ada, &format!("/projects/{own}/merge_requests/1")).await;
    assert_eq!(one.status, StatusCode::FORBIDDEN);
    assert_eq!(titles(&world, "/groups/acme/merge_requests").await, ["below"]);
    assert_eq!(world.get(world.ada, &format!("/projects/{below}/merge_requests")).await.status, StatusCode::OK);
    // the project says so itself
    assert_eq!(world.get(world.ada, &format!("/projects/{own}")).await.json()["merge_requests_enabled"], false);
}

#[tokio::test]
async fn a_group_is_crawled_by_change_page_by_page() {
    // given merge requests below a group, one of them in an archived project
    let world = World::new().await;
    let (own, _) = several(&world).await;
    world.model().archive(own, true);
    let query = "scope=all&non_archived=false&order_by=updated_at&sort=asc&per_page=2";
    // when the group is crawled from a moment on
    let crawl = async |after: &str| {
        let (mut found, mut page) = (Vec::new(), "1".to_owned());
        while !page.is_empty() {
            let path = format!("/groups/{}/merge_requests?{query}&updated_after={after}&page={page}", world.acme);
            let reply = world.get(world.ada, &path).await;
            found.extend(reply.column("title"));
            reply.header("x-next-page").unwrap_or_default().clone_into(&mut page);
        }
        found
    };
    // then all of it comes in the order of change, that moment included
    assert_eq!(crawl("1970-01-01T00:00:00Z").await, ["first", "second", "third", "below"]);
    assert_eq!(crawl("2026-03-01T12:01:00.000Z").await, ["second", "third", "below"]);
    // and a comment moves a merge request to the end
    let first = world.model().merge_request_by_iid(own, 1).unwrap().id;
    world.model().comment(first, world.ben, "Please look.").unwrap();
    assert_eq!(crawl("2026-03-01T12:03:00Z").await, ["below", "first"]);
    let told = world.get(world.ada, &format!("/groups/acme/merge_requests?{query}&page=2")).await.json();
    assert_eq!((&told[1]["title"], &told[1]["user_notes_count"]), (&json!("first"), &json!(1)));
}
