//! Repositories to test with.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use futures::{Stream, StreamExt};
use git::{Git, GitError, RefUpdate};
use model::{Commit, ObjectId};
use tempfile::TempDir;

/// A folder of its own, and git.
pub struct World {
    pub git: Git,
    folder: TempDir,
}

impl World {
    pub fn new() -> Self {
        Self { git: Git::new(), folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A bare repository from a fast-import stream.
    pub async fn repository(&self, name: &str, stream: &str) -> PathBuf {
        let path = self.path(name);
        self.git.init_bare(&path).await.unwrap();
        self.git.fast_import(&path, stream.as_bytes()).await.unwrap();
        path
    }

    /// Imports more into a repository.
    pub async fn grow(&self, repository: &Path, stream: &str) {
        self.git.fast_import(repository, stream.as_bytes()).await.unwrap();
    }

    pub async fn head(&self, repository: &Path, branch: &str) -> ObjectId {
        self.git.rev_parse(repository, &format!("refs/heads/{branch}")).await.unwrap().unwrap()
    }

    pub async fn set(&self, repository: &Path, branch: &str, id: &ObjectId) {
        let update = RefUpdate::Set { name: format!("refs/heads/{branch}"), id: id.clone() };
        self.git.update_refs(repository, &[update]).await.unwrap();
    }

    pub async fn delete(&self, repository: &Path, branch: &str) {
        let update = RefUpdate::Delete { name: format!("refs/heads/{branch}") };
        self.git.update_refs(repository, &[update]).await.unwrap();
    }

    /// Writes a commit object byte for byte.
    pub async fn raw_commit(&self, repository: &Path, bytes: impl Into<Vec<u8>>) -> ObjectId {
        let arguments = ["hash-object", "-t", "commit", "-w", "--stdin", "--literally"];
        let written = self.git.command(arguments).repository(repository).input(bytes).text().await;
        written.unwrap().parse().unwrap()
    }
}

/// Commits on a branch, each with a file of its own, as a fast-import stream; after `from`, if the branch goes on.
pub fn commits(branch: &str, messages: &[&str], from: Option<&str>) -> String {
    let mut stream = String::new();
    for (position, message) in messages.iter().enumerate() {
        let at = 1_700_000_000 + position;
        writeln!(stream, "commit refs/heads/{branch}\ncommitter Ada <ada@example.com> {at} +0000").unwrap();
        writeln!(stream, "data {}\n{message}", message.len()).unwrap();
        if let (0, Some(from)) = (position, from) {
            writeln!(stream, "from {from}").unwrap();
        }
        writeln!(stream, "M 100644 inline {branch}-{position}.txt\ndata {}\n{message}\n", message.len()).unwrap();
    }
    stream
}

/// Everything of a stream that must not hold errors.
pub async fn all(stream: impl Stream<Item = Result<Commit, GitError>>) -> Vec<Commit> {
    stream.map(Result::unwrap).collect().await
}

pub fn messages(commits: &[Commit]) -> Vec<&str> {
    commits.iter().map(|commit| commit.message.trim_end()).collect()
}

/// An id that no repository holds.
pub fn absent() -> ObjectId {
    "00000000000000000000000000000000deadbeef".parse().unwrap()
}
