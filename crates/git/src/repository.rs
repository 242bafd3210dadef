//! Making and changing bare repositories, for the sandbox and for tests.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use model::ObjectId;
use tokio::io::AsyncRead;

use crate::cache::storage;
use crate::{Git, GitError, local};

/// A ref of a repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ref {
    /// Its full name (`refs/heads/main`).
    pub name: String,
    /// What it points at.
    pub id: ObjectId,
}

/// A change of one ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefUpdate {
    /// Creates or moves it.
    Set {
        /// Its full name.
        name: String,
        /// Its new value.
        id: ObjectId,
    },
    /// Deletes it.
    Delete {
        /// Its full name.
        name: String,
    },
}

impl Git {
    /// Makes an empty bare repository whose HEAD names `main`; parents are made too.
    ///
    /// # Errors
    /// Where git fails.
    pub async fn init_bare(&self, path: &Path) -> Result<(), GitError> {
        self.init(path, false).await
    }

    /// As [`Git::init_bare`], naming objects by SHA-256.
    ///
    /// # Errors
    /// Where git fails.
    pub async fn init_bare_sha256(&self, path: &Path) -> Result<(), GitError> {
        self.init(path, true).await
    }

    pub(crate) async fn init(&self, path: &Path, sha256: bool) -> Result<(), GitError> {
        fs::create_dir_all(path).map_err(|error| storage(&error))?;
        let format = if sha256 { "--object-format=sha256" } else { "--object-format=sha1" };
        let arguments = ["init", "-q", "--bare", "--template=", "--initial-branch=main", format, "."];
        self.command(arguments).directory(path).output().await.map(|_| ())
    }

    /// Makes a bare repository with the branches and tags of another, whose objects it borrows.
    ///
    /// # Errors
    /// [`GitError::NotARepository`], or where git fails.
    pub async fn clone_borrowing(&self, source: &Path, target: &Path) -> Result<(), GitError> {
        let source = local::git_dir(self, source).await?;
        let rev_parse =
            |argument| self.command(["rev-parse", "--path-format=absolute", argument]).repository(&source).text();
        let format = rev_parse("--show-object-format").await?;
        self.init(target, format == "sha256").await?;
        let common = PathBuf::from(rev_parse("--git-common-dir").await?);
        borrow(&common, target).map_err(|error| storage(&error))?;
        let mut updates = Vec::new();
        for prefix in ["refs/heads/", "refs/tags/"] {
            let refs = self.refs(&source, prefix).await?;
            updates.extend(refs.into_iter().map(|Ref { name, id }| RefUpdate::Set { name, id }));
        }
        self.update_refs(target, &updates).await?;
        let head = self.symbolic_head(&source).await?.and_then(|head| String::from_utf8(head).ok());
        match head.as_deref().and_then(|head| head.strip_prefix("refs/heads/")) {
            Some(branch) => self.set_head(target, branch).await,
            None => Ok(()),
        }
    }

    /// Imports a fast-import stream; branches may move anywhere.
    ///
    /// # Errors
    /// Where the stream is malformed or git fails.
    pub async fn fast_import(&self, path: &Path, stream: impl AsyncRead + Send + Unpin) -> Result<(), GitError> {
        let arguments = ["fast-import", "--quiet", "--force", "--date-format=raw-permissive"];
        let (_, ending) = self.command(arguments).repository(path).run_on(stream).await?;
        ending.into_result()
    }

    /// The refs below a prefix (`refs/`), by name; names that are not UTF-8 are left out.
    ///
    /// # Errors
    /// Where git fails.
    pub async fn refs(&self, path: &Path, prefix: &str) -> Result<Vec<Ref>, GitError> {
        let arguments = ["for-each-ref", "--format=%(objectname) %(refname)", prefix];
        let listed = self.command(arguments).repository(path).output().await?;
        let lines = listed.split(|byte| *byte == b'\n').filter_map(|line| str::from_utf8(line).ok());
        let pairs = lines.filter_map(|line| line.split_once(' '));
        Ok(pairs.filter_map(|(id, name)| Some(Ref { name: name.to_owned(), id: id.parse().ok()? })).collect())
    }

    /// Changes refs: first all deletions, then all others, each lot all or none. Git cannot let `df` become `df/x` in
    /// one.
    ///
    /// # Errors
    /// Where git fails; the deletions may have been made then.
    pub async fn update_refs(&self, path: &Path, updates: &[RefUpdate]) -> Result<(), GitError> {
        let (mut deletions, mut settings) = (Vec::new(), Vec::new());
        for update in updates {
            match update {
                RefUpdate::Delete { name } => write!(deletions, "delete {name}\0\0"),
                RefUpdate::Set { name, id } => write!(settings, "update {name}\0{id}\0\0"),
            }
            .map_err(|error| storage(&error))?;
        }
        for input in [deletions, settings] {
            if !input.is_empty() {
                self.command(["update-ref", "--stdin", "-z"]).repository(path).input(input).output().await?;
            }
        }
        Ok(())
    }

    /// Lets HEAD name a branch (without `refs/heads/`).
    ///
    /// # Errors
    /// Where git fails.
    pub async fn set_head(&self, path: &Path, branch: &str) -> Result<(), GitError> {
        let target = format!("refs/heads/{branch}");
        self.command(["symbolic-ref", "HEAD", &target]).repository(path).output().await.map(|_| ())
    }

    /// The commit that a revision names; none where there is none.
    ///
    /// # Errors
    /// Where git fails.
    pub async fn rev_parse(&self, path: &Path, revision: &str) -> Result<Option<ObjectId>, GitError> {
        let revision = format!("{revision}^{{commit}}");
        let command = self.command(["rev-parse", "-q", "--verify", "--end-of-options", &revision]).repository(path);
        let (found, ending) = command.run().await?;
        if ending.code() == Some(1) {
            return Ok(None);
        }
        ending.into_result()?;
        Ok(String::from_utf8_lossy(&found).lines().find_map(|line| line.parse().ok()))
    }

    /// Whether `ancestor` is reachable from `descendant`.
    ///
    /// # Errors
    /// [`GitError::MissingObject`] where one of both is not here.
    pub async fn is_ancestor(&self, path: &Path, ancestor: &ObjectId, descendant: &ObjectId) -> Result<bool, GitError> {
        let arguments = ["merge-base", "--is-ancestor", ancestor.as_str(), descendant.as_str()];
        let (_, ending) = self.command(arguments).repository(path).run().await?;
        if ending.code() == Some(1) { Ok(false) } else { ending.into_result().map(|()| true) }
    }
}

/// Lets `target` read the objects of the repository with this common folder; where that is shallow, so is this.
fn borrow(common: &Path, target: &Path) -> std::io::Result<()> {
    let objects = common.join("objects");
    let mut line = objects.as_os_str().as_encoded_bytes().to_vec();
    if line.contains(&b'\n') || line.starts_with(b"\"") || line.starts_with(b"#") {
        return Err(std::io::Error::other("git cannot borrow from a path with a line break"));
    }
    line.push(b'\n');
    fs::create_dir_all(target.join("objects/info"))?;
    fs::write(target.join("objects/info/alternates"), line)?;
    if common.join("shallow").is_file() {
        fs::copy(common.join("shallow"), target.join("shallow"))?;
    }
    Ok(())
}
