//! A server with one project, and the means to change it.

use std::path::Path;
use std::sync::Arc;

use git::Git;
use model::clock::ManualClock;
use sandbox::gitlab::model::{AccessLevel, GroupId, Model, NewUser, ProjectId, Scopes, UserId, Visibility};
use sandbox::gitlab::{Options, Server};
use tempfile::TempDir;

/// 20 November 2026, noon.
pub const NOON: i64 = 1_795_176_000_000;
pub const PASSWORD: &str = "correct-horse";

/// A server with the group `team`, its owner `olga`, and the private project `team/tool`.
pub struct Stage {
    pub server: Server,
    pub model: Arc<Model>,
    pub clock: Arc<ManualClock>,
    pub owner: UserId,
    pub group: GroupId,
    pub project: ProjectId,
    /// A personal access token of the owner, scope `api`.
    pub token: String,
    pub dir: TempDir,
}

pub async fn stage() -> Stage {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(NOON));
    let options = Options { clock: Arc::clone(&clock) as _, ..Options::new(dir.path().join("repositories")) };
    let server = Server::start(options).await.unwrap();
    let model = server.model();
    let owner = user(&model, "olga");
    let group = model.create_group("team", "Team", None, Visibility::Private, owner).unwrap();
    let project = model.create_project("team", "tool", "The Tool", Visibility::Private, owner).await.unwrap();
    let token = model.create_personal_token(owner, "test", Scopes::api(), None);
    Stage { server, model, clock, owner, group, project, token, dir }
}

pub fn user(model: &Model, login: &str) -> UserId {
    let (name, email) = (format!("User {login}"), format!("{login}@example.com"));
    let new = NewUser { login: login.to_owned(), name, email, password: PASSWORD.to_owned(), admin: false };
    model.create_user(new).unwrap()
}

impl Stage {
    /// Pushes a stream in process.
    pub async fn push(&self, stream: impl AsRef<[u8]>) {
        self.model.import(self.project, self.owner, stream.as_ref().to_vec()).await.unwrap();
    }

    /// The id of a revision.
    pub async fn id(&self, revision: &str) -> String {
        let found = self.model.repositories().resolve(self.project, revision).await.unwrap();
        found.unwrap_or_else(|| panic!("{revision} is not there"))
    }

    pub fn member(&self, login: &str, level: AccessLevel) -> UserId {
        let user = user(&self.model, login);
        self.model.add_member(self.group, user, level);
        user
    }

    /// The address of a project's repository with credentials.
    pub fn address(&self, path: &str, user: &str, password: &str) -> String {
        let host = self.server.url().strip_prefix("http://").unwrap();
        format!("http://{user}:{password}@{host}/{path}.git")
    }

    /// The address of `team/tool` for its owner.
    pub fn own_address(&self) -> String {
        self.address("team/tool", "oauth2", &self.token)
    }
}

/// A commit in a fast-import stream, one minute after `minute`.
pub fn commit(branch: &str, minute: i64, message: &str, parents: &[&str], files: &[(&str, &str)]) -> String {
    let at = NOON / 1000 - 86_400 + minute * 60;
    let mut text = format!("commit refs/heads/{branch}\n");
    text += &format!("author Aki <aki@example.com> {at} +0200\ncommitter Cem <cem@example.com> {at} +0200\n");
    text += &format!("data {}\n{message}\n", message.len());
    for (index, parent) in parents.iter().enumerate() {
        text += &format!("{} {parent}\n", if index == 0 { "from" } else { "merge" });
    }
    for (path, content) in files {
        text += &format!("M 100644 inline {path}\ndata {}\n{content}\n", content.len());
    }
    text + "\n"
}

/// Runs the real git, as a user's machine would.
pub async fn git(dir: &Path, arguments: &[&str]) -> Result<String, git::GitError> {
    let mut all = vec!["-C", dir.to_str().unwrap()];
    all.extend_from_slice(arguments);
    let mut command = Git::new().command(all).env("GIT_ALLOW_PROTOCOL", "http");
    for role in ["AUTHOR", "COMMITTER"] {
        command = command.env(&format!("GIT_{role}_NAME"), "Dev").env(&format!("GIT_{role}_EMAIL"), "dev@example.com");
    }
    command.text().await
}
