//! Sites: Jiras that are told about branches, commits and merge requests.

use axum::http::{Method, StatusCode};
use sandbox::jira::model::{NewUser, Permission, Workflow};
use serde_json::{Value, json};
use store::Scope;
use store::testing::Engine;

use crate::caller::Caller;
use crate::seed;
use crate::site::Site;

/// A password that no answer may contain.
const PASSWORD: &str = "correct-horse-battery";

/// A Dovetail, and a Jira with the project ABC and a service user.
struct Scene {
    site: Site,
    jira: sandbox::jira::Server,
    admin: Caller,
}

async fn scene(engine: Engine) -> Option<Scene> {
    let site = Site::open(engine).await?;
    let jira = sandbox::jira::Server::start(sandbox::jira::Options::data_center()).await.unwrap();
    let model = jira.model();
    let service = NewUser {
        login: "dovetail".to_owned(),
        name: "Dovetail".to_owned(),
        email: "dovetail@example.com".to_owned(),
        password: PASSWORD.to_owned(),
        admin: true,
    };
    let service = model.create_user(service).unwrap();
    let project = model.create_project("ABC", "Alphabet", Workflow::simplified()).unwrap();
    model.allow_only(project, service, &Permission::ALL);
    let admin = Caller::admin(&site).await;
    Some(Scene { site, jira, admin })
}

impl Scene {
    fn form(&self) -> Value {
        json!({ "kind": "data_center", "url": self.jira.url(), "user": "dovetail", "secret": PASSWORD })
    }

    /// Adds the Jira; answers the path of the site.
    async fn added(&self) -> String {
        let answer = self.admin.send(Method::POST, "/api/v1/sites", Some(&self.form())).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        format!("/api/v1/sites/{}", answer.json()["id"])
    }

    async fn patched(&self, path: &str, change: &Value) -> Value {
        let answer = self.admin.send(Method::PATCH, path, Some(change)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }
}

fn verdict<'r>(report: &'r Value, stage: &str) -> &'r Value {
    let stages = report["stages"].as_array().unwrap();
    &stages.iter().find(|one| one["stage"] == stage).unwrap()["verdict"]
}

#[rstest::rstest]
#[tokio::test]
async fn a_site_is_added_tested_and_shown_without_its_secret(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = scene(engine).await else { return };

    let added = scene.admin.send(Method::POST, "/api/v1/sites", Some(&scene.form())).await;

    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    let added = added.json();
    assert_ne!(added["report"]["verdict"], "failed", "{added}");
    assert_eq!(verdict(&added["report"], "log_in"), "passed");
    let path = format!("/api/v1/sites/{}", added["id"]);
    let shown = scene.admin.json(&path).await;
    assert_eq!(scene.admin.json("/api/v1/sites").await, json!([shown]));
    assert_eq!((&shown["url"], &shown["state"]), (&json!(scene.jira.url()), &json!("active")));
    assert_eq!((&shown["has_secret"], &shown["user"]), (&json!(true), &json!("dovetail")));
    let told = &shown["settings"];
    assert_eq!(
        (&told["smart_commits"], &told["dev_info"], &told["all_accounts"]),
        (&json!(true), &json!(false), &json!(true))
    );
    assert_eq!(shown["report"], added["report"]);
    assert!(!shown.to_string().contains(PASSWORD) && !added.to_string().contains(PASSWORD));

    let again = scene.admin.send(Method::POST, "/api/v1/sites", Some(&scene.form())).await;
    let again = again.problem(StatusCode::CONFLICT);
    assert_eq!((&again["existing_id"], &again["field"]), (&added["id"], &json!("url")));
}

#[rstest::rstest]
#[tokio::test]
async fn a_test_says_at_which_step_it_fails(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = scene(engine).await else { return };
    let path = scene.added().await;
    scene.patched(&path, &json!({ "secret": "wrong" })).await;

    let tested = scene.admin.send(Method::POST, &format!("{path}/test"), None).await;

    assert_eq!(tested.status, StatusCode::OK, "{}", tested.text);
    let report = tested.json();
    assert_eq!((&report["verdict"], verdict(&report, "log_in")), (&json!("failed"), &json!("failed")));
    assert_eq!(verdict(&report, "projects"), "skipped");
    assert_eq!(scene.admin.json(&path).await["report"], report);
}

#[rstest::rstest]
#[tokio::test]
async fn only_what_is_named_changes(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = scene(engine).await else { return };
    let account = seed::account(&scene.site.store, "platform").await;
    let path = scene.added().await;
    let before = scene.admin.json(&path).await;

    let renamed = scene.patched(&path, &json!({ "name": "Tracker", "settings": { "links_of_branches": true } })).await;
    assert_eq!((&renamed["name"], &renamed["settings"]["links_of_branches"]), (&json!("Tracker"), &json!(true)));
    for stays in ["user", "has_secret", "url", "kind", "accounts", "state"] {
        assert_eq!(renamed[stays], before[stays], "{stays}");
    }
    assert_eq!(renamed["settings"]["smart_commits"], true);
    let test = scene.admin.send(Method::POST, &format!("{path}/test"), None).await.json();
    assert_eq!(verdict(&test, "log_in"), "passed", "the secret stayed");

    let chosen = scene.patched(&path, &json!({ "accounts": [account] })).await;
    assert_eq!((&chosen["accounts"], &chosen["settings"]["all_accounts"]), (&json!([account]), &json!(false)));
    assert_eq!(chosen["name"], "Tracker");

    assert_eq!(scene.patched(&path, &json!({ "state": "paused" })).await["state"], "paused");
    let active = scene.patched(&path, &json!({ "state": "active" })).await;
    assert_eq!((&active["state"], &active["accounts"]), (&json!("active"), &json!([account])));
}

#[rstest::rstest]
#[tokio::test]
async fn a_removed_site_is_gone_at_once(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = scene(engine).await else { return };
    let path = scene.added().await;

    assert_eq!(scene.admin.send(Method::DELETE, &path, None).await.status, StatusCode::NO_CONTENT);

    assert_eq!(scene.admin.json("/api/v1/sites").await, json!([]));
    scene.admin.get(&path).await.problem(StatusCode::NOT_FOUND);
    for (method, below) in
        [(Method::DELETE, ""), (Method::POST, "/test"), (Method::POST, "/refresh"), (Method::GET, "/people")]
    {
        scene.admin.send(method, &format!("{path}{below}"), None).await.problem(StatusCode::NOT_FOUND);
    }
    scene.admin.send(Method::PATCH, &path, Some(&json!({ "name": "x" }))).await.problem(StatusCode::NOT_FOUND);
}

#[rstest::rstest]
#[tokio::test]
async fn projects_are_read_on_demand_and_listed(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = scene(engine).await else { return };
    let path = scene.added().await;
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    let project = store::SiteProject {
        key: "OLD".to_owned(),
        project_id: "10000".to_owned(),
        name: "Alphabet".to_owned(),
        present_key: "ABC".to_owned(),
    };
    let mut tx = scene.site.store.begin_write(store::Lane::Live).await.unwrap();
    tx.site_projects_replace(id, &[project], crate::site::NOW).await.unwrap();
    tx.commit().await.unwrap();

    let refreshed = scene.admin.send(Method::POST, &format!("{path}/refresh"), None).await;

    assert_eq!(refreshed.status, StatusCode::ACCEPTED);
    let listed = scene.admin.json(&format!("{path}/projects")).await;
    assert_eq!(listed, json!([{ "key": "OLD", "project_id": "10000", "name": "Alphabet", "present_key": "ABC" }]));
}

#[rstest::rstest]
#[tokio::test]
async fn people_are_added_replaced_and_removed(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = scene(engine).await else { return };
    let path = format!("{}/people", scene.added().await);
    let people = json!([
        { "kind": "email", "written": "Ada@example.com", "jira_user": "ada" },
        { "kind": "forge_user", "written": "grace-h", "jira_user": "grace" }
    ]);

    let put = scene.admin.send(Method::PUT, &path, Some(&people)).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text);
    let again = json!([{ "kind": "email", "written": "ada@EXAMPLE.com", "jira_user": "lovelace" }]);
    scene.admin.send(Method::PUT, &path, Some(&again)).await;

    let listed = scene.admin.json(&path).await;
    let users: Vec<&Value> = listed.as_array().unwrap().iter().map(|person| &person["jira_user"]).collect();
    assert_eq!(users, ["lovelace", "grace"]);
    let person = format!("{path}/{}", listed[0]["id"]);
    assert_eq!(scene.admin.send(Method::DELETE, &person, None).await.status, StatusCode::NO_CONTENT);
    scene.admin.send(Method::DELETE, &person, None).await.problem(StatusCode::NOT_FOUND);

    for unfit in ["", " ", "a\u{0}b", &"x".repeat(300)] {
        let people = json!([
            { "kind": "email", "written": "new@example.com", "jira_user": "new" },
            { "kind": "email", "written": unfit, "jira_user": "x" }
        ]);
        scene.admin.send(Method::PUT, &path, Some(&people)).await.problem(StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(scene.admin.json(&path).await.as_array().unwrap().len(), 1, "all are kept, or none");
}

#[rstest::rstest]
#[tokio::test]
async fn who_may_only_read_is_told_no_names_and_changes_nothing(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = scene(engine).await else { return };
    let path = scene.added().await;
    let hidden = seed::account(&scene.site.store, "hidden").await;
    scene.patched(&path, &json!({ "accounts": [hidden] })).await;
    scene.site.store.account_restrict(hidden, true, &[]).await.unwrap();
    let (_, browser) = scene.site.reader("reader").await;
    let session = Caller::session(&scene.site, &browser);

    for reader in [Caller::with_token(&scene.site, Scope::Read).await.1, Caller::session(&scene.site, &browser)] {
        let shown = reader.json(&path).await;
        assert_eq!(
            (&shown["has_secret"], &shown["user"], &shown["report"]),
            (&json!(true), &Value::Null, &Value::Null)
        );
        reader.json(&format!("{path}/projects")).await;
        for (method, below, body) in [
            (Method::GET, "/people", None),
            (Method::PUT, "/people", Some(json!([]))),
            (Method::DELETE, "/people/1", None),
            (Method::PATCH, "", Some(json!({ "state": "paused" }))),
            (Method::DELETE, "", None),
            (Method::POST, "/test", None),
            (Method::POST, "/refresh", None),
        ] {
            reader.send(method, &format!("{path}{below}"), body.as_ref()).await.problem(StatusCode::FORBIDDEN);
        }
        reader.send(Method::POST, "/api/v1/sites", Some(&scene.form())).await.problem(StatusCode::FORBIDDEN);
    }
    assert_eq!(session.json(&path).await["accounts"], json!([]), "an account that it may not see");
    Caller::nobody(&scene.site).get(&path).await.problem(StatusCode::UNAUTHORIZED);
}

#[rstest::rstest]
#[case::no_url(json!({ "url": "" }), "url")]
#[case::no_scheme(json!({ "url": "jira.example.com" }), "url")]
#[case::credentials_in_it(json!({ "url": "https://me:hush-hush@jira.example.com" }), "url")]
#[case::no_secret(json!({ "secret": " " }), "secret")]
#[case::cloud_without_anything(json!({ "kind": "cloud", "user": "", "secret": "" }), "client_id")]
#[case::cloud_without_client_secret(json!({ "kind": "cloud", "client_id": "id" }), "client_secret")]
#[case::a_nul(json!({ "name": "a\u{0}b" }), "name")]
#[case::an_unknown_account(json!({ "accounts": [4711] }), "accounts")]
#[tokio::test]
async fn what_cannot_be_kept_is_explained_at_its_field(
    #[values("sqlite", "postgres")] engine: Engine,
    #[case] change: Value,
    #[case] field: &str,
) {
    let Some(scene) = scene(engine).await else { return };
    let mut form = scene.form();
    form.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());

    let answer = scene.admin.send(Method::POST, "/api/v1/sites", Some(&form)).await;

    assert_eq!(answer.problem(StatusCode::UNPROCESSABLE_ENTITY)["field"], field);
    assert!(!answer.text.contains("hush-hush") && !answer.text.contains(PASSWORD), "{}", answer.text);
    assert_eq!(scene.admin.json("/api/v1/sites").await, json!([]));
}
