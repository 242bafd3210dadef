//! Projects.

use serde_json::{Value, json};

use super::user::avatars;
use super::{Deployment, Lens};
use crate::jira::model::ProjectId;

impl Lens<'_> {
    /// A project; with `projectKeys` in `expand` all keys that it has and had.
    pub(crate) fn project(self, id: ProjectId, expand: &[&str]) -> Value {
        let Some(project) = self.state.projects.get(&id) else { return Value::Null };
        let mut shape = json!({
            "expand": "description,lead,url,projectKeys",
            "self": self.address(&format!("/project/{id}")),
            "id": id.to_string(),
            "key": project.key,
            "name": project.name,
            "avatarUrls": avatars(self.url),
            "projectTypeKey": "software",
        });
        match self.deployment {
            Deployment::DataCenter => shape["archived"] = json!(false),
            Deployment::Cloud => {
                shape["simplified"] = json!(false);
                shape["style"] = json!("classic");
                shape["isPrivate"] = json!(false);
            }
        }
        if expand.contains(&"projectKeys") {
            let keys = std::iter::once(&project.key).chain(&project.former_keys);
            shape["projectKeys"] = keys.map(|key| json!(key)).collect();
        }
        shape
    }
}
