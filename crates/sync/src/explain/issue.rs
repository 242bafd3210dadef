//! An issue, by its key.

use std::collections::HashMap;

use grammar::Reason;
use model::{EntityKind, KeyForm, Told as About};
use store::{IssueMergeRequest, IssueQuery, Mentioned};

use super::story::{Fact, Subject};
use super::{Asking, Told};
use crate::sentences::explain as says;
use crate::sentences::explain::issue::Counts;
use crate::sentences::explain::texts::Whose;

/// How many commits, branches and merge requests that name it are told, of each.
const EACH: i64 = 5;
/// How many near misses are told.
const NEAR: i64 = 10;
/// How many keys of a project with nought in front are looked at.
const ZEROS: i64 = 200;

/// The story of an issue.
pub(super) async fn tell(asking: &Asking<'_>, written: &str, key: String, form: KeyForm) -> store::Result<Told> {
    let mut facts = Vec::new();
    let present = asking.rule.present(&key);
    facts.extend(present.iter().map(|present| says::sites::moved(&key, present)));
    let query = IssueQuery { viewer: asking.viewer, key: present.unwrap_or(key), host_ids: None };
    let key = query.key.as_str();
    let counts = counts(asking, &query).await?;
    let (project, number) = key.rsplit_once('-').unwrap_or((key, ""));
    // Where a site knows the project, its keys count however they are written.
    let form = if asking.rule.knows_project(project) { KeyForm::Strict } else { form };
    match form {
        KeyForm::Noise => facts.push(says::issue::noise(project)),
        KeyForm::OtherCase | KeyForm::Underscore => facts.push(says::issue::form(written, key)),
        KeyForm::Strict => {}
    }
    if counts.is_empty() {
        facts.push(says::issue::empty(key));
    } else {
        facts.push(says::issue::shown(key, counts));
        let (named_by, shown) = named_by(asking, &query).await?;
        facts.extend(named_by);
        facts.extend(asking.issue_told_to_sites(&shown).await?);
        facts.extend(asking.unknown_at_sites(key).await?);
    }
    facts.extend(asking.commands_on(key).await?);
    let near = near(asking, key).await?;
    let found_near = !near.is_empty();
    facts.extend(near);
    facts.extend(leading_zeros(asking, key, project, number).await?);
    if counts.is_empty() {
        facts.extend(of_its_project(asking, key, project).await?);
        if !found_near && form != KeyForm::Noise {
            facts.extend(asking.why_unseen().await?);
        }
    }
    let title = if counts.is_empty() { says::issue::empty_title(key) } else { says::issue::shown_title(key, counts) };
    Ok(Told { subject: Subject::Issue, title, facts })
}

async fn counts(asking: &Asking<'_>, query: &IssueQuery) -> store::Result<Counts> {
    let mut counts = Counts::default();
    for host in asking.store().issue_counts(query).await? {
        counts.commits += host.commits;
        counts.branches += host.branches;
        counts.merge_requests += host.open + host.merged + host.declined;
    }
    Ok(counts)
}

/// What names it: the newest commits, branches and merge requests, each with the text that does.
async fn named_by(asking: &Asking<'_>, query: &IssueQuery) -> store::Result<(Vec<Fact>, Vec<(About, i64)>)> {
    let store = asking.store();
    let (mut facts, mut shown) = (Vec::new(), Vec::new());
    for commit in store.issue_commits(query, None, Some(EACH)).await?.items {
        let places = store.explain_commit_places(asking.viewer, asking.now, commit.commit.id).await?;
        let seen = places.iter().find(|place| place.repository.repository.id == commit.repository.id);
        facts.push(says::issue::commit(&commit, seen.map(|place| place.first_seen_at)));
        shown.push((About::Commit, commit.commit.id));
    }
    let branches = store.issue_branches(query, None, Some(EACH)).await?.items;
    let ids: Vec<i64> = branches.iter().map(|branch| branch.id).collect();
    shown.extend(ids.iter().map(|id| (About::Branch, *id)));
    let seen = store.explain_branches_of(&ids).await?;
    let seen: HashMap<i64, i64> = seen.into_iter().map(|branch| (branch.id, branch.first_seen_at)).collect();
    facts.extend(branches.iter().map(|branch| says::issue::branch(branch, seen.get(&branch.id).copied())));
    let requests = store.issue_merge_requests(query, None, Some(EACH)).await?.items;
    shown.extend(requests.iter().map(|request| (About::MergeRequest, request.id)));
    facts.extend(requests_naming(asking, &query.key, &requests).await?);
    Ok((facts, shown))
}

async fn requests_naming(asking: &Asking<'_>, key: &str, requests: &[IssueMergeRequest]) -> store::Result<Vec<Fact>> {
    let ids: Vec<i64> = requests.iter().map(|request| request.id).collect();
    let known = asking.store().explain_merge_requests_of(&ids).await?;
    let known: HashMap<i64, _> = known.into_iter().map(|request| (request.id, request)).collect();
    let naming = |request: &IssueMergeRequest| {
        let known = known.get(&request.id)?;
        let texts = super::merge_request::texts(known).into_iter();
        let whose = texts.filter(|(_, text)| asking.shown_keys(text).iter().any(|named| named == key));
        let whose: Vec<Whose> = whose.map(|(whose, _)| whose).collect();
        Some(says::issue::merge_request(request, &whose, Some(known.first_seen_at)))
    };
    Ok(requests.iter().filter_map(naming).collect())
}

/// What mentions it without being shown: in another form, gone since, or in a repository that is not shown.
async fn near(asking: &Asking<'_>, key: &str) -> store::Result<Vec<Fact>> {
    let mut facts = Vec::new();
    let unshown = asking.store().explain_unshown(asking.viewer, key, EACH).await?;
    let ids: Vec<i64> = unshown.iter().map(|one| one.repository_id).collect();
    let known = asking.store().explain_repositories_of(asking.viewer, asking.now, &ids).await?;
    let mut told = Vec::new();
    for (one, known) in unshown.iter().filter_map(|one| Some((one, known.get(&one.repository_id)?))) {
        facts.push(says::issue::not_shown(known, one.kind, one.count));
        if !told.contains(&one.repository_id) {
            told.push(one.repository_id);
            facts.extend(asking.standing(known).await?);
        }
    }
    let project = key.rsplit_once('-').map_or(key, |(project, _)| project);
    let mut mentioned = asking.store().explain_mentions(asking.viewer, key, NEAR).await?;
    // Where a site knows the project, only what is gone is not shown.
    mentioned.retain(|one| one.form == KeyForm::Strict || !asking.rule.knows_project(project));
    facts.extend(commits_mentioning(asking, key, &mentioned).await?);
    facts.extend(branches_mentioning(asking, key, &mentioned).await?);
    facts.extend(merge_requests_mentioning(asking, key, &mentioned).await?);
    Ok(facts)
}

fn ids_of(mentioned: &[Mentioned], kind: EntityKind) -> Vec<i64> {
    mentioned.iter().filter(|one| one.kind == kind).map(|one| one.entity_id).collect()
}

/// Why a text's mention of a key does not count.
fn reason(form: KeyForm, project: &str) -> Option<String> {
    let project = project.to_owned();
    let reason = match form {
        KeyForm::OtherCase => Reason::OtherCase(project),
        KeyForm::Underscore => Reason::Underscore(project),
        KeyForm::Noise => Reason::Noise(project),
        KeyForm::Strict => return None,
    };
    Some(reason.to_string())
}

/// Why the mention of a key in an entity does not count.
fn reason_of(mentioned: &[Mentioned], kind: EntityKind, id: i64, key: &str) -> Option<String> {
    let form = mentioned.iter().find(|one| one.kind == kind && one.entity_id == id)?.form;
    reason(form, key.rsplit_once('-')?.0)
}

async fn commits_mentioning(asking: &Asking<'_>, key: &str, mentioned: &[Mentioned]) -> store::Result<Vec<Fact>> {
    let commits = asking.store().explain_commits_of(&ids_of(mentioned, EntityKind::Commit)).await?;
    let fact = |commit: &store::StoredCommit| {
        let found = grammar::find(&commit.message, asking.noise());
        let found = found.into_iter().find(|found| found.key == key)?;
        let reason = reason(found.form, key.rsplit_once('-')?.0)?;
        Some(says::issue::commit_other_form(commit, &commit.message[found.range], &reason))
    };
    Ok(commits.iter().filter_map(fact).collect())
}

async fn branches_mentioning(asking: &Asking<'_>, key: &str, mentioned: &[Mentioned]) -> store::Result<Vec<Fact>> {
    let branches = asking.store().explain_branches_of(&ids_of(mentioned, EntityKind::Branch)).await?;
    let fact = |branch: &store::KnownBranch| match branch.gone_at {
        Some(at) => Some(says::issue::branch_gone(&branch.name, at)),
        None => {
            let reason = reason_of(mentioned, EntityKind::Branch, branch.id, key)?;
            Some(says::issue::branch_other_form(&branch.name, &reason))
        }
    };
    Ok(branches.iter().filter_map(fact).collect())
}

async fn merge_requests_mentioning(
    asking: &Asking<'_>,
    key: &str,
    mentioned: &[Mentioned],
) -> store::Result<Vec<Fact>> {
    let requests = asking.store().explain_merge_requests_of(&ids_of(mentioned, EntityKind::MergeRequest)).await?;
    let fact = |request: &store::KnownMergeRequest| match request.gone_at {
        Some(at) => Some(says::issue::merge_request_gone(request.number, at)),
        None => {
            let reason = reason_of(mentioned, EntityKind::MergeRequest, request.id, key)?;
            Some(says::issue::merge_request_other_form(says::merge_request::page(request), &reason))
        }
    };
    Ok(requests.iter().filter_map(fact).collect())
}

/// The same number with more or fewer noughts in front.
async fn leading_zeros(asking: &Asking<'_>, key: &str, project: &str, number: &str) -> store::Result<Option<Fact>> {
    let plain = number.trim_start_matches('0');
    let same = |other: &String| {
        let other_number = other.rsplit_once('-').map_or("", |(_, number)| number);
        other != key && other_number.trim_start_matches('0') == plain
    };
    let store = asking.store();
    let mut keys = store.issue_keys_with_prefix(asking.viewer, &format!("{project}-0"), ZEROS).await?;
    if plain.len() < number.len() {
        keys.extend(store.issue_keys_with_prefix(asking.viewer, &format!("{project}-{plain}"), 1).await?);
    }
    keys.retain(same);
    keys.sort();
    keys.dedup();
    keys.truncate(NEAR as usize);
    Ok((!keys.is_empty()).then(|| says::issue::leading_zeros(&keys)))
}

/// Other issues of the project.
async fn of_its_project(asking: &Asking<'_>, key: &str, project: &str) -> store::Result<Option<Fact>> {
    let prefix = format!("{project}-");
    let mut keys = asking.store().issue_keys_with_prefix(asking.viewer, &prefix, NEAR + 1).await?;
    keys.retain(|other| other != key);
    let more = keys.len() > NEAR as usize;
    keys.truncate(NEAR as usize);
    Ok(Some(if keys.is_empty() {
        says::issue::project_unknown(project)
    } else {
        says::issue::others(project, &keys, more)
    }))
}
