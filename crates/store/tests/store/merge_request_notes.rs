//! Comments of merge requests.

use model::{Millis, Note};
use rstest::rstest;
use store::NotesState;
use store::testing::Engine;

use crate::world::{NOW, World, merge_request, user};

fn note(forge_id: &str, created_at: Millis, body: &str) -> Note {
    let (forge_id, body) = (forge_id.to_owned(), body.to_owned());
    Note { forge_id, author: user("ada"), body, created_at, updated_at: created_at + 1 }
}

async fn put(world: &World, id: i64, notes: &[Note], updated_at: Millis) {
    let mut tx = world.write().await;
    tx.merge_request_notes_put(id, notes, updated_at).await.unwrap();
    tx.commit().await.unwrap();
}

/// Their forge ids, and how many there are.
async fn ids(world: &World, id: i64, offset: i64, limit: i64) -> (Vec<String>, i64) {
    let page = world.facade_notes(id, offset, limit).await.unwrap();
    (page.items.into_iter().map(|note| note.forge_id).collect(), page.total)
}

#[rstest]
#[tokio::test]
async fn comments_are_told_oldest_first_and_replaced_as_a_whole(#[values("sqlite", "postgres")] engine: Engine) {
    // given
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    world.put(one, &[merge_request(1, &[])]).await;
    let id = world.merge_request_heads(one).await.unwrap()[0].id;
    let unread = NotesState { number: 1, comment_count: 3, updated_at: NOW + 1, noted_at: None };
    assert_eq!(world.merge_request_notes_state(id).await.unwrap(), Some(unread.clone()));

    // when: one is named twice
    let first = note("9", NOW, "ABC-1 's \"first\"\n\u{1f600}");
    let notes = [note("30", NOW + 5, "late"), note("10", NOW, "second"), first.clone(), first.clone()];
    put(&world, id, &notes, NOW + 1).await;

    // then
    assert_eq!(ids(&world, id, 0, 10).await, (vec!["9".to_owned(), "10".to_owned(), "30".to_owned()], 3));
    assert_eq!(ids(&world, id, 1, 1).await, (vec!["10".to_owned()], 3));
    assert_eq!(ids(&world, id, 9, 1).await, (vec![], 3));
    assert_eq!(ids(&world, id, -5, -5).await, (vec![], 3));
    assert_eq!(world.facade_notes(id, 0, 1).await.unwrap().items, [first]);
    let read = NotesState { noted_at: Some(NOW + 1), ..unread };
    assert_eq!(world.merge_request_notes_state(id).await.unwrap(), Some(read));

    // when
    put(&world, id, &[note("30", NOW + 5, "changed")], NOW + 7).await;

    // then: and what the merge request itself says does not touch them
    world.put(one, &[merge_request(1, &["A-1"])]).await;
    assert_eq!(world.facade_notes(id, 0, 9).await.unwrap().items[0].body, "changed");
    assert_eq!(world.merge_request_notes_state(id).await.unwrap().unwrap().noted_at, Some(NOW + 7));
}

#[rstest]
#[tokio::test]
async fn comments_of_what_is_gone_are_not_kept(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [one] = world.repositories(account, ["1"]).await;
    world.put(one, &[merge_request(1, &[])]).await;
    let id = world.merge_request_heads(one).await.unwrap()[0].id;
    let mut tx = world.write().await;
    tx.merge_requests_gone(one, &[1], NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.merge_request_notes_state(id).await.unwrap(), None);
    put(&world, 404, &[note("1", NOW, "nowhere")], NOW).await;
    assert_eq!(ids(&world, 404, 0, 1).await, (vec![], 0));
    let many: Vec<Note> = (0..1_201).map(|number| note(&number.to_string(), NOW + number, "x")).collect();
    put(&world, id, &many, NOW).await;
    assert_eq!(ids(&world, id, 1_200, 10).await, (vec!["1200".to_owned()], 1_201));
}
