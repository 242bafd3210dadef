//! The projects of sites, and the links that follow from knowing them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{EntityKind, Millis};
use sqlx::AssertSqlSafe;

use crate::database::{execute, read, within};
use crate::links::Mentioning;
use crate::sql::{CHUNK, numbers};
use crate::{Lane, Result, Store, WriteTx};

/// A key of a project, present or former.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SiteProject {
    /// The key.
    #[sqlx(rename = "project_key")]
    pub key: String,
    /// The site's own id of the project.
    pub project_id: String,
    /// What people call it.
    pub name: String,
    /// The key that the project has now; of a former key another one.
    pub present_key: String,
}

/// How the keys of a site's projects changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProjectsChanged {
    /// Keys that are new, or stand for another project's key now.
    pub added: Vec<String>,
    /// Keys that are gone.
    pub removed: Vec<String>,
}

impl ProjectsChanged {
    /// Every key whose links may be others now, in order.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        let all: BTreeSet<&String> = self.added.iter().chain(&self.removed).collect();
        all.into_iter().cloned().collect()
    }
}

/// How far a relinking came: the last entity that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct RelinkCursor {
    /// Its kind.
    pub kind: EntityKind,
    /// Its inner id.
    pub entity_id: i64,
}

/// Whose links are looked at again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relink {
    /// Everything that names an issue of this project.
    Project(String),
    /// Everything that names this issue.
    Issue(String),
}

impl Relink {
    /// The keys from the first up to before the second, by bytes.
    fn range(&self) -> (String, String) {
        match self {
            // The character behind `-` is `.`.
            Self::Project(project) => (format!("{project}-"), format!("{project}.")),
            Self::Issue(key) => (key.clone(), format!("{key}\u{1}")),
        }
    }
}

/// The kinds in the order in which they are looked at: merge requests last, as commits speak for them.
const KINDS: [EntityKind; 3] = [EntityKind::Branch, EntityKind::Commit, EntityKind::MergeRequest];

impl Store {
    /// The keys of a site's projects, in order.
    pub async fn site_projects(&self, site_id: i64) -> Result<Vec<SiteProject>> {
        const SQL: &str = "SELECT project_key, project_id, name, present_key FROM site_project WHERE site_id = $1 \
                           ORDER BY project_key";
        read!(self, |db| sqlx::query_as(SQL).bind(site_id).fetch_all(db))
    }

    /// Lets the links of up to `limit` entities follow what is known of projects and issues now, in a transaction of its own;
    /// answers where to go on, none at the end.
    pub async fn relink_step(
        &self,
        what: &Relink,
        after: Option<RelinkCursor>,
        limit: i64,
    ) -> Result<Option<RelinkCursor>> {
        let (from, to) = what.range();
        let begin = after.map_or(0, |after| KINDS.iter().position(|kind| *kind == after.kind).unwrap_or(0));
        for kind in KINDS.into_iter().skip(begin) {
            let behind = after.filter(|after| after.kind == kind).map_or(i64::MIN, |after| after.entity_id);
            let ids = self.entities_naming(kind, (&from, &to), behind, limit).await?;
            if let Some(last) = ids.last() {
                let mut tx = self.begin_write(Lane::Bulk).await?;
                tx.relink(kind, &ids).await?;
                tx.commit().await?;
                return Ok(Some(RelinkCursor { kind, entity_id: *last }));
            }
        }
        Ok(None)
    }

    /// Entities whose texts, or whose commits' texts, name a key of the range.
    async fn entities_naming(
        &self,
        kind: EntityKind,
        (from, to): (&str, &str),
        behind: i64,
        limit: i64,
    ) -> Result<Vec<i64>> {
        // What is linked to it, too: an issue of a renamed project is named by its former key.
        const OWN: &str = "SELECT entity_id FROM (SELECT entity_id FROM mention WHERE entity_kind = $1 AND issue_key >= $2 \
                           AND issue_key < $3 UNION SELECT entity_id FROM issue_link WHERE kind = $1 AND issue_key >= $2 \
                           AND issue_key < $3) named WHERE entity_id > $4 ORDER BY entity_id LIMIT $5";
        const MERGE_REQUESTS: &str = "SELECT entity_id FROM (SELECT entity_id FROM mention WHERE entity_kind = $1 \
                                      AND issue_key >= $2 AND issue_key < $3 UNION SELECT entity_id FROM issue_link \
                                      WHERE kind = $1 AND issue_key >= $2 AND issue_key < $3 UNION \
                                      SELECT mc.merge_request_id FROM mention m \
                                      JOIN merge_request_commit mc ON mc.commit_id = m.entity_id WHERE m.entity_kind = 'commit' \
                                      AND m.issue_key >= $2 AND m.issue_key < $3) named \
                                      WHERE entity_id > $4 ORDER BY entity_id LIMIT $5";
        let sql = if kind == EntityKind::MergeRequest { MERGE_REQUESTS } else { OWN };
        read!(self, |db| sqlx::query_scalar(sql)
            .bind(kind.as_str())
            .bind(from)
            .bind(to)
            .bind(behind)
            .bind(limit)
            .fetch_all(db))
    }
}

impl WriteTx {
    /// Keeps the keys of a site's projects in place of those before.
    pub async fn site_projects_replace(
        &mut self,
        site_id: i64,
        projects: &[SiteProject],
        now: Millis,
    ) -> Result<ProjectsChanged> {
        const BEFORE: &str = "SELECT project_key, present_key FROM site_project WHERE site_id = $1";
        const NOTE: &str = "UPDATE site SET projects_read_at = $2 WHERE id = $1";
        let before: Vec<(String, String)> =
            within!(self.aside(), |db| sqlx::query_as(BEFORE).bind(site_id).fetch_all(db))?;
        let before: HashMap<String, String> = before.into_iter().collect();
        let after: BTreeMap<&str, &SiteProject> = projects.iter().map(|one| (one.key.as_str(), one)).collect();
        let added = after.values().filter(|one| before.get(&one.key) != Some(&one.present_key));
        let mut changed = ProjectsChanged { added: added.map(|one| one.key.clone()).collect(), removed: Vec::new() };
        changed.removed = before.keys().filter(|key| !after.contains_key(key.as_str())).cloned().collect();
        changed.removed.sort_unstable();
        execute!(self.aside(), sqlx::query(NOTE).bind(site_id).bind(now))?;
        self.site_projects_write(site_id, &after, &changed).await?;
        Ok(changed)
    }

    async fn site_projects_write(
        &mut self,
        site_id: i64,
        projects: &BTreeMap<&str, &SiteProject>,
        changed: &ProjectsChanged,
    ) -> Result<()> {
        const DELETE: &str = "DELETE FROM site_project WHERE site_id = $1";
        const INSERT: &str = "INSERT INTO site_project (site_id, project_key, project_id, name, present_key) ";
        execute!(self.aside(), sqlx::query(DELETE).bind(site_id))?;
        let rows: Vec<&&SiteProject> = projects.values().collect();
        for chunk in rows.chunks(CHUNK) {
            crate::sql::execute_built!(self.aside(), chunk.len() == CHUNK, {
                let mut sql = sqlx::QueryBuilder::new(INSERT);
                sql.push_values(chunk, |mut row, project| {
                    row.push_bind(site_id).push_bind(project.key.as_str()).push_bind(project.project_id.as_str());
                    row.push_bind(project.name.as_str()).push_bind(project.present_key.as_str());
                });
                sql
            })?;
        }
        if !changed.added.is_empty() || !changed.removed.is_empty() {
            // What is shown changes, and what is kept of the rule with it.
            self.connection();
        }
        Ok(())
    }

    /// Links entities as their mentions and today's rule say.
    pub(crate) async fn relink(&mut self, kind: EntityKind, ids: &[i64]) -> Result<()> {
        let shown = match kind {
            EntityKind::Commit => "SELECT id, authored_at FROM git_commit WHERE id IN ",
            EntityKind::Branch => "SELECT id, moved_at FROM branch WHERE gone_at IS NULL AND id IN ",
            EntityKind::MergeRequest => "SELECT id, updated_at FROM merge_request WHERE gone_at IS NULL AND id IN ",
        };
        let sql = format!("{shown}({})", numbers(ids));
        let shown: Vec<(i64, Millis)> =
            within!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
        let own = self.mentions_by_entity(kind, ids).await?;
        let by_others = match kind {
            EntityKind::MergeRequest => self.mentions_of_their_commits(ids).await?,
            EntityKind::Commit | EntityKind::Branch => HashMap::new(),
        };
        let entities: Vec<Mentioning<'_>> = shown
            .into_iter()
            .map(|(id, sort_at)| {
                Mentioning::new(id, sort_at, own.get(&id).into_iter().flatten())
                    .and_by_others(by_others.get(&id).into_iter().flatten())
            })
            .collect();
        let mut linked: HashMap<i64, BTreeSet<String>> = HashMap::new();
        for (id, key) in self.linked_keys(kind, ids).await? {
            linked.entry(id).or_default().insert(key);
        }
        // What stays as it is, is no news for any site.
        let rule = self.key_rule().await?;
        let differs = |one: &Mentioning<'_>| {
            let keys: BTreeSet<String> = one.keys(&rule).map(Cow::into_owned).collect();
            linked.get(&one.entity_id).map_or_else(|| !keys.is_empty(), |linked| *linked != keys)
        };
        let entities: Vec<Mentioning<'_>> = entities.into_iter().filter(differs).collect();
        if entities.is_empty() {
            return Ok(());
        }
        self.links_replace(kind, &entities).await?;
        if kind == EntityKind::Commit {
            self.commits_with_keys_recount(ids).await?;
        }
        Ok(())
    }
}
