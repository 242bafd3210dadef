//! Groups, and namespaces in general.

use model::Millis;

use super::{
    AccessLevel, Event, GroupId, Model, ModelError, Place, Project, ProjectId, State, UserId, Visibility, paths,
};

/// Where projects live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Namespace {
    /// A group or subgroup.
    Group(GroupId),
    /// A user's personal namespace.
    User(UserId),
}

/// A group; with a parent, a subgroup.
#[derive(Debug, Clone)]
pub struct Group {
    /// The id.
    pub id: GroupId,
    /// The last segment of the full path.
    pub path: String,
    /// The display name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The group above.
    pub parent: Option<GroupId>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Made.
    pub created_at: Millis,
}

impl Model {
    /// Makes a group (or, with a parent, a subgroup) that `owner` owns.
    ///
    /// # Errors
    /// When the path is malformed or taken.
    pub fn create_group(
        &self,
        path: &str,
        name: &str,
        parent: Option<GroupId>,
        visibility: Visibility,
        owner: UserId,
    ) -> Result<GroupId, ModelError> {
        paths::check(path, "path")?;
        let created_at = self.now();
        self.write(|state| {
            state.check_free(parent.map(Namespace::Group), path)?;
            let id = GroupId(state.numbers.namespace.draw());
            let (path, name) = (path.to_owned(), name.to_owned());
            let group = Group { id, path, name, description: String::new(), parent, visibility, created_at };
            state.groups.insert(id, group);
            state.members.insert((Place::Group(id), owner), AccessLevel::Owner);
            Ok(id)
        })
    }

    /// Gives a group another path and name. What lies below it moves along: the old paths of its projects lead to the new ones
    /// from now on.
    ///
    /// # Errors
    /// When the group does not exist, or the path is malformed or taken.
    pub fn rename_group(&self, id: GroupId, path: &str, name: &str) -> Result<(), ModelError> {
        paths::check(path, "path")?;
        let old_full_path = self.group_path(id);
        let before = self.write(|state| {
            let before = state.groups.get(&id).cloned().ok_or(ModelError::NotFound("Group"))?;
            if !before.path.eq_ignore_ascii_case(path) {
                state.check_free(before.parent.map(Namespace::Group), path)?;
                let below: Vec<ProjectId> =
                    state.projects.values().filter(|project| state.is_in_group(project, id)).map(|it| it.id).collect();
                for project in below {
                    let was = state.projects.get(&project).map(|project| state.project_path(project));
                    state.former_paths.insert(was.unwrap_or_default().to_ascii_lowercase(), project);
                }
            }
            if let Some(group) = state.groups.get_mut(&id) {
                path.clone_into(&mut group.path);
                name.clone_into(&mut group.name);
            }
            Ok::<_, ModelError>(before)
        })?;
        if let Some(group) = self.group(id).filter(|group| group.path != before.path) {
            let (full_path, old_path) = (self.group_path(id), before.path);
            self.tell(Event::GroupRenamed { snapshot: Box::new(group), full_path, old_path, old_full_path });
        }
        Ok(())
    }

    /// Changes who may see a group.
    pub fn set_group_visibility(&self, id: GroupId, visibility: Visibility) {
        self.write(|state| {
            if let Some(group) = state.groups.get_mut(&id) {
                group.visibility = visibility;
            }
        });
    }

    /// The group with this id.
    #[must_use]
    pub fn group(&self, id: GroupId) -> Option<Group> {
        self.read(|state| state.groups.get(&id).cloned())
    }

    /// The group with this full path, ignoring case.
    #[must_use]
    pub fn group_by_path(&self, full_path: &str) -> Option<Group> {
        self.read(|state| state.group_by_path(full_path).cloned())
    }

    /// The full path of a group (`group/sub`); empty for one that does not exist.
    #[must_use]
    pub fn group_path(&self, id: GroupId) -> String {
        self.read(|state| state.group_path(id))
    }
}

impl State {
    /// The group and those above it, from the group upwards.
    pub(crate) fn ancestry(&self, group: GroupId) -> impl Iterator<Item = &Group> {
        std::iter::successors(self.groups.get(&group), |group| group.parent.and_then(|id| self.groups.get(&id)))
    }

    pub(crate) fn group_path(&self, group: GroupId) -> String {
        self.joined(group, "/", |group| &group.path)
    }

    pub(crate) fn group_name(&self, group: GroupId) -> String {
        self.joined(group, " / ", |group| &group.name)
    }

    fn joined(&self, group: GroupId, separator: &str, part: impl Fn(&Group) -> &str) -> String {
        let mut parts: Vec<&str> = self.ancestry(group).map(part).collect();
        parts.reverse();
        parts.join(separator)
    }

    pub(crate) fn group_by_path(&self, full_path: &str) -> Option<&Group> {
        let last = full_path.rsplit('/').next().unwrap_or(full_path);
        self.groups
            .values()
            .filter(|group| group.path.eq_ignore_ascii_case(last))
            .find(|group| self.group_path(group.id).eq_ignore_ascii_case(full_path))
    }

    /// The full path of a namespace.
    pub(crate) fn namespace_path(&self, namespace: Namespace) -> String {
        match namespace {
            Namespace::Group(id) => self.group_path(id),
            Namespace::User(id) => self.users.get(&id).map(|user| user.login.clone()).unwrap_or_default(),
        }
    }

    /// The display name of a namespace with those above it (`Group / Sub`).
    pub(crate) fn namespace_name(&self, namespace: Namespace) -> String {
        match namespace {
            Namespace::Group(id) => self.group_name(id),
            Namespace::User(id) => self.users.get(&id).map(|user| user.name.clone()).unwrap_or_default(),
        }
    }

    pub(crate) fn namespace_by_path(&self, full_path: &str) -> Option<Namespace> {
        let group = self.group_by_path(full_path).map(|group| Namespace::Group(group.id));
        group.or_else(|| self.user_by_login(full_path).map(|user| Namespace::User(user.id)))
    }

    pub(crate) fn namespace_by_id(&self, id: u64) -> Option<Namespace> {
        let group = self.groups.get(&GroupId(id)).map(|group| Namespace::Group(group.id));
        group.or_else(|| self.users.values().find(|user| user.namespace == id).map(|user| Namespace::User(user.id)))
    }

    /// Refuses a path that a group, user or project already has at this place (none: the root).
    pub(crate) fn check_free(&self, above: Option<Namespace>, path: &str) -> Result<(), ModelError> {
        let full = above.map_or_else(|| path.to_owned(), |above| format!("{}/{path}", self.namespace_path(above)));
        if self.namespace_by_path(&full).is_some() || self.project_by_path(&full).is_some() {
            return Err(ModelError::invalid("path", "has already been taken"));
        }
        Ok(())
    }

    /// Whether a project lies in the group or below it.
    pub(crate) fn is_in_group(&self, project: &Project, group: GroupId) -> bool {
        match project.namespace {
            Namespace::Group(id) => self.ancestry(id).any(|above| above.id == group),
            Namespace::User(_) => false,
        }
    }
}
