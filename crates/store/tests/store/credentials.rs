use model::secret::{ExposeSecret, SecretString};
use rstest::rstest;
use serde_json::json;
use store::testing::Engine;
use store::{Credential, CredentialKind, DanceStage};

use crate::world::{NOW, World, user};

fn pair(owner_id: i64) -> Credential {
    Credential {
        owner_id,
        kind: CredentialKind::Oauth,
        access: SecretString::from("access-1"),
        refresh: Some(SecretString::from("refresh-1")),
        expires_at: Some(NOW + 7_200_000),
        issued_at: Some(NOW),
        refresh_attempted_at: None,
        user: user("ada"),
    }
}

#[rstest]
#[tokio::test]
async fn a_refreshed_pair_takes_the_place_of_the_old_one(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    assert!(world.credential(account).await.unwrap().is_none());
    let mut tx = world.write().await;
    tx.credential_put(&pair(account)).await.unwrap();
    tx.commit().await.unwrap();
    world.credential_refresh_attempt(account, NOW + 5).await.unwrap();
    let kept = world.credential(account).await.unwrap().unwrap();
    assert_eq!((kept.kind, kept.refresh_attempted_at), (CredentialKind::Oauth, Some(NOW + 5)));
    assert_eq!(kept.access.expose_secret(), "access-1");
    assert_eq!(kept.refresh.unwrap().expose_secret(), "refresh-1");
    assert_eq!((kept.expires_at, kept.issued_at, kept.user), (Some(NOW + 7_200_000), Some(NOW), user("ada")));

    // when a token without an end takes its place
    let token = Credential { kind: CredentialKind::Token, refresh: None, expires_at: None, ..pair(account) };
    let mut tx = world.write().await;
    tx.credential_put(&token).await.unwrap();
    tx.commit().await.unwrap();
    let kept = world.credential(account).await.unwrap().unwrap();
    assert_eq!((kept.kind, kept.expires_at, kept.refresh_attempted_at), (CredentialKind::Token, None, None));
    assert!(kept.refresh.is_none());
}

#[rstest]
#[tokio::test]
async fn a_dance_is_taken_once_and_not_after_its_time(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let (form, tokens) = (json!({"verifier": "v"}), json!({"access": "a"}));
    world.dance_put("state", 7, DanceStage::Begun, &form, NOW + 10).await.unwrap();
    let dance = world.dance("state", NOW).await.unwrap().unwrap();
    assert_eq!((dance.user_id, dance.stage, &dance.payload), (7, DanceStage::Begun, &form));
    assert!(!format!("{dance:?}").contains("verifier"), "what is secret is not printed");

    world.dance_put("state", 7, DanceStage::Authorised, &tokens, NOW + 20).await.unwrap();
    assert!(world.dance_take("state", NOW + 20).await.unwrap().is_none(), "its time is over");
    let (one, other) = tokio::join!(world.dance_take("state", NOW + 19), world.dance_take("state", NOW + 19));
    let taken: Vec<_> = [one.unwrap(), other.unwrap()].into_iter().flatten().collect();
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0].stage, &taken[0].payload), (DanceStage::Authorised, &tokens));
    assert!(world.dance("state", NOW).await.unwrap().is_none());

    world.dance_put("late", 7, DanceStage::Begun, &form, NOW + 10).await.unwrap();
    world.dance_put("early", 7, DanceStage::Begun, &form, NOW + 11).await.unwrap();
    world.dances_prune(NOW + 10).await.unwrap();
    assert!(world.dance("late", NOW).await.unwrap().is_none());
    assert!(world.dance("early", NOW).await.unwrap().is_some());
}

#[rstest]
#[tokio::test]
async fn one_at_a_time_may_renew_a_pair(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let lease = async |holder, now| world.credential_lease(account, holder, now, now + 10).await.unwrap();
    assert!(!lease("one", NOW).await, "there is nothing to renew");
    let put = async || {
        let mut tx = world.write().await;
        tx.credential_put(&pair(account)).await.unwrap();
        tx.commit().await.unwrap();
    };
    put().await;
    // when one holds it, then nobody else gets it until it runs out, and neither does the holder a second time
    assert!(lease("one", NOW).await);
    assert!(!lease("two", NOW + 9).await && !lease("one", NOW + 9).await);
    assert!(lease("two", NOW + 10).await);
    // when it is given back by who lost it, then nothing happens; by its holder, the next may go
    world.credential_lease_end(account, "one").await.unwrap();
    assert!(!lease("three", NOW + 11).await);
    world.credential_lease_end(account, "two").await.unwrap();
    assert!(lease("three", NOW + 11).await);
    // when a new pair comes, then nobody holds it
    put().await;
    assert!(lease("four", NOW + 12).await);
}
