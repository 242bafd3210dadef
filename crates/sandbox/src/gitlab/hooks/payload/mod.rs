//! The bodies of hook calls, and the shapes that they share.

mod merge_request;
mod note;
mod push;
mod system;

use jiff::Timestamp;
use model::Millis;
use serde_json::{Value, json};

use crate::gitlab::model::{Action, FieldChange, Model, Namespace, Project, ProjectId, UserId};
use crate::gitlab::repositories::{CommitRow, RepositoryError};

/// What happened to a merge request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change<'a> {
    pub(super) action: Action,
    /// The fields that changed.
    pub(super) changes: &'a [FieldChange],
    /// The head before a push.
    pub(super) oldrev: Option<&'a str>,
    /// What GitLab did by itself.
    pub(super) system_action: Option<&'static str>,
}

/// Renders what is true now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payloads<'a> {
    pub(super) model: &'a Model,
    /// The server's address, without a trailing slash.
    pub(super) url: &'a str,
}

impl Payloads<'_> {
    /// A project, with the deprecated keys that GitLab still sends.
    async fn project(&self, project: &Project) -> Result<Value, RepositoryError> {
        let (web, path) = (self.web_url(project.id), self.model.project_path(project.id));
        let ssh = self.ssh_url(&path);
        Ok(json!({
            "id": project.id,
            "name": project.name,
            "description": project.description,
            "web_url": web,
            "avatar_url": null,
            "git_ssh_url": ssh,
            "git_http_url": format!("{web}.git"),
            "namespace": self.namespace_name(project),
            "visibility_level": project.visibility.number(),
            "path_with_namespace": path,
            "default_branch": self.model.repositories().default_branch(project.id).await?,
            "ci_config_path": null,
            "homepage": web,
            "url": ssh,
            "ssh_url": ssh,
            "http_url": format!("{web}.git"),
        }))
    }

    /// The deprecated short form of a project.
    fn repository(&self, project: &Project) -> Value {
        let path = self.model.project_path(project.id);
        json!({
            "name": project.name,
            "url": self.ssh_url(&path),
            "description": project.description,
            "homepage": self.web_url(project.id),
        })
    }

    fn user(&self, id: UserId) -> Value {
        self.model.user(id).map_or(Value::Null, |user| {
            let (name, login) = (user.name, user.login);
            json!({ "id": id, "name": name, "username": login, "avatar_url": null, "email": "[REDACTED]" })
        })
    }

    fn commit(&self, project: ProjectId, commit: &CommitRow) -> Value {
        json!({
            "id": commit.id,
            "message": commit.message,
            "title": commit.title(),
            "timestamp": commit.committer.xmlschema(),
            "url": format!("{}/-/commit/{}", self.web_url(project), commit.id),
            "author": { "name": commit.author.name, "email": commit.author.email },
        })
    }

    fn web_url(&self, project: ProjectId) -> String {
        format!("{}/{}", self.url, self.model.project_path(project))
    }

    fn ssh_url(&self, path: &str) -> String {
        let host = url::Url::parse(self.url).ok().and_then(|url| url.host_str().map(str::to_owned));
        format!("git@{}:{path}.git", host.unwrap_or_default())
    }

    /// The display name of the namespace, not its path (GitLab contract §7.7).
    fn namespace_name(&self, project: &Project) -> String {
        match project.namespace {
            Namespace::Group(id) => self.model.group(id).map(|group| group.name),
            Namespace::User(id) => self.model.user(id).map(|user| user.name),
        }
        .unwrap_or_default()
    }
}

/// A time of the database as hooks write it: `2026-01-16 05:56:22 UTC`.
fn database_time(at: Millis) -> String {
    let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_are_spelled_as_gitlab_spells_them() {
        assert_eq!(super::database_time(1_768_542_982_123), "2026-01-16 05:56:22 UTC");
    }
}
