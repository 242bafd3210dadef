//! Serving git over HTTP through `git http-backend`.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use bytes::Bytes;
use futures::Stream;
use futures::stream::BoxStream;

use crate::{Git, GitError};

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
    /// The body; ends only when the process has ended, so a push is complete by then.
    pub body: BoxStream<'static, io::Result<Bytes>>,
}

impl Git {
    /// Answers one request; bodies stream both ways.
    ///
    /// # Errors
    /// [`GitError::Unavailable`] where git does not start, [`GitError::Corrupt`] where its answer has no headers.
    pub async fn http_backend<E>(
        &self,
        request: Request,
        body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Result<Response, GitError>
    where
        E: Into<Box<dyn Error + Send + Sync>> + 'static,
    {
        let _ = (request, body);
        todo!()
    }
}
