//! What was asked cannot be looked up, or its address leads nowhere that is known.

use grammar::Reason;
use model::Millis;

use crate::explain::address::BadAddress;
use crate::explain::story::{Fact, FactKind, Piece, Sentence, say};
use crate::sentences::explain::listed;

/// Title: nothing that can be looked up.
pub(crate) fn not_understood_title() -> Sentence {
    say!["This is no issue key, commit, branch or address."]
}

/// It is none of what can be looked up.
pub(crate) fn not_understood() -> Fact {
    let what = say![
        "An issue key looks like ABC-123, a commit’s id has at least four of the digits 0 to 9 and a to f, and a branch’s name \
         has no blanks."
    ];
    Fact::bad(FactKind::NotUnderstood, what)
        .so(say!["Ask with one of these, or with the address of a commit, a branch or a merge request."])
}

/// An address that cannot be asked about.
pub(crate) fn bad_address(bad: BadAddress) -> Fact {
    let (what, remedy) = match bad {
        BadAddress::NotWeb => {
            ("The address is not one of the web.", "Paste an address that begins with https:// or http://.")
        }
        BadAddress::Credentials => (
            "The address holds a user name or a password, so it was not looked at.",
            "Leave out what stands before the @, and change the password if it is a real one: it stood in an address.",
        ),
        BadAddress::Malformed => ("The address cannot be read.", "Copy it again from the browser’s address bar."),
    };
    Fact::bad(FactKind::NotUnderstood, say![what]).so(say![remedy])
}

/// Title: nearly a key.
pub(crate) fn bad_key_title(asked: &str) -> Sentence {
    say![Piece::quoted(asked), " is not an issue key."]
}

/// It nearly is a key.
pub(crate) fn bad_key(asked: &str, reason: &Reason) -> Fact {
    Fact::bad(
        FactKind::BadKey,
        say![Piece::quoted(asked), " is not counted as an issue key: ", reason.to_string(), "."],
    )
    .so(say!["Write the key as Jira shows it, such as ABC-123, with a blank or a sign such as : or / around it."])
}

/// Too few digits for a commit.
pub(crate) fn short_id() -> Fact {
    Fact::note(FactKind::ShortId, say!["If a commit is meant: fewer than four digits of an id are too few to find it."])
        .so(say!["Give at least four digits, better seven."])
}

/// Title: an address of another host.
pub(crate) fn host_unknown_title(place: &str) -> Sentence {
    say![Piece::quoted(place), " is not connected here."]
}

/// An address of another host.
pub(crate) fn host_unknown(place: &str, connected: Vec<Piece>) -> Fact {
    let mut pieces =
        vec![Piece::from("No account of "), Piece::quoted(place), Piece::from(" is connected that you may see.")];
    if !connected.is_empty() {
        pieces.push(Piece::from(" Connected are "));
        pieces.extend(listed(connected, 0));
        pieces.push(Piece::from("."));
    }
    Fact::bad(FactKind::HostUnknown, Sentence::of(pieces))
        .so(say!["Compare the address, or ask an administrator to connect the group there, or for access."])
}

/// Title: a path that no known repository has.
pub(crate) fn path_unknown_title(path: &str) -> Sentence {
    say!["No repository ", Piece::quoted(path), " is known here."]
}

/// A path that no known repository has.
pub(crate) fn path_unknown(path: &str, accounts: Vec<Piece>) -> Fact {
    let mut pieces = vec![
        Piece::from("No account that you may see lists a repository "),
        Piece::quoted(path),
        Piece::from(": it belongs to another group, is a fork in somebody’s own namespace, or is new or hidden."),
    ];
    if !accounts.is_empty() {
        pieces.push(Piece::from(" Connected there are "));
        pieces.extend(listed(accounts, 0));
        pieces.push(Piece::from("."));
    }
    Fact::bad(FactKind::PathUnknown, Sentence::of(pieces)).so(say![
        "Connect the group or user that the path begins with, or let the user who authorised see the repository; then refresh \
         the account."
    ])
}

/// The repository is at another path now.
pub(crate) fn moved(from: &str, to: Piece, at: Millis) -> Fact {
    Fact::note(
        FactKind::RepositoryMoved,
        say!["The repository ", Piece::quoted(from), " is now ", to, "; that was seen ", Piece::Time(at), "."],
    )
}
