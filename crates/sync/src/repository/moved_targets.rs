//! Merge requests that nobody touched, but that consist of other commits since their target moved.
//!
//! A target that was forced back gives commits to them, one that took some of their commits takes those away (GitLab reloads
//! them at a forced push, too). An import from scratch would find it so; a sync must come to the same.

use std::collections::{BTreeSet, HashMap, HashSet};

use git::Cache;
use model::{Branch, ObjectId};
use store::UnmergedMergeRequest;

use super::Sync;
use super::merge_requests::Changed;
use crate::failure::Failure;

/// Which of the merge requests into a branch consist of other commits now.
enum Concerned {
    All,
    These(BTreeSet<i64>),
}

impl Sync<'_> {
    /// Those whose commits have to be found again besides the `changed` ones.
    pub(super) async fn below_moved_targets(
        &self,
        cache: &Cache,
        branches: &[Branch],
        changed: &[Changed],
    ) -> Result<Vec<Changed>, Failure> {
        if self.is_full() || self.repository.imported_at.is_none() {
            return Ok(Vec::new());
        }
        let mut unmerged = self.engine.store().merge_requests_unmerged(self.repository.id).await?;
        let known: HashSet<i64> = changed.iter().map(|changed| changed.number).collect();
        unmerged.retain(|one| !known.contains(&one.number));
        let targets: HashSet<&str> = unmerged.iter().map(|one| one.target_branch.as_str()).collect();
        let mut concerned = HashMap::new();
        for (target, old, new) in self.moved(branches, &targets).await? {
            concerned.insert(target, self.concerned(cache, old, new).await?);
        }
        let is_concerned = |one: &UnmergedMergeRequest| match concerned.get(&one.target_branch) {
            Some(Concerned::All) => true,
            Some(Concerned::These(numbers)) => numbers.contains(&one.number),
            None => false,
        };
        Ok(unmerged.iter().filter(|one| is_concerned(one)).map(to_be_found).collect())
    }

    /// Those of the branches whose head is another one than that of the store, with both.
    async fn moved(
        &self,
        branches: &[Branch],
        names: &HashSet<&str>,
    ) -> Result<Vec<(String, Option<ObjectId>, Option<ObjectId>)>, Failure> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let stored = self.engine.store().branches(self.repository.id).await?;
        let mut heads: HashMap<&str, (Option<&ObjectId>, Option<&ObjectId>)> = HashMap::new();
        for branch in stored.iter().filter(|branch| branch.gone_at.is_none()) {
            heads.entry(&branch.name).or_default().0 = Some(&branch.head);
        }
        for branch in branches {
            heads.entry(&branch.name).or_default().1 = Some(&branch.head);
        }
        let moved = heads.into_iter().filter(|(name, (old, new))| names.contains(name) && old != new);
        Ok(moved.map(|(name, (old, new))| (name.to_owned(), old.cloned(), new.cloned())).collect())
    }

    async fn concerned(
        &self,
        cache: &Cache,
        old: Option<ObjectId>,
        new: Option<ObjectId>,
    ) -> Result<Concerned, Failure> {
        let (Some(old), Some(new)) = (old, new) else { return Ok(Concerned::All) };
        let (old, new) = ([old], [new]);
        // What another node fetched is not here: then nobody knows how it moved.
        let is_here = cache.present(&old).await?.contains(&old[0]);
        if !is_here || !cache.gained(&old, &new).await?.is_empty() {
            return Ok(Concerned::All);
        }
        let taken = cache.gained(&new, &old).await?;
        Ok(Concerned::These(self.engine.store().merge_requests_with(self.repository.id, &taken).await?))
    }
}

fn to_be_found(one: &UnmergedMergeRequest) -> Changed {
    Changed {
        number: one.number,
        state: one.state,
        head: one.head.clone(),
        base: None,
        target_branch: one.target_branch.clone(),
        merge_commit: None,
        squash_commit: None,
    }
}
