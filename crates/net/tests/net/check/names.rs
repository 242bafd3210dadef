//! The steps `url`, `name` and `tcp`.

use std::net::TcpListener;

use model::SystemClock;
use net::Network;
use net::check::{STAGES, reach};

use super::{check, failure, stage, verdicts, words};
use crate::server::{client, client_with, closed_port};

#[tokio::test]
async fn a_bad_address_is_told_and_everything_else_skipped() {
    let reached = check(&client(), "https://user:s3cret@git.corp").await;
    let told = failure(&reached, "url");
    assert!(told.seen.contains("not used and not kept"));
    assert_eq!(reached.stages.len(), STAGES.len());
    assert!(reached.url.is_none() && !format!("{reached:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_page_that_was_pasted_is_cut_and_the_check_goes_on() {
    let address = closed_port();
    let reached = check(&client(), &format!(" http://{address}/-/jira ")).await;
    assert!(verdicts(&reached).starts_with("url warning, name passed"), "{reached:?}");
    assert_eq!(reached.url.unwrap().as_str(), format!("http://{address}/"));
}

#[tokio::test]
async fn the_check_ends_with_the_step_that_was_asked_for() {
    for (number, until) in (1..).zip(STAGES) {
        let reached = reach(&client(), "http://127.0.0.1:1", Some(until), &SystemClock, None).await;
        assert_eq!(reached.stages.len(), number, "{until}");
    }
    let unknown = reach(&client(), "http://127.0.0.1:1", Some("hooks"), &SystemClock, None).await;
    assert_eq!(unknown.stages.len(), STAGES.len(), "a later step of somebody else");
}

#[tokio::test]
async fn an_unknown_name_is_told() {
    let reached = check(&client(), "https://no-such-host.invalid").await;
    let told = failure(&reached, "name");
    assert_eq!(told.seen, "The name no-such-host.invalid could not be resolved.");
}

#[tokio::test]
async fn each_address_of_a_name_is_told() {
    let reached = check(&client(), "http://localhost:1").await;
    let name = stage(&reached, "name");
    assert!(name.details.contains(&"127.0.0.1 (IPv4, private)".to_owned()), "{name:?}");
}

#[tokio::test]
async fn private_addresses_are_refused_where_forbidden() {
    let client = client_with(Network { allow_private: false, ..Network::default() });
    for url in ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1"] {
        let reached = check(&client, url).await;
        assert!(words(failure(&reached, "name")).contains("network.allow_private"), "{url}: {reached:?}");
    }
}

#[tokio::test]
async fn a_closed_port_is_told_and_one_open_address_is_enough() {
    let address = closed_port();
    let reached = check(&client(), &format!("http://{address}")).await;
    let told = failure(&reached, "tcp");
    assert_eq!(told.seen, format!("{address} refused the connection."));
    assert_eq!(told.details, [format!("{address}: refused")]);

    // localhost may also be ::1, where nothing listens.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let reached = reach(&client(), &format!("http://localhost:{port}"), Some("tcp"), &SystemClock, None).await;
    assert!(verdicts(&reached).ends_with("tcp passed"), "{reached:?}");
}
