//! A branch, by its name.

use std::collections::BTreeSet;

use model::{EntityKind, Told as About};
use store::{IssueQuery, KnownBranch, KnownRepository};

use super::named::Keys;
use super::story::{Fact, Subject};
use super::{Asking, Told};
use crate::sentences::explain as says;
use crate::sentences::explain::texts::Whose;

/// How many branches of one name are told.
const EACH: i64 = 5;

/// The story of the branches of this name; none where there is, and was, none. `within`: the repository that was asked about.
pub(super) async fn tell_if_seen(
    asking: &Asking<'_>,
    name: &str,
    within: Option<&KnownRepository>,
) -> store::Result<Option<Told>> {
    let within = within.map(|known| known.repository.id);
    // As git shows the branches of a remote.
    let short = name.strip_prefix("remotes/").unwrap_or(name);
    let names = [Some(name), short.strip_prefix("origin/")];
    for name in names.into_iter().flatten() {
        let branches = asking.store().explain_branches(asking.viewer, name, within, EACH).await?;
        if !branches.is_empty() {
            return seen(asking, name, &branches).await.map(Some);
        }
    }
    Ok(None)
}

/// The story of a branch that has never been seen.
pub(super) async fn tell_unseen(
    asking: &Asking<'_>,
    name: &str,
    within: Option<&KnownRepository>,
) -> store::Result<Told> {
    let mut facts = vec![match within {
        Some(known) => says::branch::unknown_in(name, known),
        None => says::branch::unknown(name),
    }];
    for key in asking.shown_keys(name).into_iter().take(1) {
        let query = IssueQuery { viewer: asking.viewer, key, host_ids: None };
        let others = asking.store().issue_branches(&query, None, Some(EACH)).await?.items;
        if !others.is_empty() {
            facts.push(says::branch::others(&query.key, &others));
        }
    }
    match within {
        Some(known) => {
            facts.extend(asking.standing(known).await?);
            facts.push(says::standing::push());
        }
        None => facts.extend(asking.why_unseen().await?),
    }
    Ok(Told { subject: Subject::Branch, title: says::branch::unknown_title(name), facts })
}

async fn seen(asking: &Asking<'_>, name: &str, branches: &[KnownBranch]) -> store::Result<Told> {
    let ids: Vec<i64> = branches.iter().map(|branch| branch.repository_id).collect();
    let known = asking.store().explain_repositories_of(asking.viewer, asking.now, &ids).await?;
    let (mut facts, mut linked, mut shown, mut present) = (Vec::new(), BTreeSet::new(), false, false);
    let mut telling = Vec::new();
    for (branch, known) in branches.iter().filter_map(|branch| Some((branch, known.get(&branch.repository_id)?))) {
        facts.push(match branch.gone_at {
            Some(at) => says::branch::gone(known, branch, at),
            None => says::branch::known(known, branch),
        });
        present |= branch.gone_at.is_none();
        if !known.is_shown() {
            facts.extend(asking.standing(known).await?);
        } else if branch.gone_at.is_none() {
            shown = true;
            let links = asking.store().explain_links(EntityKind::Branch, branch.id, EACH).await?;
            if !links.is_empty() {
                telling.extend(asking.told_to_sites(About::Branch, branch.id).await?);
            }
            linked.extend(links);
        }
    }
    let linked = Keys::of(linked.into_iter().collect());
    let named = Keys::of(asking.shown_keys(name));
    facts.extend(said(asking, name, &linked, &named, shown, present));
    facts.extend(telling);
    let title = match (linked.is_empty(), shown, present) {
        (false, ..) => says::branch::linked_title(name, &linked.some, linked.more),
        (true, true, _) => says::branch::keyless_title(name),
        (true, false, true) => says::branch::not_shown_title(name),
        (true, false, false) => says::branch::gone_title(name),
    };
    Ok(Told { subject: Subject::Branch, title, facts })
}

/// What its name names, and what came of that.
fn said(asking: &Asking<'_>, name: &str, linked: &Keys, named: &Keys, shown: bool, present: bool) -> Vec<Fact> {
    let mut facts = Vec::new();
    if !linked.is_empty() {
        facts.push(says::texts::names(Whose::Name, &linked.some, linked.more));
    } else if named.is_empty() {
        facts.push(says::branch::names_nothing());
    } else if present && !shown {
        facts.push(says::texts::names_unshown(Whose::Name, &named.some, named.more));
    } else if !present {
        facts.push(says::branch::named(&named.some, named.more));
    }
    facts.extend(asking.near_misses(Whose::Name, name));
    facts
}
