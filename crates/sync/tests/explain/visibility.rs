//! What only accounts know that the asker may not see is told as if it were not there.

use rstest::rstest;
use store::testing::Engine as Database;
use store::{Role, Viewer};
use sync::explain::{BadQuestion, FactKind};

use crate::world::{HOST, NOW, World, forge_repository, merge_request, object_id};

/// One world with something to hide from an outsider, and one without it.
async fn worlds(database: Database) -> Option<(World, Viewer, World, Viewer)> {
    let (with, without) = (world(database, true).await?, world(database, false).await?);
    Some((with.0, with.1, without.0, without.1))
}

async fn world(database: Database, secret: bool) -> Option<(World, Viewer)> {
    let world = World::new(database).await?;
    let open = world.repository("platform/web").await;
    world.commits(open, &["ABC-1 open"]).await;
    let outsider = world.user_insert("out", "Out", Role::Reader, None, NOW).await.unwrap();
    if secret {
        let (_, account) = world.connect(HOST, "secret").await;
        let (_, other) = world.connect("https://hidden.example.com", "secret").await;
        world.account_restrict(account, true, &[]).await.unwrap();
        world.account_restrict(other, true, &[]).await.unwrap();
        let vault = world.lists(account, &[forge_repository("secret/vault")]).await[0];
        world.commits(vault, &["ABC-2 vault", "abc-3 vault", "ABC-1 vault"]).await;
        world.branches(vault, &[("ABC-2-vault", "ABC-2 vault")], NOW).await;
        world.merge_request(vault, merge_request(7, "ABC-2 Vault"), &["ABC-2 vault"]).await;
        world.repository_failed(vault, "server", "The vault failed.", Some(NOW)).await.unwrap();
        world.account_set_error(other, Some(("server", "The vault failed."))).await.unwrap();
    }
    Some((world, Viewer::User(outsider)))
}

#[rstest]
#[tokio::test]
async fn a_stranger_is_told_the_same_as_if_it_were_not_there(#[values("sqlite", "postgres")] database: Database) {
    let Some((with, stranger, without, other_stranger)) = worlds(database).await else { return };
    let vault = object_id("ABC-2 vault");
    for question in [
        vault.as_str(),
        &vault.as_str()[..4],
        &object_id("ABC-1 open").as_str()[..8],
        "ABC-1",
        "ABC-2",
        "ABC-3",
        "ABC-2-vault",
        "feature/ABC-2",
        &format!("{HOST}/secret/vault"),
        &format!("{HOST}/secret/vault/-/commit/{vault}"),
        &format!("{HOST}/secret/vault/-/merge_requests/7"),
        &format!("{HOST}/platform/web/-/commit/{vault}"),
        "https://hidden.example.com/secret/vault",
    ] {
        let told = with.ask_as(stranger, question).await;
        assert_eq!(told, without.ask_as(other_stranger, question).await, "{question}");
        assert!(!told.text().to_lowercase().contains("vault failed"), "{}", told.text());
    }
    assert!(with.ask(vault.as_str()).await.has(FactKind::CommitKnown), "an administrator sees it");
}

#[rstest]
#[tokio::test]
async fn of_a_repository_that_only_a_restricted_account_links_only_its_name_is_told(
    #[values("sqlite", "postgres")] database: Database,
) {
    let Some((world, stranger)) = world(database, true).await else { return };
    // given that the open account lists the vault, too, without linking it
    let listed = [forge_repository("platform/web"), forge_repository("secret/vault")];
    let ids = world.lists(world.account, &listed).await;
    world.repository_set_linked(world.account, ids[1], false).await.unwrap();

    let vault = object_id("ABC-2 vault");
    assert!(world.ask_as(stranger, vault.as_str()).await.has(FactKind::CommitUnknown));
    let told = world.ask_as(stranger, &format!("{HOST}/secret/vault/-/commit/{vault}")).await;
    assert_eq!(told.kinds(), [FactKind::CommitUnknown, FactKind::RepositoryNotLinked, FactKind::Push]);
    let told = world.ask_as(stranger, &format!("{HOST}/secret/vault/-/merge_requests/7")).await;
    assert_eq!(told.kinds(), [FactKind::MergeRequestUnknown, FactKind::RepositoryNotLinked]);
    assert!(!told.text().contains("Vault”"), "{}", told.text());
}

#[tokio::test]
async fn a_question_is_bounded() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let engine = world.engine();
    for (question, expected) in [(String::new(), BadQuestion::Empty), ("a".repeat(2_049), BadQuestion::TooLong)] {
        let refused = sync::explain::explain(engine, Viewer::Everything, &question).await.unwrap_err();
        assert!(
            matches!(&refused, sync::explain::ExplainError::Question(bad) if *bad == expected),
            "{refused:?} for {} bytes",
            question.len()
        );
    }
    for question in ["A-1 ".repeat(500), "feature/".repeat(250), format!("{HOST}/{}", "a/-/tree/".repeat(200))] {
        let told = world.ask(&question).await;
        assert!(told.text().len() < 3_000, "{}", told.text());
    }
}
