//! The projects of an account, and where git reads them.

use std::cmp::Reverse;
use std::collections::HashSet;

use model::text::plain;
use model::{AccountKind, ForgeAccount, ForgeRepository};
use url::Url;

use crate::address::{below, page};
use crate::gitlab::client::Client;
use crate::gitlab::shapes;
use crate::timestamp;
use crate::{Auth, ForgeError, Problem, Survey, Unreadable};

/// Lists by id, so that no activity moves a project between two pages; without projects shared from elsewhere, and only
/// those the user is a member of (GitLab contract §5.4: otherwise every public project of the group comes along).
///
/// The level is 10 (guest), not 20 (reporter): guests read the code of public and internal projects. Who cannot read the
/// code of a private one is told apart by what GitLab leaves out of the answer ([`readable`]).
const OF_MEMBERS: &str = "min_access_level=10&order_by=id&sort=asc&per_page=100";
const OF_GROUP: &str = "include_subgroups=true&with_shared=false";
/// Every project that the user is a member of, in the short form, which leaves out the same for who may not read code.
/// GitLabs that know no keysets there answer by pages.
const OF_USER: &str = "membership=true&simple=true&pagination=keyset&order_by=id&sort=asc&per_page=100";

impl Client {
    /// Every project of the account whose code the user can read, newest activity first.
    pub async fn repositories(&self, account: &ForgeAccount) -> Result<Vec<ForgeRepository>, ForgeError> {
        Ok(self.survey(account).await?.repositories)
    }

    /// As [`Client::repositories`], with what cannot be read, and why.
    pub async fn survey(&self, account: &ForgeAccount) -> Result<Survey, ForgeError> {
        let (kind, query) = match account.kind {
            AccountKind::Group => ("groups", format!("{OF_GROUP}&{OF_MEMBERS}")),
            AccountKind::User => ("users", OF_MEMBERS.to_owned()),
            AccountKind::Folder => return Err(Problem::NotFound.into()),
        };
        let projects: Vec<shapes::Project> = self.all(&[kind, &account.forge_id, "projects"], &query).await?;
        let mut seen = HashSet::new();
        let mut found = Survey::default();
        for project in projects {
            if !lies_below(&project.path_with_namespace, &account.path) || !seen.insert(project.id.clone()) {
                continue;
            }
            if !readable(&project) {
                found.unreadable.push((plain(&project.path_with_namespace), why_unreadable(&project)));
                continue;
            }
            if project.merge_requests_enabled == Some(false) {
                found.without_merge_requests.push(plain(&project.path_with_namespace));
            }
            found.repositories.push(repository(project));
        }
        found.repositories.sort_by_key(|repository| Reverse(repository.last_activity_at));
        Ok(found)
    }

    /// The ids of the projects that the user is a member of (direct, inherited, by shares) and whose code they may read: from
    /// Reporter on; as a Guest only where everybody may (GitLab contract §3, §5.4). An administrator sees more, and gets
    /// no more.
    pub async fn member_repositories(&self) -> Result<Vec<String>, ForgeError> {
        let projects: Vec<shapes::Project> = self.all(&["projects"], OF_USER).await?;
        Ok(projects.into_iter().filter(readable).map(|project| project.id.0).collect())
    }

    /// Where git reads a project. The address is made of the host's own and the project's path; what GitLab says must at
    /// least be on the same server, for the token goes there (engine §1).
    pub fn git_remote(&self, repository: &ForgeRepository) -> Result<git::Remote, ForgeError> {
        if !repository.git_url.is_empty() {
            let said = Url::parse(&repository.git_url).map(|url| url.origin());
            if said.as_ref().ok() != Some(&self.root().origin()) {
                let origin = said.map(|origin| origin.unicode_serialization()).unwrap_or_default();
                return Err(Problem::ForeignGitUrl { origin: plain(&origin) }.into());
            }
        }
        let path = format!("{}.git", repository.path);
        let segments: Vec<&str> = path.split('/').collect();
        let url = below(self.root(), segments.iter());
        let username = if matches!(self.auth(), Auth::None) { String::new() } else { "oauth2".to_owned() };
        let remote = git::HttpRemote { url, username, password: self.secret(), client: self.http().clone() };
        Ok(git::Remote::Http(remote))
    }
}

/// GitLab leaves both fields out for callers who may not read code (GitLab contract §5.4).
fn readable(project: &shapes::Project) -> bool {
    project.default_branch.is_some() || project.forks_count.is_some()
}

fn why_unreadable(project: &shapes::Project) -> Unreadable {
    match project.repository_access_level.as_deref() {
        Some("disabled") => Unreadable::SwitchedOff,
        _ => Unreadable::Role,
    }
}

/// Old versions ignore `with_shared`.
fn lies_below(path: &str, account: &str) -> bool {
    let head = path.get(..account.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(account)) && path[account.len()..].starts_with('/')
}

fn repository(project: shapes::Project) -> ForgeRepository {
    let path = plain(&project.path_with_namespace);
    ForgeRepository {
        forge_id: project.id.0,
        name: if project.name.is_empty() { path.clone() } else { plain(&project.name) },
        path,
        web_url: page(project.web_url.as_deref()),
        git_url: plain(&project.http_url_to_repo),
        empty: project.empty_repo.unwrap_or(project.default_branch == Some(None)),
        default_branch: project.default_branch.flatten().map(|branch| plain(&branch)),
        fork_of: project.forked_from_project.map(|origin| origin.id.0),
        archived: project.archived,
        last_activity_at: timestamp::optional(project.last_activity_at.as_deref()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_lies_below_its_account_only_as_a_whole_segment() {
        assert!(lies_below("Platform/api", "platform"));
        assert!(lies_below("platform/backend/api", "platform/backend"));
        assert!(!lies_below("platform-two/api", "platform"));
        assert!(!lies_below("platform", "platform"));
        assert!(!lies_below("other/platform/api", "platform"));
        assert!(!lies_below("é", "x"));
    }
}
