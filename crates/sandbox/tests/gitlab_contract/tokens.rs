//! Credentials of the REST API (GitLab contract §2.2).

use reqwest::{Method, StatusCode};
use sandbox::gitlab::model::{AccessLevel, Scope, Scopes, UserState};
use serde_json::json;

use crate::world::{NOON, World};

#[tokio::test]
async fn a_token_is_taken_from_four_places() {
    let world = World::new().await;
    let token = world.token(world.ada);
    let get = |path: &str| world.request(Method::GET, path);
    let requests = [
        get("/api/v4/user").bearer_auth(&token),
        get("/api/v4/user").header("PRIVATE-TOKEN", &token),
        get(&format!("/api/v4/user?private_token={token}")),
        get(&format!("/api/v4/user?access_token={token}")),
    ];
    for request in requests {
        let reply = world.send(request).await;
        assert_eq!((reply.status, &reply.json()["username"]), (StatusCode::OK, &json!("ada")));
    }
}

#[tokio::test]
async fn without_credentials_there_is_a_401_where_a_user_is_needed() {
    let world = World::new().await;
    for path in ["/user", "/users", "/metadata", "/version", "/merge_requests", "/namespaces"] {
        let reply = world.send(world.request(Method::GET, &format!("/api/v4{path}"))).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(reply.json(), json!({ "message": "401 Unauthorized" }), "{path}");
    }
}

#[tokio::test]
async fn a_token_that_opens_nothing_says_why() {
    let world = World::new().await;
    let model = world.model();
    let ending = model.create_personal_token(world.ada, "short", Scopes::api(), Some(NOON + 1000));
    let revoked = world.token(world.ada);
    model.revoke_token(&revoked);
    world.clock.advance(1000);
    let ask = async |token: &str| world.send(world.request(Method::GET, "/api/v4/projects").bearer_auth(token)).await;
    let cases = [
        ("unknown", "Bad Access Token."),
        (ending.as_str(), "Token is expired. You can either do re-authorization or token refresh."),
        (revoked.as_str(), "Token was revoked. You have to re-authorize from the user."),
    ];
    for (token, description) in cases {
        let reply = ask(token).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        assert_eq!(reply.json(), json!({ "error": "invalid_token", "error_description": description }));
        assert!(reply.header("www-authenticate").unwrap().starts_with("Bearer realm="));
    }
    let token = world.token(world.ada);
    model.set_user_state(world.ada, UserState::Blocked);
    let blocked = ask(&token).await;
    assert_eq!(blocked.status, StatusCode::FORBIDDEN);
    assert_eq!(blocked.json(), json!({ "message": "403 Forbidden - Your account has been blocked." }));
}

#[tokio::test]
async fn scopes_are_enforced() {
    // given tokens for reading, for the own profile, and for git alone
    let world = World::new().await;
    let project = world.project("acme", "one").await;
    let model = world.model();
    let token = |scope| model.create_personal_token(world.ada, "t", Scopes::from_iter([scope]), None);
    let ask = async |method: Method, path: &str, scope| {
        let request = world.request(method, &format!("/api/v4{path}")).bearer_auth(token(scope));
        world.send(request.json(&json!({ "url": "http://example.com/" }))).await
    };
    let hooks = format!("/projects/{project}/hooks");
    // when they are used, then reading takes read_api, writing api
    assert_eq!(ask(Method::GET, &hooks, Scope::ReadApi).await.status, StatusCode::OK);
    assert_eq!(ask(Method::GET, "/user", Scope::ReadUser).await.status, StatusCode::OK);
    assert_eq!(ask(Method::POST, &hooks, Scope::Api).await.status, StatusCode::CREATED);
    let refused = ask(Method::POST, &hooks, Scope::ReadApi).await;
    assert_eq!((refused.status, &refused.json()["scope"]), (StatusCode::FORBIDDEN, &json!("api")));
    assert_eq!(refused.json()["error"], "insufficient_scope");
    assert_eq!(refused.header("www-authenticate"), None);
    let refused = ask(Method::GET, "/projects", Scope::ReadRepository).await;
    assert_eq!((refused.status, &refused.json()["scope"]), (StatusCode::FORBIDDEN, &json!("api read_api")));
}

#[tokio::test]
async fn a_group_token_sees_its_group_only() {
    // given two groups, and a token of the first
    let world = World::new().await;
    world.project("acme", "one").await;
    world.project("ada", "own").await;
    let model = world.model();
    let token = model.create_place_token(world.acme, "bot", Scopes::api(), AccessLevel::Reporter, None).unwrap();
    // when it lists what it is a member of
    let request = world.request(Method::GET, "/api/v4/projects?membership=true").bearer_auth(&token);
    // then it is the group's project, and the token has a bot for a user
    assert_eq!(world.send(request).await.column("path_with_namespace"), ["acme/one"]);
    let user = world.send(world.request(Method::GET, "/api/v4/user").bearer_auth(&token)).await.json();
    assert_eq!(user["bot"], true);
}

#[tokio::test]
async fn administrators_make_users() {
    let world = World::new().await;
    let new = json!({ "username": "jira", "name": "Jira", "email": "jira@example.com", "password": "secret-enough" });
    // a mere user may not
    assert_eq!(world.post(world.ada, "/users", new.clone()).await.status, StatusCode::FORBIDDEN);
    // an administrator may
    let made = world.post(world.root, "/users", new.clone()).await;
    assert_eq!((made.status, &made.json()["is_admin"]), (StatusCode::CREATED, &json!(false)));
    assert!(world.model().authenticate_password("jira", "secret-enough").is_some());
    assert_eq!(world.model().authenticate_password("jira", "wrong"), None);
    // but not twice
    let again = world.post(world.root, "/users", new).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let missing = world.post(world.root, "/users", json!({ "username": "x" })).await;
    assert_eq!((missing.status, &missing.json()["error"]), (StatusCode::BAD_REQUEST, &json!("email is missing")));
}

#[tokio::test]
async fn users_are_found_by_exact_login() {
    let world = World::new().await;
    assert_eq!(world.get(world.eve, "/users?username=ADA").await.column("username"), ["ada"]);
    assert_eq!(world.get(world.eve, "/users?username=ad").await.json(), json!([]));
    // e-mails are for administrators
    assert_eq!(world.get(world.eve, "/users?search=ada@example.com").await.json(), json!([]));
    let found = world.get(world.root, "/users?search=ada@example.com").await;
    assert_eq!(found.json()[0]["email"], "ada@example.com");
    assert_eq!(world.get(world.eve, "/users?username=ada").await.json()[0].get("email"), None);
    let one = world.get(world.eve, &format!("/users/{}", world.ada)).await.json();
    assert_eq!((one["username"].as_str(), one.get("email")), (Some("ada"), None));
    assert_eq!(world.get(world.eve, "/users/999").await.json()["message"], "404 User Not Found");
}

#[tokio::test]
async fn a_token_tells_its_scopes_and_its_end() {
    // given a personal token for reading with an end, and tokens of a group and a project
    let world = World::new().await;
    let project = world.project("acme", "own").await;
    let model = world.model();
    let in_ten_days = Some(NOON + 10 * 86_400_000);
    let read = Scopes::from_iter([Scope::ReadApi, Scope::ReadRepository]);
    let personal = model.create_personal_token(world.ada, "Dovetail", read, in_ten_days);
    let of_group =
        model.create_place_token(world.acme, "Group", Scopes::api(), AccessLevel::Owner, in_ten_days).unwrap();
    let of_project =
        model.create_place_token(project, "Project", Scopes::api(), AccessLevel::Maintainer, None).unwrap();
    let ask = async |path: &str, token: &str| {
        world.send(world.request(Method::GET, &format!("/api/v4{path}")).header("PRIVATE-TOKEN", token)).await
    };
    // when each is asked about itself
    let told = ask("/personal_access_tokens/self", &personal).await.json();
    // then it tells what it may and until when
    assert_eq!((&told["name"], &told["user_id"]), (&json!("Dovetail"), &json!(world.ada.0)));
    assert_eq!(told["scopes"], json!(["read_api", "read_repository"]));
    assert_eq!(
        (&told["expires_at"], &told["active"], &told["revoked"]),
        (&json!("2026-03-11"), &json!(true), &json!(false))
    );
    let told = ask("/personal_access_tokens/self", &of_group).await.json();
    assert_eq!((&told["scopes"], &told["expires_at"]), (&json!(["api"]), &json!("2026-03-11")));
    let bot = ask("/user", &of_group).await.json();
    assert!(bot["username"].as_str().unwrap().starts_with(&format!("group_{}_bot_", world.acme)), "{bot}");
    assert_eq!((&bot["bot"], &bot["id"]), (&json!(true), &told["user_id"]));
    assert_eq!(ask("/personal_access_tokens/self", &of_project).await.json()["expires_at"], json!(null));
    // even where its scopes open nothing else
    let git_only = Scopes::from_iter([Scope::ReadRepository]);
    let git_only = model.create_personal_token(world.ada, "git", git_only, None);
    assert_eq!(ask("/user", &git_only).await.status, StatusCode::FORBIDDEN);
    assert_eq!(ask("/personal_access_tokens/self", &git_only).await.status, StatusCode::OK);
    // and an expired one tells nothing
    world.clock.advance(10 * 86_400_000);
    assert_eq!(ask("/personal_access_tokens/self", &of_group).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_of_an_application_is_no_personal_one() {
    let world = World::new().await;
    let pair = world.pair();
    let request = world.request(Method::GET, "/api/v4/personal_access_tokens/self").bearer_auth(pair.access_token);
    let reply = world.send(request).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert!(reply.text.contains("requires token type to be a personal access token"), "{}", reply.text);
}
