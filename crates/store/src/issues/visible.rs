//! What of an issue is shown to a viewer, and in which repositories: index ranges of `issue_link`, then the repositories in
//! one go, never a query an entity.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use model::{EntityKind, Millis};
use sqlx::AssertSqlSafe;

use super::{Cursor, IssueQuery, PageOf, RepositoryRef};
use crate::database::read;
use crate::sql::{CHUNK, link_seen, numbers};
use crate::{Result, Store, StoreError, Viewer};

/// Links read at a time for a page: some may not be for the viewer's eyes.
const LINKS: i64 = 100;

/// An entity of an issue, and where it is shown.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) cursor: Cursor,
    /// The one it is shown under first; never empty.
    pub(crate) repositories: Vec<Arc<RepositoryRef>>,
    /// Nothing in any of these leads to it any more.
    pub(crate) unreachable: bool,
}

/// Which entities of an issue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    pub(crate) kind: EntityKind,
    pub(crate) after: Option<Cursor>,
    pub(crate) since: Millis,
    pub(crate) limit: Option<i64>,
}

impl Range {
    /// From the newest on.
    pub(crate) const fn page(kind: EntityKind, after: Option<Cursor>, limit: Option<i64>) -> Self {
        Self { kind, after, since: Millis::MIN, limit }
    }

    /// All of them.
    pub(crate) const fn all(kind: EntityKind) -> Self {
        Self::page(kind, None, None)
    }
}

#[derive(Debug, PartialEq, Eq)]
struct LinkRow {
    entity_id: i64,
    sort_at: Millis,
    repository_id: Option<i64>,
    lost_at: Option<Millis>,
}

/// Links of one kind with the repositories of their entities. Key $1, behind the place ($2, $3), not before $4, at most $5.
/// All of them come in one text: a thousand rows through the driver take several times as long as finding them.
macro_rules! links {
    ($kind:literal, $lost_at:literal, $join:literal) => {
        concat!(
            "SELECT string_agg(CAST(l.entity_id AS TEXT) || ' ' || CAST(l.sort_at AS TEXT) || ' ' || \
             COALESCE(CAST(e.repository_id AS TEXT), '-') || ' ' || COALESCE(CAST(e.",
            $lost_at,
            " AS TEXT), '-'), ';' ORDER BY l.sort_at DESC, l.entity_id DESC) FROM (SELECT entity_id, sort_at FROM issue_link WHERE issue_key = $1 AND kind = '",
            $kind,
            "' AND (sort_at, entity_id) < ($2, $3) AND sort_at >= $4 ORDER BY sort_at DESC, entity_id DESC LIMIT $5) l ",
            $join
        )
    };
}

const fn links_sql(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Commit => {
            links!("commit", "lost_at", "LEFT JOIN repository_commit e ON e.commit_id = l.entity_id")
        }
        EntityKind::Branch => {
            links!("branch", "gone_at", "LEFT JOIN branch e ON e.id = l.entity_id AND e.gone_at IS NULL")
        }
        EntityKind::MergeRequest => {
            links!("merge_request", "gone_at", "LEFT JOIN merge_request e ON e.id = l.entity_id AND e.gone_at IS NULL")
        }
    }
}

impl Store {
    /// The entities of an issue that are shown to the viewer, newest first.
    pub(crate) async fn placed(&self, query: &IssueQuery, range: Range) -> Result<PageOf<Placed>> {
        let limit = range.limit.map_or(usize::MAX, |limit| usize::try_from(limit.max(1)).unwrap_or(usize::MAX));
        let batch = range.limit.map_or(i64::MAX, |limit| limit.saturating_add(1).max(LINKS));
        let mut repositories: HashMap<i64, Option<Arc<RepositoryRef>>> = HashMap::new();
        let mut items: Vec<Placed> = Vec::new();
        let mut after = range.after;
        while items.len() <= limit {
            let rows = self.link_rows_after(query, Range { after, ..range }, batch).await?;
            self.repositories_learn(query, &rows, &mut repositories).await?;
            let entities: Vec<&[LinkRow]> = rows.chunk_by(|one, other| one.entity_id == other.entity_id).collect();
            items.extend(entities.iter().filter_map(|rows| place(rows, &repositories)));
            after = entities.last().map(|rows| cursor(&rows[0]));
            if (entities.len() as i64) < batch {
                break;
            }
        }
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| last.cursor);
        Ok(PageOf { items, next })
    }

    async fn link_rows_after(&self, query: &IssueQuery, range: Range, batch: i64) -> Result<Vec<LinkRow>> {
        let sql = links_sql(range.kind);
        let after = range.after.unwrap_or(Cursor { sort_at: Millis::MAX, entity_id: i64::MAX });
        let packed: Option<String> = read!(self, |db| sqlx::query_scalar(sql)
            .bind(query.key.as_str())
            .bind(after.sort_at)
            .bind(after.entity_id)
            .bind(range.since)
            .bind(batch)
            .fetch_one(db))?;
        packed.as_deref().map_or(Ok(Vec::new()), unpacked)
    }

    /// Looks up the repositories of these rows that were not looked up yet; the hidden ones are remembered as such.
    async fn repositories_learn(
        &self,
        query: &IssueQuery,
        rows: &[LinkRow],
        known: &mut HashMap<i64, Option<Arc<RepositoryRef>>>,
    ) -> Result<()> {
        let ids: BTreeSet<i64> = rows.iter().filter_map(|row| row.repository_id).collect();
        let unknown: Vec<i64> = ids.into_iter().filter(|id| !known.contains_key(id)).collect();
        let mut shown = self.repositories_shown(query.viewer, query.host_ids.as_deref(), &unknown).await?;
        known.extend(unknown.iter().map(|id| (*id, shown.remove(id).map(Arc::new))));
        Ok(())
    }

    /// Those of these repositories that are shown to the viewer.
    pub(crate) async fn repositories_shown(
        &self,
        viewer: Viewer,
        host_ids: Option<&[i64]>,
        ids: &[i64],
    ) -> Result<HashMap<i64, RepositoryRef>> {
        const SELECT: &str = "SELECT r.id, r.host_id, h.kind AS host_kind, h.url AS host_url, r.forge_id, r.name, r.path, \
             r.web_url, r.default_branch, (r.fork_of IS NOT NULL) AS fork, MIN(a.id) AS account_id \
             FROM repository r JOIN host h ON h.id = r.host_id \
             JOIN account_repository ar ON ar.repository_id = r.id JOIN account a ON a.id = ar.account_id WHERE ";
        let hosts = host_ids.map(|ids| format!(" AND r.host_id IN ({})", numbers(ids))).unwrap_or_default();
        let mut shown = HashMap::new();
        for chunk in ids.chunks(CHUNK) {
            let seen = link_seen!("$1");
            let ids = numbers(chunk);
            let sql = format!("{SELECT}{seen} AND r.id IN ({ids}){hosts} GROUP BY r.id, h.id");
            let rows: Vec<RepositoryRef> = read!(self, |db| sqlx::query_as(AssertSqlSafe(sql))
                .persistent(false)
                .bind(viewer.user_id())
                .fetch_all(db))?;
            shown.extend(rows.into_iter().map(|repository| (repository.id, repository)));
        }
        Ok(shown)
    }
}

/// The links of a text that [`links_sql`] made.
fn unpacked(packed: &str) -> Result<Vec<LinkRow>> {
    packed
        .split(';')
        .map(|row| link_row(row).ok_or(StoreError::Corrupt { what: "a link of an issue".to_owned() }))
        .collect()
}

fn link_row(packed: &str) -> Option<LinkRow> {
    let mut numbers = packed.split(' ').map(|number| (number != "-").then(|| number.parse::<i64>().ok()));
    let mut number = || numbers.next()?.map_or(Some(None), |number| number.map(Some));
    let (entity_id, sort_at) = (number()??, number()??);
    Some(LinkRow { entity_id, sort_at, repository_id: number()?, lost_at: number()? })
}

const fn cursor(row: &LinkRow) -> Cursor {
    Cursor { sort_at: row.sort_at, entity_id: row.entity_id }
}

/// Where an entity is shown, given its rows; none when it is shown nowhere.
fn place(rows: &[LinkRow], known: &HashMap<i64, Option<Arc<RepositoryRef>>>) -> Option<Placed> {
    let shown = |row: &LinkRow| known.get(&row.repository_id?)?.clone();
    let mut repositories: Vec<Arc<RepositoryRef>> = rows.iter().filter_map(shown).collect();
    if repositories.is_empty() {
        return None;
    }
    repositories.sort_by_key(|repository| repository.order());
    let unreachable = rows
        .iter()
        .filter(|row| repositories.iter().any(|repository| Some(repository.id) == row.repository_id))
        .all(|row| row.lost_at.is_some());
    Some(Placed { cursor: cursor(&rows[0]), repositories, unreachable })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Database;
    use crate::testing::{Engine, open};

    #[tokio::test]
    async fn looking_up_an_issue_is_a_walk_along_the_index() {
        let store = open(Engine::Sqlite).await.unwrap();
        let Database::Sqlite(sqlite) = store.database() else { panic!("opened on SQLite") };
        for kind in [EntityKind::Commit, EntityKind::Branch, EntityKind::MergeRequest] {
            let sql = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", links_sql(kind)));
            let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(sql)
                .bind("TEST-1")
                .bind(1_i64)
                .bind(1_i64)
                .bind(0_i64)
                .bind(50_i64)
                .fetch_all(&sqlite.readers)
                .await
                .unwrap();
            let plan: Vec<String> = plan.into_iter().map(|step| step.3).collect();
            let walk = |step: &&String| step.contains("issue_link USING PRIMARY KEY (issue_key=? AND kind=? AND ");
            let walks: Vec<&String> = plan.iter().filter(walk).collect();
            assert_eq!(walks.len(), 1, "{plan:#?}");
            assert!(plan.iter().all(|step| !step.starts_with("SCAN") || step == "SCAN l"), "{plan:#?}");
        }
    }
}
