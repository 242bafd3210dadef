//! Branches, commits and comparisons (GitLab contract §5.5, §5.6).

use reqwest::{Method, StatusCode};
use sandbox::gitlab::model::Visibility;
use serde_json::json;

use crate::world::{World, commit, on_top};

#[tokio::test]
async fn branches_are_listed_by_name() {
    // given three branches: the default one, one ahead of it, one behind
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let behind = b"reset refs/heads/a/behind\nfrom refs/heads/main~1\n\n".to_vec();
    world.model().import(id, world.ada, behind).await.unwrap();
    // when they are listed
    let list = world.get(world.ben, &format!("/projects/{id}/repository/branches")).await;
    // then each says where it stands
    assert_eq!(list.column("name"), ["ABC-1-topic", "a/behind", "main"]);
    assert_eq!(list.column("merged"), ["false", "true", "false"]);
    assert_eq!(list.column("default"), ["false", "false", "true"]);
    assert_eq!(list.column("can_push"), ["true", "true", "true"]);
    assert_eq!(list.header("x-total"), Some("3"));
    let rows = list.json();
    assert_eq!(rows[0]["web_url"], format!("{}/acme/own/-/tree/ABC-1-topic", world.server.url()));
    assert_eq!(rows[0]["commit"]["title"], "ABC-1 topic");
    assert_eq!(rows[2]["commit"]["id"].as_str().unwrap().len(), 40);
}

#[tokio::test]
async fn branches_can_be_searched_and_ordered() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let names = async |query: &str| {
        world.get(world.ben, &format!("/projects/{id}/repository/branches?{query}")).await.column("name")
    };
    assert_eq!(names("search=TOPIC").await, ["ABC-1-topic"]);
    assert_eq!(names("search=^ma").await, ["main"]);
    assert_eq!(names("search=topic$").await, ["ABC-1-topic"]);
    assert_eq!(names("regex=^m").await, ["main"]);
    assert_eq!(names("sort=updated_asc").await, ["main", "ABC-1-topic"]);
}

#[tokio::test]
async fn one_branch_is_found_by_its_encoded_name() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let slashes = b"reset refs/heads/feature/ABC-2\nfrom refs/heads/main\n\n".to_vec();
    world.model().import(id, world.ada, slashes).await.unwrap();
    let one = format!("/projects/{id}/repository/branches/feature%2FABC-2");
    assert_eq!(world.get(world.ben, &one).await.json()["name"], "feature/ABC-2");
    let missing = world.get(world.ben, &format!("/projects/{id}/repository/branches/nothing")).await;
    assert_eq!((missing.status, missing.json()), (StatusCode::NOT_FOUND, json!({ "message": "404 Branch Not Found" })));
    // HEAD asks only whether it is there
    let head = world.ask(world.ben, Method::HEAD, &one, json!(null)).await;
    assert_eq!(head.status, StatusCode::NO_CONTENT);
    // an id is no branch
    let sha = world.get(world.ben, &one).await.json()["commit"]["id"].as_str().unwrap().to_owned();
    let by_id = world.get(world.ben, &format!("/projects/{id}/repository/branches/{sha}")).await;
    assert_eq!(by_id.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_may_not_read_code_is_told_so() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let path = format!("/projects/{id}/repository/branches");
    assert_eq!(world.get(world.gil, &path).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.get(world.eve, &path).await.json()["message"], "404 Project Not Found");
    let public = world.model().create_project("ada", "open", "open", Visibility::Public, world.ada).await.unwrap();
    let anonymous = format!("/api/v4/projects/{public}/repository/branches");
    assert_eq!(world.send(world.request(Method::GET, &anonymous)).await.json(), json!([]));
}

#[tokio::test]
async fn an_empty_repository_is_an_empty_list_and_none_is_404() {
    let world = World::new().await;
    let (empty, none) = (world.project("acme", "empty").await, world.project("acme", "none").await);
    world.server.switches().no_repository(none);
    for list in ["branches", "commits", "tags"] {
        let reply = world.get(world.ben, &format!("/projects/{empty}/repository/{list}")).await;
        assert_eq!((reply.status, reply.json()), (StatusCode::OK, json!([])), "{list}");
        let reply = world.get(world.ben, &format!("/projects/{none}/repository/{list}")).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{list}");
        assert_eq!(reply.json(), json!({ "message": "404 Repository Not Found" }), "{list}");
    }
}

#[tokio::test]
async fn commits_are_listed_newest_first_and_the_next_page_is_guessed() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let list = async |query: &str| world.get(world.ben, &format!("/projects/{id}/repository/commits?{query}")).await;
    // without a name it is the default branch
    let all = list("").await;
    assert_eq!(all.column("title"), ["third", "second", "ABC-1 first"]);
    assert_eq!((all.header("x-total"), all.header("x-next-page")), (None, Some("")));
    assert_eq!(list("ref_name=ABC-1-topic&per_page=1").await.column("title"), ["ABC-1 topic"]);
    assert_eq!(list("ref_name=main..ABC-1-topic").await.column("title"), ["ABC-1 topic"]);
    assert_eq!(list("all=true").await.column("title").len(), 4);
    // a full page announces a next one, which may be empty
    let full = list("per_page=3").await;
    assert_eq!(full.header("x-next-page"), Some("2"));
    assert_eq!(list("per_page=3&page=2").await.json(), json!([]));
    // nonsense falls back to the defaults
    assert_eq!(list("page=0&per_page=-1").await.header("x-per-page"), Some("20"));
}

#[tokio::test]
async fn commits_are_narrowed_by_committer_date_path_and_author() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let list = async |query: &str| {
        world.get(world.ben, &format!("/projects/{id}/repository/commits?{query}")).await.column("title")
    };
    assert_eq!(list("since=2026-01-01T02:00:00Z").await, ["third", "second"]);
    assert_eq!(list("until=2026-01-01T02:30:00%2B01:00").await, ["ABC-1 first"]);
    assert_eq!(list("path=one.txt").await, ["ABC-1 first"]);
    assert_eq!(list("author=nobody").await, Vec::<String>::new());
    let unknown = world.get(world.ben, &format!("/projects/{id}/repository/commits?ref_name=gone")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let ill = world.get(world.ben, &format!("/projects/{id}/repository/commits?ref_name=-x%20y")).await;
    assert_eq!((ill.status, ill.json()), (StatusCode::BAD_REQUEST, json!({ "message": "ref_name is invalid" })));
}

#[tokio::test]
async fn one_commit_has_statistics_parents_and_times() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let one = world.get(world.ben, &format!("/projects/{id}/repository/commits/main")).await.json();
    assert_eq!(one["stats"], json!({ "additions": 2, "deletions": 1, "total": 3 }));
    assert_eq!(one["parent_ids"].as_array().unwrap().len(), 1);
    assert_eq!((one["project_id"].as_u64(), &one["status"]), (Some(id.0), &json!(null)));
    let authored = one["authored_date"].as_str().unwrap();
    assert!(authored.starts_with("2026-01-01T04:00:00") && authored.ends_with("+01:00"), "{authored}");
    let first = world.get(world.ben, &format!("/projects/{id}/repository/commits/main~2")).await;
    assert_eq!((&first.json()["title"], &first.json()["parent_ids"]), (&json!("ABC-1 first"), &json!([])));
    let missing = world.get(world.ben, &format!("/projects/{id}/repository/commits/0123456789")).await;
    assert_eq!(missing.json(), json!({ "message": "404 Commit Not Found" }));
}

#[tokio::test]
async fn a_commits_diff_is_a_list_of_files() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let main = format!("/projects/{id}/repository/commits/main");
    let files = world.get(world.ben, &format!("{main}/diff")).await;
    assert_eq!(files.column("new_path"), ["two.txt"]);
    let file = &files.json()[0];
    assert!(file["diff"].as_str().unwrap().starts_with("@@ -1,3 +1,4 @@"), "{file}");
    assert_eq!((&file["new_file"], &file["too_large"]), (&json!(false), &json!(false)));
    // the first commit is compared with nothing
    let list = world.get(world.ben, &format!("/projects/{id}/repository/commits")).await;
    let root = format!("/projects/{id}/repository/commits/{}", list.column("id")[2]);
    let files = world.get(world.ben, &format!("{root}/diff")).await.json();
    assert_eq!((&files[0]["new_path"], &files[0]["new_file"]), (&json!("one.txt"), &json!(true)));
    // and refs tell where it can be reached from
    let refs = world.get(world.ben, &format!("{root}/refs?type=branch")).await;
    assert_eq!(
        (refs.column("name"), refs.header("x-total")),
        (vec!["ABC-1-topic".to_owned(), "main".to_owned()], None)
    );
}

#[tokio::test]
async fn a_comparison_lists_commits_oldest_first_and_changes_since_the_fork() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    world.model().import(id, world.ada, on_top("ABC-1-topic", 5, "more\n", "topic.txt", "b\n")).await.unwrap();
    world.model().import(id, world.ada, on_top("main", 6, "elsewhere\n", "main.txt", "c\n")).await.unwrap();
    let path = format!("/projects/{id}/repository/compare?from=main&to=ABC-1-topic");
    let compared = world.get(world.ben, &path).await.json();
    let titles: Vec<&str> =
        compared["commits"].as_array().unwrap().iter().map(|it| it["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["ABC-1 topic", "more"]);
    assert_eq!(compared["diffs"].as_array().unwrap().len(), 1);
    assert_eq!(compared["compare_same_ref"], false);
    let missing = world.get(world.ben, &format!("/projects/{id}/repository/compare?from=main&to=gone")).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn branches_are_made_and_deleted_over_rest() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    let path = format!("/projects/{id}/repository/branches");
    let new = json!({ "branch": "ABC-9", "ref": "main" });
    let made = world.post(world.ben, &path, new.clone()).await;
    assert_eq!((made.status, &made.json()["name"]), (StatusCode::CREATED, &json!("ABC-9")));
    assert_eq!(world.post(world.ben, &path, new).await.json()["message"], "Branch already exists");
    let wrong = json!({ "branch": "x", "ref": "gone" });
    assert_eq!(world.post(world.ben, &path, wrong).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.delete(world.gil, &format!("{path}/ABC-9")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.delete(world.ben, &format!("{path}/ABC-9")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.delete(world.ben, &format!("{path}/main")).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.get(world.ben, &path).await.column("name"), ["ABC-1-topic", "main"]);
}

#[tokio::test]
async fn a_push_makes_the_first_branch_the_default_and_moves_the_activity() {
    let world = World::new().await;
    let id = world.project("acme", "own").await;
    world.clock.advance(60_000);
    world.model().import(id, world.ada, commit("trunk", 1, "start\n", "a", "a\n").into_bytes()).await.unwrap();
    let project = world.get(world.ben, &format!("/projects/{id}")).await.json();
    assert_eq!(project["default_branch"], "trunk");
    assert_eq!(project["created_at"], "2026-03-01T12:00:00.000Z");
    assert_eq!(project["last_activity_at"], "2026-03-01T12:01:00.000Z");
}
