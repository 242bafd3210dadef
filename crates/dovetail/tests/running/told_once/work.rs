//! People who push commits, branches and merge requests that name issues, commits with commands among them; and what Jiras
//! are to have of that in the end, as the forge has it.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::Millis;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use sandbox::gitlab::Server;
use sandbox::gitlab::model::{
    MergeRequestChange, MergeRequestId, Model, ModelError, NewMergeRequest, ProjectId, QuickCommit, RefMove, UserId,
    Visibility,
};
use sandbox::gitlab::repositories::{CommitQuery, CommitRow};

/// The group in which they work.
pub const GROUP: &str = "work";
/// The Jira project that they name.
pub const KEYS: &str = "WORK";
/// How many issues it has.
pub const ISSUES: u64 = 100;
/// How many projects they work in.
const PROJECTS: usize = 4;

/// How many pushes of commits a turn has.
const PUSHES: usize = 5;
/// Commits with commands in each.
const COMMANDING: usize = 4;
/// Commits without commands in each.
const PLAIN: usize = 33;
/// New branches of a turn, all in one push.
const BRANCHES: usize = 10;
/// New merge requests of a turn, each from a branch with a commit.
const MERGE_REQUESTS: usize = 2;

/// Commits with commands that a turn has.
pub const COMMITS_WITH_COMMANDS: usize = PUSHES * COMMANDING;
/// Commits, branches and merge requests that a turn leaves; an earlier branch goes in each.
pub const ENTITIES: usize = PUSHES * (COMMANDING + PLAIN) + BRANCHES - 1 + 3 * MERGE_REQUESTS;

/// People who work.
pub struct Work {
    model: Arc<Model>,
    user: UserId,
    projects: Vec<ProjectId>,
    merge_requests: Vec<MergeRequestId>,
    /// Branches that may go.
    branches: Vec<(ProjectId, String)>,
    random: StdRng,
    /// How many things they named.
    named: usize,
}

/// Something that development information has: the project's path, what it is, its name or id, its text, its issue.
pub type Entity = (String, &'static str, String, String, String);

/// What a command left: the issue, the mark of the command, and of what the text or the seconds and the beginning are.
pub type Done<T> = (String, String, T);

/// What the Jiras are to have.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Expected {
    pub entities: BTreeSet<Entity>,
    pub comments: Vec<Done<String>>,
    pub worklogs: Vec<Done<(u64, Millis)>>,
    /// The issue, and the title of the link.
    pub links: Vec<(String, String)>,
}

impl Work {
    /// Projects with one commit each.
    pub async fn new(gitlab: &Server, seed: u64) -> Self {
        let model = gitlab.model();
        // An event that finds nobody is lost; that must not end all events.
        model.change_settings(|settings| settings.hook_disabling = false);
        let user = model.user_by_login(sandbox::sample::INTEGRATION_USER).unwrap().id;
        model.create_group(GROUP, "Work", None, Visibility::Private, user).unwrap();
        let mut projects = Vec::new();
        for number in 0..PROJECTS {
            let path = format!("app-{number}");
            let project = model.create_project(GROUP, &path, &path, Visibility::Private, user).await.unwrap();
            let first = QuickCommit::on("main", &format!("{KEYS}-1 Begin {path}"));
            model.push_commit(project, user, first).await.unwrap();
            projects.push(project);
        }
        let (merge_requests, branches) = (Vec::new(), Vec::new());
        Self { model, user, projects, merge_requests, branches, random: StdRng::seed_from_u64(seed), named: 0 }
    }

    /// The e-mail of who writes the commits.
    pub fn email(&self) -> String {
        self.model.user(self.user).unwrap().email
    }

    /// One turn: branches, merge requests, commits, and changes of what was there before.
    pub async fn turn(&mut self) -> Result<(), ModelError> {
        self.change().await?;
        self.branch_off().await?;
        for _ in 0..MERGE_REQUESTS {
            self.open_merge_request().await?;
        }
        for _ in 0..PUSHES {
            let project = self.any_project();
            let mut commits = Vec::with_capacity(COMMANDING + PLAIN);
            for at in 0..COMMANDING + PLAIN {
                let (key, number) = self.name();
                let command = if at < COMMANDING { format!(" #comment Said {number} #time 1h") } else { String::new() };
                commits.push(QuickCommit::on("main", &format!("{key} Commit {number}{command}")));
            }
            self.model.push_commits(project, self.user, &commits).await?;
        }
        Ok(())
    }

    /// A merge request gets another title, and a branch goes.
    async fn change(&mut self) -> Result<(), ModelError> {
        if let Some(id) = self.merge_requests.choose(&mut self.random).copied() {
            let title = self.model.merge_request(id).unwrap().title + " again";
            let change = MergeRequestChange { title: Some(title), ..MergeRequestChange::default() };
            self.model.update_merge_request(id, self.user, change).await?;
        }
        if !self.branches.is_empty() {
            let at = self.random.random_range(0..self.branches.len());
            let (project, name) = self.branches.swap_remove(at);
            self.model.move_refs(project, self.user, &[RefMove::no_branch(&name)]).await?;
        }
        Ok(())
    }

    async fn branch_off(&mut self) -> Result<(), ModelError> {
        let project = self.any_project();
        let mut moves = Vec::with_capacity(BRANCHES);
        for _ in 0..BRANCHES {
            let (key, number) = self.name();
            let name = format!("{key}-branch-{number}");
            moves.push(RefMove::branch(&name, "refs/heads/main"));
            self.branches.push((project, name));
        }
        self.model.move_refs(project, self.user, &moves).await
    }

    async fn open_merge_request(&mut self) -> Result<(), ModelError> {
        let (project, user, (key, number)) = (self.any_project(), self.user, self.name());
        let branch = format!("{key}-merge-{number}");
        let parent = Some("refs/heads/main".to_owned());
        let commit = QuickCommit { parent, ..QuickCommit::on(&branch, &format!("{key} Work {number}")) };
        self.model.push_commit(project, user, commit).await?;
        let new = NewMergeRequest::within(project, &branch, "main", &format!("{key} Merge {number}"), user);
        self.merge_requests.push(self.model.open_merge_request(new).await?);
        Ok(())
    }

    fn any_project(&mut self) -> ProjectId {
        self.projects[self.random.random_range(0..PROJECTS)]
    }

    /// An issue, and a number that nothing else has.
    fn name(&mut self) -> (String, usize) {
        self.named += 1;
        (format!("{KEYS}-{}", self.random.random_range(1..=ISSUES)), self.named)
    }

    /// What the Jiras are to have of what the forge has.
    pub async fn expected(&self) -> Expected {
        let mut expected = Expected::default();
        for project in &self.projects {
            let path = self.model.project_path(*project);
            let query = CommitQuery { all: true, ..CommitQuery::default() };
            for commit in self.model.repositories().commits(*project, &query).await.unwrap() {
                expected.commit(&path, &commit);
            }
            for branch in self.model.repositories().branches(*project).await.unwrap() {
                if let Some((key, _)) = branch.name.split_once("-branch-").or(branch.name.split_once("-merge-")) {
                    let (key, name) = (key.to_owned(), branch.name.clone());
                    expected.entities.insert((path.clone(), "branch", name.clone(), name, key));
                }
            }
        }
        for id in &self.merge_requests {
            let request = self.model.merge_request(*id).unwrap();
            let path = self.model.project_path(request.project);
            let (key, _) = request.title.split_once(' ').unwrap();
            expected.links.push((key.to_owned(), format!("!{} {}", request.iid, request.title)));
            let entity = (path, "pull request", request.iid.to_string(), request.title.clone(), key.to_owned());
            expected.entities.insert(entity);
        }
        expected.sorted()
    }
}

impl Expected {
    fn commit(&mut self, path: &str, commit: &CommitRow) {
        let message = commit.message.trim_end();
        let Some((key, _)) = message.split_once(' ').filter(|(key, _)| key.starts_with(KEYS)) else { return };
        let mark = |command| format!("commit {} (command {command} for {key})", &commit.id[..12]);
        if let Some((text, _)) = message.split_once(" #comment ").and_then(|(_, rest)| rest.split_once(" #time ")) {
            self.comments.push((key.to_owned(), mark(1), text.to_owned()));
            self.worklogs.push((key.to_owned(), mark(2), (3_600, commit.author.at)));
        }
        let entity = (path.to_owned(), "commit", commit.id.clone(), message.to_owned(), key.to_owned());
        self.entities.insert(entity);
    }

    /// The same in a fixed order.
    pub fn sorted(mut self) -> Self {
        self.comments.sort();
        self.worklogs.sort();
        self.links.sort();
        self
    }
}
