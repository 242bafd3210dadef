//! Projects, and the traps of their lists (GitLab contract §5.2, §5.4).

use reqwest::{Method, StatusCode};
use sandbox::gitlab::model::{AccessLevel, ProjectId, Visibility};
use serde_json::json;

use crate::world::World;

/// A group with a project of its own, one in a subgroup, an archived one, a public one and one shared with it.
async fn group(world: &World) -> [ProjectId; 5] {
    let model = world.model();
    let own = world.project("acme", "own").await;
    let below = world.project("acme/core", "below").await;
    let archived = world.project("acme", "archived").await;
    model.archive(archived, true);
    let public = model.create_project("acme", "public", "public", Visibility::Public, world.ada).await.unwrap();
    let shared = world.project("eve", "shared").await;
    model.share_project(shared, world.acme, AccessLevel::Developer);
    [own, below, archived, public, shared]
}

async fn paths(world: &World, query: &str) -> Vec<String> {
    let query = format!("/groups/acme/projects?order_by=id&sort=asc&{query}");
    world.get(world.ben, &query).await.column("path_with_namespace")
}

#[tokio::test]
async fn a_group_lists_its_own_projects_and_those_shared_with_it() {
    let world = World::new().await;
    group(&world).await;
    assert_eq!(paths(&world, "").await, ["acme/own", "acme/archived", "acme/public", "eve/shared"]);
    assert_eq!(paths(&world, "with_shared=false").await, ["acme/own", "acme/archived", "acme/public"]);
    let all = paths(&world, "with_shared=false&include_subgroups=true").await;
    assert_eq!(all, ["acme/own", "acme/core/below", "acme/archived", "acme/public"]);
    assert_eq!(paths(&world, "archived=true").await, ["acme/archived"]);
    assert_eq!(paths(&world, "archived=false&with_shared=false").await, ["acme/own", "acme/public"]);
    assert_eq!(paths(&world, "search=OW").await, ["acme/own"]);
}

#[tokio::test]
async fn membership_and_keyset_paging_do_nothing_on_a_groups_list() {
    let world = World::new().await;
    group(&world).await;
    // given somebody who belongs to nothing, but sees the public project of a public group
    let open = world.model().create_group("open", "Open", None, Visibility::Public, world.ada).unwrap();
    let model = world.model();
    model.create_project("open", "a", "a", Visibility::Public, world.ada).await.unwrap();
    model.create_project("open", "b", "b", Visibility::Private, world.ada).await.unwrap();
    // when they ask as Jira does
    let query = format!("/groups/{open}/projects?pagination=keyset&order_by=id&membership=true&per_page=1");
    let reply = world.get(world.eve, &query).await;
    // then the list is paged by offset and not restricted to memberships
    assert_eq!(reply.column("path_with_namespace"), ["open/a"]);
    assert_eq!(reply.header("x-total"), Some("1"));
    // what restricts it is an access level
    let restricted = world.get(world.eve, &format!("/groups/{open}/projects?min_access_level=10")).await;
    assert_eq!(restricted.json(), json!([]));
}

#[tokio::test]
async fn a_groups_list_is_newest_first_by_default_and_filters_by_activity() {
    let world = World::new().await;
    for path in ["one", "two", "three"] {
        world.project("acme", path).await;
        world.clock.advance(60_000);
    }
    assert_eq!(world.get(world.ben, "/groups/acme/projects").await.column("path"), ["three", "two", "one"]);
    let by_name = world.get(world.ben, "/groups/acme/projects?order_by=name&sort=asc").await;
    assert_eq!(by_name.column("path"), ["one", "three", "two"]);
    let later = world.get(world.ben, "/groups/acme/projects?last_activity_after=2026-03-01T12:01:00Z").await;
    assert_eq!(later.column("path"), ["three", "two"]);
    let wrong = world.get(world.ben, "/groups/acme/projects?order_by=colour").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(wrong.json(), json!({ "error": "order_by does not have a valid value" }));
}

#[tokio::test]
async fn a_project_tells_each_viewer_what_is_theirs_to_know() {
    let world = World::new().await;
    let id = world.project_with_code("acme", "own").await;
    // a developer sees everything
    let full = world.get(world.ben, &format!("/projects/{id}")).await.json();
    assert_eq!(full["path_with_namespace"], "acme/own");
    assert_eq!(full["name_with_namespace"], "Acme / own");
    assert_eq!(full["default_branch"], "main");
    assert_eq!(full["http_url_to_repo"], format!("{}/acme/own.git", world.server.url()));
    assert_eq!((&full["empty_repo"], &full["archived"]), (&json!(false), &json!(false)));
    assert_eq!(full["permissions"]["group_access"]["access_level"], 30);
    assert_eq!(full["namespace"]["kind"], "group");
    // a guest of a private project sees it, but nothing of its code
    let guest = world.get(world.gil, "/projects/acme%2Fown").await.json();
    assert_eq!((guest.get("default_branch"), guest.get("forks_count")), (None, None));
    // a stranger does not see it, whoever asks
    let strange = world.get(world.eve, &format!("/projects/{id}")).await;
    assert_eq!(strange.json(), json!({ "message": "404 Project Not Found" }));
    let anonymous = world.send(world.request(Method::GET, &format!("/api/v4/projects/{id}"))).await;
    assert_eq!((anonymous.status, anonymous.text.contains("404 Project")), (StatusCode::NOT_FOUND, true));
    // an empty one has no default branch
    let empty = world.project("acme", "empty").await;
    let empty = world.get(world.ben, &format!("/projects/{empty}")).await.json();
    assert_eq!((&empty["default_branch"], &empty["empty_repo"]), (&json!(null), &json!(true)));
}

#[tokio::test]
async fn an_old_path_leads_to_the_id() {
    // given a project that was renamed, then moved
    let world = World::new().await;
    let id = world.project_with_code("acme", "old").await;
    world.model().rename_project(id, "new", "New").unwrap();
    world.model().transfer_project(id, "acme/core").unwrap();
    assert_eq!(world.get(world.ben, "/projects/acme%2Fcore%2Fnew").await.json()["id"], id.0);
    // when it is asked by the paths that it had
    for path in ["acme%2Fold", "acme%2Fnew"] {
        let moved = world.get(world.ben, &format!("/projects/{path}/repository/branches?per_page=1")).await;
        // then the answer names the address by id, with all that follows
        assert_eq!(moved.status, StatusCode::MOVED_PERMANENTLY);
        let to = format!("{}/api/v4/projects/{id}/repository/branches?per_page=1", world.server.url());
        assert_eq!(moved.header("location"), Some(to.as_str()));
        assert!(moved.header("content-type").unwrap().starts_with("text/plain"));
    }
    // and nothing is changed by an old path
    let body = json!({ "url": "http://example.com/" });
    let refused = world.post(world.ada, "/projects/acme%2Fold/hooks", body).await;
    assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
    // nor is anything told to strangers
    assert_eq!(world.get(world.eve, "/projects/acme%2Fold").await.status, StatusCode::NOT_FOUND);
    // a new project at the old path ends the redirect
    let newcomer = world.project("acme", "old").await;
    assert_eq!(world.get(world.ben, "/projects/acme%2Fold").await.json()["id"], newcomer.0);
}

#[tokio::test]
async fn projects_are_paged_by_keyset_to_an_empty_end() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for path in ["a", "b", "c"] {
        ids.push(world.project("acme", path).await.0.to_string());
    }
    let query = "/projects?pagination=keyset&order_by=id&sort=asc&membership=true&per_page=2&simple=true";
    let first = world.get(world.ben, query).await;
    assert_eq!(first.column("id"), ids[..2]);
    assert_eq!(first.header("x-page"), None);
    let next = |reply: &crate::world::Reply| {
        let link = reply.header("link").map(str::to_owned)?;
        assert!(link.ends_with("; rel=\"next\""), "{link}");
        Some(link[1..link.find('>').unwrap()].split_once("/api/v4").unwrap().1.to_owned())
    };
    let to = next(&first).unwrap();
    assert!(to.contains(&format!("id_after={}", ids[1])) && to.contains("membership=true"), "{to}");
    let second = world.get(world.ben, &to).await;
    assert_eq!(second.column("id"), ids[2..]);
    // the last page that has rows still announces another one
    let last = world.get(world.ben, &next(&second).unwrap()).await;
    assert_eq!((last.json(), next(&last)), (json!([]), None));
    // and by any other order there is no keyset
    let refused = world.get(world.ben, "/projects?pagination=keyset&order_by=name").await;
    assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_list_of_projects_can_be_narrowed_to_memberships() {
    let world = World::new().await;
    let [own, ..] = group(&world).await;
    let all = world.get(world.gil, "/projects?order_by=id&sort=asc").await;
    assert_eq!(all.column("path"), ["own", "below", "archived", "public", "shared"]);
    // an administrator sees all, but belongs to none
    assert_eq!(world.get(world.root, "/projects?membership=true").await.json(), json!([]));
    let developed = world.get(world.ben, "/projects?min_access_level=30&archived=false&order_by=id&sort=asc").await;
    assert_eq!(developed.column("id")[0], own.to_string());
    let public = world.send(world.request(Method::GET, "/api/v4/projects")).await;
    assert_eq!(public.column("path"), ["public"]);
}

#[tokio::test]
async fn a_personal_namespace_lists_its_projects() {
    let world = World::new().await;
    world.project("ada", "own").await;
    for id in [world.ada.to_string(), "ada".to_owned()] {
        let listed = world.get(world.ada, &format!("/users/{id}/projects")).await;
        assert_eq!(listed.column("path_with_namespace"), ["ada/own"]);
    }
    assert_eq!(world.get(world.ben, "/users/ada/projects").await.json(), json!([]));
    assert_eq!(world.get(world.ben, "/users/nobody/projects").await.json()["message"], "404 User Not Found");
    // it is no group
    assert_eq!(world.get(world.ada, "/groups/ada/projects").await.json()["message"], "404 Group Not Found");
}

#[tokio::test]
async fn projects_are_made_changed_and_deleted_over_rest() {
    let world = World::new().await;
    let group = json!({ "name": "Tool", "path": "tool", "namespace_id": world.acme.0, "visibility": "internal" });
    let made = world.post(world.ada, "/projects", group).await;
    assert_eq!((made.status, &made.json()["path_with_namespace"]), (StatusCode::CREATED, &json!("acme/tool")));
    let id = made.json()["id"].clone();
    let own = world.post(world.eve, "/projects", json!({ "name": "mine" })).await;
    assert_eq!(own.json()["path_with_namespace"], "eve/mine");
    let renamed = world.put(world.ada, &format!("/projects/{id}"), json!({ "path": "tools" })).await;
    assert_eq!(renamed.json()["path_with_namespace"], "acme/tools");
    assert_eq!(world.post(world.ada, &format!("/projects/{id}/archive"), json!({})).await.json()["archived"], true);
    assert_eq!(world.delete(world.ben, &format!("/projects/{id}")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.delete(world.ada, &format!("/projects/{id}")).await.status, StatusCode::ACCEPTED);
    assert_eq!(world.get(world.ada, &format!("/projects/{id}")).await.status, StatusCode::NOT_FOUND);
}
