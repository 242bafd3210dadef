//! The sample: what it promises, it holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use model::clock::ManualClock;
use sandbox::gitlab::model::{MergeRequest, MergeRequestId, MergeState, Model, ProjectId};
use sandbox::gitlab::repositories::CommitQuery;
use sandbox::gitlab::{Options, Server};
use sandbox::sample::{self, INTEGRATION_USER, ISSUES, Sample};
use tempfile::TempDir;

use crate::stage::{NOON, git};

const CALLBACK: &str = "http://127.0.0.1:8080/oauth/callback";

struct Built {
    server: Server,
    model: Arc<Model>,
    sample: Sample,
    dir: TempDir,
}

async fn built() -> Built {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(NOON));
    let server = Server::start(Options { clock, ..Options::new(dir.path().join("r")) }).await.unwrap();
    let sample = sample::build(&server, &[CALLBACK]).await.unwrap();
    Built { model: server.model(), server, sample, dir }
}

impl Built {
    /// All projects by full path: ids are drawn one after the other.
    fn projects(&self) -> BTreeMap<String, ProjectId> {
        let ids = (1..).map(ProjectId).map_while(|id| self.model.project(id));
        ids.map(|project| (self.model.project_path(project.id), project.id)).collect()
    }

    fn merge_requests(&self) -> Vec<MergeRequest> {
        (1..50).filter_map(|id| self.model.merge_request(MergeRequestId(id))).collect()
    }

    async fn commit_messages(&self, project: ProjectId) -> Vec<String> {
        let all = CommitQuery { all: true, ..CommitQuery::default() };
        let commits = self.model.repositories().commits(project, &all).await.unwrap();
        commits.into_iter().map(|commit| commit.message).collect()
    }
}

#[tokio::test]
async fn it_is_quick_and_always_the_same() {
    let start = Instant::now();
    let first = built().await;
    let took = start.elapsed();
    let second = built().await;

    assert_eq!(first.projects(), second.projects());
    for (path, project) in first.projects() {
        let refs = async |built: &Built| built.model.repositories().refs(project).await.unwrap();
        assert_eq!(refs(&first).await, refs(&second).await, "{path}");
    }
    let dates = |built: &Built| built.merge_requests().iter().map(|it| (it.iid, it.updated_at)).collect::<Vec<_>>();
    assert_eq!(dates(&first), dates(&second));
    assert_eq!(first.model.now(), NOON, "the clock is right again");
    assert!(took.as_secs() < 20, "building took {took:?}; two seconds are usual");
}

#[tokio::test]
async fn there_is_a_project_of_every_kind() {
    let built = built().await;
    let projects = built.projects();
    let project = |path: &str| built.model.project(projects[path]).unwrap();

    let in_group: Vec<&String> = projects.keys().filter(|path| path.starts_with("platform/")).collect();
    assert!(in_group.iter().any(|path| path.matches('/').count() == 3), "two levels of subgroups: {in_group:?}");
    let fork = project("ben/checkout");
    assert_eq!(fork.forked_from, Some(projects["platform/shop/checkout"]));
    assert_eq!(
        built.model.project_redirect("platform/payments/payment-gw"),
        Some(projects["platform/payments/gateway"])
    );
    assert!(project("attic/legacy-shop").archived);
    assert!(projects.contains_key("ada/dotfiles"));
    let empty = built.model.repositories().refs(projects["playground/empty"]).await.unwrap();
    assert!(empty.is_empty());
}

#[tokio::test]
async fn every_project_of_the_group_has_commits_and_takes_pushes_of_the_tokens_user() {
    let built = built().await;
    let user = built.model.authenticate(&built.sample.access_token).unwrap().user;
    assert_eq!(built.model.user(user).unwrap().login, INTEGRATION_USER);
    assert!(!built.model.user(user).unwrap().admin);

    for (path, project) in built.projects().iter().filter(|(path, _)| path.starts_with("platform/")) {
        assert!(built.model.can_push(user, *project), "{path}");
        let default = built.model.repositories().default_branch(*project).await.unwrap();
        assert!(default.is_some(), "{path}");
        assert_eq!(built.model.project(*project).unwrap().default_branch, default, "{path}: the model knows it too");
    }
    let host = built.server.url().strip_prefix("http://").unwrap();
    let address = format!("http://oauth2:{}@{host}/platform/shop/checkout.git", built.sample.access_token);
    git(built.dir.path(), &["clone", "-q", &address, "clone"]).await.unwrap();
    let clone = built.dir.path().join("clone");
    git(&clone, &["commit", "-q", "--allow-empty", "-m", "SHOP-101 Pushed"]).await.unwrap();
    git(&clone, &["push", "-q", "origin", "HEAD"]).await.unwrap();
}

#[tokio::test]
async fn merge_requests_are_in_every_state_and_merged_in_every_way() {
    let built = built().await;
    let all = built.merge_requests();

    let count = |wanted: &dyn Fn(&MergeRequest) -> bool| all.iter().filter(|it| wanted(it)).count();
    assert!(count(&|it| it.state == MergeState::Opened && !it.is_draft()) >= 3);
    assert_eq!(count(&MergeRequest::is_draft), 1);
    assert_eq!(count(&|it| it.state == MergeState::Closed), 1);
    assert!(count(&|it| it.merge_commit.is_some() && it.squash_commit.is_none()) >= 1, "merge commits");
    assert!(count(&|it| it.squash_commit.is_some() && it.merge_commit.is_none()) >= 1, "squashed");
    assert!(count(&|it| it.squash_commit.is_some() && it.merge_commit.is_some()) >= 1, "squashed, then merged");
    let merged = |it: &MergeRequest| it.state == MergeState::Merged;
    assert!(count(&|it| merged(it) && it.merge_commit.is_none() && it.squash_commit.is_none()) >= 1, "fast-forward");
    assert_eq!(count(&|it| it.source_project != Some(it.project)), 1, "from a fork");
    assert!(count(&|it| !it.approvals.is_empty() && !it.reviewers.is_empty()) >= 3);
    for it in &all {
        assert!(it.created_at < it.updated_at || it.happened_at_once(), "!{} of {:?}", it.iid, it.project);
        assert!(it.updated_at < NOON, "everything happened before now");
    }
}

/// Whether nothing happened to it after it was opened.
trait AtOnce {
    fn happened_at_once(&self) -> bool;
}

impl AtOnce for MergeRequest {
    fn happened_at_once(&self) -> bool {
        self.created_at == self.updated_at && self.state == MergeState::Opened
    }
}

#[tokio::test]
async fn commits_are_younger_than_their_parents() {
    let built = built().await;
    for (path, project) in built.projects().iter().filter(|(path, _)| !path.ends_with("/oddities")) {
        let all = CommitQuery { all: true, ..CommitQuery::default() };
        let commits = built.model.repositories().commits(*project, &all).await.unwrap();
        let dates: BTreeMap<&str, i64> = commits.iter().map(|it| (it.id.as_str(), it.committer.at)).collect();
        for commit in &commits {
            let old = commit.parents.iter().all(|parent| dates[parent.as_str()] <= commit.committer.at);
            assert!(old, "{path}: {}", commit.title());
        }
    }
}

#[tokio::test]
async fn the_issues_are_those_that_are_named() {
    let built = built().await;
    let mut texts: Vec<String> = Vec::new();
    for project in built.projects().into_values() {
        texts.extend(built.commit_messages(project).await);
        let branches = built.model.repositories().branches(project).await.unwrap();
        texts.extend(branches.into_iter().map(|branch| branch.name));
    }
    for it in built.merge_requests() {
        texts.extend([it.title, it.source_branch, it.description.unwrap_or_default()]);
    }
    let named: BTreeSet<String> = texts.iter().flat_map(|text| keys(text)).collect();

    let listed: BTreeSet<String> = built.sample.issues.iter().cloned().collect();
    assert_eq!(named, listed);
    assert_eq!(ISSUES.len(), listed.len(), "each once");
}

/// What looks like a key of the sample's projects.
fn keys(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let project = |word: &&str| ["SHOP-", "PAY-", "OPS-", "ABC-"].iter().any(|start| word.starts_with(start));
    words.filter(project).map(|word| word.split('-').take(2).collect::<Vec<_>>().join("-")).collect()
}

#[tokio::test]
async fn the_awkward_is_all_there() {
    let built = built().await;
    let project = built.projects()["platform/ops/oddities"];
    let repositories = built.model.repositories();

    let branches = repositories.branches(project).await.unwrap();
    let names: Vec<&str> = branches.iter().map(|branch| branch.name.as_str()).collect();
    assert!(names.contains(&"df/x") && !names.contains(&"df"));
    assert!(names.iter().any(|name| name.len() == 240));
    assert!(names.iter().any(|name| name.contains('🛒')));
    let handbook = repositories.branches(built.projects()["platform/handbook"]).await.unwrap();
    assert!(handbook.iter().any(|branch| branch.name == "feature/ABC-1/α"));

    let all = CommitQuery { all: true, ..CommitQuery::default() };
    let commits = repositories.commits(project, &all).await.unwrap();
    let has = |wanted: &dyn Fn(&sandbox::gitlab::repositories::CommitRow) -> bool| commits.iter().any(wanted);
    assert!(has(&|it| it.message.contains("🚀")) && has(&|it| it.message.contains("購物車")));
    assert!(has(&|it| it.message.contains("إصلاح")));
    assert!(has(&|it| it.message.contains("Größen für Straßenschuhe")), "Latin-1 is decoded");
    assert!(has(&|it| it.message.contains("café")), "no encoding: read as Latin-1");
    assert!(has(&|it| it.message.len() > 5_000_000));
    assert!(has(&|it| it.message.is_empty()));
    assert!(has(&|it| !it.message.is_empty() && !it.message.ends_with('\n')));
    assert!(has(&|it| it.parents.len() == 4), "an octopus");
    assert_eq!(commits.iter().filter(|it| it.parents.is_empty()).count(), 2, "two roots");
    assert!(has(&|it| it.committer.time().starts_with("1970-01-01")));
    assert!(has(&|it| it.committer.time().starts_with("2099-01-01")));
}
