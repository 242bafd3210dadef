//! Issues.

use rstest::rstest;
use store::testing::Engine as Database;
use sync::explain::{FactKind, Mark, Subject};

use crate::world::{NOW, World, merge_request, object_id};

#[rstest]
#[tokio::test]
async fn what_names_an_issue_is_told_with_the_text_that_does(#[values("sqlite", "postgres")] database: Database) {
    let Some(world) = World::new(database).await else { return };
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["ABC-1 one", "two, ABC-1"]).await;
    world.lose(repository, &["two, ABC-1"]).await;
    world.branches(repository, &[("ABC-1-retry", "ABC-1 one")], NOW).await;
    let mut request = merge_request(482, "ABC-1 Retry");
    request.source_branch = "ABC-1-retry".to_owned();
    world.merge_request(repository, request, &[]).await;
    world.merge_request(repository, merge_request(483, "Retry"), &["ABC-1 one"]).await;

    let told = world.ask("ABC-1").await;

    assert_eq!(told.0.subject, Subject::Issue);
    assert_eq!(told.title(), "ABC-1 is shown with 2 commits, 1 branch and 2 merge requests.");
    let one = object_id("ABC-1 one");
    let two = object_id("two, ABC-1");
    for sentence in [
        &format!("Commit {} in platform/web names it in its message, seen 22 Nov 2026, 11:03 UTC.", one.short()),
        &format!("{} in platform/web names it in its message, seen 22 Nov 2026, 11:03 UTC; no branch", two.short()),
        "The branch ABC-1-retry in platform/web names it, seen 22 Nov 2026, 11:04 UTC.",
        "!482 of platform/web names it in its title and its source branch, seen",
        "!483 of platform/web names it by the messages of its commits, seen",
    ] {
        assert!(told.text().contains(sentence), "{sentence} in {}", told.text());
    }
}

#[rstest]
#[tokio::test]
async fn an_issue_with_nothing_names_others_of_its_project(#[values("sqlite", "postgres")] database: Database) {
    let Some(world) = World::new(database).await else { return };
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["ABC-1 one", "ABC-2 two", "XYZ-1 three"]).await;

    let told = world.ask("ABC-12").await;

    assert_eq!(told.title(), "Nothing that is shown names ABC-12.");
    assert!(told.remedy(FactKind::IssueEmpty).starts_with("Write ABC-12 into a branch’s name"));
    assert_eq!(told.said(FactKind::IssueOthers, Mark::Note), "Of the project ABC these are named: ABC-1 and ABC-2.");
    assert!(told.has(FactKind::LinkedRepositories) && told.has(FactKind::Push));

    let told = world.ask("NEW-1").await;

    assert!(told.said(FactKind::IssueProjectUnknown, Mark::Note).contains("project NEW"));
}

#[rstest]
#[tokio::test]
async fn a_key_in_other_case_is_told_where_it_stands(#[values("sqlite", "postgres")] database: Database) {
    let Some(world) = World::new(database).await else { return };
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["abc-12 retry"]).await;
    world.branches(repository, &[("feature/abc-12", "abc-12 retry")], NOW).await;
    world.merge_request(repository, merge_request(482, "abc-12 Retry"), &[]).await;

    let told = world.ask("abc-12").await;

    assert!(told.said(FactKind::IssueForm, Mark::Note).starts_with("“abc-12” was read as ABC-12."));
    assert!(told.has(FactKind::IssueEmpty));
    let commit = object_id("abc-12 retry");
    for sentence in [
        &format!("Commit {} says “abc-12”, which does not count: it is not in upper case", commit.short()),
        "The branch feature/abc-12 does not count: it is not in upper case",
        "The merge request !482 names it in a form that does not count",
    ] {
        assert!(told.text().contains(sentence), "{sentence} in {}", told.text());
    }
    assert!(!told.has(FactKind::Push), "the cause is found");
}

#[tokio::test]
async fn noise_is_no_issue() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["mend CVE-2024-1"]).await;

    let told = world.ask("CVE-2024").await;

    assert!(told.said(FactKind::IssueNoise, Mark::Bad).starts_with("CVE is on the list of what looks like"));
    assert!(told.remedy(FactKind::IssueNoise).contains("`noise`"));
    assert!(told.said(FactKind::IssueOtherForm, Mark::Bad).contains("CVE is on the noise list"));
}

#[rstest]
#[case("ABC-12", "ABC-012")]
#[case("ABC-012", "ABC-12")]
#[case("ABC-0012", "ABC-012 and ABC-12")]
#[tokio::test]
async fn leading_zeros_make_another_key(
    #[values("sqlite", "postgres")] database: Database,
    #[case] asked: &str,
    #[case] others: &str,
) {
    let Some(world) = World::new(database).await else { return };
    let repository = world.repository("platform/web").await;
    for key in ["ABC-12", "ABC-012", "ABC-120"].into_iter().filter(|key| *key != asked) {
        world.commits(repository, &[key]).await;
    }

    let told = world.ask(asked).await;

    let said = told.said(FactKind::IssueLeadingZeros, Mark::Bad);
    assert!(said.starts_with(&format!("{others} ")), "{said}");
}

#[rstest]
#[tokio::test]
async fn what_is_gone_is_told(#[values("sqlite", "postgres")] database: Database) {
    let Some(world) = World::new(database).await else { return };
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["x"]).await;
    world.branches(repository, &[("ABC-1-retry", "x")], NOW - 60_000).await;
    world.branches(repository, &[], NOW).await;
    world.merge_request(repository, merge_request(482, "ABC-1 Retry"), &[]).await;
    let mut tx = world.write().await;
    tx.merge_requests_gone(repository, &[482], NOW).await.unwrap();
    tx.commit().await.unwrap();

    let told = world.ask("ABC-1").await;

    assert!(told.has(FactKind::IssueEmpty));
    for sentence in [
        "The branch ABC-1-retry named it and is gone; that was seen 22 Nov 2026, 11:04 UTC.",
        "The merge request !482 named it and was deleted; that was seen 22 Nov 2026, 11:04 UTC.",
    ] {
        assert!(told.text().contains(sentence), "{sentence} in {}", told.text());
    }
}

#[rstest]
#[tokio::test]
async fn what_a_repository_has_that_is_not_linked_is_told(#[values("sqlite", "postgres")] database: Database) {
    let Some(world) = World::new(database).await else { return };
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["ABC-1 one", "ABC-1 two"]).await;
    world.repository_set_linked(world.account, repository, false).await.unwrap();

    let told = world.ask("ABC-1").await;

    assert_eq!(
        told.said(FactKind::IssueNotShown, Mark::Bad),
        "2 commits in platform/web name it, but what is in there is not shown."
    );
    assert_eq!(told.remedy(FactKind::RepositoryNotLinked), "Link it on the page of platform.");
}

#[rstest]
#[case("https://jira.example.com/browse/ABC-1?focusedId=7")]
#[case("https://dovetail.example.com/below/issues/ABC-1")]
#[case("[ABC-1]")]
#[tokio::test]
async fn the_page_of_an_issue_asks_about_the_issue(#[case] asked: &str) {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["ABC-1 one"]).await;

    let told = world.ask(asked).await;

    assert_eq!((told.0.asked.as_str(), told.title().as_str()), ("ABC-1", "ABC-1 is shown with 1 commit."));
}
