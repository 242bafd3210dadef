//! The check of a connection, step by step, against servers that are broken in one way each.

mod http;
mod names;
mod proxies;
mod servers;
mod tls;
mod troubleshooting;

use model::SystemClock;
use net::check::{Reached, Stage, Verdict, reach};
use net::{Client, Network};
use tempfile::NamedTempFile;

use crate::server::client_with;

/// The whole check, as a task that may move between threads: jobs and pages run it so.
pub async fn check(client: &Client, url: &str) -> Reached {
    let (client, url) = (client.clone(), url.to_owned());
    tokio::spawn(async move { reach(&client, &url, None, &SystemClock, None).await }).await.unwrap()
}

/// The verdicts in a line: `url passed, name passed, …`.
pub fn verdicts(reached: &Reached) -> String {
    let word = |verdict| match verdict {
        Verdict::Passed => "passed",
        Verdict::Warning => "warning",
        Verdict::Failed => "failed",
        Verdict::Skipped => "skipped",
    };
    let words: Vec<String> =
        reached.stages.iter().map(|stage| format!("{} {}", stage.stage, word(stage.verdict))).collect();
    words.join(", ")
}

pub fn stage<'a>(reached: &'a Reached, name: &str) -> &'a Stage {
    reached.stages.iter().find(|stage| stage.stage == name).unwrap()
}

/// The one step that failed, whose followers are all skipped.
pub fn failure<'a>(reached: &'a Reached, name: &str) -> &'a Stage {
    let at = reached.stages.iter().position(|stage| stage.verdict == Verdict::Failed).unwrap_or_else(|| {
        panic!("nothing failed: {reached:#?}");
    });
    assert_eq!(reached.stages[at].stage, name, "{reached:#?}");
    assert!(reached.stages[at + 1..].iter().all(|stage| stage.verdict == Verdict::Skipped), "{reached:#?}");
    assert!(reached.stages[at].cause.is_some() && reached.stages[at].remedy.is_some());
    &reached.stages[at]
}

/// All that a step says, in one text.
pub fn words(stage: &Stage) -> String {
    let parts = [Some(stage.seen.as_str()), stage.cause.as_deref(), stage.remedy.as_deref()];
    parts.into_iter().flatten().chain(stage.details.iter().map(String::as_str)).collect::<Vec<_>>().join("\n")
}

/// A client that trusts these certificates beside the system's.
pub fn trusting(pem: &str) -> (Client, NamedTempFile) {
    trusting_with(pem, Network::default())
}

pub fn trusting_with(pem: &str, network: Network) -> (Client, NamedTempFile) {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pem).unwrap();
    (client_with(Network { ca_bundle: Some(file.path().to_owned()), ..network }), file)
}
