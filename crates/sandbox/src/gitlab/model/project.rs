//! Projects.

use model::Millis;

use super::{
    AccessLevel, Event, GroupId, Model, ModelError, Namespace, ProjectEvent, ProjectId, State, UserId, Visibility,
    paths,
};

/// A project that is to be made.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// The full path of the group or personal namespace.
    pub namespace: String,
    /// The last segment of the full path.
    pub path: String,
    /// The display name.
    pub name: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// Who makes it.
    pub creator: UserId,
}

/// What it takes to approve the merge requests of a project. GitLab's Community Edition has no rules: one approval is enough and
/// stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ApprovalRules {
    /// How many approvals there must be.
    pub required: usize,
    /// Whether a push to a merge request takes its approvals away.
    pub reset_on_push: bool,
}

/// A project.
#[derive(Debug, Clone)]
pub struct Project {
    /// The id; stays when the project is renamed or moved.
    pub id: ProjectId,
    /// Where it lives.
    pub namespace: Namespace,
    /// The last segment of the full path.
    pub path: String,
    /// The display name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Who made it.
    pub creator: UserId,
    /// Made.
    pub created_at: Millis,
    /// The newest push, merge request or note.
    pub last_activity_at: Millis,
    /// Read only.
    pub archived: bool,
    /// Whether the project has merge requests; their addresses are answered 403 without.
    pub merge_requests_enabled: bool,
    /// Whether the project has a repository; without, nobody reads code.
    pub repository_enabled: bool,
    /// The project it was forked from, while that exists.
    pub forked_from: Option<ProjectId>,
    /// Groups whose members may come in, with at most this role.
    pub shared_with: Vec<(GroupId, AccessLevel)>,
    /// Its labels.
    pub topics: Vec<String>,
    /// The branch that HEAD names; none while the repository is empty.
    pub default_branch: Option<String>,
    /// What it takes to approve its merge requests.
    pub approval_rules: ApprovalRules,
    /// The number of the newest merge request.
    pub(crate) last_iid: u64,
}

impl Model {
    /// Makes a project with an empty repository.
    ///
    /// # Errors
    /// When the namespace does not exist, the path is malformed or taken, or the repository cannot be made.
    pub async fn create_project(
        &self,
        namespace: &str,
        path: &str,
        name: &str,
        visibility: Visibility,
        creator: UserId,
    ) -> Result<ProjectId, ModelError> {
        let (namespace, path, name) = (namespace.to_owned(), path.to_owned(), name.to_owned());
        let now = self.now();
        let new = NewProject { namespace, path, name, visibility, creator };
        let id = self.write(|state| state.insert_project(new, now))?;
        self.repositories.create(id).await?;
        self.tell_project(id, ProjectEvent::Create, None);
        Ok(id)
    }

    /// The project with this id.
    #[must_use]
    pub fn project(&self, id: ProjectId) -> Option<Project> {
        self.read(|state| state.projects.get(&id).cloned())
    }

    /// The project with this full path, ignoring case.
    #[must_use]
    pub fn project_by_path(&self, full_path: &str) -> Option<Project> {
        self.read(|state| state.project_by_path(full_path).cloned())
    }

    /// The project that had this full path before it was renamed or moved.
    #[must_use]
    pub fn project_redirect(&self, full_path: &str) -> Option<ProjectId> {
        self.read(|state| state.former_paths.get(&full_path.to_ascii_lowercase()).copied())
    }

    /// The full path of a project (`group/sub/project`); empty for one that does not exist.
    #[must_use]
    pub fn project_path(&self, id: ProjectId) -> String {
        self.read(|state| state.projects.get(&id).map(|project| state.project_path(project)).unwrap_or_default())
    }

    /// Switches the repository of a project on or off.
    pub fn set_repository_enabled(&self, id: ProjectId, enabled: bool) {
        self.change_project(id, |project| project.repository_enabled = enabled);
        self.tell_project(id, ProjectEvent::Update, None);
    }

    /// Switches merge requests of a project on or off.
    pub fn set_merge_requests_enabled(&self, id: ProjectId, enabled: bool) {
        self.change_project(id, |project| project.merge_requests_enabled = enabled);
        self.tell_project(id, ProjectEvent::Update, None);
    }

    /// Makes a project read only, or writable again.
    pub fn archive(&self, id: ProjectId, archived: bool) {
        self.change_project(id, |project| project.archived = archived);
        self.tell_project(id, ProjectEvent::Update, None);
    }

    /// Changes who may see a project.
    pub fn set_visibility(&self, id: ProjectId, visibility: Visibility) {
        self.change_project(id, |project| project.visibility = visibility);
        self.tell_project(id, ProjectEvent::Update, None);
    }

    /// Changes what it takes to approve the merge requests of a project.
    pub fn set_approval_rules(&self, id: ProjectId, rules: ApprovalRules) {
        self.change_project(id, |project| project.approval_rules = rules);
    }

    /// Lets the members of a group into a project, with at most this role.
    pub fn share_project(&self, id: ProjectId, group: GroupId, level: AccessLevel) {
        self.change_project(id, |project| project.shared_with.push((group, level)));
    }

    /// Tells the system hooks about a project as a whole.
    pub(crate) fn tell_project(&self, id: ProjectId, what: ProjectEvent, old_path: Option<String>) {
        if let Some(project) = self.project(id) {
            let path = self.project_path(id);
            self.tell(Event::Project { what, snapshot: Box::new(project), path, old_path });
        }
    }

    pub(crate) fn change_project(&self, id: ProjectId, change: impl FnOnce(&mut Project)) {
        self.write(|state| {
            if let Some(project) = state.projects.get_mut(&id) {
                change(project);
            }
        });
    }
}

impl State {
    pub(crate) fn insert_project(&mut self, new: NewProject, now: Millis) -> Result<ProjectId, ModelError> {
        paths::check(&new.path, "path")?;
        let namespace = self.namespace_by_path(&new.namespace).ok_or(ModelError::NotFound("Namespace"))?;
        self.check_free(Some(namespace), &new.path)?;
        let id = ProjectId(self.numbers.project.draw());
        let NewProject { path, name, visibility, creator, .. } = new;
        let project = Project {
            id,
            namespace,
            path,
            name,
            description: None,
            visibility,
            creator,
            created_at: now,
            last_activity_at: now,
            archived: false,
            merge_requests_enabled: true,
            repository_enabled: true,
            forked_from: None,
            shared_with: Vec::new(),
            topics: Vec::new(),
            default_branch: None,
            approval_rules: ApprovalRules::default(),
            last_iid: 0,
        };
        self.former_paths.remove(&self.project_path(&project).to_ascii_lowercase());
        self.projects.insert(id, project);
        Ok(id)
    }

    pub(crate) fn project_path(&self, project: &Project) -> String {
        format!("{}/{}", self.namespace_path(project.namespace), project.path)
    }

    pub(crate) fn project_by_path(&self, full_path: &str) -> Option<&Project> {
        let (_, last) = full_path.rsplit_once('/')?;
        self.projects
            .values()
            .filter(|project| project.path.eq_ignore_ascii_case(last))
            .find(|project| self.project_path(project).eq_ignore_ascii_case(full_path))
    }

    pub(crate) fn touch(&mut self, project: ProjectId, now: Millis) {
        if let Some(project) = self.projects.get_mut(&project) {
            project.last_activity_at = project.last_activity_at.max(now);
        }
    }
}
