//! How things stand, for whoever watches.

use model::{Channel, SiteKind};
use rstest::rstest;
use store::testing::Engine;
use store::{
    AccountState, Credential, CredentialKind, Gauges, JobLane, JobStanding, JobsCounted, NewJob, RepositoryState,
};

use crate::jobs::new_job;
use crate::sites::add;
use crate::world::{NOW, World, user};

#[rstest]
#[tokio::test]
async fn an_empty_store_has_nothing_to_count(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    assert_eq!(world.gauges(NOW).await.unwrap(), Gauges::default());
}

#[rstest]
#[tokio::test]
async fn jobs_accounts_tokens_and_outboxes_are_counted(#[values("sqlite", "postgres")] engine: Engine) {
    // given
    let Some(world) = World::open(engine).await else { return };
    let (one, other) = (world.connect("one").await, world.connect("other").await);
    world.repositories(one, ["1", "2"]).await;
    let site = add(&world, SiteKind::DataCenter, "https://jira.example.com").await;
    let credential = |owner_id, kind| Credential {
        owner_id,
        kind,
        access: "access".to_owned().into(),
        refresh: None,
        expires_at: Some(NOW + 5),
        issued_at: Some(NOW),
        refresh_attempted_at: None,
        user: user("ada"),
    };
    let mut tx = world.write().await;
    tx.credential_put(&credential(one, CredentialKind::Token)).await.unwrap();
    tx.credential_put(&credential(other, CredentialKind::Oauth)).await.unwrap();
    for (key, lane, run_at) in [
        ("running", JobLane::Live, NOW - 50),
        ("due", JobLane::Live, NOW - 40),
        ("due too", JobLane::Live, NOW),
        ("later", JobLane::Import, NOW + 1),
    ] {
        tx.job_enqueue(&NewJob { lane, run_at, ..new_job(key) }, NOW - 50).await.unwrap();
    }
    tx.commit().await.unwrap();
    let job = world.job_claim("me", None, NOW, NOW + 30_000).await.unwrap().unwrap();
    assert_eq!(job.dedup_key, "running");

    // when
    let gauges = world.gauges(NOW).await.unwrap();

    // then
    let jobs = |lane, state, count, first_run_at| JobsCounted { lane, state, count, first_run_at };
    let expected = [
        jobs(JobLane::Import, JobStanding::Later, 1, NOW + 1),
        jobs(JobLane::Live, JobStanding::Due, 2, NOW - 40),
        jobs(JobLane::Live, JobStanding::Running, 1, NOW - 50),
    ];
    assert_eq!(gauges.jobs, expected);
    assert_eq!(gauges.accounts, [(AccountState::Active, 2)]);
    assert_eq!(gauges.repositories, [(RepositoryState::Waiting, 2)]);
    assert_eq!(gauges.tokens, [(one, NOW + 5)], "pairs of OAuth renew themselves");
    let waiting = |channel| (site, channel, 0);
    let channels = [Channel::DevInfo, Channel::RemoteLink, Channel::SmartCommit].map(waiting);
    assert_eq!(gauges.outbox, channels);
}
