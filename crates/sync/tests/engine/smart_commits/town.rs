//! A GitLab with one project, a Jira with people and issues, and Dovetail between them.

use std::fmt::Write as _;
use std::time::Duration;

use model::Clock as _;
use model::secret::SecretString;
use model::{ReceiptReason, ReceiptState, SiteKind, SiteSettings};
use sandbox::gitlab::model::ProjectId;
use sandbox::jira::model::{Model, NewUser, Permission, UserId, Workflow};
use sandbox::jira::{Options, Server};
use store::{NewSite, Receipt, SiteInserted, SiteUpdate, Viewer};
use sync::connect::{Form, Method};

use crate::world::{Database, World, sync_options};

/// How long Jira may take to answer.
const PATIENCE: Duration = Duration::from_millis(1_500);

pub struct Town {
    pub world: World,
    pub jira: Server,
    pub site: i64,
    pub account: i64,
    pub project: ProjectId,
    /// As whom Dovetail acts.
    pub dovetail: UserId,
    pub ada: UserId,
}

/// A commit that is to be pushed to main.
#[derive(Debug, Clone)]
pub struct Pushed {
    pub message: String,
    pub author: (String, String),
    /// Seconds before now.
    pub age: i64,
}

impl Pushed {
    /// By Ada, now.
    pub fn new(message: &str) -> Self {
        let author = ("Ada".to_owned(), "ada@example.com".to_owned());
        Self { message: message.to_owned(), author, age: 0 }
    }

    pub fn by(self, name: &str, email: &str) -> Self {
        Self { author: (name.to_owned(), email.to_owned()), ..self }
    }

    pub fn aged(self, seconds: i64) -> Self {
        Self { age: seconds, ..self }
    }
}

/// Command, state and reason of a receipt.
pub type Told = (String, ReceiptState, Option<ReceiptReason>);

impl Town {
    /// A project `platform/api` that was imported, and a Jira with the issues PLAT-1 to PLAT-3 and SHOP-1. None where the
    /// database is not there to test with.
    pub async fn new(database: Database) -> Option<Self> {
        Self::make(database, true).await
    }

    /// The same with smart commits switched off for the account.
    pub async fn where_switched_off(database: Database) -> Option<Self> {
        Self::make(database, false).await
    }

    async fn make(database: Database, smart_commits: bool) -> Option<Self> {
        let mut world = World::asleep(database).await?;
        let mut options = sync_options(world.engine.options().data_dir.clone());
        options.network.answer_timeout = PATIENCE;
        world.restart_with(options).await;
        let options = Options { clock: world.clock.clone(), ..Options::data_center() };
        let jira = Server::start(options).await.unwrap();
        let model = jira.model();
        let dovetail = person(&model, "dovetail", "dovetail@example.com");
        let ada = person(&model, "ada", "Ada@Example.com");
        person(&model, "ben", "ben@example.com");
        for (key, workflow) in [("PLAT", Workflow::simplified()), ("SHOP", Workflow::classic())] {
            let project = model.create_project(key, key, workflow).unwrap();
            model.allow_only(project, dovetail, &Permission::ALL);
        }
        for key in ["PLAT", "PLAT", "PLAT", "SHOP"] {
            model.create_issue(key, "An issue", None).unwrap();
        }
        let project = world.project("api").await;
        let mut town = Self { world, jira, site: 0, account: 0, project, dovetail, ada };
        town.write(&[Pushed::new("Begin")]).await;
        let form = town.world.form(crate::world::GROUP, Method::token(town.world.token()));
        town.account = town.world.try_connect(Form { smart_commits, ..form }).await.unwrap();
        town.world.idle().await;
        town.site = town.add_site().await;
        Some(town)
    }

    async fn add_site(&self) -> i64 {
        let token = self.model().create_token(self.dovetail, None);
        self.add_site_at(self.jira.url(), &token).await
    }

    /// A Data Center at an address, with a personal access token.
    pub async fn add_site_at(&self, url: &str, token: &str) -> i64 {
        let new = NewSite {
            kind: SiteKind::DataCenter,
            name: "Jira".to_owned(),
            url: url.to_owned(),
            settings: SiteSettings::of(SiteKind::DataCenter),
            rest_user: None,
            rest_secret: Some(SecretString::from(token.to_owned())),
            client_id: None,
            client_secret: None,
        };
        match self.world.store.site_insert(&new, self.world.clock.now()).await.unwrap() {
            SiteInserted::New(id) | SiteInserted::Exists(id) => id,
        }
    }

    pub fn model(&self) -> std::sync::Arc<Model> {
        self.jira.model()
    }

    /// Pushes commits to main, oldest first, without telling Dovetail.
    pub async fn write(&self, commits: &[Pushed]) {
        self.write_to(self.project, commits).await;
    }

    pub async fn write_to(&self, project: ProjectId, commits: &[Pushed]) {
        let known = self.world.refs(project).await.contains_key("main");
        let mut stream = String::new();
        for (number, Pushed { message, author: (name, email), age }) in commits.iter().enumerate() {
            let at = self.world.clock.now() / 1_000 - age + i64::try_from(number).unwrap() * i64::from(*age == 0);
            let from = if known && number == 0 { "from refs/heads/main^0\n" } else { "" };
            write!(
                stream,
                "commit refs/heads/main\nauthor {name} <{email}> {at} +0000\ncommitter {name} <{email}> {at} +0000\ndata {}\n\
                 {message}\n{from}M 100644 inline file.txt\ndata {}\n{number} {at}\n\n",
                message.len(),
                format!("{number} {at}").len(),
            )
            .unwrap();
        }
        self.world.model().import(project, self.world.jira, stream.into_bytes()).await.unwrap();
    }

    /// Pushes commits to main and lets Dovetail do all that is to be done now.
    pub async fn push(&self, commits: &[Pushed]) {
        self.write(commits).await;
        self.world.refresh(self.account).await;
    }

    /// Pushes one commit of Ada's.
    pub async fn say(&self, message: &str) {
        self.push(&[Pushed::new(message)]).await;
    }

    /// Moves the clock, and lets what is due then run.
    pub async fn wait(&self, seconds: u64) {
        self.world.wait(Duration::from_secs(seconds)).await;
    }

    /// The receipts of an issue, in order of their commands.
    pub async fn receipts(&self, key: &str) -> Vec<Receipt> {
        let shown = self.world.store.receipts_of_issue(Viewer::Everything, key, 2_000).await.unwrap();
        let mut receipts: Vec<Receipt> = shown.into_iter().map(|shown| shown.receipt).collect();
        receipts.sort_by_key(|receipt| (receipt.commit_id, receipt.position));
        receipts
    }

    pub async fn told(&self, key: &str) -> Vec<Told> {
        let receipts = self.receipts(key).await;
        receipts.into_iter().map(|receipt| (receipt.command, receipt.state, receipt.reason)).collect()
    }

    /// The words of the only receipt of an issue.
    pub async fn words(&self, key: &str) -> String {
        let receipts = self.receipts(key).await;
        let [receipt] = receipts.as_slice() else { panic!("one receipt expected, but {receipts:?}") };
        sync::sentence_of_receipt(receipt.state, receipt.reason, receipt.words.as_deref())
    }

    /// The first lines of the comments of an issue, oldest first.
    pub fn comments(&self, key: &str) -> Vec<String> {
        let comments = self.model().comments(key);
        comments.into_iter().map(|comment| comment.body.lines().next().unwrap_or_default().to_owned()).collect()
    }

    pub fn status(&self, key: &str) -> String {
        self.model().issue(key).unwrap().status
    }

    /// How many requests with this method went to paths that end so.
    pub fn requests(&self, method: &str, end: &str) -> usize {
        let log = self.jira.requests().all();
        log.iter().filter(|entry| entry.method == method && entry.path.ends_with(end)).count()
    }

    pub async fn change_site(&self, update: SiteUpdate) {
        self.world.store.site_update(self.site, &update).await.unwrap();
    }
}

/// A user of the Jira.
pub fn person(model: &Model, login: &str, email: &str) -> UserId {
    let (name, password) = (login.to_owned(), format!("{login}-password"));
    let admin = login == "dovetail";
    model.create_user(NewUser { login: login.to_owned(), name, email: email.to_owned(), password, admin }).unwrap()
}

pub fn done(command: &str) -> Told {
    (command.to_owned(), ReceiptState::Done, None)
}

pub fn waiting(command: &str) -> Told {
    (command.to_owned(), ReceiptState::Waiting, None)
}

/// Something was sent, and what became of it is not known.
pub fn sending(command: &str) -> Told {
    (command.to_owned(), ReceiptState::Sending, None)
}

pub fn refused(command: &str, reason: ReceiptReason) -> Told {
    (command.to_owned(), ReceiptState::Refused, Some(reason))
}
