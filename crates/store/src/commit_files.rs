//! Which files commits touched, read by git for what the facade serves.

use std::collections::HashMap;

use model::{CommitFiles, ObjectId};
use sqlx::AssertSqlSafe;

use crate::database::{execute, read};
use crate::packed_files::{pack, unpack};
use crate::rows::{ObjectIds, Word};
use crate::sql::{CHUNK, execute_built, numbers};
use crate::{Result, Store, StoreError, WriteTx};

/// Whether the facade serves the repository `r`.
macro_rules! served {
    () => {
        "EXISTS (SELECT 1 FROM facade_membership fm JOIN facade_grant fg ON fg.id = fm.grant_id \
         WHERE fm.repository_forge_id = r.forge_id AND fg.host_id = r.host_id \
         AND EXISTS (SELECT 1 FROM facade_token ft WHERE ft.grant_id = fg.id AND ft.revoked_at IS NULL)) \
         AND EXISTS (SELECT 1 FROM account_repository ar JOIN account a ON a.id = ar.account_id \
         WHERE ar.repository_id = r.id AND ar.linked AND ar.visible AND a.state <> 'removing')"
    };
}

/// A commit whose files are not known.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CommitWithoutFiles {
    /// Inner id.
    pub id: i64,
    /// Its object id.
    #[sqlx(try_from = "Word<ObjectId>")]
    pub object_id: ObjectId,
    /// Its parents, in order.
    #[sqlx(try_from = "ObjectIds")]
    pub parents: Vec<ObjectId>,
}

impl WriteTx {
    /// Keeps the files of commits by their inner ids; none: git could not tell, so it is not asked again before
    /// [`WriteTx::commit_files_forget_untold`]. Callers hand over at most 500 in the bulk lane.
    pub async fn commit_files_put(&mut self, told: &[(i64, Option<CommitFiles>)]) -> Result<()> {
        const INSERT: &str = "INSERT INTO commit_files (commit_id, files, cut) ";
        const AGAIN: &str = " ON CONFLICT (commit_id) DO UPDATE SET files = excluded.files, cut = excluded.cut";
        for chunk in told.chunks(CHUNK) {
            execute_built!(self.aside(), chunk.len() == CHUNK, {
                let mut sql = sqlx::QueryBuilder::new(INSERT);
                sql.push_values(chunk, |mut row, (id, files)| {
                    row.push_bind(*id).push_bind(files.as_ref().map(|files| pack(&files.files)));
                    row.push_bind(files.as_ref().is_some_and(|files| files.cut));
                });
                sql.push(AGAIN);
                sql
            })?;
        }
        Ok(())
    }

    /// Lets git be asked again about the commits of a repository that it could not tell about.
    pub async fn commit_files_forget_untold(&mut self, repository_id: i64) -> Result<()> {
        const SQL: &str = "DELETE FROM commit_files WHERE files IS NULL AND commit_id IN \
                           (SELECT commit_id FROM repository_commit WHERE repository_id = $1)";
        execute!(self.aside(), sqlx::query(SQL).bind(repository_id))?;
        Ok(())
    }
}

impl Store {
    /// The files of a commit by its inner id; none where they are not known.
    pub async fn commit_files(&self, commit_id: i64) -> Result<Option<CommitFiles>> {
        Ok(self.files_of_commits(&[commit_id]).await?.remove(&commit_id))
    }

    /// The files of those of these commits whose files are known, by inner ids.
    pub async fn files_of_commits(&self, ids: &[i64]) -> Result<HashMap<i64, CommitFiles>> {
        let mut found = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let sql = format!(
                "SELECT commit_id, files, cut FROM commit_files WHERE files IS NOT NULL AND commit_id IN ({})",
                numbers(chunk)
            );
            let rows: Vec<(i64, String, bool)> =
                read!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
            for (id, packed, cut) in rows {
                found.insert(id, CommitFiles { files: unpacked(&packed)?, cut });
            }
        }
        Ok(found)
    }

    /// Commits that the repository leads to and whose files were never asked for, in order of their inner ids, which are
    /// greater than `after`.
    pub async fn commits_without_files(
        &self,
        repository_id: i64,
        after: i64,
        limit: i64,
    ) -> Result<Vec<CommitWithoutFiles>> {
        const SQL: &str = "SELECT c.id, c.object_id, c.parents FROM repository_commit rc \
             JOIN git_commit c ON c.id = rc.commit_id \
             WHERE rc.repository_id = $1 AND rc.commit_id > $2 AND rc.lost_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM commit_files f WHERE f.commit_id = rc.commit_id) \
             ORDER BY rc.commit_id LIMIT $3";
        read!(self, |db| sqlx::query_as(SQL).bind(repository_id).bind(after).bind(limit).fetch_all(db))
    }
}

impl Store {
    /// Whether the facade serves the repository: it is on the list of a grant whose Jira has a token, and linked.
    pub async fn facade_serves(&self, repository_id: i64) -> Result<bool> {
        const SQL: &str = concat!("SELECT COUNT(*) FROM repository r WHERE r.id = $1 AND ", served!());
        let found: i64 = read!(self, |db| sqlx::query_scalar(SQL).bind(repository_id).fetch_one(db))?;
        Ok(found > 0)
    }

    /// The imported repositories of a host that the facade serves and that lead to commits whose files were never asked
    /// for.
    pub async fn facade_repositories_without_files(&self, host_id: i64) -> Result<Vec<i64>> {
        const SQL: &str = concat!(
            "SELECT r.id FROM repository r WHERE r.host_id = $1 AND r.imported_at IS NOT NULL AND ",
            served!(),
            " AND EXISTS (SELECT 1 FROM repository_commit rc WHERE rc.repository_id = r.id AND rc.lost_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM commit_files f WHERE f.commit_id = rc.commit_id)) ORDER BY r.id"
        );
        read!(self, |db| sqlx::query_scalar(SQL).bind(host_id).fetch_all(db))
    }
}

/// The files of a column.
pub(crate) fn unpacked(packed: &str) -> Result<Vec<model::CommitFile>> {
    unpack(packed).ok_or_else(|| StoreError::Corrupt { what: "the list of a commit's files".to_owned() })
}
