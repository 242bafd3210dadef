//! What commands do.

use model::ReceiptReason;
use rstest::rstest;

use super::town::{Pushed, Town, done, refused};
use crate::world::Database;

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_push_comments_logs_work_and_moves_the_issue(#[case] database: Database) {
    // given
    let Some(town) = Town::new(database).await else { return };

    // when
    let commit = Pushed::new("PLAT-1 #comment hello #time 1h 30m wrote it #done")
        .by("Ada Kowalska", "ada@example.com")
        .aged(3_600);
    town.push(&[commit]).await;

    // then
    assert_eq!(town.told("PLAT-1").await, [done("comment"), done("time"), done("done")]);
    let head = town.world.refs(town.project).await["main"].clone();
    let line = |command: usize| {
        let (short, url) = (&head[..12], town.world.server.url());
        format!("— Ada Kowalska, commit {short} (command {command} for PLAT-1) {url}/platform/api/-/commit/{head}")
    };
    let comments = town.model().comments("PLAT-1");
    let bodies: Vec<&str> = comments.iter().map(|comment| comment.body.as_str()).collect();
    assert_eq!(bodies, [format!("hello\n\n{}", line(1))]);
    assert_eq!(comments[0].author, town.dovetail);
    let worklogs = town.model().worklogs("PLAT-1");
    assert_eq!(worklogs.len(), 1);
    assert_eq!((worklogs[0].seconds, worklogs[0].comment.clone()), (5_400, format!("wrote it\n\n{}", line(2))));
    assert_eq!(
        worklogs[0].started,
        model::Clock::now(&*town.world.clock) / 1_000 * 1_000 - 3_600_000,
        "when the commit was made"
    );
    assert_eq!(town.status("PLAT-1"), "Done");
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn the_text_of_a_transition_becomes_a_comment(#[case] database: Database) {
    // given
    let Some(town) = Town::new(database).await else { return };

    // when
    town.push(&[Pushed::new("PLAT-1 PLAT-2 #in-progress begun"), Pushed::new("PLAT-1 #DONE shipped")]).await;

    // then in the order in which they were committed
    let told = town.told("PLAT-1").await;
    assert!(told.len() == 2 && told.contains(&done("in-progress")) && told.contains(&done("DONE")), "{told:?}");
    assert_eq!(
        (town.comments("PLAT-1"), town.status("PLAT-1")),
        (vec!["begun".to_owned(), "shipped".to_owned()], "Done".to_owned())
    );
    assert_eq!((town.comments("PLAT-2"), town.status("PLAT-2")), (vec!["begun".to_owned()], "In Progress".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transition_whose_text_may_not_be_a_comment_is_made_all_the_same() {
    // given
    let town = Town::new(Database::Sqlite).await.unwrap();
    let project = town.model().project("PLAT").unwrap().id;
    use sandbox::jira::model::Permission::{BrowseProjects, TransitionIssues};
    town.model().allow_only(project, town.ada, &[BrowseProjects, TransitionIssues]);

    // when
    town.say("PLAT-1 #done shipped").await;

    // then
    assert_eq!(town.told("PLAT-1").await, [refused("done", ReceiptReason::NoPermission)]);
    assert_eq!((town.comments("PLAT-1").len(), town.status("PLAT-1")), (0, "Done".to_owned()));
    let words = town.words("PLAT-1").await;
    assert!(words.starts_with("The issue was moved, but") && words.contains("ADD_COMMENTS"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_command_does_not_hold_others_back() {
    let town = Town::new(Database::Sqlite).await.unwrap();

    town.say("PLAT-1 #time soon #nowhere #comment here").await;

    let expected =
        [refused("time", ReceiptReason::NoTime), refused("nowhere", ReceiptReason::NoMatch), done("comment")];
    assert_eq!(town.told("PLAT-1").await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_of_a_renamed_project_is_found_by_the_key_in_the_message() {
    // given
    let town = Town::new(Database::Sqlite).await.unwrap();
    let project = town.model().project("PLAT").unwrap().id;
    town.model().rename_project(project, "BASE").unwrap();

    // when
    town.say("PLAT-1 #comment hello #done").await;

    // then
    assert_eq!((town.comments("BASE-1"), town.status("BASE-1")), (vec!["hello".to_owned()], "Done".to_owned()));
    assert_eq!(town.told("PLAT-1").await, [done("comment"), done("done")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_five_megabytes_with_ten_thousand_keys_is_bounded() {
    // given
    let town = Town::new(Database::Sqlite).await.unwrap();
    let keys: String = (1..=10_000).map(|number| format!("PLAT-{number} ")).collect();
    let lines: String = (0..1_000).map(|number| format!("SHOP-1 #comment {number}\n")).collect();
    let message = format!("{}\n{lines}{keys} #comment all\n", "x".repeat(5_000_000));

    // when
    town.say(&message).await;

    // then: the first 500 are done in order, the others are refused, and nothing is left over
    let comments = town.comments("SHOP-1");
    assert_eq!(comments, (0..500).map(|number| number.to_string()).collect::<Vec<_>>());
    let told = town.told("SHOP-1").await;
    assert_eq!(told.len(), 1_000);
    assert!(told[..500].iter().all(|one| *one == done("comment")));
    assert!(told[500..].iter().all(|one| *one == refused("comment", ReceiptReason::TooMany)));
    assert_eq!(town.comments("PLAT-1").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_is_logged_by_the_first_time_of_the_argument() {
    let town = Town::new(Database::Sqlite).await.unwrap();

    town.say("PLAT-1 #time 1w 2d 4.5h 30m reviewed #time 1,5h").await;

    let seconds: Vec<u64> = town.model().worklogs("PLAT-1").iter().map(|worklog| worklog.seconds).collect();
    let (hour, day) = (3_600, 8 * 3_600);
    assert_eq!(seconds, [5 * day + 2 * day + 5 * hour, hour + hour / 2]);
}
