use rstest::rstest;
use store::testing::Engine;
use store::{Invitation, Purpose, Role, Scope, StoreError};

use crate::world::{NOW, World};

#[rstest]
#[tokio::test]
async fn a_log_in_name_is_taken_in_any_case(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    assert_eq!(world.users_count().await.unwrap(), 0);
    let zoe = world.user_insert("Zoe", "Zoë", Role::Admin, Some("hash"), NOW).await.unwrap();
    let bob = world.user_insert("_bob", "Bob", Role::Reader, None, NOW).await.unwrap();
    let refused = world.user_insert("zOE", "Other", Role::Reader, None, NOW).await;
    assert!(matches!(refused, Err(StoreError::LoginTaken)), "{refused:?}");
    // and the writer's turn was given back
    assert_eq!(world.users_count().await.unwrap(), 2);
    let users = world.users().await.unwrap();
    let told: Vec<_> = users.iter().map(|it| (it.id, it.login.as_str(), it.role, it.has_password)).collect();
    assert_eq!(told, [(bob, "_bob", Role::Reader, false), (zoe, "zoe", Role::Admin, true)]);
    let (found, hash) = world.user_by_login("ZOE").await.unwrap().unwrap();
    assert_eq!((found, hash.as_deref()), (users[1].clone(), Some("hash")));
    assert!(world.user_by_login("nobody").await.unwrap().is_none());
    assert!(world.user(-1).await.unwrap().is_none());
    world.user_set_role(bob, Role::Admin).await.unwrap();
    assert_eq!(world.user(bob).await.unwrap().unwrap().role, Role::Admin);
}

#[rstest]
#[tokio::test]
async fn sessions_end(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let ada = world.user_insert("ada", "Ada", Role::Reader, None, NOW).await.unwrap();
    let begin = async |token| world.session_insert(token, ada, NOW, NOW + 100).await.unwrap();
    let lives = async |token, at| world.session_user(token, at).await.unwrap().map(|user| user.id) == Some(ada);
    for token in ["a", "b", "c", "d"] {
        begin(token).await;
    }
    assert!(lives("a", NOW + 99).await && !lives("a", NOW + 100).await && !lives("x", NOW).await);
    // by signing out
    world.session_delete("a").await.unwrap();
    assert!(!lives("a", NOW).await && lives("b", NOW).await);
    // with a new password
    world.user_set_password(ada, "hash").await.unwrap();
    assert!(!lives("b", NOW).await && world.user(ada).await.unwrap().unwrap().has_password);
    // when the user is locked out, also for sessions begun meanwhile
    begin("e").await;
    world.user_set_disabled(ada, true).await.unwrap();
    begin("f").await;
    assert!(!lives("e", NOW).await && !lives("f", NOW).await);
    world.user_set_disabled(ada, false).await.unwrap();
    assert!(!lives("e", NOW).await && !lives("f", NOW).await, "who comes back signs in again");
    // by time
    begin("g").await;
    world.sessions_prune(NOW + 99).await.unwrap();
    assert!(lives("g", NOW).await);
    world.sessions_prune(NOW + 100).await.unwrap();
    assert!(!lives("g", NOW).await);
}

#[rstest]
#[tokio::test]
async fn a_one_time_link_works_once(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let ada = world.user_insert("ada", "Ada", Role::Reader, None, NOW).await.unwrap();
    world.invitation_put("invite", Purpose::Invite, Some(ada), NOW + 10).await.unwrap();
    let expected = Invitation { purpose: Purpose::Invite, user_id: Some(ada), expires_at: NOW + 10 };
    assert_eq!(world.invitation("invite", NOW + 9).await.unwrap(), Some(expected.clone()));
    assert_eq!(world.invitation("invite", NOW + 10).await.unwrap(), None);
    assert_eq!(world.invitation_take("invite", NOW + 10).await.unwrap(), None);
    let (one, other) = tokio::join!(world.invitation_take("invite", NOW), world.invitation_take("invite", NOW));
    let taken: Vec<_> = [one.unwrap(), other.unwrap()].into_iter().flatten().collect();
    assert_eq!(taken, [expected]);

    world.invitation_put("setup-1", Purpose::Setup, None, NOW + 10).await.unwrap();
    world.invitation_put("setup-2", Purpose::Setup, None, NOW + 10).await.unwrap();
    world.invitation_put("reset", Purpose::Reset, Some(ada), NOW + 10).await.unwrap();
    world.invitations_clear(Purpose::Setup).await.unwrap();
    assert_eq!(world.invitation("setup-1", NOW).await.unwrap(), None);
    assert_eq!(world.invitation_take("setup-2", NOW).await.unwrap(), None);
    assert!(world.invitation("reset", NOW).await.unwrap().is_some());
}

#[rstest]
#[tokio::test]
async fn the_use_of_a_token_is_noted_by_the_minute(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let old = world.api_token_insert("hash-1", "backup", Scope::Read, NOW).await.unwrap();
    let new = world.api_token_insert("hash-2", "deploy", Scope::Admin, NOW + 1).await.unwrap();
    let last_used = async || world.api_tokens().await.unwrap()[1].last_used_at;
    for (at, noted) in [(10, 10), (60_009, 10), (60_010, 60_010)] {
        let token = world.api_token("hash-1", NOW + at).await.unwrap().unwrap();
        assert_eq!((token.id, token.name.as_str(), token.scope), (old, "backup", Scope::Read));
        assert_eq!(last_used().await, Some(NOW + noted));
    }
    assert!(world.api_token("hash-3", NOW).await.unwrap().is_none());
    world.api_token_revoke(old, NOW + 5).await.unwrap();
    world.api_token_revoke(old, NOW + 6).await.unwrap();
    assert!(world.api_token("hash-1", NOW).await.unwrap().is_none());
    let all: Vec<_> = world.api_tokens().await.unwrap().iter().map(|it| (it.id, it.revoked_at)).collect();
    assert_eq!(all, [(new, None), (old, Some(NOW + 5))]);
}

#[tokio::test]
async fn a_token_that_one_node_revokes_opens_no_other() {
    let Some(world) = World::open(Engine::Postgres).await else { return };
    let other = world.open_again().await;
    assert!(other.api_token("hash", NOW).await.unwrap().is_none());
    let id = world.api_token_insert("hash", "backup", Scope::Read, NOW).await.unwrap();
    // A new one opens every node at once.
    assert!(other.api_token("hash", NOW).await.unwrap().is_some());

    world.api_token_revoke(id, NOW).await.unwrap();

    while other.api_token("hash", NOW).await.unwrap().is_some() {
        tokio::task::yield_now().await;
    }
    other.close().await;
}
