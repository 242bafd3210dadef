//! Merge requests, by their addresses.

use model::{MergeRequestState, Millis};
use rstest::rstest;
use store::MergeRequestsState;
use store::testing::Engine as Database;
use sync::explain::{FactKind, Mark, Subject};

use crate::world::{HOST, NOW, World, merge_request, object_id};

const ADDRESS: &str = "https://gitlab.example.com/platform/web/-/merge_requests/482/diffs?tab=1#note_7";

#[rstest]
#[tokio::test]
async fn each_text_that_names_an_issue_is_told(#[values("sqlite", "postgres")] database: Database) {
    let Some(world) = World::new(database).await else { return };
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["ABC-4 x"]).await;
    let mut request = merge_request(482, "ABC-1 Retry");
    request.description = "Because of ABC-2".to_owned();
    request.source_branch = "ABC-3-retry".to_owned();
    world.merge_request(repository, request, &["ABC-4 x"]).await;

    let told = world.ask(ADDRESS).await;

    assert_eq!(told.0.subject, Subject::MergeRequest);
    assert_eq!(told.0.asked, format!("{HOST}/platform/web/-/merge_requests/482/diffs"), "without query and fragment");
    assert_eq!(told.title(), "The merge request !482 is shown with ABC-1, ABC-2, ABC-3 and ABC-4.");
    let commit = object_id("ABC-4 x");
    for sentence in [
        "Its title names ABC-1, so it is shown there.",
        "Its description names ABC-2, so it is shown there.",
        "Its source branch names ABC-3, so it is shown there.",
        &format!("The message of its commit {} names ABC-4, so it is shown there.", commit.short()),
    ] {
        assert!(told.text().contains(sentence), "{sentence} in {}", told.text());
    }
}

#[rstest]
#[case(MergeRequestState::Open, None, None, FactKind::MergeRequestOpen, "is open; it was first seen")]
#[case(MergeRequestState::Merged, Some(NOW), None, FactKind::MergeRequestMerged, "was merged 22 Nov 2026, 11:04 UTC")]
#[case(
    MergeRequestState::Declined,
    None,
    Some(NOW),
    FactKind::MergeRequestClosed,
    "was closed without merging 22 Nov 2026"
)]
#[tokio::test]
async fn its_state_is_told(
    #[case] state: MergeRequestState,
    #[case] merged_at: Option<Millis>,
    #[case] closed_at: Option<Millis>,
    #[case] kind: FactKind,
    #[case] words: &str,
) {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    let mut request = merge_request(482, "ABC-1 Retry");
    (request.state, request.merged_at, request.closed_at) = (state, merged_at, closed_at);
    world.merge_request(repository, request, &[]).await;

    let told = world.ask(ADDRESS).await;

    assert!(told.said(kind, Mark::Good).contains(words), "{}", told.text());
}

#[rstest]
#[tokio::test]
async fn a_deleted_one_is_told_since_when(#[values("sqlite", "postgres")] database: Database) {
    let Some(world) = World::new(database).await else { return };
    let repository = world.repository("platform/web").await;
    world.merge_request(repository, merge_request(482, "ABC-1 Retry"), &[]).await;
    let mut tx = world.write().await;
    tx.merge_requests_gone(repository, &[482], NOW).await.unwrap();
    tx.commit().await.unwrap();

    let told = world.ask(ADDRESS).await;

    assert_eq!(told.title(), "The merge request !482 was deleted.");
    assert!(told.said(FactKind::MergeRequestGone, Mark::Bad).contains("22 Nov 2026, 11:04 UTC"));
    assert_eq!(told.kinds(), [FactKind::MergeRequestGone]);
}

#[tokio::test]
async fn one_without_keys_says_so_with_its_near_misses() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    let mut request = merge_request(482, "Retry");
    request.description = "see abc-1 and UTF-8".to_owned();
    world.merge_request(repository, request, &[]).await;

    let told = world.ask(ADDRESS).await;

    assert_eq!(told.title(), "The merge request !482 names no issue.");
    assert!(told.remedy(FactKind::NamesNothing).contains("title or description"));
    let near = told.0.facts.iter().filter(|fact| fact.kind == FactKind::NearMiss);
    let near: Vec<String> = near.map(|fact| fact.sentence.to_string()).collect();
    assert!(near[0].starts_with("Its description says “abc-1”") && near[1].contains("“UTF-8”"), "{near:?}");
}

#[tokio::test]
async fn one_that_was_never_seen_tells_how_its_repository_stands() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    assert!(world.ask(ADDRESS).await.said(FactKind::MergeRequestUnknown, Mark::Bad).starts_with("No merge request of"));
    world.merge_request(repository, merge_request(480, "Retry"), &[]).await;

    let told = world.ask(ADDRESS).await;

    assert_eq!(told.title(), "No merge request !482 has been seen there.");
    assert!(
        told.said(FactKind::MergeRequestUnknown, Mark::Bad).contains("the highest number that is known there is !480")
    );
    assert!(told.said(FactKind::RepositoryCurrent, Mark::Good).contains("last read 22 Nov 2026, 11:03 UTC"));
}

#[tokio::test]
async fn where_the_forge_lets_none_be_read_that_is_told() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    let mut tx = world.write().await;
    tx.merge_requests_watermark(repository, None, MergeRequestsState::Unavailable).await.unwrap();
    tx.commit().await.unwrap();

    let told = world.ask(ADDRESS).await;

    assert!(told.remedy(FactKind::MergeRequestsUnavailable).contains("Reporter"));
    assert!(world.ask("https://gitlab.example.com/platform/web").await.has(FactKind::MergeRequestsUnavailable));
}

#[tokio::test]
async fn one_of_a_repository_that_is_not_linked_is_not_shown() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    world.merge_request(repository, merge_request(482, "ABC-1 Retry"), &[]).await;
    world.repository_set_linked(world.account, repository, false).await.unwrap();

    let told = world.ask(ADDRESS).await;

    assert_eq!(told.title(), "The merge request !482 is known, but not shown.");
    assert!(told.has(FactKind::RepositoryNotLinked) && !told.has(FactKind::Names));
}
