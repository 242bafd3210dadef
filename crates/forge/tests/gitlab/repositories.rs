//! Which projects an account has.

use model::{AccountKind, ForgeAccount};

use crate::server::{NOW, Server, json, not_found};

fn account(kind: AccountKind, forge_id: &str, path: &str) -> ForgeAccount {
    ForgeAccount { forge_id: forge_id.into(), kind, path: path.into(), name: path.into(), web_url: None }
}

const PROJECTS: &str = r#"[
  {"id":1,"path_with_namespace":"platform/api","name":"API","default_branch":"main","web_url":"https://h/platform/api",
   "http_url_to_repo":"https://h/platform/api.git","last_activity_at":"2018-09-20T10:18:01.000Z","empty_repo":false},
  {"id":2,"path_with_namespace":"Platform/backend/worker","default_branch":"trunk","archived":true,
   "last_activity_at":"2020-01-01T00:00:00+01:00","forked_from_project":{"id":1}},
  {"id":3,"path_with_namespace":"platform/empty","default_branch":null},
  {"id":4,"path_with_namespace":"platform/hidden-code","name":"a guest sees no code"},
  {"id":5,"path_with_namespace":"elsewhere/shared","default_branch":"main"},
  {"id":6,"path_with_namespace":"platform-two/other","default_branch":"main"},
  {"id":1,"path_with_namespace":"platform/api","default_branch":"main"}
]"#;

#[tokio::test]
async fn a_group_lists_what_its_members_can_read_newest_activity_first() {
    // given
    let server = Server::start(|asked| match asked.path.as_str() {
        "/api/v4/groups/12/projects" => json(200, PROJECTS),
        _ => not_found(),
    })
    .await;

    // when
    let found = server.client().repositories(&account(AccountKind::Group, "12", "platform")).await.unwrap();

    // then
    let ids: Vec<_> = found.iter().map(|repository| repository.forge_id.as_str()).collect();
    assert_eq!(ids, ["2", "1", "3"], "newest first; no code, no neighbour, nothing twice");
    assert_eq!((found[0].archived, found[0].fork_of.as_deref()), (true, Some("1")));
    assert_eq!((found[1].name.as_str(), found[1].last_activity_at), ("API", Some(NOW)));
    assert_eq!((found[1].empty, found[1].default_branch.as_deref()), (false, Some("main")));
    assert!(found[2].empty && found[2].default_branch.is_none());
    let query = &server.asked()[0];
    for (name, value) in
        [("include_subgroups", "true"), ("with_shared", "false"), ("min_access_level", "10"), ("order_by", "id")]
    {
        assert_eq!(query.parameter(name), Some(value), "{name}");
    }
    assert_eq!(query.parameter("archived"), None, "archived projects are listed, too");
}

#[tokio::test]
async fn a_person_lists_the_personal_namespace() {
    // given
    let server = Server::start(|asked| match asked.path.as_str() {
        "/api/v4/users/9/projects" => {
            json(200, r#"[{"id":8,"path_with_namespace":"anna/dotfiles","default_branch":"main"}]"#)
        }
        _ => not_found(),
    })
    .await;

    // when
    let found = server.client().repositories(&account(AccountKind::User, "9", "anna")).await.unwrap();

    // then
    assert_eq!(found[0].path, "anna/dotfiles");
    assert_eq!(server.asked()[0].parameter("min_access_level"), Some("10"));
}
