//! A Data Center, where commands are run and merge requests are linked, and a Cloud site that is told all development.

use sandbox::jira::model::devinfo::EntityKind;
use sandbox::jira::model::{DataKind, Model, NewUser, OAuthKeys, Permission};
use sandbox::jira::{Options, Server};
use serde_json::{Value, json};

use super::work::{Done, Expected, ISSUES, KEYS};
use crate::world::{Serve, ask};

/// As whom Dovetail acts.
const SERVICE_EMAIL: &str = "dovetail@example.com";

/// Two Jiras with the same issues.
pub struct Jiras {
    pub data_center: Server,
    pub cloud: Server,
    /// A personal access token of the Data Center, and an API token of Cloud.
    tokens: (String, String),
    keys: OAuthKeys,
}

impl Jiras {
    /// With somebody who has this e-mail.
    pub async fn new(email: &str) -> Self {
        let data_center = Server::start(Options::data_center()).await.unwrap();
        let cloud = Server::start(Options::cloud()).await.unwrap();
        let tokens = (fill(&data_center.model(), email), fill(&cloud.model(), email));
        let keys = cloud.model().create_oauth_client(&[DataKind::DevelopmentInformation]);
        Self { data_center, cloud, tokens, keys }
    }

    /// Adds both as sites; their ids.
    pub async fn add_to(&self, serve: &Serve, api_token: &str) -> [i64; 2] {
        let data_center =
            json!({ "kind": "data_center", "url": self.data_center.url(), "secret": self.tokens.0.as_str() });
        let cloud = json!({
            "kind": "cloud", "url": self.cloud.url(), "user": SERVICE_EMAIL, "secret": self.tokens.1.as_str(),
            "client_id": self.keys.client_id, "client_secret": self.keys.secret,
        });
        let mut ids = [0; 2];
        for (id, new) in ids.iter_mut().zip([data_center, cloud]) {
            let added = ask(serve, api_token, Some(new), "/api/v1/sites").await;
            assert_eq!(added["report"]["verdict"], json!("passed"), "{added:#}");
            *id = added["id"].as_i64().unwrap();
        }
        ids
    }

    /// How much both have.
    pub fn taken(&self) -> usize {
        let (here, there) = (self.data_center.model().totals(), self.cloud.model().totals());
        here.comments + here.worklogs + here.remote_links + there.entities
    }

    /// How many requests came that may write something.
    pub fn writes(&self, path: &str) -> usize {
        let logs = [self.data_center.requests().all(), self.cloud.requests().all()];
        logs.iter().flatten().filter(|it| it.method != "GET" && it.path.contains(path)).count()
    }

    /// What they have.
    pub fn have(&self) -> Expected {
        let mut have = Expected::default();
        let (here, there) = (self.data_center.model(), self.cloud.model());
        for number in 1..=ISSUES {
            let key = format!("{KEYS}-{number}");
            have.comments.extend(here.comments(&key).iter().map(|comment| {
                let text = comment.body.lines().next().unwrap_or_default().to_owned();
                done(&key, &comment.body, text)
            }));
            let worklogs = here.worklogs(&key);
            have.worklogs.extend(worklogs.iter().map(|it| done(&key, &it.comment, (it.seconds, it.started))));
            let title = |object: &Value| object["title"].as_str().unwrap_or_default().to_owned();
            have.links.extend(here.remote_links(&key).iter().map(|it| (key.clone(), title(&it.content.object))));
            have.development(&there, &key);
        }
        have.sorted()
    }
}

/// The issues, an administrator with all permissions, and somebody else. Answers a token of the administrator.
fn fill(model: &Model, email: &str) -> String {
    let user = |login: &str, email: &str, admin| NewUser {
        login: login.to_owned(),
        name: login.to_owned(),
        email: email.to_owned(),
        password: "password".to_owned(),
        admin,
    };
    let service = model.create_user(user("dovetail", SERVICE_EMAIL, true)).unwrap();
    model.create_user(user("author", email, false)).unwrap();
    let project = model.provide_issues(KEYS, ISSUES).unwrap();
    model.allow_only(project, service, &Permission::ALL);
    model.create_token(service, None)
}

/// What was done, with the mark that its text ends with.
fn done<T>(key: &str, text: &str, what: T) -> Done<T> {
    let begin = text.rfind("commit ").filter(|begin| text[*begin..].contains("(command")).unwrap_or(0);
    let end = text[begin..].find(')').map_or(text.len(), |end| begin + end + 1);
    (key.to_owned(), text[begin..end].to_owned(), what)
}

impl Expected {
    fn development(&mut self, model: &Model, key: &str) {
        for entity in model.development(key) {
            let text = |field: &str| entity.body[field].as_str().unwrap_or_default().to_owned();
            let (kind, id, says) = match entity.kind {
                EntityKind::Commit => ("commit", entity.id.clone(), text("message")),
                EntityKind::Branch => ("branch", text("name"), text("name")),
                EntityKind::PullRequest => ("pull request", entity.id.clone(), text("title")),
            };
            let repository = model.development_repository(&entity.repository).unwrap();
            let path = repository.body["name"].as_str().unwrap_or_default().to_owned();
            let is_new = self.entities.insert((path, kind, id.clone(), says, key.to_owned()));
            assert!(is_new, "{key} has the {kind} {id} twice");
        }
    }
}
