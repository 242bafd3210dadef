use rstest::rstest;
use store::StoreError;
use store::host_outages::DOWN;
use store::testing::Engine;

use crate::world::{NOW, World};

#[rstest]
#[tokio::test]
async fn failures_of_a_host_are_counted_until_it_answers(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    // when it fails again and again
    for (at, failures) in [(0, 1), (7, 2), (9, 3)] {
        assert_eq!(world.host_failed(world.host, NOW + at).await.unwrap(), failures);
    }
    world.host_pause(world.host, Some(NOW + 60_000), Some(DOWN)).await.unwrap();
    let down = world.host(world.host).await.unwrap().unwrap();
    assert_eq!((down.failures, down.failing_since), (3, Some(NOW)));
    // when it answers, then all is forgotten
    world.host_answered(world.host).await.unwrap();
    let up = world.host(world.host).await.unwrap().unwrap();
    assert_eq!((up.failures, up.failing_since, up.paused_until, up.paused_reason), (0, None, None, None));
    assert_eq!(world.host_failed(world.host, NOW + 20).await.unwrap(), 1);
    let unknown = world.host_failed(-1, NOW).await;
    assert!(matches!(unknown, Err(StoreError::Missing { what: "host" })), "{unknown:?}");
}

#[rstest]
#[tokio::test]
async fn an_answer_does_not_lift_a_rate_limit(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    world.host_failed(world.host, NOW).await.unwrap();
    world.host_pause(world.host, Some(NOW + 60_000), Some("rate_limit")).await.unwrap();
    // when
    world.host_answered(world.host).await.unwrap();
    // then
    let host = world.host(world.host).await.unwrap().unwrap();
    assert_eq!((host.failures, host.paused_until), (0, Some(NOW + 60_000)));
    assert_eq!(host.paused_reason.as_deref(), Some("rate_limit"));
}
