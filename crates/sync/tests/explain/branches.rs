//! Branches.

use rstest::rstest;
use store::testing::Engine as Database;
use sync::explain::{FactKind, Mark, Subject};

use crate::world::{NOW, World};

#[rstest]
#[tokio::test]
async fn a_branch_that_names_an_issue_is_shown_with_it(#[values("sqlite", "postgres")] database: Database) {
    let Some(world) = World::new(database).await else { return };
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["x"]).await;
    world.branches(repository, &[("feature/ABC-1-retry", "x")], NOW).await;

    for asked in [
        "feature/ABC-1-retry",
        "refs/heads/feature/ABC-1-retry",
        "origin/feature/ABC-1-retry",
        "remotes/origin/feature/ABC-1-retry",
    ] {
        let told = world.ask(asked).await;

        assert_eq!(told.0.subject, Subject::Branch);
        assert_eq!(told.title(), "The branch “feature/ABC-1-retry” is shown with ABC-1.", "{asked}");
        let known = told.said(FactKind::BranchKnown, Mark::Good);
        assert!(known.contains("is known: platform/web, first seen 22 Nov 2026, 11:04 UTC"), "{known}");
        assert_eq!(told.said(FactKind::Names, Mark::Good), "Its name names ABC-1, so it is shown there.");
    }
}

#[rstest]
#[tokio::test]
async fn a_deleted_branch_is_told_since_when(#[values("sqlite", "postgres")] database: Database) {
    let Some(world) = World::new(database).await else { return };
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["x"]).await;
    world.branches(repository, &[("ABC-1-retry", "x")], NOW - 60_000).await;
    world.branches(repository, &[], NOW).await;

    let told = world.ask("ABC-1-retry").await;

    assert_eq!(told.title(), "The branch “ABC-1-retry” is gone.");
    let gone = told.said(FactKind::BranchGone, Mark::Bad);
    assert!(gone.contains("of platform/web is gone; that was seen 22 Nov 2026, 11:04 UTC"), "{gone}");
    assert_eq!(
        told.said(FactKind::NamesUnshown, Mark::Note),
        "It was shown with ABC-1 and was taken off there with the branch."
    );
}

#[tokio::test]
async fn a_branch_without_key_says_so_with_its_near_miss() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["x"]).await;
    world.branches(repository, &[("feature/abc-1-retry", "x"), ("feature-1", "x")], NOW).await;

    let told = world.ask("feature/abc-1-retry").await;

    assert_eq!(told.title(), "The branch “feature/abc-1-retry” names no issue.");
    assert!(told.has(FactKind::NamesNothing));
    assert!(told.said(FactKind::NearMiss, Mark::Bad).starts_with("Its name says “abc-1”, which does not count"));
    assert_eq!(world.ask("feature-1").await.0.subject, Subject::Branch, "though it looks like a key");
}

#[tokio::test]
async fn a_branch_that_was_never_seen_names_those_of_its_issue() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["x"]).await;
    world.branches(repository, &[("feature/ABC-1-retry", "x")], NOW).await;

    let told = world.ask("Feature/ABC-1-Retry").await;

    assert_eq!(told.title(), "No branch “Feature/ABC-1-Retry” has been seen here.");
    assert!(told.said(FactKind::BranchUnknown, Mark::Bad).contains("upper and lower case make a difference"));
    assert_eq!(
        told.said(FactKind::BranchOthers, Mark::Note),
        "Branches that name ABC-1: feature/ABC-1-retry in platform/web."
    );
    assert!(told.has(FactKind::LinkedRepositories) && told.has(FactKind::Push));
}

#[tokio::test]
async fn a_branch_of_a_repository_that_is_not_linked_is_not_shown() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["x"]).await;
    world.branches(repository, &[("ABC-1-retry", "x")], NOW).await;
    world.repository_set_linked(world.account, repository, false).await.unwrap();

    let told = world.ask("ABC-1-retry").await;

    assert_eq!(told.title(), "The branch “ABC-1-retry” is known, but not shown.");
    assert!(told.has(FactKind::RepositoryNotLinked));
    assert_eq!(told.said(FactKind::NamesUnshown, Mark::Bad), "Its name names ABC-1, but it is not shown there.");
}

#[tokio::test]
async fn too_few_digits_are_a_branch_or_too_short() {
    let world = World::new(Database::Sqlite).await.unwrap();
    world.repository("platform/web").await;

    let told = world.ask("9f3").await;

    assert_eq!(told.kinds()[..2], [FactKind::BranchUnknown, FactKind::ShortId]);
}

#[rstest]
#[case("ABC-12a", "“ABC-12a” is not an issue key.", "follows directly after its number")]
#[case("3ABC-12", "“3ABC-12” is not an issue key.", "begins with a digit")]
#[case("A-1", "“A-1” is not an issue key.", "a single letter")]
#[tokio::test]
async fn a_bad_key_says_why(#[case] asked: &str, #[case] title: &str, #[case] reason: &str) {
    let world = World::new(Database::Sqlite).await.unwrap();

    let told = world.ask(asked).await;

    assert_eq!((told.0.subject, told.title().as_str()), (Subject::Unknown, title));
    assert!(told.said(FactKind::BadKey, Mark::Bad).contains(reason));
}

#[rstest]
#[case("why is my commit missing?")]
#[case("a\u{1b}[2J")]
#[case("%00")]
#[case("\u{0}")]
#[case("' OR 1=1 --")]
#[case("<script>alert(1)</script>")]
#[tokio::test]
async fn what_is_nothing_is_answered(#[values("sqlite", "postgres")] database: Database, #[case] asked: &str) {
    let Some(world) = World::new(database).await else { return };
    let told = world.ask(asked).await;
    assert!(told.has(FactKind::NotUnderstood) || told.has(FactKind::BranchUnknown), "{}", told.text());
}
