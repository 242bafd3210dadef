//! What people read about smart commits: what became of each command, and why.
//!
//! Names of users, transitions and statuses, and Jira's words, come from outside: they are bounded and quoted, and pages escape
//! them. E-mail addresses never stand here, as whoever sees the issue sees the receipt.

use jira::JiraError;
use model::{ReceiptReason, ReceiptState};

use crate::site::clients::ClientError;

/// Done: a comment.
pub(crate) const COMMENTED: &str = "The comment is on the issue.";
/// Done: a transition and its text.
pub(crate) const MOVED_WITH_COMMENT: &str = "The issue was moved, and the text is its comment.";
/// Waits: for a command before it.
pub(crate) const BEHIND: &str = "Waits for the command before it, which is for the same issue.";
/// Waits: something was sent, and no answer came.
pub(crate) const PERHAPS_STILL: &str = "Jira gave no answer and has not done it so far. It may be at it still, so Dovetail waits before it sends it again.";
/// Waits: not begun.
const WAITING: &str = "Waits for its turn.";
/// Waits: under way.
const SENDING: &str = "On its way to Jira.";
/// Done, and nothing more is known.
const DONE: &str = "Done.";

/// How many names of transitions a sentence has.
const MOST_NAMES: usize = 20;
/// How many characters of a name a sentence has.
const LONGEST_NAME: usize = 80;

/// What became of a command, for people: the words that were kept with its receipt, or else what its state and reason mean.
#[must_use]
pub fn sentence(state: ReceiptState, reason: Option<ReceiptReason>, words: Option<&str>) -> String {
    let usual = || match (state, reason) {
        (ReceiptState::Waiting, _) => WAITING,
        (ReceiptState::Sending, _) => SENDING,
        (_, Some(reason)) => of_reason(reason),
        (_, None) => DONE,
    };
    words.filter(|words| !words.is_empty()).map_or_else(|| usual().to_owned(), str::to_owned)
}

/// Why a command was refused, and what to do, as far as the reason alone tells.
#[must_use]
pub const fn of_reason(reason: ReceiptReason) -> &'static str {
    match reason {
        ReceiptReason::NotLive => {
            "Not run: the commit came with an import. Commands run only in commits that are pushed after the repository was \
             imported."
        }
        ReceiptReason::SwitchedOff => {
            "Not run: smart commits were switched off for the repository or the site when the commit came. Switch them on for \
             the commits that follow."
        }
        ReceiptReason::TooOld => {
            "Not run: the commit was made too long before it came here. Repeat the command in a new commit; an administrator can \
             change the age with `smart_commit_max_age`."
        }
        ReceiptReason::RepositoryRemoved => {
            "Not run: the repository was removed from Dovetail before it was the command's turn. Add it again and repeat the \
             command in a new commit."
        }
        ReceiptReason::Quoted => {
            "Not run: the command is quoted from another message. Write it in a line of its own that does not begin with “>”, \
             outside of the title of the commit that is reverted."
        }
        ReceiptReason::TooMany => {
            "Not run: the commit has more than 500 commands, each key of a command counted by itself. Spread them over several \
             commits."
        }
        ReceiptReason::NoEmail => {
            "Not run: the commit names no e-mail of its author, so nobody knows whose it is. Set `user.email` in git for the \
             commits that follow."
        }
        ReceiptReason::NoUser => {
            "Not run: no user of this Jira has the e-mail of the commit's author. Commit with the address that you have in Jira, \
             or ask an administrator for an alias."
        }
        ReceiptReason::SeveralUsers => {
            "Not run: several users of this Jira have the e-mail of the commit's author. Ask an administrator for an alias that \
             says which one it is."
        }
        ReceiptReason::UserInactive => {
            "Not run: the user who has the e-mail of the commit's author is not active in Jira. Have the user activated, or ask \
             an administrator for an alias."
        }
        ReceiptReason::EmailsHidden => {
            "Not run: Jira hides e-mails, so nobody is found by the address of the commit's author. An administrator can let \
             Dovetail's user see e-mails, or enter an alias."
        }
        ReceiptReason::NoPermission => {
            "Not run: the commit's author may not do this to the issue. Ask the project's administrators for the permission."
        }
        ReceiptReason::CannotAsk => {
            "Not run: Dovetail's user may not ask Jira what the commit's author may do. Make that user an administrator of the \
             project or of Jira, then retry."
        }
        ReceiptReason::NoIssue => {
            "Not run: there is no such issue, or Dovetail's user does not see it. Check the key, and let that user browse the \
             project."
        }
        ReceiptReason::NoTime => {
            "Not run: “#time” names no time. Write weeks, days, hours or minutes, such as “1w 2d 4.5h 30m”, then what was done."
        }
        ReceiptReason::TimeTrackingOff => {
            "Not run: time tracking is off in this Jira, so no work can be logged. An administrator of Jira can switch it on."
        }
        ReceiptReason::EmptyComment => "Not run: “#comment” has no text. Write it behind the word, in the same line.",
        ReceiptReason::NoTransition => {
            "Not run: no transition is open to the issue for Dovetail's user. Look at the workflow's conditions: they are those \
             of that user."
        }
        ReceiptReason::NoMatch => {
            "Not run: no transition that is open to the issue has a name that begins so. Write its first word, or all of it with \
             hyphens for blanks."
        }
        ReceiptReason::Ambiguous => {
            "Not run: the names of several transitions that are open to the issue begin so. Write more of the name, with hyphens \
             for blanks."
        }
        ReceiptReason::JiraRefused => "Jira refused it.",
        ReceiptReason::GaveUp => "Given up: it was tried for seven days.",
        ReceiptReason::SiteRemoved => "Not run: the site was removed.",
    }
}

/// Done: work was logged. `spent` in Jira's notation (`1h 30m`).
pub(crate) fn logged(spent: Option<&str>) -> String {
    match spent {
        Some(spent) => format!("Work was logged: {spent}."),
        None => "Work was logged.".to_owned(),
    }
}

/// Done: the issue has another status.
pub(crate) fn moved(to: &str) -> String {
    format!("The issue was moved to {}.", quoted(to))
}

/// Refused: the comment that goes with a transition; `why` is a sentence of this file.
pub(crate) fn moved_without_comment(why: &str) -> String {
    format!("The issue was moved, but the text did not become its comment. {why}")
}

/// Refused: the author lacks a permission, named by Jira's key.
pub(crate) fn no_permission(user: &str, permission: &str) -> String {
    format!(
        "Not run: in this Jira {} may not do this to the issue, or does not exist: it takes the permissions BROWSE_PROJECTS and \
         {permission}. Ask the project's administrators for them.",
        quoted(user)
    )
}

/// Refused: we may not ask for permissions.
pub(crate) fn cannot_ask(error: &JiraError) -> String {
    format!("{}{}", of_reason(ReceiptReason::CannotAsk), says(error))
}

/// Refused: we may not look for users.
pub(crate) fn cannot_browse_users(error: &JiraError) -> String {
    format!(
        "Not run: Dovetail's user may not look for users, so the commit's author is not found. Give that user Jira's global \
         permission “Browse Users”, then retry.{}",
        says(error)
    )
}

/// Refused: we may not see the issue.
pub(crate) fn no_sight(error: &JiraError) -> String {
    format!("{}{}", of_reason(ReceiptReason::NoIssue), says(error))
}

/// Refused: the workflow has nothing to offer in this status.
pub(crate) fn no_transition(status: &str) -> String {
    format!("{} The issue is in status {}.", of_reason(ReceiptReason::NoTransition), quoted(status))
}

/// Refused: no name fits.
pub(crate) fn no_match(command: &str, status: &str, names: &[&str]) -> String {
    format!(
        "Not run: no transition that is open in status {} begins with “#{}”. Open are: {}. Write the first word of one, or all \
         of it with hyphens for blanks.",
        quoted(status),
        short(command),
        listed(names)
    )
}

/// Refused: several names fit.
pub(crate) fn ambiguous(command: &str, status: &str, names: &[&str]) -> String {
    format!(
        "Not run: “#{}” may mean more than one of the transitions that are open in status {}: {}. Write more of the name, with \
         hyphens for blanks.",
        short(command),
        quoted(status),
        listed(names)
    )
}

/// Refused: by Jira, in its words.
pub(crate) fn refused_by_jira(error: &JiraError) -> String {
    match &error.words {
        Some(words) => {
            format!("Jira refused it and says: “{words}”. Put that right, then repeat the command or retry.")
        }
        None => error.sentence(),
    }
}

/// Refused: it was tried for too long. `last` is what was said the last time.
pub(crate) fn gave_up(last: Option<&str>) -> String {
    match last {
        Some(last) => format!("{} The last time: {last}", of_reason(ReceiptReason::GaveUp)),
        None => of_reason(ReceiptReason::GaveUp).to_owned(),
    }
}

/// A site that cannot be asked at all.
pub(crate) fn no_client(error: &ClientError) -> String {
    format!("Smart commits wait: {error}. Edit the site, then test it.")
}

fn says(error: &JiraError) -> String {
    error.words.as_ref().map(|words| format!(" Jira says: “{words}”.")).unwrap_or_default()
}

fn listed(names: &[&str]) -> String {
    let mut listed: Vec<String> = names.iter().take(MOST_NAMES).map(|name| quoted(name)).collect();
    if names.len() > MOST_NAMES {
        listed.push(format!("and {} more", names.len() - MOST_NAMES));
    }
    listed.join(", ")
}

fn quoted(name: &str) -> String {
    format!("“{}”", short(name))
}

/// A name in one line, bounded.
fn short(name: &str) -> String {
    let line = name.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use jira::Problem;

    use super::*;

    const REASONS: [ReceiptReason; 23] = [
        ReceiptReason::NotLive,
        ReceiptReason::SwitchedOff,
        ReceiptReason::TooOld,
        ReceiptReason::Quoted,
        ReceiptReason::TooMany,
        ReceiptReason::NoEmail,
        ReceiptReason::NoUser,
        ReceiptReason::SeveralUsers,
        ReceiptReason::UserInactive,
        ReceiptReason::EmailsHidden,
        ReceiptReason::NoPermission,
        ReceiptReason::CannotAsk,
        ReceiptReason::NoIssue,
        ReceiptReason::NoTime,
        ReceiptReason::TimeTrackingOff,
        ReceiptReason::EmptyComment,
        ReceiptReason::NoTransition,
        ReceiptReason::NoMatch,
        ReceiptReason::Ambiguous,
        ReceiptReason::JiraRefused,
        ReceiptReason::GaveUp,
        ReceiptReason::SiteRemoved,
        ReceiptReason::RepositoryRemoved,
    ];

    fn error(problem: Problem, words: Option<&str>) -> JiraError {
        JiraError { problem, status: Some(403), words: words.map(str::to_owned), may_have_acted: false, retry_at: None }
    }

    #[test]
    fn every_reason_tells_what_happened_and_what_to_do() {
        let mut told = String::new();
        for reason in REASONS {
            writeln!(told, "{reason}: {}", of_reason(reason)).unwrap();
        }
        insta::assert_snapshot!(told);
    }

    #[test]
    fn every_ending_is_told_in_words() {
        let (forbidden, bare) = (error(Problem::Forbidden, Some("Not you")), error(Problem::Forbidden, None));
        let long = "x".repeat(200);
        let many: Vec<&str> = std::iter::repeat_n("Go on", 25).collect();
        let told = [
            COMMENTED.to_owned(),
            MOVED_WITH_COMMENT.to_owned(),
            BEHIND.to_owned(),
            PERHAPS_STILL.to_owned(),
            logged(Some("1h 30m")),
            logged(None),
            moved("In\nReview"),
            moved_without_comment(&no_permission("ada", "ADD_COMMENTS")),
            cannot_ask(&forbidden),
            cannot_ask(&bare),
            cannot_browse_users(&forbidden),
            no_sight(&forbidden),
            no_transition("Closed"),
            no_match("done", "Open", &["Start Progress", &long]),
            no_match(&long, "Open", &many),
            ambiguous("re", "Open", &["Resolve", "Reopen"]),
            refused_by_jira(&forbidden),
            refused_by_jira(&bare),
            gave_up(Some("Jira is down.")),
            gave_up(None),
            no_client(&ClientError::NoCredentials),
            sentence(ReceiptState::Waiting, None, None),
            sentence(ReceiptState::Sending, None, Some("")),
            sentence(ReceiptState::Done, None, None),
            sentence(ReceiptState::Refused, Some(ReceiptReason::NoIssue), None),
            sentence(ReceiptState::Refused, Some(ReceiptReason::NoIssue), Some("Kept words.")),
        ];
        insta::assert_snapshot!(told.join("\n"));
    }
}
