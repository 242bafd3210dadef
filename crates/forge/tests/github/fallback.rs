//! Branches and commits where git cannot be read.

use std::collections::{BTreeMap, HashSet};

use forge::{Forge, Problem};
use model::{Commit, ObjectId};
use serde_json::json as value;

use crate::server::{Asked, GITHUB, Server, answer, copy, json, not_found};

fn sha(number: u32) -> String {
    format!("{number:040x}")
}

fn commit(number: u32, parents: &[u32]) -> String {
    let parents: Vec<_> = parents.iter().map(|parent| value!({ "sha": sha(*parent) })).collect();
    let person = value!({ "name": "Anna", "email": "anna@example.com", "date": "2018-09-20T12:18:01+02:00" });
    value!({ "sha": sha(number), "parents": parents, "files": [], "author": { "login": "anna" },
        "commit": { "message": format!("ACME-{number}"), "author": person, "committer": person } })
    .to_string()
}

async fn read(forge: &dyn Forge, repository: &str, head: u32) -> (Vec<Commit>, usize) {
    let head: ObjectId = sha(head).parse().unwrap();
    let (mut commits, mut page, mut pages) = (Vec::new(), None, 0);
    loop {
        let (some, next) = forge.commits(repository, &head, page).await.unwrap();
        commits.extend(some);
        pages += 1;
        page = next;
        if page.is_none() {
            return (commits, pages);
        }
    }
}

#[tokio::test]
async fn github_lists_the_commits_of_a_head() {
    // given
    let server = Server::start(|asked: &Asked| match (asked.path.as_str(), asked.parameter("page")) {
        ("/api/v3/repositories/7/commits", None) => answer(
            200,
            &[GITHUB, ("link", &format!("<http://h/x?sha={}&page=2&per_page=100>; rel=\"next\"", sha(2)))],
            format!("[{}]", commit(2, &[1])),
        ),
        ("/api/v3/repositories/7/commits", Some("2")) => json(200, format!("[{}]", commit(1, &[]))),
        _ => not_found(),
    })
    .await;

    // when
    let (commits, pages) = read(&*server.client(), "7", 2).await;

    // then
    assert_eq!(commits.iter().map(|commit| commit.message.as_str()).collect::<Vec<_>>(), ["ACME-2", "ACME-1"]);
    assert_eq!((pages, commits[0].authored_at), (2, crate::server::NOW));
    assert_eq!(server.asked()[0].parameter("sha"), Some(sha(2).as_str()));
}

#[tokio::test]
async fn an_empty_repository_has_no_commits_and_no_branches() {
    // given
    let server = Server::start(|asked: &Asked| match asked.path.as_str() {
        "/api/v3/repositories/7/branches" => json(200, "[]"),
        _ => json(409, r#"{"message":"Git Repository is empty."}"#),
    })
    .await;

    // then
    assert!(server.client().branches("7").await.unwrap().is_empty());
    assert_eq!(read(&*server.client(), "7", 1).await.0.len(), 0);
}

/// A copy of GitHub's language that has no list of commits: a history of `count` commits in two lines that meet every
/// ten commits.
async fn history(count: u32) -> Server {
    let mut commits = BTreeMap::new();
    for number in 1..=count {
        let parents = match number {
            1 => vec![],
            2 => vec![1],
            _ if number % 10 == 0 => vec![number - 1, number - 2],
            _ if number % 10 == 1 => vec![number - 1],
            _ => vec![number - 2],
        };
        commits.insert(format!("/api/v3/repos/acme/api/commits/{}", sha(number)), commit(number, &parents));
    }
    Server::start(move |asked: &Asked| match commits.get(&asked.path) {
        Some(commit) => copy(200, commit.clone()),
        None => copy(404, r#"{"message":"404 Commit Not Found"}"#),
    })
    .await
}

#[tokio::test]
async fn without_a_list_each_commit_is_walked_to_once() {
    // given
    let server = history(500).await;

    // when
    let (commits, pages) = read(&*server.client(), "acme/api", 500).await;

    // then
    let ids: HashSet<_> = commits.iter().map(|commit| commit.id.as_str().to_owned()).collect();
    assert_eq!((commits.len(), ids.len()), (ids.len(), server.asked().len()));
    assert!(ids.contains(&sha(1)) && ids.len() > 400, "{}", ids.len());
    assert!(pages > 5);
}

#[tokio::test]
async fn a_walk_begins_with_the_head_alone_as_often_nothing_else_is_new() {
    // given
    let server = history(50).await;

    // when
    let (commits, next) = server.client().commits("acme/api", &sha(50).parse().unwrap(), None).await.unwrap();

    // then
    assert_eq!((commits.len(), commits[0].id.as_str()), (1, sha(50).as_str()));
    assert!(next.is_some());
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_walk_goes_on_with_another_client_of_the_same_host() {
    // given
    let server = history(60).await;
    let (head, mut page) = (sha(60).parse().unwrap(), None);
    let mut ids = HashSet::new();

    // when each page is asked of a new client, as after a renewed token
    loop {
        let (commits, next) = server.client().commits("acme/api", &head, page).await.unwrap();
        ids.extend(commits.into_iter().map(|commit| commit.id.as_str().to_owned()));
        page = next;
        if page.is_none() {
            break;
        }
    }

    // then
    assert!(ids.contains(&sha(1)));
}

#[tokio::test]
async fn a_commit_that_is_not_there_yet_ends_no_walk_quietly() {
    // given
    let server = history(5).await;

    // then
    let missing = server.client().commits("acme/api", &sha(99).parse().unwrap(), None).await.unwrap_err();
    assert!(matches!(missing.problem, Problem::NotFound), "{missing:?}");
    for page in ["nonsense", "4:", "4:zz"] {
        let error =
            server.client().commits("acme/api", &sha(5).parse().unwrap(), Some(page.to_owned())).await.unwrap_err();
        assert!(matches!(error.problem, Problem::Data(_)), "{page}");
    }
}
