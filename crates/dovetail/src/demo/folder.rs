//! Where a demo keeps its data: a temporary directory, or one that earlier demos made.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::Failure;

/// Lies in a directory that a demo may empty.
const MARK: &str = "dovetail-demo";

/// The demo's directory.
pub struct Folder {
    path: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Folder {
    /// A temporary directory, or the given one, emptied of what an earlier demo left: the stand-in GitLab begins anew each time.
    pub fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else {
            let temporary = tempfile::Builder::new().prefix("dovetail-demo-").tempdir()?;
            return Ok(Self { path: temporary.path().to_owned(), _temporary: Some(temporary) });
        };
        std::fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))?;
        let empty = std::fs::read_dir(path)?.next().is_none();
        if !empty && !path.join(MARK).exists() {
            let line =
                format!("{} holds something that is not a demo's; give an empty or a new directory", path.display());
            return Err(Failure::Usage(line));
        }
        std::fs::write(path.join(MARK), "The next `dovetail demo` empties this directory.\n")?;
        let folder = Self { path: path.to_owned(), _temporary: None };
        for part in [folder.dovetail(), folder.gitlab()] {
            if part.exists() {
                std::fs::remove_dir_all(&part)?;
            }
        }
        Ok(folder)
    }

    /// For Dovetail.
    pub fn dovetail(&self) -> PathBuf {
        self.path.join("dovetail")
    }

    /// For the repositories of the stand-in GitLab.
    pub fn gitlab(&self) -> PathBuf {
        self.path.join("gitlab")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_with_something_else_in_it_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("thesis.tex"), "x").unwrap();
        assert!(matches!(Folder::open(Some(folder.path())), Err(Failure::Usage(_))));
        assert!(folder.path().join("thesis.tex").exists());
    }

    #[test]
    fn an_earlier_demo_is_swept_away() {
        let folder = tempfile::tempdir().unwrap();
        let first = Folder::open(Some(folder.path())).unwrap();
        std::fs::create_dir_all(first.gitlab()).unwrap();
        let second = Folder::open(Some(folder.path())).unwrap();
        assert!(!second.gitlab().exists());
    }
}
