//! Reading commits: by revision, by range, page by page.

use model::Millis;

use super::{CommitRow, Repositories, RepositoryError, is_single_revision, unless_refused};
use crate::gitlab::model::ProjectId;

/// Which commits are wanted, in GitLab's terms (GitLab contract §5.6). The default asks for nothing.
#[derive(Debug, Clone, Default)]
pub struct CommitQuery {
    /// Revisions whose history is wanted.
    pub include: Vec<String>,
    /// Revisions whose history is not.
    pub exclude: Vec<String>,
    /// The history of every ref instead of `include`.
    pub all: bool,
    /// Committed at this time or later.
    pub since: Option<Millis>,
    /// Committed at this time or earlier.
    pub until: Option<Millis>,
    /// Touching this path.
    pub path: Option<String>,
    /// By an author whose name or e-mail contains this.
    pub author: Option<String>,
    /// Only the first parents of merges.
    pub first_parent: bool,
    /// No parent before its children.
    pub topo: bool,
    /// How many to leave out at the start.
    pub skip: usize,
    /// How many at most; 0 is no limit.
    pub limit: usize,
}

impl Repositories {
    /// Commits, newest first.
    ///
    /// # Errors
    /// [`RepositoryError::Missing`] when there is no repository or a revision is unknown.
    pub async fn commits(&self, project: ProjectId, query: &CommitQuery) -> Result<Vec<CommitRow>, RepositoryError> {
        let output = self.rev_list(project, query, &[]).await?;
        self.read_commits(project, output).await
    }

    /// How many commits `include` reaches that `exclude` does not.
    ///
    /// # Errors
    /// As for [`Repositories::commits`].
    pub async fn count(
        &self,
        project: ProjectId,
        include: &[String],
        exclude: &[String],
    ) -> Result<usize, RepositoryError> {
        let query = CommitQuery { include: include.to_vec(), exclude: exclude.to_vec(), ..CommitQuery::default() };
        let output = self.rev_list(project, &query, &["--count"]).await?;
        let text = String::from_utf8_lossy(&output);
        text.trim().parse().map_err(|_| RepositoryError::Answer("rev-list --count"))
    }

    /// One commit, by any revision that names one (id, short id, branch, tag).
    ///
    /// # Errors
    /// When there is no repository. An unknown revision is `None`.
    pub async fn commit(&self, project: ProjectId, revision: &str) -> Result<Option<CommitRow>, RepositoryError> {
        match self.resolve(project, revision).await? {
            Some(id) => Ok(self.read_commits(project, format!("{id}\n").into_bytes()).await?.pop()),
            None => Ok(None),
        }
    }

    async fn rev_list(
        &self,
        project: ProjectId,
        query: &CommitQuery,
        more: &[&str],
    ) -> Result<Vec<u8>, RepositoryError> {
        if query.include.is_empty() && !query.all {
            return Ok(if more.is_empty() { Vec::new() } else { b"0".to_vec() });
        }
        let revisions = query.include.iter().chain(&query.exclude);
        if let Some(bad) = revisions.clone().find(|revision| !is_single_revision(revision)) {
            return Err(RepositoryError::Missing(bad.clone()));
        }
        let arguments = ["rev-list"].iter().chain(more).map(|word| (*word).to_owned()).chain(options(query));
        let output = unless_refused(self.command(project, arguments)?.output().await)?;
        output.ok_or_else(|| RepositoryError::Missing(revisions.cloned().collect::<Vec<_>>().join(" ")))
    }

    async fn read_commits(&self, project: ProjectId, ids: Vec<u8>) -> Result<Vec<CommitRow>, RepositoryError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let output = self.command(project, ["cat-file", "--batch", "--buffer"])?.input(ids).output().await?;
        let mut rows = Vec::new();
        let mut rest = output.as_slice();
        while !rest.is_empty() {
            let (row, tail) = take_commit(rest)?;
            rows.push(row);
            rest = tail;
        }
        Ok(rows)
    }
}

/// Takes one answer (`<id> commit <size>`, the object, a line break) off the output of `cat-file --batch`.
fn take_commit(output: &[u8]) -> Result<(CommitRow, &[u8]), RepositoryError> {
    let answer = || RepositoryError::Answer("cat-file --batch");
    let end = output.iter().position(|byte| *byte == b'\n').ok_or_else(answer)?;
    let header = std::str::from_utf8(&output[..end]).map_err(|_| answer())?;
    let &[id, kind, size] = &header.split(' ').collect::<Vec<_>>()[..] else {
        return Err(RepositoryError::Missing(header.to_owned()));
    };
    let size: usize = size.parse().map_err(|_| answer())?;
    let start = end + 1;
    let raw = output.get(start..start + size).filter(|_| kind == "commit").ok_or_else(answer)?;
    Ok((CommitRow::parse(id, raw), output.get(start + size + 1..).unwrap_or_default()))
}

/// The arguments of `rev-list` for a query, ending with `--` and the path.
fn options(query: &CommitQuery) -> Vec<String> {
    let mut options = Vec::new();
    options.extend(query.since.map(|at| format!("--max-age={}", at.div_euclid(1000).max(0))));
    options.extend(query.until.map(|at| format!("--min-age={}", at.div_euclid(1000).max(0))));
    options.extend(query.author.as_ref().map(|author| format!("--author={author}")));
    options.extend(query.first_parent.then(|| "--first-parent".to_owned()));
    options.extend(query.topo.then(|| "--topo-order".to_owned()));
    options.extend((query.skip > 0).then(|| format!("--skip={}", query.skip)));
    options.extend((query.limit > 0).then(|| format!("--max-count={}", query.limit)));
    if query.all {
        options.push("--all".to_owned());
    }
    options.push("--end-of-options".to_owned());
    options.extend(query.include.iter().filter(|_| !query.all).cloned());
    options.extend(query.exclude.iter().map(|revision| format!("^{revision}")));
    options.push("--".to_owned());
    options.extend(query.path.clone());
    options
}
