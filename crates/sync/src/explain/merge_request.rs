//! A merge request, by its repository and number.

use std::collections::BTreeMap;

use model::{EntityKind, Mention, ObjectId, Told as About};
use store::{KnownMergeRequest, KnownRepository, MergeRequestsState};

use super::named::Keys;
use super::story::{Fact, Subject};
use super::{Asking, Told};
use crate::sentences::explain as says;
use crate::sentences::explain::texts::Whose;

/// How many of its commits that name issues are told.
const COMMITS: usize = 5;
/// How many mentions of its commits are read.
const MENTIONS: i64 = 200;

/// The story of a merge request.
pub(super) async fn tell(asking: &Asking<'_>, known: &KnownRepository, number: i64) -> store::Result<Told> {
    let request =
        if known.told { asking.store().explain_merge_request(known.repository.id, number).await? } else { None };
    match request {
        Some(request) => seen(asking, known, &request).await,
        None => unseen(asking, known, number).await,
    }
}

async fn unseen(asking: &Asking<'_>, known: &KnownRepository, number: i64) -> store::Result<Told> {
    let newest =
        if known.told { asking.store().explain_newest_merge_request(known.repository.id).await? } else { None };
    let mut facts = vec![says::merge_request::unknown(known, number, newest)];
    if known.is_shown() && known.repository.merge_requests_state == MergeRequestsState::Unavailable {
        facts.push(says::merge_request::unavailable(known));
    }
    facts.extend(asking.standing(known).await?);
    Ok(Told { subject: Subject::MergeRequest, title: says::merge_request::unknown_title(number), facts })
}

async fn seen(asking: &Asking<'_>, known: &KnownRepository, request: &KnownMergeRequest) -> store::Result<Told> {
    let number = request.number;
    let subject = Subject::MergeRequest;
    if let Some(gone) = says::merge_request::gone(known, request) {
        return Ok(Told { subject, title: says::merge_request::gone_title(number), facts: vec![gone] });
    }
    let mut facts = vec![says::merge_request::known(known, request)];
    if !known.is_shown() {
        facts.extend(asking.standing(known).await?);
        return Ok(Told { subject, title: says::merge_request::not_shown_title(number), facts });
    }
    let keys = asking.links(EntityKind::MergeRequest, request.id).await?;
    let texts = texts(request);
    for (whose, text) in texts {
        let named = Keys::of(asking.shown_keys(text));
        if !named.is_empty() {
            facts.push(says::texts::names(whose, &named.some, named.more));
        }
    }
    facts.extend(by_commits(asking, request).await?);
    let title = if keys.is_empty() {
        facts.push(says::merge_request::names_nothing());
        says::merge_request::keyless_title(number)
    } else {
        says::merge_request::linked_title(number, &keys.some, keys.more)
    };
    facts.extend(texts.into_iter().flat_map(|(whose, text)| asking.near_misses(whose, text)));
    if !keys.is_empty() {
        facts.extend(asking.told_to_sites(About::MergeRequest, request.id).await?);
    }
    Ok(Told { subject, title, facts })
}

/// The texts of a merge request that name issues.
pub(super) fn texts(request: &KnownMergeRequest) -> [(Whose, &str); 3] {
    [
        (Whose::Title, &request.title),
        (Whose::Description, &request.description),
        (Whose::SourceBranch, &request.source_branch),
    ]
}

/// What the messages of its commits name.
async fn by_commits(asking: &Asking<'_>, request: &KnownMergeRequest) -> store::Result<Vec<Fact>> {
    let mentions = asking.store().explain_merge_request_mentions(request.id, MENTIONS).await?;
    let mut commits: BTreeMap<ObjectId, Vec<String>> = BTreeMap::new();
    for (id, key, form) in mentions {
        if let Some(key) = asking.rule.shown(&Mention { key, form }) {
            commits.entry(id).or_default().push(key.into_owned());
        }
    }
    Ok(commits.iter().take(COMMITS).map(|(id, keys)| says::merge_request::commit_names(id, keys)).collect())
}
