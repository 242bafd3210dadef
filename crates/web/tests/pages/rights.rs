//! Every path obeys who is looking.

use axum::http::StatusCode;
use store::testing::Engine;

use crate::seed;
use crate::site::Site;

/// What a restricted account must not betray, on any page.
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
    let state = model::MergeRequestState::Open;
    seed::merge_request(&site.store, repository, "hush/engine", "ABC-1 hush title", state).await;
    let hook = seed::hook(&site.store, store::HookOf::Repository(repository), false).await;
    seed::event(&site.store, &hook, "hush event", None).await;
    site.store.account_restrict(account, true, &[]).await.unwrap();
    Some(Scene { site, account, repository })
}

impl Scene {
    fn paths(&self) -> Vec<String> {
        let commit = seed::object_id("ABC-1 hush commit");
        vec![
            "/".to_owned(),
            "/accounts".to_owned(),
            format!("/accounts/{}", self.account),
            format!("/accounts/{}/hooks", self.account),
            "/issues/ABC-1".to_owned(),
            format!("/issues/ABC-1/commits/{commit}/files?repository={}", self.repository),
            format!("/issues/ABC-1/commits/{commit}/files?fragment=true&repository={}", self.repository),
            format!("/search?q={}", commit.short()),
            format!("/search?q={commit}"),
        ]
    }
}

#[rstest::rstest]
#[tokio::test]
async fn a_restricted_account_is_nowhere_for_others(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = scene(engine).await else { return };
    let (_, mut stranger) = scene.site.reader("stranger").await;

    for path in scene.paths() {
        let page = stranger.get(&path).await;

        // The key of an issue that only the secret repository names is a secret, too.
        assert!(!page.text.to_lowercase().replace("hush-7", SECRET).contains(SECRET), "{path}: {}", page.text);
    }
    assert!(!stranger.get("/search?q=HUS").await.text.contains("HUSH-7"));
    for page in ["", "/hooks"] {
        let page = format!("/accounts/{}{page}", scene.account);
        assert_eq!(stranger.get(&page).await.status, StatusCode::NOT_FOUND);
    }
    assert!(stranger.get("/issues/ABC-1").await.text.contains("seen by all"), "the open account is there");
    assert!(stranger.get("/issues/HUSH-7").await.text.contains("Nothing names HUSH-7 yet"));
}

#[rstest::rstest]
#[tokio::test]
async fn a_chosen_reader_sees_it(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = scene(engine).await else { return };
    let (id, mut reader) = scene.site.reader("reader").await;
    let (other_id, mut other) = scene.site.reader("other").await;
    let mut admin = scene.site.administrator().await;
    let readers = format!("/accounts/{}/readers", scene.account);

    let (id, other_id) = (id.to_string(), other_id.to_string());
    admin.post(&readers, &[("restricted", "true"), ("reader", &id)]).await;
    assert!(reader.get("/issues/ABC-1").await.text.contains("hush commit"));
    assert!(!other.get("/issues/ABC-1").await.text.contains("hush commit"));

    admin.post(&readers, &[("restricted", "true"), ("reader", &other_id)]).await;
    assert!(!reader.get("/issues/ABC-1").await.text.contains("hush commit"));
    assert!(other.get("/issues/ABC-1").await.text.contains("hush commit"));

    admin.post(&readers, &[("restricted", "false")]).await;
    assert!(reader.get("/issues/ABC-1").await.text.contains("hush commit"));
}

#[rstest::rstest]
#[tokio::test]
async fn administrators_see_everything(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = scene(engine).await else { return };
    let mut admin = scene.site.administrator().await;

    for path in ["/accounts", "/issues/ABC-1", "/search?q=HUS"] {
        assert!(admin.get(path).await.text.to_lowercase().contains(SECRET), "{path}");
    }
}

#[tokio::test]
async fn secrets_are_shown_to_administrators_only() {
    let scene = scene(Engine::Sqlite).await.unwrap();
    let (id, mut reader) = scene.site.reader("reader").await;
    scene.site.store.account_restrict(scene.account, true, &[id]).await.unwrap();
    let mut admin = scene.site.administrator().await;
    let (account, hooks) = (format!("/accounts/{}", scene.account), format!("/accounts/{}/hooks", scene.account));

    assert!(reader.get(&account).await.text.contains("paste it yourself"), "the state is told");
    for page in [&account, &hooks] {
        let page = reader.get(page).await;
        assert_eq!(page.status, StatusCode::OK);
        for secret in [seed::HOOK_SECRET, "/hooks/gitlab", "ada@example.com", "/replay", "/hook/test", "/authorise"] {
            assert!(!page.text.contains(secret), "{secret}: {}", page.text);
        }
    }
    assert!(!admin.get(&hooks).await.text.contains("ada@example.com"), "bodies are not shown");
    assert_eq!(reader.get(&format!("{account}/authorise")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn readers_change_nothing() {
    let scene = scene(Engine::Sqlite).await.unwrap();
    let (id, mut reader) = scene.site.reader("reader").await;
    let (account, repository) = (scene.account, scene.repository);
    let forms = [
        "/users".to_owned(),
        format!("/users/{id}/role"),
        format!("/users/{id}/link"),
        format!("/users/{id}/disabled"),
        "/accounts/new".to_owned(),
        "/accounts/new/confirm".to_owned(),
        "/accounts/new/cancel".to_owned(),
        "/check".to_owned(),
        format!("/accounts/{account}/check"),
        format!("/accounts/{account}/remove"),
        format!("/accounts/{account}/refresh"),
        format!("/accounts/{account}/pause"),
        format!("/accounts/{account}/switches"),
        format!("/accounts/{account}/readers"),
        format!("/accounts/{account}/repositories/link"),
        format!("/accounts/{account}/repositories/{repository}/link"),
        format!("/accounts/{account}/repositories/{repository}/sync"),
        format!("/accounts/{account}/repositories/{repository}/pause"),
        format!("/accounts/{account}/repositories/{repository}/forward"),
        format!("/accounts/{account}/repositories/{repository}/smart-commits"),
        format!("/accounts/{account}/repositories/{repository}/hook/test"),
        format!("/accounts/{account}/authorise"),
        format!("/accounts/{account}/token"),
        format!("/accounts/{account}/hooks/events/1/replay"),
    ];
    for form in forms {
        let fields = [
            ("role", "admin"),
            ("disabled", "false"),
            ("state", "x"),
            ("paused", "true"),
            ("linked", "false"),
            ("smart_commits", "true"),
        ];

        let page = reader.post(&form, &fields).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{form}");
        let stranger = scene.site.browser().post(&form, &fields).await;
        assert_eq!(stranger.location(), "/login", "{form}");
    }
}
