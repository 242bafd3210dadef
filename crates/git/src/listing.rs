//! Branches of a repository, without its objects.

use model::Branch;

use crate::{Git, GitError, HttpRemote, Remote};

/// What a listing told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refs {
    /// The branches (`refs/heads/`), in the server's order.
    pub branches: Vec<Branch>,
    /// The branch that HEAD names; none when detached, hidden or not born yet.
    pub default_branch: Option<String>,
    /// How many HTTP requests it took; 0 for a repository on this machine.
    pub requests: u32,
    /// What the server can do; none where one listing request was enough, as that does not tell.
    pub capabilities: Option<ServerCapabilities>,
    /// Branches left out because their names are not UTF-8.
    pub undecodable: usize,
}

/// What a git server can do for a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ServerCapabilities {
    /// It can leave files out of a fetch.
    pub filter: bool,
    /// The repository names objects by SHA-256.
    pub sha256: bool,
    /// It speaks protocol version 2.
    pub protocol_v2: bool,
}

impl Git {
    /// Lists the branches: over HTTP one request, or two where the server refuses protocol 2.
    ///
    /// # Errors
    /// [`GitError::Unauthorised`], [`GitError::NotFound`], [`GitError::Redirected`], [`GitError::Net`] and so on.
    pub async fn ls_refs(&self, remote: &Remote) -> Result<Refs, GitError> {
        let _ = remote;
        todo!()
    }
}

/// Asks a server what it can do: one GET of `info/refs`.
///
/// # Errors
/// As [`Git::ls_refs`].
pub async fn server_capabilities(remote: &HttpRemote) -> Result<ServerCapabilities, GitError> {
    let _ = remote;
    todo!()
}
