//! What stands behind "Team or User Account".

use forge::{Auth, Problem, TokenKind};
use model::{AccountKind, ForgeAccount};

use crate::server::{GITHUB, Server, answer, json, not_found};

/// A GitHub with the organisation `acme` (id 4, once called `old`), the person `anna` (id 9) and the repository `acme/api`.
async fn sample() -> Server {
    Server::start(|asked| match asked.path.as_str() {
        "/api/v3/users/Acme" | "/api/v3/user/4" => json(
            200,
            r#"{"id":4,"login":"acme","type":"Organization","name":"Acme Inc.","html_url":"https://h/acme","avatar_url":"https://h/4.png"}"#,
        ),
        "/api/v3/users/anna" => json(200, r#"{"id":9,"login":"anna","type":"User","name":null,"html_url":"https://h/anna"}"#),
        "/api/v3/user" => json(200, r#"{"id":1,"login":"jira-bot","type":"User","site_admin":true,"name":""}"#),
        "/api/v3/repos/acme/api" => json(200, r#"{"id":123,"name":"api","owner":{"login":"acme"}}"#),
        _ => not_found(),
    })
    .await
}

#[tokio::test]
async fn an_organisation_is_found_by_its_name_however_it_is_typed() {
    // given
    let server = sample().await;
    let expected = ForgeAccount {
        forge_id: "4".into(),
        kind: AccountKind::Group,
        path: "acme".into(),
        name: "Acme Inc.".into(),
        web_url: Some("https://h/acme".into()),
    };
    let pasted = format!("{}/orgs/Acme/repositories?q=x", server.url);

    for typed in ["Acme", " /Acme/ ", &pasted] {
        // then
        assert_eq!(server.client().account(typed).await.unwrap(), expected, "{typed}");
    }
}

#[tokio::test]
async fn a_person_is_a_personal_account() {
    // when
    let account = sample().await.client().account("anna").await.unwrap();

    // then
    assert_eq!((account.kind, account.forge_id.as_str(), account.name.as_str()), (AccountKind::User, "9", "anna"));
}

#[tokio::test]
async fn a_new_name_is_found_by_the_id() {
    // given
    let server = sample().await;
    let known = ForgeAccount {
        forge_id: "4".into(),
        kind: AccountKind::Group,
        path: "old".into(),
        name: "Old".into(),
        web_url: None,
    };

    // when
    let found = server.client().account_again(&known).await.unwrap();

    // then
    assert_eq!(found.path, "acme");
    assert_eq!(server.paths(), ["/api/v3/user/4"]);
}

#[tokio::test]
async fn a_repository_is_no_account() {
    // given
    let server = sample().await;

    for typed in
        ["acme/api".to_owned(), format!("{}/acme/api.git", server.url), format!("{}/acme/api/pulls/7", server.url)]
    {
        // when
        let error = server.client().account(&typed).await.unwrap_err();

        // then
        assert!(matches!(error.problem, Problem::IsProject { ref path } if path == "acme/api"), "{typed}: {error:?}");
    }
}

#[tokio::test]
async fn nothing_and_nonsense_are_refused_without_asking() {
    // given
    let server = sample().await;
    let long = "a".repeat(2_000);

    // then
    for empty in ["", "  ", "///", &server.url.clone()] {
        assert!(matches!(server.client().account(empty).await.unwrap_err().problem, Problem::PathEmpty), "{empty}");
    }
    for nonsense in ["..", "a/../b", "a//b", &long] {
        assert!(
            matches!(server.client().account(nonsense).await.unwrap_err().problem, Problem::NotFound),
            "{nonsense}"
        );
    }
    assert!(server.asked().is_empty());
    assert!(matches!(server.client().account("nobody").await.unwrap_err().problem, Problem::NotFound));
}

#[tokio::test]
async fn a_token_goes_along_as_a_header_and_as_nothing_else() {
    // given
    let server = sample().await;

    // when
    let user = server.client().current_user().await.unwrap();
    server.client_with(Auth::None).current_user().await.unwrap();

    // then
    assert_eq!((user.login.as_str(), user.name.as_str(), user.administrator), ("jira-bot", "jira-bot", true));
    let [with, without] = &server.asked()[..] else { panic!() };
    assert_eq!(with.headers["authorization"], "token ghp_do-not-show-me");
    assert_eq!(with.headers["accept"], "application/vnd.github+json");
    assert!(with.headers["user-agent"].to_str().unwrap().starts_with("Jira DVCS Connector/Dovetail-"));
    assert_eq!(with.query, "");
    assert!(!without.headers.contains_key("authorization"));
}

#[tokio::test]
async fn headers_tell_what_a_token_is() {
    // given
    let classic = Server::start(|_| {
        let headers = [
            GITHUB,
            ("x-oauth-scopes", "repo, admin:org_hook"),
            ("github-authentication-token-expiration", "2018-09-20 10:18:01 UTC"),
        ];
        answer(200, &headers, r#"{"id":1,"login":"jira-bot"}"#)
    })
    .await;
    let fine_grained = Server::start(|_| json(200, r#"{"id":1,"login":"jira-bot"}"#)).await;

    // when
    let classic = classic.client().token().await.unwrap();
    let fine_grained = fine_grained.client_with(Auth::Oauth("gho_x".to_owned().into())).token().await.unwrap();

    // then
    assert_eq!(classic.scopes, ["repo", "admin:org_hook"]);
    assert_eq!((classic.kind, classic.expires_at), (TokenKind::Personal, Some(crate::server::NOW)));
    assert!(fine_grained.scopes.is_empty() && fine_grained.kind == TokenKind::Oauth);
}
