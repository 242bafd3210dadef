//! Places below a folder, and nowhere else.

use std::io;
use std::path::{Component, Path, PathBuf};

use crate::{ForgeError, Problem};

/// The name of the folder itself, as an account and as a repository.
pub const ITSELF: &str = ".";

/// The place that `relative` names below `root`: its name from there (`.` for the root) and its real path. Whatever
/// leads out of the folder, by `..` or by a symbolic link, does not exist.
pub fn resolve(root: &Path, relative: &str) -> Result<(String, PathBuf), ForgeError> {
    let root = real(root)?;
    let relative = Path::new(relative);
    if relative.components().any(|component| !matches!(component, Component::Normal(_) | Component::CurDir)) {
        return Err(Problem::NotFound.into());
    }
    let path = real(&root.join(relative)).map_err(|error| match error.problem {
        Problem::FolderMissing => Problem::NotFound.into(),
        _ => error,
    })?;
    let name = path.strip_prefix(&root).ok().and_then(name).ok_or(Problem::NotFound)?;
    Ok((name, path))
}

/// A path below the root as its stable name, with `/` on every system; none where it is not text.
pub fn name(relative: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
    let parts = parts?;
    Some(if parts.is_empty() { ITSELF.to_owned() } else { parts.join("/") })
}

/// The real path of a folder.
pub fn real(path: &Path) -> Result<PathBuf, ForgeError> {
    let found = path.canonicalize().map_err(|error| problem(&error))?;
    if found.is_dir() { Ok(found) } else { Err(Problem::FolderMissing.into()) }
}

/// What an error of the file system means for a folder.
pub fn problem(error: &io::Error) -> ForgeError {
    match error.kind() {
        io::ErrorKind::PermissionDenied => Problem::FolderUnreadable.into(),
        _ => Problem::FolderMissing.into(),
    }
}

/// Whether this folder is a git repository: bare, or with a `.git` folder. A `.git` *file* marks a worktree or a
/// submodule, whose commits belong to another repository.
pub fn is_repository(path: &Path) -> bool {
    is_bare(path) || is_bare(&path.join(".git"))
}

/// Where a repository keeps its objects: itself when bare, else its `.git` folder.
pub fn git_folder(path: &Path) -> PathBuf {
    if is_bare(path) { path.to_owned() } else { path.join(".git") }
}

/// Whether this folder belongs to a repository elsewhere.
pub fn is_worktree_or_submodule(path: &Path) -> bool {
    path.join(".git").symlink_metadata().is_ok_and(|found| found.is_file())
}

fn is_bare(path: &Path) -> bool {
    let is_folder = path.symlink_metadata().is_ok_and(|found| found.is_dir());
    is_folder && path.join("HEAD").is_file() && path.join("objects").is_dir() && path.join("refs").is_dir()
}
