//! The stand-in GitLab's side of a walk: what is there, and what people do with it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use model::Clock;
use model::clock::ManualClock;
use sandbox::gitlab::model::{
    MergeMethod, MergeRequestChange, MergeRequestId, Model, ModelError, NewMergeRequest, NewUser, ProjectId, RefChange,
    Scopes, UserId, Visibility,
};
use sandbox::gitlab::{Options, Server};

use crate::step::Pick;
use crate::stream::Stream;

/// The group that is connected.
pub const GROUP: &str = "platform";
/// A group that is not.
const ELSEWHERE: &str = "elsewhere";
/// How many issues there are.
pub const ISSUES: u8 = 12;
/// How many names branches take.
const NAMES: u8 = 24;

/// The stand-in GitLab and what the walk made in it.
pub struct Forge {
    pub server: Server,
    pub model: Arc<Model>,
    pub clock: Arc<ManualClock>,
    pub user: UserId,
    reviewer: UserId,
    token: String,
    /// In the order in which they were made; deleted ones are taken out.
    projects: Vec<ProjectId>,
    merge_requests: Vec<MergeRequestId>,
    serial: u64,
    names: u64,
}

/// What a step did, or why there was nothing to do.
pub type Told = Result<String, Idle>;

/// There was nothing to do.
#[derive(Debug)]
pub struct Idle(pub String);

impl From<ModelError> for Idle {
    fn from(error: ModelError) -> Self {
        Self(error.to_string())
    }
}

fn nothing(why: &str) -> Idle {
    Idle(why.to_owned())
}

/// The issue that a number means.
pub fn issue(number: u8) -> String {
    format!("WALK-{}", number % ISSUES)
}

impl Forge {
    pub async fn start(directory: &Path, clock: Arc<ManualClock>) -> Self {
        let mut options = Options::new(directory.to_owned());
        options.clock = clock.clone();
        options.auto_sign_in = Some("jira".to_owned());
        let server = Server::start(options).await.unwrap();
        let model = server.model();
        let person = |login: &str, admin| {
            let (name, email) = (login.to_owned(), format!("{login}@example.com"));
            let password = "secret-word".to_owned();
            model.create_user(NewUser { login: login.to_owned(), name, email, password, admin }).unwrap()
        };
        person("root", true);
        let (user, reviewer) = (person("jira", false), person("rita", false));
        for group in [GROUP, ELSEWHERE] {
            model.create_group(group, group, None, Visibility::Private, user).unwrap();
        }
        let token = model.create_personal_token(user, "pushes", Scopes::api(), None);
        let (projects, merge_requests) = (Vec::new(), Vec::new());
        let mut forge =
            Self { server, model, clock, user, reviewer, token, projects, merge_requests, serial: 0, names: 0 };
        for _ in 0..3 {
            forge.new_project().await.unwrap();
        }
        forge
    }

    fn project(&self, pick: Pick) -> Result<ProjectId, Idle> {
        pick_of(&self.projects, pick).copied().ok_or_else(|| nothing("no project"))
    }

    /// Heads by branch.
    async fn branches(&self, project: ProjectId) -> BTreeMap<String, String> {
        let refs = self.model.repositories().refs(project).await.unwrap();
        refs.into_iter().filter_map(|(name, id)| Some((name.strip_prefix("refs/heads/")?.to_owned(), id))).collect()
    }

    async fn branch(&self, project: ProjectId, pick: Pick) -> Result<(String, String), Idle> {
        let branches: Vec<_> = self.branches(project).await.into_iter().collect();
        pick_of(&branches, pick).cloned().ok_or_else(|| nothing("no branch"))
    }

    fn merge_request(&self, pick: Pick) -> Result<MergeRequestId, Idle> {
        let there: Vec<_> =
            self.merge_requests.iter().filter(|id| self.model.merge_request(**id).is_some()).copied().collect();
        pick_of(&there, pick).copied().ok_or_else(|| nothing("no merge request"))
    }

    fn path(&self, project: ProjectId) -> String {
        self.model.project_path(project)
    }

    fn name(&self, merge_request: MergeRequestId) -> String {
        let merge_request = self.model.merge_request(merge_request).unwrap();
        format!("{}!{}", self.path(merge_request.project), merge_request.iid)
    }

    /// The forge's word for a project, as Dovetail keeps it.
    pub fn forge_id(&self, pick: Pick) -> Result<String, Idle> {
        Ok(self.project(pick)?.0.to_string())
    }

    /// So many new commits behind `from`, as a stream.
    fn commits(&mut self, branch: &str, from: Option<&str>, count: u8, key: u8) -> Vec<u8> {
        let mut stream = Stream::new(branch, from);
        for _ in 0..count {
            self.serial += 1;
            let at = self.clock.now() / 1_000 + i64::try_from(self.serial % 50).unwrap();
            let also = if self.serial.is_multiple_of(5) {
                format!("\n\nSee {}.", issue(key.wrapping_add(1)))
            } else {
                String::new()
            };
            stream.commit(at, self.serial, &format!("{} Change {}{also}", issue(key), self.serial));
        }
        stream.finish()
    }

    pub async fn push(&mut self, project: Pick, branch: Pick, commits: u8, key: u8) -> Told {
        let project = self.project(project)?;
        let (branch, head) = self.branch(project, branch).await?;
        let stream = self.commits(&branch, Some(&head), commits, key);
        self.model.import(project, self.user, stream).await?;
        Ok(format!("{commits} commits to {} {branch}", self.path(project)))
    }

    /// As a person does it: a clone, a commit, `git push`.
    pub async fn push_over_http(&mut self, project: Pick, branch: Pick, key: u8) -> Told {
        let project = self.project(project)?;
        if self.model.project(project).is_some_and(|project| project.archived) {
            return Err(nothing("archived"));
        }
        let (branch, head) = self.branch(project, branch).await?;
        let stream = self.commits(&branch, Some(&head), 1, key);
        let clone = tempfile::tempdir().unwrap();
        let git = git::Git::new();
        git.clone_borrowing(&self.model.repositories().path(project), clone.path()).await.unwrap();
        git.fast_import(clone.path(), stream.as_slice()).await.unwrap();
        let url = format!("{}/{}.git", self.server.url(), self.path(project))
            .replace("://", &format!("://oauth2:{}@", self.token));
        let refspec = format!("refs/heads/{branch}:refs/heads/{branch}");
        let push = git.command(["push", "-q", &url, &refspec]).env("GIT_ALLOW_PROTOCOL", "http");
        // Faults are for everybody.
        push.repository(clone.path()).text().await.map_err(|error| Idle(format!("the push failed: {error}")))?;
        Ok(format!("one commit over HTTP to {} {branch}", self.path(project)))
    }

    pub async fn rewind(&self, project: Pick, branch: Pick, back: u8) -> Told {
        let project = self.project(project)?;
        let (branch, head) = self.branch(project, branch).await?;
        let older = self.older(project, &head, back).await?;
        self.force(project, &branch, head, older).await?;
        Ok(format!("{} {branch} is forced {back} back", self.path(project)))
    }

    pub async fn rebase(&mut self, project: Pick, branch: Pick, back: u8, key: u8) -> Told {
        let project = self.project(project)?;
        let (branch, head) = self.branch(project, branch).await?;
        let older = self.older(project, &head, back).await?;
        let stream = self.commits("rebased", Some(&older), 2, key);
        let repositories = self.model.repositories();
        repositories.fast_import(project, stream).await.unwrap();
        let rebased = self.branches(project).await.remove("rebased").unwrap();
        repositories.delete_ref(project, "refs/heads/rebased").await.unwrap();
        self.force(project, &branch, head, rebased).await?;
        Ok(format!("{} {branch} is forced to 2 commits after going {back} back", self.path(project)))
    }

    async fn older(&self, project: ProjectId, head: &str, back: u8) -> Result<String, Idle> {
        let older = self.model.repositories().resolve(project, &format!("{head}~{back}")).await.unwrap();
        older.ok_or_else(|| nothing("too young"))
    }

    async fn force(&self, project: ProjectId, branch: &str, before: String, after: String) -> Result<(), Idle> {
        let name = format!("refs/heads/{branch}");
        self.model.repositories().set_ref(project, &name, &after).await.unwrap();
        let change = RefChange { name, before: Some(before), after: Some(after) };
        Ok(self.model.pushed(project, self.user, vec![change]).await?)
    }

    pub async fn new_branch(&self, project: Pick, from: Pick, name: u8) -> Told {
        let project = self.project(project)?;
        let (_, head) = self.branch(project, from).await?;
        let number = name % NAMES;
        // Names that are folders of others: `WALK-3` and `WALK-3/b` cannot be there together.
        let branch = if number.is_multiple_of(2) { issue(number / 2) } else { format!("{}/b", issue(number / 2)) };
        if self.branches(project).await.contains_key(&branch) {
            return Err(nothing("there already"));
        }
        let ref_name = format!("refs/heads/{branch}");
        let made = self.model.repositories().set_ref(project, &ref_name, &head).await;
        made.map_err(|error| Idle(error.to_string()))?;
        let change = RefChange { name: ref_name, before: None, after: Some(head) };
        self.model.pushed(project, self.user, vec![change]).await?;
        Ok(format!("{} has a branch {branch}", self.path(project)))
    }

    pub async fn delete_branch(&self, project: Pick, branch: Pick) -> Told {
        let project = self.project(project)?;
        let (branch, head) = self.branch(project, branch).await?;
        if self.model.project(project).and_then(|project| project.default_branch).as_deref() == Some(&branch) {
            return Err(nothing("the default branch"));
        }
        let name = format!("refs/heads/{branch}");
        self.model.repositories().delete_ref(project, &name).await.unwrap();
        self.model.pushed(project, self.user, vec![RefChange { name, before: Some(head), after: None }]).await?;
        Ok(format!("{} loses {branch}", self.path(project)))
    }

    pub async fn default_branch(&self, project: Pick, branch: Pick) -> Told {
        let project = self.project(project)?;
        let (branch, _) = self.branch(project, branch).await?;
        self.model.set_default_branch(project, &branch).await?;
        Ok(format!("{branch} is the default of {}", self.path(project)))
    }

    pub async fn open(&mut self, project: Pick, source: Pick, target: Pick, key: u8) -> Told {
        let project = self.project(project)?;
        let (source, target) = (self.branch(project, source).await?.0, self.branch(project, target).await?.0);
        let mut new = NewMergeRequest::within(project, &source, &target, &format!("{} Ask", issue(key)), self.user);
        if key.is_multiple_of(3) {
            new.reviewers = vec![self.reviewer];
        }
        let id = self.model.open_merge_request(new).await?;
        self.merge_requests.push(id);
        Ok(format!("{} asks to merge {source} into {target}", self.name(id)))
    }

    pub async fn retitle(&self, merge_request: Pick, key: u8) -> Told {
        let id = self.merge_request(merge_request)?;
        let draft = if key.is_multiple_of(4) { "Draft: " } else { "" };
        let title = Some(format!("{draft}{} Ask again", issue(key)));
        let description = Some(format!("Instead of {}.", issue(key.wrapping_add(3))));
        let change = MergeRequestChange { title, description, ..MergeRequestChange::default() };
        self.model.update_merge_request(id, self.user, change).await?;
        Ok(format!("{} is about {} now", self.name(id), issue(key)))
    }

    pub async fn retarget(&self, merge_request: Pick, branch: Pick) -> Told {
        let id = self.merge_request(merge_request)?;
        let project = self.model.merge_request(id).unwrap().project;
        let (target, _) = self.branch(project, branch).await?;
        let change = MergeRequestChange { target_branch: Some(target.clone()), ..MergeRequestChange::default() };
        self.model.update_merge_request(id, self.user, change).await?;
        Ok(format!("{} goes to {target} now", self.name(id)))
    }

    pub async fn merge(&self, merge_request: Pick, how: u8, remove_branch: bool) -> Told {
        let id = self.merge_request(merge_request)?;
        let methods = [MergeMethod::MergeCommit, MergeMethod::Squash, MergeMethod::FastForward];
        let method = methods[usize::from(how) % methods.len()];
        self.model.merge(id, self.user, method).await?;
        if remove_branch {
            self.model.remove_source_branch(id, self.user).await?;
        }
        Ok(format!("{} is merged by {method:?}{}", self.name(id), if remove_branch { ", its branch goes" } else { "" }))
    }

    pub fn close(&self, merge_request: Pick) -> Told {
        let id = self.merge_request(merge_request)?;
        self.model.close_merge_request(id, self.user)?;
        Ok(format!("{} is closed", self.name(id)))
    }

    pub async fn reopen(&self, merge_request: Pick) -> Told {
        let id = self.merge_request(merge_request)?;
        self.model.reopen_merge_request(id, self.user).await?;
        Ok(format!("{} is opened again", self.name(id)))
    }

    pub fn comment(&self, merge_request: Pick) -> Told {
        let id = self.merge_request(merge_request)?;
        self.model.comment(id, self.reviewer, "I see.")?;
        Ok(format!("a word on {}", self.name(id)))
    }

    pub fn approve(&self, merge_request: Pick) -> Told {
        let id = self.merge_request(merge_request)?;
        self.model.approve(id, self.reviewer)?;
        Ok(format!("{} is approved", self.name(id)))
    }

    /// Also tells of which project it was.
    pub fn delete_merge_request(&self, merge_request: Pick) -> Result<(ProjectId, String), Idle> {
        let id = self.merge_request(merge_request)?;
        let (project, name) = (self.model.merge_request(id).unwrap().project, self.name(id));
        self.model.delete_merge_request(id)?;
        Ok((project, format!("{name} is deleted")))
    }

    /// Whether the account can see a project.
    pub fn is_in_sight(&self, project: ProjectId) -> bool {
        self.projects.contains(&project) && self.path(project).starts_with(GROUP)
    }

    pub async fn new_project(&mut self) -> Told {
        if self.projects.len() >= 5 {
            return Err(nothing("enough projects"));
        }
        let path = self.fresh_name();
        let id = self.model.create_project(GROUP, &path, &path, Visibility::Private, self.user).await?;
        self.projects.push(id);
        let stream = self.commits("main", None, 4, u8::try_from(self.names % 200).unwrap());
        self.model.import(id, self.user, stream).await?;
        Ok(format!("{} is new", self.path(id)))
    }

    fn fresh_name(&mut self) -> String {
        self.names += 1;
        format!("project-{}", self.names)
    }

    pub fn rename_project(&mut self, project: Pick) -> Told {
        let id = self.project(project)?;
        let (before, path) = (self.path(id), self.fresh_name());
        self.model.rename_project(id, &path, &path)?;
        Ok(format!("{before} is {} now", self.path(id)))
    }

    pub fn transfer(&self, project: Pick) -> Told {
        let id = self.project(project)?;
        let before = self.path(id);
        let to = if before.starts_with(ELSEWHERE) { GROUP } else { ELSEWHERE };
        self.model.transfer_project(id, to)?;
        Ok(format!("{before} is {} now", self.path(id)))
    }

    pub fn archive(&self, project: Pick) -> Told {
        let id = self.project(project)?;
        let archived = self.model.project(id).is_some_and(|project| project.archived);
        self.model.archive(id, !archived);
        Ok(format!("{} is {}archived", self.path(id), if archived { "no longer " } else { "" }))
    }

    pub async fn delete_project(&mut self, project: Pick) -> Told {
        if self.projects.len() < 3 {
            return Err(nothing("too few projects"));
        }
        let id = self.project(project)?;
        let path = self.path(id);
        self.model.delete_project(id).await?;
        self.projects.retain(|project| *project != id);
        self.merge_requests.retain(|id| self.model.merge_request(*id).is_some());
        Ok(format!("{path} is deleted"))
    }
}

fn pick_of<T>(there: &[T], pick: Pick) -> Option<&T> {
    if there.is_empty() { None } else { there.get(usize::from(pick) % there.len()) }
}
