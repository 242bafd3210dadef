//! Who stands behind a path, and who we are.

use model::text::plain;
use model::{AccountKind, ForgeAccount, ForgeUser};
use url::{Url, form_urlencoded};

use crate::address::page;
use crate::gitlab::client::Client;
use crate::gitlab::shapes;
use crate::{ForgeError, Problem, sentences};

/// Longer than any path GitLab takes.
const MAX_PATH: usize = 1_024;
/// A group without the list of its projects.
const GROUP_ALONE: &str = "with_projects=false";

impl Client {
    /// The user that the credential belongs to.
    pub async fn current_user(&self) -> Result<ForgeUser, ForgeError> {
        let user: shapes::User = self.one(&["user"], "").await?;
        if user.id.is_none() || user.username.is_empty() {
            return Err(Problem::Data(sentences::nobody()).into());
        }
        Ok(self.user(&user))
    }

    /// A group by its full path, else a person by user name, else a project, which is refused as an account.
    pub async fn account(&self, asked: &str) -> Result<ForgeAccount, ForgeError> {
        let path = path_of(asked, self.root());
        if path.is_empty() {
            return Err(Problem::PathEmpty.into());
        }
        if path.len() > MAX_PATH || path.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
            return Err(Problem::NotFound.into());
        }
        if let Some(group) = self.group(&path).await? {
            return Ok(group);
        }
        if !path.contains('/')
            && let Some(person) = self.person(&path).await?
        {
            return Ok(person);
        }
        match self.optional::<shapes::Project>(&["projects", &path], "").await? {
            Some(project) if names(&project.path_with_namespace, &path) => {
                Err(Problem::IsProject { path: plain(&project.path_with_namespace) }.into())
            }
            _ => Err(Problem::NotFound.into()),
        }
    }

    async fn group(&self, path: &str) -> Result<Option<ForgeAccount>, ForgeError> {
        let group: Option<shapes::Group> = self.optional(&["groups", path], GROUP_ALONE).await?;
        Ok(group.filter(|group| names(&group.full_path, path)).map(of_group))
    }

    /// A group or person by id: paths change, ids do not.
    pub async fn account_again(&self, known: &ForgeAccount) -> Result<ForgeAccount, ForgeError> {
        match known.kind {
            AccountKind::Group => {
                let group: shapes::Group = self.one(&["groups", &known.forge_id], GROUP_ALONE).await?;
                Ok(of_group(group))
            }
            AccountKind::User => {
                let user: shapes::User = self.one(&["users", &known.forge_id], "").await?;
                if user.username.is_empty() {
                    return Err(Problem::Data(sentences::nobody()).into());
                }
                Ok(of_user(self.user(&user)))
            }
            AccountKind::Folder => Err(Problem::NotFound.into()),
        }
    }

    /// The owner of a personal namespace. Where the list of users is closed to us, it can still be ourselves.
    async fn person(&self, login: &str) -> Result<Option<ForgeAccount>, ForgeError> {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("username", login).finish();
        let listed: Vec<shapes::User> = match self.one(&["users"], &query).await {
            Ok(users) => users,
            Err(ForgeError { problem: Problem::Forbidden | Problem::NotFound, .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        let found = listed.into_iter().find(|user| user.username.eq_ignore_ascii_case(login));
        let user = match found {
            Some(user) => self.user(&user),
            None => {
                let ourselves = self.current_user().await?;
                if !ourselves.login.eq_ignore_ascii_case(login) {
                    return Ok(None);
                }
                ourselves
            }
        };
        Ok(Some(of_user(user)))
    }

    /// A user in our words. A relative picture is one of this host's own.
    pub fn user(&self, user: &shapes::User) -> ForgeUser {
        let avatar = user.avatar_url.as_deref().and_then(|url| self.root().join(url).ok());
        ForgeUser {
            forge_id: user.id.clone().unwrap_or_default().0,
            login: plain(&user.username),
            name: plain(if user.name.is_empty() { &user.username } else { &user.name }),
            avatar_url: page(avatar.as_ref().map(Url::as_str)),
            web_url: page(user.web_url.as_deref()),
            administrator: user.is_admin,
        }
    }
}

fn of_group(group: shapes::Group) -> ForgeAccount {
    ForgeAccount {
        forge_id: group.id.0,
        kind: AccountKind::Group,
        name: plain(if group.name.is_empty() { &group.full_path } else { &group.name }),
        path: plain(&group.full_path),
        web_url: page(group.web_url.as_deref()),
    }
}

/// A personal namespace is called as its owner.
fn of_user(user: ForgeUser) -> ForgeAccount {
    ForgeAccount {
        forge_id: user.forge_id,
        kind: AccountKind::User,
        path: user.login,
        name: user.name,
        web_url: user.web_url,
    }
}

/// GitLab takes a path of digits for an id, so its answer may be about something else.
fn names(full_path: &str, asked: &str) -> bool {
    !asked.bytes().all(|byte| byte.is_ascii_digit()) || full_path == asked
}

/// The path in what a person typed or pasted: slashes around it go; of an address only the path below the host's root
/// stays, without `groups/`, `users/`, `.git` and everything from `/-/` on.
fn path_of(asked: &str, root: &Url) -> String {
    let asked = asked.trim();
    let Ok(url) = Url::parse(asked) else { return asked.trim_matches('/').to_owned() };
    if !url.has_host() {
        return asked.trim_matches('/').to_owned();
    }
    let path = url.path();
    let path = path.strip_prefix(root.path().trim_end_matches('/')).unwrap_or(path);
    let path = path.split("/-/").next().unwrap_or(path).trim_matches('/');
    let path = path.strip_suffix("/-").unwrap_or(path);
    let path = ["groups/", "users/"].iter().find_map(|prefix| path.strip_prefix(prefix)).unwrap_or(path);
    path.strip_suffix(".git").unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_in_whatever_was_pasted() {
        // given
        let root = Url::parse("https://git.example.com/gitlab").unwrap();
        let cases = [
            ("platform", "platform"),
            ("  /platform/backend/ ", "platform/backend"),
            ("https://git.example.com/gitlab/platform", "platform"),
            ("https://git.example.com/gitlab/groups/platform/backend", "platform/backend"),
            ("https://git.example.com/gitlab/groups/platform/-/group_members", "platform"),
            ("https://git.example.com/gitlab/users/anna/", "anna"),
            ("https://git.example.com/gitlab/platform/api.git", "platform/api"),
            ("https://git.example.com/gitlab/platform/api/-/tree/main?x=1#y", "platform/api"),
            ("https://git.example.com/gitlab", ""),
            ("c:platform", "c:platform"),
            ("/", ""),
        ];

        for (asked, expected) in cases {
            // then
            assert_eq!(path_of(asked, &root), expected, "{asked}");
        }
    }
}
