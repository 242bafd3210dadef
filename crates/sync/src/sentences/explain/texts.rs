//! What texts name, and what they nearly name.

use grammar::{Reason, Refused};

use super::listed;
use crate::explain::story::{Fact, FactKind, Piece, Sentence, say};

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// A commit's message.
    Message,
    /// A branch's name.
    Name,
    /// A merge request's title.
    Title,
    /// A merge request's description.
    Description,
    /// The name of the branch that a merge request comes from.
    SourceBranch,
}

impl Whose {
    /// "its message".
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Name => "name",
            Self::Title => "title",
            Self::Description => "description",
            Self::SourceBranch => "source branch",
        }
    }
}

/// Issues as links.
pub(crate) fn issues(keys: &[String], more: i64) -> Vec<Piece> {
    listed(keys.iter().map(|key| Piece::Issue(key.clone())), more)
}

/// It names issues, and is shown with them.
pub(crate) fn names(whose: Whose, keys: &[String], more: i64) -> Fact {
    let mut pieces = vec![Piece::from(format!("Its {} names ", whose.words()))];
    pieces.extend(issues(keys, more));
    pieces.push(Piece::from(", so it is shown there."));
    Fact::good(FactKind::Names, Sentence::of(pieces))
}

/// It names issues, but is not shown.
pub(crate) fn names_unshown(whose: Whose, keys: &[String], more: i64) -> Fact {
    let mut pieces = vec![Piece::from(format!("Its {} names ", whose.words()))];
    pieces.extend(issues(keys, more));
    pieces.push(Piece::from(", but it is not shown there."));
    Fact::bad(FactKind::NamesUnshown, Sentence::of(pieces))
}

/// Nearly a key.
pub(crate) fn near_miss(whose: Whose, refused: &Refused) -> Fact {
    let what = say![
        format!("Its {} says ", whose.words()),
        Piece::quoted(&refused.text),
        ", which does not count: ",
        Piece::told(&refused.reason.to_string()),
        "."
    ];
    Fact::bad(FactKind::NearMiss, what).so(remedy(refused))
}

fn remedy(refused: &Refused) -> Sentence {
    match &refused.reason {
        Reason::OtherCase(_) => say![
            "Write ",
            Piece::quoted(&refused.text.to_uppercase()),
            " in capitals: in another commit, in a branch’s name, or in the title of the merge request."
        ],
        Reason::Noise(project) => say![
            "If ",
            Piece::quoted(project),
            " is a project of yours, take it off the list `noise` in the section [links] of Dovetail’s configuration."
        ],
        Reason::Underscore(_) => {
            say!["Write the key as Jira shows it; nearly all projects have a key without underscore."]
        }
        Reason::Before => say!["Put a blank or a sign such as / or : before the key."],
        Reason::After => say!["Put a blank or a sign such as / or : behind the number."],
        Reason::DigitFirst | Reason::TooShort | Reason::TooLong => say!["Compare it with the key that Jira shows."],
        Reason::Dash => {
            say!["Write the plain hyphen, as on the keyboard; word processors put a longer dash in its place."]
        }
        Reason::Digits => say!["Write the number with the digits 0 to 9."],
    }
}
