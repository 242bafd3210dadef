//! Merge requests: what they are, and how one is opened.

use model::Millis;

use super::{
    AccessLevel, Action, Event, FieldChange, MergeRequestId, Model, ModelError, Project, ProjectId, State, UserId,
};

/// The state of a merge request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeState {
    /// Under way.
    Opened,
    /// Given up.
    Closed,
    /// Done.
    Merged,
    /// Being merged at this moment.
    Locked,
}

impl MergeState {
    /// GitLab's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::Merged => "merged",
            Self::Locked => "locked",
        }
    }
}

/// Where a reviewer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewState {
    /// Asked.
    Unreviewed,
    /// Commented.
    Reviewed,
    /// Asked for changes.
    RequestedChanges,
    /// Approved.
    Approved,
    /// Took the approval back.
    Unapproved,
}

impl ReviewState {
    /// GitLab's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreviewed => "unreviewed",
            Self::Reviewed => "reviewed",
            Self::RequestedChanges => "requested_changes",
            Self::Approved => "approved",
            Self::Unapproved => "unapproved",
        }
    }
}

/// Somebody who was asked to review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Review {
    /// Who.
    pub user: UserId,
    /// Where they stand.
    pub state: ReviewState,
    /// Asked.
    pub created_at: Millis,
}

/// Somebody who approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approval {
    /// Who.
    pub user: UserId,
    /// When.
    pub at: Millis,
}

/// The three commits of a merge request's newest diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffRefs {
    /// Where source and target part.
    pub base: String,
    /// The head of the source branch.
    pub head: String,
    /// The head of the target branch when the diff was made.
    pub start: String,
}

/// A merge request; it belongs to its target project.
#[derive(Debug, Clone)]
pub struct MergeRequest {
    /// The id over all projects.
    pub id: MergeRequestId,
    /// The number in the target project.
    pub iid: u64,
    /// The target project.
    pub project: ProjectId,
    /// The source project; none when the fork is gone.
    pub source_project: Option<ProjectId>,
    /// The source branch.
    pub source_branch: String,
    /// The target branch.
    pub target_branch: String,
    /// The title; a draft's begins with `Draft:`.
    pub title: String,
    /// The description.
    pub description: Option<String>,
    /// The state.
    pub state: MergeState,
    /// Who opened it.
    pub author: UserId,
    /// Who is to do it.
    pub assignees: Vec<UserId>,
    /// Who is to review it.
    pub reviewers: Vec<Review>,
    /// Who approved it.
    pub approvals: Vec<Approval>,
    /// Its labels.
    pub labels: Vec<String>,
    /// Whether its commits become one when it is merged.
    pub squash: bool,
    /// Opened.
    pub created_at: Millis,
    /// Last changed.
    pub updated_at: Millis,
    /// Merged.
    pub merged_at: Option<Millis>,
    /// By whom.
    pub merged_by: Option<UserId>,
    /// Closed; none once merged.
    pub closed_at: Option<Millis>,
    /// By whom.
    pub closed_by: Option<UserId>,
    /// Its newest diff.
    pub diff: Option<DiffRefs>,
    /// The commit that merged it, when one was made.
    pub merge_commit: Option<String>,
    /// The commit that its commits became, when they were squashed.
    pub squash_commit: Option<String>,
    /// Whether `refs/merge-requests/<iid>/head` still stands.
    pub(crate) head_ref: bool,
}

impl MergeRequest {
    /// Whether the title says that it is a draft.
    #[must_use]
    pub fn is_draft(&self) -> bool {
        let title = self.title.to_ascii_lowercase();
        ["draft:", "[draft]", "(draft)"].iter().any(|mark| title.starts_with(mark))
    }

    /// The name of the ref that keeps its head.
    #[must_use]
    pub fn head_ref_name(&self) -> String {
        format!("refs/merge-requests/{}/head", self.iid)
    }

    /// Whether commits may still be pushed to it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, MergeState::Opened | MergeState::Locked)
    }
}

/// A merge request that is to be opened.
#[derive(Debug, Clone)]
pub struct NewMergeRequest {
    /// The project the branch is in; the target project itself, or a fork of it.
    pub source_project: ProjectId,
    /// The branch.
    pub source_branch: String,
    /// The target project.
    pub target_project: ProjectId,
    /// The branch it is to be merged into.
    pub target_branch: String,
    /// The title.
    pub title: String,
    /// The description.
    pub description: Option<String>,
    /// Who opens it.
    pub author: UserId,
    /// Who is asked to review it.
    pub reviewers: Vec<UserId>,
    /// Who is to do it.
    pub assignees: Vec<UserId>,
    /// Whether its commits become one when it is merged.
    pub squash: bool,
}

impl NewMergeRequest {
    /// A merge request between two branches of one project, without reviewers.
    #[must_use]
    pub fn within(project: ProjectId, source: &str, target: &str, title: &str, author: UserId) -> Self {
        Self {
            source_project: project,
            source_branch: source.to_owned(),
            target_project: project,
            target_branch: target.to_owned(),
            title: title.to_owned(),
            description: None,
            author,
            reviewers: Vec::new(),
            assignees: Vec::new(),
            squash: false,
        }
    }
}

impl Model {
    /// Opens a merge request, keeps its head in `refs/merge-requests/<iid>/head` and tells the hooks.
    ///
    /// # Errors
    /// When a project or branch does not exist, the title is empty, or one is open for the same branches.
    pub async fn open_merge_request(&self, new: NewMergeRequest) -> Result<MergeRequestId, ModelError> {
        let problem = self.read(|state| state.check_new_merge_request(&new));
        problem.map_or(Ok(()), Err)?;
        let branches = (new.source_branch.as_str(), new.target_branch.as_str());
        let diff = self.diff_between((new.source_project, branches.0), (new.target_project, branches.1)).await?;
        let now = self.now();
        let opened = self.write(|state| {
            if state.open_between(&new).is_some() {
                return Err(another_is_open(&new));
            }
            let merge_request = state.insert_merge_request(new, diff, now)?;
            state.touch(merge_request.project, now);
            Ok(merge_request)
        })?;
        self.keep_head(&opened).await?;
        let (id, user) = (opened.id, opened.author);
        self.tell_merge_request(opened, user, News { action: Action::Open, ..News::default() });
        Ok(id)
    }

    /// The merge request with this id.
    #[must_use]
    pub fn merge_request(&self, id: MergeRequestId) -> Option<MergeRequest> {
        self.read(|state| state.merge_requests.get(&id).cloned())
    }

    /// The merge request with this number in a project.
    #[must_use]
    pub fn merge_request_by_iid(&self, project: ProjectId, iid: u64) -> Option<MergeRequest> {
        self.read(|state| state.merge_request_by_iid(project, iid).cloned())
    }

    /// The three commits between two branches: the source's head, the target's head, and where they part (with no common
    /// past, the target's head).
    pub(crate) async fn diff_between(
        &self,
        (source, source_branch): (ProjectId, &str),
        (target, target_branch): (ProjectId, &str),
    ) -> Result<DiffRefs, ModelError> {
        let head = self.head_of(source, source_branch).await?;
        let start = self.head_of(target, target_branch).await?;
        if source != target {
            self.repositories.fetch_from(target, source, &head).await?;
        }
        let base = self.repositories.merge_base(target, &head, &start).await?.unwrap_or_else(|| start.clone());
        Ok(DiffRefs { base, head, start })
    }

    async fn head_of(&self, project: ProjectId, branch: &str) -> Result<String, ModelError> {
        let head = self.repositories.resolve(project, &format!("refs/heads/{branch}")).await?;
        head.ok_or_else(|| ModelError::invalid("branch", format!("{branch:?} does not exist")))
    }

    /// Points the ref that keeps a merge request's commits at its head.
    pub(crate) async fn keep_head(&self, merge_request: &MergeRequest) -> Result<(), ModelError> {
        if let Some(diff) = &merge_request.diff {
            let name = merge_request.head_ref_name();
            self.repositories.set_ref(merge_request.project, &name, &diff.head).await?;
        }
        Ok(())
    }

    pub(crate) fn tell_merge_request(&self, snapshot: MergeRequest, user: UserId, news: News) {
        let News { action, changes, oldrev, system_action } = news;
        let (merge_request, snapshot) = (snapshot.id, Box::new(snapshot));
        self.tell(Event::MergeRequest { merge_request, action, user, changes, oldrev, system_action, snapshot });
    }
}

/// What there is to tell about a merge request.
#[derive(Debug)]
pub(crate) struct News {
    pub(crate) action: Action,
    pub(crate) changes: Vec<FieldChange>,
    /// The head before, when a push caused it.
    pub(crate) oldrev: Option<String>,
    /// What GitLab did by itself.
    pub(crate) system_action: Option<&'static str>,
}

impl Default for News {
    fn default() -> Self {
        Self { action: Action::Update, changes: Vec::new(), oldrev: None, system_action: None }
    }
}

impl State {
    pub(crate) fn merge_request_by_iid(&self, project: ProjectId, iid: u64) -> Option<&MergeRequest> {
        self.merge_requests.values().find(|it| it.project == project && it.iid == iid)
    }

    /// The role it takes to see the merge requests of a project; none when nobody sees them.
    pub(crate) fn can_see_merge_requests(&self, viewer: Option<UserId>, project: &Project) -> bool {
        project.merge_requests_enabled && self.can_read_code(viewer, project)
    }

    fn check_new_merge_request(&self, new: &NewMergeRequest) -> Option<ModelError> {
        let (Some(source), Some(target)) =
            (self.projects.get(&new.source_project), self.projects.get(&new.target_project))
        else {
            return Some(ModelError::NotFound("Project"));
        };
        if new.title.trim().is_empty() {
            return Some(ModelError::invalid("title", "can't be blank"));
        }
        if source.id == target.id && new.source_branch == new.target_branch {
            return Some(ModelError::invalid(
                "branch_conflict",
                "You can't use same project/branch for source and target",
            ));
        }
        if !self.are_kin(source, target) {
            return Some(ModelError::invalid("validate_fork", "Source project is not a fork of the target project"));
        }
        if !self.has(new.author, source, AccessLevel::Developer) {
            return Some(ModelError::Refused("the author may not push to the source project"));
        }
        self.open_between(new).map(|_| another_is_open(new))
    }

    /// Whether both belong to the same family of forks.
    fn are_kin(&self, one: &Project, other: &Project) -> bool {
        self.first_ancestor(one) == self.first_ancestor(other)
    }

    /// The project at the root of a family of forks.
    fn first_ancestor(&self, project: &Project) -> ProjectId {
        let parent = |it: &&Project| it.forked_from.and_then(|id| self.projects.get(&id));
        std::iter::successors(self.projects.get(&project.id), parent).last().map_or(project.id, |root| root.id)
    }

    fn open_between(&self, new: &NewMergeRequest) -> Option<&MergeRequest> {
        self.merge_requests.values().find(|it| {
            it.is_open()
                && it.project == new.target_project
                && it.source_project == Some(new.source_project)
                && it.source_branch == new.source_branch
                && it.target_branch == new.target_branch
        })
    }

    fn insert_merge_request(
        &mut self,
        new: NewMergeRequest,
        diff: DiffRefs,
        now: Millis,
    ) -> Result<MergeRequest, ModelError> {
        let project = self.projects.get_mut(&new.target_project).ok_or(ModelError::NotFound("Project"))?;
        project.last_iid += 1;
        let asked = |user| Review { user, state: ReviewState::Unreviewed, created_at: now };
        let merge_request = MergeRequest {
            id: MergeRequestId(self.numbers.merge_request.draw()),
            iid: project.last_iid,
            project: new.target_project,
            source_project: Some(new.source_project),
            source_branch: new.source_branch,
            target_branch: new.target_branch,
            title: new.title,
            description: new.description,
            state: MergeState::Opened,
            author: new.author,
            assignees: new.assignees,
            reviewers: new.reviewers.into_iter().map(asked).collect(),
            approvals: Vec::new(),
            labels: Vec::new(),
            squash: new.squash,
            created_at: now,
            updated_at: now,
            merged_at: None,
            merged_by: None,
            closed_at: None,
            closed_by: None,
            diff: Some(diff),
            merge_commit: None,
            squash_commit: None,
            head_ref: true,
        };
        self.merge_requests.insert(merge_request.id, merge_request.clone());
        Ok(merge_request)
    }
}

fn another_is_open(new: &NewMergeRequest) -> ModelError {
    let problem = format!("Another open merge request already exists for this source branch: {}", new.source_branch);
    ModelError::invalid("validate_branches", problem)
}
