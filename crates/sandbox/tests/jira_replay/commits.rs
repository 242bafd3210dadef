//! Branches and the walk from their heads.

use std::collections::BTreeMap;

use sandbox::jira_replay::{FileAction, Jira, JiraOptions, Token};
use serde_json::{Value, json};

use crate::host::{Answer, Host, connections};
use crate::widget::{JIRA, TOKEN, WIDGET, changesets, commit, sha};

const FAILED: &str = "widget: Sync Failed: Error during sync. See server logs.";

/// The commits that were asked for, in order.
fn walked(host: &Host) -> Vec<u32> {
    let lines = host.lines(WIDGET);
    let shas = lines.iter().filter_map(|line| line.strip_prefix("GET …/commits/"));
    shas.map(|sha| u32::from_str_radix(sha, 16).unwrap()).collect()
}

#[tokio::test]
async fn a_first_sync_asks_for_every_commit_once_from_the_heads_down() {
    // given a host with two branches
    let host = Host::with_code().await;
    // when the account is added
    let account = host.added().await;
    // then each commit was asked for, branch by branch, then their parents
    let asked = host.take();
    let lines: Vec<String> = asked.iter().map(|asked| asked.line.replace(WIDGET, "…")).collect();
    let (main, topic, root) = (sha(2), sha(3), sha(1));
    assert_eq!(
        lines[3..],
        [
            "GET …/branches?per_page=100&page=1".to_owned(),
            format!("GET …/commits/{main}"),
            format!("GET …/commits/{topic}"),
            format!("GET …/commits/{root}"),
            "GET …/events?per_page=1&page=1".to_owned(),
            "GET …/pulls?state=all&sort=created&direction=asc&per_page=30&page=1".to_owned(),
            "GET …/hooks?access_token=a-token".to_owned(),
            "POST …/hooks?access_token=a-token".to_owned(),
            "POST …/hooks?access_token=a-token".to_owned(),
        ]
    );
    // all over one connection, those of hooks over another
    assert_eq!((connections(&asked[..9]), connections(&asked)), (1, 2));
    // and Jira has them
    let report = account.report();
    assert_eq!(report.problems, [""; 0]);
    let widget = &report.repositories["widget"];
    assert_eq!(widget.branches, BTreeMap::from([("main".to_owned(), main), ("topic".to_owned(), topic.clone())]));
    assert_eq!(changesets(&report).len(), 3);
    let third = &widget.changesets[&topic];
    assert_eq!((third.branch.as_str(), third.parents.as_slice()), ("topic", &[sha(2)][..]));
    assert_eq!((third.author_name.as_str(), third.author_login.as_deref()), ("Ada Example", Some("ada")));
    assert_eq!(third.date, 1_537_438_681_000);
    let second = &widget.changesets[&sha(2)];
    assert_eq!(second.issue_keys.iter().collect::<Vec<_>>(), ["ABC-1", "ABC-2"]);
    // a first sync runs no smart commits
    assert_eq!(second.smart_commits, Some(false));
    assert_eq!(report.runs[0].kind, "CHANGESETS PULLREQUESTS");
    assert_eq!(report.calls["commit"].count, 3);
}

#[tokio::test]
async fn master_is_walked_first() {
    let host = Host::with_widget().await;
    host.branches(&[("aaa", 1), ("master", 2), ("zzz", 3)]);
    host.commits(&[(1, "one", &[]), (2, "two", &[]), (3, "three", &[])]);
    host.added().await;
    assert_eq!(walked(&host), [2, 1, 3]);
}

#[tokio::test]
async fn a_soft_sync_stops_at_what_is_stored() {
    // given an account that is read
    let host = Host::with_code().await;
    let mut account = host.added().await;
    host.take();
    // when nothing happened, then no commit is asked for
    account.soft_sync("widget").await.unwrap();
    assert_eq!(host.lines(WIDGET), ["GET …/branches?per_page=100&page=1", "GET …/events?per_page=100&page=1"]);
    // when somebody pushed
    host.branches(&[("main", 4), ("topic", 3)]);
    host.commits(&[(4, "ABC-9 fourth", &[2])]);
    account.soft_sync("widget").await.unwrap();
    // then only that is asked for, and its smart commits run
    assert_eq!(walked(&host), [4]);
    let report = account.report();
    assert_eq!(report.repositories["widget"].changesets[&sha(4)].smart_commits, Some(true));
}

#[tokio::test]
async fn what_a_branch_leaves_behind_stays_until_a_full_sync() {
    let host = Host::with_code().await;
    let mut account = host.added().await;
    // when the branch is deleted
    host.branches(&[("main", 2)]);
    account.soft_sync("widget").await.unwrap();
    // then its commit stays
    let report = account.report();
    assert_eq!(report.repositories["widget"].branches.len(), 1);
    assert_eq!(changesets(&report).len(), 3);
    // and when everything is read again, it goes
    account.full_sync("widget").await.unwrap();
    assert_eq!(changesets(&account.report()).len(), 2);
}

#[tokio::test]
async fn an_empty_repository_is_fine_and_never_soft() {
    let host = Host::with_widget().await;
    let mut account = host.added().await;
    account.soft_sync("widget").await.unwrap();
    let report = account.report();
    assert_eq!((report.problems.len(), report.runs[1].kind.as_str()), (0, "CHANGESETS PULLREQUESTS"));
}

#[tokio::test]
async fn files_are_counted_and_five_are_kept() {
    let host = Host::with_widget().await;
    host.branches(&[("main", 1)]);
    let mut body = commit(1, "first", &[]);
    let file = |name: &str, status: &str| json!({ "filename": name, "status": status, "additions": 3, "changes": 3 });
    let files = [("a", "added"), ("b", "removed"), ("c", "modified"), ("d", "renamed"), ("e", "added"), ("f", "added")];
    body["files"] = files.iter().map(|(name, status)| file(name, status)).collect();
    host.commit(1, &body);
    let report = host.added().await.report();
    let changeset = &report.repositories["widget"].changesets[&sha(1)];
    let kept: Vec<(&str, FileAction)> = changeset.files.iter().map(|file| (file.path.as_str(), file.action)).collect();
    let (added, removed, modified) = (FileAction::Added, FileAction::Removed, FileAction::Modified);
    assert_eq!(kept, [("a", added), ("b", removed), ("c", modified), ("d", modified), ("e", added)]);
    assert_eq!((changeset.file_count, changeset.files[0].additions, changeset.files[0].deletions), (6, 3, 0));
}

/// A commit changed somehow; and what the log says of it, none where it is fine.
type Case = (fn(&mut Value), Option<&'static str>);

#[tokio::test]
async fn a_commit_needs_what_jira_reads_of_it() {
    let host = Host::with_widget().await;
    host.branches(&[("main", 1)]);
    let cases: [Case; 15] = [
        (|it| it["author"] = Value::Null, None),
        (|it| it["files"] = Value::Null, None),
        (|it| it["commit"]["committer"] = Value::Null, None),
        (|it| it["commit"]["message"] = Value::Null, None),
        (|it| it["commit"]["author"]["date"] = json!("2018-09-20T12:18:01.000+02:00"), None),
        (
            |it| it["parents"] = json!([{ "sha": null }]),
            Some("could not get result: java.lang.NullPointerException: parents.sha"),
        ),
        (|it| it["commit"] = Value::Null, Some("could not get result: java.lang.NullPointerException: commit")),
        (
            |it| it["commit"]["author"] = Value::Null,
            Some("could not get result: java.lang.NullPointerException: commit.author"),
        ),
        (|it| it["parents"] = Value::Null, Some("could not get result: java.lang.NullPointerException: parents")),
        (
            |it| it["commit"]["author"]["date"] = Value::Null,
            Some("could not get result: java.lang.NullPointerException: commit.author.date"),
        ),
        (
            |it| it["commit"]["author"]["date"] = json!("20.9.2018"),
            Some(
                "could not get result: Parse exception converting JSON to object: commit.author.date: Unparseable date: \"20.9.2018\"",
            ),
        ),
        (
            |it| it["files"] = json!({}),
            Some(
                "could not get result: Parse exception converting JSON to object: files: Expected BEGIN_ARRAY but was BEGIN_OBJECT",
            ),
        ),
        (
            |it| it["files"] = json!([{ "filename": "a", "additions": "many" }]),
            Some(
                "could not get result: Parse exception converting JSON to object: files.[0].additions: Expected an int but was \"many\"",
            ),
        ),
        (
            |it| it["sha"] = json!("abc"),
            Some(
                "Error retrieving branch 'main'. Communicator for 'githube' returned 'abc' instead of \
                 '0000000000000000000000000000000000000001'",
            ),
        ),
        (
            |it| it["sha"] = Value::Null,
            Some(
                "Error retrieving branch 'main'. Communicator for 'githube' returned 'null' instead of \
                 '0000000000000000000000000000000000000001'",
            ),
        ),
    ];
    for (number, (change, complaint)) in cases.into_iter().enumerate() {
        let mut body = commit(1, "first", &[]);
        change(&mut body);
        host.commit(1, &body);
        let report = host.added().await.report();
        let log: Vec<&str> = report.log.iter().map(|line| line.splitn(3, ": ").nth(2).unwrap()).collect();
        assert_eq!(log, Vec::from_iter(complaint), "{number}");
        let problems: &[&str] = if complaint.is_some() { &[FAILED] } else { &[] };
        assert_eq!(report.problems, problems, "{number}");
        assert_eq!(changesets(&report).len(), usize::from(complaint.is_none()), "{number}");
    }
}

#[tokio::test]
async fn a_commit_that_fails_is_tried_again_at_the_next_syncs_and_then_dropped() {
    // given a commit that cannot be had
    let host = Host::with_code().await;
    let broken = format!("GET {WIDGET}/commits/{}", sha(1));
    host.on(&broken, Answer::error(500));
    let mut account = host.added().await;
    // then the others are there, and the page complains
    let report = account.report();
    assert_eq!((changesets(&report).len(), report.problems.as_slice()), (2, &[FAILED.to_owned()][..]));
    assert_eq!(report.runs[0].incomplete, 1);
    assert!(report.log[0].ends_with("could not get result: no (500)"), "{:?}", report.log);
    // when it can be had, the next soft sync brings it
    let mut other = host.added().await;
    host.commits(&[(1, "first", &[])]);
    other.soft_sync("widget").await.unwrap();
    assert_eq!((changesets(&other.report()).len(), other.report().problems.len()), (3, 0));
    // and after three more failures it is given up, though the branches still lead there
    host.on(&broken, Answer::error(404));
    host.take();
    for _ in 0..4 {
        account.soft_sync("widget").await.unwrap();
    }
    assert_eq!(walked(&host), [1, 1, 1]);
    let report = account.report();
    assert_eq!((report.repositories["widget"].waiting, report.problems.len()), (0, 0));
    assert!(report.log.iter().any(|line| line.contains("RETRY_COUNT_EXCEEDED")));
}

#[tokio::test]
async fn branches_that_cannot_be_read_end_the_sync() {
    let host = Host::with_code().await;
    for (answer, complaint) in [
        (Answer::error(404), "widget: Could not retrieve list of branches: no (404)"),
        (Answer::new(504, ""), "widget: Could not retrieve list of branches: Gateway Timeout (504)"),
        (
            Answer::json(&json!([{ "name": "main" }])),
            "widget: Could not retrieve list of branches: java.lang.NullPointerException: commit",
        ),
    ] {
        host.on(&format!("GET {WIDGET}/branches"), answer);
        let report = host.added().await.report();
        assert_eq!(report.log, [complaint]);
        assert_eq!((report.problems.as_slice(), report.runs[0].outcome), (&[FAILED.to_owned()][..], "FAILED"));
        assert!(!report.calls.contains_key("events"), "pull requests are not read then");
    }
}

#[tokio::test]
async fn a_limit_that_is_nearly_used_up_slows_jira_down() {
    let host = Host::with_code().await;
    let line = format!("GET {WIDGET}/commits/{}", sha(1));
    let nearly = Answer::json(&commit(1, "first", &[])).with("x-ratelimit-limit", "5000");
    host.on(&line, nearly.with("x-ratelimit-remaining", "25"));
    let report = host.added().await.report();
    assert_eq!(report.log, ["widget: sleeping for 900 s before the next call"]);
    assert_eq!(changesets(&report).len(), 3);
}

#[tokio::test]
async fn a_403_to_a_commit_is_an_error_like_others() {
    let host = Host::with_code().await;
    host.on(&format!("GET {WIDGET}/commits/{}", sha(2)), Answer::error(403));
    let report = host.added().await.report();
    assert_eq!(report.problems, [FAILED]);
    assert!(!report.calls.contains_key("rate limit"));
}

#[tokio::test]
async fn several_connections_ask_for_each_commit_once() {
    // given a history of forty commits, each with two parents
    let host = Host::with_widget().await;
    host.branches(&[("main", 40), ("topic", 39), ("other", 38)]);
    for number in 1..=40_u32 {
        let parents: Vec<u32> = [number - 1, number.saturating_sub(3)].into_iter().filter(|it| *it > 0).collect();
        host.commit(number, &commit(number, "a commit", &parents));
    }
    // when Jira asks on four connections
    let options = JiraOptions { connections: 4, ..JiraOptions::loopback(JIRA) };
    let jira = Jira::new(&host.url, options).unwrap();
    let account = jira.add_account("acme", Token::new(TOKEN)).await.unwrap();
    // then it has all of them, each asked for once
    assert_eq!(changesets(&account.report()).len(), 40);
    let commits: Vec<_> = host.take().into_iter().filter(|asked| asked.line.contains("/commits/")).collect();
    assert_eq!(commits.len(), 40);
    assert!((2..=4).contains(&connections(&commits)), "{}", connections(&commits));
}
