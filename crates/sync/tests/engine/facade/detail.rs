//! What is asked of the forge once, when the facade is asked for it.

use std::time::Duration;

use http::StatusCode;
use rstest::rstest;
use sandbox::gitlab::model::{MergeRequestId, NewMergeRequest};
use sandbox::gitlab::switches::{Failure, How};
use store::facade::{FacadePull, PullFilter, PullSort, PullState, PullsOf};
use sync::facade;

use super::jira::PATIENT;
use crate::world::{Database, GROUP, World, object_id};

/// A world with a merge request.
struct Talk {
    world: World,
    account: i64,
    repository: i64,
    merge_request: MergeRequestId,
}

impl Talk {
    async fn new(database: Database) -> Option<Self> {
        let world = World::new(database).await?;
        let project = world.project("api").await;
        world.push(project, &[("main", "PLAT-1 Begin"), ("PLAT-2-x", "PLAT-2 Go on")]).await;
        let new = NewMergeRequest::within(project, "PLAT-2-x", "main", "PLAT-2 Merge", world.jira);
        let merge_request = world.model().open_merge_request(new).await.unwrap();
        let account = world.import(GROUP).await;
        let repository = world.repository(account, "api").await.id;
        Some(Self { world, account, repository, merge_request })
    }

    async fn pull(&self) -> FacadePull {
        let of = PullsOf::Repository(self.repository);
        let filter = PullFilter { of, state: PullState::All, sort: PullSort::Created, descending: false };
        self.world.store.facade_pulls(filter, 0, 1).await.unwrap().items.remove(0)
    }

    fn say(&self, body: &str) {
        self.world.clock.advance(60_000);
        self.world.model().comment(self.merge_request, self.world.jira, body).unwrap();
    }

    /// What the facade tells, once the comments were looked for.
    async fn heard(&self, deadline: Duration) -> Vec<String> {
        let pull = self.pull().await;
        facade::notes(&self.world.engine, self.repository, &pull, deadline).await.unwrap();
        let notes = self.world.store.facade_notes(pull.id, 0, 100).await.unwrap();
        assert_eq!(notes.total, i64::try_from(notes.items.len()).unwrap());
        assert!(notes.items.iter().all(|note| note.author.login == "jira"));
        notes.items.into_iter().map(|note| note.body).collect()
    }

    fn asked(&self) -> usize {
        let all = self.world.server.requests().all();
        all.iter().filter(|request| request.path.ends_with("/notes")).count()
    }
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn comments_are_asked_for_when_there_are_new_ones(#[case] database: Database) {
    // given
    let Some(talk) = Talk::new(database).await else { return };

    // then: where there are none, nothing is asked
    assert!(talk.heard(PATIENT).await.is_empty());
    assert_eq!(talk.asked(), 0);

    // when
    talk.say("Looks good");
    talk.say("PLAT-7 too?");
    talk.world.refresh(talk.account).await;

    // then: once
    for _ in 0..3 {
        assert_eq!(talk.heard(PATIENT).await, ["Looks good", "PLAT-7 too?"]);
    }
    assert_eq!(talk.asked(), 1);

    // when the forge fails, or the asker has no time, then those of before are told
    talk.say("One more");
    talk.world.refresh(talk.account).await;
    talk.world.server.switches().fail(Failure::every("*/notes", How::Status(StatusCode::BAD_REQUEST)));
    assert_eq!(talk.heard(PATIENT).await.len(), 2);
    talk.world.server.switches().fail_no_more();
    assert_eq!(talk.heard(Duration::ZERO).await.len(), 2);

    // when it answers again
    assert_eq!(talk.heard(PATIENT).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_asked_for_once() {
    // given
    let Some(talk) = Talk::new(Database::Sqlite).await else { return };
    let commit = talk.world.store.facade_commit(talk.repository, "main").await.unwrap().unwrap();
    let asked = async |deadline| {
        let id = object_id(commit.commit.id.as_str());
        let told = facade::statistics_of(&talk.world.engine, talk.repository, commit.id, &id, deadline).await.unwrap();
        told.map(|told| (told.additions, told.deletions))
    };

    // then
    assert_eq!(asked(Duration::ZERO).await, None, "not yet");
    assert_eq!(asked(PATIENT).await, Some((1, 0)));
    talk.world.server.requests().clear();
    assert_eq!(asked(Duration::ZERO).await, Some((1, 0)));
    assert_eq!(talk.world.server.requests().all().len(), 0);
    let found = talk.world.store.facade_commit(talk.repository, "main").await.unwrap().unwrap();
    assert_eq!(found.statistics.unwrap().additions, 1);
}
