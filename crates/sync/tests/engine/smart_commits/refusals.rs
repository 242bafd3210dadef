//! Why commands are not run: each reason, in words.

use model::{ReceiptReason, SiteSettings};
use rstest::rstest;
use sandbox::jira::model::{Category, EmailVisibility, Permission, Status, Workflow};
use store::SiteUpdate;

use super::town::{Pushed, Town, done, person, refused};
use crate::world::Database;

const DAY: i64 = 24 * 60 * 60;

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn each_author_who_is_not_one_user_is_told_why(#[case] database: Database) {
    // given
    let Some(town) = Town::new(database).await else { return };
    let model = town.model();
    person(&model, "twin", "twins@example.com");
    person(&model, "other", "TWINS@example.com");
    let gone = person(&model, "gone", "gone@example.com");
    model.change_user(gone, |user| user.active = false);
    let eve = person(&model, "eve", "eve@example.com");
    model.allow_only(model.project("PLAT").unwrap().id, eve, &[Permission::BrowseProjects]);
    let authors = [
        ("nobody@example.com", ReceiptReason::NoUser),
        ("twins@example.com", ReceiptReason::SeveralUsers),
        ("gone@example.com", ReceiptReason::UserInactive),
        ("eve@example.com", ReceiptReason::NoPermission),
        ("", ReceiptReason::NoEmail),
    ];

    // when
    for (email, _) in &authors {
        town.push(&[Pushed::new("PLAT-1 #comment x").by("Somebody", email)]).await;
    }

    // then
    let expected: Vec<_> = authors.iter().map(|(_, reason)| refused("comment", *reason)).collect();
    assert_eq!(town.told("PLAT-1").await, expected);
    assert_eq!(town.requests("POST", "/comment"), 0);
    for receipt in town.receipts("PLAT-1").await {
        assert!(!receipt.words.unwrap_or_default().contains('@'), "receipts tell no e-mails");
    }
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_the_message_or_the_issue_makes_impossible_is_told(#[case] database: Database) {
    // given
    let Some(town) = Town::new(database).await else { return };
    town.model().change_settings(|settings| settings.longest_text = 500);
    let message = format!(
        "Revert \"PLAT-1 #done\"\n\n> PLAT-1 #done\nPLAT-1 #time soon #comment #nowhere #comment {} #comment fine\n\
         SHOP-1 #re\nPLAT-99 #comment x\n",
        "y".repeat(600)
    );

    // when
    town.say(&message).await;

    // then
    let expected = [
        refused("done", ReceiptReason::Quoted),
        refused("done", ReceiptReason::Quoted),
        refused("time", ReceiptReason::NoTime),
        refused("comment", ReceiptReason::EmptyComment),
        refused("nowhere", ReceiptReason::NoMatch),
        refused("comment", ReceiptReason::JiraRefused),
        done("comment"),
    ];
    assert_eq!(town.told("PLAT-1").await, expected);
    assert_eq!(town.told("PLAT-99").await, [refused("comment", ReceiptReason::NoIssue)]);
    let words: Vec<String> = town.receipts("PLAT-1").await.into_iter().filter_map(|receipt| receipt.words).collect();
    assert!(words.iter().any(|words| words.contains("“To Do”, “In Progress”, “Done”")), "{words:?}");
    assert!(words.iter().any(|words| words.contains("exceeds the allowed limit of 500 characters")), "{words:?}");
    // and of the classic workflow only one is open that begins so
    assert_eq!(town.told("SHOP-1").await, [refused("re", ReceiptReason::JiraRefused)]);
    assert!(town.words("SHOP-1").await.contains("Resolution is required"), "{}", town.words("SHOP-1").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_may_mean_several_transitions_or_finds_none_is_refused() {
    // given
    let town = Town::new(Database::Sqlite).await.unwrap();
    let status = |id, name: &str| Status { id, name: name.to_owned(), category: Category::New };
    let dead_end = Workflow { statuses: vec![status(1, "Stuck")], transitions: Vec::new() };
    town.model().create_project("DEAD", "Dead end", dead_end).unwrap();
    town.model().create_issue("DEAD", "Nothing goes", None).unwrap();

    // when
    town.say("DEAD-1 #done\nSHOP-1 #start-progress\nSHOP-1 #s\nSHOP-1 #c oops").await;

    // then
    assert_eq!(town.told("DEAD-1").await, [refused("done", ReceiptReason::NoTransition)]);
    assert!(town.words("DEAD-1").await.contains("“Stuck”"));
    // in progress, “Stop Progress” alone begins with s; “Close Issue” asks for a resolution
    let expected = [done("start-progress"), done("s"), refused("c", ReceiptReason::JiraRefused)];
    assert_eq!(town.told("SHOP-1").await, expected);
    assert_eq!(town.status("SHOP-1"), "Open");
    town.say("PLAT-1 #D\nPLAT-2 #in-pro").await;
    assert_eq!((town.status("PLAT-1"), town.status("PLAT-2")), ("Done".to_owned(), "In Progress".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ambiguous_command_lists_what_it_may_mean() {
    // given
    let town = Town::new(Database::Sqlite).await.unwrap();
    let mut workflow = Workflow::simplified();
    workflow.transitions.push(sandbox::jira::model::Transition::new(41, "Do nothing", &[], "To Do"));
    town.model().create_project("MANY", "Many", workflow).unwrap();
    town.model().create_issue("MANY", "Which way?", None).unwrap();

    // when
    town.say("MANY-1 #do").await;

    // then
    assert_eq!(town.told("MANY-1").await, [refused("do", ReceiptReason::Ambiguous)]);
    let words = town.words("MANY-1").await;
    assert!(words.contains("“Done”") && words.contains("“Do nothing”"), "{words}");
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn old_commits_run_nothing(#[case] database: Database) {
    let Some(town) = Town::new(database).await else { return };

    town.push(&[Pushed::new("PLAT-1 #comment old").aged(7 * DAY + 60)]).await;
    town.push(&[Pushed::new("PLAT-1 #comment young").aged(7 * DAY - 60)]).await;

    assert_eq!(town.told("PLAT-1").await, [refused("comment", ReceiptReason::TooOld), done("comment")]);
    assert_eq!(town.comments("PLAT-1"), ["young"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_without_time_tracking_logs_nothing() {
    let town = Town::new(Database::Sqlite).await.unwrap();
    town.jira.switches().time_tracking(false);

    town.say("PLAT-1 #time 1h #comment x").await;

    let expected = [refused("time", ReceiptReason::TimeTrackingOff), done("comment")];
    assert_eq!(town.told("PLAT-1").await, expected);
    assert_eq!(town.requests("POST", "/worklog"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_hides_or_masks_e_mails_finds_nobody() {
    for visibility in [EmailVisibility::Hidden, EmailVisibility::Masked] {
        let town = Town::new(Database::Sqlite).await.unwrap();
        town.jira.switches().emails(visibility);

        town.say("PLAT-1 #comment x").await;

        assert_eq!(town.told("PLAT-1").await, [refused("comment", ReceiptReason::EmailsHidden)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_runs_where_permissions_cannot_be_asked_for() {
    // given a Jira without the search, and one where Dovetail's user administers nothing
    for lacks_search in [true, false] {
        let town = Town::new(Database::Sqlite).await.unwrap();
        if lacks_search {
            town.jira.switches().no_permission_search();
        } else {
            let project = town.model().project("PLAT").unwrap().id;
            town.model().change_user(town.dovetail, |user| user.admin = false);
            let all_but: Vec<_> =
                Permission::ALL.into_iter().filter(|it| *it != Permission::AdministerProjects).collect();
            town.model().allow_only(project, town.dovetail, &all_but);
        }

        // when
        town.say("PLAT-1 #comment x #time 1h #done").await;

        // then
        let reason = ReceiptReason::CannotAsk;
        let expected = ["comment", "time", "done"].map(|command| refused(command, reason));
        assert_eq!(town.told("PLAT-1").await, expected);
        assert_eq!(town.model().totals().comments, 0);
    }
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_runs_where_smart_commits_are_switched_off(#[case] database: Database) {
    let Some(town) = Town::where_switched_off(database).await else { return };

    town.say("PLAT-1 #comment off").await;

    assert_eq!(town.told("PLAT-1").await, [refused("comment", ReceiptReason::SwitchedOff)]);
    assert_eq!(town.comments("PLAT-1").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_whose_smart_commits_are_switched_off_runs_what_waits_no_more() {
    // given something that waits, as the site is down
    let town = Town::new(Database::Sqlite).await.unwrap();
    town.jira.switches().host(sandbox::jira::Host::Refusing).await;
    town.say("PLAT-1 #comment x").await;

    // when
    let settings = SiteSettings { smart_commits: false, ..SiteSettings::of(model::SiteKind::DataCenter) };
    town.change_site(SiteUpdate { settings: Some(settings), ..SiteUpdate::default() }).await;
    town.jira.switches().host(sandbox::jira::Host::Up).await;
    town.wait(60).await;

    // then
    assert_eq!(town.told("PLAT-1").await, [refused("comment", ReceiptReason::SwitchedOff)]);
    assert_eq!(town.comments("PLAT-1").len(), 0);
}
