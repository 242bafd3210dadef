//! The entries of `docs/troubleshooting.md` about what Jira's own connector says, shown by its replay: the real one lives in
//! Jira's Java, where Dovetail cannot look. And the list of all entries, each with the test that breaks things so.

use std::net::{Ipv4Addr, TcpListener};

use sandbox::jira_replay::{Browser, Inbox, Jira, JiraOptions, Words};
use store::testing::Engine;

use crate::facade_door::Door;
use crate::troubleshooting::{assert_told, entries};

const GROUP: &str = "platform";

/// What breaks things, and which entries are about that.
const TESTS: [(&str, &[&str]); 6] = [
    (include_str!("../../../net/tests/net/check/troubleshooting.rs"), &[]),
    (include_str!("../../../sync/tests/engine/troubleshot.rs"), &[]),
    (include_str!("../../../sync/tests/engine/check.rs"), &[]),
    (include_str!("../../../sync/tests/engine/check_stored.rs"), &[]),
    (
        include_str!("troubleshot.rs"),
        &[
            "Error obtaining access token. Cannot access https://dovetail.example.com from Jira.",
            "Error obtaining access token: Incorrect client credentials (in Jira)",
            "Error obtaining access token: Bad verification code",
            "Failed adding the account: [Error retrieving list of repositories]",
            "Failed adding the account: [Invalid credentials]",
            "Jira at https://jira.example.com may not connect here.",
            "Could not add webhook.",
            "Sync Failed: Error during sync. See server logs.",
        ],
    ),
    (include_str!("hook_calls.rs"), &[]),
];

/// Entries whose tests stand elsewhere, and those.
const ELSEWHERE: [(&str, &str, &str); 6] = [
    ("A commit is missing on the issue", include_str!("../../../sync/tests/explain/commits.rs"), "async fn "),
    (
        "The hook was disabled",
        include_str!("../../../sync/tests/engine/hooks/registration.rs"),
        "\"The hook was disabled\"",
    ),
    (
        // GitLab alone sees this one; what it would see is a server whose authority is unknown.
        "SSL verification fails in GitLab's list of recent events",
        include_str!("../../../net/tests/net/check/troubleshooting.rs"),
        "async fn an_unknown_authority",
    ),
    ("A smart commit did nothing", include_str!("../../../sync/tests/engine/smart_commits/refusals.rs"), "async fn "),
    (
        "Jira asks for a CAPTCHA",
        include_str!("../../../jira/tests/sandbox/people.rs"),
        "async fn a_password_is_good_until_a_captcha_is_wanted",
    ),
    (
        "The development panel in Cloud stays empty",
        include_str!("../../../sync/tests/engine/deliver/dev_info_trouble.rs"),
        "async fn ",
    ),
];

#[test]
fn every_entry_has_a_test() {
    for entry in entries() {
        let here = TESTS.iter().any(|(source, named)| {
            let written = format!("\"{}\"", entry.replace('"', "\\\""));
            named.contains(&entry) || source.contains(&written)
        });
        let elsewhere = ELSEWHERE.iter().any(|(name, source, test)| *name == entry && source.contains(test));
        assert!(here || elsewhere, "nothing shows {entry:?}");
    }
    let gone =
        ELSEWHERE.iter().map(|(name, ..)| *name).chain(TESTS.iter().flat_map(|(_, named)| named.iter().copied()));
    for name in gone {
        assert!(entries().contains(&name), "there is no entry {name:?} any more");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jira_cannot_reach_dovetail_or_does_not_trust_it() {
    // given: nobody listens; and somebody does who breaks the handshake off, as Java does with a certificate that it does not trust
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let nowhere = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let door = Door::open(Engine::Sqlite, true).await.unwrap();
    let untrusted = door.url.replace("http://", "https://");
    for host_url in [nowhere, untrusted] {
        let jira = Jira::new(&host_url, JiraOptions::loopback(door.inbox.url())).unwrap();

        // when: the browser, which sees Dovetail, comes back with a code
        let connected = jira
            .connect(GROUP, "an-id", "a-secret", async |url: url::Url| {
                let query = |url: &url::Url, wanted: &str| {
                    url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
                };
                let mut back: url::Url = query(&url, "redirect_uri").unwrap().parse().unwrap();
                let state = query(&url, "state").or_else(|| query(&back, "state"));
                back.query_pairs_mut().append_pair("code", "a-code");
                if let Some(state) = state {
                    back.query_pairs_mut().append_pair("state", &state);
                }
                Ok(back)
            })
            .await;

        // then
        let said = connected.unwrap_err().to_string();
        assert!(
            said.starts_with("Error obtaining access token. Cannot access ") && said.ends_with(" from Jira."),
            "{said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jira_names_what_dovetail_refuses() {
    let door = Door::open(Engine::Sqlite, true).await.unwrap();
    let jira = door.jira("", |_| {});
    let (id, secret) = (&door.sample.application_id, &door.sample.application_secret);
    let browser = Browser::new(door.inbox.url()).unwrap();

    let wrong = jira.connect(GROUP, id, "wrong", async |url| browser.open(url).await).await.unwrap_err();
    assert_eq!(wrong.to_string(), "Error obtaining access token: Incorrect client credentials");

    let slow = jira.connect(GROUP, id, secret, async |url| {
        let back = browser.open(url).await;
        door.site.clock.advance(11 * 60_000);
        back
    });
    assert_eq!(slow.await.unwrap_err().to_string(), "Error obtaining access token: Bad verification code");

    let token = door.connect(&jira, "nothing").await;
    let missing = jira.add_account("nothing", token).await.unwrap_err();
    assert_eq!(missing.to_string(), "Failed adding the account: [Error retrieving list of repositories]");

    let unknown = jira.add_account(GROUP, sandbox::jira_replay::Token::new("dvf_unknown")).await.unwrap_err();
    assert_eq!(unknown, Words::FailedAdding(Box::new(Words::InvalidCredentials)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jira_that_is_not_allowed_is_not_let_in() {
    let door = Door::open(Engine::Sqlite, true).await.unwrap();
    let elsewhere = Inbox::start().await.unwrap();
    let other = door.jira("", |options| options.url = elsewhere.url().to_owned());
    let browser = Browser::new(elsewhere.url()).unwrap();
    let (id, secret) = (&door.sample.application_id, &door.sample.application_secret);

    // It is told so in the browser …
    let url = other.authorize_url(GROUP, id);
    let page = net::HttpFactory::new(net::Network::default()).unwrap().client();
    let page = page.get(&url.parse().unwrap()).send().await.unwrap().text(1 << 20).await.unwrap();
    assert_told("Jira at https://jira.example.com may not connect here.", &page);
    let stranger = other.connect(GROUP, id, secret, async |url| browser.open(url).await).await;
    assert!(matches!(stranger, Err(Words::Lost(said)) if said.contains("403")));

    // … and one that has a token all the same gets no calls.
    let token = door.connect(&door.jira("", |_| {}), GROUP).await;
    let account = other.add_account(GROUP, token).await.unwrap();
    let report = account.report();
    assert!(report.problems.iter().any(|problem| problem.contains("Could not add webhook")), "{report}");
    assert!(report.repositories.values().all(|repository| repository.linked && !repository.hooks), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_dovetail_cannot_serve_says_so_in_jira() {
    let door = Door::open(Engine::Sqlite, true).await.unwrap();
    let jira = door.jira("", |_| {});
    let token = door.connect(&jira, GROUP).await;
    let mut account = jira.add_account(GROUP, token).await.unwrap();
    door.settle().await;

    // when GitLab no longer lets the user behind the token in
    door.gitlab.switches().revoke_tokens();
    door.site.clock.advance(3 * 3_600_000);
    sync::request::refresh_account(door.site.state.engine(), door.account(GROUP).await.id).await.unwrap();
    door.settle().await;
    let slug = account.repositories().remove(0);
    let _ = account.full_sync(&slug).await;

    // then
    let report = account.report();
    assert!(report.runs.iter().any(|run| run.outcome == "FAILED") || !report.log.is_empty(), "{report}");
    assert!(report.problems.iter().any(|problem| problem.contains("Sync Failed")), "{report}");
}
