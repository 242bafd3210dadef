//! What sites are told: the store as it is now, as far as the site may see it.

use model::{CommitFile, CommitFiles, FileStatus, ForgeRepository, Reviewer, SiteKind, SiteSettings, Told};
use rstest::rstest;
use store::testing::Engine;
use store::{NewMergeRequest, SiteUpdate, Source};

use crate::sites::add;
use crate::world::{NOW, World, branch, commit, forge_repository, merge_request, oid, user};

/// A Cloud site that one of two accounts serves: of the first repository of `ours` and of the first one of `theirs`.
struct Served {
    world: World,
    site: i64,
    ours: i64,
    one: i64,
    other: i64,
}

async fn served(engine: Engine) -> Option<Served> {
    let world = World::open(engine).await?;
    let site = add(&world, SiteKind::Cloud, "https://example.atlassian.net").await;
    let (ours, theirs) = (world.connect("ours").await, world.connect("theirs").await);
    let [one] = world.repositories(ours, ["1"]).await;
    let [other] = world.repositories(theirs, ["2"]).await;
    let settings = SiteSettings { all_accounts: false, ..SiteSettings::of(SiteKind::Cloud) };
    let chosen = SiteUpdate { settings: Some(settings), ..SiteUpdate::default() };
    world.site_update(site, &chosen).await.unwrap();
    world.site_set_accounts(site, &[ours]).await.unwrap();
    Some(Served { world, site, ours, one, other })
}

async fn id_of(world: &World, number: u64) -> i64 {
    world.commit(&oid(number)).await.unwrap().unwrap().id
}

#[rstest]
#[tokio::test]
async fn a_site_sees_what_the_accounts_that_serve_it_link(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(Served { world, site, ours, one, other }) = served(engine).await else { return };
    let seen = async || {
        let told = world.told_repositories(site, &[other, one, one]).await.unwrap();
        told.into_iter().map(|it| (it.id, it.visible, it.account_ids)).collect::<Vec<_>>()
    };
    assert_eq!(seen().await, [(one, true, vec![ours]), (other, false, vec![])]);
    let told = world.told_repositories(site, &[one]).await.unwrap().remove(0);
    assert_eq!((told.forge_id.as_str(), told.path.as_str(), told.fork_of), ("1", "group/p1", None));
    assert_eq!(
        (told.host_url.as_str(), told.web_url.as_deref()),
        ("https://git.example.com", Some("https://git.example.com/group/p1"))
    );
    // not what they do not link any more
    world.repository_set_linked(ours, one, false).await.unwrap();
    assert_eq!(seen().await, [(one, false, vec![]), (other, false, vec![])]);
    // and everything when every account serves it
    let all = SiteUpdate { settings: Some(SiteSettings::of(SiteKind::Cloud)), ..SiteUpdate::default() };
    world.site_update(site, &all).await.unwrap();
    let visible: Vec<bool> = seen().await.into_iter().map(|(_, visible, _)| visible).collect();
    assert_eq!(visible, [false, true]);
    // what is not there is not told
    assert!(world.told_repositories(site, &[one + 1_000_000]).await.unwrap().is_empty());
    assert!(world.told_repositories(site, &[]).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn a_commit_is_told_where_the_site_sees_it(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(Served { world, site, ours, one, other }) = served(engine).await else { return };
    // given a commit that came to a repository first that the site does not see
    world.insert(other, &[commit(2, &["B-1", "A-1"])]).await;
    let id = id_of(&world, 2).await;
    let told = world.told_commits(site, &[id]).await.unwrap().remove(0);
    assert_eq!((told.repository.id, told.repository.visible, told.lost), (other, false, false));
    // when a fork that it sees has it, and then one that is none
    let fork = ForgeRepository { fork_of: Some("2".to_owned()), ..forge_repository("3") };
    let [_, fork] = world.listed(ours, &[forge_repository("1"), fork]).await;
    world.insert(fork, &[commit(2, &["B-1", "A-1"])]).await;
    let told = world.told_commits(site, &[id]).await.unwrap().remove(0);
    assert_eq!((told.repository.id, told.repository.visible), (fork, true));
    assert_eq!(told.repository.fork_of.as_deref(), Some("2"));
    world.insert(one, &[commit(2, &["B-1", "A-1"])]).await;
    // then it is told there, with all that its issues show
    let told = world.told_commits(site, &[id, id]).await.unwrap();
    let [told] = &told[..] else { panic!("it is told once") };
    assert_eq!((told.repository.id, told.object_id.clone(), told.parents.clone()), (one, oid(2), vec![oid(1)]));
    assert_eq!(
        (told.keys.clone(), told.message.as_str()),
        (vec!["A-1".to_owned(), "B-1".to_owned()], "B-1 A-1: commit 2")
    );
    assert_eq!(
        (told.author_name.as_str(), told.author_email.as_str(), told.authored_at),
        ("Ada", "ada@example.com", NOW + 2_000)
    );
    assert_eq!(told.files, None);
    // when it is lost there: where it still is goes first
    world.lose(one, &[oid(2)]).await;
    let told = world.told_commits(site, &[id]).await.unwrap().remove(0);
    assert_eq!((told.repository.id, told.lost), (fork, false));
    world.lose(fork, &[oid(2)]).await;
    let told = world.told_commits(site, &[id]).await.unwrap().remove(0);
    assert_eq!((told.repository.id, told.repository.visible, told.lost), (one, true, true));
}

#[rstest]
#[tokio::test]
async fn what_git_says_later_of_a_commit_is_told(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(Served { world, site, one, .. }) = served(engine).await else { return };
    world.insert_from(one, &[commit(1, &["A-1"])], Source::Rest).await;
    let id = id_of(&world, 1).await;
    world.insert(one, &[commit(1, &["A-2"])]).await;
    let file = CommitFile { path: "src/lib.rs".to_owned(), change: FileStatus::Added };
    let files = CommitFiles { files: vec![file], cut: true };
    let mut tx = world.write().await;
    tx.commit_files_put(&[(id, Some(files.clone()))]).await.unwrap();
    tx.commit().await.unwrap();
    let told = world.told_commits(site, &[id]).await.unwrap().remove(0);
    assert_eq!((told.keys, told.files), (vec!["A-2".to_owned()], Some(files)));
}

#[rstest]
#[tokio::test]
async fn a_branch_is_told_with_its_last_commit_where_that_is_known(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(Served { world, site, one, other, .. }) = served(engine).await else { return };
    world.insert(one, &[commit(1, &["A-9"])]).await;
    let branches = [branch("A-1-known", 1, &["A-1"]), branch("A-2-unknown", 7, &["A-2"])];
    world.branches_are(one, &branches, NOW).await;
    world.branches_are(other, &[branch("A-3-hidden", 1, &["A-3"])], NOW).await;
    let mut all = world.branches(one).await.unwrap();
    all.extend(world.branches(other).await.unwrap());
    let ids: Vec<i64> = all.iter().map(|it| it.id).collect();
    let read = async || {
        let mut told = world.told_branches(site, &ids).await.unwrap();
        told.sort_by(|one, other| one.name.cmp(&other.name));
        told
    };
    let told = read().await;
    let [known, unknown, hidden] = &told[..] else { panic!("three branches") };
    assert_eq!((known.name.as_str(), known.keys.clone()), ("A-1-known", vec!["A-1".to_owned()]));
    let head = known.head_commit.as_ref().unwrap();
    assert_eq!((head.object_id.clone(), head.keys.clone(), head.repository.id), (oid(1), vec!["A-9".to_owned()], one));
    assert_eq!((unknown.head.clone(), unknown.head_commit.is_none(), unknown.gone_at), (oid(7), true, None));
    assert_eq!((hidden.repository.id, hidden.repository.visible), (other, false));
    // when one goes
    world.branches_are(one, &branches[1..], NOW + 5).await;
    let told = read().await;
    assert_eq!((told[0].gone_at, told[0].keys.clone()), (Some(NOW + 5), vec![]));
}

#[rstest]
#[tokio::test]
async fn a_merge_request_is_told_with_its_commits_counted(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(Served { world, site, one, .. }) = served(engine).await else { return };
    world.insert(one, &[commit(1, &["A-7"]), commit(2, &[])]).await;
    let mut new = NewMergeRequest { commits: Some(vec![oid(1), oid(2), oid(99)]), ..merge_request(12, &["A-1"]) };
    new.merge_request.reviewers = vec![Reviewer { user: user("bob"), approved: true }];
    world.put(one, &[new]).await;
    let due = world.outbox_due(site, model::Channel::DevInfo, None, i64::MAX, 10).await.unwrap();
    let id = due.iter().find(|entry| entry.kind == Told::MergeRequest).unwrap().entity_id;
    let told = world.told_merge_requests(site, &[id]).await.unwrap().remove(0);
    assert_eq!((told.id, told.number, told.title.as_str(), told.commit_count), (id, 12, "A-1 title 12", 2));
    assert_eq!(told.keys, ["A-1", "A-7"], "what its commits name, too");
    assert_eq!(
        (told.author, told.reviewers[0].approved, told.reviewers[0].user.login.as_str()),
        (user("ada"), true, "bob")
    );
    assert_eq!(
        (told.source_branch.as_str(), told.target_branch.as_str(), told.comment_count),
        ("feature-12", "main", 3)
    );
    assert_eq!((told.updated_at, told.gone_at, told.repository.visible), (NOW + 12, None, true));
    // when it is deleted
    let mut tx = world.write().await;
    tx.merge_requests_gone(one, &[12], NOW + 5).await.unwrap();
    tx.commit().await.unwrap();
    let told = world.told_merge_requests(site, &[id]).await.unwrap().remove(0);
    assert_eq!((told.gone_at, told.keys), (Some(NOW + 5), vec![]));
}

#[rstest]
#[tokio::test]
async fn more_is_told_at_once_than_one_statement_takes(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(Served { world, site, one, .. }) = served(engine).await else { return };
    let commits: Vec<_> = (1..=1_100).map(|number| commit(number, &["A-1"])).collect();
    world.insert(one, &commits).await;
    let ids: Vec<i64> =
        world.repository_commit_ids(one, None, 2_000).await.unwrap().into_iter().map(|(id, _)| id).collect();
    let told = world.told_commits(site, &ids).await.unwrap();
    assert_eq!(told.len(), 1_100);
    assert!(told.iter().all(|it| it.keys == ["A-1"] && it.repository.id == one));
}
