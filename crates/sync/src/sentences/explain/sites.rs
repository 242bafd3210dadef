//! What Jiras were told, and what became of commands.

use model::{Channel, Millis};
use store::Receipt;

use crate::explain::story::{Fact, FactKind, Piece, Sentence, say};

/// "Jira “Ours”".
fn jira(name: &str) -> [Piece; 2] {
    [Piece::from("Jira "), Piece::quoted(name)]
}

/// A sentence that begins with a Jira.
fn of(name: &str, rest: Vec<Piece>) -> Sentence {
    Sentence::of(jira(name).into_iter().chain(rest).collect())
}

/// What the site answered, if it is known.
fn because(words: Option<&str>) -> Vec<Piece> {
    words
        .filter(|words| !words.is_empty())
        .map_or_else(|| vec![Piece::from(".")], |words| vec![Piece::from(": "), Piece::told(words)])
}

/// It was told.
pub(crate) fn told(name: &str, channel: Channel) -> Fact {
    let how = match channel {
        Channel::RemoteLink => " has a link to it on the issue.",
        Channel::DevInfo | Channel::SmartCommit | Channel::CommitComment => {
            " was told, and took it as development information."
        }
    };
    Fact::good(FactKind::SiteTold, of(name, vec![how.into()]))
}

/// It was told of several things.
pub(crate) fn told_of(name: &str, count: i64) -> Fact {
    Fact::good(FactKind::SiteTold, of(name, vec![format!(" was told of {count} of these.").into()]))
}

/// It is among the next.
pub(crate) fn waiting(name: &str) -> Fact {
    Fact::note(
        FactKind::SiteWaiting,
        of(name, vec![" is about to be told; that takes seconds, or minutes while much is told.".into()]),
    )
}

/// It comes with what was there before the site was added.
pub(crate) fn to_come(name: &str) -> Fact {
    let what = " is told of it in the background, with everything that was there before.";
    Fact::note(FactKind::SiteWaiting, of(name, vec![what.into()]))
}

/// It failed, and is tried again.
pub(crate) fn failed(name: &str, words: Option<&str>, next: Millis) -> Fact {
    let mut rest = vec![Piece::from(" could not be told")];
    rest.extend(because(words));
    let what = of(name, rest);
    let remedy = say![
        "Nothing: it is tried again at ",
        Piece::Time(next),
        ". An administrator can do it now on the page Deliveries."
    ];
    Fact::bad(FactKind::SiteFailed, what).so(remedy)
}

/// It said no.
pub(crate) fn refused(name: &str, words: Option<&str>) -> Fact {
    let mut rest = vec![Piece::from(" refused it")];
    rest.extend(because(words));
    Fact::bad(FactKind::SiteRefused, of(name, rest))
        .so(say!["Mend what it says; then an administrator can send it again on the page Deliveries."])
}

/// It does not know the issue.
pub(crate) fn parked(name: &str, words: Option<&str>, next: Millis) -> Fact {
    let mut rest = vec![Piece::from(" does not know the issue")];
    rest.extend(because(words));
    let remedy = say![
        "Look whether the issue exists there and the key is spelt right. It is asked again at ",
        Piece::Time(next),
        ", and at once when its project appears."
    ];
    Fact::bad(FactKind::SiteParked, of(name, rest)).so(remedy)
}

/// Somebody paused it.
pub(crate) fn paused(name: &str) -> Fact {
    let what = of(name, vec![" is not told anything at the moment: somebody paused the site.".into()]);
    Fact::bad(FactKind::SitePaused, what)
        .so(say!["An administrator can let it go on on the page Sites; everything is told then."])
}

/// It lets nobody in, or does not answer.
pub(crate) fn trouble(name: &str, error: &str, until: Option<Millis>) -> Fact {
    let what = of(name, vec![" cannot be told anything at the moment: ".into(), Piece::told(error)]);
    let fact = Fact::bad(FactKind::SiteTrouble, what);
    match until {
        Some(until) => fact.so(say![
            "It is tried again at ",
            Piece::Time(until),
            "; “Test” on the site's page says where it ends."
        ]),
        None => fact.so(say!["“Test” on the site's page says where it ends."]),
    }
}

/// Its accounts do not have it.
pub(crate) fn not_served(name: &str) -> Fact {
    let what = of(name, vec![" is not told of it: no account that serves this site links its repository.".into()]);
    Fact::bad(FactKind::SiteNotServed, what).so(say!["An administrator chooses the accounts on the site's page."])
}

/// It is not told such things.
pub(crate) fn switched_off(name: &str) -> Fact {
    let what = of(name, vec![" is not told of it: development information is switched off for this site.".into()]);
    Fact::bad(FactKind::SiteSwitchedOff, what).so(say!["An administrator switches it on on the site's page."])
}

/// It says that there is no such issue.
pub(crate) fn unknown_issue(name: &str, key: &str, asked_at: Millis) -> Fact {
    let rest =
        vec![format!(" says that there is no issue {key}; it was asked at ").into(), Piece::Time(asked_at), ".".into()];
    Fact::bad(FactKind::IssueUnknownAtSite, of(name, rest))
        .so(say!["Look whether it exists there, and whether the user that Dovetail signs in as may see it."])
}

/// It has another key now.
pub(crate) fn moved(former: &str, present: &str) -> Fact {
    let what = say![
        format!("{former} is called "),
        Piece::Issue(present.to_owned()),
        " now: it moved, or its project was renamed. What names the one is shown with the other."
    ];
    Fact::note(FactKind::IssueMoved, what)
}

/// A command, and its receipt's sentence, which says whether it was run.
fn command(site: &str, receipt: &Receipt, words: &str) -> Sentence {
    say![
        "The command ",
        Piece::quoted(&format!("#{}", receipt.command)),
        " on ",
        Piece::Issue(receipt.issue_key.clone()),
        " at Jira ",
        Piece::quoted(site),
        ": ",
        Piece::told(words)
    ]
}

/// It was run.
pub(crate) fn command_done(site: &str, receipt: &Receipt, words: &str) -> Fact {
    Fact::good(FactKind::CommandDone, command(site, receipt, words))
}

/// It waits for its turn.
pub(crate) fn command_waiting(site: &str, receipt: &Receipt, words: &str) -> Fact {
    Fact::note(FactKind::CommandWaiting, command(site, receipt, words))
}

/// It was not run; its words say what to do.
pub(crate) fn command_refused(site: &str, receipt: &Receipt, words: &str) -> Fact {
    Fact::bad(FactKind::CommandRefused, command(site, receipt, words))
}
