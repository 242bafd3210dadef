//! Every path obeys who is looking.

use axum::http::StatusCode;
use model::MergeRequestState;
use serde_json::Value;
use store::testing::Engine;

use crate::caller::Caller;
use crate::seed;
use crate::site::Site;

/// What a restricted account must not betray, anywhere.
const SECRET: &str = "hush";

struct Scene {
    site: Site,
    account: i64,
    repository: i64,
}

/// A restricted account whose texts all say "hush", and an open one beside it, both naming ABC-1.
async fn scene(engine: Engine) -> Option<Scene> {
    let site = Site::open(engine).await?;
    let open = seed::account(&site.store, "open").await;
    let open_repository = seed::repositories(&site.store, open, &["open/web"]).await[0];
    seed::commits(&site.store, open_repository, &["ABC-1 seen by all".to_owned()]).await;
    let account = seed::account(&site.store, SECRET).await;
    let repository = seed::repositories(&site.store, account, &["hush/engine"]).await[0];
    let messages = ["ABC-1 hush commit".to_owned(), "HUSH-7 hush commit".to_owned()];
    seed::commits(&site.store, repository, &messages).await;
    seed::branches(&site.store, repository, &[("ABC-1-hush", &messages[0])]).await;
    seed::merge_request(&site.store, repository, "hush/engine", "ABC-1 hush title", MergeRequestState::Open).await;
    let hook = seed::hook(&site.store, store::HookOf::Repository(repository), false).await;
    seed::event(&site.store, &hook, "hush event", None).await;
    site.store.account_restrict(account, true, &[]).await.unwrap();
    Some(Scene { site, account, repository })
}

impl Scene {
    /// What says "hush" to who may see it.
    fn telling(&self) -> Vec<String> {
        vec![
            "/api/v1/accounts".to_owned(),
            format!("/api/v1/accounts/{}", self.account),
            format!("/api/v1/accounts/{}/repositories", self.account),
            format!("/api/v1/repositories/{}", self.repository),
            format!("/api/v1/accounts/{}/hooks", self.account),
            "/api/v1/issues".to_owned(),
            "/api/v1/issues?prefix=hus".to_owned(),
            "/api/v1/issues/ABC-1/commits".to_owned(),
            "/api/v1/issues/ABC-1/branches".to_owned(),
            "/api/v1/issues/ABC-1/merge-requests".to_owned(),
            "/rest/dev-status/1.0/issue/detail?issueKey=ABC-1".to_owned(),
            "/rest/dev-status/1.0/issue/detail?issueKey=ABC-1&applicationType=gitlab&dataType=branch".to_owned(),
        ]
    }

    fn gone_for_strangers(&self) -> Vec<String> {
        let telling = self.telling();
        let activity = format!("/api/v1/accounts/{}/activity", self.account);
        telling.into_iter().skip(1).take(4).chain([activity]).collect()
    }
}

/// How many commits, branches and merge requests ABC-1 has, by both interfaces.
async fn counts(caller: &Caller) -> [i64; 3] {
    let issue = caller.json("/api/v1/issues/ABC-1").await;
    let summary = caller.json("/rest/dev-status/1.0/issue/summary?issueKey=ABC-1").await;
    let number = |value: &Value| value.as_i64().unwrap();
    let own = ["commits", "branches", "open_merge_requests"].map(|name| number(&issue[name]));
    let jira =
        ["repository", "branch", "pullrequest"].map(|name| number(&summary["summary"][name]["overall"]["count"]));
    assert_eq!(own, jira);
    own
}

async fn assert_seen(scene: &Scene, caller: &Caller) {
    for path in scene.telling() {
        let text = caller.json(&path).await.to_string();
        assert!(text.to_lowercase().contains(SECRET), "{path}: {text}");
    }
    assert_eq!(counts(caller).await, [2, 1, 1]);
}

async fn assert_hidden(scene: &Scene, caller: &Caller) {
    for path in scene.telling() {
        let answer = caller.get(&path).await;
        assert!(!answer.text.to_lowercase().contains(SECRET), "{path}: {}", answer.text);
    }
    for path in scene.gone_for_strangers() {
        caller.get(&path).await.problem(StatusCode::NOT_FOUND);
    }
    assert_eq!(counts(caller).await, [1, 0, 0]);
    assert_eq!(caller.json("/api/v1/issues").await, serde_json::json!(["ABC-1"]), "the open account is there");
}

#[rstest::rstest]
#[tokio::test]
async fn a_restricted_account_is_nowhere_for_others(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = scene(engine).await else { return };
    let (_, stranger) = scene.site.reader("stranger").await;

    assert_hidden(&scene, &Caller::session(&scene.site, &stranger)).await;
}

#[rstest::rstest]
#[tokio::test]
async fn a_restricted_account_is_there_for_those_it_names(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = scene(engine).await else { return };
    let (id, named) = scene.site.reader("named").await;
    let (_, other) = scene.site.reader("other").await;

    scene.site.store.account_restrict(scene.account, true, &[id]).await.unwrap();

    assert_seen(&scene, &Caller::session(&scene.site, &named)).await;
    assert_hidden(&scene, &Caller::session(&scene.site, &other)).await;
}

#[rstest::rstest]
#[tokio::test]
async fn administrators_and_tokens_see_everything(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = scene(engine).await else { return };
    let administrator = scene.site.administrator().await;

    assert_seen(&scene, &Caller::session(&scene.site, &administrator)).await;
    assert_seen(&scene, &Caller::with_token(&scene.site, store::Scope::Read).await.1).await;
}
