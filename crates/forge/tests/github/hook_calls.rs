//! What a call of GitHub asks for.

use forge::{HookEvent, HookFault, HookNews, MAX_HOOK_BODY, hook_news};
use model::HostKind;
use proptest::prelude::*;
use serde_json::{Value, json as value};

fn news(event: &str, body: &Value) -> Result<HookNews, HookFault> {
    hook_news(HostKind::Github, event, body.to_string().as_bytes())
}

fn told(event: HookEvent) -> HookNews {
    HookNews { repository_forge_id: Some("7".into()), event }
}

#[test]
fn each_event_that_is_read_asks_for_its_own() {
    let repository = value!({ "id": 7, "full_name": "acme/api" });
    let cases = [
        ("push", value!({ "ref": "refs/heads/main", "repository": repository, "commits": [] }), HookEvent::Push),
        ("push", value!({ "repository": repository, "deleted": true }), HookEvent::Push),
        (
            "pull_request",
            value!({ "action": "opened", "number": 5, "pull_request": { "number": 5 }, "repository": repository }),
            HookEvent::MergeRequest { number: 5 },
        ),
        ("pull_request", value!({ "number": 5, "repository": repository }), HookEvent::MergeRequest { number: 5 }),
        (
            "pull_request_review",
            value!({ "action": "submitted", "pull_request": { "number": 5 }, "repository": repository }),
            HookEvent::MergeRequest { number: 5 },
        ),
        (
            "issue_comment",
            value!({ "issue": { "number": 5, "pull_request": { "url": "x" } }, "repository": repository }),
            HookEvent::Note { merge_request: Some(5) },
        ),
        (
            "issue_comment",
            value!({ "issue": { "number": 6 }, "repository": repository }),
            HookEvent::Note { merge_request: None },
        ),
        (
            "pull_request_review_comment",
            value!({ "pull_request": { "number": 5 }, "repository": repository }),
            HookEvent::Note { merge_request: Some(5) },
        ),
        ("ping", value!({ "zen": "x", "hook_id": 1, "repository": repository }), HookEvent::Test),
        ("star", value!({ "repository": repository }), HookEvent::Ignored { what: "star".into() }),
        (
            "push",
            value!({ "ref": "refs/tags/v1", "repository": repository }),
            HookEvent::Ignored { what: "push to no branch".into() },
        ),
    ];
    for (event, body, expected) in cases {
        assert_eq!(news(event, &body).unwrap(), told(expected), "{event}: {body}");
    }
}

#[test]
fn a_repository_that_came_or_went_lets_the_list_be_read() {
    let body = value!({ "action": "renamed", "repository": { "id": 7 } });
    assert_eq!(
        news("repository", &body).unwrap(),
        HookNews { repository_forge_id: None, event: HookEvent::RepositoryChanged }
    );
}

#[test]
fn a_form_is_read_as_well_as_json() {
    // given the content type that GitHub gives hooks made by hand
    let body = "payload=%7B%22ref%22%3A%22refs%2Fheads%2Fmain%22%2C%22repository%22%3A%7B%22id%22%3A7%7D%7D";

    // then
    assert_eq!(hook_news(HostKind::Github, "push", body.as_bytes()).unwrap(), told(HookEvent::Push));
    assert!(matches!(hook_news(HostKind::Github, "push", b"payload="), Err(HookFault::NotJson { .. })));
}

#[test]
fn what_an_event_must_tell_is_missed() {
    let lacks = |event: &str, body: Value| match news(event, &body) {
        Err(HookFault::Lacks { field }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(lacks("push", value!({})), "repository.id");
    assert_eq!(lacks("push", value!({ "repository": { "id": "x" } })), "repository.id");
    assert_eq!(lacks("pull_request", value!({ "repository": { "id": 7 } })), "pull_request.number");
    assert_eq!(lacks("issue_comment", value!({ "repository": { "id": 7 } })), "issue");
    assert!(matches!(news("push", &value!([1])), Err(HookFault::NotAnObject)));
    let long = vec![b' '; MAX_HOOK_BODY + 1];
    assert!(matches!(hook_news(HostKind::Github, "push", &long), Err(HookFault::TooLarge)));
}

proptest! {
    #[test]
    fn no_body_does_harm(event in ".*", body in any::<Vec<u8>>()) {
        let _ = hook_news(HostKind::Github, &event, &body);
    }

    #[test]
    fn a_foreign_word_is_harmless(event in ".*") {
        if let Ok(HookNews { event: HookEvent::Ignored { what }, .. }) = hook_news(HostKind::Github, &event, b"{}") {
            prop_assert!(what.len() <= 60 && what.chars().all(|one| one.is_ascii_alphanumeric() || " _-".contains(one)));
        }
    }
}
