//! Which repositories an account has.

use std::collections::BTreeMap;

use super::calls::Kind;
use super::egit::{ApiError, GitHubClient, Missing, Repository};
use super::sentences::Words;

/// A repository of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) fork: bool,
    /// Owner and name of what it is a fork of.
    pub(super) fork_of: Option<String>,
}

/// Why there is no list: what Jira says, and what its log says.
#[derive(Debug)]
pub(super) struct NoList {
    pub(super) words: Words,
    pub(super) log: String,
}

impl From<ApiError> for NoList {
    fn from(error: ApiError) -> Self {
        let words = if error.is(401) { Words::InvalidCredentials } else { Words::NoList };
        Self { words, log: error.to_string() }
    }
}

impl From<Missing> for NoList {
    fn from(missing: Missing) -> Self {
        Self { words: Words::NoList, log: missing.to_string() }
    }
}

/// Asks three lists, one after the other, and keeps what the account owns, by name; the first of a name wins. Forks that are not
/// known yet are asked for one by one where the list does not say of what.
pub(super) async fn list(
    client: &GitHubClient,
    account: &str,
    is_known: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, Found>, NoList> {
    let mut all: Vec<Repository> = Vec::new();
    // An account that is no organisation has none: every error means that.
    let organisation = format!("/orgs/{account}/repos");
    all.extend(client.pages(Kind::OrganisationRepositories, &organisation, 100).all().await.unwrap_or_default());
    all.extend(client.pages(Kind::UserRepositories, &format!("/users/{account}/repos"), 100).all().await?);
    all.extend(client.pages(Kind::OwnRepositories, "/user/repos", 100).all().await?);
    let mut found = BTreeMap::new();
    for repository in all {
        if !repository.owner_login()?.eq_ignore_ascii_case(account) {
            continue;
        }
        let name = repository.name.clone().ok_or(Missing("name"))?;
        if found.contains_key(&name) {
            continue;
        }
        let fork_of = match &repository.parent {
            _ if !repository.fork => None,
            Some(parent) => Some(parent_name(parent)?),
            None if is_known(&name) => None,
            None => Some(parent_of(client, account, &name).await?),
        };
        found.insert(name, Found { fork: repository.fork, fork_of });
    }
    Ok(found)
}

async fn parent_of(client: &GitHubClient, account: &str, name: &str) -> Result<String, NoList> {
    let reply = client.get::<Repository>(Kind::Repository, &format!("/repos/{account}/{name}")).await?;
    let repository = reply.body.ok_or(Missing("repository"))?;
    Ok(parent_name(repository.parent.as_deref().ok_or(Missing("parent"))?)?)
}

fn parent_name(parent: &Repository) -> Result<String, Missing> {
    parent.html_url.as_ref().ok_or(Missing("parent.html_url"))?;
    let name = parent.name.as_ref().ok_or(Missing("parent.name"))?;
    Ok(format!("{}/{name}", parent.owner_login()?))
}
