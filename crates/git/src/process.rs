//! One running git process.

use std::process::{ExitStatus, Stdio};
use std::sync::Arc;

use model::secret::{ExposeSecret, SecretString};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::GitError;
use crate::verdict;

/// How much of the end of a standard error is kept.
const STDERR_LIMIT: usize = 16 * 1024;

/// A running process; dropping it kills it.
pub struct Process {
    child: Child,
    stderr: JoinHandle<Vec<u8>>,
    /// Told when the text to stop at was seen.
    alarm: Arc<Notify>,
    secrets: Vec<SecretString>,
}

/// How a process ended.
pub struct Ending {
    pub status: Option<ExitStatus>,
    /// The end of its standard error, secrets removed.
    pub stderr: String,
}

impl Ending {
    pub fn code(&self) -> Option<i32> {
        self.status.and_then(|status| status.code())
    }

    /// Success, or the failure that the standard error tells.
    pub fn into_result(self) -> Result<(), GitError> {
        if self.code() == Some(0) { Ok(()) } else { Err(verdict::failure(&self.stderr)) }
    }
}

impl Process {
    /// Starts `command`, whose standard input and output the caller has set.
    pub fn start(
        mut command: tokio::process::Command,
        stop_at: Option<&'static str>,
        secrets: Vec<SecretString>,
    ) -> Result<Self, GitError> {
        command.stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| GitError::Unavailable(error.to_string()))?;
        let alarm = Arc::new(Notify::new());
        let stderr = tokio::spawn(keep_end(child.stderr.take(), stop_at, Arc::clone(&alarm)));
        Ok(Self { child, stderr, alarm, secrets })
    }

    pub fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Writes `input`, reads the output up to `limit` bytes, waits for the end. Text to stop at kills the process.
    pub async fn exchange(mut self, input: impl AsyncRead + Unpin, limit: u64) -> Result<(Vec<u8>, Ending), GitError> {
        let (stdin, stdout) = (self.stdin(), self.stdout());
        let mut output = Vec::new();
        let alarm = Arc::clone(&self.alarm);
        let stopped = tokio::select! {
            done = async { tokio::try_join!(feed(stdin, input), drain(stdout, &mut output, limit)) } => done.map(|_| false)?,
            () = alarm.notified() => true,
        };
        let ending = if stopped { self.kill().await } else { self.end().await? };
        Ok((output, ending))
    }

    /// Waits for the process to end by itself.
    pub async fn end(mut self) -> Result<Ending, GitError> {
        let status = self.child.wait().await.map_err(|error| GitError::Unavailable(error.to_string()))?;
        let stderr = self.stderr.await.unwrap_or_default();
        Ok(Ending { status: Some(status), stderr: readable(&stderr, &self.secrets) })
    }

    /// Its helpers may outlive it for a moment and keep standard error open, so that is not waited for to close.
    async fn kill(mut self) -> Ending {
        // Fails only where the process has ended already.
        let _ = self.child.kill().await;
        let stderr = self.stderr.await.unwrap_or_default();
        Ending { status: None, stderr: readable(&stderr, &self.secrets) }
    }
}

/// A process that ends early closes its input; its exit status then tells why, not our broken pipe.
async fn feed(stdin: Option<ChildStdin>, mut input: impl AsyncRead + Unpin) -> Result<(), GitError> {
    if let Some(mut stdin) = stdin {
        let _ = tokio::io::copy(&mut input, &mut stdin).await;
        let _ = stdin.shutdown().await;
    }
    Ok(())
}

async fn drain(stdout: Option<ChildStdout>, output: &mut Vec<u8>, limit: u64) -> Result<(), GitError> {
    let Some(stdout) = stdout else { return Ok(()) };
    let mut bounded = stdout.take(limit.saturating_add(1));
    bounded.read_to_end(output).await.map_err(|error| GitError::Other(error.to_string()))?;
    let too_long = output.len() as u64 > limit;
    if too_long { Err(GitError::Other(format!("its answer is longer than {limit} bytes"))) } else { Ok(()) }
}

/// Reads until the end, or until the text to stop at has come.
async fn keep_end(stderr: Option<ChildStderr>, stop_at: Option<&'static str>, alarm: Arc<Notify>) -> Vec<u8> {
    let mut kept = Vec::new();
    let Some(mut stderr) = stderr else { return kept };
    let mut chunk = [0_u8; 4096];
    while let Ok(length @ 1..) = stderr.read(&mut chunk).await {
        kept.extend_from_slice(&chunk[..length]);
        if stop_at.is_some_and(|text| contains(&kept, text.as_bytes())) {
            alarm.notify_one();
            return kept;
        }
        if kept.len() > 2 * STDERR_LIMIT {
            kept.drain(..kept.len() - STDERR_LIMIT);
        }
    }
    kept
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// As text without control characters and without secrets, which a hostile server may send back.
fn readable(stderr: &[u8], secrets: &[SecretString]) -> String {
    let mut text = String::from_utf8_lossy(stderr).replace('\r', "\n");
    for secret in secrets {
        text = text.replace(secret.expose_secret(), "[secret]");
    }
    text.chars().filter(|letter| !letter.is_control() || *letter == '\n').collect()
}
