//! Remote links follow what the forge says.

use model::{Channel, Outcome, SiteSettings};
use rstest::rstest;
use sandbox::gitlab::model::MergeMethod;
use store::SiteUpdate;

use super::town::Town;
use crate::world::{Database, GROUP};

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_merge_request_and_its_branch_stand_on_the_issue(#[case] database: Database) {
    // given
    let Some(town) = Town::data_center(database).await else { return };
    let world = &town.world;
    world.push(town.project, &[("main", "Begin"), ("PLAT-1-topic", "Work")]).await;
    let id = town.open("PLAT-1-topic", "PLAT-2 Fix the tax").await;

    // when
    let account = town.import().await;

    // then: the merge request on the issues of its title and its branch, the branch on its own
    assert_eq!(town.titles("PLAT-1"), ["!1 PLAT-2 Fix the tax", "PLAT-1-topic"]);
    assert_eq!(town.titles("PLAT-2"), ["!1 PLAT-2 Fix the tax"]);
    let link = town.links("PLAT-2").remove(0).content;
    assert!(link.object["url"].as_str().unwrap().ends_with("/platform/api/-/merge_requests/1"), "{link:?}");
    assert_eq!(link.object["summary"], "platform/api · PLAT-1-topic → main · open");
    assert_eq!(link.application["name"], "Dovetail");
    assert!(link.object["icon"]["url16x16"].as_str().unwrap().ends_with("/favicon.ico"));
    assert_eq!(town.outcomes(Channel::RemoteLink).await, [Outcome::Sent; 3]);
    let titles: Vec<String> = town.deliveries(Channel::RemoteLink).await.into_iter().map(|it| it.title).collect();
    assert!(titles.contains(&"Merge request !1 of platform/api".to_owned()), "{titles:?}");

    // when: nothing happens, nothing is told
    town.news(account).await;

    // then
    assert_eq!(town.outcomes(Channel::RemoteLink).await.len(), 3);

    // when: another title, then merged
    town.rename(id, "PLAT-3 Fix the tax").await;
    town.news(account).await;

    // then
    assert!(town.titles("PLAT-2").is_empty());
    assert_eq!(town.titles("PLAT-3"), ["!1 PLAT-3 Fix the tax"]);
    assert_eq!(town.titles("PLAT-1"), ["!1 PLAT-3 Fix the tax", "PLAT-1-topic"]);

    // when
    world.model().merge(id, world.jira, MergeMethod::MergeCommit).await.unwrap();
    world.delete_branch(town.project, "PLAT-1-topic").await;
    town.news(account).await;

    // then
    assert_eq!(town.titles("PLAT-1"), ["[!1 PLAT-3 Fix the tax]"]);
    assert_eq!(town.titles("PLAT-3"), ["[!1 PLAT-3 Fix the tax]"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_repository_keeps_its_links() {
    // given
    let Some(town) = Town::data_center(Database::Sqlite).await else { return };
    town.world.push(town.project, &[("main", "Begin"), ("PLAT-1-topic", "Work")]).await;
    town.open("PLAT-1-topic", "A title").await;
    let account = town.import().await;
    let before = town.links("PLAT-1");

    // when
    town.world.model().rename_project(town.project, "gateway", "Gateway").unwrap();
    town.news(account).await;

    // then: the same links, under the new name; the forge itself leads on from where a merge request was
    let after = town.links("PLAT-1");
    let ids = |links: &[sandbox::jira::model::RemoteLink]| -> Vec<_> {
        links.iter().map(|link| (link.id, link.content.global_id.clone())).collect()
    };
    assert_eq!(ids(&before), ids(&after));
    assert_eq!(after.len(), 2);
    for link in after {
        assert!(link.content.object["summary"].as_str().unwrap().starts_with("platform/gateway"), "{link:?}");
    }
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_served_any_more_is_taken_back(#[case] database: Database) {
    // given
    let Some(town) = Town::data_center(database).await else { return };
    town.world.push(town.project, &[("main", "Begin"), ("PLAT-1-topic", "Work")]).await;
    town.open("PLAT-1-topic", "A title").await;
    let account = town.import().await;
    let repository = town.world.repository(account, "api").await.id;
    let (engine, store) = (&town.world.engine, &town.world.store);
    let both = ["!1 A title", "PLAT-1-topic"];
    assert_eq!(town.titles("PLAT-1"), both);

    // when: unlinked, then linked again
    sync::request::set_linked(engine, account, repository, false).await.unwrap();
    town.told().await;
    assert!(town.titles("PLAT-1").is_empty());
    sync::request::set_linked(engine, account, repository, true).await.unwrap();
    town.told().await;

    // then
    assert_eq!(town.titles("PLAT-1"), both);

    // when: links of branches are switched off
    let settings = SiteSettings { links_of_branches: false, ..town.site().await.settings };
    store
        .site_update(town.site, &SiteUpdate { settings: Some(settings.clone()), ..SiteUpdate::default() })
        .await
        .unwrap();
    sync::deliver::begin(engine, town.site).await.unwrap();
    town.told().await;

    // then
    assert_eq!(town.titles("PLAT-1"), ["!1 A title"]);

    // when: the account does not serve the site any more
    let settings = SiteSettings { all_accounts: false, ..settings };
    store.site_update(town.site, &SiteUpdate { settings: Some(settings), ..SiteUpdate::default() }).await.unwrap();
    sync::deliver::begin(engine, town.site).await.unwrap();
    town.told().await;

    // then
    assert!(town.titles("PLAT-1").is_empty());

    // when: it does again, and then goes
    store.site_set_accounts(town.site, &[account]).await.unwrap();
    sync::deliver::begin(engine, town.site).await.unwrap();
    town.told().await;
    assert_eq!(town.titles("PLAT-1"), ["!1 A title"]);
    sync::request::remove_account(engine, account).await.unwrap();
    town.told().await;

    // then
    assert!(town.titles("PLAT-1").is_empty());
    assert!(store.repository(repository).await.unwrap().is_none());

    // when: it comes back
    let again = town.world.import(GROUP).await;
    store.site_set_accounts(town.site, &[again]).await.unwrap();
    sync::deliver::begin(engine, town.site).await.unwrap();
    town.told().await;

    // then
    assert_eq!(town.titles("PLAT-1"), ["!1 A title"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_issue_has_its_link_once_under_its_present_key() {
    // given
    let Some(town) = Town::data_center(Database::Sqlite).await else { return };
    town.world.push(town.project, &[("main", "Begin"), ("topic", "Work")]).await;
    town.open("topic", "PLAT-1 A title").await;
    town.import().await;
    assert_eq!(town.titles("PLAT-1").len(), 1);

    // when: the issue moves, and Dovetail learns it
    let present = town.jira.model().move_issue("PLAT-1", "OPS").unwrap();
    let now = super::town::now(&town);
    let mut tx = town.world.store.begin_write(store::Lane::Live).await.unwrap();
    tx.alias_set(town.site, "PLAT-1", Some(&present), now).await.unwrap();
    tx.commit().await.unwrap();
    sync::deliver::begin(&town.world.engine, town.site).await.unwrap();
    town.told().await;

    // then
    assert_eq!(town.titles(&present), ["!1 PLAT-1 A title"]);
    assert_eq!(town.links(&present).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_touched_often_is_sent_once() {
    // given
    let Some(town) = Town::data_center(Database::Sqlite).await else { return };
    town.world.push(town.project, &[("main", "Begin"), ("topic", "Work")]).await;
    let id = town.open("topic", "PLAT-1 One").await;
    let account = town.import().await;
    let before = town.requests("POST", "/remotelink");

    // when
    for title in ["PLAT-1 Two", "PLAT-1 Three", "PLAT-1 Four"] {
        town.rename(id, title).await;
        let repository = town.world.repository(account, "api").await.id;
        sync::request::sync_repository(&town.world.engine, repository, sync::Mode::Soft).await.unwrap();
    }
    town.news(account).await;

    // then: at most once for each that was read
    assert_eq!(town.titles("PLAT-1"), ["!1 PLAT-1 Four"]);
    assert!(town.requests("POST", "/remotelink") <= before + 3);
}
