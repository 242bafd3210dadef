//! Running git.

use std::path::{Path, PathBuf};

use crate::GitError;

/// The installed git. A clone shares what was learnt about servers.
#[derive(Debug, Clone)]
pub struct Git {
    program: PathBuf,
}

/// A version of git.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The 2 of 2.47.3.
    pub major: u32,
    /// The 47 of 2.47.3.
    pub minor: u32,
}

impl Default for Git {
    fn default() -> Self {
        Self::new()
    }
}

impl Git {
    /// The `git` of the path.
    #[must_use]
    pub fn new() -> Self {
        Self::with_program("git")
    }

    /// Another git than that of the path.
    #[must_use]
    pub fn with_program(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into() }
    }

    /// Which version it is.
    ///
    /// # Errors
    /// [`GitError::Unavailable`] where it is not installed.
    pub async fn version(&self) -> Result<Version, GitError> {
        let _ = &self.program;
        todo!()
    }

    /// A git command in the safe environment, for what no method covers.
    #[must_use]
    pub fn command<A: AsRef<str>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let _ = arguments.into_iter().count();
        todo!()
    }
}

/// One git process to be: no terminal, no configuration but the repository's and what is given here, bounded output.
#[derive(Debug)]
#[must_use = "a command does nothing until it is run"]
pub struct Command {}

impl Command {
    /// Runs in this repository (bare, or the `.git` folder).
    pub fn repository(self, path: &Path) -> Self {
        let _ = path;
        self
    }

    /// Adds an environment variable.
    pub fn env(self, name: &str, value: &str) -> Self {
        let _ = (name, value);
        self
    }

    /// Adds a configuration value, by environment: it never shows in the process list.
    pub fn config(self, key: &str, value: &str) -> Self {
        let _ = (key, value);
        self
    }

    /// What the process reads from its standard input; without it, nothing.
    pub fn input(self, bytes: impl Into<Vec<u8>>) -> Self {
        let _ = bytes.into();
        self
    }

    /// Runs it; gives its standard output, at most 64 MiB.
    ///
    /// # Errors
    /// A [`GitError`] read from its standard error where it does not exit with 0.
    pub async fn output(self) -> Result<Vec<u8>, GitError> {
        todo!()
    }

    /// As [`Command::output`], as text without the final line break.
    ///
    /// # Errors
    /// As [`Command::output`].
    pub async fn text(self) -> Result<String, GitError> {
        todo!()
    }
}
