//! What is done around a kill.

use model::Clock;
use serde_json::json;
use store::{Lane, Store};

use crate::world::{Serve, World, ask};

/// A little longer than a job is held without a sign of life, in milliseconds.
const LEASE: i64 = 31_000;

/// Does what time would do: takes every job whose lease has run out half a minute from now, and lets it wait again.
pub async fn hand_on(store: &Store) {
    let now = model::SystemClock.now();
    let mut held = Vec::new();
    while let Some(job) = store.job_claim("the test", None, now + LEASE, now + 2 * LEASE).await.unwrap() {
        held.push(job);
    }
    for job in held {
        let mut tx = store.begin_write(Lane::Live).await.unwrap();
        tx.job_release(&job, now).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Adds a group of the GitLab as an account.
pub async fn add_account(world: &World, serve: &Serve, api_token: &str, group: &str) {
    let new = json!({
        "host_kind": "gitlab", "host_url": world.gitlab.url(), "path": group, "token": world.sample.access_token,
    });
    let answer = ask(serve, api_token, Some(new), "/api/v1/accounts").await;
    assert_eq!(answer["path"], json!(group), "{answer}");
}
