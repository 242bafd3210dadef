//! What only a full sync finds: what the store holds and the forge does not.

use std::collections::HashSet;

use model::ObjectId;

use super::Sync;
use super::merge_requests::MergeRequestList;
use crate::failure::{Failure, is_not_found};

/// How many ids of the store are compared at a time.
const COMPARED_AT_ONCE: i64 = 5_000;

impl Sync<'_> {
    /// Merge requests that the whole list does not name, and the forge denies when asked for each.
    pub(super) async fn gone_merge_requests(&self, list: &mut MergeRequestList) -> Result<Vec<i64>, Failure> {
        let id = &self.repository.forge_id;
        let mut gone = Vec::new();
        for number in std::mem::take(&mut list.unlisted) {
            match self.session.ask(|forge| async move { forge.merge_request(id, number).await }).await {
                Err(error) if is_not_found(&error) => gone.push(number),
                answer => drop(answer?),
            }
        }
        for number in &gone {
            list.heads.remove(number);
        }
        Ok(gone)
    }

    /// Commits of the store that nothing leads to any more. Those of merge requests whose heads git cannot give are known
    /// by REST alone, and stay.
    pub(super) async fn unreachable(
        &self,
        reachable: HashSet<ObjectId>,
        by_rest: &HashSet<ObjectId>,
    ) -> Result<Vec<ObjectId>, Failure> {
        let mut unreachable = Vec::new();
        let mut after = None;
        loop {
            let page = self.engine.store().repository_commit_ids(self.repository.id, after, COMPARED_AT_ONCE).await?;
            let Some((last, _)) = page.last() else { return Ok(unreachable) };
            after = Some(*last);
            let lost = page.into_iter().map(|(_, id)| id).filter(|id| !reachable.contains(id) && !by_rest.contains(id));
            unreachable.extend(lost);
        }
    }
}
