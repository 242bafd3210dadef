//! Joining branches as GitLab does.

use git::{GitError, Merge, NewCommit, RefUpdate};
use model::{ObjectId, Person};

use super::refs::object_id;
use super::{Repositories, RepositoryError, Signature};
use crate::gitlab::model::ProjectId;

pub use git::MergeMethod;

/// What is to be merged into what, and how.
#[derive(Debug, Clone)]
pub struct MergeOrder {
    /// How.
    pub method: MergeMethod,
    /// The head of the source branch.
    pub head: String,
    /// The branch to merge into, without `refs/heads/`.
    pub target_branch: String,
    /// The message of the merge commit.
    pub message: String,
    /// The message of the squash commit.
    pub squash_message: String,
    /// Who merges, and when.
    pub by: Signature,
}

/// What a merge made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The merge commit, where there is one.
    pub merge_commit: Option<String>,
    /// The squash commit, where there is one.
    pub squash_commit: Option<String>,
    /// The target branch's new head.
    pub target: String,
}

impl Repositories {
    /// Merges, and moves the target branch.
    ///
    /// [`MergeMethod::Squash`] makes one commit of the source; where the target has moved on since, that commit stands
    /// on the merge base and a merge commit joins it to the target, as in GitLab projects that merge with merge
    /// commits.
    ///
    /// # Errors
    /// [`RepositoryError::Conflict`] when both sides changed the same lines or a fast-forward is not possible,
    /// [`RepositoryError::Missing`] when the source or the target branch is not there.
    pub async fn merge(&self, project: ProjectId, order: &MergeOrder) -> Result<Merged, RepositoryError> {
        let name = format!("refs/heads/{}", order.target_branch);
        let target = object_id(&self.required(project, &name).await?)?;
        let head = object_id(&self.required(project, &order.head).await?)?;
        let merged = match order.method {
            MergeMethod::Squash => self.squash(project, order, &target, &head).await?,
            method => {
                let made = self.join(project, order, method, &target, &head).await?;
                let merge_commit = (method == MergeMethod::MergeCommit).then(|| made.to_string());
                Merged { merge_commit, squash_commit: None, target: made.into() }
            }
        };
        let update = RefUpdate::Set { name, id: object_id(&merged.target)? };
        self.git().update_refs(&self.path(project), &[update]).await?;
        Ok(merged)
    }

    /// The best common ancestor; none for unrelated histories.
    ///
    /// # Errors
    /// [`RepositoryError::Missing`] when a revision is unknown.
    pub async fn merge_base(&self, project: ProjectId, a: &str, b: &str) -> Result<Option<String>, RepositoryError> {
        let (a, b) = (self.required(project, a).await?, self.required(project, b).await?);
        let base = self.command(project, ["merge-base", &a, &b])?.text().await;
        Ok(super::unless_refused(base)?.filter(|id| !id.is_empty()))
    }

    /// Whether `ancestor` is reachable from `descendant`.
    ///
    /// # Errors
    /// [`RepositoryError::Missing`] when a revision is unknown.
    pub async fn is_ancestor(
        &self,
        project: ProjectId,
        ancestor: &str,
        descendant: &str,
    ) -> Result<bool, RepositoryError> {
        let ancestor = object_id(&self.required(project, ancestor).await?)?;
        let descendant = object_id(&self.required(project, descendant).await?)?;
        Ok(self.git().is_ancestor(&self.path(project), &ancestor, &descendant).await?)
    }

    async fn squash(
        &self,
        project: ProjectId,
        order: &MergeOrder,
        target: &ObjectId,
        head: &ObjectId,
    ) -> Result<Merged, RepositoryError> {
        let base = self.merge_base(project, target.as_str(), head.as_str()).await?;
        let base = base.as_deref().map(object_id).transpose()?.ok_or(RepositoryError::Conflict)?;
        let path = self.path(project);
        let tree = self.command(project, ["rev-parse", "--verify", &format!("{head}^{{tree}}")])?.text().await?;
        let commit = NewCommit {
            tree: Some(&object_id(&tree)?),
            parents: std::slice::from_ref(&base),
            author: &person(&order.by),
            at: order.by.at,
            message: &order.squash_message,
        };
        let squashed = self.git().commit_tree(&path, &commit).await?;
        if base == *target {
            let squashed = squashed.to_string();
            return Ok(Merged { merge_commit: None, squash_commit: Some(squashed.clone()), target: squashed });
        }
        let made = self.join(project, order, MergeMethod::MergeCommit, target, &squashed).await?.to_string();
        Ok(Merged { merge_commit: Some(made.clone()), squash_commit: Some(squashed.into()), target: made })
    }

    async fn join(
        &self,
        project: ProjectId,
        order: &MergeOrder,
        method: MergeMethod,
        target: &ObjectId,
        source: &ObjectId,
    ) -> Result<ObjectId, RepositoryError> {
        let author = &person(&order.by);
        let merge = Merge { method, target, source, author, at: order.by.at, message: &order.message };
        match self.git().merge(&self.path(project), &merge).await {
            Err(GitError::Conflict) => Err(RepositoryError::Conflict),
            other => Ok(other?),
        }
    }
}

fn person(signature: &Signature) -> Person {
    Person { name: signature.name.clone(), email: signature.email.clone() }
}
