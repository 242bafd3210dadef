//! Branches of a repository, without its objects.

use model::Branch;

use crate::advertisement::{Advertisement, advertisement};
use crate::ls_refs::ls_refs;
use crate::{Git, GitError, HttpRemote, Remote, local};

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

impl Refs {
    /// Takes in one ref, as servers and git name them.
    pub(crate) fn add(&mut self, name: &[u8], id: &[u8]) -> Result<(), GitError> {
        let Some(branch) = name.strip_prefix(b"refs/heads/") else { return Ok(()) };
        let id = str::from_utf8(id).ok().and_then(|id| id.parse().ok());
        let head = id.ok_or_else(|| GitError::Corrupt("a branch has no object id".to_owned()))?;
        match str::from_utf8(branch) {
            Ok(name) => self.branches.push(Branch { name: name.to_owned(), head }),
            Err(_) => self.undecodable += 1,
        }
        Ok(())
    }

    /// Takes in what HEAD names.
    pub(crate) fn set_default(&mut self, target: &[u8]) {
        let name = target.strip_prefix(b"refs/heads/").and_then(|name| str::from_utf8(name).ok());
        self.default_branch = name.map(str::to_owned);
    }
}

impl Git {
    /// Lists the branches. Over HTTP one request; where the server refuses protocol 2, `info/refs` is a second one; and
    /// a third where it only wanted to hear that the repository uses SHA-256 (remembered for the next time).
    ///
    /// # Errors
    /// [`GitError::Unauthorised`], [`GitError::NotFound`], [`GitError::Redirected`], [`GitError::Net`] and so on.
    pub async fn ls_refs(&self, remote: &Remote) -> Result<Refs, GitError> {
        match remote {
            Remote::Local(path) => self.local_refs(&local::git_dir(self, path).await?).await,
            Remote::Http(remote) => self.http_refs(remote).await,
        }
    }

    async fn http_refs(&self, remote: &HttpRemote) -> Result<Refs, GitError> {
        if let Some(refs) = ls_refs(remote, self.servers.is_sha256(&remote.url)).await? {
            return Ok(Refs { requests: 1, ..refs });
        }
        let Advertisement { capabilities, refs } = advertisement(remote).await?;
        self.servers.learn(&remote.url, capabilities);
        let capabilities = Some(capabilities);
        if let Some(refs) = refs {
            return Ok(Refs { requests: 2, capabilities, ..refs });
        }
        let sha256 = self.servers.is_sha256(&remote.url);
        let refs = ls_refs(remote, sha256).await?.ok_or(GitError::NotGit)?;
        Ok(Refs { requests: 3, capabilities, ..refs })
    }

    /// What the server of `remote` can do: asked once for each server, then remembered.
    ///
    /// # Errors
    /// As [`Git::ls_refs`].
    pub async fn capabilities_of(&self, remote: &HttpRemote) -> Result<ServerCapabilities, GitError> {
        if let Some(known) = self.servers.capabilities(&remote.url) {
            return Ok(known);
        }
        let capabilities = server_capabilities(remote).await?;
        self.servers.learn(&remote.url, capabilities);
        Ok(capabilities)
    }
}

/// Asks a server what it can do: one GET of `info/refs`.
///
/// # Errors
/// As [`Git::ls_refs`].
pub async fn server_capabilities(remote: &HttpRemote) -> Result<ServerCapabilities, GitError> {
    Ok(advertisement(remote).await?.capabilities)
}
