//! The repositories of an account.

use forge::Problem;
use model::{AccountKind, ForgeAccount};
use serde_json::{Value, json as value};

use crate::server::{Server, json, not_found};

fn organisation() -> ForgeAccount {
    account("4", AccountKind::Group, "acme")
}

fn account(forge_id: &str, kind: AccountKind, path: &str) -> ForgeAccount {
    ForgeAccount { forge_id: forge_id.into(), kind, path: path.into(), name: path.into(), web_url: None }
}

fn told(id: u64, owner: &str, name: &str, more: &Value) -> Value {
    let mut told = value!({ "id": id, "name": name, "full_name": format!("{owner}/{name}"), "owner": { "login": owner },
        "private": true, "html_url": format!("https://h/{owner}/{name}"), "pushed_at": "2018-09-20T10:18:01Z" });
    told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    told
}

#[tokio::test]
async fn a_repository_is_told_in_our_words() {
    // given
    let server = Server::start(|asked| match asked.path.as_str() {
        "/api/v3/orgs/acme/repos" => {
            let more = value!({ "clone_url": "https://h/acme/api.git", "default_branch": "main", "archived": true,
                "updated_at": "2018-09-20T10:18:02Z" });
            json(200, value!([told(7, "acme", "api", &more)]).to_string())
        }
        _ => not_found(),
    })
    .await;

    // when
    let repositories = server.client().repositories(&organisation()).await.unwrap();

    // then
    let [api] = &repositories[..] else { panic!("{repositories:?}") };
    assert_eq!((api.forge_id.as_str(), api.name.as_str(), api.path.as_str()), ("7", "api", "acme/api"));
    assert_eq!(api.web_url.as_deref(), Some("https://h/acme/api"));
    assert_eq!((api.git_url.as_str(), api.default_branch.as_deref()), ("https://h/acme/api.git", Some("main")));
    assert!(api.archived && !api.empty && api.fork_of.is_none());
    assert_eq!(api.last_activity_at, Some(crate::server::NOW + 1_000));
    assert_eq!(server.asked().len(), 1, "a list that holds members' repositories only needs no second look");
}

#[tokio::test]
async fn of_an_organisations_public_repositories_only_a_members_count() {
    // given
    let public =
        |push: bool| value!({ "private": false, "permissions": { "admin": false, "push": push, "pull": true } });
    let listed = value!([
        told(1, "acme", "private", &value!({})),
        told(2, "acme", "mine-to-change", &public(true)),
        told(3, "acme", "mine-to-read", &public(false)),
        told(4, "acme", "everybodys", &public(false)),
    ]);
    let mine = value!([told(3, "acme", "mine-to-read", &public(false)), told(9, "anna", "notes", &value!({}))]);
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/api/v3/orgs/acme/repos" => json(200, listed.to_string()),
        "/api/v3/user/repos" => json(200, mine.to_string()),
        _ => not_found(),
    })
    .await;

    // when
    let repositories = server.client().repositories(&organisation()).await.unwrap();

    // then
    let mut ids: Vec<_> = repositories.iter().map(|repository| repository.forge_id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["1", "2", "3"]);
    assert!(server.asked()[1].query.contains("affiliation=owner,collaborator,organization_member"));
}

#[tokio::test]
async fn of_a_person_those_count_that_we_belong_to() {
    // given
    let mine = value!([told(8, "Anna", "notes", &value!({})), told(3, "acme", "api", &value!({}))]);
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/api/v3/user/repos" => json(200, mine.to_string()),
        _ => not_found(),
    })
    .await;

    // when
    let repositories = server.client().repositories(&account("9", AccountKind::User, "anna")).await.unwrap();

    // then
    let ids: Vec<_> = repositories.iter().map(|repository| repository.forge_id.as_str()).collect();
    assert_eq!(ids, ["8"]);
}

#[tokio::test]
async fn where_a_fork_came_from_is_asked_of_the_fork() {
    // given
    let server = Server::start(|asked| match asked.path.as_str() {
        "/api/v3/orgs/acme/repos" => json(
            200,
            value!([
                told(7, "acme", "fork", &value!({ "fork": true })),
                told(8, "acme", "orphan", &value!({ "fork": true })),
            ])
            .to_string(),
        ),
        "/api/v3/repositories/7" => json(
            200,
            told(7, "acme", "fork", &value!({ "parent": { "id": 5, "name": "up", "owner": { "login": "o" } } }))
                .to_string(),
        ),
        _ => not_found(),
    })
    .await;

    // when
    let repositories = server.client().repositories(&organisation()).await.unwrap();

    // then
    let mut forks: Vec<_> = repositories.iter().map(|one| (one.forge_id.as_str(), one.fork_of.as_deref())).collect();
    forks.sort_unstable();
    assert_eq!(forks, [("7", Some("5")), ("8", None)]);
}

#[tokio::test]
async fn a_refusal_of_the_list_is_told() {
    // given
    let server = Server::start(|_| not_found()).await;

    // then
    let error = server.client().repositories(&organisation()).await.unwrap_err();
    assert!(matches!(error.problem, Problem::NotFound));
}
