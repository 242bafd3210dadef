//! The repositories in a folder.

use std::cmp::Reverse;
use std::fs::DirEntry;
use std::path::{Path, PathBuf};

use futures::{StreamExt as _, TryStreamExt as _};
use model::{ForgeRepository, Millis};

use crate::folder::{Folder, place};
use crate::{ForgeError, Problem};

/// How deep below the account's folder repositories are looked for.
const MAX_DEPTH: usize = 8;
/// How many folders are looked into.
const MAX_FOLDERS: usize = 200_000;
/// How many repositories a folder may hold.
const MAX_REPOSITORIES: usize = 20_000;
/// How many repositories are asked for their branches at the same time.
const AT_ONCE: usize = 4;

/// A repository found: its name below the host's folder, and its real path.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    name: String,
    path: PathBuf,
}

impl Folder {
    /// Every repository below the account's folder, newest activity first. One that git cannot read is left out.
    pub(super) async fn repositories_below(&self, account: &str) -> Result<Vec<ForgeRepository>, ForgeError> {
        let (root, account) = (self.root.clone(), account.to_owned());
        let found = super::blocking(move || walk(&root, &account)).await?;
        let described = futures::stream::iter(found).map(|found| self.describe(found)).buffered(AT_ONCE);
        let mut repositories: Vec<ForgeRepository> =
            described.try_filter_map(|described| std::future::ready(Ok(described))).try_collect().await?;
        repositories.sort_by_key(|repository| Reverse(repository.last_activity_at));
        Ok(repositories)
    }

    async fn describe(&self, found: Found) -> Result<Option<ForgeRepository>, ForgeError> {
        let refs = match self.git.ls_refs(&git::Remote::Local(found.path.clone())).await {
            Ok(refs) => refs,
            Err(error @ git::GitError::Unavailable(_)) => return Err(error.into()),
            Err(error) => {
                tracing::warn!(repository = found.name, %error, "a repository of a folder cannot be read");
                return Ok(None);
            }
        };
        // A broken repository is listed, so that its own sync fails and not the whole list.
        let last_activity_at =
            if refs.branches.is_empty() { None } else { self.newest_commit(&found.path).await.unwrap_or(None) };
        Ok(Some(ForgeRepository {
            name: title(&found),
            path: found.name.clone(),
            forge_id: found.name,
            web_url: None,
            git_url: found.path.to_string_lossy().into_owned(),
            default_branch: refs.default_branch,
            fork_of: None,
            archived: false,
            empty: refs.branches.is_empty(),
            last_activity_at,
        }))
    }

    /// When the newest commit at the head of a branch was committed.
    async fn newest_commit(&self, path: &Path) -> Result<Option<Millis>, ForgeError> {
        let arguments =
            ["for-each-ref", "--sort=-committerdate", "--count=1", "--format=%(committerdate:unix)", "refs/heads/"];
        let told = self.git.command(arguments).repository(&place::git_folder(path)).text().await?;
        Ok(told.trim().parse::<i64>().ok().map(|seconds| seconds.saturating_mul(1000)))
    }
}

/// What people call it: the last part of its path without `.git`.
fn title(found: &Found) -> String {
    let last = found.path.file_name().map(|last| last.to_string_lossy().into_owned());
    let last = last.unwrap_or_else(|| found.name.clone());
    last.strip_suffix(".git").map_or_else(|| last.clone(), ToOwned::to_owned)
}

/// Looks for repositories, by name. Symbolic links are not followed: what they name inside the folder is found at its
/// own place, and what is outside does not belong to it. Nothing inside a repository is looked at.
fn walk(root: &Path, account: &str) -> Result<Vec<Found>, ForgeError> {
    let (_, start) = place::resolve(root, account)?;
    let root = place::real(root)?;
    let mut found = Vec::new();
    let mut looked_into = 0_usize;
    let mut waiting = vec![(start, 0_usize)];
    while let Some((folder, depth)) = waiting.pop() {
        if place::is_repository(&folder) {
            found
                .extend(folder.strip_prefix(&root).ok().and_then(place::name).map(|name| Found { name, path: folder }));
        } else if depth < MAX_DEPTH && !place::is_worktree_or_submodule(&folder) {
            looked_into += 1;
            let folders = subfolders(&folder, depth == 0)?;
            waiting.extend(folders.into_iter().map(|subfolder| (subfolder, depth + 1)));
        }
        if found.len() > MAX_REPOSITORIES || looked_into > MAX_FOLDERS {
            let (repositories, folders) = (MAX_REPOSITORIES, MAX_FOLDERS);
            return Err(Problem::FolderTooLarge { repositories, folders }.into());
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

/// The repositories at or below a path of this machine, by name, without asking git; the path itself may also be a worktree.
///
/// # Errors
/// [`Problem::FolderMissing`], [`Problem::FolderUnreadable`], or [`Problem::FolderTooLarge`].
pub fn find_repositories(path: &Path) -> Result<Vec<PathBuf>, ForgeError> {
    let root = place::real(path)?;
    if place::is_worktree_or_submodule(&root) {
        return Ok(vec![root]);
    }
    Ok(walk(&root, place::ITSELF)?.into_iter().map(|found| found.path).collect())
}

/// The real folders in a folder. One deep inside that may not be read has none.
fn subfolders(folder: &Path, must_be_readable: bool) -> Result<Vec<PathBuf>, ForgeError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if must_be_readable => return Err(place::problem(&error)),
        Err(_) => return Ok(Vec::new()),
    };
    let is_folder = |entry: &DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    Ok(entries.filter_map(Result::ok).filter(is_folder).map(|entry| entry.path()).collect())
}
