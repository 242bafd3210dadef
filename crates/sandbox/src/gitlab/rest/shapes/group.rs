//! Groups and namespaces.

use serde_json::{Value, json};

use super::{Lens, time};
use crate::gitlab::model::{Group, Namespace};

impl Lens<'_> {
    /// A group.
    pub(crate) fn group(self, group: &Group) -> Value {
        json!({
            "id": group.id,
            "web_url": format!("{}/groups/{}", self.url, self.state.group_path(group.id)),
            "name": group.name,
            "path": group.path,
            "description": group.description,
            "visibility": group.visibility,
            "share_with_group_lock": false,
            "require_two_factor_authentication": false,
            "two_factor_grace_period": 48,
            "project_creation_level": "developer",
            "auto_devops_enabled": null,
            "subgroup_creation_level": "maintainer",
            "emails_disabled": false,
            "emails_enabled": true,
            "mentions_disabled": null,
            "lfs_enabled": true,
            "archived": false,
            "avatar_url": null,
            "request_access_enabled": true,
            "full_name": self.state.group_name(group.id),
            "full_path": self.state.group_path(group.id),
            "created_at": time(group.created_at),
            "parent_id": group.parent,
            "organization_id": 1,
        })
    }

    /// A namespace, as in a project and in `/namespaces`.
    pub(crate) fn namespace(self, namespace: Namespace) -> Value {
        let full_path = self.state.namespace_path(namespace);
        match namespace {
            Namespace::Group(id) => self.state.groups.get(&id).map_or(Value::Null, |group| {
                json!({
                    "id": id,
                    "name": group.name,
                    "path": group.path,
                    "kind": "group",
                    "full_path": full_path,
                    "parent_id": group.parent,
                    "avatar_url": null,
                    "web_url": format!("{}/groups/{full_path}", self.url),
                })
            }),
            Namespace::User(id) => self.state.users.get(&id).map_or(Value::Null, |user| {
                json!({
                    "id": user.namespace,
                    "name": user.name,
                    "path": user.login,
                    "kind": "user",
                    "full_path": full_path,
                    "parent_id": null,
                    "avatar_url": self.avatar(user),
                    "web_url": format!("{}/{full_path}", self.url),
                })
            }),
        }
    }
}
