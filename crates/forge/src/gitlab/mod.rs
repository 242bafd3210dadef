//! GitLab over REST v4 and git over HTTP. One file per thing that is read; `shapes` are GitLab's words.

mod account;
mod client;
mod commit_comments;
mod fallback;
pub(crate) mod hook;
mod merge_requests;
mod notes;
pub(crate) mod oauth;
mod paging;
pub(crate) mod probe;
mod refusal;
mod repositories;
mod reviewers;
mod shapes;
mod standing;
mod statistics;
mod token;

use async_trait::async_trait;
use model::{Branch, Commit, ForgeAccount, ForgeRepository, ForgeUser, Millis, Note, ObjectId, Reviewer, Statistics};

use crate::{
    Capabilities, ClientOptions, Forge, ForgeError, ForgeVersion, HookAddress, HookTarget, Links, MergeRequestDetail,
    MergeRequestNews, MergeRequestPage, RegisteredHook, Standing, Survey, TokenDetail, address,
};
use client::Client;

/// GitLab spells the addresses of all its pages below `/-/`.
const LINKS: Links = Links {
    commit: "/-/commit/",
    branch: "/-/tree/",
    new_merge_request: "/-/merge_requests/new?merge_request%5Bsource_branch%5D=",
    target: Some(("&merge_request%5Btarget_branch%5D=", "&merge_request%5Btarget_project_id%5D=")),
};

/// What a GitLab at `url` can do. Jira tells GitLab.com from all others.
pub(crate) fn capabilities(url: &str) -> Capabilities {
    let is_gitlab_com = address::root(url).is_ok_and(|root| root.host_str() == Some("gitlab.com"));
    let (title, application_type) =
        if is_gitlab_com { ("GitLab", "gitlab") } else { ("GitLab Self-Managed", "gitlabselfmanaged") };
    Capabilities {
        merge_requests: true,
        is_remote: true,
        statistics: true,
        oauth: true,
        scope: "api",
        hooks: true,
        group_merge_requests: true,
        commit_comments: true,
        title,
        application_type,
        links: Some(LINKS),
    }
}

/// One GitLab, reached with one credential.
#[derive(Debug)]
pub struct Gitlab {
    client: Client,
    capabilities: Capabilities,
}

impl Gitlab {
    /// The GitLab at `options.url`.
    ///
    /// # Errors
    /// [`crate::Problem::NotAnAddress`].
    pub fn new(options: ClientOptions) -> Result<Self, ForgeError> {
        let capabilities = capabilities(&options.url);
        Ok(Self { client: Client::new(options)?, capabilities })
    }
}

#[async_trait]
impl Forge for Gitlab {
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

    async fn survey(&self, account: &ForgeAccount) -> Result<Survey, ForgeError> {
        self.client.survey(account).await
    }

    async fn version(&self) -> Result<ForgeVersion, ForgeError> {
        self.client.version().await
    }

    async fn standing(&self, account: &ForgeAccount) -> Result<Standing, ForgeError> {
        self.client.standing(account).await
    }

    async fn accounts_like(&self, path: &str) -> Result<Vec<String>, ForgeError> {
        self.client.accounts_like(path).await
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

    async fn account_merge_requests(
        &self,
        account: &ForgeAccount,
        updated_after: Option<Millis>,
        page: Option<String>,
    ) -> Result<MergeRequestNews, ForgeError> {
        self.client.account_merge_requests(account, updated_after, page.as_deref()).await
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
