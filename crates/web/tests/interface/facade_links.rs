//! Links that Jira builds lead to GitLab's pages, and to nothing else.

use axum::http::StatusCode;
use store::testing::Engine;

use crate::caller::Caller;
use crate::facade_scene::Scene;
use crate::seed;
use crate::site::Site;

const SHA: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567";

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn each_link_leads_to_its_page(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(scene) = Scene::new(engine).await else { return };
    let _jira = scene.imported().await;
    let new = "/-/merge_requests/new?merge_request%5Bsource_branch%5D";
    let engine_page = "/platform/engine";
    let app = "/platform/mobile/app";
    let links = [
        ("/platform".to_owned(), "/platform".to_owned()),
        ("/Platform/".to_owned(), "/platform".to_owned()),
        ("/platform@mobile".to_owned(), "/platform/mobile".to_owned()),
        ("/platform/engine".to_owned(), engine_page.to_owned()),
        ("/PLATFORM/Engine".to_owned(), engine_page.to_owned()),
        ("/platform/platform@mobile@app".to_owned(), app.to_owned()),
        (format!("/platform/engine/commit/{SHA}"), format!("{engine_page}/-/commit/{SHA}")),
        (format!("/platform/platform@mobile@app/commit/{}", &SHA[..7]), format!("{app}/-/commit/{}", &SHA[..7])),
        ("/platform/engine/tree/feature/PLAT-2".to_owned(), format!("{engine_page}/-/tree/feature/PLAT-2")),
        ("/platform/engine/tree/a%23b%3Fc".to_owned(), format!("{engine_page}/-/tree/a%23b%3Fc")),
        ("/platform/engine/tree/dir-with-@".to_owned(), format!("{engine_page}/-/tree/dir-with-%40")),
        (
            "/platform/engine/compare/main...feature/PLAT-2".to_owned(),
            format!("{engine_page}{new}=feature%2FPLAT-2&merge_request%5Btarget_branch%5D=main"),
        ),
        (
            "/platform/engine/compare/engine:main...engine:x".to_owned(),
            format!("{engine_page}{new}=x&merge_request%5Btarget_branch%5D=main"),
        ),
        (
            "/platform/engine/compare/main...platform@mobile@app:x".to_owned(),
            format!(
                "{app}{new}=x&merge_request%5Btarget_branch%5D=main&merge_request%5Btarget_project_id%5D={}",
                scene.engine.0
            ),
        ),
        ("/owner".to_owned(), "/owner".to_owned()),
    ];

    for (asked, page) in links {
        for prefix in ["", "/-/jira"] {
            let answer = scene.browse(&format!("{prefix}{asked}")).await;
            assert_eq!(answer.status, StatusCode::MOVED_PERMANENTLY, "{asked}: {}", answer.text);
            assert_eq!(answer.headers["location"], format!("{}{page}", scene.gitlab.url()), "{asked}");
        }
    }
    let below = scene.browse("/-/jira/platform/mobile/app/tree/main").await;
    assert_eq!(below.headers["location"], format!("{}{app}/-/tree/main", scene.gitlab.url()));
}

#[rstest::rstest]
#[case("/unknown")]
#[case("/platform/unknown")]
#[case("/platform/engine/unknown")]
#[case("/platform/engine/commit/xyz")]
#[case("/platform/engine/commit/abc")]
#[case("/platform/engine/compare/main")]
#[case("/platform/engine/compare/main...unknown:x")]
#[case("/platform/engine/tree/")]
#[case("/platform/engine/tree/%00")]
#[case("/platform/%ff")]
#[case("/group/@@evil.example.com")]
#[case("//evil.example.com/x")]
#[case("/%2F%2Fevil.example.com")]
#[case("/\\evil.example.com")]
#[case("/https:@@evil.example.com")]
#[case("/-/jira")]
#[case("/-/jira/")]
#[case("/platform/engine@..@..")]
#[tokio::test(flavor = "multi_thread")]
async fn everything_else_leads_nowhere(#[case] path: &str) {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let _jira = scene.imported().await;

    let answer = scene.browse(&path.replace('\\', "%5C")).await;

    let own_page = answer
        .headers
        .get("location")
        .is_some_and(|to| to.to_str().unwrap().starts_with(&format!("{}/platform", scene.gitlab.url())));
    assert!(answer.status == StatusCode::NOT_FOUND || own_page, "{path}: {} {:?}", answer.status, answer.headers);
    assert!(!format!("{:?}", answer.headers).contains("evil"));
}

#[tokio::test(flavor = "multi_thread")]
async fn links_lead_only_to_what_a_jira_reads() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let account = seed::account(&site.store, "platform").await;
    seed::repositories(&site.store, account, &["platform/engine"]).await;

    for path in ["/platform", "/platform/engine", "/-/jira/platform/engine"] {
        assert_eq!(Caller::nobody(&site).get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_pages_come_first() {
    let scene = Scene::new(Engine::Sqlite).await.unwrap();
    let model = scene.model();
    for login in ["accounts", "login"] {
        let private = sandbox::gitlab::model::Visibility::Private;
        let group = model.create_group(login, login, None, private, scene.owner).unwrap();
        model.add_member(group, scene.jira, sandbox::gitlab::model::AccessLevel::Reporter);
        model.create_project(login, "new", "new", private, scene.owner).await.unwrap();
    }
    let jira = scene.imported().await;
    jira.json("/api/v3/users/accounts/repos").await;
    jira.json("/api/v3/users/login/repos").await;
    scene.idle().await;
    scene.site.administrator().await;

    for (path, ours) in [("/accounts", "/login"), ("/accounts/new", "/login"), ("/users", "/login")] {
        let answer = scene.browse(path).await;
        assert!(answer.headers["location"].to_str().unwrap().starts_with(ours), "{path}: {:?}", answer.headers);
    }
    assert_eq!(scene.browse("/login").await.status, StatusCode::OK);
    assert_eq!(scene.browse("/login/new").await.headers["location"], format!("{}/login/new", scene.gitlab.url()));
}
