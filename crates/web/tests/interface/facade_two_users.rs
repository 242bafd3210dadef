//! A token opens what its GitLab user sees, path by path.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use store::testing::Engine;

use crate::facade_hooks::{PUSH_HOOK, send};
use crate::facade_scene::{Jira, Scene};

const ENGINE: &str = "/api/v3/repos/platform/engine";

/// What a path gives to the user who sees everything, and what to the one who sees only the subgroup.
async fn compared(jira: &Jira, eve: &Jira, path: &str) -> (StatusCode, StatusCode, Value) {
    let (seen, hidden) = (jira.get(path).await, eve.get(path).await);
    (seen.status, hidden.status, hidden.json())
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn no_path_opens_what_the_user_does_not_see(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };
    let (jira, eve) = (scene.imported().await, scene.jira_of(scene.eve).await);
    eve.get("/api/v3/users/platform/repos").await;
    let head = jira.json(&format!("{ENGINE}/branches")).await[0]["commit"]["sha"].as_str().unwrap().to_owned();
    let id = scene.open.0;
    send(&scene, &jira, Method::POST, &format!("{ENGINE}/hooks"), Some(PUSH_HOOK)).await;
    let hook = send(&scene, &jira, Method::GET, &format!("{ENGINE}/hooks"), None).await.json()[0]["id"].clone();

    let paths = [
        ENGINE.to_owned(),
        format!("{ENGINE}/branches"),
        format!("{ENGINE}/commits/{head}"),
        format!("{ENGINE}/commits/{}", &head[..8]),
        format!("{ENGINE}/commits/main"),
        format!("{ENGINE}/pulls"),
        format!("{ENGINE}/pulls/{id}"),
        format!("{ENGINE}/pulls/{id}/commits"),
        format!("{ENGINE}/pulls/{id}/comments"),
        format!("{ENGINE}/issues/{id}/comments"),
        format!("{ENGINE}/events"),
        format!("{ENGINE}/hooks"),
        format!("{ENGINE}/hooks/{hook}"),
        format!("/api/v3/repos/-/jira/pulls/{id}"),
        format!("/api/v3/repos/-/jira/pulls/{id}/commits"),
        format!("/api/v3/repos/-/jira/pulls/{id}/comments"),
        format!("/api/v3/repos/-/jira/issues/{id}/comments"),
    ];
    for path in paths {
        for prefix in ["", "/-/jira"] {
            let (seen, hidden, told) = compared(&jira, &eve, &format!("{prefix}{path}")).await;
            assert_eq!((seen, hidden), (StatusCode::OK, StatusCode::NOT_FOUND), "{path}: {told}");
            assert!(told["message"].as_str().unwrap().starts_with("404 "), "{told}");
        }
    }
    let answer = send(&scene, &eve, Method::POST, &format!("{ENGINE}/hooks"), Some(PUSH_HOOK)).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let answer = send(&scene, &eve, Method::DELETE, &format!("{ENGINE}/hooks/{hook}"), None).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn lists_hold_only_what_the_user_sees(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };
    let _jira = scene.imported().await;
    let eve = scene.jira_of(scene.eve).await;

    let group = eve.json("/api/v3/users/platform/repos").await;
    let pulls = eve.json("/api/v3/repos/-/jira/pulls?state=all").await;
    let events = eve.json("/api/v3/repos/-/jira/events").await;

    assert_eq!(group.as_array().unwrap().len(), 1, "{group}");
    assert_eq!(group[0]["name"], "platform@mobile@app");
    assert_eq!((pulls.as_array().unwrap().len(), &pulls[0]["title"]), (1, &json!("PLAT-3 Show it")));
    assert_eq!(
        (events.as_array().unwrap().len(), &events[0]["repo"]["name"]),
        (1, &json!("platform/platform@mobile@app"))
    );
    assert_eq!(eve.json("/api/v3/repos/platform/platform@mobile@app").await["name"], "platform@mobile@app");
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_loses_access_loses_it_here(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };
    let jira = scene.imported().await;
    let model = scene.model();
    let group = model.group_by_path("platform").unwrap().id;
    assert_eq!(jira.status(ENGINE).await, StatusCode::OK);

    model.remove_member(group, scene.jira);
    model.add_member(
        model.group_by_path("platform/mobile").unwrap().id,
        scene.jira,
        sandbox::gitlab::model::AccessLevel::Reporter,
    );
    jira.get("/api/v3/users/platform/repos").await;
    let account = scene.site.store.accounts(store::Viewer::Everything).await.unwrap()[0].id;
    sync::request::refresh_account(scene.site.state.engine(), account).await.unwrap();
    scene.idle().await;

    assert_eq!(jira.status(ENGINE).await, StatusCode::NOT_FOUND);
    assert_eq!(jira.status("/api/v3/repos/platform/platform@mobile@app").await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_that_is_not_open_looks_gone() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let model = scene.model();
    let fork = model.fork_project(scene.app, "owner", scene.owner).await.unwrap();
    let commit = sandbox::gitlab::model::QuickCommit::on("PLAT-7", "PLAT-7 From a fork").with("x", "y");
    model.push_commit(fork, scene.owner, commit).await.unwrap();
    let new = sandbox::gitlab::model::NewMergeRequest {
        source_project: fork,
        ..sandbox::gitlab::model::NewMergeRequest::within(
            scene.app,
            "PLAT-7",
            "main",
            "PLAT-7 From a fork",
            scene.owner,
        )
    };
    let id = model.open_merge_request(new).await.unwrap().0;
    let jira = scene.imported().await;

    let pull = jira.json(&format!("/api/v3/repos/platform/platform@mobile@app/pulls/{id}")).await;

    assert_eq!((&pull["head"]["repo"], &pull["head"]["ref"]), (&Value::Null, &json!("PLAT-7")));
    assert!(!pull.to_string().contains("owner/app"), "{pull}");
}
