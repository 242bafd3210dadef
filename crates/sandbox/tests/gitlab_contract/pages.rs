//! The pages of the seed's steps, and what links lead to.

use reqwest::{Method, StatusCode};
use sandbox::gitlab::model::NewMergeRequest;

use crate::world::{Reply, World};

async fn signed_in(login: &str) -> World {
    let login = login.to_owned();
    World::with(move |options| options.auto_sign_in = Some(login)).await
}

async fn open(world: &World, path: &str) -> Reply {
    world.send(world.request(Method::GET, path)).await
}

/// The text of the element with this id.
fn element<'a>(page: &'a str, id: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("id=\"{id}\">")).unwrap_or_else(|| panic!("no #{id} in {page}"));
    rest.split_once('<').unwrap().0
}

#[tokio::test]
async fn an_application_is_registered_as_the_seed_tells() {
    let world = signed_in("ada").await;
    // given the form behind Edit profile, Applications
    let profile = open(&world, "/-/user_settings/profile").await;
    assert!(profile.text.contains("Edit profile") && profile.text.contains("Applications"));
    let page = open(&world, "/-/user_settings/applications").await;
    for text in ["Name", "Redirect URI", "Scopes", "Save application", "value=\"api\" checked", "value=\"read_api\">"] {
        assert!(page.text.contains(text), "{text}");
    }
    // when it is filled in with two addresses
    let uris = "http://d.example.com/oauth/callback\r\nhttp://d.example.com/login/oauth/callback\r\n";
    let form = [("name", "Jira"), ("redirect_uri", uris), ("scopes", "api"), ("scopes", "read_user")];
    let made = world.form("/-/user_settings/applications", &form).await;
    // then both keys are shown, and they are good
    let (id, secret) = (element(&made.text, "application_id"), element(&made.text, "secret"));
    let application = world.model().application(id).unwrap();
    assert_eq!(application.redirect_uris.len(), 2);
    assert_eq!((application.scopes.to_string().as_str(), application.owner), ("api read_user", world.ada));
    assert!(
        world
            .model()
            .refresh((id, secret), "none")
            .is_err_and(|error| { error == sandbox::gitlab::model::GrantError::InvalidGrant })
    );
    // and afterwards only the id
    let list = open(&world, "/-/user_settings/applications").await;
    assert!(list.text.contains(id) && !list.text.contains(secret));
}

#[tokio::test]
async fn what_is_wrong_with_an_application_is_said_beside_what_was_typed() {
    let world = signed_in("ada").await;
    let cases = [
        ("Jira", "not a url", "api"),
        ("Jira", "", "api"),
        ("Jira", "http://x.example.com/#here", "api"),
        ("", "http://x.example.com/", "api"),
        ("Jira", "http://x.example.com/", "none"),
    ];
    let before = world.model().applications_of(world.ada).len();
    for (name, uri, scope) in cases {
        let form = [("name", name), ("redirect_uri", uri), ("scopes", scope)];
        let again = world.form("/-/user_settings/applications", &form).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {uri} {scope}");
        assert!(again.text.contains("role=\"alert\"") && again.text.contains(uri), "{name} {uri} {scope}");
    }
    assert_eq!(world.model().applications_of(world.ada).len(), before);
}

#[tokio::test]
async fn an_administrator_makes_a_user_who_can_sign_in() {
    let world = signed_in("root").await;
    assert!(open(&world, "/admin/users/new").await.text.contains("Create user"));
    let form = [
        ("name", "Jira"),
        ("username", "jira"),
        ("email", "jira@example.com"),
        ("password", "a-password"),
        ("access_level", "admin"),
    ];
    assert_eq!(world.form("/admin/users", &form).await.status, StatusCode::OK);
    assert!(world.model().user_by_login("jira").unwrap().admin);
    // twice is once too often
    assert_eq!(world.form("/admin/users", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let signed_in = world.form("/users/sign_in", &[("login", "jira@example.com"), ("password", "a-password")]).await;
    assert_eq!((signed_in.status, signed_in.header("location")), (StatusCode::FOUND, Some("/")));
    let refused = world.form("/users/sign_in", &[("login", "jira"), ("password", "wrong")]).await;
    assert_eq!((refused.status, refused.header("set-cookie")), (StatusCode::UNPROCESSABLE_ENTITY, None));
}

#[tokio::test]
async fn the_administration_is_for_administrators() {
    let world = signed_in("ada").await;
    assert_eq!(open(&world, "/admin/users/new").await.status, StatusCode::NOT_FOUND);
    let form = [("name", "x"), ("username", "x"), ("email", "x@example.com"), ("password", "x")];
    assert_eq!(world.form("/admin/users", &form).await.status, StatusCode::NOT_FOUND);
    assert!(world.model().user_by_login("x").is_none());
}

#[tokio::test]
async fn who_signs_out_stays_out() {
    let world = signed_in("ada").await;
    assert!(open(&world, "/").await.text.contains("@ada"));
    let out = world.form("/users/sign_out", &[]).await;
    let cookie = out.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let page = world.send(world.request(Method::GET, "/").header("cookie", cookie)).await;
    assert!(page.text.contains("Sign in") && !page.text.contains("@ada"));
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let world = signed_in("ada").await;
    let form = [("name", "Evil"), ("redirect_uri", "http://evil.example.com/"), ("scopes", "api")];
    let request = world.request(Method::POST, "/-/user_settings/applications").form(&form);
    let reply = world.send(request.header("sec-fetch-site", "cross-site")).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    let shut = world.request(Method::POST, "/oauth/authorize").form(&[("decision", "allow")]);
    assert_eq!(world.send(shut.header("sec-fetch-site", "cross-site")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn links_lead_to_pages() {
    // given a project with a branch, a commit and a merge request
    let world = signed_in("ben").await;
    let id = world.project_with_code("acme/core", "own").await;
    let slashes = b"reset refs/heads/feature/ABC-2\nfrom refs/heads/main\n\n".to_vec();
    world.model().import(id, world.ada, slashes).await.unwrap();
    let new = NewMergeRequest::within(id, "ABC-1-topic", "main", "ABC-1 <b>bold</b>", world.ben);
    world.model().open_merge_request(new).await.unwrap();
    let sha = world.model().repositories().resolve(id, "main").await.unwrap().unwrap();
    // when the addresses that REST names are opened, then each shows what it is
    let pages = [
        ("/", "acme/core/own"),
        ("/acme", "Core"),
        ("/groups/acme/core", "acme/core/own"),
        ("/ben", "Projects"),
        ("/acme/core/own", "feature/ABC-2"),
        ("/acme/core/own/-/tree/feature/ABC-2", "ABC-1 first"),
        ("/acme/core/own/-/tree/feature%2FABC-2", "ABC-1 first"),
        (&format!("/acme/core/own/-/commit/{sha}"), "two.txt"),
        ("/acme/core/own/-/merge_requests/1", "ABC-1 &#60;b&#62;bold&#60;/b&#62;"),
    ];
    for (path, text) in pages {
        let page = open(&world, path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text.contains(text), "{path}: {}", page.text);
        assert!(!page.text.contains("<script") && !page.text.contains("<b>bold"), "{path}");
    }
    for path in ["/nothing", "/acme/core/own/-/tree/gone", "/acme/core/own/-/commit/0", "/acme/core/own/-/pipelines"] {
        assert_eq!(open(&world, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(open(&world, "/-/style.css").await.header("content-type").unwrap().starts_with("text/css"));
    let avatar = open(&world, &format!("/-/avatar/{}", world.ben)).await;
    assert_eq!(avatar.header("content-type"), Some("image/svg+xml"));
}

#[tokio::test]
async fn pages_keep_secrets_and_old_addresses_lead_on() {
    let world = signed_in("eve").await;
    let id = world.project_with_code("acme", "own").await;
    for path in ["/acme", "/acme/own", "/acme/own/-/tree/main"] {
        assert_eq!(open(&world, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(!open(&world, "/").await.text.contains("acme"));
    // once Eve belongs to it, the old address leads to the new one
    world.model().add_member(id, world.eve, sandbox::gitlab::model::AccessLevel::Reporter);
    world.model().rename_project(id, "new", "New").unwrap();
    let moved = open(&world, "/acme/own/-/tree/main").await;
    assert_eq!((moved.status, moved.header("location")), (StatusCode::FOUND, Some("/acme/new/-/tree/main")));
}

#[tokio::test]
async fn the_old_github_compatible_api_is_gone() {
    let world = World::new().await;
    for path in ["/api/v3/repos/a/b/hooks", "/api/v3/user/repos"] {
        let reply = open(&world, path).await;
        assert_eq!(reply.status, StatusCode::GONE);
        assert_eq!(reply.text, r#"{"error":"API V3 is no longer supported. Use API V4 instead."}"#);
    }
}
