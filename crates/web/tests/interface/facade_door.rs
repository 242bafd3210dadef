//! Dovetail on a port, with the sample's GitLab behind it and a Jira's inbox before it: what programs of others connect to.

use std::net::Ipv4Addr;

use model::HostKind;
use model::secret::SecretString;
use sandbox::gitlab::model::{
    AccessLevel, MergeRequestId, Model, NewMergeRequest, ProjectId, QuickCommit, RefMove, UserId, Visibility,
};
use sandbox::gitlab::{Options, Server};
use sandbox::jira_replay::{Browser, Inbox, Jira, JiraOptions, Token};
use sandbox::sample::{INTEGRATION_USER, Sample};
use store::testing::Engine;
use store::{Account, Viewer};
use sync::connect::Keys;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::site::{Site, options};

/// The project with long lists.
const LONG_LISTS: &str = "many";
/// More than the 100 that Jira asks for at a time.
const BRANCHES: usize = 103;
/// More than the 30 that Jira asks for at a time.
const MERGE_REQUESTS: usize = 32;

pub struct Door {
    pub site: Site,
    pub gitlab: Server,
    pub sample: Sample,
    pub inbox: Inbox,
    /// Where Dovetail answers.
    pub url: String,
    shutdown: CancellationToken,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl Door {
    /// None where the database is not there to test with.
    pub async fn open(engine: Engine, require_user_agent: bool) -> Option<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let inbox = Inbox::start().await.unwrap();
        let mut options = options();
        options.public_url = Some(url.parse().unwrap());
        options.facade.allowed_redirects = vec![format!("{}/", inbox.url()).parse().unwrap()];
        options.facade.require_user_agent = require_user_agent;
        let site = Site::with(engine, options).await?;
        let mut at = Options::new(site.folder().join("gitlab"));
        at.clock = site.clock.clone();
        at.auto_sign_in = Some(INTEGRATION_USER.to_owned());
        let gitlab = Server::start(at).await.unwrap();
        let callback = format!("{url}/oauth/callback");
        let sample = sandbox::sample::build(&gitlab, &[&callback]).await.unwrap();
        let shutdown = CancellationToken::new();
        tokio::spawn(web::serve(listener, web::router(site.state.clone()), shutdown.clone()));
        site.state.engine().start(&shutdown, &TaskTracker::new());
        let door = Self { site, gitlab, sample, inbox, url, shutdown };
        door.add_application(&callback).await;
        Some(door)
    }

    async fn add_application(&self, callback: &str) {
        let client_secret = SecretString::from(self.sample.application_secret.clone());
        let keys = Keys { client_id: self.sample.application_id.clone(), client_secret };
        let (engine, host) = (self.site.state.engine(), self.gitlab.url());
        sync::connect::add_application(engine, HostKind::Gitlab, host, &keys, callback).await.unwrap();
    }

    /// Makes a project with more branches and merge requests than Jira asks for at a time.
    pub async fn make_long_lists(&self) {
        let (model, user) = (self.model(), self.integration());
        let group = &self.sample.group;
        let project = model.create_project(group, LONG_LISTS, "Many", Visibility::Private, user).await.unwrap();
        model.push_commit(project, user, QuickCommit::on("main", "ABC-1 Begin").with("a.txt", "a\n")).await.unwrap();
        let commits: Vec<QuickCommit> = (1..=MERGE_REQUESTS).map(one_of_many).collect();
        model.push_commits(project, user, &commits).await.unwrap();
        let empty = |number: usize| RefMove::branch(&format!("empty/{number}"), "refs/heads/main");
        let empty: Vec<RefMove> = (MERGE_REQUESTS..BRANCHES).map(empty).collect();
        model.move_refs(project, user, &empty).await.unwrap();
        for number in 1..=MERGE_REQUESTS {
            let (branch, title) = (format!("many/{number}"), format!("ABC-1 One of many: {number}"));
            self.site.clock.advance(1_000);
            model.open_merge_request(NewMergeRequest::within(project, &branch, "main", &title, user)).await.unwrap();
        }
    }

    pub fn model(&self) -> std::sync::Arc<Model> {
        self.gitlab.model()
    }

    /// The user who authorises everything.
    pub fn integration(&self) -> UserId {
        self.user(INTEGRATION_USER)
    }

    pub fn user(&self, login: &str) -> UserId {
        self.model().user_by_login(login).unwrap().id
    }

    pub fn project(&self, path: &str) -> ProjectId {
        self.model().project_by_path(path).unwrap().id
    }

    /// From now on a project outside the group is open to the integration user.
    pub fn invite(&self, project: &str) {
        self.model().add_member(self.project(project), self.integration(), AccessLevel::Reporter);
    }

    /// The merge request of this number in a project.
    pub fn merge_request(&self, project: &str, number: u64) -> MergeRequestId {
        self.model().merge_request_by_iid(self.project(project), number).unwrap().id
    }

    /// A minute goes by.
    pub fn later(&self) {
        self.site.clock.advance(60_000);
    }

    /// Waits until everything that happened was told by hooks and is worked off.
    pub async fn settle(&self) {
        self.gitlab.hooks().idle().await;
        self.site.state.engine().idle().await.unwrap();
    }

    /// A Jira whose Host URL ends in `path`.
    pub fn jira(&self, path: &str, change: impl FnOnce(&mut JiraOptions)) -> Jira {
        let mut options = JiraOptions::loopback(self.inbox.url());
        change(&mut options);
        Jira::new(&format!("{}{path}", self.url), options).unwrap()
    }

    /// The token that a Jira gets for an account.
    pub async fn connect(&self, jira: &Jira, account: &str) -> Token {
        let browser = Browser::new(self.inbox.url()).unwrap();
        let (id, secret) = (&self.sample.application_id, &self.sample.application_secret);
        jira.connect(account, id, secret, async |url| browser.open(url).await).await.unwrap()
    }

    /// The account of this path.
    pub async fn account(&self, path: &str) -> Account {
        let accounts = self.site.store.accounts(Viewer::Everything).await.unwrap();
        accounts.into_iter().find(|account| account.path == path).unwrap_or_else(|| panic!("no account {path}"))
    }
}

/// A commit on a branch of its own.
fn one_of_many(number: usize) -> QuickCommit {
    let message = format!("ABC-1 One of many: {number}");
    QuickCommit {
        parent: Some("refs/heads/main".to_owned()),
        ..QuickCommit::on(&format!("many/{number}"), &message).with(&format!("{number}.txt"), "x\n")
    }
}
