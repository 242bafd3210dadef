//! Real histories as projects: `git fast-import` streams from a file.

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use futures::StreamExt;
use tokio::io::AsyncRead;
use tokio::task::JoinHandle;
use tokio_util::io::StreamReader;

use crate::gitlab::Server;
use crate::gitlab::model::{AccessLevel, GroupId, ModelError, Namespace, ProjectId, State, UserId, Visibility};

/// Why no project was made.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The group does not exist, or nobody owns it.
    #[error("there is no group {0} with an owner")]
    Group(String),
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The project cannot be made.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// How many pieces of the file are read ahead of git.
const READ_AHEAD: usize = 4;
/// The size of one piece, in bytes.
const PIECE: usize = 256 * 1024;

/// Makes a private project in a group from a fast-import stream in a file, gzipped or not. The file is streamed, so
/// that its size does not matter; no web hook is told.
///
/// # Errors
/// When the group does not exist, the name is taken, the file cannot be read to its end, or git refuses the stream;
/// then there is no such project.
pub async fn import(server: &Server, group: &str, name: &str, file: &Path) -> Result<ProjectId, ImportError> {
    let wrong = |source| ImportError::File { path: file.to_owned(), source };
    let opened = std::fs::File::open(file).map_err(wrong)?;
    let model = server.model();
    let owner = owner_of(server, group).ok_or_else(|| ImportError::Group(group.to_owned()))?;
    let project = model.create_project(group, &path_of(name), name, Visibility::Private, owner).await?;
    let (reader, thread) = stream(opened);
    let imported = model.repositories().fast_import_from(project, reader).await;
    let read = thread.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    let whole = read.map_err(wrong).and(imported.map_err(|error| ModelError::from(error).into()));
    if let Err(error) = whole {
        model.delete_project(project).await?;
        return Err(error);
    }
    choose_default_branch(server, project).await?;
    Ok(project)
}

/// Who owns a group, itself or through the groups above it; the one with the lowest id.
pub(crate) fn owner_of(server: &Server, group: &str) -> Option<UserId> {
    server.model().read(|state| match state.namespace_by_path(group)? {
        Namespace::User(user) => Some(user),
        Namespace::Group(group) => state.users.keys().copied().find(|user| owns(state, *user, group)),
    })
}

fn owns(state: &State, user: UserId, group: GroupId) -> bool {
    state.group_membership(user, group) == Some(AccessLevel::Owner)
}

/// A project path for a display name: what GitLab would refuse becomes `-`.
pub(crate) fn path_of(name: &str) -> String {
    let allowed =
        |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') { c.to_ascii_lowercase() } else { '-' };
    let path: String = name.chars().map(allowed).collect();
    let path = path.trim_matches(['-', '.']).trim_end_matches(".git");
    if path.is_empty() { "project".to_owned() } else { path.to_owned() }
}

/// Points HEAD at `main`, else `master`, else `trunk`, else the first branch: streams do not tell which one is the
/// default.
pub(crate) async fn choose_default_branch(server: &Server, project: ProjectId) -> Result<(), ModelError> {
    let model = server.model();
    let refs = model.repositories().refs(project).await?;
    let has = |branch: &&str| refs.contains_key(&format!("refs/heads/{branch}"));
    if let Some(branch) = ["main", "master", "trunk"]
        .iter()
        .copied()
        .find(has)
        .or_else(|| refs.keys().find_map(|name| name.strip_prefix("refs/heads/")))
    {
        model.repositories().set_default_branch(project, branch).await?;
    }
    model.note_default_branch(project).await
}

/// The bytes of a file, unpacked if they are gzipped, and the thread that reads them: it ends with the file, with the
/// reader, or with an error, which the reader takes for the end.
fn stream(file: std::fs::File) -> (impl AsyncRead + Send + Unpin, JoinHandle<std::io::Result<()>>) {
    let (pieces, taken) = tokio::sync::mpsc::channel(READ_AHEAD);
    let thread = tokio::task::spawn_blocking(move || {
        let mut source = unpacked(file)?;
        loop {
            let piece = piece(&mut source)?;
            // git may have given up on the stream; then nobody takes the rest.
            if piece.is_empty() || pieces.blocking_send(piece).is_err() {
                return Ok(());
            }
        }
    });
    let pieces = futures::stream::unfold(taken, async |mut taken| Some((taken.recv().await?, taken)));
    (StreamReader::new(Box::pin(pieces.map(std::io::Result::Ok))), thread)
}

fn unpacked(mut file: std::fs::File) -> std::io::Result<Box<dyn Read>> {
    use std::io::{Seek, SeekFrom};
    let mut start = [0_u8; 2];
    let read = file.read(&mut start)?;
    file.seek(SeekFrom::Start(0))?;
    if read == 2 && start == [0x1f, 0x8b] { Ok(Box::new(MultiGzDecoder::new(file))) } else { Ok(Box::new(file)) }
}

/// The next piece; empty at the end.
fn piece(source: &mut Box<dyn Read>) -> std::io::Result<bytes::Bytes> {
    let mut buffer = Vec::with_capacity(PIECE);
    source.take(PIECE as u64).read_to_end(&mut buffer)?;
    Ok(buffer.into())
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn names_become_paths_that_gitlab_takes() {
        assert_eq!(path_of("Zoo Keeper"), "zoo-keeper");
        assert_eq!(path_of(".hidden.git"), "hidden");
        assert_eq!(path_of("日本語"), "project");
        assert_eq!(path_of("a_b.c"), "a_b.c");
    }
}
