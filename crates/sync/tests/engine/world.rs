//! A sandbox GitLab with one group, a store, and an engine between them.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use model::clock::ManualClock;
use model::secret::SecretString;
use model::{Clock, HostKind, ObjectId};
use sandbox::gitlab::model::{GroupId, Model, NewUser, ProjectId, RefChange, Scopes, UserId, Visibility};
use sandbox::gitlab::{self, Server};
use store::testing::TestStore;
use store::{IssueQuery, Repository, RepositoryState, Store, Viewer};
use sync::connect::{self, Begun, ConnectError, Form, Method};
use sync::{Engine, Options};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use store::testing::Engine as Database;

/// Who connects accounts.
pub const ADMIN: i64 = 1;
/// Where the forge sends the browser back to.
pub const REDIRECT: &str = "http://127.0.0.1:8080/oauth/callback";
/// The group that is connected.
pub const GROUP: &str = "platform";

pub struct World {
    pub server: Server,
    pub clock: Arc<ManualClock>,
    pub store: TestStore,
    pub engine: Engine,
    pub jira: UserId,
    pub group: GroupId,
    running: Running,
    directory: TempDir,
}

/// The tasks of an engine.
struct Running {
    shutdown: CancellationToken,
    tracker: TaskTracker,
}

impl Running {
    fn start(engine: &Engine) -> Self {
        let running = Self { shutdown: CancellationToken::new(), tracker: TaskTracker::new() };
        engine.start(&running.shutdown, &running.tracker);
        running
    }
}

impl World {
    /// None where the database is not there to test with.
    pub async fn new(database: Database) -> Option<Self> {
        let world = Self::asleep(database).await?;
        Some(world.awake())
    }

    /// A world whose GitLab holds nobody and nothing.
    pub async fn bare(database: Database) -> Option<Self> {
        Some(Self::make(database, false, |_| ()).await?.awake())
    }

    /// A world whose engine has no workers yet.
    pub async fn asleep(database: Database) -> Option<Self> {
        Self::make(database, true, |_| ()).await
    }

    /// A world whose GitLab is another one.
    pub async fn with(database: Database, change: impl FnOnce(&mut gitlab::Options)) -> Option<Self> {
        Some(Self::make(database, true, change).await?.awake())
    }

    async fn make(database: Database, peopled: bool, change: impl FnOnce(&mut gitlab::Options)) -> Option<Self> {
        let store = store::testing::open(database).await?;
        let directory = TempDir::new().unwrap();
        let clock = Arc::new(ManualClock::new(1_760_000_000_000));
        let mut options = gitlab::Options::new(directory.path().join("gitlab"));
        options.clock = clock.clone();
        options.auto_sign_in = Some("jira".to_owned());
        change(&mut options);
        let server = Server::start(options).await.unwrap();
        let (jira, group) = if peopled { people(&server.model()) } else { (UserId(0), GroupId(0)) };
        let engine = Engine::new(store.clone(), sync_options(directory.path().join("data")), clock.clone()).unwrap();
        let running = Running { shutdown: CancellationToken::new(), tracker: TaskTracker::new() };
        Some(Self { server, clock, store, engine, jira, group, running, directory })
    }

    fn awake(mut self) -> Self {
        self.running = Running::start(&self.engine);
        self
    }

    /// Stops the workers where they are, and starts a new engine over the same store and cache.
    pub async fn restart(&mut self) {
        self.restart_with(self.engine.options().clone()).await;
    }

    /// As [`World::restart`], told otherwise.
    pub async fn restart_with(&mut self, options: Options) {
        self.stop().await;
        self.engine = Engine::new(self.store.clone(), options, self.clock.clone()).unwrap();
        self.running = Running::start(&self.engine);
    }

    /// Stops the workers.
    pub async fn stop(&self) {
        self.running.shutdown.cancel();
        self.running.tracker.close();
        self.running.tracker.wait().await;
    }

    pub fn model(&self) -> Arc<Model> {
        self.server.model()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub async fn idle(&self) {
        tokio::time::timeout(Duration::from_secs(120), self.engine.idle()).await.expect("becomes idle").unwrap();
    }

    /// Moves the clock, and lets what is due then run.
    pub async fn wait(&self, time: Duration) {
        self.clock.advance(i64::try_from(time.as_millis()).unwrap());
        self.idle().await;
    }

    pub fn token(&self) -> SecretString {
        self.model().create_personal_token(self.jira, "Dovetail", Scopes::api(), None).into()
    }

    pub fn form(&self, path: &str, method: Method) -> Form {
        let host_url = self.server.url().to_owned();
        Form { kind: HostKind::Gitlab, host_url, path: path.to_owned(), method, auto_link: true, smart_commits: true }
    }

    /// Connects an account with a token, without waiting for its import.
    pub async fn connect(&self, path: &str) -> i64 {
        self.try_connect(self.form(path, Method::token(self.token()))).await.unwrap()
    }

    pub async fn try_connect(&self, form: Form) -> Result<i64, ConnectError> {
        match connect::begin(&self.engine, form, REDIRECT, ADMIN).await? {
            Begun::Confirm { state } => connect::confirm(&self.engine, &state, ADMIN).await,
            Begun::Added { account_id } => Ok(account_id),
            Begun::Authorise { url } => panic!("no dance expected, but {url}"),
        }
    }

    /// Connects an account with a token, and waits for its import.
    pub async fn import(&self, path: &str) -> i64 {
        let account = self.connect(path).await;
        self.idle().await;
        account
    }

    pub async fn refresh(&self, account: i64) {
        sync::request::refresh_account(&self.engine, account).await.unwrap();
        self.idle().await;
    }

    pub async fn full_sync(&self, account: i64) {
        sync::request::full_sync_account(&self.engine, account).await.unwrap();
        self.idle().await;
    }

    /// An empty project of the group.
    pub async fn project(&self, path: &str) -> ProjectId {
        self.model().create_project(GROUP, path, path, Visibility::Private, self.jira).await.unwrap()
    }

    /// Pushes commits, oldest first: (branch, message); a new branch begins at main's head.
    pub async fn push(&self, project: ProjectId, commits: &[(&str, &str)]) {
        let refs = self.refs(project).await;
        let mut stream = Stream::new(self.now(), refs.keys().cloned().collect());
        for (branch, message) in commits {
            stream.commit(branch, message);
        }
        self.model().import(project, self.jira, stream.finish()).await.unwrap();
    }

    /// Moves a branch to where another one is, whatever it held (a forced push).
    pub async fn force(&self, project: ProjectId, branch: &str, to: &str) {
        let refs = self.refs(project).await;
        let (before, after) = (refs.get(branch).cloned(), refs[to].clone());
        let name = format!("refs/heads/{branch}");
        self.model().repositories().set_ref(project, &name, &after).await.unwrap();
        let change = RefChange { name, before, after: Some(after) };
        self.model().pushed(project, self.jira, vec![change]).await.unwrap();
    }

    pub async fn delete_branch(&self, project: ProjectId, branch: &str) {
        let before = self.refs(project).await.remove(branch);
        let name = format!("refs/heads/{branch}");
        self.model().repositories().delete_ref(project, &name).await.unwrap();
        self.model().pushed(project, self.jira, vec![RefChange { name, before, after: None }]).await.unwrap();
    }

    /// Heads by branch.
    pub async fn refs(&self, project: ProjectId) -> std::collections::BTreeMap<String, String> {
        let refs = self.model().repositories().refs(project).await.unwrap();
        refs.into_iter().filter_map(|(name, id)| Some((name.strip_prefix("refs/heads/")?.to_owned(), id))).collect()
    }

    /// What git says about a project's repository.
    pub async fn git(&self, project: ProjectId, arguments: &[&str]) -> Vec<String> {
        git_lines(&self.model().repositories().path(project), arguments).await
    }

    fn now(&self) -> i64 {
        self.clock.now() / 1000
    }

    /// The repository with this path below the group.
    pub async fn repository(&self, account: i64, path: &str) -> Repository {
        let path = format!("{GROUP}/{path}");
        let all = self.store.account_repositories(Viewer::Everything, account).await.unwrap();
        all.into_iter()
            .find(|seen| seen.repository.path == path)
            .map(|seen| seen.repository)
            .expect("the repository is listed")
    }

    /// The ids of the commits of an issue that are shown, sorted, and whether nothing leads to them any more.
    pub async fn commits(&self, key: &str) -> Vec<(String, bool)> {
        commits_of(&self.store, key).await
    }

    /// The ids of the reachable commits of an issue, sorted.
    pub async fn reachable(&self, key: &str) -> Vec<String> {
        self.commits(key).await.into_iter().filter(|(_, unreachable)| !unreachable).map(|(id, _)| id).collect()
    }

    /// The names of the branches of an issue, sorted.
    pub async fn branches(&self, key: &str) -> Vec<String> {
        let query = query(key);
        let page = self.store.issue_branches(&query, None, None).await.unwrap();
        let mut names: Vec<String> = page.items.into_iter().map(|branch| branch.name).collect();
        names.sort();
        names
    }

    /// The numbers of the merge requests of an issue, sorted.
    pub async fn merge_requests(&self, key: &str) -> Vec<i64> {
        let query = query(key);
        let page = self.store.issue_merge_requests(&query, None, None).await.unwrap();
        let mut numbers: Vec<i64> = page.items.into_iter().map(|merge_request| merge_request.number).collect();
        numbers.sort_unstable();
        numbers
    }

    pub async fn assert_up_to_date(&self, account: i64) {
        for seen in self.store.account_repositories(Viewer::Everything, account).await.unwrap() {
            let repository = seen.repository;
            let is_well = matches!(repository.state, RepositoryState::UpToDate | RepositoryState::Empty);
            assert!(is_well, "{} is {}: {:?}", repository.path, repository.state, repository.error);
        }
    }
}

pub async fn commits_of(store: &Store, key: &str) -> Vec<(String, bool)> {
    let page = store.issue_commits(&query(key), None, None).await.unwrap();
    let mut commits: Vec<_> =
        page.items.into_iter().map(|item| (item.commit.object_id.to_string(), item.unreachable)).collect();
    commits.sort();
    commits
}

pub async fn git_lines(repository: &std::path::Path, arguments: &[&str]) -> Vec<String> {
    let text = git::Git::new().command(arguments.iter().copied()).repository(repository).text().await.unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

pub fn sync_options(data_dir: PathBuf) -> Options {
    Options {
        data_dir,
        interval: Duration::from_secs(3_600),
        workers: 3,
        git: true,
        show_unreachable: true,
        network: net::Network::default(),
        noise: grammar::Noise::DEFAULT.map(str::to_owned).to_vec(),
        public_url: None,
        node: "test".to_owned(),
        inbox_age: Duration::from_secs(7 * 24 * 3600),
        job_age: Duration::from_secs(7 * 24 * 3600),
        smart_commit_max_age: Duration::from_secs(7 * 24 * 3600),
        delivery_age: Duration::from_secs(30 * 24 * 3600),
        cache_max_size: None,
        atlassian_api: "https://api.atlassian.com".parse().unwrap(),
    }
}

fn people(model: &Model) -> (UserId, GroupId) {
    let user = |login: &str, admin| {
        let (name, email) = (login.to_owned(), format!("{login}@example.com"));
        model
            .create_user(NewUser { login: login.to_owned(), name, email, password: "secret-word".to_owned(), admin })
            .unwrap()
    };
    user("root", true);
    let jira = user("jira", false);
    user("anna", false);
    let group = model.create_group(GROUP, "Platform", None, Visibility::Private, jira).unwrap();
    (jira, group)
}

/// A fast-import stream of small commits.
pub struct Stream {
    text: String,
    at: i64,
    known: Vec<String>,
    begun: Vec<String>,
}

impl Stream {
    /// `known`: the branches that the repository has already.
    pub fn new(at: i64, known: Vec<String>) -> Self {
        Self { text: String::new(), at, known, begun: Vec::new() }
    }

    pub fn commit(&mut self, branch: &str, message: &str) -> &mut Self {
        let at = self.at;
        self.at += 1;
        let from = if self.begun.iter().any(|begun| begun == branch) {
            String::new()
        } else if self.known.iter().any(|known| known == branch) {
            format!("from refs/heads/{branch}^0\n")
        } else if branch != "main" && self.begun.iter().any(|begun| begun == "main") {
            "from refs/heads/main\n".to_owned()
        } else if branch != "main" && self.known.iter().any(|known| known == "main") {
            "from refs/heads/main^0\n".to_owned()
        } else {
            String::new()
        };
        self.begun.push(branch.to_owned());
        write!(
            self.text,
            "commit refs/heads/{branch}\nauthor Ada <ada@example.com> {at} +0000\ncommitter Ada <ada@example.com> {at} +0000\n\
             data {}\n{message}\n{from}M 100644 inline {}-{at}.txt\ndata 2\nx\n\n",
            message.len(),
            branch.replace('/', "-"),
        )
        .unwrap();
        self
    }

    pub fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.text).into_bytes()
    }
}

pub fn object_id(text: &str) -> ObjectId {
    text.parse().unwrap()
}

/// Everything of an issue, for everybody.
pub fn query(key: &str) -> IssueQuery {
    IssueQuery { viewer: Viewer::Everything, key: key.to_owned(), host_ids: None }
}
