//! What system hooks alone are told: projects and groups as a whole, and anything in a repository (GitLab contract §7.7).

use serde_json::{Value, json};

use super::Payloads;
use crate::gitlab::model::{AccessLevel, Group, Namespace, Place, Project, ProjectEvent, ProjectId, RefChange, UserId};
use crate::gitlab::repositories::RepositoryError;
use crate::gitlab::rest::shapes::time;

impl Payloads<'_> {
    /// The body for something that happened to a project as a whole.
    pub(in crate::gitlab::hooks) fn project_event(
        &self,
        what: ProjectEvent,
        project: &Project,
        (path, old_path): (&str, Option<&str>),
    ) -> Value {
        let owners = self.owners(project);
        let owner = match project.namespace {
            Namespace::User(id) => self.model.user(id).map(|user| (user.name, user.email)),
            Namespace::Group(id) => self.model.group(id).map(|group| (group.name, String::new())),
        };
        let (owner_name, owner_email) = owner.unwrap_or_default();
        let namespace = match project.namespace {
            Namespace::User(id) => self.model.user(id).map(|user| user.namespace),
            Namespace::Group(id) => Some(id.0),
        };
        let mut body = json!({
            "event_name": what.as_str(),
            "created_at": time(project.created_at),
            "updated_at": time(self.model.now()),
            "name": project.name,
            "path": project.path,
            "path_with_namespace": path,
            "project_id": project.id,
            "project_namespace_id": namespace,
            "project_visibility": project.visibility,
            "owner_name": owner_name,
            "owner_email": owner_email,
            "owners": owners,
        });
        if let Some(old_path) = old_path {
            body["old_path_with_namespace"] = json!(old_path);
        }
        body
    }

    fn owners(&self, project: &Project) -> Vec<Value> {
        self.model.read(|state| {
            let owns = |id: &UserId| match project.namespace {
                Namespace::User(owner) => *id == owner,
                Namespace::Group(group) => state
                    .ancestry(group)
                    .any(|above| state.members.get(&(Place::Group(above.id), *id)) == Some(&AccessLevel::Owner)),
            };
            let owners = state.users.values().filter(|user| owns(&user.id));
            owners.map(|user| json!({ "name": user.name, "email": user.email })).collect()
        })
    }

    /// The body for a group that has another path.
    pub(in crate::gitlab::hooks) fn group_renamed(
        &self,
        group: &Group,
        full_path: &str,
        (old_path, old_full_path): (&str, &str),
    ) -> Value {
        json!({
            "event_name": "group_rename",
            "created_at": time(group.created_at),
            "updated_at": time(self.model.now()),
            "name": group.name,
            "path": group.path,
            "full_path": full_path,
            "group_id": group.id,
            "old_path": old_path,
            "old_full_path": old_full_path,
        })
    }

    /// The body for a push as a whole, however many refs it changed.
    pub(in crate::gitlab::hooks) async fn repository_update(
        &self,
        project: ProjectId,
        user: UserId,
        changes: &[RefChange],
    ) -> Result<Value, RepositoryError> {
        let (Some(project), Some(user)) = (self.model.project(project), self.model.user(user)) else {
            return Err(RepositoryError::Missing("project or user of a push".to_owned()));
        };
        let change = |change: &RefChange| {
            let zero = "0".repeat(change.after.as_ref().or(change.before.as_ref()).map_or(40, String::len));
            json!({
                "before": change.before.as_ref().unwrap_or(&zero),
                "after": change.after.as_ref().unwrap_or(&zero),
                "ref": change.name,
            })
        };
        Ok(json!({
            "event_name": "repository_update",
            "user_id": user.id,
            "user_name": user.name,
            "user_email": "",
            "user_avatar": null,
            "project_id": project.id,
            "project": self.project(&project).await?,
            "changes": changes.iter().map(change).collect::<Vec<_>>(),
            "refs": changes.iter().map(|change| change.name.as_str()).collect::<Vec<_>>(),
        }))
    }
}
