//! Which commits a merge request consists of: `head --not base` (engine §1).
//!
//! The base of an open or closed one is where it parts from its target. The target of a merged one contains its head, so
//! that says nothing: its base is what the target was before the merge.

use std::collections::{HashMap, HashSet};

use forge::{ForgeError, Problem};
use futures::future::try_join_all;
use futures::{StreamExt, TryStreamExt};
use git::{Cache, GitError};
use model::{Branch, MergeRequestState, ObjectId};
use store::{MergeRequestRange, Source};

use super::Sync;
use super::commits::as_read;
use super::graph::Graph;
use super::merge_requests::Changed;
use crate::failure::{Failure, is_not_found};
use crate::smart_commits::Rules;

/// Up to how many merge requests git is asked one by one; for more the graph is read once.
const ONE_BY_ONE: usize = 60;
/// How many questions to the forge are on their way at the same time.
const QUESTIONS_AT_ONCE: usize = 6;
/// How many commits of merge requests one transaction writes.
const COMMITS_AT_ONCE: usize = 240;

/// What the commits of merge requests were found to be.
#[derive(Default)]
pub(super) struct Ranges {
    /// The last few, which are not written yet.
    pub(super) waiting: Vec<MergeRequestRange>,
    /// Commits that only the forge's own list told of: git cannot give them.
    pub(super) told: HashSet<ObjectId>,
}

/// The commits of one merge request.
struct Found {
    range: MergeRequestRange,
    /// By the forge's own list, not by git.
    by_rest: bool,
}

/// What tells how commits lie to each other.
enum History<'c> {
    Git(&'c Cache),
    Graph(Graph),
}

impl Sync<'_> {
    /// Finds and writes the commits of the merge requests that changed; leaves the last few to the transaction that ends the
    /// sync.
    pub(super) async fn find_ranges(
        &self,
        cache: &Cache,
        branches: &[Branch],
        changed: Vec<Changed>,
        vanished: &HashSet<ObjectId>,
    ) -> Result<Ranges, Failure> {
        let (by_rest, by_git): (Vec<_>, Vec<_>) =
            changed.into_iter().partition(|changed| vanished.contains(&changed.head));
        let history = self.history(cache, branches, &by_git).await?;
        let targets: HashMap<&str, &ObjectId> =
            branches.iter().map(|branch| (branch.name.as_str(), &branch.head)).collect();
        let mut ranges = Ranges::default();
        for some in by_git.chunks(QUESTIONS_AT_ONCE) {
            let found = try_join_all(some.iter().map(|changed| self.range(&history, &targets, changed))).await?;
            self.write_ranges(&mut ranges, found).await?;
        }
        for changed in &by_rest {
            self.write_ranges(&mut ranges, vec![self.range_by_rest(changed).await?]).await?;
        }
        Ok(ranges)
    }

    /// As [`Sync::find_ranges`] where git cannot be read at all.
    pub(super) async fn find_ranges_by_rest(&self, changed: &[Changed]) -> Result<Ranges, Failure> {
        let mut ranges = Ranges::default();
        for some in changed.chunks(QUESTIONS_AT_ONCE) {
            let found = try_join_all(some.iter().map(|changed| self.range_by_rest(changed))).await?;
            self.write_ranges(&mut ranges, found).await?;
        }
        Ok(ranges)
    }

    async fn history<'c>(
        &self,
        cache: &'c Cache,
        branches: &[Branch],
        changed: &[Changed],
    ) -> Result<History<'c>, Failure> {
        if changed.len() <= ONE_BY_ONE {
            return Ok(History::Git(cache));
        }
        let mut heads: Vec<ObjectId> = changed.iter().map(|changed| changed.head.clone()).collect();
        heads.extend(branches.iter().map(|branch| branch.head.clone()));
        let mut commits = cache.commits(cache.gained(&heads, &[]).await?);
        let mut graph = Graph::default();
        while let Some(commit) = commits.try_next().await? {
            graph.add(commit.id, commit.parents);
        }
        graph.seal();
        Ok(History::Graph(graph))
    }

    /// Writes as many as fill a transaction.
    async fn write_ranges(&self, ranges: &mut Ranges, found: Vec<Option<Found>>) -> Result<(), Failure> {
        for Found { range, by_rest } in found.into_iter().flatten() {
            let waiting = &mut ranges.waiting;
            let rows: usize = waiting.iter().chain([&range]).map(|range| 1 + range.commits.len()).sum();
            if rows > COMMITS_AT_ONCE && !waiting.is_empty() {
                let mut tx = self.write().await?;
                let links = tx.merge_request_ranges(self.repository.id, waiting).await?;
                tx.commit().await?;
                waiting.clear();
                self.wrote(0, links).await;
                self.step().await?;
            }
            if by_rest {
                ranges.told.extend(range.commits.iter().cloned());
            }
            waiting.push(range);
        }
        Ok(())
    }

    async fn range(
        &self,
        history: &History<'_>,
        targets: &HashMap<&str, &ObjectId>,
        changed: &Changed,
    ) -> Result<Option<Found>, Failure> {
        let known = match (&changed.base, changed.state, targets.get(changed.target_branch.as_str())) {
            (Some(base), ..) => Some(base.clone()),
            (None, MergeRequestState::Merged, _) => history.before_the_merge(changed).await?,
            (None, _, Some(target)) => history.merge_base(&changed.head, target).await?,
            (None, _, None) => None,
        };
        let base = match known {
            Some(base) => Some(base),
            None => self.base_by_rest(changed.number).await?,
        };
        let Some(commits) = history.range(&changed.head, base.as_ref()).await? else {
            return self.range_by_rest(changed).await;
        };
        let frozen = changed.state == MergeRequestState::Merged;
        let range = MergeRequestRange { number: changed.number, base, frozen, commits };
        Ok(Some(Found { range, by_rest: false }))
    }

    /// Where the forge says that it began. Nowhere, where the forge does not know it any more.
    async fn base_by_rest(&self, number: i64) -> Result<Option<ObjectId>, Failure> {
        let id = &self.repository.forge_id;
        match self.session.ask(|forge| async move { forge.merge_request(id, number).await }).await {
            Ok(detail) => Ok(detail.base),
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The forge's own list, for a head that git cannot give any more.
    async fn range_by_rest(&self, changed: &Changed) -> Result<Option<Found>, Failure> {
        let (id, number) = (&self.repository.forge_id, changed.number);
        let told = self.session.ask(|forge| async move { forge.merge_request_commits(id, number).await }).await;
        let commits = match told {
            Err(Failure::Forge(ForgeError { problem: Problem::NotFound | Problem::NotAvailable, .. })) => {
                return Ok(None);
            }
            told => told?,
        };
        let ids: Vec<ObjectId> = commits.iter().map(|commit| commit.id.clone()).collect();
        let base = commits.last().and_then(|oldest| oldest.parents.first().cloned());
        for batch in as_read(commits, &Rules::of(self.engine)).chunks(100) {
            self.write_batch(batch, Source::Rest).await?;
        }
        let frozen = changed.state == MergeRequestState::Merged;
        Ok(Some(Found { range: MergeRequestRange { number, base, frozen, commits: ids }, by_rest: true }))
    }
}

impl History<'_> {
    /// What the target was before the merge: the first parent of the merge commit, else of the squash commit.
    async fn before_the_merge(&self, changed: &Changed) -> Result<Option<ObjectId>, Failure> {
        for commit in [&changed.merge_commit, &changed.squash_commit].into_iter().flatten() {
            // A fast-forward of a single commit can name the head itself, whose first parent may lie within the range.
            if *commit == changed.head {
                continue;
            }
            if let Some(parent) = self.first_parent(commit).await? {
                return Ok(Some(parent));
            }
        }
        Ok(None)
    }

    async fn first_parent(&self, commit: &ObjectId) -> Result<Option<ObjectId>, Failure> {
        match self {
            Self::Graph(graph) => Ok(graph.first_parent(commit).cloned()),
            Self::Git(cache) => match cache.commits(vec![commit.clone()]).next().await {
                Some(Ok(commit)) => Ok(commit.parents.into_iter().next()),
                None | Some(Err(GitError::MissingObject { .. })) => Ok(None),
                Some(Err(error)) => Err(error.into()),
            },
        }
    }

    async fn merge_base(&self, head: &ObjectId, target: &ObjectId) -> Result<Option<ObjectId>, Failure> {
        match self {
            Self::Graph(graph) => Ok(graph.merge_base(head, target)),
            Self::Git(cache) => {
                absent_is_none(cache.merge_base(head, target).await.map(Option::Some)).map(Option::flatten)
            }
        }
    }

    /// None where the head or the base is not here.
    async fn range(&self, head: &ObjectId, base: Option<&ObjectId>) -> Result<Option<Vec<ObjectId>>, Failure> {
        match self {
            Self::Graph(graph) => {
                let both = graph.contains(head) && base.is_none_or(|base| graph.contains(base));
                Ok(both.then(|| graph.range(head, base)))
            }
            Self::Git(cache) => absent_is_none(cache.range(head, base).await.map(Some)),
        }
    }
}

fn absent_is_none<T>(answer: Result<Option<T>, GitError>) -> Result<Option<T>, Failure> {
    match answer {
        Err(GitError::MissingObject { .. }) => Ok(None),
        answer => Ok(answer?),
    }
}
