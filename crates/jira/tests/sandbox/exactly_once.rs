//! Comments, worklogs and transitions, and finding out whether they were made.

use jira::{NewWorklog, Problem};
use rstest::rstest;
use sandbox::jira::model::{NewComment, Permission};
use sandbox::jira::{Failure, How};

use crate::world::{NOON, World, problem};

const MINUTE: i64 = 60_000;

async fn world(cloud: bool) -> World {
    if cloud { World::cloud().await } else { World::data_center().await }
}

fn worklog(seconds: u64) -> NewWorklog {
    NewWorklog { started: NOON - 90 * MINUTE, seconds, comment: "work\n[mark-7]".to_owned() }
}

#[rstest]
#[tokio::test]
async fn a_comment_is_made_and_found_by_its_mark(#[values(false, true)] cloud: bool) {
    let world = world(cloud).await;
    let id = world.rest.comment_add("ABC-1", "hello 🎉 <b>\nAda · [mark-7]").await.unwrap();
    let made = world.model().comments("ABC-1");
    assert_eq!((made[0].id.to_string(), made[0].body.as_str()), (id.clone(), "hello 🎉 <b>\nAda · [mark-7]"));
    assert_eq!(world.rest.comment_find("ABC-1", "[mark-7]", NOON).await.unwrap(), Some(id));
    assert_eq!(world.rest.comment_find("ABC-1", "[mark-70]", NOON).await.unwrap(), None);
    assert_eq!(world.rest.comment_find("ABC-2", "[mark-7]", NOON).await.unwrap(), None);
    assert_eq!(problem(world.rest.comment_find("ABC-99", "[mark-7]", NOON).await).0, Problem::NotFound);
}

#[rstest]
#[tokio::test]
async fn a_mark_is_found_among_many_and_not_before_its_time(#[values(false, true)] cloud: bool) {
    // given: 260 comments, one a minute, the hundredth with the mark
    let world = world(cloud).await;
    for number in 0..260 {
        let body = if number == 100 { "[mark-7]".to_owned() } else { format!("number {number}") };
        world.model().comment("ABC-1", world.ada, NewComment { body, ..NewComment::default() }).unwrap();
        world.clock.advance(MINUTE);
    }
    let find = async |since: i64| world.rest.comment_find("ABC-1", "[mark-7]", NOON + since * MINUTE).await.unwrap();

    // then
    assert!(find(0).await.is_some());
    assert!(find(109).await.is_some(), "clocks may be ten minutes apart");
    assert_eq!(find(111).await, None);
    let path = if cloud { "/rest/api/2/issue" } else { "/context/rest/api/2/issue" };
    world.server.requests().clear();
    assert_eq!(find(250).await, None);
    assert_eq!(world.server.requests().count(path), 1, "newest first: one page is enough");
}

#[rstest]
#[tokio::test]
async fn work_is_logged_and_found_by_its_mark(#[values(false, true)] cloud: bool) {
    let world = world(cloud).await;
    let id = world.rest.worklog_add("ABC-1", worklog(5_400)).await.unwrap();
    let made = world.model().worklogs("ABC-1");
    assert_eq!((made[0].seconds, made[0].started, made[0].id.to_string()), (5_400, NOON - 90 * MINUTE, id.clone()));
    assert_eq!(world.rest.worklog_find("ABC-1", "[mark-7]", NOON).await.unwrap(), Some(id));
    assert_eq!(world.rest.worklog_find("ABC-1", "[mark-8]", NOON).await.unwrap(), None);
    assert_eq!(world.rest.worklog_find("ABC-1", "[mark-7]", NOON + 11 * MINUTE).await.unwrap(), None);

    // less than a minute is not even sent
    world.server.requests().clear();
    assert_eq!(problem(world.rest.worklog_add("ABC-1", worklog(59)).await), (Problem::Refused, false));
    assert!(world.server.requests().all().is_empty());
    // and a site need not track time
    world.server.switches().time_tracking(false);
    let error = world.rest.worklog_add("ABC-1", worklog(60)).await.unwrap_err();
    assert_eq!((error.problem, error.status, error.may_have_acted), (Problem::Refused, Some(400), false));
    assert!(error.words.unwrap().contains("Time Tracking is not enabled."));
}

#[rstest]
#[tokio::test]
async fn a_missing_permission_is_a_refusal_in_jiras_words(#[values(false, true)] cloud: bool) {
    let world = world(cloud).await;
    world.model().allow_only(world.abc, world.ada, &[Permission::BrowseProjects]);
    let ada = world.rest(world.ada);
    let error = ada.comment_add("ABC-1", "hello").await.unwrap_err();
    assert_eq!((error.problem, error.status, error.may_have_acted), (Problem::Refused, Some(400), false));
    assert!(
        error.sentence().contains("you do not have the permission to comment on this issue"),
        "{}",
        error.sentence()
    );
    assert_eq!(problem(ada.worklog_add("ABC-1", worklog(60)).await), (Problem::Refused, false));
    assert_eq!(problem(ada.comment_add("ABC-99", "hello").await), (Problem::NotFound, false));
}

#[rstest]
#[tokio::test]
async fn an_issue_goes_its_way_and_the_way_is_told(#[values(false, true)] cloud: bool) {
    let world = world(cloud).await;
    let open = world.rest.transitions("ABC-1").await.unwrap();
    let told: Vec<_> =
        open.iter().map(|it| (it.id.as_str(), it.name.as_str(), it.to.as_str(), it.to_id.as_str())).collect();
    assert_eq!(told[2], ("31", "Done", "Done", "10001"));
    world.rest.transition("ABC-1", "31").await.unwrap();
    assert_eq!(world.model().issue("ABC-1").unwrap().status, "Done");
    assert_eq!(world.model().comments("ABC-1").len(), 0);
    world.clock.advance(MINUTE);
    world.rest(world.ada).transition("ABC-1", "21").await.unwrap();

    let changes = world.rest.status_changes("ABC-1", NOON).await.unwrap();
    let told: Vec<_> =
        changes.iter().map(|it| (it.at - NOON, it.by.clone(), it.to.as_str(), it.to_id.as_str())).collect();
    let (root, ada) = (Some(world.id(world.root)), Some(world.id(world.ada)));
    assert_eq!(told, [(0, root, "Done", "10001"), (MINUTE, ada, "In Progress", "3")]);
    assert_eq!(changes[0].from, "To Do");
    assert_eq!(world.rest.status_changes("ABC-1", NOON + 11 * MINUTE).await.unwrap().len(), 1);
    assert_eq!(world.rest.status_changes("ABC-2", NOON).await.unwrap(), []);

    // a screen that asks for a field, and a transition that is not there
    let error = world.rest.transition("PAY-1", "5").await.unwrap_err();
    assert_eq!(
        (error.problem, error.words.as_deref()),
        (Problem::Refused, Some("resolution: Resolution is required."))
    );
    assert_eq!(problem(world.rest.transition("ABC-1", "999").await), (Problem::Refused, false));
}

#[rstest]
#[tokio::test]
async fn what_was_done_without_an_answer_is_found_again(
    #[values(false, true)] cloud: bool,
    #[values(How::DropAnswer, How::HalfAnswer)] how: How,
) {
    // given
    let world = world(cloud).await;
    world.server.switches().fail(Failure::nth("POST /rest/api/2/issue/*", 1, how));

    // when
    let error = world.rest.comment_add("ABC-1", "hello [mark-7]").await.unwrap_err();

    // then
    assert!(error.may_have_acted && error.is_temporary(), "{error:?}");
    assert!(world.rest.comment_find("ABC-1", "[mark-7]", NOON).await.unwrap().is_some());

    // and so with work and transitions
    world.server.switches().fail(Failure::nth("POST /rest/api/2/issue/*", 1, How::DropAnswer));
    assert_eq!(problem(world.rest.worklog_add("ABC-1", worklog(60)).await), (Problem::Network, true));
    assert!(world.rest.worklog_find("ABC-1", "[mark-7]", NOON).await.unwrap().is_some());
    world.server.switches().fail(Failure::nth("POST /rest/api/2/issue/*", 1, How::DropAnswer));
    assert_eq!(problem(world.rest.transition("ABC-1", "31").await), (Problem::Network, true));
    assert_eq!(world.rest.status_changes("ABC-1", NOON).await.unwrap()[0].to, "Done");
}
