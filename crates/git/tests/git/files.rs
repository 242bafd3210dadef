//! Which files commits touched, and the folders that it takes to know.

use futures::{Stream, StreamExt};
use git::{Cache, Filter, GitError, Remote};
use model::{CommitFiles, FileStatus, ObjectId};
use rstest::rstest;

use crate::server::{Behaviour, Server, setting};
use crate::world::{World, absent, all, commits, messages};

/// Each commit's files as `+path`, `-path` and `~path`, in the order in which they came.
async fn told(stream: impl Stream<Item = Result<(ObjectId, CommitFiles), GitError>>) -> Vec<(ObjectId, Vec<String>)> {
    let told = stream.map(Result::unwrap).map(|(id, files)| {
        let files = files.files.into_iter().map(|file| match file.change {
            FileStatus::Added => format!("+{}", file.path),
            FileStatus::Removed => format!("-{}", file.path),
            FileStatus::Modified => format!("~{}", file.path),
        });
        (id, files.collect())
    });
    told.collect().await
}

async fn files(cache: &Cache, ids: &[ObjectId]) -> Vec<Vec<String>> {
    told(cache.files(ids.to_vec())).await.into_iter().map(|(_, files)| files).collect()
}

/// A commit of a fast-import stream, with the changes given as its commands.
fn commit(branch: &str, parents: &str, changes: &str) -> String {
    format!("commit refs/heads/{branch}\ncommitter Ada <ada@x> 1700000000 +0000\ndata 1\nx{parents}\n{changes}\n")
}

fn file(path: &str, content: &str) -> String {
    format!("M 100644 inline {path}\ndata {}\n{content}\n", content.len())
}

#[rstest]
#[case::sha1(false)]
#[case::sha256(true)]
#[tokio::test]
async fn files_are_compared_with_the_first_parent(#[case] sha256: bool) {
    // given: a root, a renamed file, another kind of file, a merge of a side branch, and a commit of nothing
    let world = World::new();
    let path = world.path("a.git");
    if sha256 { world.git.init_bare_sha256(&path).await } else { world.git.init_bare(&path).await }.unwrap();
    let stream = [
        commit("main", "", &[file("one", "1"), file("d/e/two", "2")].concat()),
        commit("side", "\nfrom refs/heads/main", &file("d/side", "s")),
        commit("main", "", "R d/e/two d/f/two"),
        commit("main", "", "M 120000 inline one\ndata 4\nd/f\n"),
        commit("main", "\nmerge refs/heads/side", &[file("d/side", "s"), file("d/f/two", "22")].concat()),
        commit("main", "", ""),
    ];
    world.grow(&path, &stream.concat()).await;
    let cache = world.git.cache(&world.path("c"), &Remote::Local(path.clone()), sha256).await.unwrap();
    let head = world.head(&path, "main").await;
    let newest_first = cache.gained(&[head.clone()], &[]).await.unwrap();
    let main: Vec<_> = {
        let side = world.head(&path, "side").await;
        newest_first.into_iter().filter(|id| *id != side).collect()
    };

    // when
    let told = told(cache.files(main.clone())).await;

    // then
    assert_eq!(told.iter().map(|(id, _)| id).collect::<Vec<_>>(), main.iter().collect::<Vec<_>>());
    let files: Vec<Vec<String>> = told.into_iter().map(|(_, files)| files).collect();
    let expected: [&[&str]; 5] =
        [&[], &["~d/f/two", "+d/side"], &["~one"], &["-d/e/two", "+d/f/two"], &["+d/e/two", "+one"]];
    assert_eq!(files, expected);
}

#[tokio::test]
async fn odd_names_are_told_as_text() {
    // given
    let world = World::new();
    let repository = world.repository("a.git", "").await;
    let mut stream = b"commit refs/heads/main\ncommitter Ada <ada@x> 1 +0000\ndata 1\nx\n".to_vec();
    for name in [&b"new\\nline"[..], b"tab\\there", b"caf\\351", b"A", b"quote\\\"d", "schön".as_bytes(), b"-dash"] {
        stream.extend_from_slice(b"M 100644 inline \"");
        stream.extend_from_slice(name);
        stream.extend_from_slice(b"\"\ndata 1\nx\n");
    }
    world.git.fast_import(&repository, stream.as_slice()).await.unwrap();
    let cache = world.git.cache(&world.path("c"), &Remote::Local(repository.clone()), false).await.unwrap();

    // when
    let mut found = files(&cache, &[world.head(&repository, "main").await]).await.remove(0);

    // then
    found.sort_unstable();
    assert_eq!(found, ["+-dash", "+A", "+café", "+new\nline", "+quote\"d", "+schön", "+tab\there"]);
}

#[tokio::test]
async fn long_lists_are_cut_and_say_so() {
    let world = World::new();
    let many: String = (0..1_001).map(|number| file(&format!("d{}/f{number}", number % 7), "x")).collect();
    let repository = world.repository("a.git", &commit("main", "", &many)).await;
    let cache = world.git.cache(&world.path("c"), &Remote::Local(repository.clone()), false).await.unwrap();
    let (_, files) = cache.files(vec![world.head(&repository, "main").await]).next().await.unwrap().unwrap();
    assert_eq!((files.files.len(), files.cut), (CommitFiles::MAX_FILES, true));
}

#[tokio::test]
async fn what_is_not_here_is_passed_over() {
    let world = World::new();
    let repository = world.repository("a.git", &commits("main", &["one"], None)).await;
    let cache = world.git.cache(&world.path("c"), &Remote::Local(repository.clone()), false).await.unwrap();
    let head = world.head(&repository, "main").await;
    assert_eq!(told(cache.files(vec![absent(), head.clone()])).await, [(head.clone(), vec!["+main-0.txt".to_owned()])]);
    assert!(told(cache.files(vec![])).await.is_empty());
    assert_eq!(cache.with_folders(&[absent(), head.clone()]).await.unwrap().into_iter().collect::<Vec<_>>(), [head]);
    assert!(cache.with_folders(&[]).await.unwrap().is_empty());
}

/// A repository with two commits on `main`, its server, and a cache that holds the commits alone.
async fn world(behaviour: Behaviour) -> (World, Server, Remote, Cache, Vec<ObjectId>) {
    let world = World::new();
    let repository = world.repository("a.git", &commits("main", &["ABC-1 one", "ABC-2 two"], None)).await;
    let server = Server::start(&world.path(""), behaviour).await;
    let remote = server.remote("a.git", None);
    let cache = world.git.cache(&world.path("cache"), &remote, false).await.unwrap();
    let head = world.head(&repository, "main").await;
    cache.fetch(&remote, &[head.clone()], &[], Filter::Treeless).await.unwrap();
    let ids = cache.gained(&[head], &[]).await.unwrap();
    (world, server, remote, cache, ids)
}

async fn kinds(world: &World) -> Vec<String> {
    let arguments = ["cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"];
    let listed = world.git.command(arguments).repository(&world.path("cache")).text().await.unwrap();
    let kinds: std::collections::BTreeSet<String> = listed.lines().map(str::to_owned).collect();
    kinds.into_iter().collect()
}

#[tokio::test]
async fn without_folders_nothing_can_be_told_and_nothing_is_fetched() {
    let (_world, server, _remote, cache, ids) = world(Behaviour::default()).await;
    server.seen();

    assert!(cache.with_folders(&ids).await.unwrap().is_empty());
    assert!(cache.files(ids).next().await.unwrap().is_err());

    assert_eq!(server.seen(), [], "no lazy fetch");
}

#[tokio::test]
async fn folders_come_once_and_from_then_on_with_each_fetch() {
    // given
    let (world, _server, remote, cache, ids) = world(Behaviour::default()).await;
    let repository = world.path("a.git");

    // when
    cache.fetch_folders(&remote, &ids[..1]).await.unwrap();

    // then: no file came
    assert_eq!(kinds(&world).await, ["commit", "tree"]);
    assert_eq!(cache.with_folders(&ids).await.unwrap().len(), 2);
    assert_eq!(files(&cache, &ids).await, [["+main-1.txt"], ["+main-0.txt"]]);

    // when: there is more, and it is asked for without folders, after the program was started anew
    world.grow(&repository, &commits("main", &["ABC-3"], Some("refs/heads/main^0"))).await;
    let new = world.head(&repository, "main").await;
    let git = git::Git::new();
    let cache = git.cache(&world.path("cache"), &remote, false).await.unwrap();
    cache.fetch(&remote, &[new.clone()], &ids[..1], Filter::Treeless).await.unwrap();

    // then: and packing keeps everything
    assert_eq!(files(&cache, &[new.clone()]).await, [["~main-0.txt"]]);
    cache.gc().await.unwrap();
    assert_eq!(files(&cache, &[new.clone(), ids[0].clone(), ids[1].clone()]).await.len(), 3);
    assert_eq!(kinds(&world).await, ["commit", "tree"]);

    // when: the cache is lost
    std::fs::remove_dir_all(world.path("cache")).unwrap();
    let cache = git.cache(&world.path("cache"), &remote, false).await.unwrap();
    cache.fetch(&remote, &[new.clone()], &[], Filter::Treeless).await.unwrap();

    // then: it begins again without folders, and gets them again
    assert_eq!(kinds(&world).await, ["commit"]);
    cache.fetch_folders(&remote, &[new.clone()]).await.unwrap();
    assert_eq!(files(&cache, &[new]).await, [["~main-0.txt"]]);
}

#[tokio::test]
async fn a_server_that_lets_only_folders_be_left_out_still_serves_a_cache_that_had_them() {
    // given: a cache with folders, and a server that has come to refuse them
    let (world, server, remote, cache, ids) = world(Behaviour::default()).await;
    cache.fetch_folders(&remote, &ids[..1]).await.unwrap();
    let config = vec![setting("uploadpack.allowFilter", "true"), setting("uploadpackfilter.blob:none.allow", "false")];
    server.behave(|behaviour| behaviour.config = config);
    world.grow(&world.path("a.git"), &commits("main", &["ABC-3"], Some("refs/heads/main^0"))).await;
    let new = world.head(&world.path("a.git"), "main").await;

    // when
    cache.fetch(&remote, &[new.clone()], &ids[..1], Filter::Treeless).await.unwrap();

    // then: the commit is here, its folder is not
    assert_eq!(messages(&all(cache.commits(vec![new.clone()])).await), ["ABC-3"]);
    assert!(cache.with_folders(&[new.clone()]).await.unwrap().is_empty());
    let error = cache.fetch_folders(&remote, &[new]).await.unwrap_err();
    assert_eq!(error, GitError::FilterUnsupported { filter: "blob:none" });
}

#[tokio::test]
async fn without_filters_no_folders_and_no_files_are_downloaded() {
    let (world, _server, remote, cache, ids) = world(Behaviour::default()).await;
    let server = Server::start(&world.path(""), Behaviour { config: Vec::new(), ..Behaviour::default() }).await;
    let without = server.remote("a.git", None);
    let error = cache.fetch_folders(&without, &ids[..1]).await.unwrap_err();
    assert!(matches!(error, GitError::FilterUnsupported { .. }), "{error:?}");
    assert_eq!(kinds(&world).await, ["commit"]);
    let gone = cache.fetch_folders(&remote, &[absent()]).await.unwrap_err();
    assert_eq!(gone, GitError::NotOurRef { id: absent().to_string() });
}

#[tokio::test]
async fn folders_come_beside_a_fetch() {
    // given: a fetch that takes its time
    let (world, server, remote, cache, ids) = world(Behaviour::default()).await;
    world.grow(&world.path("a.git"), &commits("main", &["ABC-3"], Some("refs/heads/main^0"))).await;
    let new = world.head(&world.path("a.git"), "main").await;
    let slow = Server::start(&world.path(""), Behaviour { stall: true, ..Behaviour::default() }).await;
    let (running, elsewhere, wants) = (cache.clone(), slow.remote("a.git", None), [new.clone()]);
    let fetch = tokio::spawn(async move { running.fetch(&elsewhere, &wants, &[], Filter::Treeless).await });
    slow.stalled().await;

    // when
    cache.fetch_folders(&remote, &ids[..1]).await.unwrap();

    // then: and packing waits
    assert_eq!(files(&cache, &ids).await.len(), 2);
    assert_eq!(cache.gc().await.unwrap_err(), GitError::Busy);
    fetch.abort();
    drop(server);
}
