//! Each command is done once, whatever gets lost between Dovetail and Jira.

use model::ReceiptReason;
use rstest::rstest;
use sandbox::jira::{Failure, How};
use store::Lane;

use super::town::{Town, done, refused, sending};
use crate::world::Database;

/// As long as is waited for an answer that does not come, before it is sent again.
const GRACE: u64 = 10;

/// The paths to which a comment, a worklog and a transition are sent.
const PATHS: [(&str, &str); 3] = [("comment", "/comment"), ("time", "/worklog"), ("done", "/transitions")];

const MESSAGE: &str = "PLAT-1 #comment hello #time 1h #done";

/// Of how many requests the stand-in tells: of one that it leaves without an answer only once it ends.
fn told_of(how: How, requests: usize) -> usize {
    if matches!(how, How::Silence | How::SilenceAfter) { requests - 1 } else { requests }
}

/// What Jira has of [`MESSAGE`], each once.
fn assert_done_once(town: &Town) {
    assert_eq!(town.comments("PLAT-1"), ["hello"]);
    assert_eq!(town.model().worklogs("PLAT-1").len(), 1);
    let moves = town.model().history("PLAT-1").len();
    assert_eq!((moves, town.status("PLAT-1")), (1, "Done".to_owned()));
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_before_the_answer_was_lost_is_found_and_not_done_again(#[case] database: Database) {
    for how in [How::DropAnswer, How::SilenceAfter, How::HalfAnswer] {
        // given
        let Some(town) = Town::new(database).await else { return };
        for (_, path) in PATHS {
            let answered_empty = how == How::HalfAnswer && path == "/transitions";
            if !answered_empty {
                town.jira.switches().fail(Failure::nth(&format!("POST /rest/api/2/issue/*{path}"), 1, how));
            }
        }

        // when
        town.say(MESSAGE).await;

        // then the first is open, and the others wait behind it
        let told = town.told("PLAT-1").await;
        assert_eq!(told[0], sending("comment"), "{how:?}");
        assert_eq!(town.requests("POST", "/worklog"), 0);

        // when
        for _ in 0..6 {
            town.wait(GRACE).await;
        }

        // then
        assert_eq!(town.told("PLAT-1").await, [done("comment"), done("time"), done("done")], "{how:?}");
        assert_done_once(&town);
        for (_, path) in PATHS {
            assert_eq!(town.requests("POST", path), told_of(how, 1), "{how:?}: nothing was sent twice");
        }
    }
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_done_before_the_connection_ended_is_sent_again_after_a_grace(#[case] database: Database) {
    for how in [How::DropConnection, How::Silence, How::Html, How::ErrorInside] {
        // given
        let Some(town) = Town::new(database).await else { return };
        for (_, path) in PATHS {
            town.jira.switches().fail(Failure::nth(&format!("POST /rest/api/2/issue/*{path}"), 1, how));
        }

        // when
        town.say(MESSAGE).await;
        town.wait(GRACE - 1).await;

        // then
        assert_eq!(town.told("PLAT-1").await[0], sending("comment"), "{how:?}");
        assert_eq!(town.requests("POST", "/comment"), told_of(how, 1), "{how:?}: Jira may be at it still");

        // when
        for _ in 0..8 {
            town.wait(GRACE).await;
        }

        // then
        assert_eq!(town.told("PLAT-1").await, [done("comment"), done("time"), done("done")], "{how:?}");
        assert_done_once(&town);
        for (_, path) in PATHS {
            assert_eq!(town.requests("POST", path), told_of(how, 2), "{how:?}");
        }
    }
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_a_kill_left_behind_is_looked_for_and_made(#[case] database: Database) {
    // given commands of which the first was written down as sent, when the process was killed
    let Some(mut town) = Town::new(database).await else { return };
    town.jira.switches().host(sandbox::jira::Host::Refusing).await;
    town.say(MESSAGE).await;
    town.world.stop().await;
    let receipt = town.receipts("PLAT-1").await.remove(0);
    let mut tx = town.world.store.begin_write(Lane::Live).await.unwrap();
    tx.receipt_attempt(receipt.id, 0, model::Clock::now(&*town.world.clock)).await.unwrap();
    tx.commit().await.unwrap();
    town.jira.switches().host(sandbox::jira::Host::Up).await;

    // when
    town.world.restart().await;
    for _ in 0..4 {
        town.wait(GRACE).await;
    }

    // then
    assert_eq!(town.told("PLAT-1").await, [done("comment"), done("time"), done("done")]);
    assert_done_once(&town);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_of_a_transition_is_sent_once_though_the_answer_to_either_is_lost() {
    for path in ["/transitions", "/comment"] {
        // given
        let town = Town::new(Database::Sqlite).await.unwrap();
        town.jira.switches().fail(Failure::nth(&format!("POST /rest/api/2/issue/*{path}"), 1, How::DropAnswer));

        // when
        town.say("PLAT-1 #done shipped").await;
        for _ in 0..4 {
            town.wait(GRACE).await;
        }

        // then
        assert_eq!(town.told("PLAT-1").await, [done("done")]);
        assert_eq!((town.comments("PLAT-1"), town.status("PLAT-1")), (vec!["shipped".to_owned()], "Done".to_owned()));
        assert_eq!((town.requests("POST", "/transitions"), town.requests("POST", "/comment")), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transition_that_others_made_meanwhile_is_not_taken_for_ours() {
    // given
    let town = Town::new(Database::Sqlite).await.unwrap();
    let failure = Failure::nth("POST /rest/api/2/issue/*/transitions", 1, How::DropConnection);
    town.jira.switches().fail(failure);
    town.say("PLAT-1 #in-progress").await;

    // when Ada does the same by hand, and the issue goes on from there
    let by_hand = |transition: &str| {
        let execution = sandbox::jira::model::Execution { transition: transition.to_owned(), ..Default::default() };
        town.model().transition("PLAT-1", town.ada, execution).unwrap();
    };
    by_hand("21");
    by_hand("31");
    for _ in 0..3 {
        town.wait(GRACE).await;
    }

    // then
    assert_eq!(town.told("PLAT-1").await, [done("in-progress")]);
    assert_eq!(town.requests("POST", "/transitions"), 2);
    assert_eq!(town.status("PLAT-1"), "In Progress");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_transition_by_an_earlier_commit_is_not_taken_for_this_one() {
    // given an issue that a commit brought in progress a moment ago, and that is back
    let town = Town::new(Database::Sqlite).await.unwrap();
    town.say("PLAT-1 #in-progress").await;
    town.say("PLAT-1 #to-do").await;
    town.jira.switches().fail(Failure::nth("POST /rest/api/2/issue/*/transitions", 1, How::DropConnection));

    // when
    town.say("PLAT-1 #in-progress").await;
    for _ in 0..3 {
        town.wait(GRACE).await;
    }

    // then
    assert_eq!(town.told("PLAT-1").await, [done("in-progress"), done("to-do"), done("in-progress")]);
    assert_eq!((town.status("PLAT-1"), town.requests("POST", "/transitions")), ("In Progress".to_owned(), 4));
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn three_comments_of_one_commit_on_one_issue_are_told_apart(#[case] database: Database) {
    // given
    let Some(town) = Town::new(database).await else { return };
    let comments = "POST /rest/api/2/issue/PLAT-1/comment";
    town.jira.switches().fail(Failure::nth(comments, 1, How::DropAnswer));
    town.jira.switches().fail(Failure::nth(comments, 2, How::DropConnection));

    // when
    town.say("PLAT-1 #comment same #comment same #comment same\nPLAT-2 #comment other").await;

    // then another issue does not wait
    assert_eq!(town.comments("PLAT-2"), ["other"]);

    // when
    for _ in 0..6 {
        town.wait(GRACE).await;
    }

    // then
    assert_eq!(town.told("PLAT-1").await, [done("comment"), done("comment"), done("comment")]);
    let bodies: Vec<String> = town.model().comments("PLAT-1").into_iter().map(|comment| comment.body).collect();
    assert_eq!(bodies.len(), 3);
    for (at, body) in bodies.iter().enumerate() {
        assert!(body.contains(&format!("(command {} for PLAT-1)", at + 1)), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_that_goes_away_before_it_is_settled_ends_the_command() {
    // given
    let town = Town::new(Database::Sqlite).await.unwrap();
    let failure = Failure::nth("POST /rest/api/2/issue/*/comment", 1, How::DropAnswer);
    town.jira.switches().fail(failure);
    town.say("PLAT-1 #comment hello").await;

    // when Dovetail's user sees the project no more
    let project = town.model().project("PLAT").unwrap().id;
    town.model().allow_only(project, town.dovetail, &[]);
    town.wait(GRACE).await;

    // then
    assert_eq!(town.told("PLAT-1").await, [refused("comment", ReceiptReason::NoIssue)]);
}
