//! What a sync changed, as it is counted while it runs.

use model::{Millis, SyncChanges};
use serde::{Deserialize, Serialize};
use store::{BranchesReplaced, LinksChanged};

use super::{CHUNK, Sync};

/// What earlier parts of a sync did, before it made way for something more urgent or waited for its host.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SoFar {
    /// How often it made way.
    pub(super) interruptions: u32,
    /// What they changed.
    pub(super) changes: SyncChanges,
}

/// After so many doublings a chunk is long enough for anything: half an hour.
const DOUBLINGS: u32 = 10;

impl SoFar {
    /// How long it may go on before it makes way again: each time twice as long, so that it comes to its end even where
    /// there are pushes all the time.
    pub(super) fn chunk(&self) -> Millis {
        CHUNK << self.interruptions.min(DOUBLINGS)
    }

    /// After one more part, which may have made way.
    pub(super) fn and(self, changes: SyncChanges, made_way: bool) -> Self {
        Self { interruptions: self.interruptions.saturating_add(u32::from(made_way)), changes }
    }
}

impl Sync<'_> {
    /// Counts what was changed and committed.
    pub(super) async fn changed(&self, more: SyncChanges) {
        self.done.lock().await.changes += more;
    }

    /// What was changed and committed until now, earlier parts of the sync included.
    pub(super) async fn changes_so_far(&self) -> SyncChanges {
        self.done.lock().await.changes
    }
}

pub(super) fn of_links(links: LinksChanged) -> SyncChanges {
    SyncChanges { links_added: links.added, links_removed: links.removed, ..SyncChanges::default() }
}

pub(super) fn of_branches(replaced: BranchesReplaced) -> SyncChanges {
    SyncChanges {
        branches_added: replaced.added,
        branches_removed: replaced.removed,
        links_added: replaced.links_added,
        links_removed: replaced.links_removed,
        ..SyncChanges::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_that_makes_way_again_and_again_gets_longer_chunks() {
        let mut so_far = SoFar::default();
        let mut chunks = Vec::new();
        for _ in 0..14 {
            chunks.push(so_far.chunk());
            so_far = so_far.and(SyncChanges::default(), true);
        }

        assert_eq!(chunks[..4], [2_000, 4_000, 8_000, 16_000]);
        assert_eq!(chunks[13], 2_048_000);
    }
}
