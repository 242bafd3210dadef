//! The sandbox's own sample group, with everything awkward that git and GitLab allow.

use rstest::rstest;
use store::Viewer;
use sync::connect::Method;

use crate::world::{Database, World, git_lines};

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn awkward_names_messages_and_histories_are_imported_without_loss(#[case] database: Database) {
    // given
    let Some(world) = World::bare(database).await else { return };
    let sample = sandbox::sample::build(&world.server, &[crate::world::REDIRECT]).await.unwrap();

    // when
    let form = world.form(&sample.group, Method::token(sample.access_token.clone().into()));
    let account = world.try_connect(form).await.unwrap();
    world.idle().await;

    // then: of each project, every commit of every branch, and every branch
    world.assert_up_to_date(account).await;
    for seen in world.store.account_repositories(Viewer::Everything, account).await.unwrap() {
        let repository = seen.repository;
        let project = world.model().project_by_path(&repository.path).expect("listed");
        let path = world.model().repositories().path(project.id);
        let ids: Vec<_> =
            git_lines(&path, &["rev-list", "--branches"]).await.iter().map(|id| crate::world::object_id(id)).collect();
        let present = world.store.commits_present(repository.id, &ids).await.unwrap();
        assert_eq!(present.len(), ids.len(), "commits of {}", repository.path);
        let mut stored: Vec<_> =
            world.store.branches(repository.id).await.unwrap().into_iter().map(|branch| branch.name).collect();
        stored.sort();
        let branches = git_lines(&path, &["for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/"]).await;
        assert_eq!(stored, branches, "branches of {}", repository.path);
    }
    for key in &sample.issues {
        let shown =
            world.commits(key).await.len() + world.branches(key).await.len() + world.merge_requests(key).await.len();
        assert!(shown > 0, "{key} is shown nowhere");
    }
}
