//! Repositories made and changed for the sandbox.

use std::fs;

use git::{GitError, Merge, MergeMethod, NewCommit, RefUpdate, Remote};
use model::{ObjectId, Person};

use crate::world::{World, all, commits, messages};

fn ada() -> Person {
    Person { name: "Ada".to_owned(), email: "ada@x".to_owned() }
}

async fn merge(world: &World, method: MergeMethod, target: &ObjectId, source: &ObjectId) -> Result<ObjectId, GitError> {
    let author = ada();
    let merge = Merge { method, target, source, author: &author, at: 1_700_000_100_999, message: "Merge ABC-1\n" };
    world.git.merge(&world.path("a.git"), &merge).await
}

async fn parents(world: &World, id: &ObjectId) -> Vec<ObjectId> {
    let cache = world.git.cache(&world.path("c"), &Remote::Local(world.path("a.git")), false).await.unwrap();
    let commit = all(cache.commits(vec![id.clone()])).await.remove(0);
    assert_eq!((commit.message.as_str(), commit.committed_at), ("Merge ABC-1\n", 1_700_000_100_000));
    commit.parents
}

#[tokio::test]
async fn merges_squashes_and_fast_forwards() {
    let world = World::new();
    let repository = world.repository("a.git", &commits("main", &["one", "two"], None)).await;
    world.grow(&repository, &commits("side", &["three"], Some("refs/heads/main~1"))).await;
    let (main, side) = (world.head(&repository, "main").await, world.head(&repository, "side").await);

    let merged = merge(&world, MergeMethod::MergeCommit, &main, &side).await.unwrap();
    assert_eq!(parents(&world, &merged).await, [main.clone(), side.clone()]);
    let squashed = merge(&world, MergeMethod::Squash, &main, &side).await.unwrap();
    assert_eq!(parents(&world, &squashed).await, [main.clone()]);
    assert_eq!(merge(&world, MergeMethod::FastForward, &main, &merged).await.unwrap(), merged);
    assert_eq!(merge(&world, MergeMethod::FastForward, &main, &side).await.unwrap_err(), GitError::Conflict);

    let names = world.git.command(["ls-tree", "--name-only", squashed.as_str()]).repository(&repository).text().await;
    assert_eq!(names.unwrap(), "main-0.txt\nmain-1.txt\nside-0.txt", "both sides' files");
    assert_eq!(world.head(&repository, "main").await, main, "no ref moves");
}

#[tokio::test]
async fn conflicts_are_told() {
    let world = World::new();
    let repository = world.repository("a.git", &commits("main", &["one", "ours"], None)).await;
    let side = commits("side", &["theirs"], Some("refs/heads/main~1")).replace("side-0.txt", "main-1.txt");
    world.grow(&repository, &side).await;
    let (main, side) = (world.head(&repository, "main").await, world.head(&repository, "side").await);
    assert_eq!(merge(&world, MergeMethod::MergeCommit, &main, &side).await.unwrap_err(), GitError::Conflict);
}

#[tokio::test]
async fn histories_without_files_or_common_roots_merge() {
    let world = World::new();
    let repository = world.path("a.git");
    world.git.init_bare(&repository).await.unwrap();
    let nobody = Person::default();
    let mut roots = Vec::new();
    for message in ["one", ""] {
        let commit = NewCommit { tree: None, parents: &[], author: &nobody, at: 0, message };
        roots.push(world.git.commit_tree(&repository, &commit).await.unwrap());
    }
    let merged = merge(&world, MergeMethod::MergeCommit, &roots[0], &roots[1]).await.unwrap();
    assert_eq!(parents(&world, &merged).await, roots);
}

#[tokio::test]
async fn refs_move_together_and_a_branch_can_become_a_folder() {
    let world = World::new();
    let repository = world.repository("a.git", &commits("df", &["one"], None)).await;
    let id = world.head(&repository, "df").await;
    let set = |name: &str| RefUpdate::Set { name: name.to_owned(), id: id.clone() };
    let delete = RefUpdate::Delete { name: "refs/heads/df".to_owned() };

    world
        .git
        .update_refs(&repository, &[set("refs/heads/df/x"), set("refs/merge-requests/1/head"), delete])
        .await
        .unwrap();

    let names: Vec<String> =
        world.git.refs(&repository, "refs/").await.unwrap().into_iter().map(|found| found.name).collect();
    assert_eq!(names, ["refs/heads/df/x", "refs/merge-requests/1/head"]);
    let half = world.git.update_refs(&repository, &[set("refs/heads/good"), set("refs/heads/bad..name")]).await;
    assert!(half.is_err());
    assert_eq!(world.git.rev_parse(&repository, "refs/heads/good").await.unwrap(), None, "all or none");
}

#[tokio::test]
async fn a_borrowing_copy_has_branches_and_tags_but_no_objects() {
    let world = World::new();
    let source = world.repository("source.git", &commits("trunk", &["ABC-1 one"], None)).await;
    world.git.set_head(&source, "trunk").await.unwrap();
    let id = world.head(&source, "trunk").await;
    for name in ["refs/tags/v1", "refs/notes/x"] {
        let update = RefUpdate::Set { name: name.to_owned(), id: id.clone() };
        world.git.update_refs(&source, &[update]).await.unwrap();
    }
    let copy = world.path("deep/copy.git");

    world.git.clone_borrowing(&source, &copy).await.unwrap();

    let names: Vec<String> =
        world.git.refs(&copy, "refs/").await.unwrap().into_iter().map(|found| found.name).collect();
    assert_eq!(names, ["refs/heads/trunk", "refs/tags/v1"]);
    let remote = Remote::Local(copy.clone());
    assert_eq!(world.git.ls_refs(&remote).await.unwrap().default_branch.as_deref(), Some("trunk"));
    let cache = world.git.cache(&world.path("c"), &remote, false).await.unwrap();
    assert_eq!(messages(&all(cache.all_commits()).await), ["ABC-1 one"]);
    let own = fs::read_dir(copy.join("objects")).unwrap().flatten().filter(|entry| entry.file_name().len() == 2);
    assert_eq!(own.count(), 0);
}

#[tokio::test]
async fn malformed_streams_and_absent_revisions() {
    let world = World::new();
    let repository = world.repository("a.git", "").await;
    let error = world.git.fast_import(&repository, b"commit nonsense\n".as_slice()).await.unwrap_err();
    assert_eq!(error.kind(), "git");
    assert_eq!(world.git.rev_parse(&repository, "main").await.unwrap(), None);
    assert_eq!(world.git.rev_parse(&repository, "--help").await.unwrap(), None, "no option");
    let nowhere = git::Git::with_program("no-such-git").version().await.unwrap_err();
    assert!(matches!(nowhere, GitError::Unavailable(_)));
    assert!(world.git.version().await.unwrap() >= git::Git::OLDEST);
}
