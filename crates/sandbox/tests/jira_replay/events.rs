//! Events and the save point: what a soft sync reads.

use serde_json::{Value, json};

use crate::host::{Answer, Host};
use crate::widget::{WIDGET, event, pull, pull_request};

const FAILED: &str = "widget: Sync Failed: Error during sync. See server logs.";
const EARLY: &str = "2018-09-20T11:00:00Z";
const LATE: &str = "2018-09-20T12:00:00Z";

fn five() -> Value {
    pull(5, "ABC-3 topic", EARLY)
}

/// The lines of a soft sync after the one for branches.
fn lines(host: &Host) -> Vec<String> {
    host.lines(WIDGET).split_off(1)
}

const EVENTS: &str = "GET …/events?per_page=100&page=1";

/// What is asked of a pull request whose commits are not read again.
fn of_one(number: u32) -> [String; 3] {
    [
        format!("GET …/pulls/{number}"),
        format!("GET …/issues/{number}/comments?per_page=100&page=1"),
        format!("GET …/pulls/{number}/comments?per_page=100&page=1"),
    ]
}

#[tokio::test]
async fn what_was_seen_is_not_read_again() {
    let host = Host::with_pull().await;
    let mut account = host.added().await;
    host.take();
    account.soft_sync("widget").await.unwrap();
    assert_eq!(lines(&host), [EVENTS]);
}

#[tokio::test]
async fn a_new_event_leads_to_its_pull_request_once() {
    // given an older event below the save point
    let host = Host::with_pull().await;
    let mut account = host.added().await;
    host.take();
    let (changed, old) = (pull(5, "new title", LATE), pull(4, "old", "2018-09-20T10:00:00Z"));
    host.pull(&changed, &[]);
    // when the pull request changed twice
    host.events(&[event("5-3", &changed), event("5-2", &changed), event("5-1", &five()), event("4-1", &old)]);
    account.soft_sync("widget").await.unwrap();
    // then it is read once, and nothing else, since the save point was met
    assert_eq!(lines(&host), [&[EVENTS.to_owned()][..], &of_one(5)].concat());
    assert_eq!(pull_request(&account.report(), 5).title, "new title");
}

#[tokio::test]
async fn an_event_id_that_was_seen_is_never_read_again() {
    let host = Host::with_pull().await;
    let mut account = host.added().await;
    // when the pull request changed but the event kept its id
    host.pull(&pull(5, "new title", LATE), &[]);
    host.events(&[event("5-1", &pull(5, "new title", LATE))]);
    account.soft_sync("widget").await.unwrap();
    // then Jira does not notice
    assert_eq!(pull_request(&account.report(), 5).title, "ABC-3 topic");
}

#[tokio::test]
async fn events_of_the_same_second_are_all_seen() {
    let host = Host::with_pull().await;
    let mut account = host.added().await;
    let six = pull(6, "six", EARLY);
    host.pull(&six, &[]);
    host.events(&[event("5-1", &five()), event("6-1", &six), event("4-1", &pull(4, "old", "2018-09-20T10:00:00Z"))]);
    account.soft_sync("widget").await.unwrap();
    assert_eq!(pull_request(&account.report(), 6).title, "six");
}

#[tokio::test]
async fn without_an_older_event_the_list_is_read_as_well() {
    // given events whose end comes before the save point
    let host = Host::with_pull().await;
    let mut account = host.added().await;
    host.take();
    let changed = pull(5, "new title", LATE);
    host.pull(&changed, &[]);
    host.events(&[event("5-2", &changed)]);
    account.soft_sync("widget").await.unwrap();
    let list = "GET …/pulls?state=all&sort=updated&direction=desc&per_page=30&page=1".to_owned();
    assert_eq!(lines(&host), [&[EVENTS.to_owned()][..], &of_one(5), &[list]].concat());
}

#[tokio::test]
async fn events_are_paged() {
    let host = Host::with_pull().await;
    let mut account = host.added().await;
    let (changed, six) = (pull(5, "new title", LATE), pull(6, "six", LATE));
    host.pull(&changed, &[]);
    host.pull(&six, &[]);
    let next = format!("<{}{WIDGET}/events?per_page=100&page=2>; rel=\"next\"", host.url);
    let first = format!("GET {WIDGET}/events?per_page=100&page=1");
    host.on(&first, Answer::json(&json!([event("5-2", &changed)])).with("link", &next));
    host.json(&format!("GET {WIDGET}/events?per_page=100&page=2"), &json!([event("6-1", &six)]));
    account.soft_sync("widget").await.unwrap();
    assert_eq!(pull_request(&account.report(), 5).title, "new title");
    assert_eq!(pull_request(&account.report(), 6).title, "six");
}

#[tokio::test]
async fn a_comment_is_searched_among_all_pull_requests() {
    // given a comment on a pull request that is closed
    let host = Host::with_pull().await;
    let mut account = host.added().await;
    host.take();
    let old = event("4-1", &pull(4, "old", "2018-09-20T10:00:00Z"));
    let comment = json!({ "id": 31, "user": { "login": "ben" }, "created_at": LATE });
    let issue = json!({ "number": 5, "pull_request": { "html_url": "https://host/acme/widget/pull/5" } });
    let happened =
        |kind: &str, payload: Value| json!({ "id": kind, "type": kind, "created_at": LATE, "payload": payload });
    host.events(&[
        happened("IssueCommentEvent", json!({ "action": "created", "issue": issue, "comment": comment })),
        old.clone(),
    ]);
    host.json(&format!("GET {WIDGET}/pulls?state=closed&per_page=100&page=1"), &json!([five()]));
    account.soft_sync("widget").await.unwrap();
    // then open ones are asked for first
    let states = ["open", "closed"].map(|state| format!("GET …/pulls?state={state}&per_page=100&page=1"));
    assert_eq!(lines(&host), [&[EVENTS.to_owned()][..], &states, &of_one(5)].concat());
    // and for a comment on code all comments are read
    host.json(&format!("GET {WIDGET}/pulls/5/comments"), &json!([comment]));
    host.events(&[happened("PullRequestReviewCommentEvent", json!({ "comment": comment })), old.clone()]);
    account.soft_sync("widget").await.unwrap();
    let scan = [states[0].clone(), states[1].clone(), of_one(5)[2].clone()];
    assert_eq!(lines(&host), [&[EVENTS.to_owned()][..], &scan, &of_one(5)].concat());
    // and a comment on a mere issue is nothing
    host.events(&[
        happened("other", json!({})),
        json!({ "id": "i", "type": "IssueCommentEvent", "created_at": LATE, "payload": { "issue": { "number": 9 } } }),
        old,
    ]);
    account.soft_sync("widget").await.unwrap();
    assert_eq!(lines(&host), [EVENTS]);
}

#[tokio::test]
async fn an_event_needs_what_jira_reads_of_it() {
    let cases: [fn(&mut Value); 6] = [
        |it| it["created_at"] = Value::Null,
        |it| it["created_at"] = json!("2018-09-20T11:00:00.123Z"),
        |it| it["id"] = Value::Null,
        |it| it["payload"]["pull_request"] = Value::Null,
        |it| it["payload"]["pull_request"]["updated_at"] = json!("2018-09-20T13:00:00+02:00"),
        |it| it["payload"] = json!([]),
    ];
    for (number, change) in cases.into_iter().enumerate() {
        let host = Host::with_pull().await;
        let mut account = host.added().await;
        let mut body = event("5-2", &pull(5, "new title", LATE));
        change(&mut body);
        host.events(&[body]);
        account.soft_sync("widget").await.unwrap();
        assert_eq!(account.report().problems, [FAILED], "{number}");
        assert_eq!(pull_request(&account.report(), 5).title, "ABC-3 topic", "{number}");
    }
}

#[tokio::test]
async fn a_full_sync_needs_the_first_event() {
    let host = Host::with_pull().await;
    host.on(&format!("GET {WIDGET}/events"), Answer::error(410));
    let report = host.added().await.report();
    assert_eq!((report.problems.as_slice(), report.repositories["widget"].waiting), (&[FAILED.to_owned()][..], 1));
    assert!(report.repositories["widget"].pull_requests.is_empty());
}
