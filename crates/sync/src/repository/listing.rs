//! What branches there are: by git's own listing, else by REST.

use forge::{ForgeError, Problem};
use git::{Cache, GitError};
use model::Branch;

use super::Sync;
use crate::failure::Failure;

/// The branches, and how they were read.
pub(super) struct Listed {
    pub(super) branches: Vec<Branch>,
    /// By git; else everything has to come by REST.
    pub(super) by_git: bool,
}

impl Sync<'_> {
    /// Lists the branches by the best way that the forge leaves open.
    pub(super) async fn list_branches(&self) -> Result<Listed, Failure> {
        if !self.engine.options().git && self.session.account().host_kind != model::HostKind::Folder {
            return self.list_by_rest().await;
        }
        match self.list_by_git().await {
            Err(Failure::Git(error)) if may_be_closed(&error) => self.list_otherwise(error).await,
            listed => listed,
        }
    }

    async fn list_by_git(&self) -> Result<Listed, Failure> {
        let remote = self.session.git_remote(&self.there).await?;
        let refs = self.engine.git().ls_refs(&remote).await?;
        if refs.undecodable > 0 {
            tracing::warn!(
                path = self.repository.path,
                count = refs.undecodable,
                "branch names that are not UTF-8 are left out"
            );
        }
        Ok(Listed { branches: refs.branches, by_git: true })
    }

    /// Where git keeps the objects.
    pub(super) async fn open_cache(&self, branches: &[Branch]) -> Result<Cache, Failure> {
        let remote = self.session.git_remote(&self.there).await?;
        let sha256 = branches.first().is_some_and(|branch| branch.head.as_str().len() == 64);
        let directory = self.engine.cache_directory(self.repository.id);
        Ok(self.engine.git().cache(&directory, &remote, sha256).await?)
    }

    /// Git over HTTP can be switched off, closed to this token, or absent with the repository itself: REST tells which.
    /// A dead token is renewed on the way, and then git gets another chance.
    async fn list_otherwise(&self, refused: GitError) -> Result<Listed, Failure> {
        let listed = self.list_by_rest().await?;
        if refused != GitError::Unauthorised {
            return Ok(listed);
        }
        match self.list_by_git().await {
            Err(Failure::Git(error)) if may_be_closed(&error) => Ok(listed),
            listed => listed,
        }
    }

    /// A repository that was never created has no branches. One that had some and is switched off now keeps them.
    async fn list_by_rest(&self) -> Result<Listed, Failure> {
        let id = &self.repository.forge_id;
        let branches = match self.session.ask(|forge| async move { forge.branches(id).await }).await {
            Err(Failure::Forge(ForgeError { problem: Problem::NotAvailable, .. }))
                if self.old_tips().await?.is_empty() =>
            {
                Vec::new()
            }
            branches => branches?,
        };
        Ok(Listed { branches, by_git: false })
    }
}

fn may_be_closed(error: &GitError) -> bool {
    matches!(error, GitError::Unauthorised | GitError::Forbidden | GitError::NotFound | GitError::NotGit)
}
