//! The merge request list: read page by page from the watermark on, each page written at once.
//!
//! What is kept in memory of thousands of them is only what git needs to find their commits.

use std::collections::{BTreeSet, HashMap};

use forge::{ForgeError, MergeRequestPage, Problem};
use model::{Mention, MergeRequest, MergeRequestState, Millis, ObjectId, SyncChanges};
use store::{MergeRequestsState, NewMergeRequest, StoredMergeRequest};

use super::Sync;
use crate::failure::Failure;

/// How far behind the watermark the list is read again: a page over a moving order can skip rows (GitLab contract §5.7).
const OVERLAP: Millis = 120_000;
/// How many merge requests one transaction writes: each brings a handful of rows.
const AT_ONCE: usize = 50;

/// What the list told.
pub(super) struct MergeRequestList {
    pub(super) state: MergeRequestsState,
    /// The new watermark.
    pub(super) until: Option<Millis>,
    /// Whether it brought anything.
    pub(super) has_news: bool,
    /// Whether anything in it is not as it was stored.
    pub(super) differs: bool,
    /// Those whose commits have to be found (again), oldest change first.
    pub(super) changed: Vec<Changed>,
    /// The heads of all that exist, as far as is known.
    pub(super) heads: HashMap<i64, ObjectId>,
    /// Those of the store that the forge denies (full sync only).
    pub(super) gone: Vec<i64>,
}

/// A merge request whose commits have to be found.
#[derive(Debug, Clone)]
pub(super) struct Changed {
    pub(super) number: i64,
    pub(super) state: MergeRequestState,
    pub(super) head: ObjectId,
    /// Where its commits begin, where that is known for good.
    pub(super) base: Option<ObjectId>,
    pub(super) target_branch: String,
    pub(super) merge_commit: Option<ObjectId>,
    pub(super) squash_commit: Option<ObjectId>,
}

impl Sync<'_> {
    /// Reads the list from its watermark on, and writes it.
    pub(super) async fn list_merge_requests(&self) -> Result<MergeRequestList, Failure> {
        let stored = self.stored_merge_requests().await?;
        let mut list = MergeRequestList {
            state: MergeRequestsState::Available,
            until: self.repository.merge_requests_until,
            has_news: false,
            differs: false,
            changed: Vec::new(),
            heads: stored.values().filter_map(|stored| Some((stored.number, stored.head.clone()?))).collect(),
            gone: Vec::new(),
        };
        if self.is_of_branches() {
            return Ok(list);
        }
        let after = if self.is_full() { None } else { list.until.map(|until| until - OVERLAP) };
        let mut seen = BTreeSet::new();
        let mut next = None;
        loop {
            let page = match self.page(after, next).await {
                Err(Failure::Forge(ForgeError { problem: Problem::NotAvailable | Problem::Forbidden, .. })) => {
                    list.state = MergeRequestsState::Unavailable;
                    return Ok(list);
                }
                page => page?,
            };
            seen.extend(page.merge_requests.iter().map(|merge_request| merge_request.number));
            self.take_page(&mut list, &stored, page.merge_requests).await?;
            match page.next {
                Some(page) => next = Some(page),
                None => break,
            }
        }
        if self.is_full() {
            let unlisted: Vec<i64> = stored.keys().filter(|number| !seen.contains(number)).copied().collect();
            self.ask_for_each(&mut list, &stored, unlisted).await?;
        }
        Ok(list)
    }

    async fn stored_merge_requests(&self) -> Result<HashMap<i64, StoredMergeRequest>, Failure> {
        let stored = self.engine.store().merge_request_heads(self.repository.id).await?;
        Ok(stored.into_iter().filter(|stored| stored.gone_at.is_none()).map(|stored| (stored.number, stored)).collect())
    }

    async fn page(&self, after: Option<Millis>, page: Option<String>) -> Result<MergeRequestPage, Failure> {
        let id = &self.repository.forge_id;
        let page = &page;
        self.session.ask(|forge| async move { forge.merge_requests(id, after, page.clone()).await }).await
    }

    /// Takes what the forge tells of merge requests, in order of change.
    pub(super) async fn take_page(
        &self,
        list: &mut MergeRequestList,
        stored: &HashMap<i64, StoredMergeRequest>,
        page: Vec<MergeRequest>,
    ) -> Result<(), Failure> {
        // Also by those that an earlier sync had written before it was stopped.
        list.until = page.iter().map(|listed| listed.updated_at).max().max(list.until);
        let is_new = |listed: &MergeRequest| stored.get(&listed.number).is_none_or(|stored| differs(stored, listed));
        list.differs |= list.until > self.repository.merge_requests_until || page.iter().any(is_new);
        let news: Vec<_> = page.into_iter().filter(|listed| self.is_full() || is_new(listed)).collect();
        list.has_news |= !news.is_empty() || list.until > self.repository.merge_requests_until;
        for listed in &news {
            let Some(head) = &listed.head else {
                list.heads.remove(&listed.number);
                continue;
            };
            list.heads.insert(listed.number, head.clone());
            let found = stored.get(&listed.number).filter(|stored| is_final(Some(stored), listed));
            // What was found for good is only looked at again where everything is.
            if found.is_none() || self.is_full() {
                list.changed.push(changed(listed, head, found.and_then(|stored| stored.base.clone())));
            }
        }
        let rows = news.into_iter().map(|listed| self.row(stored.get(&listed.number), listed)).collect();
        self.write_page(rows).await
    }

    async fn write_page(&self, rows: Vec<NewMergeRequest>) -> Result<(), Failure> {
        for rows in rows.chunks(AT_ONCE) {
            let mut tx = self.write().await?;
            let (rules, now) = (self.engine.rule_version(), self.engine.clock().now());
            let written = tx.merge_requests_put(self.repository.id, rows, rules, now).await?;
            tx.commit().await?;
            self.changed(SyncChanges { merge_requests_added: written.added, ..SyncChanges::default() }).await;
            self.wrote(0, written.links).await;
            self.engine.board().written_merge_requests(self.accounts, rows.len() as u64);
            self.step().await?;
        }
        Ok(())
    }

    /// One whose commits have to be found (again) has no base until they are: after a kill, that tells.
    fn row(&self, stored: Option<&StoredMergeRequest>, listed: MergeRequest) -> NewMergeRequest {
        let frozen = is_final(stored, &listed);
        let base = stored.filter(|_| frozen).and_then(|stored| stored.base.clone());
        let texts = [&listed.title, &listed.description, &listed.source_branch];
        let mentions: BTreeSet<Mention> = texts.into_iter().flat_map(|text| self.mentions(text)).collect();
        NewMergeRequest { merge_request: listed, base, frozen, commits: None, mentions: mentions.into_iter().collect() }
    }
}

/// Whether its commits were found for good: it is merged, and nothing of that changes any more.
fn is_final(stored: Option<&StoredMergeRequest>, listed: &MergeRequest) -> bool {
    stored.is_some_and(|stored| stored.frozen && stored.base.is_some() && stored.head == listed.head)
}

/// Whether there is something new in the list. The list answers from a cache at times, so the time alone does not tell.
fn differs(stored: &StoredMergeRequest, listed: &MergeRequest) -> bool {
    let found = stored.base.is_some() || listed.head.is_none();
    !found || stored.updated_at != listed.updated_at || stored.state != listed.state || stored.head != listed.head
}

fn changed(listed: &MergeRequest, head: &ObjectId, base: Option<ObjectId>) -> Changed {
    Changed {
        number: listed.number,
        state: listed.state,
        head: head.clone(),
        base,
        target_branch: listed.target_branch.clone(),
        merge_commit: listed.merge_commit.clone(),
        squash_commit: listed.squash_commit.clone(),
    }
}
