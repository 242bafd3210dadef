//! Who somebody is, as pages show them.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::calls::Kind;
use super::egit::{GitHubClient, User};

/// How long an answer is good.
const KEPT: Duration = Duration::from_secs(30 * 60);
/// The face of those whom nobody knows.
const UNKNOWN_FACE: &str = "https://secure.gravatar.com/avatar/unknown?d=mm";

/// Somebody as Jira shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JiraUser {
    /// Their login; of those whom the host does not know, what git keeps.
    pub login: String,
    /// Their name.
    pub name: String,
    /// Their picture.
    pub avatar: String,
    /// Whether the host knows them.
    pub known: bool,
}

/// The answers of the last half hour.
#[derive(Debug, Default)]
pub(super) struct Users(HashMap<String, (Instant, JiraUser)>);

impl Users {
    /// Looks somebody up; with no answer in two seconds they are unknown.
    pub(super) async fn find(&mut self, client: &GitHubClient, login: &str) -> JiraUser {
        if let Some((_, user)) = self.0.get(login).filter(|(at, _)| at.elapsed() < KEPT) {
            return user.clone();
        }
        let answer = client.for_users().get::<User>(Kind::User, &format!("/users/{login}")).await;
        let user = answer.ok().and_then(|reply| reply.body).and_then(known).unwrap_or_else(|| unknown(login));
        self.0.insert(login.to_owned(), (Instant::now(), user.clone()));
        user
    }
}

/// Whose token it is; none where the host does not say.
pub(super) async fn token_owner(client: &GitHubClient) -> Option<JiraUser> {
    client.for_users().get::<User>(Kind::TokenOwner, "/user").await.ok()?.body.and_then(known)
}

fn known(user: User) -> Option<JiraUser> {
    let login = user.login?;
    let avatar = user.avatar_url.unwrap_or_else(|| UNKNOWN_FACE.to_owned());
    Some(JiraUser { name: user.name.unwrap_or_else(|| login.clone()), login, avatar, known: true })
}

fn unknown(login: &str) -> JiraUser {
    JiraUser { login: login.to_owned(), name: login.to_owned(), avatar: UNKNOWN_FACE.to_owned(), known: false }
}
