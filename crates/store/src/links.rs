//! Mentions: what texts say; and issue links: what is shown of it.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use model::{EntityKind, KeyForm, Mention, Millis};
use sqlx::AssertSqlSafe;

use crate::database::{execute, read, within};
use crate::key_rule::KeyRule;
use crate::rows::Word;
use crate::sql::{CHUNK, execute_built, numbers};
use crate::{Result, Store, WriteTx};

/// An entity whose text was read.
#[derive(Debug)]
pub(crate) struct Mentioning<'a> {
    pub(crate) entity_id: i64,
    /// When it counts as having happened: what lists are sorted by.
    pub(crate) sort_at: Millis,
    pub(crate) mentions: BTreeSet<&'a Mention>,
    /// What others say on its behalf (the commits of a merge request): it is linked by them, but they are not its words.
    pub(crate) by_others: BTreeSet<&'a Mention>,
}

impl<'a> Mentioning<'a> {
    pub(crate) fn new(entity_id: i64, sort_at: Millis, mentions: impl IntoIterator<Item = &'a Mention>) -> Self {
        Self { entity_id, sort_at, mentions: mentions.into_iter().collect(), by_others: BTreeSet::new() }
    }

    pub(crate) fn and_by_others(mut self, mentions: impl IntoIterator<Item = &'a Mention>) -> Self {
        self.by_others = mentions.into_iter().collect();
        self
    }

    /// The issues that it is shown with: those that are named strictly, and others whose project a site knows; under their
    /// present keys, so perhaps one of them twice.
    pub(crate) fn keys(&self, rule: &KeyRule) -> impl Iterator<Item = Cow<'a, str>> {
        self.mentions.union(&self.by_others).filter_map(|mention| rule.shown(mention))
    }
}

/// How issue links changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LinksChanged {
    /// Links that lead to an issue that the entity was not linked to before.
    pub added: u64,
    /// Links to issues that the entity is not linked to any more.
    pub removed: u64,
}

impl LinksChanged {
    /// What lies between two states of the same entities.
    fn between(before: &HashSet<(i64, String)>, after: &HashSet<(i64, String)>) -> Self {
        Self { added: after.difference(before).count() as u64, removed: before.difference(after).count() as u64 }
    }
}

impl std::ops::AddAssign for LinksChanged {
    fn add_assign(&mut self, more: Self) {
        self.added += more.added;
        self.removed += more.removed;
    }
}

/// The links that entities shall have.
fn wanted(entities: &[Mentioning<'_>], rule: &KeyRule) -> HashSet<(i64, String)> {
    entities.iter().flat_map(|one| one.keys(rule).map(|key| (one.entity_id, key.into_owned()))).collect()
}

impl Store {
    /// What an entity's text says, in order of the keys.
    pub async fn mentions_of(&self, kind: EntityKind, entity_id: i64) -> Result<Vec<Mention>> {
        const SQL: &str = "SELECT issue_key, form FROM mention WHERE entity_kind = $1 AND entity_id = $2 \
                           ORDER BY issue_key, form";
        let rows: Vec<(String, Word<KeyForm>)> =
            read!(self, |db| sqlx::query_as(SQL).bind(kind.as_str()).bind(entity_id).fetch_all(db))?;
        Ok(rows.into_iter().map(|(key, form)| Mention { key, form: form.0 }).collect())
    }
}

impl WriteTx {
    /// Writes what entities say and their links, beside those there already; answers how many links
    /// are new.
    pub(crate) async fn mentions_write(
        &mut self,
        kind: EntityKind,
        entities: &[Mentioning<'_>],
        rule_version: i64,
    ) -> Result<u64> {
        let mentions: Vec<(i64, &Mention)> =
            entities.iter().flat_map(|one| one.mentions.iter().map(|mention| (one.entity_id, *mention))).collect();
        for chunk in mentions.chunks(CHUNK) {
            self.mention_rows(kind, chunk, rule_version).await?;
        }
        let rule = self.key_rule().await?;
        let links: Vec<(Cow<'_, str>, &Mentioning<'_>)> =
            entities.iter().flat_map(|one| one.keys(&rule).map(move |key| (key, one))).collect();
        let linked: Vec<i64> = links.iter().map(|(_, one)| one.entity_id).collect();
        self.entities_changed(kind, &linked).await?;
        self.links_write(kind, &links).await
    }

    async fn links_write(&mut self, kind: EntityKind, links: &[(Cow<'_, str>, &Mentioning<'_>)]) -> Result<u64> {
        let mut new = 0;
        for chunk in links.chunks(CHUNK) {
            new += self.link_rows(kind, chunk).await?;
        }
        Ok(new)
    }

    /// Links entities anew by what is known of them, their own words left as they are.
    pub(crate) async fn links_replace(
        &mut self,
        kind: EntityKind,
        entities: &[Mentioning<'_>],
    ) -> Result<LinksChanged> {
        let ids: Vec<i64> = entities.iter().map(|one| one.entity_id).collect();
        let before = self.linked_keys(kind, &ids).await?;
        self.links_remove(kind, &ids).await?;
        let rule = self.key_rule().await?;
        let links: Vec<(Cow<'_, str>, &Mentioning<'_>)> =
            entities.iter().flat_map(|one| one.keys(&rule).map(move |key| (key, one))).collect();
        let changed: Vec<i64> =
            before.iter().map(|(id, _)| *id).chain(links.iter().map(|(_, one)| one.entity_id)).collect();
        self.entities_changed(kind, &changed).await?;
        self.links_write(kind, &links).await?;
        Ok(LinksChanged::between(&before, &wanted(entities, &rule)))
    }

    async fn mention_rows(&mut self, kind: EntityKind, rows: &[(i64, &Mention)], rule_version: i64) -> Result<()> {
        const INSERT: &str = "INSERT INTO mention (entity_kind, entity_id, issue_key, form, rule_version) ";
        execute_built!(self, rows.len() == CHUNK, {
            let mut sql = sqlx::QueryBuilder::new(INSERT);
            sql.push_values(rows, |mut row, (entity_id, mention)| {
                row.push_bind(kind.as_str()).push_bind(*entity_id).push_bind(mention.key.as_str());
                row.push_bind(mention.form.as_str()).push_bind(rule_version);
            });
            sql.push(" ON CONFLICT DO NOTHING");
            sql
        })?;
        Ok(())
    }

    async fn link_rows(&mut self, kind: EntityKind, rows: &[(Cow<'_, str>, &Mentioning<'_>)]) -> Result<u64> {
        const INSERT: &str = "INSERT INTO issue_link (issue_key, kind, sort_at, entity_id) ";
        execute_built!(self, rows.len() == CHUNK, {
            let mut sql = sqlx::QueryBuilder::new(INSERT);
            sql.push_values(rows, |mut row, (key, entity)| {
                row.push_bind(key.as_ref())
                    .push_bind(kind.as_str())
                    .push_bind(entity.sort_at)
                    .push_bind(entity.entity_id);
            });
            sql.push(" ON CONFLICT DO NOTHING");
            sql
        })
    }

    /// Writes what entities say now in place of what they said before.
    pub(crate) async fn entities_say(
        &mut self,
        kind: EntityKind,
        entities: &[Mentioning<'_>],
        rule_version: i64,
    ) -> Result<LinksChanged> {
        let ids: Vec<i64> = entities.iter().map(|one| one.entity_id).collect();
        let before: HashSet<(i64, String)> = self.linked_keys(kind, &ids).await?;
        let linked: Vec<i64> = before.iter().map(|(id, _)| *id).collect();
        self.entities_changed(kind, &linked).await?;
        self.mentions_remove(kind, &ids).await?;
        self.mentions_write(kind, entities, rule_version).await?;
        let rule = self.key_rule().await?;
        Ok(LinksChanged::between(&before, &wanted(entities, &rule)))
    }

    /// The issues that entities are linked to.
    pub(crate) async fn linked_keys(&mut self, kind: EntityKind, ids: &[i64]) -> Result<HashSet<(i64, String)>> {
        let sql =
            format!("SELECT entity_id, issue_key FROM issue_link WHERE kind = $1 AND entity_id IN ({})", numbers(ids));
        let rows: Vec<(i64, String)> =
            within!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).bind(kind.as_str()).fetch_all(db))?;
        Ok(rows.into_iter().collect())
    }

    /// What the texts of entities say.
    pub(crate) async fn mentions_by_entity(
        &mut self,
        kind: EntityKind,
        ids: &[i64],
    ) -> Result<HashMap<i64, Vec<Mention>>> {
        let sql = format!(
            "SELECT entity_id, issue_key, form FROM mention WHERE entity_kind = $1 AND entity_id IN ({})",
            numbers(ids)
        );
        let rows: Vec<(i64, String, Word<KeyForm>)> =
            within!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).bind(kind.as_str()).fetch_all(db))?;
        let mut mentions: HashMap<i64, Vec<Mention>> = HashMap::new();
        for (id, key, form) in rows {
            mentions.entry(id).or_default().push(Mention { key, form: form.0 });
        }
        Ok(mentions)
    }

    /// Takes entities off their issues; what their texts say stays known. Answers how many links that were.
    pub(crate) async fn links_remove(&mut self, kind: EntityKind, ids: &[i64]) -> Result<u64> {
        let sql = format!("DELETE FROM issue_link WHERE kind = $1 AND entity_id IN ({})", numbers(ids));
        execute!(self, sqlx::query(AssertSqlSafe(sql.as_str())).persistent(false).bind(kind.as_str()))
    }

    /// Forgets what entities say, and takes them off their issues.
    pub(crate) async fn mentions_remove(&mut self, kind: EntityKind, ids: &[i64]) -> Result<()> {
        self.links_remove(kind, ids).await?;
        let sql = format!("DELETE FROM mention WHERE entity_kind = $1 AND entity_id IN ({})", numbers(ids));
        execute!(self, sqlx::query(AssertSqlSafe(sql.as_str())).persistent(false).bind(kind.as_str()))?;
        Ok(())
    }
}
