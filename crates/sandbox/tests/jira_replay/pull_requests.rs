//! Pull requests: pages, single ones, and what is understood of them.

use sandbox::jira_replay::{Role, Status};
use serde_json::{Value, json};

use crate::host::{Answer, Host};
use crate::widget::{FULL_PULLS, SOFT_PULLS, WIDGET, commit, event, pull, pull_request, repository, sha};

const FAILED: &str = "widget: Sync Failed: Error during sync. See server logs.";
const EARLY: &str = "2018-09-20T11:00:00Z";
const LATE: &str = "2018-09-20T12:00:00Z";

/// The lines about pull requests.
fn of_pulls(host: &Host) -> Vec<String> {
    let lines = host.lines(WIDGET).into_iter();
    lines.filter(|line| ["pulls", "issues", "events"].iter().any(|word| line.contains(word))).collect()
}

#[tokio::test]
async fn a_first_sync_reads_the_list_and_four_things_about_each() {
    let host = Host::with_pull().await;
    let report = host.added().await.report();
    assert_eq!(
        of_pulls(&host),
        [
            "GET …/events?per_page=1&page=1",
            "GET …/pulls?state=all&sort=created&direction=asc&per_page=30&page=1",
            "GET …/pulls/5/commits?per_page=100&page=1",
            "GET …/issues/5/comments?per_page=100&page=1",
            "GET …/pulls/5/comments?per_page=100&page=1",
        ]
    );
    let pull = pull_request(&report, 5);
    assert_eq!((pull.title.as_str(), pull.status), ("ABC-3 topic", Status::Open));
    assert_eq!((pull.source_branch.as_str(), pull.destination_branch.as_str()), ("topic", "main"));
    assert_eq!(pull.source_repository.as_deref(), Some("acme/widget"));
    assert_eq!((pull.author.as_deref(), pull.executed_by.as_deref()), (Some("ada"), Some("ada")));
    assert_eq!((pull.created_at, pull.updated_at), (Some(1_537_438_681_000), Some(1_537_441_200_000)));
    assert_eq!(pull.commits.iter().map(|commit| commit.sha.clone()).collect::<Vec<_>>(), [sha(3)]);
    assert_eq!(pull.issue_keys.iter().collect::<Vec<_>>(), ["ABC-3", "ABC-4"]);
    assert_eq!(report.problems, [""; 0]);
}

#[tokio::test]
async fn pages_of_thirty_are_followed_by_their_link() {
    // given two pages, the first pull request again on the second
    let host = Host::with_pull().await;
    let (first, second) = (pull(5, "five", EARLY), pull(6, "six", EARLY));
    let next = format!("<{}{WIDGET}/{}>; rel=\"next\"", host.url, FULL_PULLS.replace("page=1", "page=2"));
    host.on(&format!("GET {WIDGET}/{FULL_PULLS}"), Answer::json(&json!([first])).with("link", &next));
    host.json(&format!("GET {WIDGET}/{}", FULL_PULLS.replace("page=1", "page=2")), &json!([first, second]));
    host.pull(&second, &[]);
    // then both are there, each processed once
    let report = host.added().await.report();
    assert_eq!(report.repositories["widget"].pull_requests.keys().collect::<Vec<_>>(), [&5, &6]);
    assert_eq!(report.calls["issue comments"].count, 2);
    assert_eq!(report.calls["events"].count, 1);
}

#[tokio::test]
async fn states_become_statuses() {
    let cases: [(Value, Value, Status); 5] = [
        (json!("open"), Value::Null, Status::Open),
        (json!("closed"), json!(LATE), Status::Merged),
        (json!("closed"), Value::Null, Status::Declined),
        (json!("merged"), json!(LATE), Status::Open),
        (Value::Null, Value::Null, Status::Open),
    ];
    for (state, merged_at, status) in cases {
        let host = Host::with_pull().await;
        let mut pull = pull(5, "five", EARLY);
        pull["merged_by"] = json!({ "login": "ben" });
        (pull["state"], pull["merged_at"]) = (state.clone(), merged_at);
        host.json(&format!("GET {WIDGET}/{FULL_PULLS}"), &json!([pull]));
        let report = host.added().await.report();
        let row = pull_request(&report, 5);
        assert_eq!(row.status, status, "{state}");
        assert_eq!(row.executed_by.as_deref(), Some(if status == Status::Open { "ada" } else { "ben" }));
        let strange = !matches!(state.as_str(), Some("open" | "closed"));
        assert_eq!(report.log.iter().any(|line| line.contains("unknown state")), strange);
    }
}

#[tokio::test]
async fn comments_count_and_their_authors_take_part() {
    // given a pull request with two comments, one of them on code, which the list does not count
    let host = Host::with_pull().await;
    let mut five = pull(5, "five", EARLY);
    (five["assignee"], five["user"]) = (json!({ "login": "ben" }), json!({ "login": "ada" }));
    host.json(&format!("GET {WIDGET}/{FULL_PULLS}"), &json!([five]));
    host.json(
        &format!("GET {WIDGET}/issues/5/comments"),
        &json!([{ "id": 1, "body": "fine", "user": { "login": "ben" }, "created_at": EARLY }]),
    );
    host.json(
        &format!("GET {WIDGET}/pulls/5/comments"),
        &json!([{ "id": 2, "body": "here", "user": { "login": "eve" }, "created_at": EARLY, "position": 4 }]),
    );
    let mut account = host.added().await;
    // then the comment on code counts one sync late
    let report = account.report();
    let row = pull_request(&report, 5);
    assert_eq!(row.comment_count, 1);
    let roles: Vec<(&str, Role)> = row.participants.iter().map(|it| (it.login.as_str(), it.role)).collect();
    assert_eq!(roles, [("ada", Role::Participant), ("ben", Role::Reviewer), ("eve", Role::Participant)]);
    five["updated_at"] = json!(LATE);
    host.json(&format!("GET {WIDGET}/pulls/5"), &five);
    host.events(&[event("5-2", &five), event("5-1", &pull(5, "five", EARLY))]);
    account.soft_sync("widget").await.unwrap();
    assert_eq!(pull_request(&account.report(), 5).comment_count, 2);
}

/// A pull request changed somehow; and what the log says of it, none where it is fine.
type Case = (fn(&mut Value), Option<&'static str>);

#[tokio::test]
async fn a_pull_request_needs_what_jira_reads_of_it() {
    let host = Host::with_pull().await;
    let cases: [Case; 14] = [
        (|it| it["head"]["repo"] = Value::Null, None),
        (|it| it["user"] = Value::Null, None),
        (|it| drop(it.as_object_mut().unwrap().remove("id")), None),
        (|it| it["number"] = json!("5"), None),
        (|it| it["head"] = Value::Null, Some("pull request 5 has no source or destination branch")),
        (|it| it["base"]["ref"] = Value::Null, Some("pull request 5 has no source or destination branch")),
        (|it| it["updated_at"] = Value::Null, Some("java.lang.NullPointerException: updated_at")),
        (
            |it| it["updated_at"] = json!("2018-09-20T11:00:00.123Z"),
            Some("[0].updated_at: Unparseable date: \"2018-09-20T11:00:00.123Z\""),
        ),
        (
            |it| it["created_at"] = json!("2018-09-20T13:00:00+02:00"),
            Some("[0].created_at: Unparseable date: \"2018-09-20T13:00:00+02:00\""),
        ),
        (|it| it["merged_at"] = json!(""), Some("[0].merged_at: Unparseable date: \"\"")),
        (
            |it| it["head"]["repo"]["created_at"] = json!("2018-09-20T13:00:00+02:00"),
            Some("[0].head.repo.created_at: Unparseable date: \"2018-09-20T13:00:00+02:00\""),
        ),
        (|it| it["number"] = json!(3_000_000_000_u32), Some("[0].number: Expected an int but was 3000000000")),
        (|it| it["head"] = json!("topic"), Some("[0].head: Expected BEGIN_OBJECT but was STRING")),
        (|it| it["merged"] = json!(1), Some("[0].merged: Expected a boolean but was NUMBER")),
    ];
    for (number, (change, complaint)) in cases.into_iter().enumerate() {
        let mut body = pull(5, "five", EARLY);
        change(&mut body);
        host.json(&format!("GET {WIDGET}/{FULL_PULLS}"), &json!([body]));
        let report = host.added().await.report();
        assert_eq!(report.log.len(), usize::from(complaint.is_some()), "{number}: {:?}", report.log);
        assert!(report.log.first().is_none_or(|line| line.ends_with(complaint.unwrap())), "{number}: {:?}", report.log);
        let stored = report.repositories["widget"].pull_requests.len();
        assert_eq!(stored, usize::from(complaint.is_none()), "{number}");
        // only one without branches is passed over in silence
        let in_silence = complaint.is_none_or(|complaint| complaint.contains("branch"));
        assert_eq!(report.problems, if in_silence { &[][..] } else { &[FAILED] }, "{number}");
    }
}

#[tokio::test]
async fn what_belongs_to_a_pull_request_needs_plain_dates_too() {
    for (line, body) in [
        ("pulls/5/commits", {
            let mut it = commit(3, "third", &[2]);
            it["commit"]["author"]["date"] = json!("2018-09-20T12:18:01+02:00");
            it
        }),
        ("pulls/5/commits", {
            let mut it = commit(3, "third", &[2]);
            it["commit"]["author"] = Value::Null;
            it
        }),
        ("issues/5/comments", json!({ "id": 1, "created_at": "2018-09-20T11:00:00.123Z" })),
        ("pulls/5/comments", json!({ "id": 1, "created_at": "2018-09-20T11:00:00.123Z" })),
    ] {
        let host = Host::with_pull().await;
        host.json(&format!("GET {WIDGET}/{line}"), &json!([body]));
        let report = host.added().await.report();
        assert_eq!(report.problems, [FAILED], "{line}: {body}");
        assert_eq!(report.repositories["widget"].waiting, 1);
    }
}

#[tokio::test]
async fn new_pushes_show_only_when_the_pull_request_moves() {
    // given a pull request with one commit
    let host = Host::with_pull().await;
    let mut account = host.added().await;
    // when another is pushed, then the commits are not read again
    let (two, mut changed) = ([commit(3, "third", &[2]), commit(4, "ABC-8 fourth", &[3])], pull(5, "five", LATE));
    host.pull(&changed, &two);
    host.events(&[event("5-2", &changed), event("5-1", &pull(5, "five", EARLY))]);
    account.soft_sync("widget").await.unwrap();
    assert_eq!(pull_request(&account.report(), 5).commits.len(), 1);
    // when it is merged, then they are
    changed["updated_at"] = json!("2018-09-20T13:00:00Z");
    (changed["state"], changed["merged_at"]) = (json!("closed"), json!("2018-09-20T13:00:00Z"));
    host.pull(&changed, &two);
    host.events(&[event("5-3", &changed), event("5-2", &pull(5, "five", LATE))]);
    account.soft_sync("widget").await.unwrap();
    let report = account.report();
    let row = pull_request(&report, 5);
    assert_eq!((row.status, row.commits.len()), (Status::Merged, 2));
    assert!(row.issue_keys.contains("ABC-8"));
}

#[tokio::test]
async fn keys_of_merges_do_not_count() {
    let host = Host::with_pull().await;
    host.pull(&pull(5, "five", EARLY), &[commit(4, "Merge ABC-7", &[3, 2])]);
    let report = host.added().await.report();
    assert!(pull_request(&report, 5).commits[0].merge);
    assert!(!pull_request(&report, 5).issue_keys.contains("ABC-7"));
}

#[tokio::test]
async fn a_soft_list_ends_where_nothing_is_newer() {
    // given two pull requests that are read
    let host = Host::with_pull().await;
    let (five, six) = (pull(5, "five", EARLY), pull(6, "six", EARLY));
    host.json(&format!("GET {WIDGET}/{FULL_PULLS}"), &json!([five, six]));
    host.pull(&six, &[]);
    let mut account = host.added().await;
    host.take();
    // when a new one is on the soft list before them, and events do not reach back
    let mut seven = pull(7, "seven", LATE);
    seven["head"]["repo"] = repository("ada", "widget");
    host.pull(&seven, &[]);
    host.events(&[json!({ "id": "x", "type": "WatchEvent", "created_at": LATE, "payload": { "number": [] } })]);
    let next = format!("<{}{WIDGET}/{}>; rel=\"next\"", host.url, SOFT_PULLS.replace("page=1", "page=2"));
    host.on(&format!("GET {WIDGET}/{SOFT_PULLS}"), Answer::json(&json!([seven, five, six])).with("link", &next));
    account.soft_sync("widget").await.unwrap();
    // then it is read, and the list is left at the first that is not newer
    let asked = of_pulls(&host);
    assert_eq!(asked[1], format!("GET …/{SOFT_PULLS}"));
    assert_eq!(asked.len(), 5, "{asked:?}");
    assert_eq!(pull_request(&account.report(), 7).source_repository.as_deref(), Some("ada/widget"));
}
