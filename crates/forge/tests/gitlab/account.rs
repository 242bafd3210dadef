//! What stands behind "Team or User Account".

use forge::Problem;
use model::{AccountKind, ForgeAccount};

use crate::server::{Server, answer, json, not_found};

/// A GitLab with the group `platform/backend` (id 4), the person `anna` (id 9) and the project `platform/api` (id 123).
async fn sample() -> Server {
    Server::start(|asked| match (asked.path.as_str(), asked.query.as_str()) {
        ("/api/v4/groups/platform%2Fbackend" | "/api/v4/groups/4", "with_projects=false") => json(
            200,
            r#"{"id":4,"full_path":"platform/Backend","name":"Backend","web_url":"https://h/groups/platform/Backend"}"#,
        ),
        ("/api/v4/users", "username=Anna") => json(
            200,
            r#"[{"id":9,"username":"anna","name":"Anna A.","web_url":"https://h/anna","avatar_url":"/uploads/9.png"}]"#,
        ),
        ("/api/v4/users", _) => json(200, "[]"),
        ("/api/v4/user", _) => json(200, r#"{"id":1,"username":"root","is_admin":true}"#),
        ("/api/v4/projects/platform%2Fapi", "") => json(200, r#"{"id":123,"path_with_namespace":"platform/api"}"#),
        _ => not_found(),
    })
    .await
}

#[tokio::test]
async fn a_group_is_found_by_its_full_path_however_it_is_typed() {
    // given
    let server = sample().await;
    let expected = ForgeAccount {
        forge_id: "4".into(),
        kind: AccountKind::Group,
        path: "platform/Backend".into(),
        name: "Backend".into(),
        web_url: Some("https://h/groups/platform/Backend".into()),
    };
    let pasted = format!("{}/groups/platform/backend/-/group_members", server.url);

    for typed in ["platform/backend", " /platform/backend/ ", &pasted] {
        // then
        assert_eq!(server.client().account(typed).await.unwrap(), expected, "{typed}");
    }
}

#[tokio::test]
async fn a_person_is_found_by_user_name() {
    // when
    let account = sample().await.client().account("Anna").await.unwrap();

    // then
    assert_eq!((account.kind, account.forge_id.as_str(), account.path.as_str()), (AccountKind::User, "9", "anna"));
}

#[tokio::test]
async fn oneself_is_found_where_the_list_of_users_is_closed() {
    // given
    let server = Server::start(|asked| match asked.path.as_str() {
        "/api/v4/users" => json(403, r#"{"message":"403 Forbidden"}"#),
        "/api/v4/user" => json(200, r#"{"id":9,"username":"anna"}"#),
        _ => not_found(),
    })
    .await;

    // then
    assert_eq!(server.client().account("ANNA").await.unwrap().forge_id, "9");
    assert!(matches!(server.client().account("bert").await.unwrap_err().problem, Problem::NotFound));
}

#[tokio::test]
async fn a_project_is_no_account() {
    // given
    let server = sample().await;

    // when
    let error = server.client().account(&format!("{}/platform/api.git", server.url)).await.unwrap_err();

    // then
    assert!(matches!(error.problem, Problem::IsProject { ref path } if path == "platform/api"), "{error:?}");
}

#[tokio::test]
async fn digits_are_a_path_and_not_an_id() {
    // when
    let error = sample().await.client().account("4").await.unwrap_err();

    // then
    assert!(matches!(error.problem, Problem::NotFound), "group 4 is not called 4: {error:?}");
}

#[tokio::test]
async fn nothing_and_nonsense_are_refused_without_asking() {
    // given
    let server = sample().await;
    let long = "a".repeat(2_000);
    let root = server.url.clone();

    // then
    for empty in ["", "  ", "///", &root] {
        assert!(matches!(server.client().account(empty).await.unwrap_err().problem, Problem::PathEmpty), "{empty}");
    }
    for nonsense in ["..", "a/../b", "a//b", "./a", &long] {
        assert!(
            matches!(server.client().account(nonsense).await.unwrap_err().problem, Problem::NotFound),
            "{nonsense}"
        );
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_refusal_is_not_mistaken_for_absence() {
    // given
    let server = Server::start(|_| json(401, r#"{"message":"401 Unauthorized"}"#)).await;
    let broken = Server::start(|_| answer(502, &[], "<html>")).await;

    // then
    assert!(matches!(server.client().account("platform").await.unwrap_err().problem, Problem::Unauthorised(_)));
    assert!(matches!(broken.client().account("platform").await.unwrap_err().problem, Problem::Server(502)));
}

#[tokio::test]
async fn the_current_user_tells_an_administrator_and_resolves_its_picture() {
    // given
    let server = Server::start(|_| {
        json(200, r#"{"id":1,"username":"root","name":"","is_admin":true,"avatar_url":"/uploads/1.png","web_url":"javascript:alert(1)"}"#)
    })
    .await;

    // when
    let user = server.client().current_user().await.unwrap();

    // then
    assert!(user.administrator);
    assert_eq!((user.login.as_str(), user.name.as_str()), ("root", "root"));
    assert_eq!(user.avatar_url, Some(format!("{}/uploads/1.png", server.url)));
    assert_eq!(user.web_url, None);
}
