//! Who may do what: roles, visibility, and what follows from both.

use serde::Serialize;

use super::{Group, GroupId, Model, Namespace, Project, ProjectId, State, UserId, UserState};

/// A role, in GitLab's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum AccessLevel {
    /// Sees that the group exists.
    Minimal = 5,
    /// Sees a private project, not its code.
    Guest = 10,
    /// Reads code.
    Reporter = 20,
    /// Pushes and opens merge requests.
    Developer = 30,
    /// Merges, registers hooks.
    Maintainer = 40,
    /// Does everything.
    Owner = 50,
}

impl AccessLevel {
    /// The role with GitLab's number.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        [Self::Minimal, Self::Guest, Self::Reporter, Self::Developer, Self::Maintainer, Self::Owner]
            .into_iter()
            .find(|level| level.number() == number)
    }

    /// GitLab's number.
    #[must_use]
    pub fn number(self) -> u64 {
        u64::from(self as u8)
    }
}

/// Who may see a group or project without being a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Nobody.
    Private,
    /// Everybody who is signed in.
    Internal,
    /// Everybody.
    Public,
}

impl Visibility {
    /// GitLab's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Internal => "internal",
            Self::Public => "public",
        }
    }

    /// The visibility with GitLab's word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Private, Self::Internal, Self::Public].into_iter().find(|visibility| visibility.as_str() == word)
    }

    /// GitLab's number in hooks (`visibility_level`).
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::Private => 0,
            Self::Internal => 10,
            Self::Public => 20,
        }
    }

    fn open_to(self, viewer: Option<UserId>) -> bool {
        match self {
            Self::Private => false,
            Self::Internal => viewer.is_some(),
            Self::Public => true,
        }
    }
}

/// What one can be a member of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A group, and so all below it.
    Group(GroupId),
    /// A project.
    Project(ProjectId),
}

impl From<GroupId> for Place {
    fn from(id: GroupId) -> Self {
        Self::Group(id)
    }
}

impl From<ProjectId> for Place {
    fn from(id: ProjectId) -> Self {
        Self::Project(id)
    }
}

impl Model {
    /// Gives a user a role in a group or project; a second call changes it.
    pub fn add_member(&self, place: impl Into<Place>, user: UserId, level: AccessLevel) {
        self.write(|state| state.members.insert((place.into(), user), level));
    }

    /// Takes the role away.
    pub fn remove_member(&self, place: impl Into<Place>, user: UserId) {
        self.write(|state| state.members.remove(&(place.into(), user)));
    }

    /// Whether the project exists for this viewer (none: not signed in).
    #[must_use]
    pub fn can_see(&self, viewer: Option<UserId>, project: ProjectId) -> bool {
        self.read(|state| state.projects.get(&project).is_some_and(|project| state.can_see(viewer, project)))
    }

    /// Whether this viewer may read the project's code.
    #[must_use]
    pub fn can_read_code(&self, viewer: Option<UserId>, project: ProjectId) -> bool {
        self.read(|state| state.projects.get(&project).is_some_and(|project| state.can_read_code(viewer, project)))
    }

    /// Whether this user may push; nobody pushes to an archived project.
    #[must_use]
    pub fn can_push(&self, user: UserId, project: ProjectId) -> bool {
        self.read(|state| state.projects.get(&project).is_some_and(|project| state.can_push(user, project)))
    }
}

impl State {
    /// The role in a group: the highest of its own and those of the groups above; an administrator owns everything.
    pub(crate) fn group_level(&self, user: UserId, group: GroupId) -> Option<AccessLevel> {
        if self.is_admin(user) {
            return Some(AccessLevel::Owner);
        }
        self.group_membership(user, group)
    }

    /// As [`State::group_level`], without what administrators may beyond their memberships.
    pub(crate) fn group_membership(&self, user: UserId, group: GroupId) -> Option<AccessLevel> {
        self.ancestry(group).filter_map(|above| self.members.get(&(Place::Group(above.id), user)).copied()).max()
    }

    /// The role in a project.
    pub(crate) fn project_level(&self, user: UserId, project: &Project) -> Option<AccessLevel> {
        if self.is_admin(user) {
            return Some(AccessLevel::Owner);
        }
        self.project_membership(user, project)
    }

    /// The role in a project by membership: direct, inherited, by a group's share, or by owning the namespace.
    pub(crate) fn project_membership(&self, user: UserId, project: &Project) -> Option<AccessLevel> {
        let direct = self.members.get(&(Place::Project(project.id), user)).copied();
        let inherited = match project.namespace {
            Namespace::Group(group) => self.group_membership(user, group),
            Namespace::User(owner) => (owner == user).then_some(AccessLevel::Owner),
        };
        let shared = project
            .shared_with
            .iter()
            .filter_map(|(group, most)| self.group_membership(user, *group).map(|level| level.min(*most)))
            .max();
        direct.max(inherited).max(shared)
    }

    pub(crate) fn can_see(&self, viewer: Option<UserId>, project: &Project) -> bool {
        project.visibility.open_to(viewer) || viewer.is_some_and(|user| self.project_level(user, project).is_some())
    }

    pub(crate) fn can_read_code(&self, viewer: Option<UserId>, project: &Project) -> bool {
        project.repository_enabled
            && (project.visibility.open_to(viewer)
                || viewer.is_some_and(|user| self.has(user, project, AccessLevel::Reporter)))
    }

    pub(crate) fn can_push(&self, user: UserId, project: &Project) -> bool {
        !project.archived && self.has(user, project, AccessLevel::Developer)
    }

    /// Whether the user's role in the project is at least `least`.
    pub(crate) fn has(&self, user: UserId, project: &Project, least: AccessLevel) -> bool {
        self.project_level(user, project) >= Some(least)
    }

    /// Whether the group exists for this viewer: open to them, a member of it, or of something below it.
    pub(crate) fn can_see_group(&self, viewer: Option<UserId>, group: &Group) -> bool {
        group.visibility.open_to(viewer)
            || viewer.is_some_and(|user| {
                self.group_level(user, group.id).is_some()
                    || self.members.keys().any(|(place, member)| *member == user && self.is_below(*place, group.id))
            })
    }

    fn is_below(&self, place: Place, group: GroupId) -> bool {
        let start = match place {
            Place::Group(id) => Some(id),
            Place::Project(id) => match self.projects.get(&id).map(|project| project.namespace) {
                Some(Namespace::Group(id)) => Some(id),
                _ => None,
            },
        };
        start.is_some_and(|id| self.ancestry(id).any(|above| above.id == group))
    }

    pub(crate) fn is_admin(&self, user: UserId) -> bool {
        self.users.get(&user).is_some_and(|user| user.admin && user.state == UserState::Active)
    }
}
