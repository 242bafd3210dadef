//! Branches; those that vanish stay, marked as gone.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{Branch, EntityKind, KeyForm, Mention, Millis, ObjectId};
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;

use crate::database::{execute, read, within};
use crate::links::{LinksChanged, Mentioning};
use crate::rows::Word;
use crate::sql::{CHUNK, execute_built, numbers};
use crate::{Result, Store, WriteTx};

/// A branch to write, with what its name says.
#[derive(Debug, Clone)]
pub struct NewBranch {
    /// The branch.
    pub branch: Branch,
    /// What its name says.
    pub mentions: Vec<Mention>,
}

/// What a list of branches changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BranchesReplaced {
    /// New ones, and ones that came back.
    pub added: u64,
    /// Ones whose head moved.
    pub moved: u64,
    /// Ones that the list no longer names.
    pub removed: u64,
    /// Issue links that were not there before.
    pub links_added: u64,
    /// Issue links that went, with their branch or by today's rule.
    pub links_removed: u64,
}

/// A branch of the store.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredBranch {
    /// Inner id.
    pub id: i64,
    /// Its name without `refs/heads/`.
    pub name: String,
    /// The commit it points at, or pointed at when it was last seen.
    #[sqlx(try_from = "Word<ObjectId>")]
    pub head: ObjectId,
    /// When the head was last seen to change, or the branch to come back.
    pub moved_at: Millis,
    /// When it was first seen.
    pub first_seen_at: Millis,
    /// When it was first missed.
    pub gone_at: Option<Millis>,
}

/// A branch as the store knew it before.
#[derive(Debug, sqlx::FromRow)]
struct Known {
    id: i64,
    name_hash: String,
    head: String,
    moved_at: Millis,
    gone_at: Option<Millis>,
}

/// A branch that is new, moved or back.
struct Written<'a> {
    hash: &'a str,
    new: &'a NewBranch,
    moved_at: Millis,
}

impl WriteTx {
    /// Writes a repository's whole list: branches it does not name are marked gone and lose their issue links, ones that
    /// come back are shown again. What an earlier rule found in the names of unchanged ones is replaced, too.
    pub async fn branches_replace(
        &mut self,
        repository_id: i64,
        branches: &[NewBranch],
        rule_version: i64,
        now: Millis,
    ) -> Result<BranchesReplaced> {
        self.observes(repository_id, now).await?;
        let named: BTreeMap<String, &NewBranch> =
            branches.iter().map(|new| (name_hash(&new.branch.name), new)).collect();
        let known = self.branches_known(repository_id).await?;
        let gone = known.values().filter(|old| old.gone_at.is_none() && !named.contains_key(&old.name_hash));
        let gone: Vec<i64> = gone.map(|old| old.id).collect();
        let mut changed = BranchesReplaced { removed: gone.len() as u64, ..BranchesReplaced::default() };
        let mut same: Vec<(&Known, &NewBranch)> = Vec::new();
        let mut written: Vec<(&str, &NewBranch)> = Vec::new();
        for (hash, new) in &named {
            match known.get(hash.as_str()) {
                Some(old) if old.gone_at.is_none() && old.head == new.branch.head.as_str() => {
                    same.push((old, new));
                    continue;
                }
                Some(old) if old.gone_at.is_none() => changed.moved += 1,
                _ => changed.added += 1,
            }
            written.push((hash, new));
        }
        let touched = self.touched();
        let mut issues = BTreeSet::new();
        let mut links = LinksChanged { added: 0, removed: self.branches_gone(&gone, now, &mut issues).await? };
        for chunk in written.chunks(CHUNK) {
            let rows = self.branches_moved(repository_id, chunk, now).await?;
            links += self.branches_write(repository_id, &rows, &known, rule_version, now, &mut issues).await?;
        }
        links += self.branches_again(repository_id, &same, rule_version, &mut issues).await?;
        self.touched_only(touched, issues.iter().map(String::as_str));
        Ok(BranchesReplaced { links_added: links.added, links_removed: links.removed, ..changed })
    }

    /// Puts what today's rule finds in the names of unchanged branches in place of what another one found.
    async fn branches_again(
        &mut self,
        repository_id: i64,
        same: &[(&Known, &NewBranch)],
        rule_version: i64,
        issues: &mut BTreeSet<String>,
    ) -> Result<LinksChanged> {
        let mut said = self.branches_said(repository_id).await?;
        let other = same.iter().filter(|(old, new)| {
            let said = said.remove(&old.id).unwrap_or_default();
            let now: BTreeSet<(i64, &Mention)> = new.mentions.iter().map(|mention| (rule_version, mention)).collect();
            said.iter().map(|(version, mention)| (*version, mention)).collect::<BTreeSet<_>>() != now
        });
        let other: Vec<Mentioning<'_>> =
            other.map(|(old, new)| Mentioning::new(old.id, old.moved_at, &new.mentions)).collect();
        let mut links = LinksChanged::default();
        for chunk in other.chunks(CHUNK) {
            links += self.branches_say(chunk, rule_version, issues).await?;
        }
        Ok(links)
    }

    /// What the names of a repository's branches were found to say, and by which version of the rule.
    async fn branches_said(&mut self, repository_id: i64) -> Result<HashMap<i64, Vec<(i64, Mention)>>> {
        // CROSS JOIN: SQLite reads the tables in this order then, not every mention of any branch.
        const SQL: &str = "SELECT m.entity_id, m.rule_version, m.issue_key, m.form FROM branch b CROSS JOIN mention m \
                           WHERE b.repository_id = $1 AND b.gone_at IS NULL \
                           AND m.entity_kind = 'branch' AND m.entity_id = b.id";
        let rows: Vec<(i64, i64, String, Word<KeyForm>)> =
            within!(self.aside(), |db| sqlx::query_as(SQL).bind(repository_id).fetch_all(db))?;
        let mut said: HashMap<i64, Vec<(i64, Mention)>> = HashMap::new();
        for (id, version, key, form) in rows {
            said.entry(id).or_default().push((version, Mention { key, form: form.0 }));
        }
        Ok(said)
    }

    /// When each was moved: now; but in a first import, which did not see it happen, when its head was committed.
    async fn branches_moved<'a>(
        &mut self,
        repository_id: i64,
        chunk: &[(&'a str, &'a NewBranch)],
        now: Millis,
    ) -> Result<Vec<Written<'a>>> {
        const IMPORTED: &str = "SELECT imported_at FROM repository WHERE id = $1";
        let (imported_at,): (Option<Millis>,) =
            within!(self.aside(), |db| sqlx::query_as(IMPORTED).bind(repository_id).fetch_one(db))?;
        let mut dates = HashMap::new();
        if imported_at.is_none() {
            let heads: Vec<ObjectId> = chunk.iter().map(|(_, new)| new.branch.head.clone()).collect();
            dates = self.commit_dates(&heads).await?;
        }
        let moved_at = |head: &ObjectId| dates.get(head).map_or(now, |committed_at| now.min(*committed_at));
        Ok(chunk.iter().map(|(hash, new)| Written { hash, new, moved_at: moved_at(&new.branch.head) }).collect())
    }

    async fn branches_known(&mut self, repository_id: i64) -> Result<HashMap<String, Known>> {
        const SQL: &str = "SELECT id, name_hash, head, moved_at, gone_at FROM branch WHERE repository_id = $1";
        let rows: Vec<Known> = within!(self.aside(), |db| sqlx::query_as(SQL).bind(repository_id).fetch_all(db))?;
        Ok(rows.into_iter().map(|known| (known.name_hash.clone(), known)).collect())
    }

    /// Marks branches; answers how many issue links went.
    async fn branches_gone(&mut self, ids: &[i64], now: Millis, issues: &mut BTreeSet<String>) -> Result<u64> {
        let mut links = 0;
        for chunk in ids.chunks(CHUNK) {
            let linked = self.linked_keys(EntityKind::Branch, chunk).await?;
            let ids: Vec<i64> = linked.iter().map(|(id, _)| *id).collect();
            self.entities_changed(EntityKind::Branch, &ids).await?;
            issues.extend(linked.into_iter().map(|(_, key)| key));
            let sql = format!("UPDATE branch SET gone_at = $1 WHERE id IN ({})", numbers(chunk));
            execute!(self, sqlx::query(AssertSqlSafe(sql.as_str())).persistent(false).bind(now))?;
            links += self.links_remove(EntityKind::Branch, chunk).await?;
        }
        Ok(links)
    }

    /// Writes branches that are new, moved or back.
    async fn branches_write(
        &mut self,
        repository_id: i64,
        chunk: &[Written<'_>],
        known: &HashMap<String, Known>,
        rule_version: i64,
        now: Millis,
        issues: &mut BTreeSet<String>,
    ) -> Result<LinksChanged> {
        let first = self.ids(chunk.len() as i64).await?;
        let rows: Vec<(i64, &Written<'_>)> = (first..).zip(chunk).collect();
        self.branches_rows(repository_id, &rows, now).await?;
        let entities: Vec<Mentioning<'_>> = rows
            .iter()
            .map(|(id, row)| {
                let id = known.get(row.hash).map_or(*id, |old| old.id);
                Mentioning::new(id, row.moved_at, &row.new.mentions)
            })
            .collect();
        self.branches_say(&entities, rule_version, issues).await
    }

    /// Writes what the names of branches say, and adds the issues that they were and are linked to.
    async fn branches_say(
        &mut self,
        entities: &[Mentioning<'_>],
        rule_version: i64,
        issues: &mut BTreeSet<String>,
    ) -> Result<LinksChanged> {
        let ids: Vec<i64> = entities.iter().map(|one| one.entity_id).collect();
        issues.extend(self.linked_keys(EntityKind::Branch, &ids).await?.into_iter().map(|(_, key)| key));
        let rule = self.key_rule().await?;
        issues.extend(entities.iter().flat_map(|one| one.keys(&rule)).map(Cow::into_owned));
        self.entities_say(EntityKind::Branch, entities, rule_version).await
    }

    async fn branches_rows(&mut self, repository_id: i64, rows: &[(i64, &Written<'_>)], now: Millis) -> Result<()> {
        const INSERT: &str = "INSERT INTO branch (id, repository_id, name, name_hash, head, moved_at, first_seen_at) ";
        const UPDATE: &str = " ON CONFLICT (repository_id, name_hash) DO UPDATE SET head = excluded.head, \
                              moved_at = excluded.moved_at, gone_at = NULL";
        execute_built!(self, rows.len() == CHUNK, {
            let mut sql = sqlx::QueryBuilder::new(INSERT);
            sql.push_values(rows, |mut row, (id, written)| {
                let branch = &written.new.branch;
                row.push_bind(*id).push_bind(repository_id).push_bind(branch.name.as_str()).push_bind(written.hash);
                row.push_bind(branch.head.as_str()).push_bind(written.moved_at).push_bind(now);
            });
            sql.push(UPDATE);
            sql
        })?;
        Ok(())
    }
}

/// The form in which a name is unique: a name may be longer than an index key of PostgreSQL.
pub(crate) fn name_hash(name: &str) -> String {
    hex::encode(Sha256::digest(name.as_bytes()))
}

impl Store {
    /// The branches of a repository in order of their names, gone ones included.
    pub async fn branches(&self, repository_id: i64) -> Result<Vec<StoredBranch>> {
        const SQL: &str = "SELECT id, name, head, moved_at, first_seen_at, gone_at FROM branch WHERE repository_id = $1 \
                           ORDER BY name";
        read!(self, |db| sqlx::query_as(SQL).bind(repository_id).fetch_all(db))
    }
}
