use std::collections::HashSet;

use model::{EntityKind, KeyForm, Mention, Statistics};
use rstest::rstest;
use store::testing::Engine;
use store::{CommitsInserted, Lane, NewCommit, Source, Viewer};

use crate::world::{NOW, RULES, World, commit, issue, oid, strict};

#[rstest]
#[tokio::test]
async fn a_commit_is_kept_as_it_is(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    let mut new = commit(2, &["A-1"]);
    new.commit.message = "A-1: schön \u{1f600}\n\n\"quoted\" 'too'; DROP TABLE git_commit;--\n".to_owned();
    new.commit.author.name = String::new();
    new.commit.lossy = true;
    new.commit.parents = vec![oid(1), "b".repeat(64).parse().unwrap()];
    let inserted = world.insert(one, std::slice::from_ref(&new)).await;
    assert_eq!(inserted, CommitsInserted { new: 1, links: 1, links_removed: 0 });
    let kept = world.commit(&oid(2)).await.unwrap().unwrap();
    assert_eq!((&kept.object_id, &kept.parents, &kept.message), (&oid(2), &new.commit.parents, &new.commit.message));
    assert_eq!((kept.author_name.as_str(), kept.author_email.as_str(), kept.lossy), ("", "ada@example.com", true));
    assert_eq!((kept.authored_at, kept.committed_at), (new.commit.authored_at, new.commit.committed_at));
    assert!(world.commit(&oid(1)).await.unwrap().is_none());
}

#[rstest]
#[tokio::test]
async fn writing_a_commit_again_changes_nothing(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, fork] = world.repositories(account, ["1", "2"]).await;
    let commits = [commit(1, &["A-1"]), commit(2, &["A-1", "A-2"]), commit(1, &["A-1"])];
    assert_eq!(world.insert(one, &commits).await, CommitsInserted { new: 2, links: 3, links_removed: 0 });
    assert_eq!(world.insert(one, &commits).await, CommitsInserted::default());
    assert_eq!(world.insert(fork, &commits).await, CommitsInserted::default());
    assert_eq!(world.messages("A-1").await, ["A-1 A-2: commit 2", "A-1: commit 1"]);
    assert_eq!(world.insert(one, &[]).await, CommitsInserted::default());
}

#[rstest]
#[tokio::test]
async fn only_strict_mentions_are_links_and_all_are_kept(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    let mention = |key: &str, form| Mention { key: key.to_owned(), form };
    let mentions = vec![
        mention("UTF-8", KeyForm::Noise),
        mention("A-1", KeyForm::OtherCase),
        mention("A-1", KeyForm::Strict),
        mention("A-1", KeyForm::Strict),
        mention("MY_P-2", KeyForm::Underscore),
    ];
    let inserted = world.insert(one, &[NewCommit { mentions, ..commit(1, &[]) }]).await;
    assert_eq!(inserted.links, 1);
    let id = world.commit(&oid(1)).await.unwrap().unwrap().id;
    let kept = world.mentions_of(EntityKind::Commit, id).await.unwrap();
    let kept: Vec<_> = kept.iter().map(|mention| (mention.key.as_str(), mention.form)).collect();
    let expected = [
        ("A-1", KeyForm::OtherCase),
        ("A-1", KeyForm::Strict),
        ("MY_P-2", KeyForm::Underscore),
        ("UTF-8", KeyForm::Noise),
    ];
    assert_eq!(kept, expected);
    assert_eq!(world.messages("A-1").await.len(), 1);
    assert_eq!(world.messages("UTF-8").await.len(), 0);
    assert_eq!(world.messages("MY_P-2").await.len(), 0);
}

#[rstest]
#[tokio::test]
async fn git_overwrites_what_rest_said_and_not_the_other_way(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, fork] = world.repositories(account, ["1", "2"]).await;
    let by_rest = commit(1, &["A-1", "A-2"]);
    let mut by_git = commit(1, &["A-2", "A-3"]);
    by_git.commit.authored_at += 77;
    // given a commit read by REST in two repositories
    world.insert_from(one, std::slice::from_ref(&by_rest), Source::Rest).await;
    world.insert_from(fork, std::slice::from_ref(&by_rest), Source::Rest).await;
    let id = world.commit(&oid(1)).await.unwrap().unwrap().id;
    // when git reads it
    let overwritten = world.insert(fork, std::slice::from_ref(&by_git)).await;
    // then its text and links are git's, under the same inner id
    assert_eq!(overwritten, CommitsInserted { new: 0, links: 1, links_removed: 1 });
    let kept = world.commit(&oid(1)).await.unwrap().unwrap();
    assert_eq!((kept.id, kept.message.as_str()), (id, "A-2 A-3: commit 1"));
    assert_eq!((world.messages("A-1").await.len(), world.messages("A-2").await.len()), (0, 1));
    assert_eq!(world.issue_activity(&issue("A-3"), 0).await.unwrap(), [by_git.commit.authored_at]);
    // and stay so when REST comes again
    assert_eq!(world.insert_from(one, &[by_rest], Source::Rest).await, CommitsInserted::default());
    assert_eq!(world.commit(&oid(1)).await.unwrap().unwrap().message, "A-2 A-3: commit 1");
    // and where git names no issue, no repository counts it
    let [three] = world.repositories(account, ["3"]).await;
    world.insert_from(three, &[commit(9, &["A-9"])], Source::Rest).await;
    world.insert(three, &[commit(9, &[])]).await;
    let listed = world.account_repositories(Viewer::Everything, account).await.unwrap();
    let count = listed.iter().find(|it| it.repository.id == three).unwrap().commits_with_keys;
    assert_eq!(count, 0);
}

#[rstest]
#[tokio::test]
async fn presence_is_per_repository(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, fork] = world.repositories(account, ["1", "2"]).await;
    let commits: Vec<NewCommit> = (1..=1_100).map(|number| commit(number, &[])).collect();
    world.insert(one, &commits).await;
    let mut tx = world.write().await;
    let missing = tx.commits_attach(fork, &[oid(5), oid(6_000), oid(7)], NOW).await.unwrap();
    let lost = tx.commits_lost(one, &[oid(5), oid(6)], NOW).await.unwrap();
    let again = tx.commits_lost(one, &[oid(6), oid(6_000)], NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((lost, again), (2, 0));
    assert_eq!(missing, [oid(6_000)]);
    let all: Vec<_> = (1..=1_101).map(oid).collect();
    let present = world.commits_present(one, &all).await.unwrap();
    assert_eq!(present.len(), 1_098);
    assert!(!present.contains(&oid(5)) && !present.contains(&oid(6)) && !present.contains(&oid(1_101)));
    assert_eq!(world.commits_present(fork, &all).await.unwrap(), HashSet::from([oid(5), oid(7)]));
    // when it is found again, then it is there again
    let mut tx = world.write().await;
    assert_eq!(tx.commits_attach(one, &[oid(5)], NOW).await.unwrap(), []);
    tx.commit().await.unwrap();
    assert!(world.commits_present(one, &[oid(5)]).await.unwrap().contains(&oid(5)));
    assert!(world.commits_present(one, &[]).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn two_that_write_the_same_commits_at_once_write_them_once(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let repositories = world.repositories(account, ["1", "2", "3", "4"]).await;
    let commits: Vec<NewCommit> = (1..=700).map(|number| commit(number, &["A-1"])).collect();
    let writers = repositories.map(|repository| {
        let (store, commits) = (store::Store::clone(&world), commits.clone());
        tokio::spawn(async move {
            let mut tx = store.begin_write(Lane::Bulk).await.unwrap();
            let inserted = tx.commits_insert(repository, &commits, Source::Git, RULES, NOW).await.unwrap();
            tx.commit().await.unwrap();
            inserted
        })
    });
    let (mut new, mut links) = (0, 0);
    for writer in writers {
        let inserted = writer.await.unwrap();
        new += inserted.new;
        links += inserted.links;
    }
    assert_eq!((new, links), (700, 700));
    let listed = world.account_repositories(Viewer::Everything, account).await.unwrap();
    assert!(listed.iter().all(|it| it.commits_with_keys == 700), "{listed:?}");
    assert_eq!(world.messages("A-1").await.len(), 700);
}

#[rstest]
#[tokio::test]
async fn statistics_are_kept(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    world.insert(one, &[commit(1, &["A-1"])]).await;
    let id = world.commit(&oid(1)).await.unwrap().unwrap().id;
    assert_eq!(world.statistics(id).await.unwrap(), None);
    for additions in [1, 7] {
        let statistics = Statistics { additions, deletions: 2, file_count: 1, files: vec![] };
        world.statistics_put(id, &statistics).await.unwrap();
        assert_eq!(world.statistics(id).await.unwrap(), Some(statistics.clone()));
        let page = world.issue_commits(&issue("A-1"), None, None).await.unwrap();
        assert_eq!(page.items[0].statistics, Some(statistics));
    }
    // a commit that has gone meanwhile is no error
    world.statistics_put(-1, &Statistics::default()).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn commits_are_found_by_the_beginning_of_their_ids(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, unlinked] = world.repositories(account, ["1", "2"]).await;
    world.repository_set_linked(account, unlinked, false).await.unwrap();
    let with_id = |id: &str| {
        let mut new = commit(1, &[strict("A-1").key.as_str()]);
        new.commit.id = format!("{id:0<40}").parse().unwrap();
        new
    };
    world.insert(one, &["abc9", "abcd", "abcdef", "abce", "abcf", "abd", "ab"].map(with_id)).await;
    world.insert(unlinked, &["abc0", "abcf"].map(with_id)).await;
    let find = async |hex: &str, limit| {
        let found = world.commits_by_prefix(Viewer::Everything, hex, limit).await.unwrap();
        found.iter().map(|(commit, _)| commit.object_id.as_str().trim_end_matches('0').to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(find("ABC", 10).await, ["abc9", "abcd", "abcdef", "abce", "abcf"]);
    assert_eq!(find("abc", 2).await, ["abc9", "abcd"]);
    assert_eq!(find("abcd", 10).await, ["abcd", "abcdef"]);
    assert_eq!(find(&format!("{:0<40}", "abd"), 10).await, ["abd"]);
    for nothing in ["", "abcdefabcdef", "abg", "%", "abc'", &"a".repeat(65)] {
        assert_eq!(find(nothing, 10).await, [""; 0], "{nothing}");
    }
    let shared = world.commits_by_prefix(Viewer::Everything, "abcf", 10).await.unwrap();
    assert_eq!(shared[0].1.iter().map(|repository| repository.id).collect::<Vec<_>>(), [one]);
}
