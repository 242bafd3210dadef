//! Repositories on this machine, read where they are.

use std::path::{Path, PathBuf};

use crate::{Git, GitError, Refs};

/// The `.git` folder (or the bare repository) of exactly this path: parents are not searched, as a folder inside another
/// repository would silently mean that one.
pub async fn git_dir(git: &Git, path: &Path) -> Result<PathBuf, GitError> {
    let path = std::fs::canonicalize(path).ok().filter(|path| path.is_dir()).ok_or(GitError::NotARepository)?;
    let ceiling = path.parent().unwrap_or(&path);
    let found = git
        .command(["rev-parse", "--absolute-git-dir"])
        .directory(&path)
        .env("GIT_CEILING_DIRECTORIES", ceiling)
        .output()
        .await?;
    Ok(path_of(found))
}

#[cfg(unix)]
fn path_of(mut line: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    line.pop_if(|last| *last == b'\n');
    std::ffi::OsString::from_vec(line).into()
}

#[cfg(not(unix))]
fn path_of(line: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&line).trim_end().into()
}

impl Git {
    /// The branches of a repository given by its `.git` folder.
    pub(crate) async fn local_refs(&self, git_dir: &Path) -> Result<Refs, GitError> {
        let branches = self
            .command(["for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/"])
            .repository(git_dir)
            .output();
        let (branches, head) = tokio::try_join!(branches, self.symbolic_head(git_dir))?;
        let mut refs = Refs::default();
        for line in branches.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let space = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
            refs.add(line.get(space + 1..).unwrap_or_default(), &line[..space])?;
        }
        if let Some(head) = head {
            refs.set_default(&head);
        }
        Ok(refs)
    }

    /// What HEAD names; none when detached.
    pub(crate) async fn symbolic_head(&self, git_dir: &Path) -> Result<Option<Vec<u8>>, GitError> {
        let (mut name, ending) = self.command(["symbolic-ref", "-q", "HEAD"]).repository(git_dir).run().await?;
        if ending.code() == Some(1) {
            return Ok(None);
        }
        ending.into_result()?;
        name.pop_if(|last| *last == b'\n');
        Ok(Some(name))
    }
}
