//! Reading the keys of stored commits again, for a full sync and after a change of the rule.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use model::{EntityKind, KeyForm, Mention, Millis, ObjectId};
use sqlx::AssertSqlSafe;

use crate::database::{read, within};
use crate::links::{LinksChanged, Mentioning};
use crate::rows::Word;
use crate::sql::{CHUNK, numbers};
use crate::{Result, Store, WriteTx};

/// A commit of a repository, to be read again.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CommitMessage {
    /// Inner id.
    pub id: i64,
    /// Its object id.
    #[sqlx(try_from = "Word<ObjectId>")]
    pub object_id: ObjectId,
    /// The whole message.
    pub message: String,
}

impl WriteTx {
    /// Puts what today's rule finds in the messages of stored commits in place of what an earlier one found; unknown commits are
    /// passed over. Writes only where something differs, a lost link included.
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
            let dates: HashMap<i64, Millis> = dates.into_iter().collect();
            let entities: Vec<Mentioning<'_>> = chunk
                .iter()
                .filter_map(|(id, mentions)| {
                    let id = *known.get(id)?;
                    Some(Mentioning::new(id, *dates.get(&id)?, mentions))
                })
                .collect();
            let others = self.commits_that_differ(entities, rule_version).await?;
            if !others.is_empty() {
                links += self.entities_say(EntityKind::Commit, &others, rule_version).await?;
                let ids: Vec<i64> = others.iter().map(|one| one.entity_id).collect();
                self.commits_with_keys_recount(&ids).await?;
            }
        }
        Ok(links)
    }

    /// Those of these commits of which the store has other mentions, mentions of another rule, or other links.
    async fn commits_that_differ<'a>(
        &mut self,
        entities: Vec<Mentioning<'a>>,
        rule_version: i64,
    ) -> Result<Vec<Mentioning<'a>>> {
        let ids: Vec<i64> = entities.iter().map(|one| one.entity_id).collect();
        let sql = format!(
            "SELECT entity_id, rule_version, issue_key, form FROM mention \
             WHERE entity_kind = 'commit' AND entity_id IN ({})",
            numbers(&ids)
        );
        let rows: Vec<(i64, i64, String, Word<KeyForm>)> =
            within!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
        let mut said: HashMap<i64, BTreeSet<(i64, Mention)>> = HashMap::new();
        for (id, version, key, form) in rows {
            said.entry(id).or_default().insert((version, Mention { key, form: form.0 }));
        }
        let mut linked: HashMap<i64, BTreeSet<String>> = HashMap::new();
        for (id, key) in self.linked_keys(EntityKind::Commit, &ids).await? {
            linked.entry(id).or_default().insert(key);
        }
        let rule = self.key_rule().await?;
        let differs = |one: &Mentioning<'_>| {
            let says: BTreeSet<(i64, Mention)> =
                one.mentions.iter().map(|mention| (rule_version, (*mention).clone())).collect();
            let keys: BTreeSet<String> = one.keys(&rule).map(Cow::into_owned).collect();
            said.remove(&one.entity_id).unwrap_or_default() != says
                || linked.remove(&one.entity_id).unwrap_or_default() != keys
        };
        Ok(entities.into_iter().filter(differs).collect())
    }
}

impl Store {
    /// The commits of a repository, lost ones included, with their messages, in order of their inner ids, behind `after`.
    pub async fn repository_messages(
        &self,
        repository_id: i64,
        after: Option<i64>,
        limit: i64,
    ) -> Result<Vec<CommitMessage>> {
        const SQL: &str = "SELECT c.id, c.object_id, c.message FROM repository_commit rc \
                           JOIN git_commit c ON c.id = rc.commit_id \
                           WHERE rc.repository_id = $1 AND rc.commit_id > $2 ORDER BY rc.commit_id LIMIT $3";
        let after = after.unwrap_or(i64::MIN);
        read!(self, |db| sqlx::query_as(SQL).bind(repository_id).bind(after).bind(limit).fetch_all(db))
    }

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
