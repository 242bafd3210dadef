//! GitHub over REST v3 and git over HTTP: github.com, GitHub Enterprise, and what speaks its language, which are GitLab's old
//! GitHub-compatible API and Dovetail's own. One file per thing that is read; `shapes` are GitHub's words.

mod account;
mod client;
mod commit_comments;
mod fallback;
pub(crate) mod hook;
mod members;
mod merge_requests;
mod notes;
pub(crate) mod oauth;
mod paging;
mod place;
pub(crate) mod probe;
mod refusal;
mod repositories;
mod reviewers;
mod shapes;
mod statistics;
mod token;
mod walk;

use async_trait::async_trait;
use model::{Branch, Commit, ForgeAccount, ForgeRepository, ForgeUser, Millis, Note, ObjectId, Reviewer, Statistics};

use crate::{
    Capabilities, ClientOptions, Forge, ForgeError, HookAddress, HookTarget, Links, MergeRequestDetail,
    MergeRequestNews, MergeRequestPage, Problem, RegisteredHook, Standing, TokenDetail, address,
};
pub(crate) use client::JIRA;
use client::{Client, is_below_jira};

/// The scope that reads private repositories and makes their web hooks.
const SCOPE: &str = "repo";

/// As Jira spells the addresses of pages; GitLab and Dovetail send them on to theirs (GitLab contract §8).
const LINKS: Links = Links { commit: "/commit/", branch: "/tree/", new_merge_request: "/compare/", target: None };

/// What a host at `url` can do. Jira tells github.com from all others.
pub(crate) fn capabilities(url: &str) -> Capabilities {
    let is_github_com = address::root(url).is_ok_and(|root| root.host_str() == Some("github.com"));
    let (title, application_type) = if is_github_com { ("GitHub", "github") } else { ("GitHub Enterprise", "githube") };
    Capabilities {
        merge_requests: true,
        is_remote: true,
        statistics: true,
        oauth: true,
        scope: SCOPE,
        hooks: true,
        group_merge_requests: false,
        // GitLab's copy has none.
        commit_comments: !address::root(url).is_ok_and(|root| is_below_jira(&root)),
        title,
        application_type,
        links: Some(LINKS),
    }
}

/// One host that speaks GitHub's language, reached with one credential.
#[derive(Debug)]
pub struct Github {
    client: Client,
    capabilities: Capabilities,
}

impl Github {
    /// The host at `options.url`.
    ///
    /// # Errors
    /// [`crate::Problem::NotAnAddress`].
    pub fn new(options: ClientOptions) -> Result<Self, ForgeError> {
        let capabilities = capabilities(&options.url);
        Ok(Self { client: Client::new(options)?, capabilities })
    }
}

#[async_trait]
impl Forge for Github {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn current_user(&self) -> Result<ForgeUser, ForgeError> {
        self.client.current_user().await
    }

    async fn account(&self, path: &str) -> Result<ForgeAccount, ForgeError> {
        self.client.account(path).await
    }

    async fn account_again(&self, known: &ForgeAccount) -> Result<ForgeAccount, ForgeError> {
        self.client.account_again(known).await
    }

    async fn repositories(&self, account: &ForgeAccount) -> Result<Vec<ForgeRepository>, ForgeError> {
        self.client.repositories(account).await
    }

    async fn standing(&self, account: &ForgeAccount) -> Result<Standing, ForgeError> {
        self.client.standing(account).await
    }

    async fn member_repositories(&self) -> Result<Vec<String>, ForgeError> {
        self.client.member_repositories().await
    }

    fn git_remote(&self, repository: &ForgeRepository) -> Result<git::Remote, ForgeError> {
        self.client.git_remote(repository)
    }

    async fn merge_requests(
        &self,
        repository_forge_id: &str,
        updated_after: Option<Millis>,
        page: Option<String>,
    ) -> Result<MergeRequestPage, ForgeError> {
        self.client.merge_requests(repository_forge_id, updated_after, page.as_deref()).await
    }

    async fn merge_request(&self, repository_forge_id: &str, number: i64) -> Result<MergeRequestDetail, ForgeError> {
        self.client.merge_request(repository_forge_id, number).await
    }

    async fn reviewers(&self, repository_forge_id: &str, number: i64) -> Result<Vec<Reviewer>, ForgeError> {
        self.client.reviewers(repository_forge_id, number).await
    }

    async fn notes(&self, repository_forge_id: &str, number: i64) -> Result<Vec<Note>, ForgeError> {
        self.client.notes(repository_forge_id, number).await
    }

    async fn merge_request_commits(&self, repository_forge_id: &str, number: i64) -> Result<Vec<Commit>, ForgeError> {
        self.client.merge_request_commits(repository_forge_id, number).await
    }

    async fn branches(&self, repository_forge_id: &str) -> Result<Vec<Branch>, ForgeError> {
        self.client.branches(repository_forge_id).await
    }

    async fn commits(
        &self,
        repository_forge_id: &str,
        head: &ObjectId,
        page: Option<String>,
    ) -> Result<(Vec<Commit>, Option<String>), ForgeError> {
        self.client.commits(repository_forge_id, head, page.as_deref()).await
    }

    async fn statistics(&self, repository_forge_id: &str, commit: &ObjectId) -> Result<Statistics, ForgeError> {
        self.client.statistics(repository_forge_id, commit).await
    }

    async fn commit_comment_add(
        &self,
        repository_forge_id: &str,
        commit: &ObjectId,
        text: &str,
    ) -> Result<bool, ForgeError> {
        self.client.commit_comment_add(repository_forge_id, commit, text).await
    }

    async fn commit_comment_find(
        &self,
        repository_forge_id: &str,
        commit: &ObjectId,
        mark: &str,
    ) -> Result<bool, ForgeError> {
        self.client.commit_comment_find(repository_forge_id, commit, mark).await
    }

    /// GitHub lists pull requests by repository alone.
    async fn account_merge_requests(
        &self,
        _: &ForgeAccount,
        _: Option<Millis>,
        _: Option<String>,
    ) -> Result<MergeRequestNews, ForgeError> {
        Err(Problem::NotAvailable.into())
    }

    async fn hook_register(
        &self,
        target: HookTarget<'_>,
        address: &HookAddress,
        known: Option<&str>,
    ) -> Result<RegisteredHook, ForgeError> {
        self.client.hook_register(target, address, known).await
    }

    async fn hook_remove(&self, target: HookTarget<'_>, forge_id: &str) -> Result<(), ForgeError> {
        self.client.hook_remove(target, forge_id).await
    }

    async fn hook_test(&self, target: HookTarget<'_>, forge_id: &str) -> Result<(), ForgeError> {
        self.client.hook_test(target, forge_id).await
    }

    async fn token(&self) -> Result<TokenDetail, ForgeError> {
        self.client.token().await
    }
}
