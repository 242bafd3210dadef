//! Branches, tags and GitLab's own refs.

use std::collections::{BTreeMap, BTreeSet};

use git::RefUpdate;
use model::ObjectId;

use super::{CommitRow, Repositories, RepositoryError, is_single_revision, unless_refused};
use crate::gitlab::model::ProjectId;

/// What `for-each-ref` is asked for: ids, kinds and sizes between NULs, then the objects themselves, so that one
/// process gives every ref with its commit.
const ROW: &str = "--format=%(objectname)%00%(objecttype)%00%(raw:size)%00%(*objectname)%00%(*objecttype)%00\
%(*raw:size)%00%(refname)%00%(raw)%(*raw)";

/// A branch and the commit that it points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchRow {
    /// Without `refs/heads/`.
    pub name: String,
    /// The newest commit.
    pub commit: CommitRow,
}

/// A tag that leads to a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRow {
    /// Without `refs/tags/`.
    pub name: String,
    /// The id that the ref holds: the tag object's of an annotated tag, else the commit's.
    pub target: String,
    /// The annotation, of an annotated tag.
    pub message: Option<String>,
    /// The commit.
    pub commit: CommitRow,
}

/// What kind of ref contains a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefKind {
    /// `refs/heads/`.
    Branch,
    /// `refs/tags/`.
    Tag,
}

impl Repositories {
    /// All branches, by name in byte order.
    ///
    /// # Errors
    /// When there is no repository, or git fails.
    pub async fn branches(&self, project: ProjectId) -> Result<Vec<BranchRow>, RepositoryError> {
        let output = self.command(project, ["for-each-ref", ROW, "refs/heads"])?.output().await?;
        let rows = ref_rows(&output, "refs/heads/")?;
        Ok(rows.into_iter().map(|TagRow { name, commit, .. }| BranchRow { name, commit }).collect())
    }

    /// All tags that lead to commits, by name in byte order.
    ///
    /// # Errors
    /// When there is no repository, or git fails.
    pub async fn tags(&self, project: ProjectId) -> Result<Vec<TagRow>, RepositoryError> {
        ref_rows(&self.command(project, ["for-each-ref", ROW, "refs/tags"])?.output().await?, "refs/tags/")
    }

    /// Full names and ids of branches and tags, to compare before and after a push.
    ///
    /// # Errors
    /// When there is no repository, or git fails.
    pub async fn refs(&self, project: ProjectId) -> Result<BTreeMap<String, String>, RepositoryError> {
        let asked = ["for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags"];
        let output = self.command(project, asked)?.text().await?;
        let pairs = output.lines().filter_map(|line| line.split_once(' '));
        Ok(pairs.map(|(id, name)| (name.to_owned(), id.to_owned())).collect())
    }

    /// The names of the branches that can be reached from a revision.
    ///
    /// # Errors
    /// [`RepositoryError::Missing`] when the revision is unknown.
    pub async fn merged_branches(&self, project: ProjectId, into: &str) -> Result<BTreeSet<String>, RepositoryError> {
        let into = self.required(project, into).await?;
        let asked = ["for-each-ref", "--format=%(refname)", "--merged", &into, "refs/heads"];
        let output = self.command(project, asked)?.text().await?;
        Ok(output.lines().filter_map(|name| name.strip_prefix("refs/heads/")).map(str::to_owned).collect())
    }

    /// The branch that HEAD points at when it exists, else the first one; none when there are no branches.
    ///
    /// # Errors
    /// When there is no repository, or git fails.
    pub async fn default_branch(&self, project: ProjectId) -> Result<Option<String>, RepositoryError> {
        let output =
            self.command(project, ["for-each-ref", "--format=%(HEAD)%(refname)", "refs/heads"])?.text().await?;
        let head = output.lines().find(|line| line.starts_with('*')).or_else(|| output.lines().next());
        Ok(head.and_then(|line| line[1..].strip_prefix("refs/heads/")).map(str::to_owned))
    }

    /// Points HEAD at a branch, which need not exist yet.
    ///
    /// # Errors
    /// When there is no repository, or the name is no branch name.
    pub async fn set_default_branch(&self, project: ProjectId, name: &str) -> Result<(), RepositoryError> {
        Ok(self.git().set_head(&self.existing(project)?, name).await?)
    }

    /// The id of the commit that a revision names: an id or the start of one, a branch, a tag, a full ref name.
    ///
    /// # Errors
    /// When there is no repository. An unknown revision is `None`.
    pub async fn resolve(&self, project: ProjectId, revision: &str) -> Result<Option<String>, RepositoryError> {
        if !is_single_revision(revision) {
            return Ok(None);
        }
        let path = self.existing(project)?;
        // GitLab prefers a branch to a tag of the same name; git on its own would take the tag.
        if !revision.starts_with("refs/") && object_id(revision).is_err() {
            let branch = self.git().rev_parse(&path, &format!("refs/heads/{revision}")).await?;
            if let Some(id) = branch {
                return Ok(Some(id.into()));
            }
        }
        Ok(self.git().rev_parse(&path, revision).await?.map(String::from))
    }

    /// The text of a tag object; none when the id is no tag object's.
    ///
    /// # Errors
    /// When there is no repository.
    pub async fn annotation(&self, project: ProjectId, id: &str) -> Result<Option<String>, RepositoryError> {
        let id = object_id(id)?;
        let raw = unless_refused(self.command(project, ["cat-file", "tag", id.as_str()])?.output().await)?;
        Ok(raw.map(|raw| annotation(&raw)))
    }

    /// Whether the object is there (borrowed ones count).
    ///
    /// # Errors
    /// When there is no repository.
    pub(crate) async fn has_object(&self, project: ProjectId, id: &str) -> Result<bool, RepositoryError> {
        Ok(unless_refused(self.command(project, ["cat-file", "-e", id])?.output().await)?.is_some())
    }

    /// Creates or moves a ref, given by its full name.
    ///
    /// # Errors
    /// When there is no repository, the name is malformed or in the way of another one, or the object is missing.
    pub async fn set_ref(&self, project: ProjectId, name: &str, id: &str) -> Result<(), RepositoryError> {
        let update = RefUpdate::Set { name: name.to_owned(), id: object_id(id)? };
        Ok(self.git().update_refs(&self.existing(project)?, &[update]).await?)
    }

    /// Deletes a ref, given by its full name. One that is not there is no error.
    ///
    /// # Errors
    /// When there is no repository, or git fails.
    pub async fn delete_ref(&self, project: ProjectId, name: &str) -> Result<(), RepositoryError> {
        let update = RefUpdate::Delete { name: name.to_owned() };
        Ok(self.git().update_refs(&self.existing(project)?, &[update]).await?)
    }

    /// Creates, moves (none: deletes) refs, given by their full names; deletions first.
    ///
    /// # Errors
    /// When there is no repository, a name is malformed or in the way of another one, or an object is missing.
    pub async fn move_refs(
        &self,
        project: ProjectId,
        moves: Vec<(String, Option<String>)>,
    ) -> Result<(), RepositoryError> {
        let update = |(name, to): (String, Option<String>)| match to {
            Some(id) => Ok(RefUpdate::Set { name, id: object_id(&id)? }),
            None => Ok(RefUpdate::Delete { name }),
        };
        let updates = moves.into_iter().map(update).collect::<Result<Vec<_>, RepositoryError>>()?;
        Ok(self.git().update_refs(&self.existing(project)?, &updates).await?)
    }

    /// The branches and tags from which a commit can be reached, branches first.
    ///
    /// # Errors
    /// [`RepositoryError::Missing`] when the commit is unknown.
    pub async fn refs_containing(
        &self,
        project: ProjectId,
        revision: &str,
    ) -> Result<Vec<(RefKind, String)>, RepositoryError> {
        let id = self.required(project, revision).await?;
        let asked = ["for-each-ref", "--format=%(refname)", "--contains", &id, "refs/heads", "refs/tags"];
        let output = self.command(project, asked)?.text().await?;
        let rows = output.lines().filter_map(|name| {
            let branch = name.strip_prefix("refs/heads/").map(|name| (RefKind::Branch, name.to_owned()));
            branch.or_else(|| name.strip_prefix("refs/tags/").map(|name| (RefKind::Tag, name.to_owned())))
        });
        Ok(rows.collect())
    }

    /// Brings a commit with its history from one project into another, for merge requests from forks.
    ///
    /// # Errors
    /// When a repository is missing, or `from` does not have the commit.
    pub async fn fetch_from(&self, to: ProjectId, from: ProjectId, id: &str) -> Result<(), RepositoryError> {
        if self.has_object(to, id).await? {
            return Ok(());
        }
        let source = self.existing(from)?.display().to_string();
        let arguments = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--end-of-options", &source, id];
        self.command(to, arguments)?.env("GIT_ALLOW_PROTOCOL", "file").output().await?;
        Ok(())
    }

    /// The id of a revision that must exist.
    pub(super) async fn required(&self, project: ProjectId, revision: &str) -> Result<String, RepositoryError> {
        self.resolve(project, revision).await?.ok_or_else(|| RepositoryError::Missing(revision.to_owned()))
    }
}

/// An id that must be one.
pub(super) fn object_id(id: &str) -> Result<ObjectId, RepositoryError> {
    id.parse().map_err(|_| RepositoryError::Missing(id.to_owned()))
}

/// Reads the output of `for-each-ref` with [`ROW`]; refs that lead to no commit are left out.
fn ref_rows(output: &[u8], prefix: &str) -> Result<Vec<TagRow>, RepositoryError> {
    let mut rows = Vec::new();
    let mut rest = output;
    while !rest.is_empty() {
        let (row, tail) = take_row(rest, prefix).ok_or(RepositoryError::Answer("for-each-ref"))?;
        rows.extend(row);
        rest = tail;
    }
    Ok(rows)
}

/// Takes one row off the output; `None` when it is malformed.
fn take_row<'a>(output: &'a [u8], prefix: &str) -> Option<(Option<TagRow>, &'a [u8])> {
    let mut parts = output.splitn(8, |byte| *byte == 0);
    let mut text = || parts.next().map(String::from_utf8_lossy);
    let (target, kind, size) = (text()?, text()?, text()?);
    let (peeled, peeled_kind, peeled_size) = (text()?, text()?, text()?);
    let name = text()?.strip_prefix(prefix)?.to_owned();
    let objects = parts.next()?;
    let size = size.parse::<usize>().ok()?;
    let peeled_size = if peeled_size.is_empty() { 0 } else { peeled_size.parse::<usize>().ok()? };
    let (raw, more) = objects.split_at_checked(size)?;
    let (peeled_raw, tail) = more.split_at_checked(peeled_size)?;
    let row = match (&*kind, &*peeled_kind) {
        ("commit", _) => Some((CommitRow::parse(&target, raw), None)),
        ("tag", "commit") => Some((CommitRow::parse(&peeled, peeled_raw), Some(annotation(raw)))),
        _ => None,
    };
    let target = target.into_owned();
    Some((row.map(|(commit, message)| TagRow { name, target, message, commit }), tail.strip_prefix(b"\n")?))
}

/// The text of a tag object.
fn annotation(raw: &[u8]) -> String {
    let start = raw.windows(2).position(|pair| pair == b"\n\n").map_or(raw.len(), |end| end + 2);
    super::commit_object::decode(&raw[start..], None)
}
