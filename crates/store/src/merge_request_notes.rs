//! What people wrote below merge requests, read when the facade is asked for it.

use std::collections::BTreeMap;

use model::{ForgeUser, Millis, Note};

use crate::database::{execute, read};
use crate::facade::Page;
use crate::rows::JsonText;
use crate::sql::{CHUNK, execute_built};
use crate::{Result, Store, WriteTx};

/// What reading the comments of a merge request takes.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct NotesState {
    /// The number people see.
    pub number: i64,
    /// How many comments the forge counts.
    pub comment_count: i64,
    /// When the merge request last changed.
    pub updated_at: Millis,
    /// The `updated_at` for which its comments were read.
    pub noted_at: Option<Millis>,
}

#[derive(sqlx::FromRow)]
struct Row {
    forge_id: String,
    #[sqlx(try_from = "JsonText<ForgeUser>")]
    author: ForgeUser,
    body: String,
    created_at: Millis,
    updated_at: Millis,
}

impl From<Row> for Note {
    fn from(row: Row) -> Self {
        let Row { forge_id, author, body, created_at, updated_at } = row;
        Self { forge_id, author, body, created_at, updated_at }
    }
}

impl WriteTx {
    /// Puts the comments of a merge request, by its inner id, in place of those before; they were read when it had last
    /// changed at `updated_at`. Nothing happens where it has gone meanwhile.
    pub async fn merge_request_notes_put(
        &mut self,
        merge_request_id: i64,
        notes: &[Note],
        updated_at: Millis,
    ) -> Result<()> {
        const NOTED: &str = "UPDATE merge_request SET noted_at = $2 WHERE id = $1";
        const INSERT: &str =
            "INSERT INTO merge_request_note (merge_request_id, forge_id, author, body, created_at, updated_at) ";
        let noted = execute!(self.aside(), sqlx::query(NOTED).bind(merge_request_id).bind(updated_at))?;
        execute!(
            self.aside(),
            sqlx::query("DELETE FROM merge_request_note WHERE merge_request_id = $1").bind(merge_request_id)
        )?;
        if noted == 0 {
            return Ok(());
        }
        // A list that grows while it is read may name one twice.
        let distinct: BTreeMap<&str, &Note> = notes.iter().map(|note| (note.forge_id.as_str(), note)).collect();
        let distinct: Vec<&Note> = distinct.into_values().collect();
        for chunk in distinct.chunks(CHUNK) {
            execute_built!(self.aside(), false, {
                let mut sql = sqlx::QueryBuilder::new(INSERT);
                sql.push_values(chunk, |mut row, note| {
                    row.push_bind(merge_request_id).push_bind(note.forge_id.as_str());
                    row.push_bind(serde_json::json!(note.author).to_string()).push_bind(note.body.as_str());
                    row.push_bind(note.created_at).push_bind(note.updated_at);
                });
                sql
            })?;
        }
        Ok(())
    }
}

impl Store {
    /// What reading the comments of a merge request takes, by its inner id; none where it is gone.
    pub async fn merge_request_notes_state(&self, merge_request_id: i64) -> Result<Option<NotesState>> {
        const SQL: &str = "SELECT number, comment_count, updated_at, noted_at FROM merge_request \
                           WHERE id = $1 AND gone_at IS NULL";
        read!(self, |db| sqlx::query_as(SQL).bind(merge_request_id).fetch_optional(db))
    }

    /// The comments of a merge request, by its inner id, oldest first.
    pub async fn facade_notes(&self, merge_request_id: i64, offset: i64, limit: i64) -> Result<Page<Note>> {
        const COUNT: &str = "SELECT COUNT(*) FROM merge_request_note WHERE merge_request_id = $1";
        const SQL: &str = "SELECT forge_id, author, body, created_at, updated_at FROM merge_request_note \
             WHERE merge_request_id = $1 ORDER BY created_at, LENGTH(forge_id), forge_id LIMIT $3 OFFSET $2";
        let total = read!(self, |db| sqlx::query_scalar(COUNT).bind(merge_request_id).fetch_one(db))?;
        let rows: Vec<Row> = read!(self, |db| sqlx::query_as(SQL)
            .bind(merge_request_id)
            .bind(offset.max(0))
            .bind(limit.max(0))
            .fetch_all(db))?;
        Ok(Page { items: rows.into_iter().map(Note::from).collect(), total })
    }
}
