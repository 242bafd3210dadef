use model::{EntityKind, ForgeRepository, KeyForm, Mention};
use rstest::rstest;
use store::testing::Engine;
use store::{AccountState, Role, Standing, Viewer};

use crate::world::{NOW, World, branch, commit, forge_repository, merge_request, oid, strict};

#[rstest]
#[tokio::test]
async fn a_repository_stands_as_what_hinders_it_first(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let fork = ForgeRepository { fork_of: Some("1".to_owned()), ..forge_repository("2") };
    let [one, fork] = world.listed(account, &[forge_repository("1"), fork]).await;
    let standing = async |id| {
        let known = world.explain_repositories_of(Viewer::Everything, NOW, &[id]).await.unwrap();
        known.get(&id).map(|known| known.standing)
    };
    assert_eq!(standing(one).await, Some(Standing::Waiting));

    let mut tx = world.write().await;
    tx.repository_syncing(one, 3).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(standing(one).await, Some(Standing::Syncing));
    let mut tx = world.write().await;
    tx.repository_synced(one, NOW, false).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(standing(one).await, Some(Standing::Current));
    world.repository_failed(one, "server", "The host failed.", Some(NOW + 60_000)).await.unwrap();
    assert_eq!(standing(one).await, Some(Standing::Failed));
    world.host_pause(world.host, Some(NOW + 1), Some("rate_limit")).await.unwrap();
    assert_eq!(standing(one).await, Some(Standing::HostPaused));
    world.repository_set_paused(one, true).await.unwrap();
    assert_eq!(standing(one).await, Some(Standing::Paused));
    world.account_set_state(account, AccountState::Paused).await.unwrap();
    assert_eq!(standing(one).await, Some(Standing::AccountPaused));
    world.account_set_state(account, AccountState::NeedsAuthorisation).await.unwrap();
    assert_eq!(standing(one).await, Some(Standing::Unauthorised));

    let counts = world.explain_standings(Viewer::Everything, NOW).await.unwrap();
    assert_eq!((counts.len(), counts[&Standing::Unauthorised]), (1, 2));
    world.repository_set_linked(account, one, false).await.unwrap();
    world.repository_set_linked(account, fork, false).await.unwrap();
    assert_eq!(standing(one).await, Some(Standing::NotLinked));
    assert_eq!(standing(fork).await, Some(Standing::ForkNotLinked));
    let counts = world.explain_standings(Viewer::Everything, NOW).await.unwrap();
    assert_eq!((counts[&Standing::NotLinked], counts[&Standing::ForkNotLinked]), (1, 1));
    let forks = world.explain_repositories(Viewer::Everything, NOW, Standing::ForkNotLinked, 10).await.unwrap();
    assert_eq!(forks.iter().map(|known| known.repository.id).collect::<Vec<_>>(), [fork]);
    assert!(forks[0].told && !forks[0].is_shown());

    world.listed(account, &[]).await as [i64; 0];
    assert_eq!(standing(one).await, Some(Standing::Hidden));
    world.account_set_state(account, AccountState::Removing).await.unwrap();
    assert_eq!(standing(one).await, None, "an account that is being removed knows nothing");
}

#[rstest]
#[tokio::test]
async fn a_repository_that_another_account_reads_stands_well(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let (tired, fresh) = (world.connect("tired").await, world.connect("fresh").await);
    let [one] = world.repositories(tired, ["1"]).await;
    world.repositories(fresh, ["1"]).await;
    let mut tx = world.write().await;
    tx.repository_synced(one, NOW, false).await.unwrap();
    tx.commit().await.unwrap();
    world.account_set_state(tired, AccountState::NeedsAuthorisation).await.unwrap();

    let known = &world.explain_repositories_of(Viewer::Everything, NOW, &[one]).await.unwrap()[&one];

    assert_eq!((known.standing, known.account_id, known.account_path.as_str()), (Standing::Current, fresh, "fresh"));
}

#[rstest]
#[tokio::test]
async fn a_repository_is_found_by_its_path_and_by_the_one_before(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    let moved = ForgeRepository { path: "elsewhere/Now".to_owned(), ..forge_repository("1") };
    let mut tx = world.write().await;
    tx.repositories_listed(account, &[moved], true, false, NOW + 7).await.unwrap();
    tx.commit().await.unwrap();
    let at = async |host, path| {
        let found = world.explain_repository_at(Viewer::Everything, NOW, host, path).await.unwrap();
        found.map(|(known, left_at)| (known.repository.id, left_at))
    };

    assert_eq!(at(world.host, "Elsewhere/now").await, Some((one, None)));
    assert_eq!(at(world.host, "group/P1").await, Some((one, Some(NOW + 7))));
    for (host, path) in [(world.host, "group/p2"), (world.host, "\0"), (-1, "elsewhere/now")] {
        assert_eq!(at(host, path).await, None, "{path:?}");
    }
}

/// A commit, a branch and a merge request of a repository that only a restricted account links, though an open one knows it.
struct Guarded {
    world: World,
    open: i64,
    guarded: i64,
    insider: Viewer,
    outsider: Viewer,
}

async fn guarded(engine: Engine) -> Option<Guarded> {
    let world = World::open(engine).await?;
    let (restricted, open) = (world.connect("secret").await, world.connect("open").await);
    let [guarded] = world.repositories(restricted, ["1"]).await;
    world.repositories(open, ["1"]).await;
    world.repository_set_linked(open, guarded, false).await.unwrap();
    let insider = world.user_insert("in", "In", Role::Reader, None, NOW).await.unwrap();
    let outsider = world.user_insert("out", "Out", Role::Reader, None, NOW).await.unwrap();
    world.account_restrict(restricted, true, &[insider]).await.unwrap();
    let mut low = commit(1, &[]);
    low.mentions = vec![Mention { key: "AB-1".to_owned(), form: KeyForm::OtherCase }];
    world.insert(guarded, &[low, commit(2, &["AB-2"])]).await;
    world.branches_are(guarded, &[branch("AB-2-x", 2, &["AB-2"])], NOW).await;
    let mut request = merge_request(4, &["AB-2"]);
    request.commits = Some(vec![oid(2)]);
    world.put(guarded, &[request]).await;
    let (insider, outsider) = (Viewer::User(insider), Viewer::User(outsider));
    Some(Guarded { world, open, guarded, insider, outsider })
}

#[rstest]
#[tokio::test]
async fn nothing_is_told_of_what_only_a_restricted_account_links(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(Guarded { world, guarded, insider, outsider, .. }) = guarded(engine).await else { return };
    let two = world.commit(&oid(2)).await.unwrap().unwrap();
    for (viewer, sees) in [(Viewer::Everything, true), (insider, true), (outsider, false)] {
        let number = usize::from(sees);
        let known = &world.explain_repositories_of(viewer, NOW, &[guarded]).await.unwrap()[&guarded];
        let standing = if sees { Standing::Waiting } else { Standing::NotLinked };
        assert_eq!((known.told, known.standing), (sees, standing), "that it exists, an open account knows");
        assert_eq!(world.explain_commits(viewer, oid(2).as_str(), 10).await.unwrap().len(), number);
        assert_eq!(world.explain_commit_places(viewer, NOW, two.id).await.unwrap().len(), number);
        assert_eq!(world.explain_branches(viewer, "AB-2-x", None, 10).await.unwrap().len(), number);
        assert_eq!(world.explain_branches(viewer, "AB-2-x", Some(guarded), 10).await.unwrap().len(), number);
        assert_eq!(world.explain_merge_requests_with(viewer, two.id, 10).await.unwrap().len(), number);
        assert_eq!(world.explain_mentions(viewer, "AB-1", 10).await.unwrap().len(), number);
    }
}

#[rstest]
#[tokio::test]
async fn what_nobody_links_is_told_to_who_sees_its_account(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(Guarded { world, guarded, outsider, .. }) = guarded(engine).await else { return };
    let restricted = world.accounts(Viewer::Everything).await.unwrap()[0].id;
    // when the restricted account links it no more
    world.repository_set_linked(restricted, guarded, false).await.unwrap();
    // then the open account's readers may be told what is still known of it
    assert_eq!(world.explain_commits(outsider, "0", 10).await.unwrap().len(), 2);
    let unshown = world.explain_unshown(outsider, "AB-2", 10).await.unwrap();
    let unshown: Vec<_> = unshown.iter().map(|one| (one.repository_id, one.kind, one.count)).collect();
    let each = [EntityKind::Commit, EntityKind::Branch, EntityKind::MergeRequest].map(|kind| (guarded, kind, 1));
    assert_eq!(unshown, each);
    assert_eq!(world.explain_unshown(outsider, "AB-2", 1).await.unwrap().len(), 1);
    assert_eq!(world.explain_unshown(outsider, "\0", 1).await.unwrap(), []);
}

#[rstest]
#[tokio::test]
async fn what_is_shown_is_not_unshown(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(Guarded { world, open, guarded, outsider, .. }) = guarded(engine).await else { return };
    world.repository_set_linked(open, guarded, true).await.unwrap();
    assert_eq!(world.explain_unshown(outsider, "AB-2", 10).await.unwrap(), []);
    assert_eq!(world.explain_commits(outsider, oid(2).as_str(), 10).await.unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn commits_are_found_by_their_beginning_in_the_places_they_are_in(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let fork = ForgeRepository { fork_of: Some("2".to_owned()), ..forge_repository("1") };
    let [fork, original, unlinked] = world.listed(account, &[fork, forge_repository("2"), forge_repository("3")]).await;
    world.repository_set_linked(account, unlinked, false).await.unwrap();
    for repository in [fork, original, unlinked] {
        world.insert(repository, &[commit(0x1a, &["A-1"])]).await;
    }
    world.insert(original, &[commit(0x1b, &[])]).await;
    world.branches_are(original, &[branch("b", 0x1a, &[]), branch("a", 0x1a, &[]), branch("c", 0x1b, &[])], NOW).await;
    let commits = world.explain_commits(Viewer::Everything, &format!("{:039}1", 0), 10).await.unwrap();
    assert_eq!(commits, []);
    let commits = world.explain_commits(Viewer::Everything, &format!("{:038}1", 0), 10).await.unwrap();
    assert_eq!(commits.iter().map(|one| one.object_id.clone()).collect::<Vec<_>>(), [oid(0x1a), oid(0x1b)]);
    assert_eq!(world.explain_commits(Viewer::Everything, &format!("{:038}1A", 0), 10).await.unwrap().len(), 1);
    for wrong in ["", "g", "'", "\0"] {
        assert_eq!(world.explain_commits(Viewer::Everything, wrong, 10).await.unwrap(), []);
    }
    let by_ids = world.explain_commits_of(&[commits[1].id, commits[0].id, -1]).await.unwrap();
    assert_eq!(by_ids.len(), 2);
    world.lose(fork, &[oid(0x1a)]).await;

    let places = world.explain_commit_places(Viewer::Everything, NOW, commits[0].id).await.unwrap();

    let places: Vec<_> =
        places.iter().map(|place| (place.repository.repository.id, place.first_seen_at, place.lost_at)).collect();
    assert_eq!(places, [(original, NOW, None), (fork, NOW, Some(NOW + 1)), (unlinked, NOW, None)]);
    assert_eq!(world.explain_branches_at(&[original, fork], &oid(0x1a), 9).await.unwrap(), ["a", "b"]);
    assert_eq!(world.explain_branches_at(&[original], &oid(0x1a), 1).await.unwrap(), ["a"]);
    assert_eq!(world.explain_branches_at(&[], &oid(0x1a), 9).await.unwrap(), [""; 0]);
    assert_eq!(world.explain_links(EntityKind::Commit, commits[0].id, 9).await.unwrap(), ["A-1"]);
}

#[rstest]
#[tokio::test]
async fn branches_are_found_by_their_whole_names_also_gone_ones(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, two] = world.repositories(account, ["1", "2"]).await;
    world.branches_are(one, &[branch("A-1-x", 1, &["A-1"])], NOW).await;
    world.branches_are(two, &[branch("A-1-x", 2, &["A-1"]), branch("A-1-X", 2, &["A-1"])], NOW + 5).await;
    world.branches_are(two, &[branch("A-1-X", 2, &["A-1"])], NOW + 9).await;

    let found = world.explain_branches(Viewer::Everything, "A-1-x", None, 10).await.unwrap();

    let told: Vec<_> = found.iter().map(|one| (one.repository_id, one.head.clone(), one.gone_at)).collect();
    assert_eq!(told, [(one, oid(1), None), (two, oid(2), Some(NOW + 9))]);
    assert_eq!(world.explain_branches(Viewer::Everything, "A-1-x", Some(two), 10).await.unwrap(), found[1..]);
    assert_eq!(world.explain_branches(Viewer::Everything, "\0", None, 10).await.unwrap(), []);
    assert_eq!(world.explain_branches_of(&[found[1].id, found[0].id]).await.unwrap().len(), 2);
    // what its name says stays known
    let gone = world.explain_mentions(Viewer::Everything, "A-1", 10).await.unwrap();
    let gone: Vec<_> = gone.iter().map(|one| (one.kind, one.entity_id, one.form)).collect();
    assert_eq!(gone, [(EntityKind::Branch, found[1].id, KeyForm::Strict)]);
}

#[rstest]
#[tokio::test]
async fn a_merge_request_is_told_with_its_texts_and_the_keys_of_its_commits(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    let mut lower = commit(2, &["A-2"]);
    lower.mentions.push(Mention { key: "A-3".to_owned(), form: KeyForm::OtherCase });
    world.insert(one, &[commit(1, &["A-1"]), lower]).await;
    let mut request = merge_request(4, &["B-1"]);
    request.merge_request.description = "closes it".to_owned();
    request.commits = Some(vec![oid(1), oid(2)]);
    world.put(one, &[request, merge_request(9, &[])]).await;

    let told = world.explain_merge_request(one, 4).await.unwrap().unwrap();

    assert_eq!((told.title.as_str(), told.description.as_str(), told.gone_at), ("B-1 title 4", "closes it", None));
    let mentions = world.explain_merge_request_mentions(told.id, 10).await.unwrap();
    let expected =
        [(oid(1), "A-1", KeyForm::Strict), (oid(2), "A-2", KeyForm::Strict), (oid(2), "A-3", KeyForm::OtherCase)];
    assert_eq!(mentions, expected.map(|(id, key, form)| (id, key.to_owned(), form)));
    assert_eq!(world.explain_newest_merge_request(one).await.unwrap(), Some(9));
    assert_eq!(world.explain_newest_merge_request(-1).await.unwrap(), None);
    assert_eq!(world.explain_merge_request(one, 5).await.unwrap(), None);
    let first = world.commit(&oid(1)).await.unwrap().unwrap();
    let with = world.explain_merge_requests_with(Viewer::Everything, first.id, 10).await.unwrap();
    assert_eq!(with, std::slice::from_ref(&told));
    // when the forge says that it is gone
    let mut tx = world.write().await;
    tx.merge_requests_gone(one, &[4], NOW + 3).await.unwrap();
    tx.commit().await.unwrap();
    let gone = world.explain_merge_requests_of(&[told.id]).await.unwrap();
    assert_eq!(gone[0].gone_at, Some(NOW + 3));
    let mentioned = world.explain_mentions(Viewer::Everything, "B-1", 10).await.unwrap();
    assert_eq!(
        mentioned.iter().map(|one| (one.kind, one.entity_id)).collect::<Vec<_>>(),
        [(EntityKind::MergeRequest, told.id)]
    );
}

#[rstest]
#[tokio::test]
async fn a_mention_that_links_is_none_that_does_not(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    let mut noisy = commit(1, &[]);
    noisy.mentions = vec![Mention { key: "CVE-2024".to_owned(), form: KeyForm::Noise }, strict("A-1")];
    world.insert(one, &[noisy]).await;

    let noise = world.explain_mentions(Viewer::Everything, "CVE-2024", 10).await.unwrap();

    assert_eq!(
        noise.iter().map(|one| (one.kind, one.form)).collect::<Vec<_>>(),
        [(EntityKind::Commit, KeyForm::Noise)]
    );
    assert_eq!(world.explain_mentions(Viewer::Everything, "A-1", 10).await.unwrap(), []);
    assert_eq!(world.explain_mentions(Viewer::Everything, "\0", 10).await.unwrap(), []);
}
