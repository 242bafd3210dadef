//! git on bad days: damaged packs, projects that fail alone.

use axum::http::StatusCode;
use sandbox::gitlab::model::{QuickCommit, Visibility};
use sandbox::gitlab::{Failure, How};

use crate::stage::{Stage, git, stage};

async fn two(stage: &Stage) -> String {
    let model = &stage.model;
    let other = model.create_project("team", "other", "Other", Visibility::Private, stage.owner).await.unwrap();
    for project in [stage.project, other] {
        let commit = QuickCommit::on("main", "One").with("a.txt", "a\n");
        model.push_commit(project, stage.owner, commit).await.unwrap();
    }
    stage.address("team/other", "oauth2", &stage.token)
}

async fn clone(stage: &Stage, address: &str, to: &str) -> Result<String, git::GitError> {
    git(stage.dir.path(), &["clone", "-q", "--bare", address, to]).await
}

#[tokio::test]
async fn a_damaged_pack_fails_in_its_project_alone() {
    let stage = stage().await;
    let other = two(&stage).await;
    stage.server.switches().corrupt_pack(stage.project);
    // refs are listed as ever, what they lead to cannot be fetched
    git(stage.dir.path(), &["ls-remote", &stage.own_address()]).await.unwrap();
    let damaged = clone(&stage, &stage.own_address(), "damaged").await.unwrap_err().to_string();
    assert!(["pack", "inflate", "index-pack", "corrupt"].iter().any(|word| damaged.contains(word)), "{damaged}");
    clone(&stage, &other, "sound").await.unwrap();
    stage.server.switches().all_well();
    clone(&stage, &stage.own_address(), "well").await.unwrap();
}

#[tokio::test]
async fn git_fails_for_one_project() {
    let stage = stage().await;
    let other = two(&stage).await;
    stage.server.switches().fail(Failure::git_of(stage.project, How::Status(StatusCode::INTERNAL_SERVER_ERROR)));
    assert!(clone(&stage, &stage.own_address(), "broken").await.is_err());
    clone(&stage, &other, "sound").await.unwrap();
    stage.server.switches().fail_no_more();
    clone(&stage, &stage.own_address(), "well").await.unwrap();
}
