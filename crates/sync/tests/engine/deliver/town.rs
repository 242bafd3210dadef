//! A GitLab, a Jira, and an engine that tells the one about the other.

use std::sync::Arc;
use std::time::Duration;

use model::{Channel, Outcome, SiteKind, SiteSettings};
use sandbox::gitlab::model::{MergeRequestChange, MergeRequestId, NewMergeRequest, ProjectId};
use sandbox::jira::model::devinfo::{Entity, EntityKind};
use sandbox::jira::model::{DataKind, NewUser, Permission, RemoteLink, Workflow};
use sandbox::jira::{self, Deployment};
use store::{Delivery, DeliveryFilter, NewSite, SiteInserted};

use crate::world::{Database, GROUP, World};

/// A world with a Jira that has the projects `PLAT` (20 issues) and `OPS` (5 issues).
pub struct Town {
    pub world: World,
    pub jira: jira::Server,
    pub site: i64,
    pub project: ProjectId,
}

/// Longer than anything is held together before it is told.
const MOMENT: Duration = Duration::from_secs(2);

impl Town {
    /// With a Data Center, which gets links of branches, too.
    pub async fn data_center(database: Database) -> Option<Self> {
        let settings = SiteSettings { links_of_branches: true, ..SiteSettings::of(SiteKind::DataCenter) };
        Self::with(database, (Deployment::DataCenter, true), settings).await
    }

    /// With a Cloud site, which gets development information.
    pub async fn cloud(database: Database) -> Option<Self> {
        Self::with(database, (Deployment::Cloud, true), SiteSettings::of(SiteKind::Cloud)).await
    }

    /// With a Cloud site of which nothing but OAuth credentials are known.
    pub async fn cloud_without_user(database: Database) -> Option<Self> {
        Self::with(database, (Deployment::Cloud, false), SiteSettings::of(SiteKind::Cloud)).await
    }

    async fn with(
        database: Database,
        (deployment, has_user): (Deployment, bool),
        settings: SiteSettings,
    ) -> Option<Self> {
        let mut world = World::new(database).await?;
        let mut options = match deployment {
            Deployment::DataCenter => jira::Options::data_center(),
            Deployment::Cloud => jira::Options::cloud(),
        };
        options.clock = world.clock.clone();
        let jira = jira::Server::start(options).await.unwrap();
        let mut options = world.engine.options().clone();
        options.atlassian_api = jira.url().parse().unwrap();
        options.network.answer_timeout = Duration::from_secs(3);
        world.restart_with(options).await;
        let site = site(&world, &jira, (deployment, has_user), settings).await;
        let project = world.project("api").await;
        Some(Self { world, jira, site, project })
    }

    /// Connects the group, and lets everything be told.
    pub async fn import(&self) -> i64 {
        let account = self.world.import(GROUP).await;
        self.told().await;
        account
    }

    /// Lets what happened at the forge be read and told.
    pub async fn news(&self, account: i64) {
        self.world.clock.advance(60_000);
        self.world.refresh(account).await;
        self.told().await;
    }

    /// Waits until everything that is due is told.
    pub async fn told(&self) {
        self.world.wait(MOMENT).await;
        self.world.wait(MOMENT).await;
    }

    pub async fn open(&self, source: &str, title: &str) -> MergeRequestId {
        let new = NewMergeRequest::within(self.project, source, "main", title, self.world.jira);
        self.world.model().open_merge_request(new).await.unwrap()
    }

    pub async fn rename(&self, id: MergeRequestId, title: &str) {
        let change = MergeRequestChange { title: Some(title.to_owned()), ..MergeRequestChange::default() };
        self.world.clock.advance(60_000);
        self.world.model().update_merge_request(id, self.world.jira, change).await.unwrap();
    }

    /// The remote links of an issue.
    pub fn links(&self, key: &str) -> Vec<RemoteLink> {
        self.jira.model().remote_links(key)
    }

    /// The titles of the remote links of an issue, sorted; those that are resolved in brackets.
    pub fn titles(&self, key: &str) -> Vec<String> {
        let title = |link: RemoteLink| {
            let title = link.content.object["title"].as_str().unwrap().to_owned();
            if link.content.object["status"]["resolved"] == true { format!("[{title}]") } else { title }
        };
        let mut titles: Vec<String> = self.links(key).into_iter().map(title).collect();
        titles.sort();
        titles
    }

    /// What an issue's development information names of a kind, sorted by id.
    pub fn entities(&self, key: &str, kind: EntityKind) -> Vec<Entity> {
        let mut found: Vec<Entity> =
            self.jira.model().development(key).into_iter().filter(|entity| entity.kind == kind).collect();
        found.sort_by(|one, other| one.id.cmp(&other.id));
        found
    }

    /// The ids of the same.
    pub fn ids(&self, key: &str, kind: EntityKind) -> Vec<String> {
        self.entities(key, kind).into_iter().map(|entity| entity.id).collect()
    }

    /// All deliveries of a channel, oldest first.
    pub async fn deliveries(&self, channel: Channel) -> Vec<Delivery> {
        let filter = DeliveryFilter { channel: Some(channel), ..DeliveryFilter::default() };
        let mut all = self.world.store.deliveries(&filter, None, 10_000).await.unwrap().items;
        all.reverse();
        all
    }

    /// How the deliveries of a channel ended, oldest first.
    pub async fn outcomes(&self, channel: Channel) -> Vec<Outcome> {
        self.deliveries(channel).await.into_iter().map(|delivery| delivery.outcome).collect()
    }

    pub async fn site(&self) -> store::Site {
        self.world.store.site(self.site).await.unwrap().unwrap()
    }

    /// The id at Jira of the only repository that it was told of.
    pub fn repository_id(&self, key: &str) -> String {
        self.jira.model().development(key)[0].repository.clone()
    }

    /// How many requests a pattern of the log counts: method and end of the path.
    pub fn requests(&self, method: &str, path: &str) -> usize {
        self.jira.requests().all().iter().filter(|it| it.method == method && it.path.contains(path)).count()
    }
}

async fn site(
    world: &World,
    jira: &jira::Server,
    (deployment, has_user): (Deployment, bool),
    settings: SiteSettings,
) -> i64 {
    let model = jira.model();
    let (login, email) = ("dovetail".to_owned(), "dovetail@example.com".to_owned());
    let user = model
        .create_user(NewUser {
            login,
            name: "Dovetail".to_owned(),
            email: email.clone(),
            password: "x".to_owned(),
            admin: true,
        })
        .unwrap();
    for (key, issues) in [("PLAT", 20), ("OPS", 5)] {
        let project = model.create_project(key, key, Workflow::simplified()).unwrap();
        model.allow_only(project, user, &Permission::ALL);
        for _ in 0..issues {
            model.create_issue(key, "Something", Some(user)).unwrap();
        }
    }
    let token = model.create_token(user, None);
    let is_cloud = deployment == Deployment::Cloud;
    let oauth = is_cloud.then(|| model.create_oauth_client(&[DataKind::DevelopmentInformation]));
    let new = NewSite {
        kind: if is_cloud { SiteKind::Cloud } else { SiteKind::DataCenter },
        name: "Jira".to_owned(),
        url: jira.url().to_owned(),
        settings,
        rest_user: (is_cloud && has_user).then_some(email),
        rest_secret: has_user.then(|| token.into()),
        client_id: oauth.as_ref().map(|keys| keys.client_id.clone()),
        client_secret: oauth.map(|keys| keys.secret.into()),
    };
    match world.store.site_insert(&new, model::Clock::now(&*world.clock)).await.unwrap() {
        SiteInserted::New(id) => id,
        SiteInserted::Exists(id) => panic!("site {id} is there already"),
    }
}

/// What Jira has of something, for tests that compare.
pub fn text<'e>(entity: &'e Entity, field: &str) -> &'e str {
    entity.body[field].as_str().unwrap_or_default()
}

/// The world's clock, for what is compared with it.
pub fn now(town: &Town) -> i64 {
    let clock: Arc<dyn model::Clock> = town.world.clock.clone();
    clock.now()
}
