use model::{EntityKind, KeyForm, Mention};
use rstest::rstest;
use store::BranchesReplaced;
use store::testing::Engine;

use crate::world::{NOW, RULES, World, branch, commit, issue, oid, strict};

#[rstest]
#[tokio::test]
async fn a_list_adds_moves_and_ends_branches(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    world.insert(one, &[commit(1, &[])]).await;
    let names = async || {
        let page = world.issue_branches(&issue("A-1"), None, None).await.unwrap();
        page.items.into_iter().map(|item| (item.name, item.moved_at)).collect::<Vec<_>>()
    };
    let (main, feature, other) = (branch("main", 1, &[]), branch("A-1-x", 1, &["A-1"]), branch("A-1-y", 1, &["A-1"]));

    let changed = world.branches_are(one, &[main.clone(), feature.clone(), other.clone()], NOW).await;
    assert_eq!(changed, BranchesReplaced { added: 3, links_added: 2, ..BranchesReplaced::default() });
    assert_eq!(names().await.len(), 2);

    // when one moves, one stays and one is gone
    let moved = branch("A-1-x", 2, &["A-1"]);
    let changed = world.branches_are(one, &[main.clone(), moved.clone()], NOW + 1).await;
    assert_eq!(changed, BranchesReplaced { moved: 1, removed: 1, links_removed: 1, ..BranchesReplaced::default() });
    assert_eq!(names().await, [("A-1-x".to_owned(), NOW + 1)]);

    // then it is still known when it was last seen
    let kept = world.branches(one).await.unwrap();
    let gone = kept.iter().find(|branch| branch.name == "A-1-y").unwrap();
    assert_eq!((gone.gone_at, gone.first_seen_at, gone.moved_at), (Some(NOW + 1), NOW, NOW));
    assert_eq!(world.mentions_of(EntityKind::Branch, gone.id).await.unwrap().len(), 1);

    // when the same list comes again, then nothing changes
    let again = world.branches_are(one, &[main.clone(), moved.clone()], NOW + 2).await;
    assert_eq!(again, BranchesReplaced::default());
    assert_eq!(world.branches(one).await.unwrap(), kept);

    // when it comes back, then under its old number
    let changed = world.branches_are(one, &[main, moved, other], NOW + 3).await;
    assert_eq!(changed, BranchesReplaced { added: 1, links_added: 1, ..BranchesReplaced::default() });
    assert_eq!(names().await, [("A-1-y".to_owned(), NOW + 3), ("A-1-x".to_owned(), NOW + 1)]);
    let back = world.branches(one).await.unwrap();
    let back = back.iter().find(|branch| branch.name == "A-1-y").unwrap();
    assert_eq!((back.id, back.gone_at, back.first_seen_at), (gone.id, None, NOW));
}

#[rstest]
#[tokio::test]
async fn names_of_any_length_stand_in_order_of_their_bytes(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one, two] = world.repositories(account, ["1", "2"]).await;
    let long = "l".repeat(60_000);
    let longer = format!("{long}!");
    // in a dictionary these would stand otherwise
    let ordered = ["A", "B", "Z", "_", "a", "a-b", "aa", "b", &long, &longer, "z", "ä", "\u{1f600}"];
    let mut names: Vec<_> = ordered.iter().map(|name| branch(name, 1, &[])).collect();
    names.reverse();
    world.branches_are(one, &names, NOW).await;
    // the same names elsewhere are other branches
    world.branches_are(two, &names, NOW).await;
    let kept: Vec<String> = world.branches(one).await.unwrap().into_iter().map(|branch| branch.name).collect();
    assert_eq!(kept, ordered);
}

#[rstest]
#[tokio::test]
async fn a_branch_is_shown_with_the_commit_at_its_head(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    world.insert(one, &[commit(1, &[])]).await;
    let many: Vec<_> = (0..620).map(|number| branch(&format!("A-1-{number:04}"), number % 2, &["A-1"])).collect();
    world.branches_are(one, &many, NOW).await;
    let page = world.issue_branches(&issue("A-1"), None, None).await.unwrap();
    assert_eq!((page.items.len(), page.next), (620, None));
    for item in page.items {
        let at_head = item.head_commit.map(|commit| commit.object_id);
        assert_eq!(at_head, (item.head == oid(1)).then(|| oid(1)), "{}", item.name);
        assert_eq!(item.repository.id, one);
    }
}

#[rstest]
#[tokio::test]
async fn a_first_import_tells_a_branch_by_its_head_and_later_ones_by_the_clock(
    #[values("sqlite", "postgres")] engine: Engine,
) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    let (old, fresh) = (commit(1, &[]), commit(2, &[]));
    world.insert(one, &[old.clone(), fresh.clone()]).await;
    let later = NOW + 3_600_000;
    let moved_at = async || {
        let page = world.issue_branches(&issue("A-1"), None, None).await.unwrap();
        page.items.into_iter().map(|item| item.moved_at).collect::<Vec<_>>()
    };
    // given: the first import
    world.branches_are(one, &[branch("A-1-x", 1, &["A-1"])], later).await;
    assert_eq!(moved_at().await, [old.commit.committed_at]);
    let mut tx = world.begin_write(store::Lane::Live).await.unwrap();
    tx.repository_synced(one, later, false).await.unwrap();
    tx.commit().await.unwrap();
    // when it is seen to move
    world.branches_are(one, &[branch("A-1-x", 2, &["A-1"])], later + 7).await;
    // then
    assert_eq!(moved_at().await, [later + 7]);
}

#[rstest]
#[tokio::test]
async fn unchanged_branches_are_read_again_under_a_new_rule(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    let named = |keys: &[&str]| [branch("A-1-x", 1, &["A-9"]), branch("A-1-UTF-8", 1, keys), branch("main", 1, &[])];
    let noise = Mention { key: "UTF-8".to_owned(), form: KeyForm::Noise };
    let mut tomorrow = named(&["A-1"]);
    tomorrow[1].mentions.push(noise.clone());
    // given what today's rule finds
    world.branches_are(one, &named(&["A-1", "UTF-8"]), NOW).await;
    let before = world.branches(one).await.unwrap();
    // when another rule takes one of them for noise, then the link goes, and nothing counts as moved
    let mut tx = world.write().await;
    let changed = tx.branches_replace(one, &tomorrow, RULES + 1, NOW + 1).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(changed, BranchesReplaced { links_removed: 1, ..BranchesReplaced::default() });
    assert_eq!(world.branches(one).await.unwrap(), before);
    let said = before.iter().find(|branch| branch.name == "A-1-UTF-8").unwrap();
    assert_eq!(world.mentions_of(EntityKind::Branch, said.id).await.unwrap(), [strict("A-1"), noise]);
    assert_eq!(world.issue_branches(&issue("UTF-8"), None, None).await.unwrap().items.len(), 0);
    assert_eq!(world.issue_branches(&issue("A-9"), None, None).await.unwrap().items[0].moved_at, NOW);
    // when the old one comes back, then so does the link
    let changed = world.branches_are(one, &named(&["A-1", "UTF-8"]), NOW + 2).await;
    assert_eq!(changed, BranchesReplaced { links_added: 1, ..BranchesReplaced::default() });
}
