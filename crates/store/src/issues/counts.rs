//! How much there is of an issue, by host.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{EntityKind, HostKind, MergeRequestState, Millis};
use sqlx::AssertSqlSafe;

use super::visible::{Placed, Range};
use super::{IssueQuery, RepositoryRef};
use crate::database::read;
use crate::rows::Word;
use crate::sql::{CHUNK, numbers};
use crate::{Result, Store};

/// What one host has of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostCounts {
    /// The host.
    pub host_id: i64,
    /// Its kind.
    pub host_kind: HostKind,
    /// Its URL.
    pub host_url: String,
    /// Commits; one that is in several repositories of the host counts once.
    pub commits: i64,
    /// Branches.
    pub branches: i64,
    /// Open merge requests.
    pub open: i64,
    /// Merged ones.
    pub merged: i64,
    /// Declined ones.
    pub declined: i64,
    /// When the newest commit was written.
    pub last_commit_at: Option<Millis>,
    /// When a branch last moved.
    pub last_branch_at: Option<Millis>,
    /// When a merge request last changed.
    pub last_merge_request_at: Option<Millis>,
}

impl HostCounts {
    fn of(repository: &RepositoryRef) -> Self {
        Self {
            host_id: repository.host_id,
            host_kind: repository.host_kind,
            host_url: repository.host_url.clone(),
            commits: 0,
            branches: 0,
            open: 0,
            merged: 0,
            declined: 0,
            last_commit_at: None,
            last_branch_at: None,
            last_merge_request_at: None,
        }
    }

    fn count(&mut self, kind: EntityKind, state: Option<MergeRequestState>, at: Millis) {
        let (number, last) = match kind {
            EntityKind::Commit => (&mut self.commits, &mut self.last_commit_at),
            EntityKind::Branch => (&mut self.branches, &mut self.last_branch_at),
            EntityKind::MergeRequest => match state {
                Some(MergeRequestState::Merged) => (&mut self.merged, &mut self.last_merge_request_at),
                Some(MergeRequestState::Declined) => (&mut self.declined, &mut self.last_merge_request_at),
                _ => (&mut self.open, &mut self.last_merge_request_at),
            },
        };
        *number += 1;
        *last = (*last).max(Some(at));
    }
}

impl Store {
    /// What each host has of an issue; hosts with nothing are left out.
    pub async fn issue_counts(&self, query: &IssueQuery) -> Result<Vec<HostCounts>> {
        let mut hosts: BTreeMap<i64, HostCounts> = BTreeMap::new();
        for kind in [EntityKind::Commit, EntityKind::Branch, EntityKind::MergeRequest] {
            let entities = self.placed(query, Range::all(kind)).await?.items;
            let states = match kind {
                EntityKind::MergeRequest => self.merge_request_states(&entities).await?,
                _ => HashMap::new(),
            };
            for placed in &entities {
                let state = states.get(&placed.cursor.entity_id).copied();
                let mut counted = BTreeSet::new();
                for repository in &placed.repositories {
                    if counted.insert(repository.host_id) {
                        let host = hosts.entry(repository.host_id).or_insert_with(|| HostCounts::of(repository));
                        host.count(kind, state, placed.cursor.sort_at);
                    }
                }
            }
        }
        Ok(hosts.into_values().collect())
    }

    async fn merge_request_states(&self, entities: &[Placed]) -> Result<HashMap<i64, MergeRequestState>> {
        let ids: Vec<i64> = entities.iter().map(|placed| placed.cursor.entity_id).collect();
        let mut states = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let sql = format!("SELECT id, state FROM merge_request WHERE id IN ({})", numbers(chunk));
            let rows: Vec<(i64, Word<MergeRequestState>)> =
                read!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
            states.extend(rows.into_iter().map(|(id, state)| (id, state.0)));
        }
        Ok(states)
    }
}
