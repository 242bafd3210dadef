//! Which commits nothing leads to any more since the last sync.
//!
//! Git tells, where it has them. What another node fetched, or a cache that is gone, git does not have here; what the
//! branches lead to, it has in any case. So a commit that is not here is lost, unless a merge request leads to it whose
//! head the server no longer gives; the store tells its parents, down to those that git has.

use std::collections::HashSet;

use git::Cache;
use model::ObjectId;

use super::Sync;
use crate::failure::Failure;

/// A part of the history that git does not have here.
#[derive(Default)]
struct Absent {
    commits: HashSet<ObjectId>,
    /// The first commits below it that git has.
    below: Vec<ObjectId>,
}

impl Sync<'_> {
    /// What is reachable from the tips of the last sync (`old`) and not from those of this one (`new`), nor from `heads`,
    /// those of all merge requests that exist.
    pub(super) async fn lost<'h>(
        &self,
        cache: &Cache,
        old: &[ObjectId],
        new: &[ObjectId],
        heads: impl Iterator<Item = &'h ObjectId>,
    ) -> Result<Vec<ObjectId>, Failure> {
        let present = cache.present(old).await?;
        if present.len() == old.iter().collect::<HashSet<_>>().len() {
            return Ok(cache.gained(old, new).await?);
        }
        let kept = self.absent(cache, heads.cloned().collect()).await?;
        let gone = self.absent(cache, old.to_vec()).await?;
        let reachable: Vec<ObjectId> = new.iter().cloned().chain(kept.below).collect();
        let mut lost = cache.gained(&gone.below, &reachable).await?;
        lost.extend(gone.commits.difference(&kept.commits).cloned());
        Ok(lost)
    }

    /// Follows the parents in the store from `heads` on as far as git does not have them.
    async fn absent(&self, cache: &Cache, heads: Vec<ObjectId>) -> Result<Absent, Failure> {
        let mut absent = Absent::default();
        let mut seen: HashSet<ObjectId> = heads.iter().cloned().collect();
        let mut ahead = heads;
        while !ahead.is_empty() {
            let present = cache.present(&ahead).await?;
            let mut parents = Vec::new();
            for id in ahead {
                if present.contains(&id) {
                    absent.below.push(id);
                    continue;
                }
                // A head that no sync has written leads nowhere yet.
                if let Some(commit) = self.engine.store().commit(&id).await? {
                    parents.extend(commit.parents.into_iter().filter(|parent| seen.insert(parent.clone())));
                    absent.commits.insert(id);
                }
            }
            ahead = parents;
        }
        Ok(absent)
    }
}
