//! The generated project.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::sync::Arc;

use git::Git;
use sandbox::generated::{Shape, build};
use sandbox::gitlab::model::{MergeState, Model, NewUser, ProjectId};
use sandbox::gitlab::{Options, Server};

const SHAPE: Shape = Shape { commits: 120, branches: 5, merge_requests: 16, forks: 2, seed: 1 };

struct Stage {
    server: Server,
    project: ProjectId,
    _folder: tempfile::TempDir,
}

impl Stage {
    async fn build(shape: &Shape) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(Options::new(folder.path().to_owned())).await.unwrap();
        let new = NewUser { login: "owner".to_owned(), email: "owner@example.com".to_owned(), ..NewUser::default() };
        let owner = server.model().create_user(new).unwrap();
        let project = build(&server, "generated", owner, shape).await.unwrap();
        Self { server, project, _folder: folder }
    }

    fn model(&self) -> Arc<Model> {
        self.server.model()
    }

    async fn refs(&self) -> Vec<git::Ref> {
        Git::new().refs(&self.model().repositories().path(self.project), "refs/").await.unwrap()
    }
}

#[tokio::test]
async fn it_is_as_large_as_its_shape_says() {
    let stage = Stage::build(&SHAPE).await;
    let (model, refs) = (stage.model(), stage.refs().await);

    let branches: Vec<String> =
        refs.iter().filter(|it| it.name.starts_with("refs/heads/")).map(|it| it.name.clone()).collect();
    assert_eq!(branches.len(), SHAPE.branches);
    assert_eq!(refs.iter().filter(|it| it.name.starts_with("refs/merge-requests/")).count(), SHAPE.merge_requests);
    assert_eq!(model.repositories().count(stage.project, &branches, &[]).await.unwrap(), SHAPE.commits);
    let fork = model.project_by_path("generated/fork-02/plant").unwrap();
    assert_eq!(fork.forked_from, Some(stage.project));
    assert_eq!(model.repositories().refs(fork.id).await.unwrap().len(), SHAPE.branches + 1);
}

#[tokio::test]
async fn merge_requests_and_their_commits_belong_together() {
    let stage = Stage::build(&SHAPE).await;
    let (model, repositories) = (stage.model(), stage.model().repositories().clone());

    let mut merged = 0;
    for iid in 1..=SHAPE.merge_requests as u64 {
        let it = model.merge_request_by_iid(stage.project, iid).unwrap();
        let diff = it.diff.unwrap();
        assert!(repositories.is_ancestor(stage.project, &diff.base, &diff.head).await.unwrap(), "!{iid}");
        assert_eq!(it.merge_commit.is_some(), it.state == MergeState::Merged, "!{iid}");
        if let Some(merge) = it.merge_commit {
            let merge = repositories.commit(stage.project, &merge).await.unwrap().unwrap();
            assert_eq!(merge.parents[1], diff.head, "!{iid}");
            merged += 1;
        }
    }
    assert!(merged > 0);
}

#[tokio::test]
async fn the_same_shape_gives_the_same_commits() {
    let (one, other) = (Stage::build(&SHAPE).await, Stage::build(&SHAPE).await);
    let third = Stage::build(&Shape { seed: 2, ..SHAPE }).await;

    assert_eq!(one.refs().await, other.refs().await);
    assert_ne!(one.refs().await, third.refs().await);
}
