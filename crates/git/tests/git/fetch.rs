//! Fetching into a cache.

use git::{Cache, Filter, GitError, Remote};
use model::ObjectId;

use crate::server::{Behaviour, Server, setting};
use crate::world::{World, absent, all, commits, messages};

/// A repository with two commits on `main`, its server, and an empty cache.
async fn world(behaviour: Behaviour) -> (World, Server, Remote, Cache) {
    let world = World::new();
    world.repository("a.git", &commits("main", &["ABC-1 one", "ABC-2 two"], None)).await;
    let server = Server::start(&world.path(""), behaviour).await;
    let remote = server.remote("a.git", None);
    let cache = world.git.cache(&world.path("cache"), &remote, false).await.unwrap();
    (world, server, remote, cache)
}

/// What kinds of objects the cache holds.
async fn kinds(world: &World) -> Vec<String> {
    let arguments = ["cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"];
    let listed = world.git.command(arguments).repository(&world.path("cache")).text().await.unwrap();
    let mut kinds: Vec<String> = listed.lines().map(str::to_owned).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

#[tokio::test]
async fn commits_come_without_folders_and_files() {
    let (world, _server, remote, cache) = world(Behaviour::default()).await;
    let head = world.head(&world.path("a.git"), "main").await;

    let fetched = cache.fetch(&remote, &[head.clone()], &[], Filter::Treeless).await.unwrap();

    assert_eq!(fetched.packs, 1);
    assert_eq!(kinds(&world).await, ["commit"]);
    let gained = cache.gained(&[head], &[]).await.unwrap();
    assert_eq!(messages(&all(cache.commits(gained)).await), ["ABC-2 two", "ABC-1 one"]);
    assert!(world.git.refs(&world.path("cache"), "refs/").await.unwrap().is_empty(), "no ref is mirrored");
}

#[tokio::test]
async fn a_first_fetch_tells_how_many_commits_it_brought_and_they_are_read_while_git_walks() {
    let (world, _server, remote, cache) = world(Behaviour::default()).await;
    let repository = world.path("a.git");
    let old = world.head(&repository, "main").await;

    let first = cache.fetch(&remote, &[old.clone()], &[], Filter::Treeless).await.unwrap();
    world.grow(&repository, &commits("main", &["ABC-3"], Some("refs/heads/main^0"))).await;
    let new = world.head(&repository, "main").await;
    let second = cache.fetch(&remote, &[new.clone()], &[old.clone()], Filter::Treeless).await.unwrap();

    assert_eq!((first.whole, second.whole), (Some(2), None));
    let below = all(cache.commits_below(&[new, absent()])).await;
    assert_eq!(messages(&below), ["ABC-3", "ABC-2 two", "ABC-1 one"]);
    assert_eq!(messages(&all(cache.commits_below(&[old])).await), ["ABC-2 two", "ABC-1 one"]);
}

#[tokio::test]
async fn a_first_fetch_with_folders_tells_no_number() {
    let (world, _server, remote, cache) = world(Behaviour::default()).await;
    let head = world.head(&world.path("a.git"), "main").await;

    assert_eq!(cache.fetch(&remote, &[head], &[], Filter::Blobless).await.unwrap().whole, None);
}

#[tokio::test]
async fn blobless_and_whole_fetches_bring_more() {
    for (filter, expected) in [(Filter::Blobless, &["commit", "tree"][..]), (Filter::None, &["blob", "commit", "tree"])]
    {
        let (world, _server, remote, cache) = world(Behaviour::default()).await;
        let head = world.head(&world.path("a.git"), "main").await;
        cache.fetch(&remote, &[head], &[], filter).await.unwrap();
        assert_eq!(kinds(&world).await, expected);
    }
}

#[tokio::test]
async fn a_second_fetch_brings_only_what_is_new() {
    let (world, server, remote, cache) = world(Behaviour::default()).await;
    let repository = world.path("a.git");
    let old = world.head(&repository, "main").await;
    cache.fetch(&remote, &[old.clone()], &[], Filter::Treeless).await.unwrap();
    world.grow(&repository, &commits("main", &["ABC-3"], Some("refs/heads/main^0"))).await;
    let new = world.head(&repository, "main").await;
    server.seen();

    // A tip that the cache does not hold would be fatal to git.
    let tips = [absent(), old.clone()];
    cache.fetch(&remote, &[new.clone()], &tips, Filter::Treeless).await.unwrap();

    let asked = server.seen_what();
    let uploads = asked.iter().filter(|what| *what == "POST git-upload-pack").count();
    assert!(uploads <= 2, "one negotiation round after git's own listing: {asked:?}");
    assert_eq!(cache.gained(&[new.clone()], &[old.clone()]).await.unwrap(), [new.clone()]);
    let last_pack = world.git.command(["count-objects", "-v"]).repository(&world.path("cache")).text().await.unwrap();
    assert!(last_pack.contains("in-pack: 3\n"), "nothing came twice: {last_pack}");
    assert_eq!(cache.gained(&[old], &[new]).await.unwrap(), []);
}

#[tokio::test]
async fn what_is_here_is_not_asked_for() {
    let (world, server, remote, cache) = world(Behaviour::default()).await;
    let head = world.head(&world.path("a.git"), "main").await;
    cache.fetch(&remote, &[head.clone()], &[], Filter::Treeless).await.unwrap();
    server.seen();
    cache.fetch(&remote, &[head], &[], Filter::Treeless).await.unwrap();
    assert_eq!(server.seen(), []);
}

#[tokio::test]
async fn commits_outside_of_branches_come_by_id() {
    let (world, _server, remote, cache) = world(Behaviour::default()).await;
    let repository = world.path("a.git");
    world.grow(&repository, &commits("gone", &["ABC-7 merged"], None)).await;
    let head = world.head(&repository, "gone").await;
    world.delete(&repository, "gone").await;
    cache.fetch(&remote, &[head.clone()], &[], Filter::Treeless).await.unwrap();
    assert_eq!(messages(&all(cache.commits(vec![head])).await), ["ABC-7 merged"]);
}

#[tokio::test]
async fn a_branch_that_becomes_a_folder_of_branches_is_no_obstacle() {
    let (world, _server, remote, cache) = world(Behaviour::default()).await;
    let repository = world.path("a.git");
    let main = world.head(&repository, "main").await;
    world.set(&repository, "df", &main).await;
    let fetch = async || {
        let heads: Vec<ObjectId> =
            world.git.ls_refs(&remote).await.unwrap().branches.into_iter().map(|branch| branch.head).collect();
        cache.fetch(&remote, &heads, &[], Filter::Treeless).await.unwrap();
        cache.gained(&heads, &[]).await.unwrap().len()
    };
    assert_eq!(fetch().await, 2);

    world.delete(&repository, "df").await;
    world.grow(&repository, &commits("df/x", &["ABC-9"], None)).await;

    assert_eq!(fetch().await, 3);
}

#[tokio::test]
async fn without_filters_nothing_is_downloaded() {
    let (world, server, remote, cache) = world(Behaviour { config: Vec::new(), ..Behaviour::default() }).await;
    let head = world.head(&world.path("a.git"), "main").await;
    for filter in [Filter::Treeless, Filter::Blobless] {
        let error = cache.fetch(&remote, &[head.clone()], &[], filter).await.unwrap_err();
        assert!(matches!(error, GitError::FilterUnsupported { .. }), "{error:?}");
    }
    assert_eq!(server.seen_what(), ["GET refs"], "asked once, kept for the server");
    assert!(cache.present(&[head.clone()]).await.unwrap().is_empty());

    cache.fetch(&remote, &[head.clone()], &[], Filter::None).await.unwrap();
    assert_eq!(cache.present(&[head]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn filters_switched_off_later_stop_the_download() {
    let (world, server, remote, cache) = world(Behaviour::default()).await;
    let Remote::Http(http) = &remote else { unreachable!() };
    assert!(world.git.capabilities_of(http).await.unwrap().filter);
    server.behave(|behaviour| behaviour.config.clear());
    let head = world.head(&world.path("a.git"), "main").await;

    let error = cache.fetch(&remote, &[head.clone()], &[], Filter::Treeless).await.unwrap_err();

    assert_eq!(error, GitError::FilterUnsupported { filter: "tree:0" });
}

#[tokio::test]
async fn a_server_without_tree_filters_takes_the_weaker_one() {
    let config = vec![setting("uploadpack.allowFilter", "true"), setting("uploadpackfilter.tree.allow", "false")];
    let (world, server, remote, cache) = world(Behaviour { config, ..Behaviour::default() }).await;
    let head = world.head(&world.path("a.git"), "main").await;

    let error = cache.fetch(&remote, &[head.clone()], &[], Filter::Treeless).await.unwrap_err();
    assert_eq!(error, GitError::FilterUnsupported { filter: "tree:0" });
    server.seen();
    cache.fetch(&remote, &[head.clone()], &[], Filter::Treeless).await.unwrap_err();
    assert_eq!(server.seen(), [], "the refusal is remembered");

    cache.fetch(&remote, &[head], &[], Filter::Blobless).await.unwrap();
    assert_eq!(kinds(&world).await, ["commit", "tree"]);
}

#[tokio::test]
async fn a_vanished_commit_is_named() {
    let (world, _server, remote, cache) = world(Behaviour::default()).await;
    let head = world.head(&world.path("a.git"), "main").await;
    let error = cache.fetch(&remote, &[head, absent()], &[], Filter::Treeless).await.unwrap_err();
    assert_eq!(error, GitError::NotOurRef { id: absent().to_string() });
    assert!(error.is_transient());
}

#[tokio::test]
async fn sha256_repositories_are_fetched() {
    let world = World::new();
    let path = world.path("a.git");
    world.git.init_bare_sha256(&path).await.unwrap();
    world.git.fast_import(&path, commits("main", &["ABC-1 one"], None).as_bytes()).await.unwrap();
    let server = Server::start(&world.path(""), Behaviour::default()).await;
    let remote = server.remote("a.git", None);
    let head = world.git.ls_refs(&remote).await.unwrap().branches.remove(0).head;
    world.git.cache(&world.path("cache"), &remote, false).await.unwrap();

    // Made for the other format before: replaced, as it is only a cache.
    let cache = world.git.cache(&world.path("cache"), &remote, true).await.unwrap();
    cache.fetch(&remote, &[head.clone()], &[], Filter::Treeless).await.unwrap();

    assert_eq!(kinds(&world).await, ["commit"]);
    assert_eq!(messages(&all(cache.commits(vec![head])).await), ["ABC-1 one"]);
}

#[tokio::test]
async fn private_repositories_need_the_token() {
    let behaviour = Behaviour { token: Some("right".to_owned()), ..Behaviour::default() };
    let (world, server, anonymous, cache) = world(behaviour).await;
    let head = world.head(&world.path("a.git"), "main").await;
    // Filter::None asks no capabilities, so this is git's own verdict.
    for filter in [Filter::Treeless, Filter::None] {
        for remote in [&anonymous, &server.remote("a.git", Some("wrong"))] {
            let error = cache.fetch(remote, &[head.clone()], &[], filter).await.unwrap_err();
            assert_eq!(error, GitError::Unauthorised, "{filter:?}");
        }
    }
    let missing = server.remote("missing.git", Some("right"));
    assert_eq!(cache.fetch(&missing, &[head.clone()], &[], Filter::None).await.unwrap_err(), GitError::NotFound);
    cache.fetch(&server.remote("a.git", Some("right")), &[head], &[], Filter::Treeless).await.unwrap();
}
