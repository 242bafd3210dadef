//! Commits made without a working folder, for the sandbox and for tests.

use std::path::Path;

use model::{Millis, ObjectId, Person};

use crate::{Git, GitError};

/// A commit to be made.
#[derive(Debug, Clone)]
pub struct NewCommit<'a> {
    /// Its tree; none: the empty one.
    pub tree: Option<&'a ObjectId>,
    /// Its parents.
    pub parents: &'a [ObjectId],
    /// Author and committer.
    pub author: &'a Person,
    /// Author and committer date; kept to the second.
    pub at: Millis,
    /// The message.
    pub message: &'a str,
}

/// How a source joins a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeMethod {
    /// A commit with both as parents.
    MergeCommit,
    /// A commit with the target as its parent and the source's changes.
    Squash,
    /// The source itself, where the target is its ancestor.
    FastForward,
}

/// A merge to be made.
#[derive(Debug, Clone)]
pub struct Merge<'a> {
    /// How.
    pub method: MergeMethod,
    /// The head of the target branch.
    pub target: &'a ObjectId,
    /// The head of the source branch.
    pub source: &'a ObjectId,
    /// Who merges.
    pub author: &'a Person,
    /// When.
    pub at: Millis,
    /// The message of a merge or squash commit.
    pub message: &'a str,
}

impl Git {
    /// Makes a commit; no ref moves.
    ///
    /// # Errors
    /// Where git fails.
    pub async fn commit_tree(&self, path: &Path, commit: &NewCommit<'_>) -> Result<ObjectId, GitError> {
        let tree = match commit.tree {
            Some(tree) => tree.clone(),
            None => self.id_from(path, &["mktree"], Vec::new()).await?,
        };
        // Not `git commit-tree`, which refuses empty names and messages that forges know.
        self.id_from(path, &["hash-object", "-t", "commit", "-w", "--stdin"], object(&tree, commit)).await
    }

    /// Merges; returns the target's new head. No ref moves.
    ///
    /// # Errors
    /// [`GitError::Conflict`] where both changed the same lines, or a fast-forward is not possible.
    pub async fn merge(&self, path: &Path, merge: &Merge<'_>) -> Result<ObjectId, GitError> {
        let both = [merge.target.clone(), merge.source.clone()];
        let parents = match merge.method {
            MergeMethod::FastForward if self.is_ancestor(path, merge.target, merge.source).await? => {
                return Ok(merge.source.clone());
            }
            MergeMethod::FastForward => return Err(GitError::Conflict),
            MergeMethod::MergeCommit => &both[..],
            MergeMethod::Squash => &both[..1],
        };
        let tree = self.merged_tree(path, merge.target, merge.source).await?;
        let Merge { author, at, message, .. } = *merge;
        self.commit_tree(path, &NewCommit { tree: Some(&tree), parents, author, at, message }).await
    }

    async fn merged_tree(&self, path: &Path, ours: &ObjectId, theirs: &ObjectId) -> Result<ObjectId, GitError> {
        let arguments = ["merge-tree", "--write-tree", "--allow-unrelated-histories", ours.as_str(), theirs.as_str()];
        let (output, ending) = self.command(arguments).repository(path).run().await?;
        if ending.code() == Some(1) {
            return Err(GitError::Conflict);
        }
        ending.into_result()?;
        first_id(&output)
    }

    async fn id_from(&self, path: &Path, arguments: &[&str], input: Vec<u8>) -> Result<ObjectId, GitError> {
        first_id(&self.command(arguments).repository(path).input(input).output().await?)
    }
}

fn first_id(output: &[u8]) -> Result<ObjectId, GitError> {
    let text = String::from_utf8_lossy(output);
    let id = text.lines().next().and_then(|line| line.parse().ok());
    id.ok_or_else(|| GitError::Corrupt("git did not name the object that it made".to_owned()))
}

fn object(tree: &ObjectId, commit: &NewCommit<'_>) -> Vec<u8> {
    let clean = |text: &str| text.replace(['<', '>', '\n', '\0'], "");
    let (name, email) = (clean(&commit.author.name), clean(&commit.author.email));
    let who = format!("{name} <{email}> {} +0000", commit.at.div_euclid(1000).max(0));
    let parents: String = commit.parents.iter().map(|parent| format!("parent {parent}\n")).collect();
    format!("tree {tree}\n{parents}author {who}\ncommitter {who}\n\n{}", commit.message).into_bytes()
}
