//! The cache between fetches.

use std::fs;
use std::time::{Duration, SystemTime};

use git::{Filter, GitError, Remote};
use rstest::rstest;

use crate::server::{Behaviour, Server};
use crate::world::{World, absent, all, commits, messages};

#[tokio::test]
async fn a_killed_fetch_leaves_nothing_and_blocks_nothing() {
    let world = World::new();
    world.repository("a.git", &commits("main", &["ABC-1 one"], None)).await;
    let server = Server::start(&world.path(""), Behaviour { stall: true, ..Behaviour::default() }).await;
    let remote = server.remote("a.git", None);
    let directory = world.path("cache");
    let cache = world.git.cache(&directory, &remote, false).await.unwrap();
    let wants = [world.head(&world.path("a.git"), "main").await];
    let (running, arguments) = (cache.clone(), (remote.clone(), wants.clone()));
    let fetch = tokio::spawn(async move { running.fetch(&arguments.0, &arguments.1, &[], Filter::Treeless).await });
    server.stalled().await;
    let leftover = directory.join("objects/pack/tmp_pack_Ab12Cd");
    fs::write(&leftover, b"PACK, cut").unwrap();

    // While it runs, its unfinished pack stays, and nobody else fetches or packs.
    world.git.cache(&directory, &remote, false).await.unwrap();
    assert!(leftover.exists());
    let second = cache.fetch(&remote, &wants, &[], Filter::Treeless).await;
    assert_eq!(second.unwrap_err(), GitError::Busy);
    assert_eq!(cache.gc().await.unwrap_err(), GitError::Busy);

    fetch.abort();
    assert!(fetch.await.unwrap_err().is_cancelled());
    world.git.cache(&directory, &remote, false).await.unwrap();
    assert!(!leftover.exists(), "removed at the next opening");
    server.behave(|behaviour| behaviour.stall = false);
    cache.fetch(&remote, &wants, &[], Filter::Treeless).await.unwrap();
}

#[rstest]
#[case::mixed([Filter::Treeless, Filter::Treeless, Filter::None, Filter::Blobless])]
#[case::without_filters([Filter::None; 4])]
#[tokio::test]
async fn packs_are_joined_and_keep_everything(#[case] filters: [Filter; 4]) {
    let world = World::new();
    let repository = world.repository("a.git", &commits("main", &["ABC-1"], None)).await;
    let server = Server::start(&world.path(""), Behaviour::default()).await;
    let remote = server.remote("a.git", None);
    let cache = world.git.cache(&world.path("cache"), &remote, false).await.unwrap();
    let mut tips = Vec::new();
    let mut packs = 0;
    for (round, filter) in filters.into_iter().enumerate() {
        if round > 0 {
            let message = format!("ABC-{}", round + 1);
            world.grow(&repository, &commits("main", &[&message], Some("refs/heads/main^0"))).await;
        }
        let head = world.head(&repository, "main").await;
        packs = cache.fetch(&remote, &[head.clone()], &tips, filter).await.unwrap().packs;
        tips.insert(0, head);
    }
    assert_eq!(packs, 4);

    cache.gc().await.unwrap();

    let joined = cache.fetch(&remote, &tips, &[], Filter::Treeless).await.unwrap().packs;
    assert!((1..packs).contains(&joined), "{joined} packs are left");
    let gained = cache.gained(&tips[..1], &[]).await.unwrap();
    assert_eq!(messages(&all(cache.commits(gained)).await), ["ABC-4", "ABC-3", "ABC-2", "ABC-1"]);
}

#[tokio::test]
async fn an_interrupted_making_is_made_good() {
    let world = World::new();
    let directory = world.path("cache");
    fs::create_dir_all(directory.join("objects")).unwrap();
    let server = Server::start(&world.path(""), Behaviour::default()).await;
    let cache = world.git.cache(&directory, &server.remote("a.git", None), false).await.unwrap();
    assert!(cache.present(&[absent()]).await.unwrap().is_empty());
}

#[tokio::test]
async fn gained_and_lost_ignore_what_is_not_here() {
    let world = World::new();
    let repository = world.repository("a.git", &commits("main", &["one", "two", "three"], None)).await;
    world.grow(&repository, &commits("side", &["four"], Some("refs/heads/main~1"))).await;
    let cache = world.git.cache(&world.path("unused"), &Remote::Local(repository.clone()), false).await.unwrap();
    let (main, side) = (world.head(&repository, "main").await, world.head(&repository, "side").await);
    let told = async |new: &[_], old: &[_]| {
        let commits = all(cache.commits(cache.gained(new, old).await.unwrap())).await;
        messages(&commits).join(" ")
    };

    assert_eq!(told(&[side.clone(), absent()], &[main.clone(), absent()]).await, "four");
    assert_eq!(told(&[main.clone()], &[side.clone()]).await, "three");
    assert_eq!(told(&[], &[main.clone()]).await, "");
    assert_eq!(told(&[absent()], &[]).await, "");
    assert_eq!(told(&[main.clone(), side.clone()], &[]).await.split(' ').count(), 4);
}

#[tokio::test]
async fn ranges_and_merge_bases() {
    let world = World::new();
    let repository = world.repository("a.git", &commits("main", &["one", "two", "three"], None)).await;
    let branches = commits("side", &["four"], Some("refs/heads/main~1")) + &commits("other", &["alone"], None);
    world.grow(&repository, &branches).await;
    let cache = world.git.cache(&world.path("unused"), &Remote::Local(repository.clone()), false).await.unwrap();
    let (main, side, other) = (
        world.head(&repository, "main").await,
        world.head(&repository, "side").await,
        world.head(&repository, "other").await,
    );

    let base = cache.merge_base(&main, &side).await.unwrap().unwrap();
    assert_eq!(messages(&all(cache.commits(vec![base.clone()])).await), ["two"]);
    assert_eq!(cache.range(&side, Some(&base)).await.unwrap(), [side.clone()]);
    assert_eq!(cache.range(&side, None).await.unwrap().len(), 3);
    assert_eq!(cache.merge_base(&main, &other).await.unwrap(), None, "unrelated histories have none");
    let missing = GitError::MissingObject { id: absent() };
    assert_eq!(cache.merge_base(&main, &absent()).await.unwrap_err(), missing);
    assert_eq!(cache.range(&absent(), Some(&main)).await.unwrap_err(), missing);
    assert_eq!(cache.range(&main, Some(&absent())).await.unwrap_err(), missing);
}

#[tokio::test]
async fn room_is_made_by_emptying_what_was_opened_longest_ago_and_is_not_open() {
    // given: three caches, opened one after the other
    let world = World::new();
    let repository = world.repository("a.git", &commits("main", &["ABC-1 one", "ABC-2 two"], None)).await;
    let server = Server::start(&world.path(""), Behaviour::default()).await;
    let (remote, head) = (server.remote("a.git", None), world.head(&repository, "main").await);
    let folder = world.path("cache");
    let mut caches = Vec::new();
    for (seconds, name) in ["1.git", "2.git", "3.git"].into_iter().enumerate() {
        let cache = world.git.cache(&folder.join(name), &remote, false).await.unwrap();
        cache.fetch(&remote, &[head.clone()], &[], Filter::Treeless).await.unwrap();
        let lock = fs::File::open(folder.join(name).join("dovetail.use.lock")).unwrap();
        lock.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000 + seconds as u64)).unwrap();
        caches.push(cache);
    }
    let all = git::make_room(&folder, u64::MAX).unwrap();
    assert!(all.taken > 0 && all.freed == 0);
    let one = all.taken / 3;

    // when: the oldest is open, and there is room for two
    drop(caches.drain(1..));
    let room = git::make_room(&folder, all.taken - 1).unwrap();

    // then: the second is empty, the others are as they were
    assert_eq!((room.freed, room.taken), (one, all.taken - one));
    let has = |name: &str| folder.join(name).join("HEAD").exists();
    assert_eq!([has("1.git"), has("2.git"), has("3.git")], [true, false, true]);

    // then: what was emptied is fetched again as if it had never been there
    let cache = world.git.cache(&folder.join("2.git"), &remote, false).await.unwrap();
    cache.fetch(&remote, &[head.clone()], &[], Filter::Treeless).await.unwrap();
    assert_eq!(cache.present(&[head.clone()]).await.unwrap().len(), 1);
    let opened_at = |name: &str| fs::metadata(folder.join(name).join("dovetail.use.lock")).unwrap().modified().unwrap();
    assert!(opened_at("2.git") > opened_at("3.git") + Duration::from_secs(1_000), "it was opened just now");

    // and: nothing that is open goes, however little room there is
    drop((caches, cache));
    let cache = world.git.cache(&folder.join("3.git"), &remote, false).await.unwrap();
    let room = git::make_room(&folder, 0).unwrap();
    assert_eq!(room.taken, one);
    assert_eq!(cache.present(&[head]).await.unwrap().len(), 1);
    assert_eq!(git::make_room(&world.path("nowhere"), 0).unwrap(), git::Room::default());
}
