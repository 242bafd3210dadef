//! A token opens what its GitLab user sees, path by path.

use axum::http::{Method, StatusCode};
use sandbox::gitlab::model::{AccessLevel, NewMergeRequest, NewUser, QuickCommit, Visibility};
use serde_json::{Value, json};
use store::testing::Engine;

use crate::facade_hooks::{PUSH_HOOK, send};
use crate::facade_scene::{Jira, Scene};

const ENGINE: &str = "/api/v3/repos/platform/engine";
const APP: &str = "/api/v3/repos/platform/platform@mobile@app";

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
    for prefix in ["", "/-/jira"] {
        let hooks = format!("{prefix}{ENGINE}/hooks");
        let answer = send(&scene, &eve, Method::POST, &hooks, Some(PUSH_HOOK)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        let answer = send(&scene, &eve, Method::DELETE, &format!("{hooks}/{hook}"), None).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    let kept = send(&scene, &jira, Method::GET, &format!("{ENGINE}/hooks"), None).await.json();
    assert_eq!(kept.as_array().unwrap().len(), 1, "{kept}");
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_opened_through_another_repository(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };
    let (jira, eve) = (scene.imported().await, scene.jira_of(scene.eve).await);
    eve.get("/api/v3/users/platform/repos").await;
    let id = scene.open.0;
    let pull = jira.json(&format!("{ENGINE}/pulls/{id}")).await;
    let head = pull["head"]["sha"].as_str().unwrap();
    let hooks = format!("{ENGINE}/hooks");
    let hook = send(&scene, &jira, Method::POST, &hooks, Some(PUSH_HOOK)).await.json()["id"].clone();
    assert_eq!(jira.status(&format!("{ENGINE}/commits/{head}")).await, StatusCode::OK);

    for tail in [
        format!("commits/{head}"),
        format!("commits/{}", &head[..8]),
        "commits/feature/PLAT-2".to_owned(),
        "commits/feature%2FPLAT-2".to_owned(),
        format!("pulls/{id}"),
        format!("pulls/{id}/commits"),
        format!("pulls/{id}/comments"),
        format!("issues/{id}/comments"),
        format!("hooks/{hook}"),
    ] {
        for prefix in ["", "/-/jira"] {
            let answer = eve.get(&format!("{prefix}{APP}/{tail}")).await;
            assert!(matches!(answer.status.as_u16(), 404 | 410), "{tail}: {} {}", answer.status, answer.text);
        }
    }
    let removed = send(&scene, &eve, Method::DELETE, &format!("{APP}/hooks/{hook}"), None).await;
    assert_eq!(removed.status, StatusCode::NOT_FOUND);
}

#[rstest::rstest]
#[case("platform", "engine")]
#[case("PLATFORM", "Engine")]
#[case("platform", "platform@engine")]
#[case("anything", "platform@engine")]
#[case("platform@mobile", "platform@engine")]
#[case("platform", "@platform@@engine")]
#[case("-", "platform@engine")]
#[tokio::test(flavor = "multi_thread")]
async fn however_it_is_spelled_it_stays_closed(#[case] owner: &str, #[case] name: &str) {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let (jira, eve) = (scene.imported().await, scene.jira_of(scene.eve).await);
    eve.get("/api/v3/users/platform/repos").await;

    for tail in ["", "/branches", "/commits/main", "/pulls", "/events"] {
        let path = format!("/api/v3/repos/{owner}/{name}{tail}");
        assert_eq!(
            (jira.status(&path).await, eve.status(&path).await),
            (StatusCode::OK, StatusCode::NOT_FOUND),
            "{path}"
        );
    }
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn hooks_are_each_users_own(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };
    let (jira, eve) = (scene.imported().await, scene.jira_of(scene.eve).await);
    eve.get("/api/v3/users/platform/repos").await;
    let hooks = format!("{APP}/hooks");
    let made = send(&scene, &jira, Method::POST, &hooks, Some(PUSH_HOOK)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let one = format!("{hooks}/{}", made.json()["id"]);

    assert_eq!(send(&scene, &eve, Method::GET, &hooks, None).await.json(), json!([]));
    assert_eq!(send(&scene, &eve, Method::GET, &one, None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(send(&scene, &eve, Method::DELETE, &one, None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(send(&scene, &jira, Method::GET, &one, None).await.json(), made.json());
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn people_and_groups_that_nothing_visible_names_are_not_there(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };
    let model = scene.model();
    let zoe = NewUser {
        login: "zoe".to_owned(),
        name: "Zoe".to_owned(),
        email: "zoe@example.com".to_owned(),
        password: "correct horse".to_owned(),
        admin: false,
    };
    let zoe = model.create_user(zoe).unwrap();
    model.add_member(scene.engine, zoe, AccessLevel::Developer);
    let commit =
        QuickCommit { parent: Some("refs/heads/main".to_owned()), ..QuickCommit::on("PLAT-8", "PLAT-8 By Zoe") };
    model.push_commit(scene.engine, zoe, commit.with("zoe.txt", "z")).await.unwrap();
    model
        .open_merge_request(NewMergeRequest::within(scene.engine, "PLAT-8", "main", "PLAT-8 By Zoe", zoe))
        .await
        .unwrap();
    let secret = model.create_group("secret", "Secret", None, Visibility::Private, scene.owner).unwrap();
    model.add_member(secret, scene.jira, AccessLevel::Reporter);
    model.create_project("secret", "plan", "plan", Visibility::Private, scene.owner).await.unwrap();
    let (jira, eve) = (scene.imported().await, scene.jira_of(scene.eve).await);
    eve.get("/api/v3/users/platform/repos").await;
    jira.json("/api/v3/users/secret/repos").await;
    scene.idle().await;

    for path in ["/users/zoe", "/users/secret", "/users/secret/repos", "/orgs/secret/repos", "/repos/secret/plan"] {
        for prefix in ["", "/-/jira"] {
            let path = format!("{prefix}/api/v3{path}");
            let seen = (jira.status(&path).await, eve.status(&path).await);
            assert_eq!(seen, (StatusCode::OK, StatusCode::NOT_FOUND), "{path}");
        }
    }
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
