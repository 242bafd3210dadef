//! What watchers see of an import.

use sandbox::gitlab::model::NewMergeRequest;

use crate::world::{Database, GROUP, World};

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_of_an_import_are_told_live() {
    // given
    let Some(world) = World::new(Database::Sqlite).await else { return };
    for name in ["a", "b", "c"] {
        let project = world.project(name).await;
        world.push(project, &[("main", format!("PLAT-1 Begin {name}").as_str()), ("main", "No key")]).await;
        world.push(project, &[("topic", "No key either")]).await;
        let new = NewMergeRequest::within(project, "topic", "main", "No key", world.jira);
        world.model().open_merge_request(new).await.unwrap();
    }
    let mut watcher = world.engine.progress();

    // when
    let account = world.connect(GROUP).await;
    let ended = loop {
        watcher.changed().await.unwrap();
        let seen = watcher.borrow_and_update().accounts.get(&account).cloned();
        if let Some(seen) = seen.filter(|seen| !seen.running && seen.repositories_done == 3) {
            break seen;
        }
    };

    // then
    assert_eq!((ended.repositories_total, ended.commits, ended.commits_total, ended.links), (3, 9, 9, 3));
    assert_eq!(ended.merge_requests, 3);
    assert!(ended.last_repository.unwrap().starts_with("platform/"));
    assert_eq!(ended.last_error, None);
}
