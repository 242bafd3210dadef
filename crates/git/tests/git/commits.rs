//! Reading commits, ordinary and odd.

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use futures::StreamExt;
use git::{Cache, GitError, Remote};
use model::{Commit, ObjectId};

use crate::world::{World, absent, all, commits, messages};

async fn open(world: &World, repository: &Path) -> Cache {
    world.git.cache(&world.path("unused"), &Remote::Local(repository.to_owned()), false).await.unwrap()
}

async fn empty_tree(world: &World, repository: &Path) -> String {
    world.git.command(["mktree"]).repository(repository).text().await.unwrap()
}

/// Reads one commit written byte for byte after its tree line.
async fn read(rest: &[u8]) -> Commit {
    let world = World::new();
    let repository = world.repository("a.git", "").await;
    let tree = empty_tree(&world, &repository).await;
    let id = world.raw_commit(&repository, [format!("tree {tree}\n").as_bytes(), rest].concat()).await;
    let mut found = all(open(&world, &repository).await.commits(vec![id.clone()])).await;
    assert_eq!((found.len(), &found[0].id), (1, &id));
    found.remove(0)
}

const PEOPLE: &str = "author Ada <ada@x> 1700000000 +0100\ncommitter Ada <ada@x> 1700000000 +0100\n";

#[tokio::test]
async fn a_message_of_five_megabytes_comes_whole() {
    let message = format!("ABC-1 {}", "long ".repeat(1024 * 1024));
    let found = read(format!("{PEOPLE}\n{message}").as_bytes()).await;
    assert_eq!(found.message.len(), message.len());
    assert!(found.message == message, "not a byte differs");
}

#[tokio::test]
async fn nul_and_invalid_text_in_a_message() {
    let found = read(&[PEOPLE.as_bytes(), b"\nABC-1 \0 ABC-2 \xff\n"].concat()).await;
    assert!(found.message.contains("ABC-1") && found.message.contains("ABC-2") && !found.message.contains('\0'));
    assert!(found.lossy);
}

#[tokio::test]
async fn encodings_are_undone() {
    let shift_jis = [PEOPLE.as_bytes(), b"encoding Shift_JIS\n\nABC-1 \x93\xfa\x96{\n"].concat();
    let found = read(&shift_jis).await;
    assert_eq!((found.message.as_str(), found.lossy), ("ABC-1 日本\n", false));
}

#[tokio::test]
async fn dates_are_kept_in_range_and_zones_ignored() {
    let dated = async |author: &str, committer: &str| {
        let found = read(format!("author A <a@x> {author}\ncommitter C <c@x> {committer}\n\nm").as_bytes()).await;
        (found.authored_at, found.committed_at)
    };
    assert_eq!(dated("0 +0000", "4070908800 -1200").await, (0, 4_070_908_800_000), "1970 and 2099");
    assert_eq!(dated("-5 +0000", "99999999999999999999 +0000").await, (0, 253_402_300_799_000));
    assert_eq!(dated("1700000000 +0530", "1700000000 -0800").await, (1_700_000_000_000, 1_700_000_000_000));
}

#[tokio::test]
async fn missing_people_are_survived() {
    let found = read(b"\nABC-1 nobody").await;
    assert_eq!((found.author.name.as_str(), found.authored_at, found.message.as_str()), ("", 0, "ABC-1 nobody"));
    let found = read(b"author garbage\ncommitter <> \n\nABC-2").await;
    assert_eq!((found.author.name.as_str(), found.committer.email.as_str()), ("garbage", ""));
}

#[tokio::test]
async fn signatures_octopuses_and_roots() {
    let world = World::new();
    let stream = ["one", "two", "three"].map(|branch| commits(branch, &[branch], None)).concat();
    let repository = world.repository("a.git", &stream).await;
    let mut parents = Vec::new();
    for branch in ["one", "two", "three"] {
        parents.push(world.head(&repository, branch).await);
    }
    let tree = empty_tree(&world, &repository).await;
    let parent_lines: String = parents.iter().map(|id| format!("parent {id}\n")).collect();
    let signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ parent 1\n -----END PGP SIGNATURE-----\n";
    let octopus = format!("tree {tree}\n{parent_lines}{PEOPLE}{signature}\nABC-8 octopus\n");
    let id = world.raw_commit(&repository, octopus).await;
    world.set(&repository, "main", &id).await;

    let found = all(open(&world, &repository).await.all_commits()).await;

    assert_eq!(found.len(), 4);
    let octopus = found.iter().find(|commit| commit.id == id).unwrap();
    assert_eq!((&octopus.parents, octopus.message.as_str(), octopus.is_merge()), (&parents, "ABC-8 octopus\n", true));
    assert_eq!(found.iter().filter(|commit| commit.parents.is_empty()).count(), 3);
}

#[tokio::test]
async fn ids_that_are_missing_or_no_commits_stand_in_the_way_of_no_other() {
    let world = World::new();
    let repository = world.repository("a.git", &commits("main", &["one", "two"], None)).await;
    let head = world.head(&repository, "main").await;
    let tree: ObjectId = empty_tree(&world, &repository).await.parse().unwrap();
    let cache = open(&world, &repository).await;

    let found: Vec<_> = cache.commits(vec![absent(), tree.clone(), head.clone()]).collect().await;

    assert_eq!(found[0].as_ref().unwrap_err(), &GitError::MissingObject { id: absent() });
    assert_eq!(found[1].as_ref().unwrap_err(), &GitError::MissingObject { id: tree.clone() });
    assert_eq!(found[2].as_ref().unwrap().id, head);
    assert_eq!(cache.present(&[absent(), tree, head.clone()]).await.unwrap(), [head].into());
}

#[tokio::test]
async fn a_stream_given_up_halfway_ends_quietly() {
    let world = World::new();
    let repository = world.repository("a.git", &commits("main", &["one", "two"], None)).await;
    let head = world.head(&repository, "main").await;
    let cache = open(&world, &repository).await;
    // Far more ids than pipes hold, of which one is read.
    let first = cache.commits(vec![head; 200_000]).next().await.unwrap().unwrap();
    assert_eq!(first.message.trim_end(), "two");
}

/// The ZooKeeper history of the shared folder, imported.
async fn zookeeper(world: &World) -> PathBuf {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/histories/zookeeper.fast-import.gz");
    let packed = std::fs::read(&file).expect("the folder `shared` lies beside the workspace and holds `histories`");
    let mut stream = Vec::new();
    GzDecoder::new(packed.as_slice()).read_to_end(&mut stream).unwrap();
    let repository = world.path("zookeeper.git");
    world.git.init_bare(&repository).await.unwrap();
    world.git.fast_import(&repository, stream.as_slice()).await.unwrap();
    repository
}

#[tokio::test]
async fn a_real_history_is_read_as_git_log_reads_it() {
    let world = World::new();
    let repository = zookeeper(&world).await;
    let cache = open(&world, &repository).await;
    let arguments = ["log", "--branches", "--format=%H %ct %P"];
    let logged = world.git.command(arguments).repository(&repository).text().await.unwrap();

    let mut visited = Vec::new();
    let count = cache.visit_commits(|commit| visited.push(commit.id.to_owned())).await.unwrap();
    let read = all(cache.all_commits()).await;

    let lines: Vec<String> = read
        .iter()
        .map(|commit| {
            let parents: Vec<&str> = commit.parents.iter().map(ObjectId::as_str).collect();
            format!("{} {} {}", commit.id, commit.committed_at / 1000, parents.join(" "))
        })
        .collect();
    assert_eq!(lines, logged.lines().collect::<Vec<_>>());
    assert_eq!((count, visited.len()), (lines.len(), lines.len()));
    assert!(count > 5000, "{count}");
    assert!(messages(&read).iter().any(|message| message.contains("ZOOKEEPER-1")));
}
