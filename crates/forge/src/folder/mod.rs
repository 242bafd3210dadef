//! A folder of git repositories on this machine, as a forge: no pages, no merge requests, nobody to ask who we are.

mod account;
mod place;
pub(crate) mod probe;
mod repositories;
mod statistics;

pub use repositories::find_repositories;

use std::path::PathBuf;

use async_trait::async_trait;
use model::{Branch, Commit, ForgeAccount, ForgeRepository, ForgeUser, Millis, Note, ObjectId, Reviewer, Statistics};

use crate::{
    Capabilities, ClientOptions, Forge, ForgeError, HookAddress, HookTarget, MergeRequestDetail, MergeRequestNews,
    MergeRequestPage, Problem, RegisteredHook, TokenDetail, sentences,
};

/// What a folder can do.
pub(crate) fn capabilities() -> Capabilities {
    Capabilities {
        merge_requests: false,
        is_remote: false,
        statistics: true,
        oauth: false,
        scope: "",
        hooks: false,
        group_merge_requests: false,
        commit_comments: false,
        title: "Git folder",
        application_type: "folder",
        links: None,
    }
}

/// Runs what reads the file system where it may wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ForgeError> + Send + 'static,
) -> Result<T, ForgeError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(stopped) => Err(Problem::Data(sentences::interrupted(stopped.is_panic())).into()),
    }
}

/// One folder.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    git: git::Git,
    capabilities: Capabilities,
}

impl Folder {
    /// The folder whose absolute path is `options.url`.
    ///
    /// # Errors
    /// [`Problem::FolderMissing`] where the path is not absolute.
    pub fn new(options: ClientOptions) -> Result<Self, ForgeError> {
        let root = PathBuf::from(options.url);
        if !root.is_absolute() {
            return Err(Problem::FolderMissing.into());
        }
        Ok(Self { root, git: git::Git::new(), capabilities: capabilities() })
    }
}

#[async_trait]
impl Forge for Folder {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn current_user(&self) -> Result<ForgeUser, ForgeError> {
        Ok(ForgeUser { login: "folder".to_owned(), name: sentences::this_machine(), ..ForgeUser::default() })
    }

    async fn account(&self, path: &str) -> Result<ForgeAccount, ForgeError> {
        self.account_at(path).await
    }

    async fn account_again(&self, known: &ForgeAccount) -> Result<ForgeAccount, ForgeError> {
        // A folder is known by where it is.
        Ok(known.clone())
    }

    async fn repositories(&self, account: &ForgeAccount) -> Result<Vec<ForgeRepository>, ForgeError> {
        self.repositories_below(&account.forge_id).await
    }

    async fn member_repositories(&self) -> Result<Vec<String>, ForgeError> {
        Err(Problem::NotAvailable.into())
    }

    fn git_remote(&self, repository: &ForgeRepository) -> Result<git::Remote, ForgeError> {
        let (_, path) = place::resolve(&self.root, &repository.forge_id)?;
        Ok(git::Remote::Local(path))
    }

    async fn merge_requests(
        &self,
        _repository_forge_id: &str,
        _updated_after: Option<Millis>,
        _page: Option<String>,
    ) -> Result<MergeRequestPage, ForgeError> {
        Err(Problem::NotAvailable.into())
    }

    async fn merge_request(&self, _repository_forge_id: &str, _number: i64) -> Result<MergeRequestDetail, ForgeError> {
        Err(Problem::NotAvailable.into())
    }

    async fn reviewers(&self, _repository_forge_id: &str, _number: i64) -> Result<Vec<Reviewer>, ForgeError> {
        Err(Problem::NotAvailable.into())
    }

    async fn notes(&self, _repository_forge_id: &str, _number: i64) -> Result<Vec<Note>, ForgeError> {
        Err(Problem::NotAvailable.into())
    }

    async fn merge_request_commits(&self, _repository_forge_id: &str, _number: i64) -> Result<Vec<Commit>, ForgeError> {
        Err(Problem::NotAvailable.into())
    }

    async fn branches(&self, repository_forge_id: &str) -> Result<Vec<Branch>, ForgeError> {
        let (_, path) = place::resolve(&self.root, repository_forge_id)?;
        Ok(self.git.ls_refs(&git::Remote::Local(path)).await?.branches)
    }

    async fn commits(
        &self,
        _repository_forge_id: &str,
        _head: &ObjectId,
        _page: Option<String>,
    ) -> Result<(Vec<Commit>, Option<String>), ForgeError> {
        Err(Problem::NotAvailable.into())
    }

    async fn statistics(&self, repository_forge_id: &str, commit: &ObjectId) -> Result<Statistics, ForgeError> {
        let (_, path) = place::resolve(&self.root, repository_forge_id)?;
        statistics::statistics(&self.git, &path, commit).await
    }

    async fn commit_comment_add(
        &self,
        _repository_forge_id: &str,
        _commit: &ObjectId,
        _text: &str,
    ) -> Result<bool, ForgeError> {
        Err(Problem::NotAvailable.into())
    }

    async fn commit_comment_find(
        &self,
        _repository_forge_id: &str,
        _commit: &ObjectId,
        _mark: &str,
    ) -> Result<bool, ForgeError> {
        Err(Problem::NotAvailable.into())
    }

    async fn account_merge_requests(
        &self,
        _account: &ForgeAccount,
        _updated_after: Option<Millis>,
        _page: Option<String>,
    ) -> Result<MergeRequestNews, ForgeError> {
        Err(Problem::NotAvailable.into())
    }

    async fn hook_register(
        &self,
        _target: HookTarget<'_>,
        _address: &HookAddress,
        _known: Option<&str>,
    ) -> Result<RegisteredHook, ForgeError> {
        Err(Problem::NotAvailable.into())
    }

    async fn hook_remove(&self, _target: HookTarget<'_>, _forge_id: &str) -> Result<(), ForgeError> {
        Err(Problem::NotAvailable.into())
    }

    async fn hook_test(&self, _target: HookTarget<'_>, _forge_id: &str) -> Result<(), ForgeError> {
        Err(Problem::NotAvailable.into())
    }

    async fn token(&self) -> Result<TokenDetail, ForgeError> {
        Err(Problem::NotAvailable.into())
    }
}
