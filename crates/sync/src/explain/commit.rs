//! A commit, by the beginning of its id.

use model::{EntityKind, Told as About};
use store::{CommitPlace, KnownRepository, StoredCommit};

use super::story::{Fact, Subject};
use super::{Asking, Told};
use crate::sentences::explain as says;
use crate::sentences::explain::texts::Whose;

/// How many commits of one beginning are named.
const CANDIDATES: i64 = 10;
/// How many repositories, branches and merge requests of a commit are named.
const EACH: usize = 3;

/// The story of the commit, or of several; none where no commit begins like this. `within`: the repository that was asked about.
pub(super) async fn tell_if_seen(
    asking: &Asking<'_>,
    hex: &str,
    within: Option<&KnownRepository>,
) -> store::Result<Option<Told>> {
    let mut commits = asking.store().explain_commits(asking.viewer, hex, CANDIDATES + 1).await?;
    if let (Some(within), true) = (within, commits.len() > 1) {
        commits = those_within(asking, commits, within).await?;
    }
    match commits.as_slice() {
        [] => Ok(None),
        [commit] => seen(asking, commit, within).await.map(Some),
        several => {
            let shown = &several[..several.len().min(CANDIDATES as usize)];
            Ok(Some(Told {
                subject: Subject::Commit,
                title: says::commit::ambiguous_title(hex),
                facts: vec![says::commit::ambiguous(shown, several.len() > shown.len())],
            }))
        }
    }
}

/// Of several candidates those in the repository that was asked about, if there are any.
async fn those_within(
    asking: &Asking<'_>,
    commits: Vec<StoredCommit>,
    within: &KnownRepository,
) -> store::Result<Vec<StoredCommit>> {
    let mut inside = Vec::new();
    for commit in &commits {
        let places = asking.store().explain_commit_places(asking.viewer, asking.now, commit.id).await?;
        if places.iter().any(|place| is_in(place, within)) {
            inside.push(commit.clone());
        }
    }
    Ok(if inside.is_empty() { commits } else { inside })
}

fn is_in(place: &CommitPlace, known: &KnownRepository) -> bool {
    place.repository.repository.id == known.repository.id
}

/// The story of a commit that has never been seen.
pub(super) async fn tell_unseen(
    asking: &Asking<'_>,
    hex: &str,
    within: Option<&KnownRepository>,
) -> store::Result<Told> {
    let facts = match within {
        Some(known) => {
            let mut facts = vec![says::commit::unknown_in(hex, known)];
            facts.extend(asking.standing(known).await?);
            facts.push(says::standing::push());
            facts
        }
        None => {
            let mut facts = vec![says::commit::unknown(hex)];
            facts.extend(asking.why_unseen().await?);
            facts
        }
    };
    Ok(Told { subject: Subject::Commit, title: says::commit::unknown_title(hex), facts })
}

async fn seen(asking: &Asking<'_>, commit: &StoredCommit, within: Option<&KnownRepository>) -> store::Result<Told> {
    let places = asking.store().explain_commit_places(asking.viewer, asking.now, commit.id).await?;
    let elsewhere = within.filter(|within| !places.iter().any(|place| is_in(place, within)));
    let mut facts: Vec<Fact> = elsewhere.map(says::commit::elsewhere).into_iter().collect();
    let (shown, hidden): (Vec<&CommitPlace>, Vec<&CommitPlace>) =
        places.iter().partition(|place| place.repository.is_shown());
    facts.extend(where_shown(commit, &shown));
    for place in hidden.iter().take(if shown.is_empty() { EACH } else { 1 }) {
        facts.push(says::commit::not_shown(place));
        facts.extend(asking.standing(&place.repository).await?);
    }
    if shown.is_empty() {
        let title = says::commit::not_shown_title(&commit.object_id);
        return Ok(Told { subject: Subject::Commit, title, facts });
    }
    facts.extend(asking.leading_to(commit, &shown).await?);
    let keys = asking.links(EntityKind::Commit, commit.id).await?;
    let title = if keys.is_empty() {
        facts.push(says::commit::names_nothing(commit));
        says::commit::keyless_title(&commit.object_id)
    } else {
        facts.push(says::texts::names(Whose::Message, &keys.some, keys.more));
        says::commit::linked_title(&commit.object_id, &keys.some, keys.more)
    };
    facts.extend(asking.near_misses(Whose::Message, &commit.message));
    if !keys.is_empty() {
        facts.extend(asking.told_to_sites(About::Commit, commit.id).await?);
    }
    facts.extend(asking.commands_of(commit.id).await?);
    Ok(Told { subject: Subject::Commit, title, facts })
}

/// The repositories that it is shown in; where nothing leads to it any more, since when.
fn where_shown(commit: &StoredCommit, shown: &[&CommitPlace]) -> Vec<Fact> {
    let mut facts = Vec::new();
    for place in shown.iter().take(EACH) {
        facts.push(says::commit::known(&commit.object_id, place));
    }
    if shown.len() > EACH {
        facts.push(says::commit::known_in_more((shown.len() - EACH) as i64));
    }
    if shown.iter().all(|place| place.lost_at.is_some()) {
        facts.extend(shown.iter().take(1).filter_map(|place| says::commit::lost(place)));
    }
    facts
}

impl Asking<'_> {
    /// The branches and merge requests that lead to a commit.
    async fn leading_to(&self, commit: &StoredCommit, shown: &[&CommitPlace]) -> store::Result<Vec<Fact>> {
        let ids: Vec<i64> = shown.iter().map(|place| place.repository.repository.id).collect();
        let mut facts = Vec::new();
        let heads = self.store().explain_branches_at(&ids, &commit.object_id, EACH as i64).await?;
        if !heads.is_empty() {
            facts.push(says::commit::head_of(&heads));
        }
        let requests = self.store().explain_merge_requests_with(self.viewer, commit.id, EACH as i64).await?;
        for request in &requests {
            let keys = self.links(EntityKind::MergeRequest, request.id).await?;
            facts.push(says::commit::in_merge_request(request, &keys.some, keys.more));
        }
        Ok(facts)
    }
}
