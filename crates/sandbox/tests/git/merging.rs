//! Merging, and the refs that keep the heads of merge requests.

use std::time::Duration;

use sandbox::gitlab::model::{ModelError, NewMergeRequest};
use sandbox::gitlab::repositories::{MergeMethod, MergeOrder, Merged, RepositoryError, Signature};

use crate::stage::{NOON, Stage, commit, stage};

/// `feature` has two commits that `main` has not; with `diverged`, `main` went on by one.
async fn with_feature(diverged: bool) -> Stage {
    let stage = stage().await;
    let mut stream = commit("main", 0, "Base\n", &[], &[("a.txt", "a\n")]);
    stream += &commit("feature", 10, "One\n", &["refs/heads/main"], &[("b.txt", "b\n")]);
    stream += &commit("feature", 20, "Two\n", &[], &[("b.txt", "b\nb\n")]);
    if diverged {
        stream += &commit("main", 30, "Meanwhile\n", &[], &[("c.txt", "c\n")]);
    }
    stage.push(stream).await;
    stage
}

async fn merge(stage: &Stage, method: MergeMethod) -> Result<Merged, RepositoryError> {
    let order = MergeOrder {
        method,
        head: stage.id("feature").await,
        target_branch: "main".to_owned(),
        message: "Merge it".to_owned(),
        squash_message: "All in one".to_owned(),
        by: Signature { name: "Mia".to_owned(), email: "mia@example.com".to_owned(), at: NOON, offset_minutes: 0 },
    };
    stage.model.repositories().merge(stage.project, &order).await
}

async fn parents(stage: &Stage, id: &str) -> Vec<String> {
    stage.model.repositories().commit(stage.project, id).await.unwrap().unwrap().parents
}

#[tokio::test]
async fn a_merge_commit_joins_both_sides() {
    let stage = with_feature(false).await;
    let (main, feature) = (stage.id("main").await, stage.id("feature").await);

    let merged = merge(&stage, MergeMethod::MergeCommit).await.unwrap();

    assert_eq!(stage.id("main").await, merged.target);
    assert_eq!(merged.merge_commit.as_ref(), Some(&merged.target), "also where a fast-forward were possible");
    assert_eq!(parents(&stage, &merged.target).await, [main, feature]);
    let made = stage.model.repositories().commit(stage.project, "main").await.unwrap().unwrap();
    assert_eq!((made.author.name.as_str(), made.committer.at, made.title()), ("Mia", NOON, "Merge it"));
}

#[tokio::test]
async fn a_squash_is_one_commit_on_the_target() {
    let stage = with_feature(false).await;
    let main = stage.id("main").await;

    let merged = merge(&stage, MergeMethod::Squash).await.unwrap();

    assert_eq!((merged.merge_commit, merged.squash_commit.as_ref()), (None, Some(&merged.target)));
    assert_eq!(parents(&stage, &merged.target).await, [main]);
    let files = stage.model.repositories().tree(stage.project, "main", "").await.unwrap();
    assert_eq!(files.len(), 2, "what the two commits did is there");
}

#[tokio::test]
async fn a_squash_into_a_target_that_moved_is_joined_by_a_merge_commit() {
    let stage = with_feature(true).await;
    let main = stage.id("main").await;

    let merged = merge(&stage, MergeMethod::Squash).await.unwrap();

    let (joined, squashed) = (merged.merge_commit.unwrap(), merged.squash_commit.unwrap());
    assert_eq!(joined, merged.target);
    assert_eq!(parents(&stage, &joined).await, [main.clone(), squashed.clone()]);
    assert_eq!(parents(&stage, &squashed).await, parents(&stage, &main).await, "it stands on the merge base");
}

#[tokio::test]
async fn a_fast_forward_moves_the_target_or_is_refused() {
    let straight = with_feature(false).await;
    let feature = straight.id("feature").await;
    let merged = merge(&straight, MergeMethod::FastForward).await.unwrap();
    assert_eq!(merged, Merged { merge_commit: None, squash_commit: None, target: feature });

    let diverged = with_feature(true).await;
    let main = diverged.id("main").await;
    assert!(matches!(merge(&diverged, MergeMethod::FastForward).await, Err(RepositoryError::Conflict)));
    assert_eq!(diverged.id("main").await, main, "nothing moved");
}

#[tokio::test]
async fn conflicts_are_refused_and_nothing_moves() {
    let stage = with_feature(false).await;
    stage.push(commit("main", 40, "In the way\n", &["refs/heads/main^0"], &[("b.txt", "other\n")])).await;
    let main = stage.id("main").await;
    for method in [MergeMethod::MergeCommit, MergeMethod::Squash] {
        assert!(matches!(merge(&stage, method).await, Err(RepositoryError::Conflict)), "{method:?}");
    }
    assert_eq!(stage.id("main").await, main);

    let new = NewMergeRequest::within(stage.project, "feature", "main", "Conflicting", stage.owner);
    let id = stage.model.open_merge_request(new).await.unwrap();
    let refused = stage.model.merge(id, stage.owner, MergeMethod::MergeCommit).await;
    assert!(matches!(refused, Err(ModelError::Conflict)));
}

#[tokio::test]
async fn the_head_of_a_merge_request_is_kept_for_fourteen_days_after_its_end() {
    let stage = with_feature(false).await;
    let new = NewMergeRequest::within(stage.project, "feature", "main", "A feature", stage.owner);
    let id = stage.model.open_merge_request(new).await.unwrap();
    let head = "refs/merge-requests/1/head";
    assert_eq!(stage.id(head).await, stage.id("feature").await);

    // when the branch moves, so does the ref
    stage.push(commit("feature", 40, "Three\n", &["refs/heads/feature^0"], &[("b.txt", "3\n")])).await;
    assert_eq!(stage.id(head).await, stage.id("feature").await);
    assert_eq!(stage.model.merge_request(id).unwrap().diff.unwrap().head, stage.id("feature").await);

    // when it is merged, the ref stays for its time
    stage.model.merge(id, stage.owner, MergeMethod::MergeCommit).await.unwrap();
    let days = |days: u64| i64::try_from(Duration::from_secs(days * 86_400).as_millis()).unwrap();
    stage.clock.advance(days(14) - 1);
    stage.model.drop_expired_head_refs(stage.project).await.unwrap();
    assert!(stage.model.repositories().resolve(stage.project, head).await.unwrap().is_some());
    stage.clock.advance(1);
    stage.model.drop_expired_head_refs(stage.project).await.unwrap();
    assert_eq!(stage.model.repositories().resolve(stage.project, head).await.unwrap(), None);
}

#[tokio::test]
async fn the_head_of_a_deleted_merge_request_stays() {
    let stage = with_feature(false).await;
    let new = NewMergeRequest::within(stage.project, "feature", "main", "A feature", stage.owner);
    let id = stage.model.open_merge_request(new).await.unwrap();

    stage.model.delete_merge_request(id).unwrap();
    stage.clock.advance(100 * 86_400_000);
    stage.model.drop_expired_head_refs(stage.project).await.unwrap();

    assert!(stage.model.repositories().resolve(stage.project, "refs/merge-requests/1/head").await.unwrap().is_some());
}
