//! A repository: whether it is read and shown, and what hinders it.

use store::{KnownRepository, MergeRequestsState};

use super::story::{Fact, Subject};
use super::{Asking, Told};
use crate::sentences::explain as says;

impl Asking<'_> {
    /// How a repository stands, and what else is to be known of it.
    pub(super) async fn standing(&self, known: &KnownRepository) -> store::Result<Vec<Fact>> {
        let id = known.repository.id;
        let next = if known.told { self.store().jobs_due_of_repositories(&[id]).await?.remove(&id) } else { None };
        let next = next.filter(|at| *at > self.now);
        let mut facts = vec![says::standing::repository(known, next)];
        if known.repository.archived {
            facts.push(says::standing::archived(&known.repository));
        }
        Ok(facts)
    }
}

/// The story of a repository.
pub(super) async fn tell(asking: &Asking<'_>, known: &KnownRepository) -> store::Result<Told> {
    let mut facts = asking.standing(known).await?;
    if known.is_shown() && known.repository.merge_requests_state == MergeRequestsState::Unavailable {
        facts.push(says::merge_request::unavailable(known));
    }
    Ok(Told { subject: Subject::Repository, title: says::standing::repository_title(known), facts })
}
