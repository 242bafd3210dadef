//! Sites: adding and testing a Jira, and what follows from knowing its projects and issues.

use std::time::Duration;

use model::secret::SecretString;
use model::{SiteKind, SiteSettings};
use net::check::{Report, Verdict};
use rstest::rstest;
use sandbox::jira::model::{DataKind, NewUser, Permission, ProjectId, UserId, Workflow};
use sandbox::jira::{self, Deployment};
use store::{SiteState, Viewer};
use sync::site::{self, Field, Form, SiteError};

use crate::world::{Database, GROUP, World};

/// A Jira with the projects `PLAT` (5 issues) and `OPS` (2), beside a GitLab.
struct Scene {
    world: World,
    jira: jira::Server,
    service: UserId,
    plat: ProjectId,
    token: String,
}

impl Scene {
    async fn new(database: Database, deployment: Deployment) -> Option<Self> {
        let mut world = World::new(database).await?;
        let mut options = match deployment {
            Deployment::DataCenter => jira::Options::data_center(),
            Deployment::Cloud => jira::Options::cloud(),
        };
        options.clock = world.clock.clone();
        let jira = jira::Server::start(options).await.unwrap();
        let mut options = world.engine.options().clone();
        options.atlassian_api = jira.url().parse().unwrap();
        world.restart_with(options).await;
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
        let plat = model.create_project("PLAT", "Platform", Workflow::simplified()).unwrap();
        model.allow_only(plat, service, &Permission::ALL);
        model.provide_issues("PLAT", 5).unwrap();
        let ops = model.provide_issues("OPS", 2).unwrap();
        model.allow_only(ops, service, &Permission::ALL);
        let token = model.create_token(service, None);
        Some(Self { world, jira, service, plat, token })
    }

    fn form(&self, kind: SiteKind) -> Form {
        let (user, client) = match kind {
            SiteKind::DataCenter => (String::new(), None),
            SiteKind::Cloud => {
                let keys = self.jira.model().create_oauth_client(&[DataKind::DevelopmentInformation]);
                ("dovetail@example.com".to_owned(), Some(keys))
            }
        };
        Form {
            kind,
            name: String::new(),
            url: format!("{}/secure/Dashboard.jspa", self.jira.url()),
            user,
            secret: SecretString::from(self.token.clone()),
            client_id: client.as_ref().map(|keys| keys.client_id.clone()).unwrap_or_default(),
            client_secret: SecretString::from(client.map(|keys| keys.secret).unwrap_or_default()),
            settings: SiteSettings::of(kind),
            accounts: Vec::new(),
        }
    }

    async fn add(&self, kind: SiteKind) -> site::Added {
        site::add(&self.world.engine, &self.form(kind)).await.unwrap()
    }

    async fn issues(&self) -> Vec<String> {
        let recent = self.world.store.issue_keys_recent(Viewer::Everything, 100).await.unwrap();
        let mut keys: Vec<String> = recent.into_iter().map(|(key, _)| key).collect();
        keys.sort_unstable();
        keys
    }

    /// Reads the projects, and lets everything follow.
    async fn refresh(&self, id: i64) {
        site::refresh_projects(&self.world.engine, id).await.unwrap();
        self.world.idle().await;
    }
}

fn verdicts(report: &Report) -> Vec<(&str, Verdict)> {
    let beyond_http = report.stages.iter().skip_while(|stage| stage.stage != "version");
    beyond_http.map(|stage| (stage.stage.as_str(), stage.verdict)).collect()
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_data_center_is_tested_step_by_step(#[case] database: Database) {
    let Some(scene) = Scene::new(database, Deployment::DataCenter).await else { return };
    let added = scene.add(SiteKind::DataCenter).await;
    use Verdict::Passed;
    let expected =
        ["version", "log_in", "permission", "projects", "time_tracking"].map(|stage| (stage, Passed)).to_vec();
    assert_eq!(verdicts(&added.report), expected, "{:#?}", added.report);
    assert_ne!(added.report.verdict, Verdict::Failed);
    let kept = scene.world.store.site(added.id).await.unwrap().unwrap();
    assert_eq!((kept.url.as_str(), kept.version.as_deref()), (scene.jira.url(), Some("9.12.15")));
    assert!(kept.report.is_some());
    let again = site::add(&scene.world.engine, &scene.form(SiteKind::DataCenter)).await;
    assert!(matches!(again, Err(SiteError::Exists { id }) if id == added.id));
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named_at_its_step(#[case] database: Database) {
    let Some(scene) = Scene::new(database, Deployment::DataCenter).await else { return };
    let engine = &scene.world.engine;
    let test = async |form: &Form| site::test_form(engine, form).await.unwrap();
    let good = scene.form(SiteKind::DataCenter);

    let wrong = Form { secret: SecretString::from("wrong"), ..good.clone() };
    assert_eq!(test(&wrong).await.first_failed().unwrap().stage, "log_in");
    let cloud = Form { user: "a@example.com".to_owned(), kind: SiteKind::Cloud, ..good.clone() };
    assert_eq!(test(&cloud).await.first_failed().unwrap().stage, "version");
    let nowhere = Form { url: "http://127.0.0.1:1".to_owned(), ..good.clone() };
    assert_eq!(test(&nowhere).await.first_failed().unwrap().stage, "tcp");
    let empty = Form { secret: SecretString::from(""), ..good.clone() };
    assert!(matches!(site::test_form(engine, &empty).await, Err(SiteError::Empty(Field::Secret))));

    // The right to ask for authors' rights is proved by asking, once there is an issue to ask about.
    let project = scene.world.project("api").await;
    scene.world.push(project, &[("main", "PLAT-1 Begin")]).await;
    scene.world.import(GROUP).await;
    let report = test(&good).await;
    let permission = report.stages.iter().find(|stage| stage.stage == "permission").unwrap();
    assert!(permission.seen.contains("PLAT-1"), "{permission:?}");

    let but_link: Vec<Permission> = Permission::ALL.into_iter().filter(|one| *one != Permission::LinkIssues).collect();
    scene.jira.model().allow_only(scene.plat, scene.service, &but_link);
    scene.jira.switches().time_tracking(false);
    let report = test(&good).await;
    let warned: Vec<&str> = report
        .stages
        .iter()
        .filter(|stage| stage.verdict == Verdict::Warning && stage.stage != "url")
        .map(|stage| stage.stage.as_str())
        .collect();
    assert!(warned.ends_with(&["permission", "time_tracking"]), "{report:#?}");
    let permission = report.stages.iter().find(|stage| stage.stage == "permission").unwrap();
    assert_eq!(permission.details, ["PLAT: Link Issues"]);
    scene.jira.switches().no_permission_search();
    assert_eq!(test(&good).await.first_failed().unwrap().stage, "permission");
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[tokio::test(flavor = "multi_thread")]
async fn a_cloud_site_is_tested_up_to_development_information(#[case] database: Database) {
    let Some(scene) = Scene::new(database, Deployment::Cloud).await else { return };
    let engine = &scene.world.engine;
    let good = scene.form(SiteKind::Cloud);
    // The stand-in listens on a port, which a Cloud site has not; so its root is typed.
    let report = site::test_form(engine, &good).await.unwrap();
    use Verdict::Passed;
    let expected = ["version", "log_in", "permission", "projects", "site_id", "oauth", "dev_info"];
    assert_eq!(verdicts(&report), expected.map(|stage| (stage, Passed)).to_vec(), "{report:#?}");

    let wrong = Form { client_secret: SecretString::from("wrong"), ..good.clone() };
    let report = site::test_form(engine, &wrong).await.unwrap();
    assert_eq!(report.first_failed().unwrap().stage, "oauth");
    let keys = scene.jira.model().create_oauth_client(&[]);
    let without = Form { client_id: keys.client_id, client_secret: SecretString::from(keys.secret), ..good.clone() };
    let report = site::test_form(engine, &without).await.unwrap();
    assert_eq!(report.first_failed().unwrap().stage, "dev_info");
    let no_rest = Form { user: String::new(), secret: SecretString::from(""), ..good };
    let report = site::test_form(engine, &no_rest).await.unwrap();
    assert_eq!(report.first_failed(), None);
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn keys_count_and_move_as_the_site_knows_them(#[case] database: Database) {
    // given
    let Some(scene) = Scene::new(database, Deployment::DataCenter).await else { return };
    let project = scene.world.project("api").await;
    scene.world.push(project, &[("main", "plat-2 in lower case"), ("main", "PLAT-1 Begin"), ("ops-9", "x")]).await;
    scene.world.import(GROUP).await;
    assert_eq!(scene.issues().await, ["PLAT-1"]);

    // when the site is known
    let id = scene.add(SiteKind::DataCenter).await.id;
    scene.world.idle().await;
    assert_eq!(scene.issues().await, ["OPS-9", "PLAT-1", "PLAT-2"]);

    // and an issue moves, which is asked when somebody looks at it
    let moved = scene.jira.model().move_issue("PLAT-2", "OPS").unwrap();
    scene.jira.model().rename_project(scene.plat, "BASE").unwrap();
    scene.refresh(id).await;
    assert_eq!(scene.world.store.present_key("PLAT-1").await.unwrap().as_deref(), Some("BASE-1"));
    scene.world.wait(Duration::from_secs(3600)).await;
    site::ask_key(&scene.world.engine, "BASE-2").await.unwrap();
    scene.world.idle().await;
    let mut expected = ["BASE-1", "OPS-9", moved.as_str()];
    expected.sort_unstable();
    assert_eq!(scene.issues().await, expected);

    // then a site that is removed takes that along
    site::remove(&scene.world.engine, id).await.unwrap();
    scene.world.idle().await;
    scene.world.wait(Duration::from_secs(11)).await;
    assert_eq!(scene.issues().await, ["PLAT-1"]);
    assert!(scene.world.store.site(id).await.unwrap().is_none());
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_away_is_asked_again(#[case] database: Database) {
    let Some(scene) = Scene::new(database, Deployment::DataCenter).await else { return };
    let id = scene.add(SiteKind::DataCenter).await.id;
    scene.world.idle().await;
    scene.jira.switches().fail(jira::Failure::every(
        "GET /rest/api/2/project",
        jira::How::Status(http::StatusCode::SERVICE_UNAVAILABLE),
    ));
    scene.refresh(id).await;
    let site = scene.world.store.site(id).await.unwrap().unwrap();
    assert_eq!((site.failures, site.error_kind.as_deref()), (1, Some("unavailable")));
    scene.jira.switches().all_well();
    scene.world.wait(Duration::from_secs(31)).await;
    let site = scene.world.store.site(id).await.unwrap().unwrap();
    assert_eq!((site.failures, site.error), (0, None));
}

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_changed_paused_and_resumed(#[case] database: Database) {
    let Some(scene) = Scene::new(database, Deployment::DataCenter).await else { return };
    let engine = &scene.world.engine;
    let id = scene.add(SiteKind::DataCenter).await.id;
    let mut form = scene.form(SiteKind::DataCenter);
    (form.name, form.secret) = ("Ours".to_owned(), SecretString::from(""));
    form.settings.smart_commits = false;
    site::update(engine, id, &form).await.unwrap();
    let kept = scene.world.store.site(id).await.unwrap().unwrap();
    assert!(kept.name == "Ours" && kept.has_rest_secret && !kept.settings.smart_commits);
    assert!(site::test(engine, id).await.unwrap().first_failed().is_none(), "the secret stays when none is typed");
    site::pause(engine, id).await.unwrap();
    assert_eq!(scene.world.store.site(id).await.unwrap().unwrap().state, SiteState::Paused);
    site::resume(engine, id).await.unwrap();
    assert_eq!(scene.world.store.site(id).await.unwrap().unwrap().state, SiteState::Active);
    assert!(matches!(site::pause(engine, -1).await, Err(SiteError::Missing)));
}
