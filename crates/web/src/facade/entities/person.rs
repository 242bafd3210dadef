//! Users and organisations.

use model::{AccountKind, ForgeUser, Millis};
use serde_json::{Value, json};

use super::super::caller::Caller;
use super::{node_id, number, segment, time};
use crate::assets;
use crate::view::forge_links;

/// What GitHub calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonKind {
    /// A person, or a personal namespace.
    User,
    /// A group.
    Organization,
}

/// Whoever owns, writes or acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The log-in, or the group's path.
    pub login: String,
    /// The display name.
    pub name: String,
    /// Its id at the forge, as a number.
    pub id: i64,
    /// User or organisation.
    pub kind: PersonKind,
    /// A picture.
    pub avatar_url: Option<String>,
    /// Its page at the forge.
    pub web_url: Option<String>,
}

impl Person {
    /// A user of the forge.
    pub fn user(user: &ForgeUser) -> Self {
        Self {
            login: user.login.clone(),
            name: user.name.clone(),
            id: number(if user.forge_id.is_empty() { &user.login } else { &user.forge_id }),
            kind: PersonKind::User,
            avatar_url: user.avatar_url.clone(),
            web_url: user.web_url.clone(),
        }
    }

    /// A group or personal namespace of which only the path is known.
    pub fn namespace(login: &str) -> Self {
        Self {
            login: login.to_owned(),
            name: login.to_owned(),
            id: number(login),
            kind: PersonKind::Organization,
            avatar_url: None,
            web_url: None,
        }
    }

    /// The owner of repositories that an account imports; `login` as it is to be named.
    pub fn account(account: &store::Account, login: &str) -> Self {
        Self {
            name: account.name.clone(),
            id: number(&account.forge_id),
            kind: match account.kind {
                AccountKind::Group => PersonKind::Organization,
                AccountKind::User | AccountKind::Folder => PersonKind::User,
            },
            web_url: account.web_url.clone(),
            ..Self::namespace(login)
        }
    }

    /// The JSON of GitHub's simple user.
    pub fn json(&self, caller: &Caller) -> Value {
        let url = caller.api(&format!("/users/{}", segment(&self.login)));
        let picture = || caller.address().absolute(&assets::path("dovetail.svg"));
        let page = self.web_url.as_deref().and_then(forge_links::safe).map(str::to_owned);
        let html_url = page.unwrap_or_else(|| {
            let path = self.login.split('@').map(segment).collect::<Vec<_>>().join("/");
            format!("{}/{path}", caller.grant().host_url)
        });
        let kind = match self.kind {
            PersonKind::User => "User",
            PersonKind::Organization => "Organization",
        };
        json!({
            "login": self.login,
            "id": self.id,
            "node_id": node_id(kind, self.id),
            "avatar_url": self.avatar_url.as_deref().and_then(forge_links::safe).map_or_else(picture, str::to_owned),
            "gravatar_id": "",
            "url": url,
            "html_url": html_url,
            "followers_url": format!("{url}/followers"),
            "following_url": format!("{url}/following{{/other_user}}"),
            "gists_url": format!("{url}/gists{{/gist_id}}"),
            "starred_url": format!("{url}/starred{{/owner}}{{/repo}}"),
            "subscriptions_url": format!("{url}/subscriptions"),
            "organizations_url": format!("{url}/orgs"),
            "repos_url": format!("{url}/repos"),
            "events_url": format!("{url}/events{{/privacy}}"),
            "received_events_url": format!("{url}/received_events"),
            "type": kind,
            "site_admin": false,
        })
    }
}

/// The JSON of GitHub's public user: who that is, since when and until when it was seen to act, and how many repositories
/// of it the caller sees.
pub fn profile(caller: &Caller, person: &Person, repositories: i64, since: Millis, until: Millis) -> Value {
    let mut profile = person.json(caller);
    profile["name"] = json!(person.name);
    for nothing in ["company", "blog", "location", "email", "hireable", "bio"] {
        profile[nothing] = Value::Null;
    }
    for none in ["public_gists", "followers", "following"] {
        profile[none] = json!(0);
    }
    profile["public_repos"] = json!(repositories);
    profile["created_at"] = json!(time(since));
    profile["updated_at"] = json!(time(until));
    profile
}
