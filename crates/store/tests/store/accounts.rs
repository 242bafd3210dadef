use model::HostKind;
use model::secret::{ExposeSecret, SecretString};
use rstest::rstest;
use serde_json::json;
use store::testing::Engine;
use store::{AccountState, StoreError, Viewer};

use crate::world::{NOW, World, new_account};

#[rstest]
#[tokio::test]
async fn a_host_is_made_once(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    // when the same host, another kind at its address and another address are asked for
    let mut tx = world.write().await;
    let again = tx.host_ensure(HostKind::Gitlab, "https://git.example.com", NOW + 9).await.unwrap();
    let github = tx.host_ensure(HostKind::Github, "https://git.example.com", NOW).await.unwrap();
    let other = tx.host_ensure(HostKind::Gitlab, "https://a.example.com", NOW).await.unwrap();
    tx.commit().await.unwrap();
    // then only the last two are new
    assert_eq!(again, world.host);
    let hosts = world.hosts().await.unwrap();
    assert_eq!(hosts.iter().map(|host| host.id).collect::<Vec<_>>(), [other, github, world.host]);
    assert_eq!(hosts[1].kind, HostKind::Github);
    assert!(world.host(-1).await.unwrap().is_none());
}

#[rstest]
#[tokio::test]
async fn a_host_keeps_what_was_learnt_and_its_pause(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let learnt = json!({"version": "17.2", "filter": true});
    world.host_capabilities_set(world.host, &learnt).await.unwrap();
    world.host_pause(world.host, Some(NOW + 60_000), Some("GitLab asked for a pause")).await.unwrap();
    let host = world.host(world.host).await.unwrap().unwrap();
    assert_eq!(host.capabilities, Some(learnt));
    assert_eq!(host.paused_until, Some(NOW + 60_000));
    assert_eq!(host.paused_reason.as_deref(), Some("GitLab asked for a pause"));
    world.host_pause(world.host, None, None).await.unwrap();
    let host = world.host(world.host).await.unwrap().unwrap();
    assert_eq!((host.paused_until, host.paused_reason), (None, None));
}

#[rstest]
#[tokio::test]
async fn an_application_gets_a_new_secret(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let mut tx = world.write().await;
    let first = tx.application_put(world.host, "client", &SecretString::from("old"), NOW).await.unwrap();
    let second = tx.application_put(world.host, "client", &SecretString::from("new"), NOW).await.unwrap();
    let other = tx.application_put(world.host, "another", &SecretString::from("third"), NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(first, second);
    assert_ne!(first, other);
    let application = world.application(first).await.unwrap().unwrap();
    assert_eq!((application.host_id, application.client_id.as_str()), (world.host, "client"));
    assert_eq!(application.secret.expose_secret(), "new");
    assert!(world.application(-1).await.unwrap().is_none());
}

#[rstest]
#[tokio::test]
async fn the_same_path_in_any_case_is_the_same_account(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let id = world.connect("Größe/Team").await;
    let mut tx = world.write().await;
    let refused = tx.account_insert(&new_account(world.host, "gRÖSSE/team"), NOW).await;
    assert!(refused.is_ok(), "ß and SS differ in lower case");
    let refused = tx.account_insert(&new_account(world.host, "GRÖßE/TEAM"), NOW).await;
    assert!(matches!(refused, Err(StoreError::AccountExists { id: found }) if found == id), "{refused:?}");
    drop(tx);
    let found =
        world.account_by_path(HostKind::Gitlab, "https://git.example.com", "größe/TEAM").await.unwrap().unwrap();
    assert_eq!((found.id, found.path.as_str(), found.host_url.as_str()), (id, "Größe/Team", "https://git.example.com"));
    assert!(world.account_by_path(HostKind::Github, "https://git.example.com", "größe/team").await.unwrap().is_none());
}

#[rstest]
#[tokio::test]
async fn an_account_changes_as_told(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let id = world.connect("team").await;
    let account = world.account(id).await.unwrap().unwrap();
    assert_eq!((account.state, account.auto_link, account.restricted), (AccountState::Active, true, false));
    assert_eq!((account.listed_at, account.imported_at, account.created_at), (None, None, NOW));

    world.account_set_switches(id, false, true).await.unwrap();
    world.account_set_state(id, AccountState::NeedsAuthorisation).await.unwrap();
    world.account_set_error(id, Some(("authentication", "The forge refused the token."))).await.unwrap();
    let account = world.account(id).await.unwrap().unwrap();
    assert_eq!((account.auto_link, account.smart_commits), (false, true));
    assert_eq!(account.state, AccountState::NeedsAuthorisation);
    assert_eq!(account.error_kind.as_deref(), Some("authentication"));
    assert_eq!(account.error.as_deref(), Some("The forge refused the token."));

    // when its list was read, and its first import ended twice
    let mut tx = world.write().await;
    tx.account_listed(id, NOW + 1).await.unwrap();
    tx.account_import_ended(id, NOW + 2).await.unwrap();
    tx.account_import_ended(id, NOW + 3).await.unwrap();
    tx.commit().await.unwrap();
    // then the error is gone, and the first end counts
    let account = world.account(id).await.unwrap().unwrap();
    assert_eq!((account.error_kind, account.error), (None, None));
    assert_eq!((account.listed_at, account.imported_at), (Some(NOW + 1), Some(NOW + 2)));

    world.account_set_error(id, Some(("network", "…"))).await.unwrap();
    world.account_set_error(id, None).await.unwrap();
    assert_eq!(world.account(id).await.unwrap().unwrap().error_kind, None);
}

#[rstest]
#[tokio::test]
async fn a_summary_adds_up_what_the_account_links(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let empty = world.connect("empty").await;
    let [syncing, failed, _waiting, unlinked, hidden] = world.repositories(account, ["1", "2", "3", "4", "5"]).await;
    let mut tx = world.write().await;
    tx.repository_syncing(syncing, 700).await.unwrap();
    tx.repository_progress(syncing, 200).await.unwrap();
    tx.repository_syncing(unlinked, 9_000).await.unwrap();
    tx.commit().await.unwrap();
    world.repository_failed(failed, "network", "…", None).await.unwrap();
    world.repository_set_linked(account, unlinked, false).await.unwrap();
    // when the last one is no longer named
    let listed = ["1", "2", "3", "4"].map(crate::world::forge_repository);
    world.listed(account, &listed).await;

    let summaries = world.account_summaries(Viewer::Everything).await.unwrap();
    assert_eq!(summaries.iter().map(|summary| summary.account.id).collect::<Vec<_>>(), [account, empty]);
    let sums = &summaries[0];
    assert_eq!((sums.repositories, sums.linked), (4, 3));
    assert_eq!((sums.waiting, sums.syncing, sums.failed), (1, 1, 1));
    assert_eq!((sums.commits_done, sums.commits_total), (200, 700));
    assert_eq!((summaries[1].repositories, summaries[1].commits_total, summaries[1].last_activity_at), (0, 0, None));
    assert!(!world.linked_repositories(account).await.unwrap().iter().any(|one| one.id == hidden));
}
