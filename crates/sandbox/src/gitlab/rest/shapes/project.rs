//! Projects.

use serde_json::{Value, json};

use super::user::merge;
use super::{Lens, time};
use crate::gitlab::model::{AccessLevel, Namespace, Place, Project};

impl Lens<'_> {
    /// The page of a project.
    pub(crate) fn project_url(self, project: &Project) -> String {
        format!("{}/{}", self.url, self.state.project_path(project))
    }

    /// A project in its short form (`simple=true`). What belongs to the code is absent for who may not read it.
    pub(crate) fn project_simple(self, project: &Project) -> Value {
        let path = self.state.project_path(project);
        let namespace_name = self.state.namespace_name(project.namespace);
        let mut shape = json!({
            "id": project.id,
            "description": project.description,
            "name": project.name,
            "name_with_namespace": format!("{namespace_name} / {}", project.name),
            "path": project.path,
            "path_with_namespace": path,
            "created_at": time(project.created_at),
            "tag_list": project.topics,
            "topics": project.topics,
            "ssh_url_to_repo": self.ssh_url(&path),
            "http_url_to_repo": format!("{}/{path}.git", self.url),
            "web_url": format!("{}/{path}", self.url),
            "avatar_url": null,
            "star_count": 0,
            "last_activity_at": time(project.last_activity_at),
            "visibility": project.visibility,
            "namespace": self.namespace(project.namespace),
        });
        if self.state.can_read_code(self.viewer, project) {
            let forks = self.state.projects.values().filter(|fork| fork.forked_from == Some(project.id)).count();
            let code = json!({ "default_branch": project.default_branch, "readme_url": null, "forks_count": forks });
            merge(&mut shape, code);
        }
        shape
    }

    /// A project in full.
    pub(crate) fn project(self, project: &Project) -> Value {
        let mut shape = self.project_simple(project);
        let merge_requests = if project.merge_requests_enabled { "enabled" } else { "disabled" };
        let repository = if project.repository_enabled { "enabled" } else { "disabled" };
        let more = json!({
            "archived": project.archived,
            "empty_repo": project.default_branch.is_none(),
            "creator_id": project.creator,
            "repository_access_level": repository,
            "merge_requests_access_level": merge_requests,
            "merge_requests_enabled": project.merge_requests_enabled,
            "shared_with_groups": self.shares(project),
            "_links": { "self": format!("{}/api/v4/projects/{}", self.url, project.id) },
        });
        merge(&mut shape, more);
        merge(&mut shape, unused());
        if let Some(parent) = project.forked_from.and_then(|id| self.state.projects.get(&id)) {
            shape["forked_from_project"] = self.project_simple(parent);
        }
        if self.viewer.is_some() {
            shape["permissions"] = self.permissions(project);
        }
        shape
    }

    fn shares(self, project: &Project) -> Vec<Value> {
        let share = |(group, level): &(_, AccessLevel)| {
            let group = self.state.groups.get(group)?;
            Some(json!({
                "group_id": group.id,
                "group_name": group.name,
                "group_full_path": self.state.group_path(group.id),
                "group_access_level": level.number(),
                "expires_at": null,
            }))
        };
        project.shared_with.iter().filter_map(share).collect()
    }

    fn permissions(self, project: &Project) -> Value {
        let direct = self.viewer.and_then(|user| self.state.members.get(&(Place::Project(project.id), user)).copied());
        let inherited = match project.namespace {
            Namespace::Group(group) => self.viewer.and_then(|user| self.state.group_membership(user, group)),
            Namespace::User(owner) => (self.viewer == Some(owner)).then_some(AccessLevel::Owner),
        };
        let access = |level: Option<AccessLevel>| {
            level.map_or(Value::Null, |level| json!({ "access_level": level.number(), "notification_level": 3 }))
        };
        json!({ "project_access": access(direct), "group_access": access(inherited) })
    }

    /// The address for git over SSH; nothing listens there.
    pub(crate) fn ssh_url(self, path: &str) -> String {
        let host = url::Url::parse(self.url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        format!("git@{host}:{path}.git")
    }
}

/// The fields of what is the same for every project of the sandbox.
fn unused() -> Value {
    json!({
        "issues_enabled": true,
        "issues_access_level": "enabled",
        "jobs_enabled": false,
        "wiki_enabled": false,
        "snippets_enabled": false,
        "container_registry_enabled": false,
        "import_status": "none",
        "open_issues_count": 0,
        "merge_method": "merge",
        "squash_option": "default_off",
        "marked_for_deletion_on": null,
        "marked_for_deletion_at": null,
    })
}
