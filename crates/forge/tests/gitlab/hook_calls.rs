//! What calls of hooks ask for, whatever they look like (GitLab contract §7.3–7.7).

use forge::{HookEvent, HookFault, HookNews, hook_news};
use model::HostKind;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::documented::example;

fn read(header: &str, body: &Value) -> Result<HookNews, HookFault> {
    hook_news(HostKind::Gitlab, header, body.to_string().as_bytes())
}

fn news(project: &str, event: HookEvent) -> Result<HookNews, HookFault> {
    Ok(HookNews { repository_forge_id: Some(project.to_owned()), event })
}

fn ignored(project: Option<&str>, what: &str) -> Result<HookNews, HookFault> {
    let repository_forge_id = project.map(str::to_owned);
    Ok(HookNews { repository_forge_id, event: HookEvent::Ignored { what: what.to_owned() } })
}

fn push(before: &str, after: &str) -> Value {
    json!({ "object_kind": "push", "event_name": "push", "before": before, "after": after,
        "ref": "refs/heads/main", "project_id": 15, "commits": [], "total_commits_count": 4000 })
}

fn merge_request(action: &Value) -> Value {
    json!({ "object_kind": "merge_request", "event_type": "merge_request", "project": { "id": 2 },
        "object_attributes": { "iid": 16, "target_project_id": 2, "source_project_id": 9, "action": action } })
}

#[test]
fn a_branch_that_comes_moves_or_goes_is_a_push() {
    // given
    let (zero, one, two) = ("0".repeat(40), "1".repeat(40), "2".repeat(40));
    let (zero_256, one_256) = ("0".repeat(64), "1".repeat(64));

    for (before, after) in [(&zero, &one), (&one, &two), (&one, &zero), (&zero_256, &one_256)] {
        // then
        assert_eq!(read("Push Hook", &push(before, after)), news("15", HookEvent::Push));
    }
}

#[test]
fn every_action_on_a_merge_request_names_it() {
    let actions = [
        "open",
        "close",
        "reopen",
        "update",
        "approval",
        "approved",
        "unapproval",
        "unapproved",
        "merge",
        "of-tomorrow",
    ];
    for action in actions {
        let number = 16;
        assert_eq!(
            read("Merge Request Hook", &merge_request(&json!(action))),
            news("2", HookEvent::MergeRequest { number }),
            "{action}"
        );
    }
}

#[test]
fn a_merge_request_without_an_action_is_a_test() {
    for action in [Value::Null, json!(""), json!(7), json!([])] {
        assert_eq!(read("Merge Request Hook", &merge_request(&action)), news("2", HookEvent::Test));
    }
}

#[test]
fn automatic_changes_and_both_shapes_of_reviewers_are_read() {
    // given
    let mut reset = merge_request(&json!("update"));
    reset["object_attributes"]["system"] = json!(true);
    reset["object_attributes"]["system_action"] = json!("approvals_reset_on_push");
    let mut pushed = merge_request(&json!("update"));
    pushed["object_attributes"]["oldrev"] = json!("1".repeat(40));
    pushed["changes"] = json!({ "reviewers": [[{ "id": 6 }], [{ "id": 6, "re_requested": true }]] });
    let mut other = merge_request(&json!("update"));
    other["changes"] = json!({ "reviewers": { "previous": [], "current": [{ "id": 6 }] } });

    for body in [reset, pushed, other] {
        // then
        assert_eq!(read("Merge Request Hook", &body), news("2", HookEvent::MergeRequest { number: 16 }));
    }
}

#[test]
fn a_merge_request_of_a_fork_belongs_to_its_target() {
    // given
    let mut body = merge_request(&json!("open"));
    body["project"]["id"] = json!(9);
    body["project_id"] = json!(9);

    // then
    assert_eq!(read("Merge Request Hook", &body), news("2", HookEvent::MergeRequest { number: 16 }));
}

#[test]
fn notes_are_told_by_what_they_are_on() {
    // given
    let note = |on: &str| {
        json!({ "object_kind": "note", "event_type": "note", "project_id": 5, "project": { "id": 5 },
            "object_attributes": { "id": 1, "noteable_type": on, "action": "create" } })
    };
    let mut on_merge_request = note("MergeRequest");
    on_merge_request["merge_request"] = json!({ "id": 7, "iid": 1 });
    let mut confidential = on_merge_request.clone();
    confidential["event_type"] = json!("confidential_note");

    // then
    let told = news("5", HookEvent::Note { merge_request: Some(1) });
    assert_eq!(read("Note Hook", &on_merge_request), told);
    assert_eq!(read("Confidential Note Hook", &confidential), told);
    for on in ["Commit", "Issue", "Snippet", "of-tomorrow"] {
        assert_eq!(read("Note Hook", &note(on)), news("5", HookEvent::Note { merge_request: None }), "{on}");
    }
    assert_eq!(read("Note Hook", &note("MergeRequest")), Err(HookFault::Lacks { field: "merge_request.iid" }));
}

#[test]
fn system_hooks_are_told_by_the_name_of_their_event() {
    // given
    let of = |name: &str| json!({ "event_name": name, "project_id": 15, "path_with_namespace": "a/b" });

    // then
    for name in ["project_create", "project_destroy", "project_rename", "project_transfer", "group_rename"] {
        let list = Ok(HookNews { repository_forge_id: None, event: HookEvent::RepositoryChanged });
        assert_eq!(read("System Hook", &of(name)), list, "{name}");
    }
    assert_eq!(read("System Hook", &of("repository_update")), news("15", HookEvent::Push));
    assert_eq!(read("System Hook", &push("1", "2")), news("15", HookEvent::Push));
    assert_eq!(read("System Hook", &merge_request(&json!("merge"))), news("2", HookEvent::MergeRequest { number: 16 }));
    assert_eq!(read("System Hook", &of("user_create")), ignored(Some("15"), "user_create"));
}

#[test]
fn tags_and_what_nobody_knows_are_ignored_under_a_harmless_name() {
    // given
    let kind = |kind: &str| json!({ "object_kind": kind });
    let mut tag = push("1", "2");
    tag["ref"] = json!("refs/tags/v1");

    // then
    assert_eq!(
        read("Tag Push Hook", &json!({ "object_kind": "tag_push", "project_id": 1 })),
        ignored(Some("1"), "tag_push")
    );
    assert_eq!(read("Push Hook", &tag), ignored(Some("15"), "push to no branch"));
    assert_eq!(read("Pipeline Hook", &kind("pipeline")), ignored(None, "pipeline"));
    assert_eq!(read("Pipeline Hook", &json!({})), ignored(None, "Pipeline Hook"));
    assert_eq!(read("", &json!({})), ignored(None, "an event without a name"));
    assert_eq!(read("", &kind("<script>alert(1)</script>\u{0}")), ignored(None, "scriptalert1script"));
    let long = ignored(None, &"x".repeat(60));
    assert_eq!(read("", &kind(&"x".repeat(4_000))), long);
    assert_eq!(read("", &kind(&"x".repeat(5_000))), ignored(None, "an event without a name"));
}

#[test]
fn the_header_counts_where_the_body_does_not_say_what_it_is() {
    assert_eq!(read("Push Hook", &json!({ "project_id": 15 })), news("15", HookEvent::Push));
    assert_eq!(read("Push Hook", &json!({ "object_kind": 7, "project": { "id": "15" } })), news("15", HookEvent::Push));
    let other = json!({ "object_kind": "pipeline", "project_id": 15 });
    assert_eq!(read("Push Hook", &other), ignored(Some("15"), "pipeline"));
}

#[test]
fn what_is_not_needed_may_be_of_any_type_and_spelling() {
    // given every spelling of a time, and other oddities (GitLab contract §7.7)
    for time in ["2026-01-16 05:56:22 UTC", "2015-05-17T18:08:09Z", "2011-12-12T14:27:31+02:00", ""] {
        let mut body = merge_request(&json!("update"));
        for field in ["created_at", "updated_at", "prepared_at"] {
            body["object_attributes"][field] = json!(time);
        }
        body["project"]["visibility_level"] = json!(20);
        body["project"]["avatar_url"] = json!("/uploads/x.png");
        body["object_attributes"]["source"] = Value::Null;
        body["object_attributes"]["last_commit"] = Value::Null;
        body["labels"] = json!({ "not": "a list" });
        body["unknown"] = json!([[{ "a": null }]]);

        // then
        assert_eq!(read("Merge Request Hook", &body), news("2", HookEvent::MergeRequest { number: 16 }), "{time}");
    }
}

#[test]
fn what_a_call_must_say_is_named_where_it_is_missing() {
    // given
    let lacks = |field| Err(HookFault::Lacks { field });
    let mut numberless = merge_request(&json!("open"));
    let wrong =
        [Value::Null, json!(0), json!(-1), json!(1.5), json!("x"), json!({}), json!(18_446_744_073_709_551_615_u64)];

    // then
    for number in wrong {
        numberless["object_attributes"]["iid"] = number.clone();
        assert_eq!(read("", &numberless), lacks("object_attributes.iid"), "{number}");
        let body = json!({ "object_kind": "push", "project_id": number, "project": [] });
        assert_eq!(read("", &body), lacks("project_id"), "{number}");
    }
    assert_eq!(
        read("", &json!({ "object_kind": "merge_request", "object_attributes": 5 })),
        lacks("object_attributes")
    );
}

#[test]
fn hostile_bodies_are_refused() {
    // given
    let read = |body: &[u8]| hook_news(HostKind::Gitlab, "Push Hook", body);
    let deep =
        |open: &str, close: &str| format!("{{\"project_id\":{}{}}}", open.repeat(100_000), close.repeat(100_000));
    let largest = |size: usize| {
        let start = r#"{"object_kind":"push","project_id":15,"commits":["#;
        let mut body = Vec::from(start);
        body.resize(size - 3, b' ');
        body.extend(b"0]}");
        body
    };

    // then
    assert_eq!(read(&largest(25 << 20)), news("15", HookEvent::Push));
    assert_eq!(read(&largest((25 << 20) + 1)), Err(HookFault::TooLarge));
    let zeros = format!("{{\"object_kind\":\"push\",\"project_id\":[{}0]}}", "0,".repeat(10 << 20));
    assert_eq!(read(zeros.as_bytes()), Err(HookFault::Lacks { field: "project_id" }));
    for body in ["[]", "null", "7", "\"push\"", "[\"push\"]"] {
        assert_eq!(read(body.as_bytes()), Err(HookFault::NotAnObject), "{body}");
    }
    for body in ["", "{", "{\"a\":}", "nonsense", "{} {}", "{\"project_id\":1,\"project_id\":2}"] {
        assert!(matches!(read(body.as_bytes()), Err(HookFault::NotJson { .. })), "{body}");
    }
    for body in [deep("[", "]"), deep("{\"a\":", "}"), deep("[", "")] {
        assert!(read(body.as_bytes()).is_err());
    }
    assert!(read(b"{\"object_kind\":\"push\",\"ref\":\"refs/heads/\xff\",\"project_id\":15}").is_err());
    assert_eq!(hook_news(HostKind::Folder, "", b"{}"), Err(HookFault::Unsupported(HostKind::Folder)));
}

/// Any JSON, of words that bodies are made of.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "object_kind",
        "event_name",
        "project_id",
        "project",
        "id",
        "iid",
        "object_attributes",
        "merge_request",
        "note",
        "push",
        "ref",
        "refs/heads/x",
        "action",
        "noteable_type",
        "MergeRequest",
        "target_project_id",
        "tag_push",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(word.clone().prop_map(str::to_owned), inner, 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_stop_the_reader(header in ".*", body in prop::collection::vec(any::<u8>(), 0..300)) {
        hook_news(HostKind::Gitlab, &header, &body).ok();
    }

    #[test]
    fn no_json_stops_the_reader_and_nothing_of_it_is_passed_on_unbounded(header in ".*", body in any_json()) {
        if let Ok(news) = read(&header, &body) {
            let id = news.repository_forge_id.unwrap_or_default();
            prop_assert!(id.len() <= 20 && id.bytes().all(|byte| byte.is_ascii_digit()));
            match news.event {
                HookEvent::MergeRequest { number } => prop_assert!(number > 0),
                HookEvent::Note { merge_request } => prop_assert!(merge_request.is_none_or(|number| number > 0)),
                HookEvent::Ignored { what } => prop_assert!(!what.is_empty() && what.len() <= 60 && what.is_ascii()),
                _ => {}
            }
        }
    }

    #[test]
    fn a_broken_body_stops_nobody(body in any_json(), cut in any::<prop::sample::Index>()) {
        let text = body.to_string().into_bytes();
        hook_news(HostKind::Gitlab, "Push Hook", &text[..cut.index(text.len())]).ok();
    }
}

#[test]
fn documented_calls_are_understood() {
    let cases = [
        ("webhook_push_events_0.json", news("15", HookEvent::Push)),
        ("webhook_tag_events_1.json", ignored(Some("1"), "tag_push")),
        ("webhook_comment_events_comment_on_a_commit_3.json", news("5", HookEvent::Note { merge_request: None })),
        (
            "webhook_comment_events_comment_on_a_merge_request_4.json",
            news("5", HookEvent::Note { merge_request: Some(1) }),
        ),
        (
            "webhook_merge_request_events_complete_payload_example_12.json",
            news("2", HookEvent::MergeRequest { number: 16 }),
        ),
    ];
    for (name, expected) in cases {
        let Some(body) = example(name) else { return };
        assert_eq!(hook_news(HostKind::Gitlab, "", body.as_bytes()), expected, "{name}");
    }
}

#[test]
fn documented_fragments_and_logged_calls_are_understood() {
    // given what GitLab documents of single fields, put into a whole call
    for name in [
        "webhook_merge_request_events_merge_request_action_specific_fields_8.json",
        "webhook_merge_request_events_system_initiated_merge_request_events_9.json",
        "webhook_merge_request_events_re_request_review_events_11.json",
        "webhook_merge_request_events_reviewer_state_tracking_10.json",
    ] {
        let Some(fragment) = example(name) else { return };
        let fragment: Value = serde_json::from_str(&fragment).unwrap();
        let mut body = merge_request(&json!("update"));
        for (field, value) in fragment.as_object().unwrap() {
            match (field.as_str(), value) {
                ("object_attributes", Value::Object(attributes)) => {
                    body[field].as_object_mut().unwrap().extend(attributes.clone());
                }
                _ => body[field] = value.clone(),
            }
        }

        // then
        assert_eq!(read("", &body), news("2", HookEvent::MergeRequest { number: 16 }), "{name}");
    }
    let Some(log) = example("api_project_webhooks_get_a_list_of_project_webhook_events_1.json") else { return };
    let log: Value = serde_json::from_str(&log).unwrap();
    assert_eq!(read("Push Hook", &log[0]["request_data"]), news("7", HookEvent::Push));
}
