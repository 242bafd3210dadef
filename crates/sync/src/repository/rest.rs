//! Commits by REST, where git over HTTP is off or would send all files (design §2).
//!
//! Slower, and blind to one thing: without git's graph, what a forced push left behind is only found by a full sync.

use std::collections::HashSet;

use model::{Branch, ObjectId};
use store::Source;

use super::Sync;
use super::commits::as_read;
use super::finish::Ending;
use super::merge_requests::MergeRequestList;
use crate::failure::Failure;
use crate::smart_commits::Rules;

impl Sync<'_> {
    pub(super) async fn sync_by_rest(&self, branches: Vec<Branch>, mut list: MergeRequestList) -> Result<(), Failure> {
        let old = self.old_tips().await?;
        self.begin_writing(0).await?;
        let is_first = old.is_empty() || self.is_full();
        let known: HashSet<ObjectId> = old.iter().cloned().collect();
        let mut complete = HashSet::new();
        for branch in &branches {
            if is_first || !known.contains(&branch.head) {
                self.walk(&branch.head, &mut complete, is_first).await?;
            }
        }
        let changed = std::mem::take(&mut list.changed);
        let ranges = self.find_ranges_by_rest(&changed).await?;
        let lost = if self.is_full() { self.unreachable(&complete, &ranges.told).await? } else { Vec::new() };
        let mut tips: Vec<ObjectId> = branches.iter().map(|branch| branch.head.clone()).collect();
        tips.sort_unstable();
        tips.dedup();
        self.finish(list, Ending { branches, tips: Some(tips), ranges: ranges.waiting, lost, packs: 0 }).await
    }

    /// Writes what is reachable from `head`, page by page, until everything that the pages lead to is known with all its
    /// history: from an earlier walk of this sync, or, except in the first, from an earlier sync.
    async fn walk(&self, head: &ObjectId, complete: &mut HashSet<ObjectId>, is_first: bool) -> Result<(), Failure> {
        let id = &self.repository.forge_id;
        let mut seen = HashSet::new();
        // Parents that no page has shown yet. What a page shows proves nothing: an earlier sync may have been killed after it.
        let mut ahead: HashSet<ObjectId> = HashSet::new();
        let mut next = None;
        loop {
            let page = &next;
            let (commits, further) =
                self.session.ask(|forge| async move { forge.commits(id, head, Option::clone(page)).await }).await?;
            seen.extend(commits.iter().map(|commit| commit.id.clone()));
            ahead.extend(commits.iter().flat_map(|commit| commit.parents.iter().cloned()));
            for batch in as_read(commits, &Rules::of(self.engine)).chunks(100) {
                self.write_batch(batch, Source::Rest).await?;
                self.step().await?;
            }
            ahead.retain(|id| !seen.contains(id) && !complete.contains(id));
            if !is_first {
                let asked: Vec<_> = ahead.iter().cloned().collect();
                let present = self.engine.store().commits_present(self.repository.id, &asked).await?;
                ahead.retain(|id| !present.contains(id));
            }
            match further {
                Some(page) if !ahead.is_empty() => next = Some(page),
                _ => break,
            }
        }
        complete.extend(seen);
        Ok(())
    }
}
