//! Files of a revision, for the pages.

use super::{Repositories, RepositoryError, unless_refused};
use crate::gitlab::model::ProjectId;

/// What a name in a tree stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeKind {
    /// A directory.
    Tree,
    /// A file.
    Blob,
    /// A commit of another repository.
    Commit,
}

/// One entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeRow {
    /// The name within the directory.
    pub name: String,
    /// Directory, file or submodule.
    pub kind: TreeKind,
    /// In bytes, of a file.
    pub size: Option<u64>,
}

impl Repositories {
    /// The entries of a directory; `path` is empty for the topmost. An unknown directory is empty.
    ///
    /// # Errors
    /// [`RepositoryError::Missing`] when the revision is unknown.
    pub async fn tree(&self, project: ProjectId, revision: &str, path: &str) -> Result<Vec<TreeRow>, RepositoryError> {
        let id = self.required(project, revision).await?;
        let directory = format!("{id}:{}", path.trim_matches('/'));
        let arguments = ["ls-tree", "-z", "--long", "--end-of-options", &directory];
        let output = unless_refused(self.command(project, arguments)?.output().await)?.unwrap_or_default();
        Ok(output.split(|byte| *byte == 0).filter_map(tree_row).collect())
    }
}

/// Reads `<mode> <kind> <id> <size>\t<name>`.
fn tree_row(line: &[u8]) -> Option<TreeRow> {
    let text = String::from_utf8_lossy(line);
    let (facts, name) = text.split_once('\t')?;
    let mut facts = facts.split_ascii_whitespace().skip(1);
    let kind = match facts.next()? {
        "tree" => TreeKind::Tree,
        "commit" => TreeKind::Commit,
        _ => TreeKind::Blob,
    };
    Some(TreeRow { name: name.to_owned(), kind, size: facts.nth(1).and_then(|size| size.parse().ok()) })
}
