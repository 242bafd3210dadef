//! The bare git repositories behind the projects, one directory per project id.
//!
//! All of git's rules (merging, diffs, reachability) are git's own: every method is one or two processes of the
//! installed git. Nothing here knows of users, visibility or merge requests.

mod commit_object;
mod commits;
mod diff;
mod merge;
mod refs;
mod tree;

use std::path::{Path, PathBuf};

use git::Git;

use crate::gitlab::model::ProjectId;

pub use commit_object::{CommitRow, Signature};
pub use commits::CommitQuery;
pub use diff::FileDiff;
pub use merge::{MergeMethod, MergeOrder, Merged};
pub use refs::{BranchRow, RefKind, TagRow};
pub use tree::{TreeKind, TreeRow};

/// Why a repository could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// The project has no repository, or a revision that had to exist does not.
    #[error("no such repository or revision: {0}")]
    Missing(String),
    /// The two sides cannot be joined this way (conflict, or no fast-forward).
    #[error("the branches cannot be merged this way")]
    Conflict,
    /// git failed.
    #[error(transparent)]
    Git(#[from] git::GitError),
    /// The directory could not be read or written.
    #[error("the repository's directory: {0}")]
    Io(#[from] std::io::Error),
    /// git answered something that this program does not understand.
    #[error("git's answer was not understood: {0}")]
    Answer(&'static str),
}

/// What every repository here is configured with: filters and fetches of any object as GitLab allows them, no pushes to
/// the refs that GitLab keeps for itself, and no maintenance behind a test's back.
const CONFIG: &str = "\
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
[receive]
\thideRefs = refs/merge-requests
\tautogc = false
\tdenyDeleteCurrent = ignore
[gc]
\tauto = 0
[maintenance]
\tauto = false
";

/// All repositories of one sandbox GitLab.
#[derive(Clone, Debug)]
pub struct Repositories {
    git: Git,
    root: PathBuf,
}

impl Repositories {
    /// Repositories below `root`, which is made when the first of them is.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { git: Git::new(), root }
    }

    /// The directory of a project's repository (`<id>.git`), whether it exists or not.
    #[must_use]
    pub fn path(&self, project: ProjectId) -> PathBuf {
        self.root.join(Self::directory_name(project))
    }

    /// The name of the directory of a project's repository.
    pub(crate) fn directory_name(project: ProjectId) -> String {
        format!("{}.git", project.0)
    }

    /// The directory with all repositories.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The installed git.
    pub(crate) const fn git(&self) -> &Git {
        &self.git
    }

    /// Whether the project has a repository.
    #[must_use]
    pub fn exists(&self, project: ProjectId) -> bool {
        self.path(project).join("HEAD").exists()
    }

    /// Makes an empty repository whose HEAD points at `main`.
    ///
    /// # Errors
    /// When git or the disk fails.
    pub async fn create(&self, project: ProjectId) -> Result<(), RepositoryError> {
        let path = self.path(project);
        self.git.init_bare(&path).await?;
        configure(&path).await
    }

    /// Makes the repository of a fork: the same branches and tags, the objects borrowed from its parent.
    ///
    /// # Errors
    /// When there is no parent, or git or the disk fails.
    pub async fn fork(&self, from: ProjectId, to: ProjectId) -> Result<(), RepositoryError> {
        self.borrow_from(to, &self.existing(from)?).await
    }

    /// Makes a repository with the branches and tags of another one anywhere on this machine (bare or not). Its objects
    /// are borrowed through `objects/info/alternates`, so nothing is copied and the other repository is never written.
    ///
    /// # Errors
    /// When there is no repository at `other`, or git or the disk fails.
    pub async fn borrow_from(&self, project: ProjectId, other: &Path) -> Result<(), RepositoryError> {
        let path = self.path(project);
        self.git.clone_borrowing(other, &path).await?;
        configure(&path).await
    }

    /// Removes a repository. Its objects stay while a fork borrows them.
    ///
    /// # Errors
    /// When the disk fails. A repository that is not there is no error.
    pub async fn delete(&self, project: ProjectId) -> Result<(), RepositoryError> {
        let path = self.path(project);
        if !tokio::fs::try_exists(&path).await? {
            return Ok(());
        }
        if !self.is_borrowed(&path).await? {
            return Ok(tokio::fs::remove_dir_all(path).await?);
        }
        let mut entries = tokio::fs::read_dir(&path).await?;
        while let Some(entry) = entries.next_entry().await? {
            match entry.file_type().await? {
                kind if kind.is_dir() && entry.file_name() == "objects" => {}
                kind if kind.is_dir() => tokio::fs::remove_dir_all(entry.path()).await?,
                _ => tokio::fs::remove_file(entry.path()).await?,
            }
        }
        Ok(())
    }

    /// Feeds a fast-import stream to the repository; refs may move anywhere.
    ///
    /// # Errors
    /// When there is no repository, or the stream is not one.
    pub async fn fast_import(&self, project: ProjectId, stream: Vec<u8>) -> Result<(), RepositoryError> {
        self.fast_import_from(project, stream.as_slice()).await
    }

    /// As [`Repositories::fast_import`], for streams too long for memory.
    ///
    /// # Errors
    /// As there.
    pub async fn fast_import_from(
        &self,
        project: ProjectId,
        stream: impl tokio::io::AsyncRead + Send + Unpin,
    ) -> Result<(), RepositoryError> {
        Ok(self.git.fast_import(&self.existing(project)?, stream).await?)
    }

    async fn is_borrowed(&self, path: &Path) -> Result<bool, RepositoryError> {
        let objects = tokio::fs::canonicalize(path.join("objects")).await?;
        let mut entries = tokio::fs::read_dir(&self.root).await?;
        while let Some(entry) = entries.next_entry().await? {
            let alternates = tokio::fs::read_to_string(entry.path().join("objects/info/alternates")).await;
            if alternates.is_ok_and(|lines| lines.lines().any(|line| Path::new(line) == objects)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The directory of a repository that must exist.
    fn existing(&self, project: ProjectId) -> Result<PathBuf, RepositoryError> {
        if self.exists(project) {
            Ok(self.path(project))
        } else {
            Err(RepositoryError::Missing(format!("repository of project {}", project.0)))
        }
    }

    /// A git command in a repository that must exist.
    fn command<A: AsRef<std::ffi::OsStr>>(
        &self,
        project: ProjectId,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<git::Command, RepositoryError> {
        Ok(self.git.command(arguments).repository(&self.existing(project)?))
    }
}

/// Adds what is ours to the configuration of a new repository.
async fn configure(path: &Path) -> Result<(), RepositoryError> {
    let config = path.join("config");
    let mut text = tokio::fs::read_to_string(&config).await?;
    text.push_str(CONFIG);
    Ok(tokio::fs::write(config, text).await?)
}

/// What a git command answered, where a failure of git's own means "no". That git is not installed stays an error.
fn unless_refused<T>(result: Result<T, git::GitError>) -> Result<Option<T>, RepositoryError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error @ git::GitError::Unavailable(_)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// Whether a text from outside can be handed to git as a revision: it is no option, no exclusion and no range.
fn is_single_revision(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(['-', '^', ':']) && !text.contains("..") && !text.contains(['\0', '\n'])
}
