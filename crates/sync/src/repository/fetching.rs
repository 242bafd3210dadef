//! Fetching the commits that the cache does not hold yet.

use std::collections::HashSet;

use git::{Cache, Filter, GitError};
use model::{Branch, ObjectId};

use super::Sync;
use super::merge_requests::MergeRequestList;
use crate::failure::Failure;

/// How often the branches are listed again because one vanished between list and fetch.
const LISTS: usize = 3;
/// How many vanished heads of merge requests are taken out of a fetch one by one, before all that are missing are left to REST.
const VANISHED: usize = 20;

/// What the cache holds now.
pub(super) struct Fetched {
    /// The branches, listed again where one had vanished.
    pub(super) branches: Vec<Branch>,
    /// Heads of merge requests that the server no longer has.
    pub(super) vanished: HashSet<ObjectId>,
    /// How many packs there are; from 50 on they are to be joined.
    pub(super) packs: usize,
    /// How many commits came, where the cache holds nothing else.
    pub(super) whole: Option<usize>,
}

/// Why git cannot be used for this repository, though it lists branches.
pub(super) enum Unfetched {
    /// The server would send all files.
    NoFilters,
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Unfetched {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Sync<'_> {
    /// Fetches the heads of branches and of changed merge requests with all their history, in one request as a rule. Also
    /// heads of other merge requests that an earlier sync had, where this cache has not: another node fetched them.
    pub(super) async fn fetch(
        &self,
        cache: &Cache,
        mut branches: Vec<Branch>,
        list: &MergeRequestList,
        tips: &[ObjectId],
    ) -> Result<Fetched, Unfetched> {
        let tipped: HashSet<&ObjectId> = tips.iter().collect();
        let known = list.heads.values().filter(|head| tipped.contains(head));
        let mut heads: HashSet<ObjectId> =
            list.changed.iter().map(|changed| &changed.head).chain(known).cloned().collect();
        let mut vanished = HashSet::new();
        let mut lists = 1;
        loop {
            let wants = self.missing(cache, &branches, &heads).await?;
            let gone = match self.fetch_filtered(cache, &wants, tips).await {
                Ok(git::Fetched { packs, whole }) => return Ok(Fetched { branches, vanished, packs, whole }),
                Err(Unfetched::Failed(Failure::Git(GitError::NotOurRef { id }))) => id,
                Err(failure) => return Err(failure),
            };
            let Some(head) = heads.iter().find(|head| head.as_str() == gone).cloned() else {
                if lists == LISTS {
                    return Err(Failure::Git(GitError::NotOurRef { id: gone }).into());
                }
                lists += 1;
                branches = self.list_branches().await?.branches;
                continue;
            };
            heads.remove(&head);
            vanished.insert(head);
            if vanished.len() > VANISHED {
                let present = cache.present(&heads.iter().cloned().collect::<Vec<_>>()).await?;
                vanished.extend(heads.iter().filter(|head| !present.contains(*head)).cloned());
                heads = present;
            }
        }
    }

    async fn missing(
        &self,
        cache: &Cache,
        branches: &[Branch],
        heads: &HashSet<ObjectId>,
    ) -> Result<Vec<ObjectId>, Unfetched> {
        let mut wants: Vec<ObjectId> = branches.iter().map(|branch| &branch.head).chain(heads).cloned().collect();
        wants.sort_unstable();
        wants.dedup();
        let present = cache.present(&wants).await?;
        wants.retain(|want| !present.contains(want));
        Ok(wants)
    }

    /// Without folders and files; where the server cannot, without files.
    async fn fetch_filtered(
        &self,
        cache: &Cache,
        wants: &[ObjectId],
        tips: &[ObjectId],
    ) -> Result<git::Fetched, Unfetched> {
        let mut remote = self.session.git_remote(&self.there).await?;
        for filter in [Filter::Treeless, Filter::Blobless] {
            let mut fetched = cache.fetch(&remote, wants, tips, filter).await;
            // The branches were listed a moment ago, so it is the token that has come to its end.
            if let Err(GitError::Unauthorised) = fetched {
                remote = self.session.git_remote_renewed(&self.there).await?;
                fetched = cache.fetch(&remote, wants, tips, filter).await;
            }
            match fetched {
                Err(GitError::FilterUnsupported { .. }) => {}
                fetched => return Ok(fetched?),
            }
        }
        Err(Unfetched::NoFilters)
    }
}
