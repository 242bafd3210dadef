//! The commits of merge requests, told after the merge requests themselves: git is asked for them once their heads are here.

use std::collections::BTreeMap;

use model::{EntityKind, Millis, ObjectId};
use sqlx::AssertSqlSafe;

use crate::database::{execute, within};
use crate::links::{LinksChanged, Mentioning};
use crate::sql::{CHUNK, numbers};
use crate::{Result, WriteTx};

/// Where the commits of a stored merge request begin, and which they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeRequestRange {
    /// The number people see.
    pub number: i64,
    /// Its commits are its head and what leads to it, without what leads to this.
    pub base: Option<ObjectId>,
    /// Whether head and base are final (it was merged).
    pub frozen: bool,
    /// Its commits. Those that the store does not know are left out.
    pub commits: Vec<ObjectId>,
}

impl WriteTx {
    /// Writes base and commits of merge requests that were written before, and links them by what these commits name besides
    /// their own texts. A frozen one keeps its base.
    pub async fn merge_request_ranges(
        &mut self,
        repository_id: i64,
        ranges: &[MergeRequestRange],
    ) -> Result<LinksChanged> {
        let distinct: BTreeMap<i64, &MergeRequestRange> = ranges.iter().map(|range| (range.number, range)).collect();
        let distinct: Vec<&MergeRequestRange> = distinct.into_values().collect();
        let mut links = LinksChanged::default();
        for chunk in distinct.chunks(CHUNK) {
            let touched = self.touched();
            let ids = self.merge_request_ids(repository_id, chunk.iter().map(|range| range.number)).await?;
            let known: Vec<(i64, &MergeRequestRange)> =
                chunk.iter().filter_map(|range| Some((*ids.get(&range.number)?, *range))).collect();
            for (id, range) in &known {
                self.merge_request_range(*id, range).await?;
            }
            let told: Vec<(i64, &[ObjectId])> =
                known.iter().map(|(id, range)| (*id, range.commits.as_slice())).collect();
            self.merge_request_commits(&told).await?;
            let ids: Vec<i64> = known.iter().map(|(id, _)| *id).collect();
            let mut issues = self.linked_keys(EntityKind::MergeRequest, &ids).await?;
            links += self.merge_request_links(&ids).await?;
            issues.extend(self.linked_keys(EntityKind::MergeRequest, &ids).await?);
            self.touched_only(touched, issues.iter().map(|(_, key)| key.as_str()));
        }
        Ok(links)
    }

    async fn merge_request_range(&mut self, id: i64, range: &MergeRequestRange) -> Result<()> {
        const SQL: &str = "UPDATE merge_request SET base = CASE WHEN frozen THEN base ELSE $2 END, \
                           frozen = (frozen OR $3) WHERE id = $1";
        let base = range.base.as_ref().map(ObjectId::as_str);
        execute!(self, sqlx::query(SQL).bind(id).bind(base).bind(range.frozen))?;
        Ok(())
    }

    /// Links merge requests that are not gone by their own words and by their commits'.
    async fn merge_request_links(&mut self, ids: &[i64]) -> Result<LinksChanged> {
        let own = self.mentions_by_entity(EntityKind::MergeRequest, ids).await?;
        let by_commits = self.mentions_of_their_commits(ids).await?;
        let sql =
            format!("SELECT id, updated_at FROM merge_request WHERE gone_at IS NULL AND id IN ({})", numbers(ids));
        let present: Vec<(i64, Millis)> =
            within!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
        let entities: Vec<Mentioning<'_>> = present
            .into_iter()
            .map(|(id, updated_at)| {
                Mentioning::new(id, updated_at, own.get(&id).into_iter().flatten())
                    .and_by_others(by_commits.get(&id).into_iter().flatten())
            })
            .collect();
        self.links_replace(EntityKind::MergeRequest, &entities).await
    }
}
