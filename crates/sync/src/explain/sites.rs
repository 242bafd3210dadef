//! What the Jiras were told of something, and why not; and what became of the commands of a commit.

use std::collections::HashMap;

use model::{Channel, OutboxState, ReceiptState, Told};
use store::{Receipt, Site, SiteState, ToldHow};

use super::Asking;
use super::story::Fact;
use crate::sentences::explain as says;

/// How many commands are told one by one.
const COMMANDS: usize = 5;
/// How many causes are told of an issue.
const CAUSES: usize = 5;

impl Asking<'_> {
    /// How each Jira stands with something that is linked to an issue.
    pub(super) async fn told_to_sites(&self, told: Told, entity_id: i64) -> store::Result<Vec<Fact>> {
        let all = self.store().explain_told(told, entity_id).await?;
        Ok(all.iter().filter_map(how).collect())
    }

    /// The same of several things that an issue is shown with: what was told is counted, each cause is told once.
    pub(super) async fn issue_told_to_sites(&self, shown: &[(Told, i64)]) -> store::Result<Vec<Fact>> {
        let (mut done, mut causes): (Vec<(String, i64)>, Vec<Fact>) = (Vec::new(), Vec::new());
        for (told, entity_id) in shown {
            for one in self.store().explain_told(*told, *entity_id).await? {
                if is_told(&one) {
                    match done.iter_mut().find(|(name, _)| *name == one.site.name) {
                        Some((_, count)) => *count += 1,
                        None => done.push((one.site.name.clone(), 1)),
                    }
                } else {
                    causes.extend(how(&one).filter(|cause| !causes.contains(cause)));
                }
            }
        }
        causes.truncate(CAUSES);
        Ok(done.iter().map(|(name, count)| says::sites::told_of(name, *count)).chain(causes).collect())
    }

    /// The Jiras that say that there is no such issue.
    pub(super) async fn unknown_at_sites(&self, key: &str) -> store::Result<Vec<Fact>> {
        let mut facts = Vec::new();
        for site in self.store().sites().await? {
            let alias = self.store().alias(site.id, key).await?;
            let missing = alias.filter(|alias| alias.present.is_none());
            facts.extend(missing.map(|alias| says::sites::unknown_issue(&site.name, key, alias.asked_at)));
        }
        Ok(facts)
    }

    /// What became of the commands of a commit.
    pub(super) async fn commands_of(&self, commit_id: i64) -> store::Result<Vec<Fact>> {
        let receipts = self.store().receipts_of_commit(commit_id).await?;
        if receipts.is_empty() {
            return Ok(Vec::new());
        }
        let sites: HashMap<i64, Site> = self.store().sites().await?.into_iter().map(|site| (site.id, site)).collect();
        let told = receipts.iter().filter_map(|receipt| Some(command(&sites.get(&receipt.site_id)?.name, receipt)));
        Ok(told.take(COMMANDS).collect())
    }

    /// What became of the newest commands on an issue, as far as the asker sees their commits.
    pub(super) async fn commands_on(&self, key: &str) -> store::Result<Vec<Fact>> {
        let shown = self.store().receipts_of_issue(self.viewer, key, COMMANDS as i64).await?;
        Ok(shown.iter().map(|one| command(&one.site_name, &one.receipt)).collect())
    }
}

fn is_told(one: &ToldHow) -> bool {
    one.wanted && one.served && one.entry.as_ref().is_some_and(|entry| entry.state == OutboxState::Sent)
}

/// How it stands with one Jira; nothing where remote links are switched off, which few want.
fn how(one: &ToldHow) -> Option<Fact> {
    let name = one.site.name.as_str();
    if !one.wanted {
        return (one.channel == Channel::DevInfo).then(|| says::sites::switched_off(name));
    }
    if !one.served {
        return Some(says::sites::not_served(name));
    }
    let Some(entry) = &one.entry else { return Some(says::sites::to_come(name)) };
    let words = entry.words.as_deref();
    Some(match entry.state {
        OutboxState::Sent => says::sites::told(name, one.channel),
        OutboxState::Refused => says::sites::refused(name, words),
        OutboxState::Parked => says::sites::parked(name, words, entry.not_before),
        OutboxState::Waiting if one.site.state == SiteState::Paused => says::sites::paused(name),
        OutboxState::Waiting => match (&one.site.error, entry.attempts) {
            (Some(error), _) => says::sites::trouble(name, error, one.site.paused_until),
            (None, 0) => says::sites::waiting(name),
            (None, _) => says::sites::failed(name, words, entry.not_before),
        },
    })
}

fn command(site: &str, receipt: &Receipt) -> Fact {
    let sentence = crate::sentence_of_receipt(receipt.state, receipt.reason, receipt.words.as_deref());
    match receipt.state {
        ReceiptState::Done => says::sites::command_done(site, receipt, &sentence),
        ReceiptState::Waiting | ReceiptState::Sending => says::sites::command_waiting(site, receipt, &sentence),
        ReceiptState::Refused => says::sites::command_refused(site, receipt, &sentence),
    }
}
