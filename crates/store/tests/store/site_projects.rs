//! What follows from knowing the projects and issues of a site.

use model::{KeyForm, Mention, SiteKind};
use rstest::rstest;
use store::testing::Engine;
use store::{NewPersonAlias, PersonAliasKind, ProjectsChanged, Relink, SiteProject};

use crate::sites::add;
use crate::world::{NOW, World, branch, commit, merge_request};

fn project(key: &str, present_key: &str) -> SiteProject {
    let (project_id, name) = (format!("id-{present_key}"), format!("Project {present_key}"));
    SiteProject { key: key.to_owned(), project_id, name, present_key: present_key.to_owned() }
}

async fn knows(world: &World, site: i64, projects: &[SiteProject]) -> ProjectsChanged {
    let mut tx = world.write().await;
    let changed = tx.site_projects_replace(site, projects, NOW).await.unwrap();
    tx.commit().await.unwrap();
    for key in changed.all() {
        relink(world, &Relink::Project(key)).await;
    }
    changed
}

/// In the smallest steps.
async fn relink(world: &World, what: &Relink) {
    let mut after = None;
    loop {
        after = world.relink_step(what, after, 1).await.unwrap();
        if after.is_none() {
            return;
        }
    }
}

async fn moved(world: &World, site: i64, key: &str, present: Option<&str>) -> bool {
    let mut tx = world.write().await;
    let is_changed = tx.alias_set(site, key, present, NOW).await.unwrap();
    tx.commit().await.unwrap();
    relink(world, &Relink::Issue(key.to_owned())).await;
    is_changed
}

fn mention(key: &str, form: KeyForm) -> Mention {
    Mention { key: key.to_owned(), form }
}

#[rstest]
#[tokio::test]
async fn keys_of_known_projects_count_however_they_are_written(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [repository] = world.repositories(account, ["1"]).await;
    let site = add(&world, SiteKind::DataCenter, "https://jira.example.com").await;
    let mut written = commit(1, &["A-1"]);
    written.mentions.extend([
        mention("SHOP-2", KeyForm::OtherCase),
        mention("A_B-3", KeyForm::Underscore),
        mention("UTF-8", KeyForm::Noise),
        mention("SHOPPING-1", KeyForm::OtherCase),
    ]);
    world.insert(repository, std::slice::from_ref(&written)).await;
    assert_eq!(world.issues_with_something().await, ["A-1"]);

    // when the projects become known
    let changed = knows(&world, site, &[project("SHOP", "SHOP"), project("A_B", "A_B"), project("UTF", "UTF")]).await;
    assert_eq!(changed.added, ["A_B", "SHOP", "UTF"]);
    assert_eq!(world.issues_with_something().await, ["A-1", "A_B-3", "SHOP-2", "UTF-8"]);

    // then what comes later counts at once
    let mut later = commit(2, &[]);
    later.mentions.push(mention("SHOP-9", KeyForm::OtherCase));
    world.insert(repository, &[later]).await;
    assert!(world.issues_with_something().await.contains(&"SHOP-9".to_owned()));

    // and when they are forgotten, what is written strictly stays
    let changed = knows(&world, site, &[]).await;
    assert_eq!((changed.added.len(), changed.removed.len()), (0, 3));
    assert_eq!(world.issues_with_something().await, ["A-1"]);
}

#[rstest]
#[tokio::test]
async fn what_named_a_former_key_is_shown_under_the_present_one(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [repository] = world.repositories(account, ["1"]).await;
    let site = add(&world, SiteKind::DataCenter, "https://jira.example.com").await;
    world.insert(repository, &[commit(1, &["OLD-1"]), commit(2, &["PAY-7"]), commit(3, &["OLD-2"])]).await;
    world.branches_are(repository, &[branch("OLD-1-x", 1, &["OLD-1"])], NOW).await;
    world.put(repository, &[merge_request(1, &["OLD-1"])]).await;
    knows(&world, site, &[project("OLD", "OLD"), project("PAY", "PAY")]).await;
    assert_eq!(world.keys_to_ask(site, None, 10).await.unwrap().0, ["OLD-1", "OLD-2", "PAY-7"]);

    // when an issue moved
    assert!(moved(&world, site, "OLD-1", Some("PAY-7")).await);
    assert!(!moved(&world, site, "OLD-1", Some("PAY-7")).await, "asked again, nothing changes");
    assert!(!moved(&world, site, "OLD-2", None).await, "there is no such issue, which hides nothing");
    assert_eq!(world.issues_with_something().await, ["OLD-2", "PAY-7"]);
    assert_eq!(world.present_key("OLD-1").await.unwrap().as_deref(), Some("PAY-7"));
    assert_eq!(world.former_keys("PAY-7").await.unwrap(), ["OLD-1"]);
    assert_eq!(world.keys_to_ask(site, None, 10).await.unwrap().0, ["PAY-7"]);

    // and when the project was renamed
    knows(&world, site, &[project("OLD", "NEW"), project("NEW", "NEW"), project("PAY", "PAY")]).await;
    assert_eq!(world.issues_with_something().await, ["NEW-2", "PAY-7"]);
    world.insert(repository, &[commit(4, &["OLD-3", "OLD-1"])]).await;
    assert_eq!(world.issues_with_something().await, ["NEW-2", "NEW-3", "PAY-7"]);

    // then a site that is forgotten takes its knowledge along
    let mut tx = world.write().await;
    assert_eq!(tx.aliases_forget(site).await.unwrap(), ["OLD-1"]);
    tx.commit().await.unwrap();
    knows(&world, site, &[]).await;
    relink(&world, &Relink::Issue("OLD-1".to_owned())).await;
    assert_eq!(world.issues_with_something().await, ["OLD-1", "OLD-2", "OLD-3", "PAY-7"]);
}

#[rstest]
#[tokio::test]
async fn keys_are_asked_in_pages_and_those_of_other_projects_are_not(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let account = world.connect("team").await;
    let [repository] = world.repositories(account, ["1"]).await;
    let site = add(&world, SiteKind::DataCenter, "https://jira.example.com").await;
    world.insert(repository, &[commit(1, &["A-1", "B-1", "B-2", "C-1"])]).await;
    knows(&world, site, &[project("B", "B"), project("C", "C")]).await;
    let (first, next) = world.keys_to_ask(site, None, 2).await.unwrap();
    assert_eq!((first.as_slice(), next.as_deref()), (["B-1".to_owned()].as_slice(), Some("B-1")));
    let (second, next) = world.keys_to_ask(site, next.as_deref(), 2).await.unwrap();
    assert_eq!((second.as_slice(), next.as_deref()), (["B-2".to_owned(), "C-1".to_owned()].as_slice(), Some("C-1")));
    assert_eq!(world.keys_to_ask(site, next.as_deref(), 2).await.unwrap(), (vec![], None));
}

#[rstest]
#[tokio::test]
async fn an_author_is_found_by_login_before_e_mail(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(world) = World::open(engine).await else { return };
    let site = add(&world, SiteKind::DataCenter, "https://jira.example.com").await;
    let alias = |kind, written: &str, user: &str| NewPersonAlias {
        kind,
        written: written.to_owned(),
        jira_user: user.to_owned(),
    };
    let aliases = [
        alias(PersonAliasKind::Email, "Ada@Example.com", "ada"),
        alias(PersonAliasKind::ForgeUser, "ada-l", "lovelace"),
    ];
    assert_eq!(world.person_alias_put(site, &aliases, NOW).await.unwrap(), 2);
    let find = async |email, user| world.person_alias_find(site, email, user).await.unwrap();
    assert_eq!(find("ADA@example.com", None).await.as_deref(), Some("ada"));
    assert_eq!(find("ada@example.com", Some("ADA-L")).await.as_deref(), Some("lovelace"));
    assert_eq!(find("bob@example.com", None).await, None);

    let again = [alias(PersonAliasKind::Email, "ada@example.com", "countess")];
    world.person_alias_put(site, &again, NOW).await.unwrap();
    let kept = world.person_aliases(site).await.unwrap();
    assert_eq!(kept.len(), 2);
    assert_eq!(find("ada@example.com", None).await.as_deref(), Some("countess"));
    assert!(world.person_alias_delete(site, kept[1].id).await.unwrap());
    assert!(!world.person_alias_delete(site, kept[1].id).await.unwrap());
}
