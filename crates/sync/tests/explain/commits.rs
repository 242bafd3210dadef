//! Commits that are known.

use model::{ForgeRepository, MergeRequestState};
use rstest::rstest;
use store::testing::Engine as Database;
use sync::explain::{FactKind, Mark, Piece, Subject};

use crate::world::{World, forge_repository, merge_request, object_id};

#[rstest]
#[tokio::test]
async fn a_commit_that_names_issues_is_shown_with_them(#[values("sqlite", "postgres")] database: Database) {
    let Some(world) = World::new(database).await else { return };
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["ABC-1 and ABC-2: retry"]).await;
    world.branches(repository, &[("main", "ABC-1 and ABC-2: retry")], 1).await;
    let id = object_id("ABC-1 and ABC-2: retry");

    for asked in [id.as_str(), &id.as_str()[..4], &id.as_str().to_uppercase()[..9]] {
        let told = world.ask(asked).await;

        assert_eq!(told.0.subject, Subject::Commit);
        assert_eq!(told.title(), format!("Commit {} is shown with ABC-1 and ABC-2.", id.short()));
        let known = told.said(FactKind::CommitKnown, Mark::Good);
        assert_eq!(known, format!("Commit {} is known: platform/web, first seen 22 Nov 2026, 11:03 UTC.", id.short()));
        assert_eq!(told.said(FactKind::CommitIsHead, Mark::Note), "The branch “main” points at it.");
        assert_eq!(told.said(FactKind::Names, Mark::Good), "Its message names ABC-1 and ABC-2, so it is shown there.");
        let names = &told.fact(FactKind::Names).sentence.0;
        assert!(names.contains(&Piece::Issue("ABC-1".to_owned())), "{names:?}");
    }
}

#[rstest]
#[case("abc-12 retry", "“abc-12”", "not in upper case", "“ABC-12” in capitals")]
#[case("CVE-2024-1 mended", "“CVE-2024”", "CVE is on the noise list", "list `noise` in the section [links]")]
#[case("MY_P-1 retry", "“MY_P-1”", "contains an underscore", "as Jira shows it")]
#[case("fix ABC-12a", "“ABC-12a”", "follows directly after its number", "behind the number")]
#[case("ªABC-12 retry", "“ªABC-12”", "stands directly before it", "before the key")]
#[case("3ABC-12 retry", "“3ABC-12”", "begins with a digit", "Compare it with the key")]
#[case("A-1 retry", "“A-1”", "a single letter", "Compare it with the key")]
#[case("ABC\u{2011}12 retry", "“ABC\u{2011}12”", "not the plain hyphen", "plain hyphen")]
#[case("ABC-１２ retry", "“ABC-１”", "the digits 0 to 9", "the digits 0 to 9")]
#[tokio::test]
async fn a_near_miss_is_told_with_its_reason_and_remedy(
    #[case] message: &str,
    #[case] quoted: &str,
    #[case] reason: &str,
    #[case] remedy: &str,
) {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    world.commits(repository, &[message]).await;

    let told = world.ask(object_id(message).as_str()).await;

    assert!(told.title().ends_with("names no issue."), "{}", told.text());
    assert!(told.has(FactKind::NamesNothing));
    let said = told.said(FactKind::NearMiss, Mark::Bad);
    assert!(said.contains(quoted) && said.contains(reason), "{said}");
    assert!(told.remedy(FactKind::NearMiss).contains(remedy), "{}", told.text());
}

#[tokio::test]
async fn a_key_that_is_too_long_is_told_shortened() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    let message = format!("x {}-1", "A".repeat(300));
    world.commits(repository, &[&message]).await;

    let told = world.ask(object_id(&message).as_str()).await;

    let said = told.said(FactKind::NearMiss, Mark::Bad);
    assert!(said.contains("longer than 255 characters") && said.chars().count() < 300, "{said}");
}

#[tokio::test]
async fn a_commit_that_names_nothing_says_what_it_says() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["Fix the build\n\nat last"]).await;

    let told = world.ask(object_id("Fix the build\n\nat last").as_str()).await;

    assert_eq!(told.said(FactKind::NamesNothing, Mark::Bad), "Its message names no issue: “Fix the build”.");
    assert!(told.remedy(FactKind::NamesNothing).contains("title of its merge request"));
}

#[rstest]
#[tokio::test]
async fn a_commit_that_nothing_leads_to_is_told_since_when(#[values("sqlite", "postgres")] database: Database) {
    let Some(world) = World::new(database).await else { return };
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["ABC-1 rebased"]).await;
    world.lose(repository, &["ABC-1 rebased"]).await;

    let told = world.ask(object_id("ABC-1 rebased").as_str()).await;

    let lost = told.said(FactKind::CommitLost, Mark::Bad);
    assert!(lost.contains("platform/web leads to it any more; that was seen 22 Nov 2026, 11:04 UTC"), "{lost}");
    assert!(told.remedy(FactKind::CommitLost).contains("push it again"));
    assert!(told.has(FactKind::Names), "its issue shows it as such");
}

#[rstest]
#[tokio::test]
async fn a_commit_of_a_repository_that_is_not_linked_is_known_but_not_shown(
    #[values("sqlite", "postgres")] database: Database,
) {
    let Some(world) = World::new(database).await else { return };
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["ABC-1 hidden"]).await;
    world.repository_set_linked(world.account, repository, false).await.unwrap();

    let told = world.ask(object_id("ABC-1 hidden").as_str()).await;

    assert!(told.title().ends_with("is known, but not shown."), "{}", told.text());
    assert!(told.said(FactKind::CommitNotShown, Mark::Bad).contains("platform/web"));
    assert_eq!(told.remedy(FactKind::RepositoryNotLinked), "Link it on the page of platform.");
    assert!(!told.has(FactKind::Names) && !told.text().contains("ABC-1"), "what is not shown is not quoted");
}

#[tokio::test]
async fn a_commit_of_a_fork_that_is_not_linked_names_the_fork() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let fork = ForgeRepository { fork_of: Some("7".to_owned()), ..forge_repository("platform/fork") };
    let ids = world.lists(world.account, &[forge_repository("platform/web"), fork]).await;
    world.commits(ids[1], &["ABC-1 in a fork"]).await;
    world.repository_set_linked(world.account, ids[1], false).await.unwrap();

    let told = world.ask(object_id("ABC-1 in a fork").as_str()).await;

    assert_eq!(told.said(FactKind::ForkNotLinked, Mark::Bad), "platform/fork, a fork, is known but not linked.");
}

#[tokio::test]
async fn a_commit_of_a_repository_that_is_no_longer_listed_is_not_shown() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["ABC-1 gone"]).await;
    world.lists(world.account, &[]).await;

    let told = world.ask(object_id("ABC-1 gone").as_str()).await;

    assert!(told.said(FactKind::RepositoryHidden, Mark::Bad).contains("does not name it any more"));
}

#[rstest]
#[tokio::test]
async fn a_short_id_of_several_commits_asks_for_more_digits(#[values("sqlite", "postgres")] database: Database) {
    let Some(world) = World::new(database).await else { return };
    let repository = world.repository("platform/web").await;
    let messages: Vec<String> = (0..12).map(|number| format!("ABC-{:02}", number + 10)).collect();
    let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
    world.commits(repository, &messages).await;

    let told = world.ask("4142432d").await;

    assert_eq!(told.title(), "Several commits begin with 4142432d.");
    let said = told.said(FactKind::AmbiguousId, Mark::Bad);
    assert!(said.contains(object_id("ABC-10").as_str()) && said.ends_with(", and more."), "{said}");
    assert_eq!(told.remedy(FactKind::AmbiguousId), "Give more digits.");
}

#[tokio::test]
async fn a_commit_is_told_with_the_merge_requests_that_show_it() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["wip"]).await;
    let mut merged = merge_request(482, "ABC-7 Retry");
    merged.state = MergeRequestState::Merged;
    world.merge_request(repository, merged, &["wip"]).await;

    let told = world.ask(object_id("wip").as_str()).await;

    assert_eq!(
        told.said(FactKind::CommitInMergeRequest, Mark::Note),
        "It belongs to the merge request !482 “ABC-7 Retry” (merged), which is shown with ABC-7."
    );
    assert!(told.has(FactKind::NamesNothing), "its own message does not");
}

#[tokio::test]
async fn a_branch_may_be_called_like_an_id() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["x"]).await;
    world.branches(repository, &[("deadbeef", "x")], 1).await;

    assert_eq!(world.ask("deadbeef").await.0.subject, Subject::Branch);
    assert_eq!(world.ask("deadbee0").await.0.subject, Subject::Commit);
}
