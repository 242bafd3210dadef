//! Development information follows what the forge says.

use model::{Channel, Outcome};
use rstest::rstest;
use sandbox::gitlab::model::MergeMethod;
use sandbox::jira::Lane;
use sandbox::jira::model::devinfo::EntityKind::{Branch, Commit, PullRequest};

use super::town::{Town, text};
use crate::world::{Database, GROUP};

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_is_backfilled_and_what_happens_is_live(#[case] database: Database) {
    // given
    let Some(town) = Town::cloud(database).await else { return };
    let world = &town.world;
    world.push(town.project, &[("main", "PLAT-1 Begin"), ("PLAT-2-topic", "PLAT-2 Work")]).await;
    let id = town.open("PLAT-2-topic", "PLAT-3 Fix the tax").await;

    // when
    let account = town.import().await;

    // then: all of it, without setting anything off
    let refs = world.refs(town.project).await;
    assert_eq!(town.ids("PLAT-1", Commit), [refs["main"].clone()]);
    assert_eq!(town.ids("PLAT-2", Commit), [refs["PLAT-2-topic"].clone()]);
    assert_eq!(town.ids("PLAT-2", Branch), ["PLAT-2-topic"]);
    assert_eq!(town.ids("PLAT-3", PullRequest), ["1"]);
    let repository = town.jira.model().development_repository(&town.repository_id("PLAT-1")).unwrap();
    assert_eq!(repository.body["name"], "platform/api");
    let submissions = ["PLAT-1", "PLAT-2", "PLAT-3"].into_iter().flat_map(|key| town.jira.model().development(key));
    for entity in submissions {
        let submission = &entity.submission;
        assert!(submission.prevent_transitions && submission.lane == Lane::Backfill, "{entity:?}");
        assert_eq!(submission.properties["accountId"], account.to_string());
    }
    let pull_request = town.entities("PLAT-3", PullRequest).remove(0);
    assert_eq!((text(&pull_request, "status"), text(&pull_request, "displayId")), ("OPEN", "!1"));
    let branch = town.entities("PLAT-2", Branch).remove(0);
    assert_eq!(text(&pull_request, "sourceBranchUrl"), text(&branch, "url"), "so Jira knows that they belong together");
    let commit = town.entities("PLAT-1", Commit).remove(0);
    assert_eq!(commit.body["author"]["email"], "ada@example.com");

    // when: something happens
    world.push(town.project, &[("main", "PLAT-4 Live #comment hello")]).await;
    world.model().merge(id, world.jira, MergeMethod::MergeCommit).await.unwrap();
    town.news(account).await;

    // then
    let live = town.entities("PLAT-4", Commit).remove(0);
    assert!(!live.submission.prevent_transitions && live.submission.lane == Lane::Normal);
    assert!(text(&live, "message").starts_with("PLAT-4 Live #comment hello"));
    let merged = town.entities("PLAT-3", PullRequest).remove(0);
    assert_eq!(text(&merged, "status"), "MERGED");
    assert!(merged.sequence > pull_request.sequence);
    assert!(town.outcomes(Channel::DevInfo).await.iter().all(|outcome| *outcome == Outcome::Sent));
    let told = town.deliveries(Channel::DevInfo).await;
    let live_title = format!("Commit {} of platform/api", &live.id[..8]);
    assert!(told.iter().any(|it| it.title == live_title), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn titles_that_change_and_branches_that_go_are_followed() {
    // given
    let Some(town) = Town::cloud(Database::Sqlite).await else { return };
    let world = &town.world;
    world.push(town.project, &[("main", "Begin"), ("PLAT-1-topic", "Work"), ("feature/PLAT-5", "PLAT-5 More")]).await;
    let id = town.open("PLAT-1-topic", "PLAT-2 Title").await;
    let account = town.import().await;
    assert_eq!(town.ids("PLAT-1", Branch), ["PLAT-1-topic"]);
    assert_eq!(town.ids("PLAT-1", Commit).len(), 1, "a branch brings its last commit");
    assert_eq!(town.ids("PLAT-5", Commit).len(), 1);

    // when
    town.rename(id, "PLAT-3 Title").await;
    town.news(account).await;

    // then: the key that is gone has it no more
    assert!(town.ids("PLAT-2", PullRequest).is_empty());
    assert_eq!(town.ids("PLAT-3", PullRequest), ["1"]);
    assert_eq!(town.ids("PLAT-1", PullRequest), ["1"]);

    // when
    world.delete_branch(town.project, "PLAT-1-topic").await;
    world.delete_branch(town.project, "feature/PLAT-5").await;
    town.news(account).await;

    // then: what the branch alone led to is gone, what names an issue itself stays
    assert!(town.ids("PLAT-1", Branch).is_empty());
    assert!(town.ids("PLAT-1", Commit).is_empty());
    assert!(town.ids("PLAT-5", Branch).is_empty());
    assert_eq!(town.ids("PLAT-5", Commit).len(), 1);

    // when: it comes back
    world.push(town.project, &[("PLAT-1-topic", "Again")]).await;
    town.news(account).await;

    // then
    assert_eq!(town.ids("PLAT-1", Branch), ["PLAT-1-topic"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn oauth_credentials_alone_will_do() {
    // given
    let Some(town) = Town::cloud_without_user(Database::Sqlite).await else { return };
    town.world.push(town.project, &[("main", "PLAT-1 Begin")]).await;
    sync::deliver::begin(&town.world.engine, town.site).await.unwrap();
    town.told().await;
    assert_eq!((town.site().await.error, town.site().await.paused_until), (None, None));

    // when
    town.import().await;

    // then
    assert_eq!(town.ids("PLAT-1", Commit).len(), 1);
    assert_eq!(town.site().await.error, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forced_push_moves_the_branch() {
    // given
    let Some(town) = Town::cloud(Database::Sqlite).await else { return };
    let world = &town.world;
    world.push(town.project, &[("main", "PLAT-1 Begin"), ("PLAT-2-topic", "PLAT-3 Work")]).await;
    let account = town.import().await;
    let before = town.entities("PLAT-2", Branch).remove(0);

    // when
    world.force(town.project, "PLAT-2-topic", "main").await;
    town.news(account).await;

    // then: the branch leads elsewhere; the commit is still shown, as everywhere in Dovetail
    let after = town.entities("PLAT-2", Branch).remove(0);
    let main = world.refs(town.project).await["main"].clone();
    assert_eq!(after.body["lastCommit"]["id"], main);
    assert!(after.sequence > before.sequence);
    assert_eq!(town.ids("PLAT-3", Commit).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_repository_is_the_same_one() {
    // given
    let Some(town) = Town::cloud(Database::Sqlite).await else { return };
    town.world.push(town.project, &[("main", "PLAT-1 Begin")]).await;
    let account = town.import().await;
    let id = town.repository_id("PLAT-1");

    // when
    town.world.model().rename_project(town.project, "gateway", "Gateway").unwrap();
    town.news(account).await;

    // then
    let repository = town.jira.model().development_repository(&id).unwrap();
    assert_eq!(repository.body["name"], "platform/gateway");
    assert_eq!(town.jira.model().development_counts(), (1, 1));
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_unlinked_repository_goes_in_one_request_and_comes_back(#[case] database: Database) {
    // given
    let Some(town) = Town::cloud(database).await else { return };
    town.world.push(town.project, &[("main", "PLAT-1 Begin"), ("PLAT-2-topic", "PLAT-2 Work")]).await;
    let other = town.world.project("other").await;
    town.world.push(other, &[("main", "OPS-1 Begin")]).await;
    town.open("PLAT-2-topic", "PLAT-3 Reviewed").await;
    let account = town.import().await;
    let repository = town.world.repository(account, "api").await.id;
    let before = town.jira.model().development_counts();
    let (engine, deletions) = (&town.world.engine, || town.requests("DELETE", "/repository/"));

    // when
    sync::request::set_linked(engine, account, repository, false).await.unwrap();
    town.told().await;

    // then
    assert!(town.jira.model().development("PLAT-1").is_empty());
    assert!(town.jira.model().development("PLAT-2").is_empty());
    assert_eq!(town.jira.model().development("OPS-1").len(), 1, "others are left alone");
    assert_eq!(deletions(), 1);

    // when
    town.world.clock.advance(60_000);
    sync::request::set_linked(engine, account, repository, true).await.unwrap();
    town.told().await;

    // then
    assert_eq!(town.jira.model().development_counts(), before);
    assert_eq!(town.ids("PLAT-1", Commit).len(), 1);
    assert_eq!(deletions(), 1);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_removed_account_goes_in_one_request(#[case] database: Database) {
    // given: a repository that two accounts see, and one that only the group has
    let Some(town) = Town::cloud(database).await else { return };
    let world = &town.world;
    let visibility = sandbox::gitlab::model::Visibility::Private;
    world.model().create_group("shop", "Shop", Some(world.group), visibility, world.jira).unwrap();
    let shared = world.model().create_project("platform/shop", "cart", "cart", visibility, world.jira).await.unwrap();
    world.push(town.project, &[("main", "PLAT-1 Begin")]).await;
    world.push(shared, &[("main", "OPS-1 Begin")]).await;
    let account = world.import(GROUP).await;
    world.import("platform/shop").await;
    town.told().await;
    assert_eq!(town.jira.model().development_counts(), (2, 2));

    // when
    sync::request::remove_account(&world.engine, account).await.unwrap();
    town.told().await;

    // then
    assert!(town.jira.model().development("PLAT-1").is_empty());
    assert_eq!(town.ids("OPS-1", Commit).len(), 1, "the other account still sees it");
    assert_eq!(town.jira.model().development_counts(), (1, 1));
    assert_eq!(town.requests("DELETE", "/bulkByProperties"), 1);
    // What is forgotten here while it is being taken back there is taken back once more.
    assert!(town.requests("DELETE", "/repository/") <= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_project_is_deleted_at_jira() {
    // given
    let Some(town) = Town::cloud(Database::Sqlite).await else { return };
    town.world.push(town.project, &[("main", "PLAT-1 Begin")]).await;
    let account = town.import().await;

    // when
    town.world.model().delete_project(town.project).await.unwrap();
    town.news(account).await;

    // then
    assert!(town.jira.model().development("PLAT-1").is_empty());
    assert_eq!(town.jira.model().development_counts(), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn switching_it_off_takes_everything_back() {
    // given
    let Some(town) = Town::cloud(Database::Sqlite).await else { return };
    town.world.push(town.project, &[("main", "PLAT-1 Begin")]).await;
    town.import().await;
    let set = async |dev_info: bool| {
        let settings = model::SiteSettings { dev_info, ..town.site().await.settings };
        let update = store::SiteUpdate { settings: Some(settings), ..store::SiteUpdate::default() };
        town.world.store.site_update(town.site, &update).await.unwrap();
        sync::deliver::begin(&town.world.engine, town.site).await.unwrap();
        town.told().await;
    };

    // when
    set(false).await;

    // then
    assert_eq!(town.jira.model().development_counts(), (0, 0));
    assert_eq!(town.requests("DELETE", "/bulkByProperties"), 1);

    // when
    town.world.clock.advance(60_000);
    set(true).await;

    // then
    assert_eq!(town.ids("PLAT-1", Commit).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_site_is_made_to_forget_everything_in_one_request() {
    // given
    let Some(town) = Town::cloud(Database::Sqlite).await else { return };
    town.world.push(town.project, &[("main", "PLAT-1 Begin")]).await;
    town.import().await;

    // when
    sync::site::remove(&town.world.engine, town.site).await.unwrap();
    town.told().await;

    // then
    assert_eq!(town.jira.model().development_counts(), (0, 0));
    assert_eq!(town.requests("DELETE", "/"), 1);
    assert!(town.world.store.site(town.site).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_was_paused_is_told_what_happened_meanwhile() {
    // given
    let Some(town) = Town::cloud(Database::Sqlite).await else { return };
    sync::site::pause(&town.world.engine, town.site).await.unwrap();
    town.world.push(town.project, &[("main", "PLAT-1 Begin")]).await;
    town.import().await;
    assert_eq!(town.jira.model().development_counts(), (0, 0));

    // when
    sync::site::resume(&town.world.engine, town.site).await.unwrap();
    town.told().await;

    // then
    assert_eq!(town.ids("PLAT-1", Commit).len(), 1);
}
