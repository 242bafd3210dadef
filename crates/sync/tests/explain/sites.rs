//! What Jiras were told, and what became of commands: linked, and still not there.

use model::{Channel, ReceiptReason, ReceiptState, SiteKind, SiteSettings, Told as About};
use rstest::rstest;
use store::testing::Engine as Database;
use store::{
    NewCommand, NewCommit, NewSite, OutboxEntry, SiteInserted, SiteProject, SiteState, SiteUpdate, Source, Viewer,
};
use sync::explain::{FactKind, Mark};

use crate::world::{MINUTE, NOW, World, forge_repository, merge_request, new_commit, object_id, version};

const MESSAGE: &str = "ABC-1 Work";
const DEV: Channel = Channel::DevInfo;

async fn site(world: &World, kind: SiteKind, name: &str) -> i64 {
    let new = NewSite {
        kind,
        name: name.to_owned(),
        url: format!("https://{}.example.com", name.to_lowercase()),
        settings: SiteSettings::of(kind),
        rest_user: None,
        rest_secret: None,
        client_id: None,
        client_secret: None,
    };
    match world.site_insert(&new, NOW).await.unwrap() {
        SiteInserted::New(id) => id,
        SiteInserted::Exists(_) => panic!("it is there"),
    }
}

/// A world with a Cloud site `Ours` and a commit that waits to be told there.
async fn waiting(database: Database) -> Option<(World, i64)> {
    let world = World::new(database).await?;
    let site = site(&world, SiteKind::Cloud, "Ours").await;
    let repository = world.repository("platform/web").await;
    world.commits(repository, &[MESSAGE]).await;
    world.branches(repository, &[("main", MESSAGE)], 1).await;
    Some((world, site))
}

async fn due(world: &World, site: i64) -> Vec<OutboxEntry> {
    world.outbox_due(site, DEV, None, NOW + MINUTE, 100).await.unwrap()
}

/// What the story of the commit, and that of its issue, say by this kind of fact; both say the same.
async fn said(world: &World, kind: FactKind, mark: Mark) -> (String, Option<String>) {
    let of_commit = world.ask(object_id(MESSAGE).as_str()).await;
    let of_issue = world.ask("ABC-1").await;
    assert_eq!(of_commit.said(kind, mark), of_issue.said(kind, mark));
    (of_commit.said(kind, mark), of_commit.fact(kind).remedy.as_ref().map(ToString::to_string))
}

#[rstest]
#[tokio::test]
async fn a_jira_that_was_told_is_named(#[values("sqlite", "postgres")] database: Database) {
    let Some((world, site)) = waiting(database).await else { return };
    assert!(said(&world, FactKind::SiteWaiting, Mark::Note).await.0.contains("“Ours” is about to be told"));

    let due = due(&world, site).await;
    let mut tx = world.write().await;
    tx.outbox_sent(site, DEV, &due.iter().collect::<Vec<_>>(), NOW).await.unwrap();
    tx.commit().await.unwrap();

    let told = world.ask(object_id(MESSAGE).as_str()).await;
    assert!(told.said(FactKind::SiteTold, Mark::Good).contains("Jira “Ours” was told"));
    assert!(world.ask("ABC-1").await.said(FactKind::SiteTold, Mark::Good).contains("was told of 1 of these"));
}

#[rstest]
#[tokio::test]
async fn a_refusal_is_told_in_jiras_words(#[values("sqlite", "postgres")] database: Database) {
    let Some((world, site)) = waiting(database).await else { return };
    let due = due(&world, site).await;
    let mut tx = world.write().await;
    let words = "Jira says: displayId too long";
    tx.outbox_refused(site, DEV, &due.iter().collect::<Vec<_>>(), words, NOW).await.unwrap();
    tx.commit().await.unwrap();

    let (sentence, remedy) = said(&world, FactKind::SiteRefused, Mark::Bad).await;
    assert_eq!(sentence, "Jira “Ours” refused it: Jira says: displayId too long");
    assert!(remedy.unwrap().contains("Deliveries"));
}

#[rstest]
#[tokio::test]
async fn what_is_parked_says_when_it_is_asked_again(#[values("sqlite", "postgres")] database: Database) {
    let Some((world, site)) = waiting(database).await else { return };
    let due = due(&world, site).await;
    let mut tx = world.write().await;
    let until = NOW + 60 * MINUTE;
    tx.outbox_parked(site, DEV, &due.iter().collect::<Vec<_>>(), until, "no such key", NOW).await.unwrap();
    tx.commit().await.unwrap();

    let (sentence, remedy) = said(&world, FactKind::SiteParked, Mark::Bad).await;
    assert_eq!(sentence, "Jira “Ours” does not know the issue: no such key");
    assert!(remedy.unwrap().contains("asked again at 22 Nov 2026, 12:04 UTC"));
}

#[tokio::test]
async fn a_failure_says_when_it_is_tried_again() {
    let (world, site) = waiting(Database::Sqlite).await.unwrap();
    let due = due(&world, site).await;
    let mut tx = world.write().await;
    tx.outbox_later(site, DEV, &due.iter().collect::<Vec<_>>(), NOW + MINUTE, "HTTP 503", NOW).await.unwrap();
    tx.commit().await.unwrap();

    let (sentence, remedy) = said(&world, FactKind::SiteFailed, Mark::Bad).await;
    assert_eq!(sentence, "Jira “Ours” could not be told: HTTP 503");
    assert!(remedy.unwrap().contains("11:05 UTC"));
}

#[tokio::test]
async fn a_paused_site_is_told_nothing() {
    let (world, site) = waiting(Database::Sqlite).await.unwrap();
    world.site_set_state(site, SiteState::Paused).await.unwrap();

    let (sentence, remedy) = said(&world, FactKind::SitePaused, Mark::Bad).await;
    assert!(sentence.contains("somebody paused the site") && remedy.unwrap().contains("Sites"));
}

#[tokio::test]
async fn a_site_that_lets_nobody_in_is_the_cause() {
    let (world, site) = waiting(Database::Sqlite).await.unwrap();
    world.site_failed(site, "authentication", "Jira does not accept the credentials.").await.unwrap();
    world.site_wait_until(site, Some(NOW + MINUTE)).await.unwrap();

    let (sentence, remedy) = said(&world, FactKind::SiteTrouble, Mark::Bad).await;
    assert!(sentence.ends_with("Jira does not accept the credentials."), "{sentence}");
    assert!(remedy.unwrap().contains("11:05 UTC"));
}

#[rstest]
#[tokio::test]
async fn a_site_of_other_accounts_is_not_told(#[values("sqlite", "postgres")] database: Database) {
    let Some((world, site)) = waiting(database).await else { return };
    let (_, other) = world.connect("https://git.example.com", "tools").await;
    let settings = SiteSettings { all_accounts: false, ..SiteSettings::of(SiteKind::Cloud) };
    let update = SiteUpdate { settings: Some(settings), ..SiteUpdate::default() };
    world.site_update(site, &update).await.unwrap();
    world.site_set_accounts(site, &[other]).await.unwrap();

    let (sentence, remedy) = said(&world, FactKind::SiteNotServed, Mark::Bad).await;
    assert!(sentence.contains("no account that serves this site links its repository"), "{sentence}");
    assert!(remedy.unwrap().contains("chooses the accounts"));
}

#[tokio::test]
async fn a_site_whose_development_information_is_off_is_not_told() {
    let (world, site) = waiting(Database::Sqlite).await.unwrap();
    let settings = SiteSettings { dev_info: false, ..SiteSettings::of(SiteKind::Cloud) };
    world.site_update(site, &SiteUpdate { settings: Some(settings), ..SiteUpdate::default() }).await.unwrap();

    assert!(said(&world, FactKind::SiteSwitchedOff, Mark::Bad).await.0.contains("switched off"));
}

#[tokio::test]
async fn what_was_there_before_the_site_comes_with_time() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let repository = world.repository("platform/web").await;
    world.commits(repository, &[MESSAGE]).await;
    site(&world, SiteKind::Cloud, "Ours").await;

    assert!(said(&world, FactKind::SiteWaiting, Mark::Note).await.0.contains("in the background"));
}

#[rstest]
#[tokio::test]
async fn a_link_that_was_refused_is_told_with_its_merge_request(#[values("sqlite", "postgres")] database: Database) {
    let Some(world) = World::new(database).await else { return };
    let site = site(&world, SiteKind::DataCenter, "Ours").await;
    let repository = world.repository("platform/web").await;
    world.merge_request(repository, merge_request(7, "ABC-1 Retry"), &[]).await;
    let due = world.outbox_due(site, Channel::RemoteLink, None, NOW + MINUTE, 10).await.unwrap();
    assert_eq!(due[0].kind, About::MergeRequest);
    let mut tx = world.write().await;
    let entries: Vec<&OutboxEntry> = due.iter().collect();
    tx.outbox_refused(site, Channel::RemoteLink, &entries, "No right to link issues.", NOW).await.unwrap();
    tx.commit().await.unwrap();

    for asked in ["ABC-1", "https://gitlab.example.com/platform/web/-/merge_requests/7"] {
        let told = world.ask(asked).await;
        let sentence = told.said(FactKind::SiteRefused, Mark::Bad);
        assert_eq!(sentence, "Jira “Ours” refused it: No right to link issues.", "{asked}");
    }
}

#[tokio::test]
async fn where_nothing_is_told_nothing_is_said_of_it() {
    // A Data Center reads commits itself: there is nothing to tell, and nothing to say.
    let world = World::new(Database::Sqlite).await.unwrap();
    site(&world, SiteKind::DataCenter, "Ours").await;
    let repository = world.repository("platform/web").await;
    world.commits(repository, &[MESSAGE]).await;

    let told = world.ask(object_id(MESSAGE).as_str()).await;

    assert!(!told.text().contains("Ours"), "{}", told.text());
}

/// A world with a Data Center, and a commit with a command that waits.
async fn commanding(database: Database) -> Option<(World, i64)> {
    let world = World::new(database).await?;
    let site = site(&world, SiteKind::DataCenter, "Ours").await;
    let mut tx = world.write().await;
    let listed = [forge_repository("platform/web")];
    let made = tx.repositories_listed(world.account, &listed, true, true, NOW).await.unwrap();
    let repository = made[0].0;
    tx.account_listed(world.account, NOW).await.unwrap();
    tx.repository_synced(repository, NOW - MINUTE, true).await.unwrap();
    let command = NewCommand {
        position: 0,
        key: "ABC-1".to_owned(),
        command: "comment".to_owned(),
        argument: "hello".to_owned(),
        refused: None,
    };
    let new = NewCommit { commands: vec![command], ..new_commit(MESSAGE) };
    tx.commits_insert(repository, &[new], Source::Git, version(), NOW).await.unwrap();
    tx.commit().await.unwrap();
    Some((world, site))
}

#[rstest]
#[tokio::test]
async fn a_command_waits_is_run_or_says_why_it_was_not(#[values("sqlite", "postgres")] database: Database) {
    let Some((world, site)) = commanding(database).await else { return };
    let waiting = said(&world, FactKind::CommandWaiting, Mark::Note).await.0;
    assert!(waiting.starts_with("The command “#comment” on ABC-1 at Jira “Ours”: "), "{waiting}");
    let id = world.receipts_due(site, NOW, 10).await.unwrap()[0].receipt.id;
    let end = async |state, reason: Option<ReceiptReason>| {
        let mut tx = world.write().await;
        tx.receipt_end(id, state, reason, None, None, None, NOW).await.unwrap();
        tx.commit().await.unwrap();
    };

    end(ReceiptState::Refused, Some(ReceiptReason::SeveralUsers)).await;
    let refused = said(&world, FactKind::CommandRefused, Mark::Bad).await.0;
    assert!(refused.contains("“Ours”: Not run: ") && refused.contains("e-mail"), "{refused}");

    end(ReceiptState::Done, None).await;
    assert!(said(&world, FactKind::CommandDone, Mark::Good).await.0.contains("“#comment” on ABC-1"));
}

/// A site that knows these projects: each with the key that it has now.
async fn knowing(world: &World, projects: &[(&str, &str)]) -> i64 {
    let site = site(world, SiteKind::DataCenter, "Ours").await;
    let project = |(key, present): &(&str, &str)| SiteProject {
        key: (*key).to_owned(),
        project_id: "1".to_owned(),
        name: "Project".to_owned(),
        present_key: (*present).to_owned(),
    };
    let mut tx = world.write().await;
    let projects: Vec<SiteProject> = projects.iter().map(project).collect();
    tx.site_projects_replace(site, &projects, NOW).await.unwrap();
    tx.commit().await.unwrap();
    site
}

#[rstest]
#[tokio::test]
async fn a_key_of_a_known_project_is_no_near_miss(#[values("sqlite", "postgres")] database: Database) {
    let Some(world) = World::new(database).await else { return };
    knowing(&world, &[("ABC", "ABC")]).await;
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["abc-1 and xyz-2"]).await;
    let asked = object_id("abc-1 and xyz-2");

    let told = world.ask(asked.as_str()).await;

    assert_eq!(told.said(FactKind::Names, Mark::Good), "Its message names ABC-1, so it is shown there.");
    let near: Vec<_> = told.0.facts.iter().filter(|fact| fact.kind == FactKind::NearMiss).collect();
    assert_eq!(near.len(), 1, "{}", told.text());
    assert!(near[0].sentence.to_string().contains("xyz-2"));
    let told = world.ask("abc-1").await;
    assert!(told.has(FactKind::IssueShown) && !told.has(FactKind::IssueForm), "{}", told.text());
}

#[rstest]
#[tokio::test]
async fn an_issue_that_moved_is_told_under_its_present_key(#[values("sqlite", "postgres")] database: Database) {
    let Some(world) = World::new(database).await else { return };
    knowing(&world, &[("OLD", "NEW"), ("NEW", "NEW")]).await;
    let repository = world.repository("platform/web").await;
    world.commits(repository, &["OLD-5 Work"]).await;

    let told = world.ask("OLD-5").await;

    let moved = told.said(FactKind::IssueMoved, Mark::Note);
    assert!(moved.starts_with("OLD-5 is called NEW-5 now"), "{moved}");
    assert!(told.title().starts_with("NEW-5 is shown with 1 commit"), "{}", told.text());
    assert_eq!(
        world.ask(object_id("OLD-5 Work").as_str()).await.said(FactKind::Names, Mark::Good),
        "Its message names NEW-5, so it is shown there."
    );
}

#[tokio::test]
async fn an_issue_that_the_site_does_not_have_is_told() {
    let world = World::new(Database::Sqlite).await.unwrap();
    let site = knowing(&world, &[("ABC", "ABC")]).await;
    let repository = world.repository("platform/web").await;
    world.commits(repository, &[MESSAGE]).await;
    let mut tx = world.write().await;
    tx.alias_set(site, "ABC-1", None, NOW).await.unwrap();
    tx.commit().await.unwrap();

    let told = world.ask("ABC-1").await;

    let sentence = told.said(FactKind::IssueUnknownAtSite, Mark::Bad);
    assert!(sentence.starts_with("Jira “Ours” says that there is no issue ABC-1"), "{sentence}");
}

#[tokio::test]
async fn who_may_not_see_the_repository_hears_nothing_of_its_commands() {
    let (world, _) = commanding(Database::Sqlite).await.unwrap();
    let reader = world.user_insert("ada", "Ada", store::Role::Reader, None, NOW).await.unwrap();
    world.account_restrict(world.account, true, &[]).await.unwrap();

    let told = world.ask_as(Viewer::User(reader), "ABC-1").await;

    assert!(told.has(FactKind::IssueEmpty) && !told.text().contains("#comment"), "{}", told.text());
}
