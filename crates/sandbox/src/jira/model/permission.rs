//! Who may do what in a project.

use std::collections::BTreeSet;

use super::{Model, Project, ProjectId, State, UserId};

/// A permission of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// See the project and its issues.
    BrowseProjects,
    /// Comment issues.
    AddComments,
    /// Log work.
    WorkOnIssues,
    /// Move issues through their workflow.
    TransitionIssues,
    /// Change issues.
    EditIssues,
    /// Link issues, to things elsewhere too.
    LinkIssues,
    /// Administer the project.
    AdministerProjects,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::BrowseProjects,
        Self::AddComments,
        Self::WorkOnIssues,
        Self::TransitionIssues,
        Self::EditIssues,
        Self::LinkIssues,
        Self::AdministerProjects,
    ];

    /// Jira's key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::BrowseProjects => "BROWSE_PROJECTS",
            Self::AddComments => "ADD_COMMENTS",
            Self::WorkOnIssues => "WORK_ON_ISSUES",
            Self::TransitionIssues => "TRANSITION_ISSUES",
            Self::EditIssues => "EDIT_ISSUES",
            Self::LinkIssues => "LINK_ISSUES",
            Self::AdministerProjects => "ADMINISTER_PROJECTS",
        }
    }

    /// The name that people see.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::BrowseProjects => "Browse Projects",
            Self::AddComments => "Add Comments",
            Self::WorkOnIssues => "Work On Issues",
            Self::TransitionIssues => "Transition Issues",
            Self::EditIssues => "Edit Issues",
            Self::LinkIssues => "Link Issues",
            Self::AdministerProjects => "Administer Projects",
        }
    }

    /// Jira's number.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::BrowseProjects => "10",
            Self::AddComments => "15",
            Self::WorkOnIssues => "20",
            Self::TransitionIssues => "46",
            Self::EditIssues => "12",
            Self::LinkIssues => "21",
            Self::AdministerProjects => "23",
        }
    }

    /// The permission with this key, or with the name that it had before Jira 7.
    pub(crate) fn parse(key: &str) -> Option<Self> {
        let key = match key.trim() {
            "BROWSE" => "BROWSE_PROJECTS",
            "COMMENT_ISSUE" => "ADD_COMMENTS",
            "WORK_ISSUE" => "WORK_ON_ISSUES",
            "TRANSITION_ISSUE" => "TRANSITION_ISSUES",
            "EDIT_ISSUE" => "EDIT_ISSUES",
            "LINK_ISSUE" => "LINK_ISSUES",
            "PROJECT_ADMIN" => "ADMINISTER_PROJECTS",
            other => other,
        };
        Self::ALL.into_iter().find(|permission| permission.key() == key)
    }
}

/// What everybody who is logged in may do in a new project.
pub(super) fn of_everybody() -> BTreeSet<Permission> {
    Permission::ALL.into_iter().filter(|permission| *permission != Permission::AdministerProjects).collect()
}

impl Model {
    /// Says what everybody may do in a project who has no permissions of their own there.
    pub fn allow_everybody(&self, project: ProjectId, permissions: &[Permission]) {
        self.change_project(project, |project| project.everybody = permissions.iter().copied().collect());
    }

    /// Gives somebody these permissions in a project and no others, whatever everybody has.
    pub fn allow_only(&self, project: ProjectId, user: UserId, permissions: &[Permission]) {
        self.change_project(project, |project| {
            project.own.insert(user, permissions.iter().copied().collect());
        });
    }

    fn change_project(&self, id: ProjectId, change: impl FnOnce(&mut Project)) {
        self.write(|state| {
            if let Some(project) = state.projects.get_mut(&id) {
                change(project);
            }
        });
    }
}

impl State {
    /// Whether a user has a permission in a project; nobody has none.
    pub(crate) fn may(&self, user: Option<UserId>, project: ProjectId, permission: Permission) -> bool {
        let Some(user) = user.and_then(|user| self.users.get(&user)).filter(|user| user.active) else { return false };
        let Some(project) = self.projects.get(&project) else { return false };
        // Who administers the site administers its projects, but need not see what is in them.
        let as_admin = permission == Permission::AdministerProjects && user.admin;
        as_admin || project.own.get(&user.id).unwrap_or(&project.everybody).contains(&permission)
    }
}
