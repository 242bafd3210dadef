//! Whatever is sent, the sandbox's strict Jira refuses nothing of what was mended.

use jira::{
    Approval, Author, Branch, ChangeType, Commit, EntityKind, File, PullRequest, PullRequestStatus, Repository,
    Reviewer,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::world::{World, submission};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-z🎉\\x00\u{FFFE}ä\n]{0,30}", Just("x🎉".repeat(1_500)), Just(String::new())]
}

fn url() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => Just("https://gitlab.example.com/a b/ä🎉?x=1#y".to_owned()),
        8 => Just("https://gitlab.example.com/x".to_owned()),
        1 => text(),
    ]
}

fn keys() -> impl Strategy<Value = Vec<String>> {
    let key = prop_oneof![3 => Just("ABC-1".to_owned()), 1 => "[A-Z]{0,4}-?[0-9]{0,3}", 1 => any::<String>()];
    prop_oneof![
        9 => proptest::collection::vec(key, 0..9),
        1 => Just((0..700).map(|number| format!("ABC-{number}")).collect()),
    ]
}

fn id() -> impl Strategy<Value = String> {
    prop_oneof![15 => "[A-Za-z0-9~._-]{1,12}", 1 => text()]
}

fn author() -> impl Strategy<Value = Author> {
    let fields = [(); 5].map(|()| proptest::option::of(prop_oneof![text(), url()]));
    fields.prop_map(|[name, email, username, url, avatar]| Author { name, email, username, url, avatar })
}

fn reviewer() -> impl Strategy<Value = Reviewer> {
    (author(), proptest::option::of(text())).prop_map(|(Author { name, email, url, avatar, .. }, account_id)| {
        Reviewer { name, email, account_id, url, avatar, approval_status: Approval::NeedsWork }
    })
}

fn file() -> impl Strategy<Value = File> {
    (text(), url(), any::<u64>()).prop_map(|(path, url, lines)| File {
        path,
        url,
        change_type: ChangeType::Moved,
        lines_added: lines,
        lines_removed: 0,
    })
}

fn commit() -> impl Strategy<Value = Commit> {
    let rest = (any::<i64>(), any::<u64>(), proptest::collection::vec(file(), 0..13), any::<bool>());
    (id(), [text(), text()], keys(), author(), url(), rest).prop_map(
        |(id, [display_id, message], issue_keys, author, url, rest)| {
            let (author_timestamp, file_count, files, merge_commit) = rest;
            Commit {
                id,
                hash: Some(message.clone()),
                display_id,
                issue_keys,
                update_sequence_id: 1,
                message,
                author,
                author_timestamp: author_timestamp % 4_000_000_000_000_000,
                file_count,
                url,
                files,
                merge_commit,
            }
        },
    )
}

fn branch() -> impl Strategy<Value = Branch> {
    (id(), text(), keys(), commit(), [url(), url()]).prop_map(|(id, name, issue_keys, last_commit, [url, create])| {
        Branch { id, name, issue_keys, update_sequence_id: 1, last_commit, url, create_pull_request_url: Some(create) }
    })
}

fn pull_request() -> impl Strategy<Value = PullRequest> {
    let texts = [text(), text(), text(), text()];
    (id(), texts, keys(), author(), [url(), url(), url()], proptest::collection::vec(reviewer(), 0..3)).prop_map(
        |(
            id,
            [display_id, title, source_branch, destination],
            issue_keys,
            author,
            [url, source, target],
            reviewers,
        )| {
            PullRequest {
                id,
                display_id,
                issue_keys,
                update_sequence_id: 1,
                status: PullRequestStatus::Unknown,
                title,
                author,
                comment_count: u64::MAX,
                last_update: 0,
                source_branch,
                source_branch_url: Some(source),
                destination_branch: Some(destination),
                destination_branch_url: Some(target),
                url,
                reviewers,
            }
        },
    )
}

fn repository() -> impl Strategy<Value = Repository> {
    let optional = [(); 3].map(|()| proptest::option::of(text()));
    let entities = (
        proptest::collection::vec(commit(), 0..6),
        proptest::collection::vec(branch(), 0..4),
        proptest::collection::vec(pull_request(), 0..4),
    );
    (id(), text(), url(), optional, proptest::option::of(url()), entities).prop_map(
        |(id, name, url, [description, fork_of, avatar_description], avatar, (commits, branches, pull_requests))| {
            Repository {
                id,
                name,
                url,
                description,
                fork_of,
                avatar,
                avatar_description,
                update_sequence_id: 1,
                commits,
                branches,
                pull_requests,
            }
        },
    )
}

#[tokio::test]
async fn jira_takes_whatever_is_sent_once_it_is_mended() {
    // given
    let world = World::cloud().await;
    let dev_info = world.dev_info(&world.keys());
    let mut runner = TestRunner::deterministic();
    let mut arrived = 0;

    for _ in 0..60 {
        // when
        let drawn = proptest::collection::vec(repository(), 1..4).new_tree(&mut runner).unwrap().current();
        for repositories in jira::batches(drawn) {
            let outcome = dev_info.submit(&submission(repositories.clone())).await.unwrap();

            // then
            let left_out: usize = repositories.iter().map(|it| jira::limits::repository(it).1.len()).sum();
            let words: Vec<_> = outcome.refused.iter().map(|it| &it.words).collect();
            assert_eq!(outcome.refused.len(), left_out, "{words:?}");
            arrived += EntityKind::ALL.map(|kind| outcome.count(kind)).iter().sum::<usize>();
        }
    }
    assert!(arrived > 100, "only {arrived} arrived");
}
