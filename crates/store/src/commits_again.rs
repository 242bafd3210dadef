//! Reading the keys of stored commits again, for a full sync and after a change of the rule.

use model::{EntityKind, Mention, Millis, ObjectId};
use sqlx::AssertSqlSafe;

use crate::database::{read, within};
use crate::links::{LinksChanged, Mentioning};
use crate::rows::Word;
use crate::sql::{CHUNK, numbers};
use crate::{Result, Store, WriteTx};

impl WriteTx {
    /// Puts what today's rule finds in the messages of stored commits in place of what an earlier one found; unknown commits are
    /// passed over.
    pub async fn commits_reextract(
        &mut self,
        commits: &[(ObjectId, Vec<Mention>)],
        rule_version: i64,
    ) -> Result<LinksChanged> {
        let mut links = LinksChanged::default();
        for chunk in commits.chunks(CHUNK) {
            let object_ids: Vec<ObjectId> = chunk.iter().map(|(id, _)| id.clone()).collect();
            let known = self.commit_ids(&object_ids).await?;
            let ids: Vec<i64> = known.values().copied().collect();
            let sql = format!("SELECT id, authored_at FROM git_commit WHERE id IN ({})", numbers(&ids));
            let dates: Vec<(i64, Millis)> =
                within!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
            let dates: std::collections::HashMap<i64, Millis> = dates.into_iter().collect();
            let entities: Vec<Mentioning<'_>> = chunk
                .iter()
                .filter_map(|(id, mentions)| {
                    let id = *known.get(id)?;
                    Some(Mentioning::new(id, *dates.get(&id)?, mentions))
                })
                .collect();
            links += self.entities_say(EntityKind::Commit, &entities, rule_version).await?;
            self.commits_with_keys_recount(&ids).await?;
        }
        Ok(links)
    }
}

impl Store {
    /// The commits of a repository that are not lost, in order of their inner ids, behind `after`: for a full sync that
    /// compares them all, page by page.
    pub async fn repository_commit_ids(
        &self,
        repository_id: i64,
        after: Option<i64>,
        limit: i64,
    ) -> Result<Vec<(i64, ObjectId)>> {
        const SQL: &str = "SELECT rc.commit_id, c.object_id FROM repository_commit rc \
                           JOIN git_commit c ON c.id = rc.commit_id \
                           WHERE rc.repository_id = $1 AND rc.lost_at IS NULL AND rc.commit_id > $2 \
                           ORDER BY rc.commit_id LIMIT $3";
        let after = after.unwrap_or(i64::MIN);
        let rows: Vec<(i64, Word<ObjectId>)> =
            read!(self, |db| sqlx::query_as(SQL).bind(repository_id).bind(after).bind(limit).fetch_all(db))?;
        Ok(rows.into_iter().map(|(id, object_id)| (id, object_id.0)).collect())
    }
}
