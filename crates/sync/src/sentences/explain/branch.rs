//! Branches.

use model::Millis;
use store::{IssueBranch, KnownBranch, KnownRepository};

use super::commit::{question, shown_in};
use super::listed;
use super::standing::repository_piece;
use crate::explain::story::{Fact, FactKind, Piece, Sentence, say};

fn page(known: &KnownRepository, branch: &KnownBranch) -> Piece {
    let repository = &known.repository;
    let links = forge::capabilities(repository.host_kind, &repository.host_url).links;
    let url = links.zip(repository.web_url.as_deref()).map(|(links, page)| links.branch_url(page, &branch.name));
    Piece::page(&branch.name, url)
}

/// Title: it is shown with issues.
pub(crate) fn linked_title(name: &str, keys: &[String], more: i64) -> Sentence {
    let mut pieces = vec![Piece::from("The branch "), Piece::quoted(name), Piece::from(" is shown with ")];
    pieces.extend(super::texts::issues(keys, more));
    pieces.push(Piece::from("."));
    Sentence::of(pieces)
}

/// Title: its name names nothing.
pub(crate) fn keyless_title(name: &str) -> Sentence {
    say!["The branch ", Piece::quoted(name), " names no issue."]
}

/// Title: it is gone.
pub(crate) fn gone_title(name: &str) -> Sentence {
    say!["The branch ", Piece::quoted(name), " is gone."]
}

/// Title: it is in no repository that is shown.
pub(crate) fn not_shown_title(name: &str) -> Sentence {
    say!["The branch ", Piece::quoted(name), " is known, but not shown."]
}

/// Title: it has never been seen.
pub(crate) fn unknown_title(name: &str) -> Sentence {
    say!["No branch ", Piece::quoted(name), " has been seen here."]
}

/// It has never been seen.
pub(crate) fn unknown(name: &str) -> Fact {
    let what = say![
        "No repository that you may see has, or had, a branch ",
        Piece::quoted(name),
        "; upper and lower case make a difference."
    ];
    Fact::bad(FactKind::BranchUnknown, what)
}

/// It has never been seen in the repository asked about.
pub(crate) fn unknown_in(name: &str, known: &KnownRepository) -> Fact {
    let what = say![repository_piece(&known.repository), " has, and had, no branch ", Piece::quoted(name), "."];
    Fact::bad(FactKind::BranchUnknown, what)
}

/// It is there.
pub(crate) fn known(known: &KnownRepository, branch: &KnownBranch) -> Fact {
    let what = say![
        "The branch ",
        page(known, branch),
        " is known: ",
        repository_piece(&known.repository),
        ", first seen ",
        Piece::Time(branch.first_seen_at),
        ", at commit ",
        question(&branch.head),
        "; it moved ",
        Piece::Time(branch.moved_at),
        "."
    ];
    Fact::good(FactKind::BranchKnown, what)
}

/// It was there.
pub(crate) fn gone(known: &KnownRepository, branch: &KnownBranch, at: Millis) -> Fact {
    let what = say![
        "The branch ",
        Piece::quoted(&branch.name),
        " of ",
        repository_piece(&known.repository),
        " is gone; that was seen ",
        Piece::Time(at),
        ". It was at commit ",
        question(&branch.head),
        "."
    ];
    Fact::bad(FactKind::BranchGone, what).so(say![
        "It was deleted, or renamed. Its commits and merge requests stay on the issues that they name themselves."
    ])
}

/// Other branches name the same issue.
pub(crate) fn others(key: &str, branches: &[IssueBranch]) -> Fact {
    let mut pieces = vec![Piece::from("Branches that name "), Piece::Issue(key.to_owned()), Piece::from(": ")];
    let named = |branch: &IssueBranch| {
        [Piece::Question(branch.name.clone()), Piece::from(" in "), shown_in(&branch.repository)]
    };
    let last = branches.len().saturating_sub(1);
    for (at, branch) in branches.iter().enumerate() {
        pieces.extend(named(branch));
        pieces.push(Piece::from(if at == last { "." } else { ", " }));
    }
    Fact::note(FactKind::BranchOthers, Sentence::of(pieces)).so(say!["One of these may be meant."])
}

/// Its name names nothing.
pub(crate) fn names_nothing() -> Fact {
    Fact::bad(FactKind::NamesNothing, say!["Its name has no issue key."]).so(say![
        "Name the issue in a commit message, or in the title of its merge request; a branch cannot change its name, but be pushed \
         under another."
    ])
}

/// A branch named the issue.
pub(crate) fn named(keys: &[String], more: i64) -> Fact {
    let mut pieces = vec![Piece::from("It was shown with ")];
    pieces.extend(listed(keys.iter().map(|key| Piece::Issue(key.clone())), more));
    pieces.push(Piece::from(" and was taken off there with the branch."));
    Fact::note(FactKind::NamesUnshown, Sentence::of(pieces))
}
