//! What people read about comments on commits: the fixed parts of the comment itself, and why one is not there.
//!
//! What the caller puts into the comment is Markdown already; the rest is plain text.

/// A comment of which it is not known whether it is there, and that may be on its way still.
pub(crate) const PERHAPS_STILL: &str = "The forge gave no answer, and the comment is not there so far. The forge may be at it still, so Dovetail waits before it \
     is written again.";
/// Nobody may write it: no account sees the repository that is authorised.
pub(crate) const NO_ACCOUNT: &str =
    "The comment waits: no account that sees the repository is authorised at its forge. Authorise one on its page.";

/// What a delivery is about.
pub(crate) fn title(short_id: &str, repository: &str) -> String {
    format!("Receipts at commit {short_id} of {repository}")
}

/// The beginning of a comment.
pub(crate) fn heading(site: &str) -> String {
    format!("What became of this commit's commands in {site}:")
}

/// One command; `issue` is a link or its key.
pub(crate) fn receipt(issue: &str, command: &str, ending: &str) -> String {
    format!("- {issue} {command} — {ending}")
}

/// Commands for which there is no room.
pub(crate) fn more(commands: usize) -> String {
    match commands {
        1 => "- … and 1 more. Its receipt is on the page of its issue in Dovetail.".to_owned(),
        _ => format!("- … and {commands} more. Their receipts are on the pages of their issues in Dovetail."),
    }
}

/// The last line.
pub(crate) fn last_line(mark: &str) -> String {
    format!("— Dovetail, {mark}")
}

/// The forge will not take it: `why` is what happened, the likely cause and the remedy.
pub(crate) fn refused(why: &str) -> String {
    format!("The receipts are not told at the commit. {why} Then retry.")
}

/// It failed for too long; `last` is what was said the last time.
pub(crate) fn gave_up(last: &str) -> String {
    format!("The receipts are not told at the commit: it was tried for seven days. The last time: {last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_is_as_reviewed() {
        let forbidden =
            forge::ForgeError::at(forge::Problem::Forbidden, "/api/v4/projects/7/repository/commits/0a/comments");
        let scope = forge::ForgeError::from(forge::Problem::InsufficientScope);
        let told = |error: &forge::ForgeError| format!("{} {} {}", error.happened(), error.cause(), error.remedy());
        let told = [
            PERHAPS_STILL.to_owned(),
            NO_ACCOUNT.to_owned(),
            title("0a1b2c3d", "group/app"),
            heading("Jira"),
            receipt("[ABC-1](<https://jira.example.com/browse/ABC-1>)", "`#done`", "Done."),
            more(1),
            more(12),
            last_line("receipts of commit `0a1b2c3d4e5f` at <https://jira.example.com>"),
            refused(&told(&forbidden)),
            refused(&told(&scope)),
            gave_up("The host failed."),
        ];
        insta::assert_snapshot!(told.join("\n"));
    }
}
