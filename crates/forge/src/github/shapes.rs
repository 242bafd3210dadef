//! What REST v3 answers, as far as it is read: GitHub's, and what GitLab's GitHub-compatible API makes of it (GitLab
//! contract §3.8). Unknown fields are ignored, missing or mistyped ones are forgiven unless nothing can be made of the
//! answer without them.

use serde::Deserialize;
use url::Url;

use crate::json::{Id, lenient};

/// A user or an organisation. GitLab's copy answers `/user` in GitLab's own words.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct User {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    login: String,
    #[serde(deserialize_with = "lenient")]
    username: String,
    #[serde(deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub avatar_url: Option<String>,
    #[serde(deserialize_with = "lenient")]
    html_url: Option<String>,
    #[serde(deserialize_with = "lenient")]
    web_url: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub site_admin: bool,
    #[serde(deserialize_with = "lenient")]
    is_admin: bool,
    /// `User`, `Organization`, `Bot`.
    #[serde(rename = "type", deserialize_with = "lenient")]
    kind: Option<String>,
}

/// The membership of our user in an organisation.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Membership {
    /// `active`, or `pending` until the invitation is accepted.
    #[serde(deserialize_with = "lenient")]
    pub state: String,
    /// `admin` or `member`.
    #[serde(deserialize_with = "lenient")]
    pub role: String,
}

impl User {
    /// The log-in name; empty where none is told.
    pub fn login(&self) -> &str {
        if self.login.is_empty() { &self.username } else { &self.login }
    }

    /// The display name, or the log-in name.
    pub fn name(&self) -> &str {
        self.name.as_deref().filter(|name| !name.is_empty()).unwrap_or_else(|| self.login())
    }

    /// Its page.
    pub fn page(&self) -> Option<&str> {
        self.html_url.as_deref().or(self.web_url.as_deref())
    }

    /// Whether it administers the whole host.
    pub fn is_administrator(&self) -> bool {
        self.site_admin || self.is_admin
    }

    /// Whether it is an organisation.
    pub fn is_organisation(&self) -> bool {
        self.kind.as_deref() == Some("Organization")
    }
}

/// A repository; of GitLab's copy `id`, `name` and `owner.login` are all there is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Repository {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub name: String,
    #[serde(deserialize_with = "lenient")]
    pub owner: User,
    #[serde(deserialize_with = "lenient")]
    pub html_url: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub clone_url: String,
    #[serde(deserialize_with = "lenient")]
    pub default_branch: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub fork: bool,
    /// Only the answer for a single repository has it.
    #[serde(deserialize_with = "lenient")]
    pub parent: Option<Box<Repository>>,
    #[serde(deserialize_with = "lenient")]
    pub archived: bool,
    #[serde(deserialize_with = "lenient")]
    pub private: bool,
    #[serde(deserialize_with = "lenient")]
    pub pushed_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub updated_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub permissions: Permissions,
}

/// What the user may do in a repository.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Permissions {
    #[serde(deserialize_with = "lenient")]
    pub admin: bool,
    #[serde(deserialize_with = "lenient")]
    pub maintain: bool,
    #[serde(deserialize_with = "lenient")]
    pub push: bool,
    #[serde(deserialize_with = "lenient")]
    pub triage: bool,
}

impl Permissions {
    /// Whether there is any that strangers do not have.
    pub const fn are_of_a_member(&self) -> bool {
        self.admin || self.maintain || self.push || self.triage
    }
}

/// A pull request, from a list or alone.
#[derive(Debug, Deserialize)]
pub struct PullRequest {
    /// GitLab's copy tells none in old versions: there the number is the global id.
    #[serde(default, deserialize_with = "lenient")]
    pub id: Option<Id>,
    pub number: i64,
    pub state: String,
    pub updated_at: String,
    pub head: End,
    pub base: End,
    #[serde(default, deserialize_with = "lenient")]
    pub title: String,
    #[serde(default, deserialize_with = "lenient")]
    pub body: String,
    #[serde(default, deserialize_with = "lenient")]
    pub draft: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub merged: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub user: User,
    #[serde(default, deserialize_with = "lenient")]
    pub requested_reviewers: Vec<User>,
    #[serde(default, deserialize_with = "lenient")]
    pub merge_commit_sha: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub html_url: Option<String>,
    /// GitHub's lists have none.
    #[serde(default, deserialize_with = "lenient")]
    pub comments: Option<i64>,
    #[serde(default, deserialize_with = "lenient")]
    pub created_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub merged_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub closed_at: Option<String>,
}

/// One end of a pull request.
#[derive(Debug, Deserialize)]
pub struct End {
    #[serde(rename = "ref")]
    pub branch: String,
    #[serde(default, deserialize_with = "lenient")]
    pub sha: Option<String>,
    /// None where the fork is gone.
    #[serde(default, deserialize_with = "lenient")]
    pub repo: Option<Repository>,
}

/// What the list of issues tells of a pull request.
#[derive(Debug, Deserialize)]
pub struct Issue {
    pub number: i64,
    #[serde(default, deserialize_with = "lenient")]
    pub comments: i64,
}

/// One review.
#[derive(Debug, Deserialize)]
pub struct Review {
    #[serde(default, deserialize_with = "lenient")]
    pub user: User,
    /// `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, `DISMISSED`, `PENDING`.
    #[serde(default, deserialize_with = "lenient")]
    pub state: String,
}

/// A branch with its newest commit.
#[derive(Debug, Deserialize)]
pub struct Branch {
    pub name: String,
    pub commit: Named,
}

/// Something that is only named.
#[derive(Debug, Deserialize)]
pub struct Named {
    pub sha: String,
}

/// A commit.
#[derive(Debug, Deserialize)]
pub struct Commit {
    pub sha: String,
    pub commit: CommitText,
    #[serde(default, deserialize_with = "lenient")]
    pub parents: Vec<Named>,
    /// Only the answer for a single commit has them, and a page of its files at a time.
    #[serde(default, deserialize_with = "lenient")]
    pub files: Vec<File>,
    #[serde(default, deserialize_with = "lenient")]
    pub stats: Option<Stats>,
}

/// What a commit says.
#[derive(Debug, Deserialize)]
pub struct CommitText {
    #[serde(default, deserialize_with = "lenient")]
    pub message: String,
    #[serde(default, deserialize_with = "lenient")]
    pub author: Person,
    #[serde(default, deserialize_with = "lenient")]
    pub committer: Option<Person>,
}

/// Who wrote a commit.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Person {
    #[serde(deserialize_with = "lenient")]
    pub name: String,
    #[serde(deserialize_with = "lenient")]
    pub email: String,
    #[serde(deserialize_with = "lenient")]
    pub date: Option<String>,
}

/// Lines of a commit.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Stats {
    #[serde(deserialize_with = "lenient")]
    pub additions: u64,
    #[serde(deserialize_with = "lenient")]
    pub deletions: u64,
}

/// One file of a commit. GitLab's copy leaves out whichever count is none of the change's.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct File {
    #[serde(deserialize_with = "lenient")]
    pub filename: String,
    #[serde(deserialize_with = "lenient")]
    pub status: String,
    #[serde(deserialize_with = "lenient")]
    pub additions: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub deletions: Option<u64>,
}

/// A comment on an issue or a pull request.
#[derive(Debug, Deserialize)]
pub struct Comment {
    pub id: Id,
    #[serde(default, deserialize_with = "lenient")]
    pub user: User,
    #[serde(default, deserialize_with = "lenient")]
    pub body: String,
    #[serde(default, deserialize_with = "lenient")]
    pub created_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub updated_at: Option<String>,
}

/// A comment on a commit.
#[derive(Debug, Deserialize)]
pub struct CommitComment {
    #[serde(default, deserialize_with = "lenient")]
    pub body: String,
}

/// A web hook. Of its secret only stars are told.
#[derive(Debug, Deserialize)]
pub struct Hook {
    pub id: Id,
    #[serde(default, deserialize_with = "lenient")]
    pub active: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub events: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub config: HookConfig,
}

/// Where a web hook leads, and how.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct HookConfig {
    #[serde(deserialize_with = "lenient")]
    pub url: String,
    #[serde(deserialize_with = "lenient")]
    pub content_type: String,
    #[serde(deserialize_with = "lenient")]
    pub secret: Option<String>,
    /// `"0"` or `"1"`, or a number.
    #[serde(deserialize_with = "lenient")]
    pub insecure_ssl: Option<serde_json::Value>,
}

impl HookConfig {
    /// Where it leads; none where that is no address.
    pub fn address(&self) -> Option<Url> {
        Url::parse(&self.url).ok()
    }
}

/// The body of a refusal: GitHub's, or that of GitLab's copy (GitLab contract §2.2).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Refusal {
    #[serde(deserialize_with = "lenient")]
    pub message: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub error: Option<String>,
    #[serde(deserialize_with = "lenient")]
    error_description: Option<String>,
    #[serde(deserialize_with = "lenient")]
    errors: Vec<Fault>,
}

/// One of the things that are wrong.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fault {
    #[serde(deserialize_with = "lenient")]
    message: Option<String>,
}

impl Refusal {
    /// Its reasons, the exact ones where there are such.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        let exact: Vec<&str> = self.errors.iter().filter_map(|fault| fault.message.as_deref()).collect();
        let general =
            [&self.message, &self.error, &self.error_description].into_iter().filter_map(|one| one.as_deref());
        if exact.is_empty() { general.collect() } else { exact }.into_iter()
    }

    /// Whether these words, in lower case, stand in any of its texts.
    pub fn says(&self, words: &str) -> bool {
        let texts = [&self.message, &self.error, &self.error_description];
        let exact = self.errors.iter().filter_map(|fault| fault.message.as_ref());
        texts.into_iter().flatten().chain(exact).any(|text| text.to_lowercase().contains(words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unimportant_fields_may_have_any_type() {
        // given
        let json = r#"{"id":7,"name":"api","owner":{"login":"acme","id":null},"fork":"no","parent":3,
            "permissions":3,"clone_url":null,"archived":null,"pushed_at":{}}"#;

        // when
        let repository: Repository = serde_json::from_str(json).unwrap();

        // then
        assert_eq!((repository.name.as_str(), repository.owner.login()), ("api", "acme"));
        assert!(!repository.fork && repository.parent.is_none() && !repository.permissions.are_of_a_member());
    }

    #[test]
    fn a_user_may_speak_gitlabs_words() {
        // when
        let user: User = serde_json::from_str(
            r#"{"id":9,"username":"anna","name":null,"web_url":"https://h/anna","is_admin":true}"#,
        )
        .unwrap();

        // then
        assert_eq!((user.login(), user.name(), user.page()), ("anna", "anna", Some("https://h/anna")));
        assert!(user.is_administrator() && !user.is_organisation());
    }
}
