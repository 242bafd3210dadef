//! A store with an account, and an engine over it that is asked and never started.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use grammar::{Noise, mentions, rule_version};
use model::clock::ManualClock;
use model::{
    AccountKind, Branch, Commit, ForgeRepository, ForgeUser, HostKind, MergeRequest, MergeRequestState, Millis,
    ObjectId, Person,
};
use store::testing::{Engine as Database, TestStore};
use store::{Lane, MergeRequestsState, NewAccount, NewBranch, NewCommit, NewMergeRequest, Source, Viewer, WriteTx};
use sync::explain::{Fact, FactKind, Mark, Story};
use sync::{Engine, Options};
use tempfile::TempDir;

/// 22 November 2026, 11:04 UTC.
pub const NOW: Millis = 1_795_345_440_000;
pub const MINUTE: Millis = 60_000;
/// The address of the host.
pub const HOST: &str = "https://gitlab.example.com";

pub struct World {
    store: TestStore,
    engine: Engine,
    pub clock: Arc<ManualClock>,
    pub host: i64,
    pub account: i64,
    _folder: TempDir,
}

impl Deref for World {
    type Target = TestStore;

    fn deref(&self) -> &TestStore {
        &self.store
    }
}

impl World {
    /// A GitLab with the account `platform`, without repositories; none where there is no PostgreSQL.
    pub async fn new(database: Database) -> Option<Self> {
        let mut world = Self::empty(database).await?;
        (world.host, world.account) = world.connect(HOST, "platform").await;
        Some(world)
    }

    /// Nothing at all.
    pub async fn empty(database: Database) -> Option<Self> {
        let store = store::testing::open(database).await?;
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(ManualClock::new(NOW));
        let options = Options {
            data_dir: folder.path().to_owned(),
            interval: Duration::from_secs(3600),
            workers: 1,
            git: true,
            show_unreachable: true,
            network: net::Network::default(),
            noise: Noise::DEFAULT.map(str::to_owned).to_vec(),
            public_url: None,
            node: "test".to_owned(),
            inbox_age: Duration::from_secs(7 * 24 * 3600),
            job_age: Duration::from_secs(7 * 24 * 3600),
            smart_commit_max_age: Duration::from_secs(7 * 24 * 3600),
            delivery_age: Duration::from_secs(30 * 24 * 3600),
            cache_max_size: None,
            atlassian_api: "https://api.atlassian.com".parse().unwrap(),
        };
        let engine = Engine::new(store.clone(), options, clock.clone()).unwrap();
        Some(Self { store, engine, clock, host: 0, account: 0, _folder: folder })
    }

    /// Another account; answers its host and its id.
    pub async fn connect(&self, host: &str, path: &str) -> (i64, i64) {
        let mut tx = self.write().await;
        let host_id = tx.host_ensure(HostKind::Gitlab, host, NOW).await.unwrap();
        let account = NewAccount {
            host_id,
            application_id: None,
            path: path.to_owned(),
            name: path.to_owned(),
            kind: AccountKind::Group,
            forge_id: format!("group-{path}"),
            web_url: Some(format!("{host}/groups/{path}")),
            auto_link: true,
            smart_commits: false,
        };
        let id = tx.account_insert(&account, NOW).await.unwrap();
        tx.commit().await.unwrap();
        (host_id, id)
    }

    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    pub async fn write(&self) -> WriteTx {
        self.begin_write(Lane::Live).await.unwrap()
    }

    /// The whole list of an account: these repositories, all linked, up to date and with readable merge requests.
    pub async fn lists(&self, account: i64, listed: &[ForgeRepository]) -> Vec<i64> {
        let mut tx = self.write().await;
        let made = tx.repositories_listed(account, listed, true, false, NOW).await.unwrap();
        tx.account_listed(account, NOW).await.unwrap();
        for (id, _) in &made {
            tx.repository_synced(*id, NOW - MINUTE, false).await.unwrap();
            tx.merge_requests_watermark(*id, Some(NOW), MergeRequestsState::Available).await.unwrap();
        }
        tx.commit().await.unwrap();
        made.into_iter().map(|(id, _)| id).collect()
    }

    /// The only repository of the account.
    pub async fn repository(&self, path: &str) -> i64 {
        self.lists(self.account, &[forge_repository(path)]).await[0]
    }

    /// Commits with these messages.
    pub async fn commits(&self, repository: i64, messages: &[&str]) {
        let made: Vec<NewCommit> = messages.iter().map(|message| new_commit(message)).collect();
        let mut tx = self.write().await;
        tx.commits_insert(repository, &made, Source::Git, version(), NOW - MINUTE).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// All branches of a repository, each at the commit with this message.
    pub async fn branches(&self, repository: i64, branches: &[(&str, &str)], now: Millis) {
        let branches: Vec<NewBranch> = branches
            .iter()
            .map(|(name, message)| NewBranch {
                branch: Branch { name: (*name).to_owned(), head: object_id(message) },
                mentions: mentions(name, &Noise::default()),
            })
            .collect();
        let mut tx = self.write().await;
        tx.branches_replace(repository, &branches, version(), now).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A merge request with commits of these messages.
    pub async fn merge_request(&self, repository: i64, merge_request: MergeRequest, commits: &[&str]) {
        let text = format!("{}\n{}\n{}", merge_request.title, merge_request.description, merge_request.source_branch);
        let new = NewMergeRequest {
            mentions: mentions(&text, &Noise::default()),
            merge_request,
            base: None,
            frozen: false,
            commits: Some(commits.iter().map(|message| object_id(message)).collect()),
        };
        let mut tx = self.write().await;
        tx.merge_requests_put(repository, &[new], version(), NOW - MINUTE).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Nothing of the repository leads to the commits with these messages any more.
    pub async fn lose(&self, repository: i64, messages: &[&str]) {
        let ids: Vec<ObjectId> = messages.iter().map(|message| object_id(message)).collect();
        let mut tx = self.write().await;
        tx.commits_lost(repository, &ids, NOW).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What an administrator is told.
    pub async fn ask(&self, question: &str) -> Told {
        self.ask_as(Viewer::Everything, question).await
    }

    pub async fn ask_as(&self, viewer: Viewer, question: &str) -> Told {
        Told(sync::explain::explain(&self.engine, viewer, question).await.unwrap())
    }
}

/// A story to look at.
#[derive(Debug, PartialEq, Eq)]
pub struct Told(pub Story);

impl Told {
    pub fn title(&self) -> String {
        self.0.title.to_string()
    }

    pub fn kinds(&self) -> Vec<FactKind> {
        self.0.facts.iter().map(|fact| fact.kind).collect()
    }

    pub fn has(&self, kind: FactKind) -> bool {
        self.kinds().contains(&kind)
    }

    /// The first fact of this kind.
    #[track_caller]
    pub fn fact(&self, kind: FactKind) -> &Fact {
        let found = self.0.facts.iter().find(|fact| fact.kind == kind);
        found.unwrap_or_else(|| panic!("no {} in {}", kind.as_str(), self.text()))
    }

    /// The sentence of the first fact of this kind, which must bear this mark.
    #[track_caller]
    pub fn said(&self, kind: FactKind, mark: Mark) -> String {
        let fact = self.fact(kind);
        assert_eq!(fact.mark, mark, "{}", self.text());
        fact.sentence.to_string()
    }

    /// The remedy of the first fact of this kind.
    #[track_caller]
    pub fn remedy(&self, kind: FactKind) -> String {
        let fact = self.fact(kind);
        fact.remedy.as_ref().unwrap_or_else(|| panic!("no remedy in {}", self.text())).to_string()
    }

    pub fn text(&self) -> String {
        let line = |fact: &Fact| {
            let mark = fact.mark.as_str();
            let remedy = fact.remedy.as_ref().map(|remedy| format!("\n    → {remedy}")).unwrap_or_default();
            format!("  {mark} {}: {}{remedy}", fact.kind.as_str(), fact.sentence)
        };
        let facts: Vec<String> = self.0.facts.iter().map(line).collect();
        format!("{}: {}\n{}", self.0.subject.as_str(), self.0.title, facts.join("\n"))
    }
}

pub fn forge_repository(path: &str) -> ForgeRepository {
    ForgeRepository {
        forge_id: format!("project-{path}"),
        name: path.rsplit('/').next().unwrap_or(path).to_owned(),
        path: path.to_owned(),
        web_url: Some(format!("{HOST}/{path}")),
        git_url: format!("{HOST}/{path}.git"),
        default_branch: Some("main".to_owned()),
        fork_of: None,
        archived: false,
        empty: false,
        last_activity_at: Some(NOW),
    }
}

/// The id of the commit with this message: its bytes, then noughts.
pub fn object_id(message: &str) -> ObjectId {
    let digits: String = message.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{digits:0<40.40}").parse().unwrap()
}

pub fn new_commit(message: &str) -> NewCommit {
    let author = Person { name: "Ada Lovelace".to_owned(), email: "ada@example.com".to_owned() };
    let commit = Commit {
        id: object_id(message),
        parents: Vec::new(),
        author: author.clone(),
        authored_at: NOW - 2 * MINUTE,
        committer: author,
        committed_at: NOW - 2 * MINUTE,
        message: message.to_owned(),
        lossy: false,
    };
    NewCommit { commit, mentions: mentions(message, &Noise::default()), commands: Vec::new() }
}

/// An open merge request with this title.
pub fn merge_request(number: i64, title: &str) -> MergeRequest {
    MergeRequest {
        forge_id: (1_000 + number).to_string(),
        number,
        repository_forge_id: "the repository".to_owned(),
        title: title.to_owned(),
        description: String::new(),
        state: MergeRequestState::Open,
        draft: false,
        author: ForgeUser::default(),
        source_branch: "retry".to_owned(),
        target_branch: "main".to_owned(),
        source_repository_forge_id: None,
        head: None,
        merge_commit: None,
        squash_commit: None,
        web_url: format!("{HOST}/platform/web/-/merge_requests/{number}"),
        comment_count: 0,
        reviewers: Vec::new(),
        created_at: NOW - 2 * MINUTE,
        updated_at: NOW - MINUTE,
        merged_at: None,
        closed_at: None,
    }
}

pub fn version() -> i64 {
    rule_version(&Noise::default())
}
