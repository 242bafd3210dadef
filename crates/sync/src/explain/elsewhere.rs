//! Why something has never been seen: what is linked, what is known but not linked, and what is behind.

use store::Standing;

use super::Asking;
use super::story::Fact;
use crate::sentences::explain as says;

/// How many repositories of a kind are told one by one.
const EACH: i64 = 3;
/// How many linked repositories are named.
const NAMED: i64 = 5;

/// What may be behind something not being there, in the order in which it is told.
const HINDRANCES: [Standing; 10] = [
    Standing::Failed,
    Standing::Unauthorised,
    Standing::HostPaused,
    Standing::AccountPaused,
    Standing::Paused,
    Standing::Syncing,
    Standing::Waiting,
    Standing::NotLinked,
    Standing::ForkNotLinked,
    Standing::Hidden,
];

impl Asking<'_> {
    /// The likely causes, seen over everything that the asker may see.
    pub(super) async fn why_unseen(&self) -> store::Result<Vec<Fact>> {
        if self.accounts.is_empty() {
            return Ok(vec![says::standing::no_accounts()]);
        }
        let counts = self.store().explain_standings(self.viewer, self.now).await?;
        let shown =
            |standing: &Standing| !matches!(standing, Standing::NotLinked | Standing::ForkNotLinked | Standing::Hidden);
        let linked: i64 = counts.iter().filter(|(standing, _)| shown(standing)).map(|(_, count)| count).sum();
        let mut facts = Vec::new();
        if linked == 0 {
            facts.push(says::standing::nothing_linked());
        } else {
            facts.push(self.linked(linked).await?);
        }
        let failed = self
            .accounts
            .iter()
            .filter(|account| account.error.is_some() && account.state == store::AccountState::Active);
        facts.extend(failed.take(EACH as usize).map(says::standing::account_failed));
        for standing in HINDRANCES {
            let count = counts.get(&standing).copied().unwrap_or_default();
            facts.extend(self.hindered(standing, count).await?);
        }
        facts.push(says::standing::push());
        Ok(facts)
    }

    /// Linked repositories, those that are up to date first.
    async fn linked(&self, count: i64) -> store::Result<Fact> {
        let mut some = Vec::new();
        for standing in [Standing::Current, Standing::Syncing, Standing::Waiting, Standing::Failed] {
            let left = NAMED - some.len() as i64;
            if left > 0 {
                some.extend(self.store().explain_repositories(self.viewer, self.now, standing, left).await?);
            }
        }
        Ok(says::standing::linked(count, &some))
    }

    async fn hindered(&self, standing: Standing, count: i64) -> store::Result<Vec<Fact>> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let some = self.store().explain_repositories(self.viewer, self.now, standing, EACH).await?;
        let mut facts: Vec<Fact> = some.iter().map(|known| says::standing::repository(known, None)).collect();
        if count > EACH {
            facts.push(says::standing::more(standing, count - EACH));
        }
        Ok(facts)
    }
}
