//! Commits as the facade tells them, found by whatever names them.

use std::collections::HashMap;

use model::{Commit, CommitFile, Millis, ObjectId, Person, Statistics};
use sqlx::AssertSqlSafe;

use crate::branches::name_hash;
use crate::commit_files::unpacked;
use crate::database::read;
use crate::rows::{MaybeJsonText, ObjectIds, Word};
use crate::sql::{CHUNK, is_storable, numbers};
use crate::{Result, Store, StoreError};

/// A commit as the facade tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacadeCommit {
    /// Inner id.
    pub id: i64,
    /// The commit.
    pub commit: Commit,
    /// Whether an issue is linked to it.
    pub linked: bool,
    /// Its files, as far as they are kept ([`model::CommitFiles`]); none where they are not known.
    pub files: Option<Vec<CommitFile>>,
    /// What it changed, once asked for.
    pub statistics: Option<Statistics>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    #[sqlx(try_from = "Word<ObjectId>")]
    object_id: ObjectId,
    #[sqlx(try_from = "ObjectIds")]
    parents: Vec<ObjectId>,
    author_name: String,
    author_email: String,
    authored_at: Millis,
    committer_name: String,
    committer_email: String,
    committed_at: Millis,
    message: String,
    lossy: bool,
    linked: bool,
    #[sqlx(try_from = "MaybeJsonText<Statistics>")]
    statistics: Option<Statistics>,
    files: Option<String>,
}

impl TryFrom<Row> for FacadeCommit {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let commit = Commit {
            id: row.object_id,
            parents: row.parents,
            author: Person { name: row.author_name, email: row.author_email },
            authored_at: row.authored_at,
            committer: Person { name: row.committer_name, email: row.committer_email },
            committed_at: row.committed_at,
            message: row.message,
            lossy: row.lossy,
        };
        let files = row.files.as_deref().map(unpacked).transpose()?;
        Ok(Self { id: row.id, commit, linked: row.linked, files, statistics: row.statistics })
    }
}

macro_rules! select {
    () => {
        "SELECT c.id, c.object_id, c.parents, c.author_name, c.author_email, c.authored_at, c.committer_name, \
         c.committer_email, c.committed_at, c.message, c.lossy, s.statistics, f.files, \
         EXISTS (SELECT 1 FROM issue_link l WHERE l.kind = 'commit' AND l.entity_id = c.id) AS linked \
         FROM git_commit c LEFT JOIN commit_statistics s ON s.commit_id = c.id \
         LEFT JOIN commit_files f ON f.commit_id = c.id "
    };
}

/// Whether `c` is in the repository $1, lost or not.
macro_rules! in_repository {
    () => {
        "EXISTS (SELECT 1 FROM repository_commit rc WHERE rc.repository_id = $1 AND rc.commit_id = c.id)"
    };
}

/// The shortest beginning of an object id that names a commit.
const SHORTEST: usize = 7;
/// The longest that is no whole object id.
const LONGEST: usize = 40;

impl Store {
    /// The commit of a repository (lost or not) that a revision names: a whole object id, a branch, or the beginning of an
    /// object id, of 7 digits or more, that is unique in the repository.
    pub async fn facade_commit(&self, repository_id: i64, revision: &str) -> Result<Option<FacadeCommit>> {
        if let Ok(id) = revision.parse::<ObjectId>() {
            return self.facade_commit_by_id(repository_id, &id).await;
        }
        if !is_storable(revision) {
            return Ok(None);
        }
        if let Some(head) = self.head_of(repository_id, revision).await? {
            return self.facade_commit_by_id(repository_id, &head).await;
        }
        let is_beginning = (SHORTEST..LONGEST).contains(&revision.len());
        if is_beginning && revision.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return self.facade_commit_by_beginning(repository_id, &revision.to_ascii_lowercase()).await;
        }
        Ok(None)
    }

    async fn facade_commit_by_id(&self, repository_id: i64, id: &ObjectId) -> Result<Option<FacadeCommit>> {
        const SQL: &str = concat!(select!(), "WHERE c.object_id = $2 AND ", in_repository!());
        let row: Option<Row> =
            read!(self, |db| sqlx::query_as(SQL).bind(repository_id).bind(id.as_str()).fetch_optional(db))?;
        row.map(FacadeCommit::try_from).transpose()
    }

    async fn facade_commit_by_beginning(&self, repository_id: i64, digits: &str) -> Result<Option<FacadeCommit>> {
        const SQL: &str =
            concat!(select!(), "WHERE c.object_id >= $2 AND c.object_id < $3 AND ", in_repository!(), " LIMIT 2");
        // No digit is greater than `f`.
        let end = format!("{digits}g");
        let rows: Vec<Row> =
            read!(self, |db| sqlx::query_as(SQL).bind(repository_id).bind(digits).bind(end.as_str()).fetch_all(db))?;
        let is_unique = rows.len() == 1;
        rows.into_iter().next().filter(|_| is_unique).map(FacadeCommit::try_from).transpose()
    }

    async fn head_of(&self, repository_id: i64, branch: &str) -> Result<Option<ObjectId>> {
        const SQL: &str = "SELECT head FROM branch WHERE repository_id = $1 AND name_hash = $2 AND gone_at IS NULL";
        let hash = name_hash(branch);
        let row: Option<(Word<ObjectId>,)> =
            read!(self, |db| sqlx::query_as(SQL).bind(repository_id).bind(hash.as_str()).fetch_optional(db))?;
        Ok(row.map(|(head,)| head.0))
    }

    /// Commits by their inner ids, in the order given; without those that are gone.
    pub(super) async fn facade_commits_by_ids(&self, ids: &[i64]) -> Result<Vec<FacadeCommit>> {
        let mut found: HashMap<i64, FacadeCommit> = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let sql = format!("{}WHERE c.id IN ({})", select!(), numbers(chunk));
            let rows: Vec<Row> = read!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
            for row in rows {
                found.insert(row.id, FacadeCommit::try_from(row)?);
            }
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }
}
