//! GitLab's old GitHub-compatible API, as GitLab answered (GitLab contract §2–4).

use std::sync::Arc;

use forge::{Auth, ClientOptions, Forge, HookAddress, HookTarget, Problem};
use model::clock::ManualClock;
use model::{AccountKind, HostKind, MergeRequestState};
use serde_json::{Value, json as value};

use crate::server::{Asked, NOW, Server, TOKEN, copy, http};

fn project(id: u64, name: &str) -> Value {
    value!({ "id": id, "owner": { "login": "platform" }, "name": name })
}

fn merge_request(id: u64, state: &str, name: &str, more: &Value) -> Value {
    let project = project(7, name);
    let mut told = value!({ "title": "PLAT-1 x", "assignee": null, "user": { "id": 9, "login": "anna" },
        "created_at": "2018-09-20T10:00:00.000Z", "updated_at": "2018-09-20T10:18:01.123Z", "body": null, "number": id,
        "state": state, "merged": false, "merged_at": null, "closed_at": null,
        "html_url": "https://h/platform/backend/api/-/merge_requests/1",
        "head": { "label": "x", "ref": "x", "repo": project }, "base": { "label": "main", "ref": "main", "repo": project } });
    told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    told
}

/// A GitLab with the group `platform`; up to 11.2, where merge requests of all projects come together.
async fn gitlab(with_own_lists: bool) -> Server {
    Server::start(move |asked: &Asked| {
        if !asked.headers["user-agent"].to_str().unwrap().starts_with("Jira DVCS Connector") {
            return copy(404, r#"{"message":"404 Not Found"}"#);
        }
        let lists = with_own_lists.then_some("/api/v3/repos/platform/platform@backend@api/pulls");
        match asked.path.as_str() {
            "/api/v3/user" => copy(200, r#"{"id":3,"username":"jira","name":"Jira","web_url":"https://h/jira"}"#),
            "/api/v3/users/anna" => {
                copy(200, r#"{"id":9,"login":"anna","url":"https://h/anna","html_url":"https://h/anna"}"#)
            }
            "/api/v3/users/platform" => copy(404, r#"{"message":"404 Not Found"}"#),
            "/api/v3/orgs/platform/repos" | "/api/v3/user/repos" => copy(200, "[]"),
            "/api/v3/users/platform/repos" => {
                copy(200, value!([project(7, "platform@backend@api"), project(8, "web")]).to_string())
            }
            path if Some(path) == lists => {
                copy(200, value!([merge_request(41, "open", "platform@backend@api", &value!({}))]).to_string())
            }
            "/api/v3/repos/-/jira/pulls" => copy(
                200,
                value!([
                    merge_request(41, "open", "platform@backend@api", &value!({})),
                    merge_request(
                        42,
                        "closed",
                        "web",
                        &value!({ "merged": true, "merged_at": "2018-09-20T10:18:01.123Z" })
                    ),
                ])
                .to_string(),
            ),
            "/api/v3/repos/-/jira/pulls/42" => copy(200, merge_request(42, "closed", "web", &value!({})).to_string()),
            "/api/v3/repos/-/jira/pulls/42/commits" => copy(200, "[]"),
            _ => copy(410, r#"{"error":"API V3 is no longer supported. Use API V4 instead."}"#),
        }
    })
    .await
}

fn client(server: &Server, path: &str) -> Box<dyn Forge> {
    let (clock, auth) = (Arc::new(ManualClock::new(NOW)), Auth::Token(TOKEN.to_owned().into()));
    let url = format!("{}{path}", server.url);
    forge::client(ClientOptions { kind: HostKind::Github, url, auth, http: http(), clock }).unwrap()
}

#[tokio::test]
async fn a_group_is_found_by_its_projects_and_a_person_by_name() {
    // given
    let server = gitlab(true).await;

    // when
    let group = server.client().account("Platform".to_lowercase().as_str()).await.unwrap();
    let person = server.client().account("anna").await.unwrap();
    let nobody = server.client().account("nobody").await.unwrap_err();

    // then
    assert_eq!(
        (group.kind, group.forge_id.as_str(), group.path.as_str()),
        (AccountKind::Group, "platform", "platform")
    );
    assert_eq!(group.web_url, Some(format!("{}/platform", server.url)));
    assert_eq!((person.kind, person.forge_id.as_str()), (AccountKind::User, "anna"));
    assert!(matches!(nobody.problem, Problem::NotAvailable | Problem::NotFound), "{nobody:?}");
    assert_eq!(server.client().account_again(&group).await.unwrap(), group);
    assert_eq!(server.client().current_user().await.unwrap().login, "jira");
}

#[tokio::test]
async fn projects_in_subgroups_have_their_paths_and_pages() {
    // given
    let server = gitlab(true).await;
    let group = server.client().account("platform").await.unwrap();

    // when
    let projects = server.client().repositories(&group).await.unwrap();

    // then
    let [api, web] = &projects[..] else { panic!("{projects:?}") };
    assert_eq!(
        (api.forge_id.as_str(), api.path.as_str(), api.name.as_str()),
        ("platform/platform@backend@api", "platform/backend/api", "api")
    );
    assert_eq!(api.web_url, Some(format!("{}/platform/platform@backend@api", server.url)));
    assert_eq!((web.forge_id.as_str(), web.path.as_str(), web.git_url.as_str()), ("platform/web", "platform/web", ""));
}

#[tokio::test]
async fn a_merge_request_is_known_by_its_global_id() {
    // given
    let server = gitlab(true).await;

    // when
    let page = server.client().merge_requests("platform/platform@backend@api", None, None).await.unwrap();

    // then
    let [told] = &page.merge_requests[..] else { panic!("{page:?}") };
    assert_eq!((told.forge_id.as_str(), told.number, told.state), ("41", 41, MergeRequestState::Open));
    assert_eq!((told.head.as_ref(), told.description.as_str(), told.comment_count), (None, "", 0));
    assert_eq!(told.source_repository_forge_id.as_deref(), Some("platform/platform@backend@api"));
    assert_eq!(told.web_url, "https://h/platform/backend/api/-/merge_requests/1");
    assert_eq!(server.asked().len(), 1, "there are no issues to look for comments in");
}

#[tokio::test]
async fn where_merge_requests_come_together_each_project_gets_its_own() {
    // given
    let server = gitlab(false).await;
    let old = client(&server, "/-/jira");

    // when
    let api = old.merge_requests("platform/platform@backend@api", None, None).await.unwrap();
    let web = old.merge_requests("platform/web", None, None).await.unwrap();
    let one = old.merge_request("platform/web", 42).await.unwrap();
    let commits = old.merge_request_commits("platform/web", 42).await.unwrap();

    // then
    let numbers = |page: &forge::MergeRequestPage| page.merge_requests.iter().map(|one| one.number).collect::<Vec<_>>();
    assert_eq!((numbers(&api), numbers(&web)), (vec![41], vec![42]));
    assert_eq!(web.merge_requests[0].state, MergeRequestState::Merged);
    assert_eq!((one.merge_request.number, commits.len()), (42, 0));
    assert!(old.reviewers("platform/web", 42).await.unwrap().is_empty());
    let error = client(&server, "").merge_requests("platform/web", None, None).await.unwrap_err();
    assert!(matches!(error.problem, Problem::NotAvailable), "only a host below /-/jira is that old: {error:?}");
}

#[tokio::test]
async fn a_list_that_is_sorted_otherwise_is_read_to_its_end() {
    // given the oldest change on the first page
    let server = Server::start(|asked: &Asked| {
        let told = |id, at: &str| value!([merge_request(id, "open", "web", &value!({ "updated_at": at }))]).to_string();
        match asked.parameter("page") {
            None => crate::server::answer(200, &[("x-next-page", "2")], told(2, "2018-09-20T10:00:00.000Z")),
            Some(_) => crate::server::answer(200, &[("x-next-page", "")], told(1, "2018-09-20T10:18:01.000Z")),
        }
    })
    .await;
    let client = server.client();

    // when
    let first = client.merge_requests("platform/web", Some(NOW), None).await.unwrap();
    let second = client.merge_requests("platform/web", Some(NOW), first.next.clone()).await.unwrap();

    // then
    assert!(first.merge_requests.is_empty() && second.next.is_none());
    assert_eq!(second.merge_requests[0].number, 1);
}

#[tokio::test]
async fn it_has_no_hooks_and_is_not_asked_for_any() {
    // given
    let server = gitlab(true).await;
    let address = HookAddress {
        url: "https://dovetail.example.com/hooks/github/0123456789abcdef0123456789abcdef".parse().unwrap(),
        secret: "s".to_owned().into(),
    };

    // when
    let error =
        server.client().hook_register(HookTarget::Repository("platform/web"), &address, None).await.unwrap_err();

    // then
    assert!(matches!(error.problem, Problem::NotAvailable));
    assert!(error.cause().contains("no web hooks"), "{}", error.cause());
    assert!(server.asked().is_empty());
}
