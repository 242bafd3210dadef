//! What events lead to.

use std::time::Duration;

use bytes::Bytes;
use model::secret::ExposeSecret;
use model::{Clock, MergeRequestState};
use rstest::rstest;
use sandbox::gitlab::model::{
    AccessLevel, HookChange, HookPlace, MergeMethod, MergeRequestChange, MergeRequestId, NewMergeRequest, ProjectId,
    Visibility,
};
use serde_json::json;
use store::{HookOf, InboxState, JobLane, Lane, NewJob};
use sync::Mode;
use sync::hook::{HookRefused, Incoming, LONGEST_BODY, Received};

use super::town::Town;
use crate::world::{Database, GROUP, query};

/// A town with the project `api`, imported.
async fn town(database: Database) -> Option<(Town, ProjectId, i64)> {
    let town = Town::new(database).await?;
    let api = town.project("api").await;
    town.push(api, &[("main", "PLAT-1 Begin")]).await;
    let account = town.import(GROUP).await;
    town.settle().await;
    Some((town, api, account))
}

fn push_of(project: ProjectId) -> String {
    let (before, after) = ("0".repeat(40), "1".repeat(40));
    json!({ "object_kind": "push", "event_name": "push", "ref": "refs/heads/main", "before": before, "after": after,
            "project_id": project.0, "commits": [], "total_commits_count": 0 })
    .to_string()
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_there_with_its_event(#[case] database: Database) {
    // given
    let Some((town, api, account)) = town(database).await else { return };

    // when: more commits than an event names
    let messages: Vec<String> = (0..30).map(|number| format!("PLAT-2 Step {number}")).collect();
    let mut commits: Vec<(&str, &str)> = messages.iter().map(|message| ("main", message.as_str())).collect();
    commits.push(("PLAT-3-topic", "PLAT-3 Try"));
    town.push(api, &commits).await;
    town.settle().await;

    // then
    assert_eq!(town.reachable("PLAT-2").await.len(), 30);
    assert_eq!(
        (town.reachable("PLAT-3").await.len(), town.branches("PLAT-3").await),
        (1, vec!["PLAT-3-topic".to_owned()])
    );
    let hook = town.hook(HookOf::Account(account)).await;
    assert_eq!(hook.last_event.as_deref(), Some("Push Hook"));
    let outcomes = town.outcomes(account).await;
    assert!(
        outcomes.iter().all(|(state, outcome)| *state == InboxState::Done && outcome.contains("Push")),
        "{outcomes:?}"
    );
    assert_eq!(outcomes.len(), 2, "one for each branch");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_an_event_holds_no_secret() {
    // given
    let Some((town, api, account)) = town(Database::Sqlite).await else { return };

    // when
    town.push(api, &[("main", "PLAT-2 Later")]).await;
    town.settle().await;

    // then
    let (event, hook) = (town.events(account).await.remove(0), town.hook(HookOf::Account(account)).await);
    let names: Vec<&String> = event.headers.as_object().unwrap().keys().collect();
    assert!(names.iter().any(|name| *name == "x-gitlab-event-uuid") && names.iter().any(|name| *name == "user-agent"));
    assert!(!names.iter().any(|name| *name == "x-gitlab-token"), "{names:?}");
    assert!(!event.headers.to_string().contains(hook.secret.expose_secret()));
    assert!(event.body.contains("PLAT-2 Later"), "as it came");
}

#[tokio::test(flavor = "multi_thread")]
async fn branches_come_go_and_are_forced() {
    // given
    let Some((town, api, account)) = town(Database::Sqlite).await else { return };
    town.push(api, &[("PLAT-5-topic", "PLAT-6 Try")]).await;
    town.settle().await;
    assert_eq!(town.branches("PLAT-5").await, ["PLAT-5-topic"]);

    // when
    town.force(api, "PLAT-5-topic", "main").await;
    town.settle().await;

    // then
    let commits = town.commits("PLAT-6").await;
    assert!(commits.len() == 1 && commits[0].1, "kept, and marked: {commits:?}");
    assert_eq!(town.branches("PLAT-5").await, ["PLAT-5-topic"]);

    // when
    town.delete_branch(api, "PLAT-5-topic").await;
    town.settle().await;

    // then
    assert!(town.branches("PLAT-5").await.is_empty());
    town.assert_up_to_date(account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_event_is_healed_by_the_next_one_and_by_the_refresh() {
    // given
    let Some((town, api, account)) = town(Database::Sqlite).await else { return };

    // when
    town.lose_events(true);
    town.push(api, &[("main", "PLAT-2 Lost")]).await;
    town.settle().await;
    assert!(town.reachable("PLAT-2").await.is_empty());
    town.lose_events(false);
    town.push(api, &[("main", "PLAT-3 Told")]).await;
    town.settle().await;

    // then
    assert_eq!((town.reachable("PLAT-2").await.len(), town.reachable("PLAT-3").await.len()), (1, 1));

    // when: a push of so many branches that none is told
    let before = town.events(account).await.len();
    town.push(api, &[("b/1", "PLAT-4 a"), ("b/2", "PLAT-4 b"), ("b/3", "PLAT-4 c"), ("b/4", "PLAT-4 d")]).await;
    town.settle().await;
    assert_eq!((town.events(account).await.len(), town.reachable("PLAT-4").await.len()), (before, 0));
    town.refresh(account).await;

    // then
    assert_eq!(town.reachable("PLAT-4").await.len(), 4);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn doubled_events_and_events_in_another_order_change_nothing_twice(#[case] database: Database) {
    // given
    let Some((town, api, account)) = town(database).await else { return };
    for number in 2..6 {
        town.push(api, &[("main", format!("PLAT-{number} Step").as_str())]).await;
    }
    town.settle().await;
    let (events, counts) = (town.events(account).await, town.repository(account, "api").await);
    assert_eq!(events.len(), 4);

    // when: the forge sends all of them again, and somebody else the newest first under other keys
    for delivery in town.server.hooks().deliveries() {
        town.server.hooks().resend(delivery.id).await.unwrap();
    }
    town.settle().await;
    assert_eq!(town.events(account).await.len(), 4, "the same keys");
    let hook = town.hook(HookOf::Account(account)).await;
    for (number, event) in events.iter().rev().enumerate() {
        let told = town.tell(&hook, &event.event, &format!("again-{number}"), &event.body).await.unwrap();
        assert_eq!(told, Received::Kept);
        let twice = town.tell(&hook, &event.event, &format!("again-{number}"), &event.body).await.unwrap();
        assert_eq!(twice, Received::Known);
    }
    town.settle().await;

    // then
    assert_eq!(town.events(account).await.len(), 8);
    for number in 1..6 {
        assert_eq!(town.reachable(&format!("PLAT-{number}")).await.len(), 1);
    }
    assert_eq!(town.repository(account, "api").await.failures, counts.failures);
    town.assert_up_to_date(account).await;
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_comes_again_from_a_gitlab_that_numbers_nothing_is_kept_once(#[case] database: Database) {
    // given
    let Some((town, api, account)) = town(database).await else { return };
    town.server.switches().no_delivery_ids();
    town.push(api, &[("main", "PLAT-2 Step")]).await;
    town.settle().await;

    // when
    town.clock.advance(61_000);
    for delivery in town.server.hooks().deliveries() {
        town.server.hooks().resend(delivery.id).await.unwrap();
    }
    town.settle().await;

    // then: it is known, and that it came is noted
    assert_eq!(town.events(account).await.len(), 1);
    assert_eq!(town.reachable("PLAT-2").await.len(), 1);
    assert_eq!(town.hook(HookOf::Account(account)).await.last_event_at, Some(town.clock.now()));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_know_the_secret_leaves_no_trace() {
    // given
    let Some((town, api, account)) = town(Database::Sqlite).await else { return };
    let hook = town.hook(HookOf::Account(account)).await;
    let body = push_of(api);
    town.server.requests().clear();

    // when
    let wrong = town.tell_with(&hook, "wrong", "Push Hook", "a", &body).await;
    let none = town.tell_with(&hook, "", "Push Hook", "b", &body).await;
    let stranger = store::Hook { id: "0".repeat(32), ..hook.clone() };
    let unknown = town.tell(&stranger, "Push Hook", "c", &body).await;
    let headers = [("X-Gitlab-Token".to_owned(), hook.secret.expose_secret().to_owned())];
    let incoming = Incoming { kind: "folder", id: &hook.id, headers: &headers, body: Bytes::new() };
    let other_kind = sync::hook::receive(&town.engine, incoming.clone()).await;
    let long = Incoming { kind: "gitlab", body: vec![b' '; LONGEST_BODY + 1].into(), ..incoming };
    let long = sync::hook::receive(&town.engine, long).await;

    // then
    assert!(matches!(wrong, Err(HookRefused::Forbidden)) && matches!(none, Err(HookRefused::Forbidden)));
    assert!(matches!(unknown, Err(HookRefused::Unknown)) && matches!(other_kind, Err(HookRefused::Unknown)));
    assert!(matches!(long, Err(HookRefused::TooLarge)));
    town.settle().await;
    assert!(town.events(account).await.is_empty() && town.server.requests().all().is_empty());
    assert_eq!(town.hook(HookOf::Account(account)).await.last_event_at, None);
}

/// The merge request of an issue: its state, comments, and who approved.
async fn shown(town: &Town, key: &str) -> Option<(MergeRequestState, i64, Vec<bool>)> {
    let page = town.store.issue_merge_requests(&query(key), None, None).await.unwrap();
    let shown = page.items.into_iter().next()?;
    let approved = shown.reviewers.iter().map(|reviewer| reviewer.approved).collect();
    Some((shown.state, shown.comment_count, approved))
}

async fn open(town: &Town, api: ProjectId) -> MergeRequestId {
    town.push(api, &[("topic", "PLAT-8 In a commit")]).await;
    let new = NewMergeRequest::within(api, "topic", "main", "PLAT-2 A title", town.jira);
    let id = town.model().open_merge_request(new).await.unwrap();
    town.settle().await;
    id
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_merge_request_is_followed_by_its_events(#[case] database: Database) {
    // given
    let Some((town, api, account)) = town(database).await else { return };
    let rita = town.member("rita", AccessLevel::Maintainer);

    // when: opened
    let id = open(&town, api).await;

    // then
    assert_eq!(shown(&town, "PLAT-2").await, Some((MergeRequestState::Open, 0, vec![])));
    assert_eq!(town.merge_requests("PLAT-8").await, [1], "its commits count");

    // when: renamed, with a reviewer
    town.clock.advance(1_000);
    let change = MergeRequestChange {
        title: Some("PLAT-3 A title".to_owned()),
        reviewers: Some(vec![rita]),
        ..MergeRequestChange::default()
    };
    town.model().update_merge_request(id, town.jira, change).await.unwrap();
    town.settle().await;

    // then
    assert_eq!(shown(&town, "PLAT-2").await, None);
    assert_eq!(shown(&town, "PLAT-3").await, Some((MergeRequestState::Open, 0, vec![false])));

    // when: commented and approved
    town.clock.advance(1_000);
    town.model().comment(id, rita, "Well done").unwrap();
    town.settle().await;
    town.clock.advance(1_000);
    town.model().approve(id, rita).unwrap();
    town.settle().await;

    // then
    assert_eq!(shown(&town, "PLAT-3").await, Some((MergeRequestState::Open, 1, vec![true])));

    // when: closed, opened again, and merged
    town.clock.advance(1_000);
    town.model().close_merge_request(id, rita).unwrap();
    town.settle().await;
    assert_eq!(shown(&town, "PLAT-3").await.unwrap().0, MergeRequestState::Declined);
    town.clock.advance(1_000);
    town.model().reopen_merge_request(id, rita).await.unwrap();
    town.settle().await;
    assert_eq!(shown(&town, "PLAT-3").await.unwrap().0, MergeRequestState::Open);
    town.clock.advance(1_000);
    town.model().merge(id, rita, MergeMethod::MergeCommit).await.unwrap();
    town.settle().await;

    // then
    assert_eq!(shown(&town, "PLAT-3").await.unwrap().0, MergeRequestState::Merged);
    let outcomes = town.outcomes(account).await;
    assert!(outcomes.iter().all(|(state, _)| *state == InboxState::Done), "{outcomes:?}");
    assert!(outcomes.iter().any(|(_, outcome)| outcome.starts_with("Comment on a merge request")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_wants_is_ignored_and_says_so() {
    // given
    let Some((town, api, account)) = town(Database::Sqlite).await else { return };
    let hook = town.hook(HookOf::Account(account)).await;
    let id = town.repository(account, "api").await.id;
    town.server.requests().clear();

    // when
    let tag =
        json!({ "object_kind": "tag_push", "event_name": "tag_push", "ref": "refs/tags/v1", "project_id": api.0 });
    town.tell(&hook, "Tag Push Hook", "tag", &tag.to_string()).await.unwrap();
    let pipeline = json!({ "object_kind": "pipeline", "project": { "id": api.0 } });
    town.tell(&hook, "Pipeline Hook", "pipeline", &pipeline.to_string()).await.unwrap();
    let note = json!({ "object_kind": "note", "project_id": api.0, "object_attributes": { "noteable_type": "Issue" } });
    town.tell(&hook, "Note Hook", "note", &note.to_string()).await.unwrap();
    town.tell(&hook, "Push Hook", "broken", "{\"object_kind\": \"push").await.unwrap();
    town.idle().await;
    town.engine.store().repository_set_paused(id, true).await.unwrap();
    town.tell(&hook, "Push Hook", "paused", &push_of(api)).await.unwrap();
    town.idle().await;
    town.engine.store().repository_set_paused(id, false).await.unwrap();
    sync::request::pause(&town.engine, account).await.unwrap();
    town.tell(&hook, "Push Hook", "account paused", &push_of(api)).await.unwrap();
    town.idle().await;

    // then
    let outcomes = town.outcomes(account).await;
    let states: Vec<InboxState> = outcomes.iter().map(|(state, _)| *state).collect();
    let (ignored, failed) = (InboxState::Ignored, InboxState::Failed);
    assert_eq!(states, [ignored, ignored, ignored, failed, ignored, ignored], "{outcomes:?}");
    assert!(outcomes.iter().all(|(_, outcome)| outcome.len() > 10), "{outcomes:?}");
    assert!(town.server.requests().all().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ignored_event_can_be_replayed() {
    // given: an event of a repository that is not linked
    let Some((town, api, account)) = town(Database::Sqlite).await else { return };
    let id = town.repository(account, "api").await.id;
    let other = town.project("other").await;
    town.push(other, &[("main", "PLAT-9 Begin")]).await;
    town.settle().await;
    town.wait(Duration::from_secs(61)).await;
    sync::request::set_linked(&town.engine, account, id, false).await.unwrap();
    town.push(api, &[("main", "PLAT-2 Later")]).await;
    town.settle().await;
    let event = town.events(account).await.pop().unwrap();
    assert_eq!((event.state, event.outcome.as_deref()), (InboxState::Ignored, Some("The repository is not linked.")));

    // when
    sync::request::set_linked(&town.engine, account, id, true).await.unwrap();
    town.idle().await;
    sync::hook::replay(&town.engine, event.id).await.unwrap();
    town.idle().await;

    // then
    let again = town.store.inbox_event(event.id).await.unwrap().unwrap();
    assert_eq!(again.state, InboxState::Done);
    assert_eq!(town.reachable("PLAT-2").await.len(), 1);
    assert!(sync::hook::replay(&town.engine, -1).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_to_an_unknown_project_of_the_group_brings_it_in() {
    // given
    let Some((town, _, account)) = town(Database::Sqlite).await else { return };

    // when
    let new = town.project("new").await;
    town.push(new, &[("main", "PLAT-4 Begin")]).await;
    town.server.hooks().idle().await;
    town.wait(Duration::from_secs(61)).await;

    // then
    assert_eq!(town.repository(account, "new").await.path, "platform/new");
    assert_eq!(town.reachable("PLAT-4").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn created_and_renamed_projects_are_read_from_the_list() {
    // given: an administrator of the forge who tells us of everything
    let Some((town, api, account)) = town(Database::Sqlite).await else { return };
    let hook = town.hook(HookOf::Account(account)).await;
    let token = Some(hook.secret.expose_secret().to_owned());
    let system = HookChange { url: hook.url.clone(), token, ..HookChange::default() };
    town.model().create_hook(HookPlace::Instance, system).unwrap();
    town.clock.advance(61_000);

    // when
    town.model().rename_project(api, "gateway", "Gateway").unwrap();
    town.settle().await;

    // then
    assert_eq!(town.repository(account, "gateway").await.path, "platform/gateway");
    assert_eq!(town.reachable("PLAT-1").await.len(), 1);

    // when: nothing was pushed to it yet
    town.clock.advance(61_000);
    town.project("new").await;
    town.settle().await;

    // then
    assert_eq!(town.repository(account, "new").await.path, "platform/new");
    let outcomes = town.outcomes(account).await;
    assert!(outcomes.iter().any(|(_, outcome)| outcome.contains("list of repositories")), "{outcomes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_of_one_project_is_no_door_to_another() {
    // given
    let Some(town) = Town::new(Database::Sqlite).await else { return };
    let (api, web) = (town.project("api").await, town.project("web").await);
    let mia = town.member("mia", AccessLevel::Maintainer);
    let account = town.import_as(mia, GROUP).await;
    let hook = town.hook(HookOf::Repository(town.repository(account, "api").await.id)).await;
    town.server.requests().clear();

    // when
    town.tell(&hook, "Push Hook", "a", &push_of(web)).await.unwrap();
    town.idle().await;

    // then
    assert_eq!(town.outcomes(account).await[0].0, InboxState::Ignored);
    assert!(town.server.requests().all().is_empty());

    // when
    town.tell(&hook, "Push Hook", "b", &push_of(api)).await.unwrap();
    town.idle().await;

    // then
    assert_eq!(town.outcomes(account).await[1].0, InboxState::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_during_a_sync_goes_before_the_rest_of_it() {
    // given: a full sync under way, held by another node
    let Some((town, api, account)) = town(Database::Sqlite).await else { return };
    let id = town.repository(account, "api").await.id;
    let key = format!("repository:{id}");
    town.stop().await;
    sync::request::sync_repository(&town.engine, id, Mode::Full).await.unwrap();
    let now = model::Clock::now(&*town.clock);
    let running = town.store.job_claim("other", Some(JobLane::Import), now, now + 10_000_000).await.unwrap().unwrap();
    assert_eq!(running.resource_key, key);

    // when: an event is worked off
    let mut town = town;
    town.push(api, &[("main", "PLAT-2 Later")]).await;
    town.server.hooks().idle().await;
    town.restart().await;
    while !town.store.live_job_waiting(&key, now).await.unwrap() {
        tokio::task::yield_now().await;
    }

    // then: it waits for the end of a chunk, and comes next
    assert!(town.reachable("PLAT-2").await.is_empty());
    let mut tx = town.store.begin_write(store::Lane::Live).await.unwrap();
    tx.job_finish(&running).await.unwrap();
    tx.commit().await.unwrap();
    town.idle().await;
    assert_eq!(town.reachable("PLAT-2").await.len(), 1);
    town.assert_up_to_date(account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_during_the_first_import_is_not_missed() {
    // given: an import of many commits under way, its hook registered
    let Some(town) = Town::new(Database::Sqlite).await else { return };
    let visibility = Visibility::Private;
    let api = town.model().create_project(GROUP, "api", "api", visibility, town.jira).await.unwrap();
    let messages: Vec<String> = (0..2_000).map(|number| format!("PLAT-1 Step {number}")).collect();
    town.push(api, &messages.iter().map(|message| ("main", message.as_str())).collect::<Vec<_>>()).await;
    let account = town.connect(GROUP).await;
    while town.group_hooks().is_empty() {
        tokio::task::yield_now().await;
    }

    // when
    for number in 0..5 {
        town.push(api, &[("main", format!("PLAT-2 During {number}").as_str())]).await;
    }
    town.settle().await;

    // then
    assert_eq!((town.reachable("PLAT-1").await.len(), town.reachable("PLAT-2").await.len()), (2_000, 5));
    town.assert_up_to_date(account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_and_jobs_given_up_are_kept_for_a_week() {
    // given
    let Some((town, api, account)) = town(Database::Sqlite).await else { return };
    town.push(api, &[("main", "PLAT-2 Later")]).await;
    town.settle().await;
    give_up_a_job(&town).await;

    // when
    town.wait(Duration::from_secs(6 * 24 * 3_600)).await;

    // then
    assert_eq!((town.events(account).await.len(), town.store.jobs_failed().await.unwrap().len()), (1, 1));

    // when
    town.wait(Duration::from_secs(25 * 3_600)).await;
    town.wait(Duration::from_secs(3_601)).await;

    // then
    assert!(town.events(account).await.is_empty());
    assert!(town.store.jobs_failed().await.unwrap().is_empty());
    assert_eq!(town.reachable("PLAT-2").await.len(), 1);
}

/// A job of a kind that this engine knows, with contents that it does not, as an older version may have left it.
async fn give_up_a_job(town: &Town) {
    let job = NewJob {
        kind: "sync_repository".to_owned(),
        dedup_key: "old".to_owned(),
        resource_key: "old".to_owned(),
        lane: JobLane::Live,
        priority: 0,
        payload: json!({}),
        run_at: 0,
    };
    let now = model::Clock::now(&*town.clock);
    let mut tx = town.store.begin_write(Lane::Live).await.unwrap();
    tx.job_enqueue(&job, now).await.unwrap();
    tx.commit().await.unwrap();
    town.settle().await;
    assert_eq!(town.store.jobs_failed().await.unwrap().len(), 1);
}
