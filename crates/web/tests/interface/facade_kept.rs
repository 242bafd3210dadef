//! What Dovetail keeps and what a replayed Jira ended up with, in the same words.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{MergeRequestState, Millis, ObjectId};
use sandbox::gitlab::model::MergeRequestId;
use sandbox::jira_replay::{
    ChangedFile, Changeset, FileAction, Participant, PullRequest, Report, RepositoryReport, Role, Status,
};
use serde_json::Value;
use store::facade::{FacadeCommit, FacadePull, Grant, PullFilter, PullSort, PullState, PullsOf};
use store::{Repository, Viewer};

use crate::facade_door::Door;

/// More than any list here has.
const ALL: i64 = 10_000;
/// How many files of a commit Jira keeps.
const FILES: usize = 5;

/// A repository.
#[derive(Debug, PartialEq)]
pub struct Kept {
    pub branches: BTreeMap<String, String>,
    pub commits: BTreeMap<String, Commit>,
    pub pulls: BTreeMap<i64, Pull>,
}

/// A commit, without the lines that it changes: these Jira may have or not.
#[derive(Debug, PartialEq)]
pub struct Commit {
    pub message: String,
    author: (String, String),
    date: Millis,
    parents: Vec<String>,
    files: Vec<(String, FileAction)>,
    file_count: usize,
}

/// A merge request.
#[derive(Debug, Clone, PartialEq)]
pub struct Pull {
    title: String,
    url: Option<String>,
    status: Status,
    source: (Option<String>, String),
    destination_branch: String,
    author: Option<String>,
    executed_by: Option<String>,
    times: (Option<Millis>, Option<Millis>),
    comment_count: i64,
    participants: Vec<Participant>,
    /// Ids and messages, in order.
    pub commits: Vec<(String, String)>,
}

/// Which merge requests Jira sees in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pulls {
    /// Its own.
    Own,
    /// All that the token opens: that is what `/repos/-/jira` stands for.
    Everywhere,
}

/// What Jira calls a repository below the account.
pub fn slug(path: &str) -> String {
    match path.split_once('/') {
        Some((_, name)) if !name.contains('/') => name.to_owned(),
        _ => path.replace('/', "@"),
    }
}

/// What Jira has.
pub fn of_jira(report: &Report) -> BTreeMap<String, Kept> {
    report.repositories.iter().map(|(slug, repository)| (slug.clone(), repository.into())).collect()
}

impl From<&RepositoryReport> for Kept {
    fn from(report: &RepositoryReport) -> Self {
        Self {
            branches: report.branches.clone(),
            commits: report.changesets.iter().map(|(id, changeset)| (id.clone(), changeset.into())).collect(),
            pulls: report.pull_requests.iter().map(|(number, pull)| (*number, pull.into())).collect(),
        }
    }
}

impl From<&Changeset> for Commit {
    fn from(changeset: &Changeset) -> Self {
        let file = |file: &ChangedFile| (file.path.clone(), file.action);
        Self {
            message: changeset.message.clone(),
            author: (changeset.author_name.clone(), changeset.author_email.clone()),
            date: changeset.date,
            parents: changeset.parents.clone(),
            files: changeset.files.iter().map(file).collect(),
            file_count: changeset.file_count,
        }
    }
}

impl From<&PullRequest> for Pull {
    fn from(pull: &PullRequest) -> Self {
        Self {
            title: pull.title.clone(),
            url: pull.url.clone(),
            status: pull.status,
            source: (pull.source_repository.clone(), pull.source_branch.clone()),
            destination_branch: pull.destination_branch.clone(),
            author: pull.author.clone(),
            executed_by: pull.executed_by.clone(),
            times: (pull.created_at, pull.updated_at),
            comment_count: pull.comment_count,
            participants: pull.participants.clone(),
            commits: pull.commits.iter().map(|commit| (commit.sha.clone(), commit.message.clone())).collect(),
        }
    }
}

impl Door {
    /// What Dovetail keeps of the repositories of an account; of the comments what GitLab has.
    pub async fn kept(&self, account: &str, pulls: Pulls) -> BTreeMap<String, Kept> {
        let grant = self.grant().await;
        let everywhere = self.pulls(&grant, PullsOf::Grant(grant.id)).await;
        let mut kept = BTreeMap::new();
        for repository in self.repositories(account).await {
            let pulls = match pulls {
                Pulls::Own => self.pulls(&grant, PullsOf::Repository(repository.id)).await,
                Pulls::Everywhere => everywhere.clone(),
            };
            let branches = self.branches(&repository).await;
            let commits = self.commits(&repository, branches.values()).await;
            kept.insert(slug(&repository.path), Kept { branches, commits, pulls });
        }
        kept
    }

    /// The linked repositories of an account.
    pub async fn repositories(&self, account: &str) -> Vec<Repository> {
        let account = self.account(account).await;
        let listed = self.site.store.account_repositories(Viewer::Everything, account.id).await.unwrap();
        listed.into_iter().filter(|row| row.linked && row.visible).map(|row| row.repository).collect()
    }

    /// The grant of the integration user, who authorised everything.
    async fn grant(&self) -> Grant {
        let grants = self.site.store.facade_grants_in_use(None).await.unwrap();
        assert_eq!(grants.len(), 1, "however many tokens a user has");
        grants.into_iter().next().unwrap()
    }

    /// How many hooks Jira has registered in a repository.
    pub async fn hooks(&self, repository: &Repository) -> usize {
        self.site.store.facade_hooks(repository.id, self.grant().await.id).await.unwrap().len()
    }

    async fn branches(&self, repository: &Repository) -> BTreeMap<String, String> {
        let branches = self.site.store.branches(repository.id).await.unwrap();
        let present = branches.into_iter().filter(|branch| branch.gone_at.is_none());
        present.map(|branch| (branch.name, branch.head.to_string())).collect()
    }

    /// The commits that these heads lead to.
    async fn commits(&self, repository: &Repository, heads: impl Iterator<Item = &String>) -> BTreeMap<String, Commit> {
        let mut ahead: Vec<ObjectId> = heads.map(|head| head.parse().unwrap()).collect();
        let mut commits = BTreeMap::new();
        while let Some(id) = ahead.pop() {
            if commits.contains_key(id.as_str()) {
                continue;
            }
            let found = self.site.store.facade_commit(repository.id, id.as_str()).await.unwrap();
            let found = found.unwrap_or_else(|| panic!("{} is not in {}", id, repository.path));
            ahead.extend(found.commit.parents.iter().cloned());
            commits.insert(id.to_string(), commit(&found));
        }
        commits
    }

    async fn pulls(&self, grant: &Grant, of: PullsOf) -> BTreeMap<i64, Pull> {
        let filter = PullFilter { of, state: PullState::All, sort: PullSort::Created, descending: false };
        let found = self.site.store.facade_pulls(filter, 0, ALL).await.unwrap();
        let mut pulls = BTreeMap::new();
        for one in &found.items {
            pulls.insert(one.merge_request.forge_id.parse().unwrap(), self.pull(grant, one).await);
        }
        pulls
    }

    /// The addresses of the merge requests whose description names an issue.
    pub async fn described(&self, key: &str) -> BTreeSet<String> {
        let of = PullsOf::Grant(self.grant().await.id);
        let filter = PullFilter { of, state: PullState::All, sort: PullSort::Created, descending: false };
        let found = self.site.store.facade_pulls(filter, 0, ALL).await.unwrap().items.into_iter();
        let naming = found.map(|pull| pull.merge_request).filter(|known| names(&known.description, key));
        naming.map(|known| known.web_url).collect()
    }

    async fn pull(&self, grant: &Grant, pull: &FacadePull) -> Pull {
        let known = &pull.merge_request;
        let source = match &pull.source {
            Some(source) if self.site.store.facade_sees(grant.id, source.id).await.unwrap() => Some(source),
            _ => None,
        };
        let status = match known.state {
            MergeRequestState::Open => Status::Open,
            MergeRequestState::Merged => Status::Merged,
            MergeRequestState::Declined => Status::Declined,
        };
        let commits = self.site.store.facade_pull_commits(pull.id, 0, ALL).await.unwrap().items;
        let commits = commits.into_iter().map(|one| (one.commit.id.to_string(), one.commit.message)).collect();
        let author = Some(known.author.login.clone());
        let seconds = |at: Millis| Some(at.div_euclid(1000) * 1000);
        Pull {
            title: known.title.clone(),
            url: Some(known.web_url.clone()),
            status,
            source: (source.map(full_name), known.source_branch.clone()),
            destination_branch: known.target_branch.clone(),
            executed_by: author.clone().filter(|_| status == Status::Open),
            author,
            times: (seconds(known.created_at), seconds(known.updated_at)),
            comment_count: known.comment_count,
            participants: self.participants(pull),
            commits,
        }
    }

    /// The author, the first reviewer, and whoever commented at GitLab, each once.
    fn participants(&self, pull: &FacadePull) -> Vec<Participant> {
        let known = &pull.merge_request;
        let model = self.model();
        let mut notes = model.notes(MergeRequestId(known.forge_id.parse().unwrap()));
        notes.retain(|note| !note.system);
        notes.sort_by_key(|note| note.created_at);
        let login = |user| model.user(user).unwrap().login;
        let participant = |login: &str, role| Participant { login: login.to_owned(), role };
        let reviewer = known.reviewers.first().map(|reviewer| participant(&reviewer.user.login, Role::Reviewer));
        let named = [participant(&known.author.login, Role::Participant)].into_iter().chain(reviewer);
        let commenters = notes.iter().map(|note| participant(&login(note.author), Role::Participant));
        let mut all: Vec<Participant> = Vec::new();
        for one in named.chain(commenters) {
            if all.iter().all(|met| met.login != one.login) {
                all.push(one);
            }
        }
        all
    }

    /// Fails where Jira has lines of a file that are not the kept ones. It may have none: they are asked of GitLab only as
    /// long as that takes no time.
    pub async fn assert_lines(&self, report: &Report, account: &str) {
        let mut with_lines = 0;
        for repository in self.repositories(account).await {
            for (id, changeset) in &report.repositories[&slug(&repository.path)].changesets {
                let found = self.site.store.facade_commit(repository.id, id).await.unwrap().unwrap();
                let lines = lines(&found);
                for file in changeset.files.iter().filter(|file| (file.additions, file.deletions) != (0, 0)) {
                    let kept = lines.get(file.path.as_str());
                    assert_eq!(kept, Some(&(file.additions, file.deletions)), "{id}: {}", file.path);
                    with_lines += 1;
                }
            }
        }
        assert!(with_lines > 0, "no file of any commit has lines");
    }
}

fn full_name(repository: &Repository) -> String {
    let root = repository.path.split('/').next().unwrap();
    format!("{root}/{}", slug(&repository.path))
}

fn commit(found: &FacadeCommit) -> Commit {
    let known = &found.commit;
    let files = found.files.as_deref().unwrap_or_default();
    let file = |file: &model::CommitFile| (file.path.clone(), action(file.change));
    Commit {
        message: known.message.clone(),
        author: (known.author.name.clone(), known.author.email.clone()),
        date: known.authored_at,
        parents: known.parents.iter().map(ToString::to_string).collect(),
        files: files.iter().take(FILES).map(file).collect(),
        file_count: files.len(),
    }
}

fn action(change: model::FileStatus) -> FileAction {
    match change {
        model::FileStatus::Added => FileAction::Added,
        model::FileStatus::Removed => FileAction::Removed,
        model::FileStatus::Modified => FileAction::Modified,
    }
}

/// Lines added and removed by path, as far as they are kept.
fn lines(found: &FacadeCommit) -> HashMap<&str, (i32, i32)> {
    let number = |lines: Option<u64>| i32::try_from(lines.unwrap_or_default()).unwrap();
    let files = found.statistics.iter().flat_map(|statistics| &statistics.files);
    files.map(|file| (file.path.as_str(), (number(file.additions), number(file.deletions)))).collect()
}

/// What belongs to an issue.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct OfIssue {
    /// Repository and name.
    pub branches: BTreeSet<(String, String)>,
    pub commits: BTreeSet<String>,
    /// Status, title and the number of comments, by address.
    pub pulls: BTreeMap<String, (String, String, i64)>,
}

impl OfIssue {
    /// What Jira's own development panel would show, out of what Jira has, if it knew of the merge requests at the addresses
    /// `described` as well. A commit that only a merge request leads to Jira shows with that.
    pub fn in_jira(report: &Report, key: &str, described: &BTreeSet<String>) -> Self {
        let mut found = Self::default();
        for (slug, repository) in &report.repositories {
            let branches = repository.branches.keys().filter(|name| names(name, key));
            found.branches.extend(branches.map(|name| (slug.clone(), name.clone())));
            let changesets = repository.changesets.iter().filter(|(_, changeset)| changeset.issue_keys.contains(key));
            found.commits.extend(changesets.map(|(id, _)| id.clone()));
            for pull in repository.pull_requests.values() {
                let commits = pull.commits.iter().filter(|commit| names(&commit.message, key));
                found.commits.extend(commits.map(|commit| commit.sha.clone()));
                let url = pull.url.clone().unwrap();
                if pull.issue_keys.contains(key) || described.contains(&url) {
                    let status = format!("{:?}", pull.status).to_uppercase();
                    found.pulls.insert(url, (status, pull.title.clone(), pull.comment_count));
                }
            }
        }
        found
    }

    /// What Dovetail answers for the development panel.
    pub fn in_dev_status(answer: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let each = |value: &Value| value.as_array().unwrap().clone();
        let mut found = Self::default();
        for host in each(&answer["detail"]) {
            let branch = |branch: &Value| (slug(&text(&branch["repository"]["name"])), text(&branch["name"]));
            found.branches.extend(each(&host["branches"]).iter().map(branch));
            let commits = each(&host["repositories"]).into_iter().flat_map(|repository| each(&repository["commits"]));
            found.commits.extend(commits.map(|commit| text(&commit["id"])));
            for pull in each(&host["pullRequests"]) {
                let shown = (text(&pull["status"]), text(&pull["name"]), pull["commentCount"].as_i64().unwrap());
                found.pulls.insert(text(&pull["url"]), shown);
            }
        }
        found
    }
}

/// Whether a text names an issue: its key between things that are no letters and digits.
fn names(text: &str, key: &str) -> bool {
    text.match_indices(key).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_none_or(|letter| !letter.is_alphanumeric());
        before && text[at + key.len()..].chars().next().is_none_or(|letter| !letter.is_alphanumeric())
    })
}
