//! The repositories of an account, and where git reads them.

use std::cmp::Reverse;
use std::collections::HashSet;

use futures::{StreamExt as _, TryStreamExt as _};
use model::text::plain;
use model::{AccountKind, ForgeAccount, ForgeRepository};
use url::Url;

use crate::address::{below, page};
use crate::github::client::{Client, absent_is_none, server_of};
use crate::github::paging::PER_PAGE;
use crate::github::place::{Place, decoded, is_number};
use crate::github::shapes;
use crate::{Auth, ForgeError, Problem, timestamp};

/// Lists by name, so that no activity moves a repository between two pages.
const OF_ORGANISATION: &str = "type=all&sort=full_name&direction=asc&per_page=100";
/// How many questions for the origin of a fork are on their way at the same time.
const AT_ONCE: usize = 4;

impl Client {
    /// Every repository of the account that the user belongs to, newest activity first.
    pub async fn repositories(&self, account: &ForgeAccount) -> Result<Vec<ForgeRepository>, ForgeError> {
        let by_id = is_number(&account.forge_id);
        let listed = match account.kind {
            AccountKind::Folder => return Err(Problem::NotFound.into()),
            _ if !by_id => self.of_copy(&account.path).await?,
            AccountKind::Group => self.of_organisation(&account.path).await?,
            AccountKind::User => self.of_member().await?.items,
        };
        let mut seen = HashSet::new();
        let mut repositories = Vec::new();
        for told in listed {
            let is_of_account = told.owner.login().eq_ignore_ascii_case(&account.path);
            let Some(id) = id_of(&told, by_id).filter(|_| is_of_account) else { continue };
            if seen.insert(id.clone()) {
                repositories.push(self.repository(id, told));
            }
        }
        let mut repositories = self.with_origins(repositories).await?;
        repositories.sort_by_key(|repository| Reverse(repository.last_activity_at));
        Ok(repositories)
    }

    /// As Jira asks: both lists, of which GitLab's copy leaves one empty, and the first of a name wins.
    async fn of_copy(&self, name: &str) -> Result<Vec<shapes::Repository>, ForgeError> {
        let listed = absent_is_none(self.all(&["orgs", name, "repos"], PER_PAGE).await)?.unwrap_or_default();
        let others = self.all(&["users", name, "repos"], PER_PAGE).await;
        // Whoever tells an organisation from a person has one of the lists only.
        let others = if listed.is_empty() { others? } else { absent_is_none(others)?.unwrap_or_default() };
        Ok(listed.into_iter().chain(others).collect())
    }

    /// Of an organisation's list those that the user belongs to: what only members see, what he may change, and of the
    /// public rest what GitHub counts as his.
    async fn of_organisation(&self, name: &str) -> Result<Vec<shapes::Repository>, ForgeError> {
        let listed: Vec<shapes::Repository> = self.all(&["orgs", name, "repos"], OF_ORGANISATION).await?;
        if listed.iter().all(is_surely_of_member) {
            return Ok(listed);
        }
        let mine: HashSet<String> = self.member_repositories().await?.into_iter().collect();
        let is_mine = |told: &shapes::Repository| id_of(told, true).is_some_and(|id| mine.contains(&id));
        Ok(listed.into_iter().filter(|told| is_surely_of_member(told) || is_mine(told)).collect())
    }

    /// A list does not say where a fork came from.
    async fn with_origins(&self, listed: Vec<(ForgeRepository, bool)>) -> Result<Vec<ForgeRepository>, ForgeError> {
        let asked = futures::stream::iter(listed).map(|(repository, ask)| async move {
            let fork_of = match ask {
                true => self.origin(&repository.forge_id).await?,
                false => repository.fork_of.clone(),
            };
            Ok(ForgeRepository { fork_of, ..repository })
        });
        asked.buffered(AT_ONCE).try_collect().await
    }

    /// None where the origin is gone or hidden.
    async fn origin(&self, id: &str) -> Result<Option<String>, ForgeError> {
        let Some(answer) = self.optional(&Place::of(id)?.segments(&[]), "").await? else { return Ok(None) };
        let told: shapes::Repository = answer.json()?;
        Ok(told.parent.and_then(|parent| id_of(&parent, is_number(id))))
    }

    /// In our words, and whether its origin has still to be asked for.
    fn repository(&self, id: String, told: shapes::Repository) -> (ForgeRepository, bool) {
        let by_id = is_number(&id);
        let owner = plain(told.owner.login());
        let name = plain(&told.name);
        let fork_of = told.parent.as_ref().and_then(|parent| id_of(parent, by_id));
        let asks = by_id && told.fork && fork_of.is_none();
        let path = decoded(&owner, &name);
        let own_page = || {
            let url = below(self.root(), [owner.as_str(), name.as_str()].iter());
            Some(url.to_string())
        };
        let last_activity_at =
            [&told.pushed_at, &told.updated_at].into_iter().filter_map(|at| timestamp::optional(at.as_deref())).max();
        let repository = ForgeRepository {
            forge_id: id,
            name: name.rsplit('@').next().unwrap_or(&name).to_owned(),
            path,
            web_url: page(told.html_url.as_deref()).or_else(own_page),
            // What is not GitHub names no address of git, or one that is not its own.
            git_url: if by_id { plain(&told.clone_url) } else { String::new() },
            empty: false,
            default_branch: told.default_branch.map(|branch| plain(&branch)),
            fork_of,
            archived: told.archived,
            last_activity_at,
        };
        (repository, asks)
    }

    /// Where git reads a repository: on the host's own server, as the token goes there (engine §1), by the path that GitHub
    /// names. GitLab's copy names none: there it is the project's full path.
    pub fn git_remote(&self, repository: &ForgeRepository) -> Result<git::Remote, ForgeError> {
        let by_id = is_number(&repository.forge_id);
        let mut url = server_of(self.root());
        match Url::parse(&repository.git_url) {
            Ok(said) if by_id && said.origin() == url.origin() => url.set_path(said.path()),
            said if by_id && !repository.git_url.is_empty() => {
                let origin = said.map(|said| said.origin().unicode_serialization()).unwrap_or_default();
                return Err(Problem::ForeignGitUrl { origin: plain(&origin) }.into());
            }
            _ => {
                let path = format!("{}.git", repository.path);
                let segments: Vec<&str> = path.split('/').collect();
                url = below(&url, segments.iter());
            }
        }
        let username = match self.auth() {
            Auth::None => "",
            _ if by_id => "x-access-token",
            _ => "oauth2",
        };
        let (username, password) = (username.to_owned(), self.secret());
        Ok(git::Remote::Http(git::HttpRemote { url, username, password, client: self.http().clone() }))
    }
}

/// What a repository is called for good: GitHub's id, elsewhere owner and name. None where that is missing.
pub fn id_of(told: &shapes::Repository, by_id: bool) -> Option<String> {
    if by_id {
        return told.id.as_ref().map(|id| id.0.clone()).filter(|id| is_number(id));
    }
    let id = format!("{}/{}", plain(told.owner.login()), plain(&told.name));
    Place::of(&id).is_ok().then_some(id)
}

/// Whether strangers would not see it so.
fn is_surely_of_member(told: &shapes::Repository) -> bool {
    told.private || told.permissions.are_of_a_member()
}
