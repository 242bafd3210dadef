//! Who stands behind a name, and who we are.

use model::text::plain;
use model::{AccountKind, ForgeAccount, ForgeUser};
use url::Url;

use crate::address::page;
use crate::answer::Answer;
use crate::github::client::{Client, is_below_jira, server_of};
use crate::github::place::{decoded, is_number};
use crate::github::shapes;
use crate::{ForgeError, Problem, sentences};

/// Longer than any name.
const MAX_PATH: usize = 1_024;

impl Client {
    /// The user that the credential belongs to.
    pub async fn current_user(&self) -> Result<ForgeUser, ForgeError> {
        let user: shapes::User = self.one(&["user"], "").await?;
        if user.id.is_none() || user.login().is_empty() {
            return Err(Problem::Data(sentences::nobody()).into());
        }
        Ok(self.user(&user))
    }

    /// An organisation or a person by name; a repository is refused as an account.
    pub async fn account(&self, asked: &str) -> Result<ForgeAccount, ForgeError> {
        let path = path_of(asked, self.root());
        if path.is_empty() {
            return Err(Problem::PathEmpty.into());
        }
        if path.len() > MAX_PATH || path.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
            return Err(Problem::NotFound.into());
        }
        if let Some((owner, name)) = path.split_once('/') {
            return Err(self.repository_is_no_account(owner, name).await?.into());
        }
        match self.optional(&["users", &path], "").await? {
            Some(answer) => self.of_answer(&answer),
            None => self.namespace(&path).await,
        }
    }

    /// An account that is known: GitHub is asked by its id, which a new name keeps; its likes know names only.
    pub async fn account_again(&self, known: &ForgeAccount) -> Result<ForgeAccount, ForgeError> {
        if known.kind == AccountKind::Folder {
            return Err(Problem::NotFound.into());
        }
        if !is_number(&known.forge_id) {
            return self.account(&known.path).await;
        }
        let answer = self.get(&["user", &known.forge_id], "").await?;
        self.of_answer(&answer)
    }

    fn of_answer(&self, answer: &Answer) -> Result<ForgeAccount, ForgeError> {
        let told: shapes::User = answer.json()?;
        if told.login().is_empty() {
            return Err(Problem::Data(sentences::nobody()).into());
        }
        let login = plain(told.login());
        let forge_id = match &told.id {
            Some(id) if answer.is_githubs_own() => id.0.clone(),
            _ => login.clone(),
        };
        let kind = if told.is_organisation() { AccountKind::Group } else { AccountKind::User };
        Ok(ForgeAccount { forge_id, kind, path: login, name: plain(told.name()), web_url: page(told.page()) })
    }

    /// GitLab's copy knows its people only: a group shows by having a list of projects (GitLab contract §3.1, §3.2).
    async fn namespace(&self, name: &str) -> Result<ForgeAccount, ForgeError> {
        let listed: Vec<shapes::Repository> = self.one(&["users", name, "repos"], "per_page=1").await?;
        let owners = listed.iter().map(|repository| repository.owner.login());
        let spelled = owners.into_iter().find(|owner| owner.eq_ignore_ascii_case(name)).unwrap_or(name);
        let path = plain(spelled);
        let web_url = page(Some(&format!("{}/{path}", server_of(self.root()).as_str().trim_end_matches('/'))));
        Ok(ForgeAccount { forge_id: path.clone(), kind: AccountKind::Group, name: path.clone(), path, web_url })
    }

    /// What is wrong with an account that was named like a repository.
    async fn repository_is_no_account(&self, owner: &str, name: &str) -> Result<Problem, ForgeError> {
        let found = self.optional(&["repos", owner, name], "").await?;
        let found: Option<shapes::Repository> = found.map(|answer| answer.json()).transpose()?;
        Ok(match found {
            Some(found) => Problem::IsProject { path: plain(&decoded(found.owner.login(), &found.name)) },
            None => Problem::NotFound,
        })
    }

    /// A user in our words. A relative picture is one of this host's own.
    pub fn user(&self, user: &shapes::User) -> ForgeUser {
        let avatar = user.avatar_url.as_deref().and_then(|url| self.root().join(url).ok());
        ForgeUser {
            forge_id: user.id.clone().unwrap_or_default().0,
            login: plain(user.login()),
            name: plain(user.name()),
            avatar_url: page(avatar.as_ref().map(Url::as_str)),
            web_url: page(user.page()),
            administrator: user.is_administrator(),
        }
    }
}

/// The name in what a person typed or pasted: slashes around it go; of an address only what stands below the host's root
/// stays, at most owner and repository.
fn path_of(asked: &str, root: &Url) -> String {
    let asked = asked.trim();
    let Ok(url) = Url::parse(asked) else { return asked.trim_matches('/').to_owned() };
    if !url.has_host() {
        return asked.trim_matches('/').to_owned();
    }
    let server = server_of(root);
    let path = url.path();
    let path = path.strip_prefix(server.path().trim_end_matches('/')).unwrap_or(path).trim_matches('/');
    let path = if is_below_jira(root) { path.strip_prefix("-/jira").unwrap_or(path).trim_matches('/') } else { path };
    let words: Vec<&str> = path.split('/').collect();
    match words.as_slice() {
        ["orgs" | "users", name, ..] => (*name).to_owned(),
        [owner, name, ..] => format!("{owner}/{}", name.strip_suffix(".git").unwrap_or(name)),
        words => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_in_whatever_was_pasted() {
        let cases = [
            ("https://github.com", "acme", "acme"),
            ("https://github.com", " /acme/ ", "acme"),
            ("https://github.com", "https://github.com/acme", "acme"),
            ("https://github.com", "https://github.com/orgs/acme/repositories?x=1#y", "acme"),
            ("https://github.com", "https://github.com/acme/api.git", "acme/api"),
            ("https://github.com", "https://github.com/acme/api/pulls/7", "acme/api"),
            ("https://github.com", "https://github.com/", ""),
            ("https://example.com/code", "https://example.com/code/acme", "acme"),
            ("https://git.example.com/-/jira", "https://git.example.com/acme", "acme"),
            ("https://git.example.com/-/jira", "https://git.example.com/-/jira/acme", "acme"),
            ("https://github.com", "/", ""),
        ];
        for (root, asked, expected) in cases {
            assert_eq!(path_of(asked, &Url::parse(root).unwrap()), expected, "{asked}");
        }
    }
}
