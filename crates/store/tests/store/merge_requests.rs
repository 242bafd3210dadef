use model::{EntityKind, MergeRequestState, Reviewer};
use rstest::rstest;
use store::testing::Engine;
use store::{Lane, LinksChanged, MergeRequestRange, NewMergeRequest};

use crate::world::{NOW, RULES, World, commit, forge_repository, issue, merge_request, oid, user};

async fn numbers(world: &World, key: &str) -> Vec<i64> {
    let page = world.issue_merge_requests(&issue(key), None, None).await.unwrap();
    page.items.into_iter().map(|item| item.number).collect()
}

#[rstest]
#[tokio::test]
async fn links_follow_the_texts(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    assert_eq!(world.put(one, &[merge_request(7, &["A-1", "A-2"]), merge_request(8, &["A-1"])]).await, 3);
    assert_eq!(numbers(&world, "A-1").await, [8, 7]);
    // when the title changes, then one link goes and one comes, and only that one is new
    let mut edited = merge_request(7, &["A-2", "A-3"]);
    edited.merge_request.updated_at = NOW + 1_000;
    assert_eq!(world.put(one, &[edited.clone()]).await, 1);
    assert_eq!(numbers(&world, "A-1").await, [8]);
    assert_eq!(numbers(&world, "A-2").await, [7]);
    assert_eq!(numbers(&world, "A-3").await, [7]);
    assert_eq!(world.put(one, &[edited]).await, 0);
    assert_eq!(numbers(&world, "A-2").await, [7], "a link is there once, at the newest change");
}

#[rstest]
#[tokio::test]
async fn the_messages_of_its_commits_count(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    world.insert(one, &[commit(1, &["A-1"]), commit(2, &["A-1", "A-2"]), commit(3, &["A-9"])]).await;
    let with = |commits: Option<Vec<u64>>, keys: &[&str]| NewMergeRequest {
        commits: commits.map(|numbers| numbers.into_iter().map(oid).collect()),
        ..merge_request(7, keys)
    };
    let linked = async || {
        let mut keys = Vec::new();
        for key in ["A-1", "A-2", "A-3", "A-4", "A-9"] {
            if !numbers(&world, key).await.is_empty() {
                keys.push(key);
            }
        }
        keys
    };
    // given one with two commits that the store knows and one that it does not
    assert_eq!(world.put(one, &[with(Some(vec![2, 1, 99, 2]), &["A-3"])]).await, 3);
    assert_eq!(linked().await, ["A-1", "A-2", "A-3"]);
    // when only its text comes anew, then what its commits say stays
    world.put(one, &[with(None, &["A-4"])]).await;
    assert_eq!(linked().await, ["A-1", "A-2", "A-4"]);
    let id = world.merge_request_heads(one).await.unwrap()[0].id;
    let own = world.mentions_of(EntityKind::MergeRequest, id).await.unwrap();
    assert_eq!(own.len(), 1, "its own words are kept apart from its commits': {own:?}");
    // when its commits are told later, then they count beside its own words
    let range = |commits: &[u64], base: u64, frozen: bool| MergeRequestRange {
        number: 7,
        base: Some(oid(base)),
        frozen,
        commits: commits.iter().copied().map(oid).collect(),
    };
    assert_eq!(ranges(&world, one, &[range(&[3], 5, false)]).await, 1);
    assert_eq!(linked().await, ["A-4", "A-9"]);
    // when its commits are others, then what they said goes, and a final base stays
    assert_eq!(ranges(&world, one, &[range(&[1], 6, true), range(&[1], 6, true)]).await, 1);
    assert_eq!(ranges(&world, one, &[range(&[1], 8, true)]).await, 0);
    assert_eq!(linked().await, ["A-1", "A-4"]);
    assert_eq!(world.merge_request_heads(one).await.unwrap()[0].base, Some(oid(6)));
    world.put(one, &[with(Some(vec![]), &[])]).await;
    assert_eq!(linked().await, [""; 0]);
    // when the forge denies that it exists, then its commits do not bring it back
    let mut tx = world.begin_write(Lane::Live).await.unwrap();
    tx.merge_requests_gone(one, &[7], NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(ranges(&world, one, &[range(&[1], 8, true)]).await, 0);
    assert_eq!(linked().await, [""; 0]);
}

async fn ranges(world: &World, repository: i64, ranges: &[MergeRequestRange]) -> u64 {
    let mut tx = world.begin_write(Lane::Live).await.unwrap();
    let links = tx.merge_request_ranges(repository, ranges).await.unwrap();
    tx.commit().await.unwrap();
    links.added
}

#[rstest]
#[tokio::test]
async fn a_merged_one_keeps_its_commits_in_place(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    let mut merged = merge_request(7, &["A-1"]);
    merged.merge_request.state = MergeRequestState::Merged;
    merged.merge_request.merged_at = Some(NOW + 3);
    let later = NewMergeRequest { base: Some(oid(4)), ..merged.clone() };
    merged.base = Some(oid(3));
    merged.frozen = true;
    world.put(one, &[merge_request(7, &["A-1"])]).await;
    world.put(one, &[merged]).await;
    world.put(one, &[later]).await;
    let kept = world.merge_request_heads(one).await.unwrap();
    assert_eq!((kept.len(), kept[0].frozen, &kept[0].base, &kept[0].head), (1, true, &Some(oid(3)), &Some(oid(1))));
    assert_eq!(kept[0].state, MergeRequestState::Merged);
    let shown = world.issue_merge_requests(&issue("A-1"), None, None).await.unwrap();
    assert_eq!(shown.items[0].merged_at, Some(NOW + 3));
}

#[rstest]
#[tokio::test]
async fn reviewers_are_read_again_when_it_changed(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    let listed = vec![Reviewer { user: user("ada"), approved: false }];
    let mut linked = merge_request(7, &["A-1"]);
    linked.merge_request.reviewers = listed.clone();
    world.put(one, &[linked.clone(), merge_request(8, &[]), merge_request(9, &["A-1"])]).await;
    let reviewers =
        async || world.issue_merge_requests(&issue("A-1"), None, None).await.unwrap().items[1].reviewers.clone();
    assert_eq!(reviewers().await, listed);
    assert_eq!(world.merge_requests_to_review(one, 10).await.unwrap(), [9, 7], "no link, no question");
    assert_eq!(world.merge_requests_to_review(one, 1).await.unwrap(), [9]);

    // when they were read
    let approved = vec![Reviewer { user: user("ada"), approved: true }, Reviewer { user: user("bob"), approved: true }];
    let mut tx = world.write().await;
    tx.merge_request_reviewed(one, 7, &approved, (linked.merge_request.updated_at, NOW)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.merge_requests_to_review(one, 10).await.unwrap(), [9]);
    // then a list, which cannot tell approvals, does not overwrite them
    world.put(one, &[linked.clone()]).await;
    assert_eq!(reviewers().await, approved);
    // and a later change asks for them again
    linked.merge_request.updated_at += 1;
    world.put(one, &[linked]).await;
    assert_eq!(reviewers().await, approved);
    assert_eq!(world.merge_requests_to_review(one, 10).await.unwrap(), [9, 7]);
}

#[rstest]
#[tokio::test]
async fn one_that_the_forge_denies_is_gone_until_it_comes_back(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    world.put(one, &[merge_request(7, &["A-1"]), merge_request(8, &["A-1"])]).await;
    for (now, gone) in [(NOW + 1, 1), (NOW + 2, 0)] {
        let mut tx = world.write().await;
        assert_eq!(tx.merge_requests_gone(one, &[7, 99], now).await.unwrap(), gone);
        tx.commit().await.unwrap();
    }
    assert_eq!(numbers(&world, "A-1").await, [8]);
    let kept = world.merge_request_heads(one).await.unwrap();
    assert_eq!(kept.iter().map(|it| (it.number, it.gone_at)).collect::<Vec<_>>(), [(7, Some(NOW + 1)), (8, None)]);
    assert_eq!(world.merge_requests_to_review(one, 10).await.unwrap(), [8]);
    let mut tx = world.write().await;
    let listed = [merge_request(7, &["A-1"]), merge_request(8, &["A-2"]), merge_request(9, &[])];
    let written = tx.merge_requests_put(one, &listed, RULES, NOW + 3).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((written.added, written.links), (2, LinksChanged { added: 2, removed: 1 }));
    world.put(one, &[merge_request(8, &["A-1"])]).await;
    assert_eq!(numbers(&world, "A-1").await, [8, 7]);
    let back = world.merge_request_heads(one).await.unwrap().remove(0);
    assert_eq!((back.number, back.gone_at, back.first_seen_at), (7, None, NOW));
}

#[rstest]
#[tokio::test]
async fn it_is_shown_as_it_is(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, source] = world.listed(account, &[forge_repository("1"), forge_repository("2")]).await;
    let mut new = merge_request(7, &["A-1"]);
    new.merge_request.source_repository_forge_id = Some("2".to_owned());
    new.merge_request.draft = true;
    new.merge_request.state = MergeRequestState::Declined;
    let mut orphan = merge_request(6, &["A-1"]);
    orphan.merge_request.source_repository_forge_id = None;
    orphan.merge_request.head = None;
    world.put(one, &[new.clone(), orphan]).await;
    let shown = world.issue_merge_requests(&issue("A-1"), None, None).await.unwrap().items;
    let (told, it) = (&new.merge_request, &shown[0]);
    assert_eq!((it.number, &it.forge_id, &it.title, it.state), (7, &told.forge_id, &told.title, told.state));
    assert_eq!((it.draft, &it.author, it.comment_count), (true, &told.author, 3));
    assert_eq!(
        (&it.source_branch, &it.target_branch, &it.web_url),
        (&told.source_branch, &told.target_branch, &told.web_url)
    );
    assert_eq!((it.created_at, it.updated_at, it.merged_at), (told.created_at, told.updated_at, None));
    assert_eq!((it.repository.id, it.source_repository.as_ref().map(|it| it.id)), (one, Some(source)));
    assert_eq!((shown[1].number, &shown[1].source_repository), (6, &None));
}

#[rstest]
#[tokio::test]
async fn what_is_not_merged_is_told_with_its_target(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, two] = world.repositories(account, ["1", "2"]).await;
    world.insert(one, &[commit(1, &[]), commit(2, &[])]).await;
    let with = |number, state, head| {
        let mut new = merge_request(number, &["A-1"]);
        (new.merge_request.state, new.merge_request.head) = (state, head);
        new.commits = Some(vec![oid(number.unsigned_abs())]);
        new
    };
    let open = with(1, MergeRequestState::Open, Some(oid(1)));
    let closed = with(2, MergeRequestState::Declined, Some(oid(2)));
    let merged = with(3, MergeRequestState::Merged, Some(oid(3)));
    let headless = with(4, MergeRequestState::Open, None);
    let gone = with(5, MergeRequestState::Open, Some(oid(5)));
    world.put(one, &[open, closed, merged, headless, gone]).await;
    world.put(two, &[with(1, MergeRequestState::Open, Some(oid(1)))]).await;
    let mut tx = world.write().await;
    tx.merge_requests_gone(one, &[5], NOW).await.unwrap();
    tx.commit().await.unwrap();

    let told = world.merge_requests_unmerged(one).await.unwrap();
    let told: Vec<_> = told.iter().map(|one| (one.number, one.state, one.head.clone())).collect();
    assert_eq!(told, [(1, MergeRequestState::Open, oid(1)), (2, MergeRequestState::Declined, oid(2))]);
    let with_second = world.merge_requests_with(one, &[oid(2), oid(77)]).await.unwrap();
    assert_eq!(with_second.into_iter().collect::<Vec<_>>(), [2]);
    assert!(world.merge_requests_with(one, &[]).await.unwrap().is_empty());
}
