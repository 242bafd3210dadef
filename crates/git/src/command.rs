//! Running git: the only place that starts processes.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use model::secret::SecretString;
use tokio::io::AsyncRead;

use crate::process::{Ending, Process};
use crate::server_memory::ServerMemory;
use crate::{GitError, environment};

/// How long an answer held in memory may be.
const OUTPUT_LIMIT: u64 = 64 * 1024 * 1024;

/// The installed git. A clone shares what was learnt about servers.
#[derive(Debug, Clone)]
pub struct Git {
    program: PathBuf,
    pub(crate) servers: ServerMemory,
}

/// A version of git.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The 2 of 2.47.3.
    pub major: u32,
    /// The 47 of 2.47.3.
    pub minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Default for Git {
    fn default() -> Self {
        Self::new()
    }
}

impl Git {
    /// The oldest git that understands all that is asked of it (`safe.directory` by environment, merging without a
    /// working folder).
    pub const OLDEST: Version = Version { major: 2, minor: 38 };

    /// The `git` of the path.
    #[must_use]
    pub fn new() -> Self {
        Self::with_program("git")
    }

    /// Another git than that of the path.
    #[must_use]
    pub fn with_program(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), servers: ServerMemory::default() }
    }

    /// Which version it is; compare with [`Git::OLDEST`].
    ///
    /// # Errors
    /// [`GitError::Unavailable`] where it is not installed.
    pub async fn version(&self) -> Result<Version, GitError> {
        let text = self.command(["version"]).text().await?;
        parse_version(&text).ok_or_else(|| GitError::Unavailable(format!("it calls itself {text:?}")))
    }

    /// A git command in the safe environment, for what no method covers.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        Command {
            program: self.program.clone(),
            arguments: arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect(),
            directory: None,
            environment: Vec::new(),
            config: Vec::new(),
            input: None,
            stop_at: None,
            secrets: Vec::new(),
        }
    }
}

/// From `git version 2.39.5 (Apple Git-154)`.
fn parse_version(text: &str) -> Option<Version> {
    let mut numbers = text.strip_prefix("git version ")?.split('.').map(str::parse);
    Some(Version { major: numbers.next()?.ok()?, minor: numbers.next()?.ok()? })
}

/// One git process to be: no terminal, no configuration but the repository's and what is given here, bounded output.
#[must_use = "a command does nothing until it is run"]
pub struct Command {
    program: PathBuf,
    arguments: Vec<OsString>,
    directory: Option<PathBuf>,
    environment: Vec<(OsString, OsString)>,
    config: Vec<(String, String)>,
    input: Option<Vec<u8>>,
    stop_at: Option<&'static str>,
    secrets: Vec<SecretString>,
}

/// Arguments only: configuration and environment may hold secrets.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command").field("arguments", &self.arguments).finish_non_exhaustive()
    }
}

impl Command {
    /// Runs in this repository (bare, or the `.git` folder); git searches no other.
    pub fn repository(self, path: &Path) -> Self {
        self.directory(path).env("GIT_DIR", path)
    }

    /// Runs in this folder.
    pub(crate) fn directory(mut self, path: &Path) -> Self {
        self.directory = Some(path.to_owned());
        self
    }

    /// Adds an environment variable; a later one of the same name wins.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// Adds a configuration value, by environment: it never shows in the process list.
    pub fn config(mut self, key: &str, value: &str) -> Self {
        self.config.push((key.to_owned(), value.to_owned()));
        self
    }

    /// What the process reads from its standard input; without it, nothing.
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Some(bytes.into());
        self
    }

    /// Kills the process as soon as its standard error says this.
    pub(crate) fn stop_at(mut self, text: &'static str) -> Self {
        self.stop_at = Some(text);
        self
    }

    /// A text that errors must not repeat.
    pub(crate) fn secret(mut self, secret: SecretString) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Runs it; gives its standard output, at most 64 MiB.
    ///
    /// # Errors
    /// A [`GitError`] read from its standard error where it does not exit with 0.
    pub async fn output(self) -> Result<Vec<u8>, GitError> {
        let (output, ending) = self.run().await?;
        ending.into_result().map(|()| output)
    }

    /// As [`Command::output`], as text without the final line break.
    ///
    /// # Errors
    /// As [`Command::output`], and [`GitError::Corrupt`] where it is not UTF-8.
    pub async fn text(self) -> Result<String, GitError> {
        let text = String::from_utf8(self.output().await?);
        let text = text.map_err(|_| GitError::Corrupt("git's answer is not UTF-8".to_owned()))?;
        Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
    }

    /// Runs it to whatever end.
    pub(crate) async fn run(mut self) -> Result<(Vec<u8>, Ending), GitError> {
        let input = self.input.take();
        let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
        self.start(stdin)?.exchange(input.unwrap_or_default().as_slice(), OUTPUT_LIMIT).await
    }

    /// Runs it on a stream of input.
    pub(crate) async fn run_on(self, input: impl AsyncRead + Unpin) -> Result<(Vec<u8>, Ending), GitError> {
        self.start(Stdio::piped())?.exchange(input, OUTPUT_LIMIT).await
    }

    /// Starts it with a piped standard output.
    #[expect(clippy::disallowed_methods, reason = "this is the home of processes")]
    pub(crate) fn start(self, stdin: Stdio) -> Result<Process, GitError> {
        tracing::debug!(arguments = ?self.arguments.iter().take(3).collect::<Vec<_>>(), "git");
        let mut command = tokio::process::Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(environment::base())
            .envs(environment::config(&self.config))
            .envs(self.environment)
            .stdin(stdin)
            .stdout(Stdio::piped());
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        Process::start(command, self.stop_at, self.secrets)
    }
}

#[cfg(test)]
mod tests {
    use super::{Version, parse_version};

    #[test]
    fn reads_versions_as_vendors_write_them() {
        assert_eq!(parse_version("git version 2.39.5 (Apple Git-154)"), Some(Version { major: 2, minor: 39 }));
        assert_eq!(parse_version("git version 2.47.3"), Some(Version { major: 2, minor: 47 }));
        assert_eq!(parse_version("svn"), None);
    }
}
