//! How our user stands in an account.

use forge::{Problem, Reach};
use model::{AccountKind, ForgeAccount};

use crate::server::{Server, answer, json, not_found};

fn account(kind: AccountKind, path: &str) -> ForgeAccount {
    ForgeAccount { forge_id: "4".into(), kind, path: path.into(), name: path.into(), web_url: None }
}

/// A GitHub that tells this of our membership in `acme`.
async fn telling(membership: &'static str) -> Server {
    Server::start(move |asked| match asked.path.as_str() {
        "/api/v3/user/memberships/orgs/acme" => json(200, membership),
        "/api/v3/user" => json(200, r#"{"id":9,"login":"anna","type":"User"}"#),
        _ => not_found(),
    })
    .await
}

#[tokio::test]
async fn the_role_in_an_organisation_says_how_far_our_user_gets() {
    // given
    let cases = [
        (r#"{"state":"active","role":"admin"}"#, Some("Owner"), Reach::AccountHooks),
        (r#"{"state":"active","role":"member"}"#, Some("Member"), Reach::Reading),
        (r#"{"state":"active","role":"billing_manager"}"#, Some("Member"), Reach::Reading),
        (r#"{"state":"pending","role":"admin"}"#, None, Reach::Nothing),
        ("{}", None, Reach::Nothing),
    ];

    for (membership, role, reach) in cases {
        // when
        let standing = telling(membership).await.client().standing(&account(AccountKind::Group, "acme")).await.unwrap();

        // then
        assert_eq!((standing.role.as_deref(), standing.reach), (role, reach), "{membership}");
    }
}

#[tokio::test]
async fn a_person_owns_what_is_under_his_own_name_alone() {
    // given
    let server = telling("{}").await;

    // when
    let own = server.client().standing(&account(AccountKind::User, "Anna")).await.unwrap();
    let other = server.client().standing(&account(AccountKind::User, "ben")).await.unwrap();

    // then
    assert_eq!((own.role.as_deref(), own.reach), (Some("Owner"), Reach::RepositoryHooks));
    assert_eq!((other.role, other.reach), (None, Reach::Nothing));
}

#[tokio::test]
async fn a_role_that_is_kept_back_is_no_role_that_is_missing() {
    // given
    let server = Server::start(|_| {
        let headers = [crate::server::GITHUB, ("x-oauth-scopes", "repo"), ("x-accepted-oauth-scopes", "read:org")];
        answer(403, &headers, r#"{"message":"Must have read:org scope."}"#)
    })
    .await;

    // when
    let error = server.client().standing(&account(AccountKind::Group, "acme")).await.unwrap_err();

    // then
    assert!(matches!(error.problem, Problem::InsufficientScope | Problem::Forbidden), "{error:?}");
}
