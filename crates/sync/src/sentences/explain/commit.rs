//! Commits.

use model::{MergeRequestState, ObjectId};
use store::{CommitPlace, KnownMergeRequest, KnownRepository, RepositoryRef, StoredCommit};

use super::standing::repository_piece;
use super::{counted, listed};
use crate::explain::story::{Fact, FactKind, Piece, Sentence, say};

/// A commit as something else to ask about.
pub(crate) fn question(id: &ObjectId) -> Piece {
    Piece::Question(id.short().to_owned())
}

/// The page of a commit in a repository.
pub(crate) fn page(known: &KnownRepository, id: &ObjectId) -> Piece {
    let repository = &known.repository;
    let links = forge::capabilities(repository.host_kind, &repository.host_url).links;
    let url = links.zip(repository.web_url.as_deref()).map(|(links, page)| links.commit_url(page, id));
    Piece::page(id.short(), url)
}

/// A repository that something is shown in.
pub(crate) fn shown_in(repository: &RepositoryRef) -> Piece {
    Piece::page(&repository.path, repository.web_url.clone())
}

/// Title: it is shown with issues.
pub(crate) fn linked_title(id: &ObjectId, keys: &[String], more: i64) -> Sentence {
    let mut pieces = vec![Piece::from(format!("Commit {} is shown with ", id.short()))];
    pieces.extend(super::texts::issues(keys, more));
    pieces.push(Piece::from("."));
    Sentence::of(pieces)
}

/// Title: its message names nothing.
pub(crate) fn keyless_title(id: &ObjectId) -> Sentence {
    say![format!("Commit {} names no issue.", id.short())]
}

/// Title: it is in no repository that is shown.
pub(crate) fn not_shown_title(id: &ObjectId) -> Sentence {
    say![format!("Commit {} is known, but not shown.", id.short())]
}

/// Title: it has never been seen.
pub(crate) fn unknown_title(hex: &str) -> Sentence {
    say![format!("No commit {hex} has been seen here.")]
}

/// It has never been seen.
pub(crate) fn unknown(hex: &str) -> Fact {
    Fact::bad(FactKind::CommitUnknown, say![format!("No repository that you may see has a commit {hex}.")])
}

/// It has never been seen in the repository asked about.
pub(crate) fn unknown_in(hex: &str, known: &KnownRepository) -> Fact {
    let what = say![format!("No commit {hex} has been seen in "), repository_piece(&known.repository), "."];
    Fact::bad(FactKind::CommitUnknown, what)
}

/// It is not in the repository asked about, but in others.
pub(crate) fn elsewhere(known: &KnownRepository) -> Fact {
    let what = say!["It has not been seen in ", repository_piece(&known.repository), ", but elsewhere."];
    Fact::note(FactKind::CommitElsewhere, what)
}

/// Title: several begin like this.
pub(crate) fn ambiguous_title(hex: &str) -> Sentence {
    say![format!("Several commits begin with {hex}.")]
}

/// Several begin like this; the list is cut where `more`.
pub(crate) fn ambiguous(commits: &[StoredCommit], more: bool) -> Fact {
    let mut pieces = vec![Piece::from("They are ")];
    let whole = |commit: &StoredCommit| Piece::Question(commit.object_id.as_str().to_owned());
    pieces.extend(listed(commits.iter().map(whole), 0));
    pieces.push(Piece::from(if more { ", and more." } else { "." }));
    Fact::bad(FactKind::AmbiguousId, Sentence::of(pieces)).so(say!["Give more digits."])
}

/// It is in a repository that is shown.
pub(crate) fn known(id: &ObjectId, place: &CommitPlace) -> Fact {
    let what = say![
        "Commit ",
        page(&place.repository, id),
        " is known: ",
        repository_piece(&place.repository.repository),
        ", first seen ",
        Piece::Time(place.first_seen_at),
        "."
    ];
    Fact::good(FactKind::CommitKnown, what)
}

/// It is in further repositories.
pub(crate) fn known_in_more(count: i64) -> Fact {
    let what = counted(count, "more repository has", "more repositories have");
    Fact::note(FactKind::CommitKnown, say![format!("{what} it, too.")])
}

/// It is in a repository that is not shown.
pub(crate) fn not_shown(place: &CommitPlace) -> Fact {
    let what = say![
        "It is in ",
        repository_piece(&place.repository.repository),
        ", first seen ",
        Piece::Time(place.first_seen_at),
        ", but what is in there is not shown."
    ];
    Fact::bad(FactKind::CommitNotShown, what)
}

/// Nothing leads to it any more.
pub(crate) fn lost(place: &CommitPlace) -> Option<Fact> {
    let what = say![
        "No branch and no merge request of ",
        repository_piece(&place.repository.repository),
        " leads to it any more; that was seen ",
        Piece::Time(place.lost_at?),
        ". Its branch was deleted or rewritten by a rebase or force push. Issues show it as no longer on a branch."
    ];
    let remedy =
        say!["If it shall count, push it again on a branch; if it was rewritten, look for the new commit instead."];
    Some(Fact::bad(FactKind::CommitLost, what).so(remedy))
}

/// Branches point at it.
pub(crate) fn head_of(branches: &[String]) -> Fact {
    let mut pieces = vec![Piece::from(if branches.len() == 1 { "The branch " } else { "The branches " })];
    pieces.extend(listed(branches.iter().map(|name| Piece::quoted(name)), 0));
    pieces.push(Piece::from(if branches.len() == 1 { " points at it." } else { " point at it." }));
    Fact::note(FactKind::CommitIsHead, Sentence::of(pieces))
}

/// A merge request has it; shown with these issues itself.
pub(crate) fn in_merge_request(request: &KnownMergeRequest, keys: &[String], more: i64) -> Fact {
    let state = match (request.gone_at, request.state) {
        (Some(_), _) => "deleted",
        (None, MergeRequestState::Open) => "open",
        (None, MergeRequestState::Merged) => "merged",
        (None, MergeRequestState::Declined) => "closed",
    };
    let mut pieces = vec![
        Piece::from("It belongs to the merge request "),
        super::merge_request::page(request),
        Piece::from(" "),
        Piece::quoted(&request.title),
        Piece::from(format!(" ({state})")),
    ];
    if !keys.is_empty() {
        pieces.push(Piece::from(", which is shown with "));
        pieces.extend(super::texts::issues(keys, more));
    }
    pieces.push(Piece::from("."));
    Fact::note(FactKind::CommitInMergeRequest, Sentence::of(pieces))
}

/// Its message names nothing.
pub(crate) fn names_nothing(commit: &StoredCommit) -> Fact {
    let subject = commit.message.trim().lines().next().unwrap_or_default();
    let what = say!["Its message names no issue: ", Piece::quoted(subject), "."];
    Fact::bad(FactKind::NamesNothing, what).so(say![
        "Name the issue in the title of its merge request or in a branch’s name: these are shown with the issue. A message can \
         only be changed by a new commit."
    ])
}
