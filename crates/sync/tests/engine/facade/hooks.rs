//! Hooks that a Jira registered are called after what changed.

use std::time::Duration;

use http::StatusCode;
use rstest::rstest;
use sandbox::gitlab::model::{MergeRequestChange, NewMergeRequest, ProjectId};
use store::facade::FacadeHook;
use sync::facade::{self, Visitor};

use super::jira::{Bell, Call, Jira, imported};
use crate::world::{Database, World};

/// A world with an imported project, and a Jira that has registered its two hooks.
struct Post {
    world: World,
    project: ProjectId,
    account: i64,
    repository: i64,
    visitor: Visitor,
    bell: Bell,
    form: FacadeHook,
    json: FacadeHook,
}

const BOTH: [&str; 4] = ["push", "pull_request", "pull_request_review_comment", "issue_comment"];

impl Post {
    async fn new(database: Database) -> Option<Self> {
        let world = World::new(database).await?;
        let project = world.project("api").await;
        world.push(project, &[("main", "PLAT-1 Begin"), ("PLAT-2-x", "PLAT-2 Go on")]).await;
        let jira = Jira::known(&world).await;
        let visitor = jira.visit(&world, world.jira).await;
        let account = imported(&world, &visitor).await.id;
        let repository = world.repository(account, "api").await.id;
        let bell = Bell::hang().await;
        let add = async |events: &[&str], json| {
            let events = events.iter().map(|event| (*event).to_owned()).collect();
            facade::hook_add(&world.engine, &visitor, repository, &bell.url, events, json, true).await.unwrap()
        };
        let (form, json) = (add(&["push"], false).await, add(&BOTH, true).await);
        Some(Self { project, account, repository, visitor, bell, form, json, world })
    }

    async fn refresh(&self) -> Vec<Call> {
        self.world.refresh(self.account).await;
        self.bell.calls()
    }

    async fn push(&self, message: &str) {
        self.world.push(self.project, &[("main", message)]).await;
    }

    async fn outcome(&self, hook: &FacadeHook) -> String {
        let hooks = self.world.store.facade_hooks(self.repository, self.visitor.grant.id).await.unwrap();
        let hook = hooks.into_iter().find(|one| one.id == hook.id).expect("the hook is there");
        hook.outcome.unwrap_or_default()
    }
}

fn events(calls: &[Call]) -> Vec<(&str, &str)> {
    calls.iter().map(|call| (call.event.as_str(), call.kind.as_str())).collect()
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_push_and_a_merge_request_ring_the_bells_that_want_to_know(#[case] database: Database) {
    // given
    let Some(post) = Post::new(database).await else { return };
    assert!(post.refresh().await.is_empty(), "nothing has changed");

    // when
    post.push("PLAT-3 Go further").await;

    // then both are called, each in its own way
    let calls = post.refresh().await;
    assert_eq!(events(&calls), [("push", JSON), ("push", FORM)]);
    assert!(calls.iter().all(|call| call.path == "/rest/bitbucket/1.0/repository/5/sync"));
    assert_ne!(calls[0].delivery, calls[1].delivery);
    let told: serde_json::Value = serde_json::from_str(&calls[0].body).unwrap();
    assert_eq!(told["repository"]["full_name"], "platform/api");
    assert!(calls[1].body.starts_with("payload=%7B"), "{}", calls[1].body);
    assert_eq!(post.outcome(&post.form).await, "Taken with status 200.");
    assert!(post.refresh().await.is_empty(), "it is told once");

    // when a merge request is opened, and changed
    let new = NewMergeRequest::within(post.project, "PLAT-2-x", "main", "PLAT-2 Merge", post.world.jira);
    let opened = post.world.model().open_merge_request(new).await.unwrap();
    assert_eq!(events(&post.refresh().await), [("pull_request", JSON)]);
    post.world.clock.advance(1_000);
    let change = MergeRequestChange { title: Some("PLAT-4 Merge".to_owned()), ..MergeRequestChange::default() };
    post.world.model().update_merge_request(opened, post.world.jira, change).await.unwrap();
    assert_eq!(events(&post.refresh().await), [("pull_request", JSON)]);

    // when a branch goes, then that is told as a push
    post.world.delete_branch(post.project, "PLAT-2-x").await;
    let calls = post.refresh().await;
    assert_eq!(events(&calls).into_iter().filter(|(event, _)| *event == "push").count(), 2, "{calls:?}");

    // when everything is compared and nothing differs, then nobody is called
    post.world.full_sync(post.account).await;
    assert!(post.bell.calls().is_empty());
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_jira_that_is_switched_off_is_called_again_and_one_that_refuses_is_not(#[case] database: Database) {
    // given
    let Some(post) = Post::new(database).await else { return };
    post.bell.answers(StatusCode::SERVICE_UNAVAILABLE);
    post.push("PLAT-3 Go further").await;

    // when
    let first = post.refresh().await;

    // then
    assert_eq!(first.len(), 2);
    let outcome = post.outcome(&post.json).await;
    assert_eq!(outcome, "It answered with status 503. Dovetail calls again later.");

    // when it is back, then the same delivery comes once more
    post.bell.answers(StatusCode::OK);
    post.world.wait(Duration::from_secs(30)).await;
    assert_eq!(post.bell.calls(), first);
    assert_eq!(post.outcome(&post.json).await, "Taken with status 200.");

    // when it does not want to know
    post.bell.answers(StatusCode::NOT_FOUND);
    post.push("PLAT-4 Go on").await;
    assert_eq!(post.refresh().await.len(), 2);
    post.world.wait(Duration::from_secs(30)).await;
    assert!(post.bell.calls().is_empty());
    let outcome = post.outcome(&post.form).await;
    assert_eq!(outcome, "It answered with status 404. Dovetail calls again with the next change.");
    assert!(post.world.store.jobs_failed().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_that_are_removed_or_whose_token_is_revoked_are_not_called() {
    // given
    let Some(post) = Post::new(Database::Sqlite).await else { return };
    let (engine, visitor) = (&post.world.engine, &post.visitor);

    // when one is removed
    assert!(facade::hook_remove(engine, visitor, post.repository, post.form.id).await.unwrap());
    assert!(!facade::hook_remove(engine, visitor, post.repository, post.form.id).await.unwrap());
    post.push("PLAT-3 Go further").await;
    assert_eq!(events(&post.refresh().await), [("push", JSON)]);

    // when the token is revoked
    let now = model::Clock::now(&*post.world.clock);
    post.world.store.facade_token_revoke(visitor.token_id, now).await.unwrap();
    post.push("PLAT-4 Go on").await;
    assert!(post.refresh().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_are_bounded() {
    // given
    let Some(post) = Post::new(Database::Sqlite).await else { return };
    let add = async |path: &str, events: Vec<String>| {
        let url = post.bell.url.join(path).unwrap();
        facade::hook_add(&post.world.engine, &post.visitor, post.repository, &url, events, true, true).await
    };

    // then
    assert!(add(&format!("/{}", "a".repeat(facade::LONGEST_HOOK_URL)), vec![]).await.is_err());
    assert!(add("/x", vec!["e".repeat(200)]).await.is_err());
    assert!(add("/x", vec![String::new(); 100]).await.is_err());
    for number in 2..facade::MOST_HOOKS {
        add(&format!("/{number}"), vec![]).await.unwrap();
    }
    assert!(add("/one-more", vec![]).await.is_err());
    add("/2", vec!["push".to_owned()]).await.unwrap();
    let mut secret = post.bell.url.clone();
    secret.set_password(Some("secret")).unwrap();
    assert!(add(secret.as_str(), vec![]).await.is_err());
}
