//! Comments on commits, as far as a GitLab lets them be written.

use forge::{Auth, Problem};
use model::ObjectId;
use sandbox::gitlab::model::{AccessLevel, Scopes};

use crate::place::{Place, user};

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_written_and_found_by_whoever_reads_the_code_with_the_scope_api() {
    // given
    let place = Place::new().await;
    let project = place.project("platform", "api").await;
    let author = "anna <anna@example.com> 1709294400 +0000";
    let history = format!("commit refs/heads/main\nauthor {author}\ncommitter {author}\ndata 1\nx\n\n");
    place.push(project, history).await;
    let refs = place.server.model().repositories().refs(project).await.unwrap();
    let head: ObjectId = refs["refs/heads/main"].parse().unwrap();
    let id = project.to_string();
    let model = place.server.model();
    let with = |who, scopes: &str| {
        let token = model.create_personal_token(who, "token", Scopes::parse(scopes).unwrap(), None);
        place.client_with(Auth::Token(token.into()))
    };
    let guest = model.create_user(user("gil", false)).unwrap();
    model.add_member(project, guest, AccessLevel::Guest);
    let reporter = model.create_user(user("rita", false)).unwrap();
    model.add_member(project, reporter, AccessLevel::Reporter);

    // when
    let may = with(reporter, "api").commit_comment_add(&id, &head, "Told.\n\n— the mark").await;
    let scope = with(reporter, "read_api").commit_comment_add(&id, &head, "x").await.unwrap_err();
    let role = with(guest, "api").commit_comment_add(&id, &head, "x").await.unwrap_err();

    // then
    assert!(may.unwrap());
    assert!(matches!(scope.problem, Problem::InsufficientScope), "{scope:?}");
    assert!(matches!(role.problem, Problem::Forbidden), "{role:?}");
    let comments = model.commit_comments(project, head.as_str());
    assert_eq!(comments.iter().map(|it| it.note.as_str()).collect::<Vec<_>>(), ["Told.\n\n— the mark"]);
    assert!(place.client().commit_comment_find(&id, &head, "the mark").await.unwrap());
    assert!(!place.client().commit_comment_find(&id, &head, "another").await.unwrap());
}
