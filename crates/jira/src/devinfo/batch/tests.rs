//! Every entity goes once, and every request is one that Jira takes.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::{Author, Branch, Commit, PullRequest, PullRequestStatus};

fn commit(id: usize, sequence: i64, message: usize) -> Commit {
    Commit {
        id: format!("c{id}"),
        hash: None,
        display_id: "c".into(),
        issue_keys: vec!["AB-1".into()],
        update_sequence_id: sequence,
        message: "m".repeat(message),
        author: Author::default(),
        author_timestamp: 0,
        file_count: 0,
        url: "https://h/c".into(),
        files: Vec::new(),
        merge_commit: false,
    }
}

fn branch(id: usize) -> Branch {
    Branch {
        id: format!("b{id}"),
        name: "b".into(),
        issue_keys: vec!["AB-1".into()],
        update_sequence_id: 1,
        last_commit: commit(id, 1, 10),
        url: "https://h/b".into(),
        create_pull_request_url: None,
    }
}

fn pull_request(id: usize) -> PullRequest {
    PullRequest {
        id: id.to_string(),
        display_id: "!1".into(),
        issue_keys: vec!["AB-1".into()],
        update_sequence_id: 1,
        status: PullRequestStatus::Open,
        title: "t".into(),
        author: Author::default(),
        comment_count: 0,
        last_update: 0,
        source_branch: "b".into(),
        source_branch_url: None,
        destination_branch: None,
        destination_branch_url: None,
        url: "https://h/p".into(),
        reviewers: Vec::new(),
    }
}

fn repository(id: usize, counts: [usize; 3], message: usize) -> Repository {
    Repository {
        id: format!("r{id}"),
        name: "r".into(),
        url: "https://h/r".into(),
        description: None,
        fork_of: None,
        avatar: None,
        avatar_description: None,
        update_sequence_id: 1,
        commits: (0..counts[0]).map(|id| commit(id, 1, message)).collect(),
        branches: (0..counts[1]).map(branch).collect(),
        pull_requests: (0..counts[2]).map(pull_request).collect(),
    }
}

type Named = (String, Option<(EntityKind, String)>);

/// Everything that groups hold; fails where something comes twice.
fn named(batches: &[Vec<Repository>]) -> BTreeSet<Named> {
    let mut all = BTreeSet::new();
    for repository in batches.iter().flatten() {
        let (repository, entities) = repository.clone().apart();
        for entity in entities {
            let name = (repository.id.clone(), Some((entity.kind(), entity.id().to_owned())));
            assert!(all.insert(name), "twice");
        }
        all.insert((repository.id, None));
    }
    all
}

fn check(batch: &[Repository]) {
    let ids: BTreeSet<_> = batch.iter().map(|repository| &repository.id).collect();
    assert_eq!(ids.len(), batch.len(), "a repository twice in one request");
    assert!((1..=MOST_REPOSITORIES).contains(&batch.len()));
    assert!(batch.iter().map(Repository::entities).sum::<usize>() <= MOST_ENTITIES);
    for kind in EntityKind::ALL {
        assert!(batch.iter().all(|repository| repository.count(kind) <= MOST_OF_A_KIND));
    }
    let alone = batch.iter().map(parts).sum::<usize>() == 1;
    assert!(alone || serde_json::to_vec(batch).unwrap().len() <= MOST_BYTES);
}

#[test]
fn a_large_repository_goes_in_several_requests() {
    let cut = batches(vec![repository(1, [900, 10, 10], 20)]);
    let counts: Vec<_> =
        cut.iter().flatten().map(|it| [it.commits.len(), it.branches.len(), it.pull_requests.len()]).collect();
    assert_eq!(counts, [[400, 0, 0], [400, 0, 0], [100, 10, 10]]);
    assert_eq!(batches(Vec::new()), Vec::<Vec<Repository>>::new());
}

#[test]
fn bytes_count_and_a_lone_giant_goes_alone() {
    let cut = batches(vec![repository(1, [3, 0, 0], MOST_BYTES), repository(2, [3, 0, 0], 10)]);
    let counts: Vec<_> = cut.iter().map(|batch| batch.iter().map(Repository::entities).sum::<usize>()).collect();
    assert_eq!(counts, [1, 1, 1, 3]);
}

#[test]
fn what_comes_twice_goes_once_as_it_is_newest() {
    let mut older = repository(1, [0, 0, 0], 1);
    older.commits = vec![commit(1, 5, 1), commit(2, 5, 1), commit(1, 7, 2), commit(1, 7, 3)];
    let mut newer = repository(1, [0, 1, 0], 1);
    (newer.update_sequence_id, newer.name, newer.commits) = (9, "renamed".into(), vec![commit(2, 4, 9)]);
    let cut = batches(vec![older, repository(2, [0, 0, 0], 1), newer]);
    assert_eq!(cut.len(), 1);
    let sent: Vec<_> = cut[0][0].commits.iter().map(|it| (it.id.as_str(), it.update_sequence_id)).collect();
    assert_eq!(sent, [("c2", 5), ("c1", 7)]);
    assert_eq!((cut[0][0].name.as_str(), cut[0][0].branches.len(), cut[0].len()), ("renamed", 1, 2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn nothing_is_lost_or_doubled_and_every_request_is_taken(
        counts in proptest::collection::vec([0_usize..900, 0_usize..60, 0_usize..60], 0..3),
        empty in 0_usize..150,
        message in prop_oneof![Just(10_usize), Just(30_000)],
    ) {
        // Long messages make the case long as well.
        let most = if message > 10_000 { 20 } else { 900 };
        let full = counts.iter().enumerate().map(|(id, it)| repository(id, it.map(|count| count.min(most)), message));
        let all: Vec<_> = full.chain((1_000..1_000 + empty).map(|id| repository(id, [0; 3], 1))).collect();
        let cut = batches(all.clone());
        cut.iter().for_each(|batch| check(batch));
        prop_assert_eq!(named(&cut), named(&[all]));
    }

    #[test]
    fn halves_hold_everything_and_come_down_to_one(counts in proptest::collection::vec([0_usize..5, 0_usize..5, 0_usize..5], 1..6)) {
        let all: Vec<_> = counts.into_iter().enumerate().map(|(id, counts)| repository(id, counts, 1)).collect();
        let (mut open, mut lone) = (vec![all.clone()], Vec::new());
        while let Some(batch) = open.pop() {
            match halves(batch) {
                Ok(both) => {
                    prop_assert!(both.iter().all(|half| !half.is_empty()));
                    open.extend(both);
                }
                Err(batch) => lone.push(batch),
            }
        }
        prop_assert!(lone.iter().all(|batch| batch.len() == 1 && batch[0].entities() <= 1));
        prop_assert_eq!(named(&lone), named(&[all]));
    }
}
