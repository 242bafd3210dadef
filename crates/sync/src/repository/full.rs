//! What only a full sync finds: what the store holds and the forge does not, and what today's rule for issue keys finds in
//! messages that were read before.

use std::collections::{HashMap, HashSet};

use grammar::Noise;
use model::{Mention, ObjectId};
use store::{CommitMessage, StoredMergeRequest};

use super::Sync;
use super::changes::of_links;
use super::merge_requests::MergeRequestList;
use crate::failure::{Failure, is_not_found};

/// How many ids of the store are compared at a time.
const COMPARED_AT_ONCE: i64 = 5_000;
/// How many messages of the store are read again at a time.
const READ_AT_ONCE: i64 = 240;

impl Sync<'_> {
    /// Asks for each merge request of the store that the whole list does not name: what the forge denies is gone, and what
    /// it knows after all is taken as listed.
    pub(super) async fn ask_for_each(
        &self,
        list: &mut MergeRequestList,
        stored: &HashMap<i64, StoredMergeRequest>,
        unlisted: Vec<i64>,
    ) -> Result<(), Failure> {
        let id = &self.repository.forge_id;
        for number in unlisted {
            match self.session.ask(|forge| async move { forge.merge_request(id, number).await }).await {
                Err(error) if is_not_found(&error) => {
                    list.heads.remove(&number);
                    list.gone.push(number);
                }
                told => self.take_page(list, stored, vec![told?.merge_request]).await?,
            }
        }
        Ok(())
    }

    /// Commits of the store that nothing leads to any more. Those of merge requests whose heads git cannot give are known
    /// by REST alone (`told`), and stay.
    pub(super) async fn unreachable(
        &self,
        reachable: &HashSet<ObjectId>,
        told: &HashSet<ObjectId>,
    ) -> Result<Vec<ObjectId>, Failure> {
        let mut unreachable = Vec::new();
        let mut after = None;
        loop {
            let page = self.engine.store().repository_commit_ids(self.repository.id, after, COMPARED_AT_ONCE).await?;
            let Some((last, _)) = page.last() else { return Ok(unreachable) };
            after = Some(*last);
            let lost = page.into_iter().map(|(_, id)| id).filter(|id| !reachable.contains(id) && !told.contains(id));
            unreachable.extend(lost);
        }
    }

    /// Reads the keys in all messages of the store by today's rule, before anything else: merge requests are linked by their
    /// commits, so these have to be right before those are written. Also of commits that nothing leads to any more, which
    /// git may not have.
    pub(super) async fn read_messages_again(&self) -> Result<(), Failure> {
        let (store, id) = (self.engine.store(), self.repository.id);
        let mut after = None;
        loop {
            let page = store.repository_messages(id, after, READ_AT_ONCE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id);
            let said = said(page, self.engine.noise().clone()).await;
            let mut tx = self.write().await?;
            let links = tx.commits_reextract(&said, self.engine.rule_version()).await?;
            tx.commit().await?;
            self.changed(of_links(links)).await;
            self.step().await?;
        }
    }
}

/// What messages say, away from the threads that serve requests.
async fn said(page: Vec<CommitMessage>, noise: Noise) -> Vec<(ObjectId, Vec<Mention>)> {
    let read = move || {
        let said = |commit: CommitMessage| (commit.object_id, grammar::mentions(&commit.message, &noise));
        page.into_iter().map(said).collect()
    };
    tokio::task::spawn_blocking(read).await.expect("looking for issue keys does not panic: it is pure and fuzzed")
}
