//! Sites: adding a Jira, what its test found, who authors are there, and issues under their present keys.

use axum::http::StatusCode;
use sandbox::jira;
use sandbox::jira::model::{NewUser, Permission, Workflow};
use store::testing::Engine;
use store::{Lane, PersonAliasKind, SiteProject, SiteState, Store};

use crate::seed;
use crate::site::{Browser, NOW, Page, Site};

const PEOPLE: &str = "kind,written,jira_user\nemail,ada@example.com,ada\nforge_user,grace,hopper\n";

/// A Jira with the project `PLAT`, and a token of the user that Dovetail signs in as.
async fn a_jira() -> (jira::Server, String) {
    let jira = jira::Server::start(jira::Options::data_center()).await.unwrap();
    let model = jira.model();
    let service = model
        .create_user(NewUser {
            login: "dovetail".to_owned(),
            name: "Dovetail".to_owned(),
            email: "dovetail@example.com".to_owned(),
            password: "password".to_owned(),
            admin: true,
        })
        .unwrap();
    let project = model.create_project("PLAT", "Platform", Workflow::simplified()).unwrap();
    model.allow_only(project, service, &Permission::ALL);
    let token = model.create_token(service, None);
    (jira, token)
}

/// Adds the site by the form; answers the path of its page.
async fn added(admin: &mut Browser, jira: &jira::Server, name: &str, token: &str) -> String {
    let fields = [
        ("kind", "data_center"),
        ("url", jira.url()),
        ("name", name),
        ("method", "token"),
        ("token", token),
        ("smart_commits", "true"),
        ("links_of_merge_requests", "true"),
        ("all_accounts", "true"),
    ];
    admin.post("/sites", &fields).await.location().to_owned()
}

/// What the page says of a step of the last test.
#[track_caller]
fn step<'p>(page: &'p Page, title: &str) -> &'p str {
    page.between(&format!("<span class=\"title\">{title}</span>"), "</li>")
}

async fn projects(store: &Store, site_id: i64, keys: &[(&str, &str)]) {
    let project = |(key, present): &(&str, &str)| SiteProject {
        key: (*key).to_owned(),
        project_id: "10".to_owned(),
        name: "Plat<form>".to_owned(),
        present_key: (*present).to_owned(),
    };
    let mut tx = store.begin_write(Lane::Live).await.unwrap();
    tx.site_projects_replace(site_id, &keys.iter().map(project).collect::<Vec<_>>(), NOW).await.unwrap();
    tx.commit().await.unwrap();
}

fn id_of(path: &str) -> i64 {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn without_a_jira_the_page_says_what_one_brings() {
    let site = Site::open(Engine::Sqlite).await.unwrap();

    let page = site.administrator().await.get("/sites").await;

    assert!(page.between("class=\"empty\"", "</section>").contains("<h2>No Jira yet</h2>"));
    assert!(page.text.contains("<a class=\"button primary\" href=\"/sites/new\">"));
    assert!(page.text.contains("<a href=\"/sites\" aria-current=\"page\">Sites</a>"));
    assert!(!site.reader("ada").await.1.get("/sites").await.text.contains("/sites/new"));
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_jira_is_added_and_its_test_is_told_step_by_step(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let (jira, token) = a_jira().await;
    let mut admin = site.administrator().await;

    let path = added(&mut admin, &jira, "Jira", "a-wrong-token").await;
    let page = admin.get(&path).await;
    assert!(
        step(&page, "Log-in").contains("lozenge bad\">failed") && step(&page, "Log-in").contains("class=\"remedy\"")
    );
    assert!(step(&page, "Rights").contains("lozenge quiet\">skipped"));
    assert!(page.text.contains("lozenge bad\">test failed") && !page.text.contains("a-wrong-token"));

    // The right token mends it, and what is not typed stays.
    let fields = [("name", "Our Jira"), ("method", "token"), ("token", token.as_str()), ("smart_commits", "true")];
    assert_eq!(admin.post(&path, &fields).await.location(), path);
    let page = admin.get(&path).await;
    for title in ["Version", "Log-in", "Rights", "Projects"] {
        assert!(step(&page, title).contains("lozenge good\">passed"), "{title}: {}", page.text);
    }
    assert!(page.text.contains("<bdi>Our Jira</bdi>") && page.text.contains("<bdi>9.12.15</bdi>"));
    assert!(!page.text.contains(&token), "a secret is never shown");
    let list = admin.get("/sites").await;
    assert!(list.text.contains("lozenge good\">connected") && list.text.contains("lozenge outlined\">smart commits"));
    assert!(!list.text.contains("links of merge requests"), "what is unticked is told no more");

    // And tests again by its button.
    assert_eq!(admin.post(&format!("{path}/test"), &[]).await.location(), format!("{path}#test"));
    assert_eq!(admin.post(&format!("{path}/refresh"), &[]).await.location(), path);
}

#[tokio::test]
async fn an_error_stands_at_its_field_and_what_was_typed_stays() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let account = seed::account(&site.store, "platform").await;
    let mut admin = site.administrator().await;
    let base = [("kind", "data_center"), ("name", "Ours"), ("method", "password"), ("password", "a-very-secret")];
    let with = |more: &[(&'static str, &'static str)]| [base.as_slice(), more].concat();

    let page = admin.post("/sites", &with(&[("url", "jira.example.com/<x>"), ("user", "dovetail")])).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.between("name=\"url\"", "</label>").contains("class=\"wrong\" id=\"url-wrong\""));
    assert!(page.text.contains("value=\"jira.example.com/&#60;x&#62;\"") && page.text.contains("value=\"dovetail\""));
    assert!(!page.text.contains("a-very-secret"));

    let page = admin.post("/sites", &with(&[("url", "https://jira.example.com"), ("user", " ")])).await;
    assert!(page.between("name=\"user\"", "</label>").contains("The user name is empty."));

    let fields = with(&[("url", "https://jira.example.com"), ("user", "dovetail"), ("all_accounts", "false")]);
    let page = admin.post("/sites", &fields).await;
    assert!(
        page.between("name=\"all_accounts\" value=\"false\" checked", "</fieldset>").contains("No account is chosen")
    );
    assert!(page.text.contains(&format!("name=\"account\" value=\"{account}\">")));

    let cloud = [("kind", "cloud"), ("url", "example.atlassian.net"), ("client_id", "an-id")];
    let page = admin.post("/sites", &cloud).await;
    assert!(page.between("name=\"client_secret\"", "</label>").contains("The Client Secret is empty."));
    assert!(page.text.contains("value=\"an-id\""));
    assert!(site.store.sites().await.unwrap().is_empty(), "none was kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_paused_resumed_and_removed() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let account = seed::account(&site.store, "platform").await;
    let (jira, token) = a_jira().await;
    let mut admin = site.administrator().await;
    let path = added(&mut admin, &jira, "Jira", &token).await;
    let again = [("kind", "data_center"), ("url", jira.url()), ("method", "token"), ("token", "x")];
    let page = admin.post("/sites", &again).await;
    assert!(page.text.contains(&format!("href=\"{path}\">Open that site")));

    admin.post(&format!("{path}/pause"), &[("paused", "true")]).await;
    assert!(admin.get(&path).await.text.contains("lozenge outlined\">paused"));
    admin.post(&format!("{path}/pause"), &[("paused", "false")]).await;
    assert!(admin.get(&path).await.text.contains("lozenge good\">connected"));

    let chosen = account.to_string();
    let fields = [("method", "token"), ("all_accounts", "false"), ("account", chosen.as_str())];
    admin.post(&path, &fields).await;
    assert_eq!(site.store.site_accounts(id_of(&path)).await.unwrap(), [account]);

    projects(&site.store, id_of(&path), &[("OLD", "PLAT"), ("PLAT", "PLAT")]).await;
    let page = admin.get(&path).await;
    assert!(page.text.contains("formerly OLD") && page.text.contains("Plat&#60;form&#62;"));
    let asked = admin.get(&format!("{path}/remove")).await;
    assert!(asked.text.contains("its 1 project with their former keys"));
    assert_eq!(admin.post(&format!("{path}/remove"), &[]).await.location(), "/sites");
    assert_eq!(admin.get(&path).await.status, StatusCode::NOT_FOUND);
    assert!(admin.get("/sites").await.text.contains("No Jira yet"));
    assert_eq!(site.store.site(id_of(&path)).await.unwrap().unwrap().state, SiteState::Removing);
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn people_come_one_by_one_and_as_a_file(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let (jira, token) = a_jira().await;
    let mut admin = site.administrator().await;
    let path = added(&mut admin, &jira, "Jira", &token).await;
    let (people, file) = (format!("{path}/people"), format!("{path}/people/file"));

    let bad = "kind,written,jira_user\nemail,ada@example.com,ada\nmail,b@example.com,<b>\n";
    let page = admin.post(&file, &[("file", bad)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("Line 3: the kind is neither email nor forge_user."));
    assert!(page.text.contains("mail,b@example.com,&#60;b&#62;"), "it can be corrected where it stands");
    assert!(site.store.person_aliases(id_of(&path)).await.unwrap().is_empty(), "nobody of a bad file is kept");

    admin.post(&file, &[("file", PEOPLE)]).await.location();
    let page = admin.post(&people, &[("kind", "email"), ("written", " "), ("jira_user", "bob")]).await;
    assert!(page.text.contains("Nobody was added.") && page.text.contains("value=\"bob\""));
    admin.post(&people, &[("kind", "email"), ("written", "ADA@example.com"), ("jira_user", "ada.l")]).await.location();

    let kept = site.store.person_aliases(id_of(&path)).await.unwrap();
    let ada = kept.iter().find(|person| person.kind == PersonAliasKind::Email).unwrap();
    assert_eq!((kept.len(), ada.jira_user.as_str()), (2, "ada.l"));
    let download = admin.get(&people).await;
    assert_eq!(download.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(download.text, "kind,written,jira_user\nemail,ADA@example.com,ada.l\nforge_user,grace,hopper\n");
    admin.post(&format!("{people}/{}/remove", ada.id), &[]).await;
    assert!(!admin.get(&path).await.text.contains("ADA@example.com"));

    // A file may be as large as is said, though a form makes it larger.
    let line = |at: usize| format!("email,{at}-{}@example.com,ada\n", "x".repeat(200));
    let large: String = std::iter::once("kind,written,jira_user\n".to_owned()).chain((0..1_100).map(line)).collect();
    assert!(large.len() > 200 * 1024 && large.len() < 256 * 1024);
    admin.post(&file, &[("file", &large)]).await.location();
    let page = admin.post(&file, &[("file", &format!("{large}{large}"))]).await;
    assert!(page.text.contains("The file is larger than 256 KiB."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_looks_and_changes_nothing() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let (jira, token) = a_jira().await;
    let mut admin = site.administrator().await;
    let path = added(&mut admin, &jira, "Jira", &token).await;
    admin.post(&format!("{path}/people/file"), &[("file", PEOPLE)]).await;
    let (_, mut reader) = site.reader("ada").await;

    assert!(reader.get("/sites").await.text.contains("lozenge good\">connected"));
    let page = reader.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    for hidden in ["ada@example.com", "Last test", "name=\"token\"", "/pause\"", "/remove\""] {
        assert!(!page.text.contains(hidden), "{hidden}");
    }
    for what in ["", "/test", "/refresh", "/pause", "/remove", "/people", "/people/file", "/people/1/remove"] {
        let answer = reader.post(&format!("{path}{what}"), &[("paused", "true"), ("file", PEOPLE)]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}");
    }
    for what in ["/sites/new", &format!("{path}/people"), &format!("{path}/remove")] {
        assert_eq!(reader.get(what).await.status, StatusCode::FORBIDDEN, "{what}");
    }
    assert_eq!(reader.post("/sites", &[]).await.status, StatusCode::FORBIDDEN);
    assert!(site.browser().get(&path).await.location().starts_with("/login"));
    assert_eq!(site.store.sites().await.unwrap()[0].state, SiteState::Active);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_name_is_only_a_name() {
    const HOSTILE: &str = "<script>alert(1)</script>\" onmouseover=\"x";
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let (jira, token) = a_jira().await;
    let mut admin = site.administrator().await;
    let path = added(&mut admin, &jira, HOSTILE, &token).await;
    let hostile = [("kind", "email"), ("written", HOSTILE), ("jira_user", HOSTILE)];
    admin.post(&format!("{path}/people"), &hostile).await.location();

    for page in ["/sites", &path, &format!("{path}/remove"), "/deliveries"] {
        let page = admin.get(page).await;
        assert!(page.text.contains("&#60;script&#62;alert(1)"), "{}", page.text);
        assert!(!page.text.contains("<script>alert") && !page.text.contains("\" onmouseover"));
    }
}

#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_former_key_leads_to_the_present_one(#[values("sqlite", "postgres")] engine: Engine) {
    let Some(site) = Site::open(engine).await else { return };
    let (jira, token) = a_jira().await;
    let mut admin = site.administrator().await;
    let path = added(&mut admin, &jira, "Jira", &token).await;
    projects(&site.store, id_of(&path), &[("OLD", "PLAT"), ("PLAT", "PLAT")]).await;

    let page = admin.get("/issues/OLD-7").await;
    assert_eq!((page.status, page.location()), (StatusCode::FOUND, "/issues/PLAT-7"));
    assert_eq!(admin.get("/issues/PLAT-7").await.status, StatusCode::OK);
    assert_eq!(admin.get("/issues/OTHER-7").await.status, StatusCode::OK);

    // It moved to another project, as its site said when it was asked.
    let mut tx = site.store.begin_write(Lane::Live).await.unwrap();
    tx.alias_set(id_of(&path), "PLAT-7", Some("PAY-1"), NOW).await.unwrap();
    tx.commit().await.unwrap();
    for former in ["OLD-7", "PLAT-7"] {
        assert_eq!(admin.get(&format!("/issues/{former}")).await.location(), "/issues/PAY-1", "{former}");
    }
}
