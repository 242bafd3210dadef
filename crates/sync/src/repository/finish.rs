//! A whole sync by git, up to the transaction that ends it.

use std::collections::{BTreeSet, HashSet};

use git::{Cache, GitError};
use model::{Branch, ObjectId, SyncChanges};
use store::MergeRequestRange;

use super::changes::{of_branches, of_links};
use super::fetching::Unfetched;
use super::merge_requests::MergeRequestList;
use super::pack::MANY;
use super::{PackCache, Sync};
use crate::facade::{self, News};
use crate::failure::Failure;
use crate::review::ReviewMergeRequests;

/// How many lost commits one transaction marks.
const LOST_AT_ONCE: usize = 500;

/// What the last transaction writes.
pub(super) struct Ending {
    pub(super) branches: Vec<Branch>,
    /// None: as they are.
    pub(super) tips: Option<Vec<ObjectId>>,
    pub(super) ranges: Vec<MergeRequestRange>,
    pub(super) lost: Vec<ObjectId>,
    pub(super) packs: usize,
}

impl Ending {
    /// Nothing moved since the last sync.
    fn unchanged(branches: Vec<Branch>) -> Self {
        Self { branches, tips: None, ranges: Vec::new(), lost: Vec::new(), packs: 0 }
    }
}

impl Sync<'_> {
    /// Fetches what the store has not seen, writes it, and marks what nothing leads to any more.
    pub(super) async fn sync_by_git(&self, branches: Vec<Branch>, mut list: MergeRequestList) -> Result<(), Failure> {
        let (old, begun) = (self.old_tips().await?, self.begun_tips().await?);
        if !self.is_full() && list.changed.is_empty() && begun.is_empty() && same(&heads(&branches, &list), &old) {
            return self.finish(list, Ending::unchanged(branches)).await;
        }
        let cache = self.open_cache(&branches).await?;
        let fetched = match self.fetch(&cache, branches, &list, &old).await {
            Ok(fetched) => fetched,
            Err(Unfetched::NoFilters) => {
                let branches = self.list_branches().await?.branches;
                return self.sync_by_rest(branches, list).await;
            }
            Err(Unfetched::Failed(failure)) => return Err(failure),
        };
        let new = self.new_tips(&cache, &fetched.branches, &list).await?;
        let known = if self.is_full() { Vec::new() } else { old.clone() };
        let is_still = begun.is_empty() && same(&new, &known);
        let whole = fetched.whole.filter(|_| old.is_empty() && self.has_nothing());
        let gained = if is_still || whole.is_some() { Vec::new() } else { cache.gained(&new, &known).await? };
        let gained_nothing = gained.is_empty() && whole.is_none();
        if !gained_nothing {
            self.begin_tips(&new).await?;
        }
        let reachable: HashSet<ObjectId> =
            if self.is_full() { gained.iter().cloned().collect() } else { HashSet::new() };
        match whole {
            Some(commits) => self.write_whole(&cache, &new, commits).await?,
            None => self.write_commits(&cache, gained).await?,
        }
        let mut changed = std::mem::take(&mut list.changed);
        changed.extend(self.below_moved_targets(&cache, &fetched.branches, &changed).await?);
        let ranges = self.find_ranges(&cache, &fetched.branches, changed, &fetched.vanished).await?;
        let lost = match (self.is_full(), is_still) {
            (true, _) => self.unreachable(&reachable, &ranges.told).await?,
            (false, true) => Vec::new(),
            (false, false) => {
                let reached: Vec<ObjectId> = old.iter().chain(&begun).cloned().collect();
                self.lost(&cache, &reached, &new, list.heads.values()).await?
            }
        };
        let tips = (!gained_nothing || !begun.is_empty() || !same(&new, &old)).then_some(new);
        let (branches, packs) = (fetched.branches, fetched.packs);
        self.finish(list, Ending { branches, tips, ranges: ranges.waiting, lost, packs }).await
    }

    /// Notes what the commits that will be written are reached from: should this sync not come to its end, and nothing lead
    /// to them when the next one looks, they are known to be lost.
    async fn begin_tips(&self, new: &[ObjectId]) -> Result<(), Failure> {
        let mut tx = self.write().await?;
        tx.tips_begin(self.repository.id, new).await?;
        Ok(tx.commit().await?)
    }

    /// The heads of branches and merge requests that are here: what is reachable from them is in the store afterwards.
    async fn new_tips(
        &self,
        cache: &Cache,
        branches: &[Branch],
        list: &MergeRequestList,
    ) -> Result<Vec<ObjectId>, Failure> {
        let heads = heads(branches, list);
        let present = cache.present(&heads).await?;
        if let Some(broken) = branches.iter().find(|branch| !present.contains(&branch.head)) {
            return Err(GitError::MissingObject { id: broken.head.clone() }.into());
        }
        Ok(heads.into_iter().filter(|head| present.contains(head)).collect())
    }

    /// The transaction that makes the sync count.
    pub(super) async fn finish(&self, list: MergeRequestList, mut ending: Ending) -> Result<(), Failure> {
        let id = self.repository.id;
        self.lose_most(&mut ending.lost).await?;
        let (rules, now) = (self.engine.rule_version(), self.engine.clock().now());
        let rows = self.branch_rows(ending.branches);
        let reads_files = (ending.tips.is_some() || self.is_full()) && self.engine.store().facade_serves(id).await?;
        let mut tx = self.write().await?;
        let mut changes = self.changes_so_far().await;
        changes.commits_lost += tx.commits_lost(id, &ending.lost, now).await?;
        changes += of_links(tx.merge_request_ranges(id, &ending.ranges).await?);
        changes.merge_requests_removed += tx.merge_requests_gone(id, &list.gone, now).await?;
        let replaced = tx.branches_replace(id, &rows, rules, now).await?;
        changes += of_branches(replaced);
        let moved = replaced.added + replaced.moved + replaced.removed > 0;
        let news = News {
            push: moved || changes.commits_lost > 0 || self.gained(&changes).await,
            pull_request: list.differs || changes.merge_requests_removed > 0,
        };
        facade::announce(&mut tx, id, news, now).await?;
        if let Some(tips) = &ending.tips {
            tx.tips_replace(id, tips).await?;
        }
        tx.merge_requests_watermark(id, list.until, list.state).await?;
        tx.repository_synced(id, now, rows.is_empty()).await?;
        if self.is_full() {
            tx.repository_changes(id, &changes, now).await?;
        }
        if list.has_news {
            queue::enqueue(&mut tx, &ReviewMergeRequests { repository_id: id }, now).await?;
        }
        if self.is_full() {
            tx.commit_files_forget_untold(id).await?;
        }
        if reads_files {
            facade::read_files(&mut tx, id, now).await?;
        }
        if ending.packs >= MANY {
            queue::enqueue(&mut tx, &PackCache { repository_id: id }, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Marks lost commits but for the last few, which are left to the transaction that ends the sync.
    async fn lose_most(&self, lost: &mut Vec<ObjectId>) -> Result<(), Failure> {
        while lost.len() > LOST_AT_ONCE {
            let some = lost.split_off(lost.len() - LOST_AT_ONCE);
            let mut tx = self.write().await?;
            let commits_lost = tx.commits_lost(self.repository.id, &some, self.engine.clock().now()).await?;
            tx.commit().await?;
            self.changed(SyncChanges { commits_lost, ..SyncChanges::default() }).await;
            self.step().await?;
        }
        Ok(())
    }
}

/// The heads of branches and merge requests, each once.
fn heads(branches: &[Branch], list: &MergeRequestList) -> Vec<ObjectId> {
    let heads = branches.iter().map(|branch| &branch.head).chain(list.heads.values());
    heads.collect::<BTreeSet<_>>().into_iter().cloned().collect()
}

/// Whether both hold the same ids.
fn same(one: &[ObjectId], other: &[ObjectId]) -> bool {
    one.len() == other.len() && one.iter().collect::<HashSet<_>>() == other.iter().collect::<HashSet<_>>()
}
