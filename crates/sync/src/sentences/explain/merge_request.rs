//! Merge requests.

use model::{MergeRequestState, ObjectId};
use store::{KnownMergeRequest, KnownRepository};

use super::commit::question;
use super::standing::repository_piece;
use super::texts::issues;
use crate::explain::story::{Fact, FactKind, Piece, Sentence, say};

/// Its page.
pub(crate) fn page(request: &KnownMergeRequest) -> Piece {
    Piece::page(&format!("!{}", request.number), Some(request.web_url.clone()))
}

/// Title: it is shown with issues.
pub(crate) fn linked_title(number: i64, keys: &[String], more: i64) -> Sentence {
    let mut pieces = vec![Piece::from(format!("The merge request !{number} is shown with "))];
    pieces.extend(issues(keys, more));
    pieces.push(Piece::from("."));
    Sentence::of(pieces)
}

/// Title: its texts name nothing.
pub(crate) fn keyless_title(number: i64) -> Sentence {
    say![format!("The merge request !{number} names no issue.")]
}

/// Title: it is gone.
pub(crate) fn gone_title(number: i64) -> Sentence {
    say![format!("The merge request !{number} was deleted.")]
}

/// Title: its repository is not shown.
pub(crate) fn not_shown_title(number: i64) -> Sentence {
    say![format!("The merge request !{number} is known, but not shown.")]
}

/// Title: it has never been seen.
pub(crate) fn unknown_title(number: i64) -> Sentence {
    say![format!("No merge request !{number} has been seen there.")]
}

/// It has never been seen.
pub(crate) fn unknown(known: &KnownRepository, number: i64, newest: Option<i64>) -> Fact {
    let repository = repository_piece(&known.repository);
    let what = match newest {
        Some(newest) => say![
            format!("No merge request !{number} of "),
            repository,
            format!(" has been seen; the highest number that is known there is !{newest}.")
        ],
        None => say!["No merge request of ", repository, " has been seen."],
    };
    Fact::bad(FactKind::MergeRequestUnknown, what)
}

/// The forge does not let them be read.
pub(crate) fn unavailable(known: &KnownRepository) -> Fact {
    let what = say![
        "The merge requests of ",
        repository_piece(&known.repository),
        " cannot be read: they are switched off there, or the user who authorised may not read them."
    ];
    Fact::bad(FactKind::MergeRequestsUnavailable, what).so(say![
        "Switch them on in the project’s settings, or give that user at least the role Reporter; then sync the repository."
    ])
}

/// It is there, and how it is.
pub(crate) fn known(known: &KnownRepository, request: &KnownMergeRequest) -> Fact {
    let mut pieces = vec![
        Piece::from("The merge request "),
        page(request),
        Piece::from(" "),
        Piece::quoted(&request.title),
        Piece::from(" of "),
        repository_piece(&known.repository),
    ];
    let (kind, state, at) = match request.state {
        MergeRequestState::Open => (FactKind::MergeRequestOpen, " is open", None),
        MergeRequestState::Merged => (FactKind::MergeRequestMerged, " was merged ", request.merged_at),
        MergeRequestState::Declined => {
            (FactKind::MergeRequestClosed, " was closed without merging ", request.closed_at)
        }
    };
    pieces.push(Piece::from(if at.is_some() { state } else { state.trim_end() }));
    pieces.extend(at.map(Piece::Time));
    pieces.extend([Piece::from("; it was first seen "), Piece::Time(request.first_seen_at), Piece::from(".")]);
    Fact::good(kind, Sentence::of(pieces))
}

/// The forge denies that it exists.
pub(crate) fn gone(known: &KnownRepository, request: &KnownMergeRequest) -> Option<Fact> {
    let what = say![
        format!("The merge request !{} of ", request.number),
        repository_piece(&known.repository),
        " was deleted at the forge; that was seen ",
        Piece::Time(request.gone_at?),
        "."
    ];
    Some(
        Fact::bad(FactKind::MergeRequestGone, what)
            .so(say!["Nothing is to be done: what no longer exists is shown nowhere."]),
    )
}

/// Its commits name an issue.
pub(crate) fn commit_names(id: &ObjectId, keys: &[String]) -> Fact {
    let mut pieces = vec![Piece::from("The message of its commit "), question(id), Piece::from(" names ")];
    pieces.extend(issues(keys, 0));
    pieces.push(Piece::from(", so it is shown there."));
    Fact::good(FactKind::Names, Sentence::of(pieces))
}

/// None of its texts names anything.
pub(crate) fn names_nothing() -> Fact {
    let what =
        say!["Neither its title, its description nor its source branch names an issue, and none of its commits does."];
    Fact::bad(FactKind::NamesNothing, what).so(say![
        "Write the key into its title or description: the issue shows it with the next sync, also once it is merged."
    ])
}
