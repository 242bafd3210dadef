//! A GitLab with a group, and clients of it.

use std::sync::Arc;

use forge::{Auth, ClientOptions, Forge};
use model::clock::ManualClock;
use model::{Clock, ForgeAccount, HostKind, Millis};
use sandbox::gitlab::model::{AccessLevel, GroupId, NewUser, ProjectId, Scopes, UserId, Visibility};
use sandbox::gitlab::{Options, Server};

/// 2024-03-01T12:00:00Z, by both clocks.
pub const NOW: Millis = 1_709_294_400_000;

/// A GitLab with the group `platform`, its subgroup `backend`, and Anna, who is Maintainer of the group.
pub struct Place {
    pub server: Server,
    pub clock: Arc<ManualClock>,
    pub anna: UserId,
    pub root: UserId,
    pub group: GroupId,
    pub token: String,
    _folder: tempfile::TempDir,
}

impl Place {
    /// A new place.
    pub async fn new() -> Self {
        let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::new(ManualClock::new(NOW)));
        let options = Options { clock: Arc::clone(&clock) as Arc<dyn Clock>, ..Options::new(folder.path().to_owned()) };
        let server = Server::start(options).await.unwrap();
        let model = server.model();
        let root = model.create_user(user("root", true)).unwrap();
        let anna = model.create_user(user("anna", false)).unwrap();
        let group = model.create_group("platform", "Platform", None, Visibility::Private, root).unwrap();
        model.create_group("backend", "Backend", Some(group), Visibility::Private, root).unwrap();
        model.add_member(group, anna, AccessLevel::Maintainer);
        let token = model.create_personal_token(anna, "dovetail", Scopes::api(), None);
        Self { server, clock, anna, root, group, token, _folder: folder }
    }

    /// A private project.
    pub async fn project(&self, namespace: &str, path: &str) -> ProjectId {
        self.server.model().create_project(namespace, path, path, Visibility::Private, self.root).await.unwrap()
    }

    /// Pushes what `git fast-import` reads, as Anna.
    pub async fn push(&self, project: ProjectId, history: String) {
        self.server.model().import(project, self.anna, history.into_bytes()).await.unwrap();
    }

    /// A client with Anna's token.
    pub fn client(&self) -> Box<dyn Forge> {
        self.client_with(Auth::Token(self.token.clone().into()))
    }

    /// A client with whatever lets us in.
    pub fn client_with(&self, auth: Auth) -> Box<dyn Forge> {
        let (kind, url) = (HostKind::Gitlab, self.server.url().to_owned());
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        forge::client(ClientOptions { kind, url, auth, http: http(), clock }).unwrap()
    }

    /// The group as an account.
    pub async fn platform(&self) -> ForgeAccount {
        self.client().account("platform").await.unwrap()
    }

    /// The paths of its projects, as Anna's client tells them.
    pub async fn paths(&self) -> Vec<String> {
        let found = self.client().repositories(&self.platform().await).await.unwrap();
        found.into_iter().map(|repository| repository.path).collect()
    }
}

/// Someone new.
pub fn user(login: &str, admin: bool) -> NewUser {
    let (name, email) = (login.to_uppercase(), format!("{login}@example.com"));
    NewUser { login: login.into(), name, email, password: "correct horse".into(), admin }
}

/// A client that trusts what the system trusts.
pub fn http() -> net::Client {
    net::HttpFactory::new(net::Network::default()).unwrap().client()
}

/// A branch of `count` commits, each one minute after the other; the first starts at `from` where there is one.
pub fn history(branch: &str, from: Option<&str>, count: usize) -> String {
    let mut stream = String::new();
    for number in 0..count {
        let (at, message) = (NOW / 1000 - 86_400 + number as i64 * 60, format!("PLAT-{} on {branch}\n", number + 1));
        stream += &format!("commit refs/heads/{branch}\ncommitter Anna <anna@example.com> {at} +0100\n");
        stream += &format!("data {}\n{message}", message.len());
        if let (0, Some(from)) = (number, from) {
            stream += &format!("from {from}\n");
        }
        let text = format!("{number}\n");
        stream += &format!("M 100644 inline {branch}-{number}.txt\ndata {}\n{text}\n", text.len());
    }
    stream
}
