//! An address: which host, which repository, and what in it.

use std::collections::BTreeSet;

use store::{Account, KnownRepository};

use super::address::{Address, Place};
use super::story::{Fact, Piece, Subject};
use super::{Asking, Told, branch, commit, merge_request, repository};
use crate::sentences::explain as says;

/// How many names a branch in a path may have: each is looked up.
const NAMES: usize = 12;
/// How many hosts or accounts are named.
const NAMED: usize = 5;

/// The story of an address.
pub(super) async fn tell(asking: &Asking<'_>, address: &Address) -> store::Result<Told> {
    let roots = roots(&asking.accounts, address);
    if roots.is_empty() {
        return Ok(host_unknown(asking, address));
    }
    for (host_id, root) in &roots {
        for (path, place) in address.readings(*root) {
            let found = asking.store().explain_repository_at(asking.viewer, asking.now, *host_id, &path).await?;
            let Some((known, left_at)) = found else { continue };
            let mut told = place_in(asking, &known, &place).await?;
            if let Some(at) = left_at {
                let to = says::standing::repository_piece(&known.repository);
                told.facts.insert(0, says::question::moved(&path, to, at));
            }
            return Ok(told);
        }
    }
    path_unknown(asking, address, &roots).await
}

/// The hosts that the address may be on, and how many segments of it are the host's own.
fn roots(accounts: &[Account], address: &Address) -> BTreeSet<(i64, usize)> {
    let mut roots = BTreeSet::new();
    for account in accounts.iter().filter(|account| has_pages(account)) {
        // A host may be reached from here by another name than people's browsers know it by.
        let by_page = || account.web_url.as_deref().is_some_and(|page| address.is_on(page)).then_some(0);
        if let Some(root) = address.below(&account.host_url).or_else(by_page) {
            roots.insert((account.host_id, root));
        }
    }
    roots
}

fn has_pages(account: &Account) -> bool {
    forge::capabilities(account.host_kind, &account.host_url).links.is_some()
}

async fn place_in(asking: &Asking<'_>, known: &KnownRepository, place: &Place) -> store::Result<Told> {
    match place {
        Place::Repository => repository::tell(asking, known).await,
        Place::MergeRequest(number) => merge_request::tell(asking, known, *number).await,
        Place::Commit(hex) => match commit::tell_if_seen(asking, hex, Some(known)).await? {
            Some(told) => Ok(told),
            None => commit::tell_unseen(asking, hex, Some(known)).await,
        },
        Place::Branch(segments) => {
            // Branches have names with slashes, and a path may follow.
            for length in (1..=segments.len().min(NAMES)).rev() {
                if let Some(told) = branch::tell_if_seen(asking, &segments[..length].join("/"), Some(known)).await? {
                    return Ok(told);
                }
            }
            branch::tell_unseen(asking, &segments.join("/"), Some(known)).await
        }
    }
}

fn host_unknown(asking: &Asking<'_>, address: &Address) -> Told {
    let subject = Subject::Unknown;
    let title = says::question::host_unknown_title(&address.place());
    if asking.accounts.is_empty() {
        return Told { subject, title, facts: vec![says::standing::no_accounts()] };
    }
    let forges = asking.accounts.iter().filter(|account| has_pages(account));
    let hosts: BTreeSet<&str> = forges.map(|account| account.host_url.as_str()).collect();
    let connected = hosts.into_iter().take(NAMED).map(|url| Piece::page(url, Some(url.to_owned()))).collect();
    Told { subject, title, facts: vec![says::question::host_unknown(&address.place(), connected)] }
}

async fn path_unknown(asking: &Asking<'_>, address: &Address, roots: &BTreeSet<(i64, usize)>) -> store::Result<Told> {
    let readings: Vec<(String, Place)> = roots.iter().flat_map(|(_, root)| address.readings(*root)).collect();
    let Some((path, place)) = readings.into_iter().next() else {
        return Ok(Told {
            subject: Subject::Unknown,
            title: says::question::not_understood_title(),
            facts: vec![says::question::not_understood()],
        });
    };
    let there = asking.accounts.iter().filter(|account| roots.iter().any(|(host_id, _)| *host_id == account.host_id));
    let there = there.take(NAMED).map(|account| Piece::Account { id: account.id, path: account.path.clone() });
    let fact: Fact = says::question::path_unknown(&path, there.collect());
    // A fork that is not known has its commits from somewhere.
    if let Place::Commit(hex) = &place
        && let Some(mut told) = commit::tell_if_seen(asking, hex, None).await?
    {
        told.facts.insert(0, fact);
        return Ok(told);
    }
    Ok(Told { subject: Subject::Repository, title: says::question::path_unknown_title(&path), facts: vec![fact] })
}
