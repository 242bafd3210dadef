//! Serving git over HTTP through `git http-backend`.

use std::io;
use std::path::PathBuf;
use std::pin::pin;
use std::process::Stdio;

use bytes::{Bytes, BytesMut};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStdin, ChildStdout};

use crate::process::Process;
use crate::{Command, Git, GitError};

/// The longest header block of an answer; git's own are a few hundred bytes.
const HEADER_LIMIT: usize = 64 * 1024;
/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// A request to a git server, as its HTTP front received it.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The folder that holds the repositories.
    pub project_root: PathBuf,
    /// The path below it (`/group/project.git/info/refs`).
    pub path_info: String,
    /// `GET` or `POST`.
    pub method: String,
    /// The query, without `?`.
    pub query: String,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Content-Encoding`; `gzip` is undone by git.
    pub content_encoding: Option<String>,
    /// `Content-Length`; none for a chunked body.
    pub content_length: Option<u64>,
    /// `Git-Protocol`.
    pub git_protocol: Option<String>,
    /// Who is signed in; pushes need one.
    pub remote_user: Option<String>,
    /// Configuration for this request (`uploadpack.allowFilter`, `http.receivepack`).
    pub config: Vec<(String, String)>,
}

/// What the git server answers.
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body; ends only when the process has ended, so a push is complete by then. Dropping it kills the process.
    pub body: BoxStream<'static, io::Result<Bytes>>,
}

impl Git {
    /// Answers one request; bodies stream both ways. A body that breaks off reaches git as an early end, which it
    /// refuses.
    ///
    /// # Errors
    /// [`GitError::Unavailable`] where git does not start, [`GitError::Corrupt`] where its answer has no headers.
    pub async fn http_backend<E: Send + 'static>(
        &self,
        request: Request,
        body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Result<Response, GitError> {
        let mut process = self.backend(request).start(Stdio::piped())?;
        if let Some(stdin) = process.stdin() {
            tokio::spawn(feed(stdin, body));
        }
        let mut stdout = process.stdout().ok_or_else(no_headers)?;
        let (head, rest) = read_head(&mut stdout).await?;
        let (status, headers) = parse_head(&head);
        Ok(Response { status, headers, body: rest_of_body(rest, stdout, process) })
    }

    /// The CGI environment (git-http-backend(1)).
    fn backend(&self, request: Request) -> Command {
        let mut command = self
            .command(["http-backend"])
            .env("GIT_PROJECT_ROOT", request.project_root)
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("PATH_INFO", request.path_info)
            .env("REQUEST_METHOD", request.method)
            .env("QUERY_STRING", request.query);
        let optional = [
            ("CONTENT_TYPE", request.content_type),
            ("CONTENT_LENGTH", request.content_length.map(|length| length.to_string())),
            ("HTTP_CONTENT_ENCODING", request.content_encoding),
            ("GIT_PROTOCOL", request.git_protocol),
            ("REMOTE_USER", request.remote_user),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                command = command.env(name, value);
            }
        }
        request.config.iter().fold(command, |command, (key, value)| command.config(key, value))
    }
}

async fn feed<E>(mut stdin: ChildStdin, body: impl Stream<Item = Result<Bytes, E>>) {
    let mut body = pin!(body);
    while let Some(Ok(chunk)) = body.next().await {
        if stdin.write_all(&chunk).await.is_err() {
            return;
        }
    }
    let _ = stdin.shutdown().await;
}

/// The header block, and what came after it in the same read.
async fn read_head(stdout: &mut ChildStdout) -> Result<(Bytes, Bytes), GitError> {
    let mut buffer = BytesMut::new();
    loop {
        if let Some((end, gap)) = head_end(&buffer) {
            let head = buffer.split_to(end).freeze();
            return Ok((head, buffer.split_off(gap).freeze()));
        }
        let read = stdout.read_buf(&mut buffer).await.map_err(|_| no_headers())?;
        if read == 0 || buffer.len() > HEADER_LIMIT {
            return Err(no_headers());
        }
    }
}

/// Where the headers end, and how long the empty line is.
fn head_end(buffer: &[u8]) -> Option<(usize, usize)> {
    let windows =
        |gap: &'static [u8]| buffer.windows(gap.len()).position(|window| window == gap).map(|end| (end, gap.len()));
    windows(b"\r\n\r\n").or_else(|| windows(b"\n\n"))
}

/// `Status: 404 Not Found` is CGI's way to say the status; without it, 200.
fn parse_head(head: &[u8]) -> (u16, Vec<(String, String)>) {
    let text = String::from_utf8_lossy(head);
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    let (status, headers): (Vec<_>, Vec<_>) = pairs
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .partition(|(name, _)| name.eq_ignore_ascii_case("status"));
    let status = status.first().and_then(|(_, value)| value.split(' ').next()?.parse().ok());
    (status.unwrap_or(200), headers)
}

fn rest_of_body(rest: Bytes, stdout: ChildStdout, process: Process) -> BoxStream<'static, io::Result<Bytes>> {
    let first = stream::iter((!rest.is_empty()).then_some(Ok(rest)));
    let others = stream::unfold((stdout, Some(process)), |(mut stdout, mut process)| async move {
        let mut buffer = BytesMut::with_capacity(CHUNK);
        match stdout.read_buf(&mut buffer).await {
            Ok(0) => {
                end(process.take()?).await;
                None
            }
            Ok(_) => Some((Ok(buffer.freeze()), (stdout, process))),
            Err(error) => Some((Err(error), (stdout, None))),
        }
    });
    first.chain(others).boxed()
}

/// What git says when it refuses a request stands in the answer already; servers end the answer as if nothing were.
async fn end(process: Process) {
    if let Ok(ending) = process.end().await
        && ending.code() != Some(0)
    {
        tracing::debug!(code = ending.code(), "git http-backend refused a request");
    }
}

fn no_headers() -> GitError {
    GitError::Corrupt("git http-backend answered without headers".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{head_end, parse_head};

    #[test]
    fn reads_the_answer_of_a_cgi_program() {
        let (status, headers) = parse_head(b"Status: 403 Forbidden\r\nExpires: Fri, 01 Jan 1980 00:00:00 GMT");
        assert_eq!(status, 403);
        assert_eq!(headers, [("Expires".to_owned(), "Fri, 01 Jan 1980 00:00:00 GMT".to_owned())]);
        assert_eq!(parse_head(b"Content-Type: text/plain").0, 200);
        assert_eq!(head_end(b"A: b\r\n\r\nbody"), Some((4, 4)));
        assert_eq!(head_end(b"A: b\r\n"), None);
    }
}
