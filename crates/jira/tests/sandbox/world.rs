//! A Jira with a few people and projects, and clients of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jira::{Author, Branch, Commit, DevInfo, DevInfoOptions, JiraError, Problem, Provider, PullRequest};
use jira::{PullRequestStatus, Repository, Rest, RestAuth, RestOptions, Submission};
use model::clock::ManualClock;
use sandbox::jira::model::{DataKind, Model, NewUser, OAuthKeys, ProjectId, UserId, Workflow};
use sandbox::jira::{Deployment, Options, Server};

/// Sunday, 1 March 2026, 12:00 UTC, in milliseconds.
pub const NOON: i64 = 1_772_366_400_000;

/// A Jira that Root administers, in which Ada works on `ABC` (the simplified workflow) and `PAY` (the classic one), each with the
/// issues 1 and 2.
pub struct World {
    pub server: Server,
    pub clock: Arc<ManualClock>,
    pub root: UserId,
    pub ada: UserId,
    pub abc: ProjectId,
    pub pay: ProjectId,
    /// Root's client.
    pub rest: Rest,
}

impl World {
    pub async fn data_center() -> Self {
        Self::with(Options { context_path: "/context".to_owned(), ..Options::data_center() }).await
    }

    pub async fn cloud() -> Self {
        Self::with(Options::cloud()).await
    }

    pub async fn with(mut options: Options) -> Self {
        let clock = Arc::new(ManualClock::new(NOON));
        options.clock = Arc::clone(&clock) as Arc<dyn model::Clock>;
        let server = Server::start(options).await.unwrap();
        let model = server.model();
        let user = |login: &str, name: &str, admin| {
            let (email, password) = (format!("{login}@example.com"), format!("{login}-password"));
            model
                .create_user(NewUser { login: login.to_owned(), name: name.to_owned(), email, password, admin })
                .unwrap()
        };
        let (root, ada) = (user("root", "Administrator", true), user("ada", "Ada Kowalska", false));
        let abc = model.create_project("ABC", "Alphabet", Workflow::simplified()).unwrap();
        let pay = model.create_project("PAY", "Payments", Workflow::classic()).unwrap();
        for (project, summary) in [("ABC", "First"), ("ABC", "Second"), ("PAY", "Third"), ("PAY", "Fourth")] {
            model.create_issue(project, summary, Some(ada)).unwrap();
        }
        let rest = client(&server, &clock, root, http());
        Self { server, clock, root, ada, abc, pay, rest }
    }

    pub fn model(&self) -> Arc<Model> {
        self.server.model()
    }

    /// A client as a user.
    pub fn rest(&self, user: UserId) -> Rest {
        client(&self.server, &self.clock, user, http())
    }

    /// A client with whatever lets it in.
    pub fn rest_with(&self, auth: RestAuth) -> Rest {
        Rest::new(RestOptions { auth, ..options(&self.server, &self.clock, http()) })
    }

    /// Root's client with other settings of the network.
    pub fn rest_over(&self, http: net::Client) -> Rest {
        client(&self.server, &self.clock, self.root, http)
    }

    /// How a Jira of this kind names a user.
    pub fn id(&self, user: UserId) -> String {
        let found = self.model().user(user).unwrap();
        match self.model().deployment() {
            Deployment::DataCenter => found.login,
            Deployment::Cloud => found.account_id(),
        }
    }

    /// OAuth credentials for development information.
    pub fn keys(&self) -> OAuthKeys {
        self.model().create_oauth_client(&[DataKind::DevelopmentInformation])
    }

    pub fn dev_info(&self, keys: &OAuthKeys) -> DevInfo {
        DevInfo::new(DevInfoOptions {
            site_url: self.server.url().parse().unwrap(),
            api_url: self.server.url().parse().unwrap(),
            client_id: keys.client_id.clone(),
            client_secret: keys.secret.clone().into(),
            cloud_id: None,
            http: http(),
            clock: Arc::clone(&self.clock) as Arc<dyn model::Clock>,
        })
    }
}

fn options(server: &Server, clock: &Arc<ManualClock>, http: net::Client) -> RestOptions {
    RestOptions {
        base_url: format!("{}/", server.url()).parse().unwrap(),
        auth: RestAuth::None,
        http,
        clock: Arc::clone(clock) as Arc<dyn model::Clock>,
        cloud: server.model().deployment() == Deployment::Cloud,
    }
}

fn client(server: &Server, clock: &Arc<ManualClock>, user: UserId, http: net::Client) -> Rest {
    let model = server.model();
    let token = model.create_token(user, None).into();
    let auth = match model.deployment() {
        Deployment::DataCenter => RestAuth::Bearer(token),
        Deployment::Cloud => RestAuth::Basic { user: model.user(user).unwrap().email, secret: token },
    };
    Rest::new(RestOptions { auth, ..options(server, clock, http) })
}

pub fn http() -> net::Client {
    net::HttpFactory::new(net::Network::default()).unwrap().client()
}

/// What kept a request from succeeding, and whether it may have been done.
pub fn problem<T: std::fmt::Debug>(outcome: Result<T, JiraError>) -> (Problem, bool) {
    let error = outcome.unwrap_err();
    (error.problem, error.may_have_acted)
}

pub fn repository(id: &str, sequence: i64) -> Repository {
    Repository {
        id: id.to_owned(),
        name: format!("acme/{id}"),
        url: "https://gitlab.example.com/acme".to_owned(),
        description: None,
        fork_of: None,
        avatar: None,
        avatar_description: None,
        update_sequence_id: sequence,
        commits: Vec::new(),
        branches: Vec::new(),
        pull_requests: Vec::new(),
    }
}

pub fn commit(id: &str, sequence: i64, key: &str) -> Commit {
    Commit {
        id: id.to_owned(),
        hash: Some(id.to_owned()),
        display_id: id.chars().take(8).collect(),
        issue_keys: vec![key.to_owned()],
        update_sequence_id: sequence,
        message: format!("{key} Say hello"),
        author: Author { name: Some("Ada".into()), email: Some("ada@example.com".into()), ..Author::default() },
        author_timestamp: NOON,
        file_count: 0,
        url: "https://gitlab.example.com/acme/-/commit/1".to_owned(),
        files: Vec::new(),
        merge_commit: true,
    }
}

pub fn branch(name: &str, sequence: i64, key: &str) -> Branch {
    Branch {
        id: jira::limits::branch_id(name),
        name: name.to_owned(),
        issue_keys: vec![key.to_owned()],
        update_sequence_id: sequence,
        last_commit: commit("last", sequence, key),
        url: "https://gitlab.example.com/acme/-/tree/x".to_owned(),
        create_pull_request_url: None,
    }
}

pub fn pull_request(id: &str, status: PullRequestStatus, key: &str) -> PullRequest {
    PullRequest {
        id: id.to_owned(),
        display_id: format!("!{id}"),
        issue_keys: vec![key.to_owned()],
        update_sequence_id: 1,
        status,
        title: format!("{key} Hello"),
        author: Author { email: Some("ada@example.com".into()), ..Author::default() },
        comment_count: 1,
        last_update: NOON,
        source_branch: "feature".to_owned(),
        source_branch_url: None,
        destination_branch: Some("main".to_owned()),
        destination_branch_url: None,
        url: "https://gitlab.example.com/acme/-/merge_requests/1".to_owned(),
        reviewers: Vec::new(),
    }
}

pub fn submission(repositories: Vec<Repository>) -> Submission {
    Submission { repositories, prevent_transitions: false, properties: properties(), provider: provider() }
}

pub fn properties() -> BTreeMap<String, String> {
    [("connection".to_owned(), "c-17".to_owned())].into()
}

pub fn provider() -> Provider {
    Provider { product: "dovetail test".to_owned() }
}
