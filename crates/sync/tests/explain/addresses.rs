//! Addresses of known and of unknown hosts and repositories.

use model::ForgeRepository;
use rstest::rstest;
use store::testing::Engine as Database;
use sync::explain::{FactKind, Mark, Subject};

use crate::world::{HOST, NOW, World, forge_repository, object_id};

#[tokio::test]
async fn a_host_that_is_not_connected_is_told_with_those_that_are() {
    let world = World::new(Database::Sqlite).await.unwrap();
    world.repository("platform/web").await;

    for asked in ["https://gitlab.com/a/b/-/commit/9f3c2ab", "https://gitlab.example.com:8443/platform/web"] {
        let told = world.ask(asked).await;

        assert_eq!(told.0.subject, Subject::Unknown);
        let said = told.said(FactKind::HostUnknown, Mark::Bad);
        assert!(said.ends_with("Connected are https://gitlab.example.com."), "{said}");
    }
    let none = World::empty(Database::Sqlite).await.unwrap();
    assert_eq!(none.ask("https://gitlab.com/a/b").await.kinds(), [FactKind::NoAccounts]);
}

#[rstest]
#[tokio::test]
async fn a_path_that_no_account_lists_is_told(#[values("sqlite", "postgres")] database: Database) {
    let Some(world) = World::new(database).await else { return };
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["ABC-1 shared"]).await;

    let told = world.ask(&format!("{HOST}/ada/web/-/merge_requests/1")).await;

    assert_eq!(told.title(), "No repository “ada/web” is known here.");
    let said = told.said(FactKind::PathUnknown, Mark::Bad);
    assert!(
        said.contains("fork in somebody’s own namespace") && said.ends_with("Connected there are platform."),
        "{said}"
    );

    // when the commit in the fork is known from elsewhere
    let id = object_id("ABC-1 shared");
    let told = world.ask(&format!("{HOST}/ada/web/-/commit/{id}")).await;

    assert_eq!(told.title(), format!("Commit {} is shown with ABC-1.", id.short()));
    assert_eq!(told.kinds()[0], FactKind::PathUnknown);
}

#[tokio::test]
async fn a_commit_is_asked_about_in_its_repository() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let listed = [forge_repository("platform/web"), forge_repository("platform/sub/api")];
    let ids = world.lists(world.account, &listed).await;
    world.commits(ids[0], &["ABC-1 only in web", "ABC-1 also here"]).await;
    world.commits(ids[1], &["ABC-1 also in api"]).await;
    let web = object_id("ABC-1 only in web");

    let told = world.ask(&format!("{HOST}/Platform/Web/-/commit/{}", web.short())).await;
    assert!(told.has(FactKind::AmbiguousId), "{}", told.text());
    let told = world.ask(&format!("{HOST}/platform/web/commit/{web}")).await;
    assert!(told.has(FactKind::CommitKnown) && !told.has(FactKind::CommitElsewhere));
    let told = world.ask(&format!("{HOST}/platform/sub/api/-/commit/{web}")).await;
    assert_eq!(
        told.said(FactKind::CommitElsewhere, Mark::Note),
        "It has not been seen in platform/sub/api, but elsewhere."
    );
    // of several that begin alike, the one in the repository is meant
    let told = world.ask(&format!("{HOST}/platform/sub/api/-/commit/{}", web.short())).await;
    assert!(told.title().contains("is shown with ABC-1"), "{}", told.text());
    let told = world.ask(&format!("{HOST}/platform/web/-/commit/0123456")).await;
    assert_eq!(told.kinds(), [FactKind::CommitUnknown, FactKind::RepositoryCurrent, FactKind::Push]);
}

#[tokio::test]
async fn a_branch_is_asked_about_in_its_repository_with_a_path_behind_it() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["x"]).await;
    world.branches(repository, &[("feature/ABC-1", "x"), ("feature", "x")], NOW).await;

    for asked in ["-/tree/feature/ABC-1/src/main.rs?ref_type=heads", "-/blob/feature/ABC-1/a", "tree/feature/ABC-1"] {
        let told = world.ask(&format!("{HOST}/platform/web/{asked}")).await;
        assert_eq!(told.title(), "The branch “feature/ABC-1” is shown with ABC-1.", "{asked}");
    }
    let told = world.ask(&format!("{HOST}/platform/web/-/tree/nope")).await;
    assert_eq!(told.said(FactKind::BranchUnknown, Mark::Bad), "platform/web has, and had, no branch “nope”.");
}

#[rstest]
#[tokio::test]
async fn a_repository_that_moved_is_found_under_its_old_path(#[values("sqlite", "postgres")] database: Database) {
    let Some(world) = World::new(database).await else { return };
    world.repository("platform/web").await;
    let moved =
        ForgeRepository { path: "platform/site".to_owned(), archived: true, ..forge_repository("platform/web") };
    world.lists(world.account, &[moved]).await;

    let told = world.ask(&format!("{HOST}/platform/web")).await;

    assert_eq!(
        (told.0.subject, told.title().as_str()),
        (Subject::Repository, "platform/site is linked and up to date.")
    );
    assert_eq!(
        told.said(FactKind::RepositoryMoved, Mark::Note),
        "The repository “platform/web” is now platform/site; that was seen 22 Nov 2026, 11:04 UTC."
    );
    assert!(told.said(FactKind::RepositoryArchived, Mark::Note).contains("is archived at the forge"));
}

#[tokio::test]
async fn a_repository_without_commits_is_told() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    let mut tx = world.write().await;
    tx.repository_synced(repository, NOW, true).await.unwrap();
    tx.commit().await.unwrap();

    let told = world.ask(&format!("{HOST}/platform/web")).await;

    assert!(told.said(FactKind::RepositoryEmpty, Mark::Good).starts_with("platform/web holds no commits"));
}

#[tokio::test]
async fn a_host_below_a_path_and_under_another_name_is_known() {
    let world = World::empty(Database::Sqlite).await.unwrap();
    let (_, account) = world.connect("https://tools.example.com/gitlab", "platform").await;
    world.lists(account, &[forge_repository("platform/web")]).await;

    let told = world.ask("http://tools.example.com/gitlab/platform/web").await;

    assert_eq!(told.0.subject, Subject::Repository, "{}", told.text());
    assert!(told.has(FactKind::RepositoryCurrent));
}

#[rstest]
#[case("https://me:glpat-secret@gitlab.example.com/a/b")]
#[case("https://gitlab.example.com/a/b?private_token=glpat-secret")]
#[tokio::test]
async fn secrets_in_an_address_are_not_told_again(#[case] asked: &str) {
    let world = World::new(Database::Sqlite).await.unwrap();

    let told = world.ask(asked).await;

    assert!(!told.text().contains("glpat-secret") && !told.0.asked.contains("glpat-secret"), "{}", told.text());
}

#[rstest]
#[case("https://gitlab.example.com/")]
#[case("https://gitlab.example.com/platform")]
#[tokio::test]
async fn an_address_without_repository_is_answered(#[case] asked: &str) {
    let world = World::new(Database::Sqlite).await.unwrap();
    assert!(world.ask(asked).await.has(FactKind::NotUnderstood));
}
