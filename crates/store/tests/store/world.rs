//! A small world to test in: a host, accounts, repositories and commits with little to say about each.

use std::ops::Deref;

use model::{
    AccountKind, Branch, Commit, ForgeRepository, ForgeUser, HostKind, KeyForm, Mention, MergeRequest,
    MergeRequestState, Millis, ObjectId, Person,
};
use store::testing::{Engine, TestStore};
use store::{
    CommitsInserted, IssueQuery, Lane, NewAccount, NewBranch, NewCommit, NewMergeRequest, Source, Viewer, WriteTx,
};

/// The present of the tests.
pub const NOW: Millis = 1_700_000_000_000;
/// The version of the grammar.
pub const RULES: i64 = 1;

pub struct World {
    store: TestStore,
    pub host: i64,
}

impl Deref for World {
    type Target = TestStore;

    fn deref(&self) -> &TestStore {
        &self.store
    }
}

impl World {
    /// A store with one GitLab; none where there is no PostgreSQL.
    pub async fn open(engine: Engine) -> Option<Self> {
        let store = store::testing::open(engine).await?;
        let mut tx = store.begin_write(Lane::Live).await.unwrap();
        let host = tx.host_ensure(HostKind::Gitlab, "https://git.example.com", NOW).await.unwrap();
        tx.commit().await.unwrap();
        Some(Self { store, host })
    }

    pub async fn write(&self) -> WriteTx {
        self.begin_write(Lane::Live).await.unwrap()
    }

    pub async fn connect(&self, path: &str) -> i64 {
        let mut tx = self.write().await;
        let id = tx.account_insert(&new_account(self.host, path), NOW).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Repositories that one account lists, all linked.
    pub async fn repositories<const N: usize>(&self, account: i64, forge_ids: [&str; N]) -> [i64; N] {
        self.listed(account, &forge_ids.map(forge_repository)).await
    }

    pub async fn listed<const N: usize>(&self, account: i64, listed: &[ForgeRepository; N]) -> [i64; N] {
        let mut tx = self.write().await;
        let ids = tx.repositories_listed(account, listed, true, false, NOW).await.unwrap();
        tx.commit().await.unwrap();
        ids.iter().map(|(id, _)| *id).collect::<Vec<_>>().try_into().unwrap()
    }

    pub async fn insert(&self, repository: i64, commits: &[NewCommit]) -> CommitsInserted {
        self.insert_from(repository, commits, Source::Git).await
    }

    pub async fn insert_from(&self, repository: i64, commits: &[NewCommit], source: Source) -> CommitsInserted {
        let mut tx = self.begin_write(Lane::Bulk).await.unwrap();
        let inserted = tx.commits_insert(repository, commits, source, RULES, NOW).await.unwrap();
        tx.commit().await.unwrap();
        inserted
    }

    pub async fn lose(&self, repository: i64, ids: &[ObjectId]) {
        let mut tx = self.write().await;
        tx.commits_lost(repository, ids, NOW + 1).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn branches_are(&self, repository: i64, branches: &[NewBranch], now: Millis) -> store::BranchesReplaced {
        let mut tx = self.write().await;
        let changed = tx.branches_replace(repository, branches, RULES, now).await.unwrap();
        tx.commit().await.unwrap();
        changed
    }

    /// Answers how many issue links were not there before.
    pub async fn put(&self, repository: i64, merge_requests: &[NewMergeRequest]) -> u64 {
        let mut tx = self.write().await;
        let written = tx.merge_requests_put(repository, merge_requests, RULES, NOW).await.unwrap();
        tx.commit().await.unwrap();
        written.links.added
    }

    /// The messages of an issue's commits, newest first, as an administrator sees them.
    /// The first import of a repository has ended.
    pub async fn imported(&self, repository: i64) {
        let mut tx = self.write().await;
        tx.repository_synced(repository, NOW, false).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The issues that something is linked to, in order.
    pub async fn issues_with_something(&self) -> Vec<String> {
        let recent = self.issue_keys_recent(Viewer::Everything, 100).await.unwrap();
        let mut keys: Vec<String> = recent.into_iter().map(|(key, _)| key).collect();
        keys.sort_unstable();
        keys
    }

    pub async fn messages(&self, key: &str) -> Vec<String> {
        let page = self.issue_commits(&issue(key), None, None).await.unwrap();
        page.items.into_iter().map(|item| item.commit.message.clone()).collect()
    }
}

pub fn issue(key: &str) -> IssueQuery {
    issue_for(Viewer::Everything, key)
}

pub fn issue_for(viewer: Viewer, key: &str) -> IssueQuery {
    IssueQuery { viewer, key: key.to_owned(), host_ids: None }
}

pub fn new_account(host_id: i64, path: &str) -> NewAccount {
    NewAccount {
        host_id,
        application_id: None,
        path: path.to_owned(),
        name: path.to_uppercase(),
        kind: AccountKind::Group,
        forge_id: "42".to_owned(),
        web_url: Some(format!("https://git.example.com/{path}")),
        auto_link: true,
        smart_commits: false,
    }
}

pub fn forge_repository(forge_id: &str) -> ForgeRepository {
    ForgeRepository {
        forge_id: forge_id.to_owned(),
        name: format!("Project {forge_id}"),
        path: format!("group/p{forge_id}"),
        web_url: Some(format!("https://git.example.com/group/p{forge_id}")),
        git_url: format!("https://git.example.com/group/p{forge_id}.git"),
        default_branch: Some("main".to_owned()),
        fork_of: None,
        archived: false,
        empty: false,
        last_activity_at: None,
    }
}

/// The object id made of a number.
pub fn oid(number: u64) -> ObjectId {
    format!("{number:040x}").parse().unwrap()
}

/// A commit, written `number` seconds after the present, that names these issues.
pub fn commit(number: u64, keys: &[&str]) -> NewCommit {
    let person = Person { name: "Ada".to_owned(), email: "ada@example.com".to_owned() };
    let at = NOW + 1_000 * i64::try_from(number).unwrap();
    NewCommit {
        commands: Vec::new(),
        commit: Commit {
            id: oid(number),
            parents: if number > 1 { vec![oid(number - 1)] } else { vec![] },
            author: person.clone(),
            authored_at: at,
            committer: person,
            committed_at: at + 5,
            message: format!("{}: commit {number}", keys.join(" ")),
            lossy: false,
        },
        mentions: keys.iter().map(|key| strict(key)).collect(),
    }
}

pub fn strict(key: &str) -> Mention {
    Mention { key: key.to_owned(), form: KeyForm::Strict }
}

pub fn branch(name: &str, head: u64, keys: &[&str]) -> NewBranch {
    NewBranch {
        branch: Branch { name: name.to_owned(), head: oid(head) },
        mentions: keys.iter().map(|key| strict(key)).collect(),
    }
}

/// An open merge request whose own texts name these issues.
pub fn merge_request(number: i64, keys: &[&str]) -> NewMergeRequest {
    NewMergeRequest {
        merge_request: MergeRequest {
            forge_id: (1_000 + number).to_string(),
            number,
            repository_forge_id: "1".to_owned(),
            title: format!("{} title {number}", keys.join(" ")),
            description: String::new(),
            state: MergeRequestState::Open,
            draft: false,
            author: user("ada"),
            source_branch: format!("feature-{number}"),
            target_branch: "main".to_owned(),
            source_repository_forge_id: Some("1".to_owned()),
            head: Some(oid(1)),
            merge_commit: None,
            squash_commit: None,
            web_url: format!("https://git.example.com/group/p1/-/merge_requests/{number}"),
            comment_count: 3,
            reviewers: vec![],
            created_at: NOW,
            updated_at: NOW + number,
            merged_at: None,
            closed_at: None,
        },
        base: None,
        frozen: false,
        commits: None,
        mentions: keys.iter().map(|key| strict(key)).collect(),
    }
}

pub fn user(login: &str) -> ForgeUser {
    ForgeUser {
        forge_id: format!("id-{login}"),
        login: login.to_owned(),
        name: login.to_uppercase(),
        ..ForgeUser::default()
    }
}
