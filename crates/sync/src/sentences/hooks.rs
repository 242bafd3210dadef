//! What people read about hooks: why there is none, what to do by hand, and what became of each event.

use forge::ForgeError;
use url::Url;

use crate::failure::Failure;
use crate::sentences::of_failure;

/// Outcome: a push.
pub(crate) const PUSH: &str = "Push: a sync of the repository was asked for.";
/// Outcome: anything about a merge request.
pub(crate) const MERGE_REQUEST: &str = "Merge request: a sync of the repository was asked for.";
/// Outcome: a comment on a merge request.
pub(crate) const NOTE: &str = "Comment on a merge request: a sync of the repository was asked for.";
/// Outcome: a repository that is new, or was renamed, moved or deleted.
pub(crate) const LIST: &str = "The account's list of repositories is read again.";
/// Outcome: a comment on something that is not shown.
pub(crate) const OTHER_NOTE: &str = "Comments on anything but merge requests are not needed.";
/// Outcome: a test call without content.
pub(crate) const TEST: &str = "A test: the hook works.";
/// Outcome: somebody used the address of one repository's hook for another.
pub(crate) const OTHER_REPOSITORY: &str = "The event is about another repository than its hook.";
/// Outcome: nobody wants it.
pub(crate) const NOT_LINKED: &str = "The repository is not linked.";
/// Outcome: nobody wants it now.
pub(crate) const REPOSITORY_PAUSED: &str = "The repository is paused; what happened is read when it goes on.";
/// Outcome: nobody can read it now.
pub(crate) const NO_ACCOUNT: &str =
    "No account that sees the repository is at work: it is paused, or needs to be authorised again.";
/// A job that was stopped between two steps.
pub(crate) const STOPPED: &str = "stopped between two steps";

/// Test: forges cannot be told where to call.
pub(crate) const NO_ADDRESS: &str = "There are no hooks: Dovetail does not know the address at which others reach it. \
     Set `public_url` in the section [server] of the configuration, and restart.";
/// Test: nothing to test.
pub(crate) const NO_HOOKS: &str = "Hosts of this kind send no events; what is new is found with each refresh.";
/// Test: it was not made yet.
pub(crate) const NO_HOOK: &str = "There is no hook of this repository yet. It is made when the repository is linked and its \
     account is refreshed.";

/// Outcome: an event of a kind that brings nothing. `what` names it, in a few words of ours or of the forge.
pub(crate) fn not_needed(what: &str) -> String {
    format!("Not needed: {what}.")
}

/// A hook that could not be registered: why, and what to do by hand.
pub(crate) fn manual(error: &ForgeError, address: Option<&Url>) -> String {
    let why = format!("{} {}", error.happened(), error.cause());
    format!(
        "No hook could be registered: {why} Until there is one, changes are seen with the next refresh. {}",
        paste(address)
    )
}

/// A hook that the forge does not call any more.
pub(crate) fn switched_off(address: &Url) -> String {
    format!(
        "The host has switched the hook off, because its calls to {address} failed. Let the host reach that address, then \
         press Test."
    )
}

/// What to enter by hand; the secret is shown where only administrators see it.
fn paste(address: Option<&Url>) -> String {
    let address = address.map_or_else(|| "of the account's page about hooks".to_owned(), Url::to_string);
    format!(
        "Authorise as somebody who may, or let somebody who may add a webhook in the repository's settings: the URL \
         {address}, the secret token that the account's page about hooks shows to administrators, and the triggers push \
         events, comments and merge request events."
    )
}

/// Test: there is nothing to test, but there may be soon.
pub(crate) fn trying_again(error: Option<&str>) -> String {
    match error {
        Some(error) => format!("Dovetail tries again to register the hook. The last time: {error}"),
        None => "The hook is being registered; try again in a moment.".to_owned(),
    }
}

/// Test: the forge did not send one.
pub(crate) fn no_test(failure: &Failure) -> String {
    format!("No test event was sent. {}", of_failure(failure))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use forge::{HookRefusal, Problem};

    use super::*;

    fn refusals() -> Vec<ForgeError> {
        let refused = |why, said: &str| Problem::HookRefused { why, said: said.to_owned() };
        vec![
            ForgeError::at(Problem::Forbidden, "/api/v4/projects/7/hooks"),
            ForgeError::at(Problem::InsufficientScope, "/api/v4/projects/7/hooks"),
            ForgeError::at(refused(HookRefusal::Address, "Invalid url given"), "/api/v4/projects/7/hooks"),
            ForgeError::at(refused(HookRefusal::Full, "Maximum number of hooks"), "/api/v4/projects/7/hooks"),
            ForgeError::at(Problem::Server(502), "/api/v4/projects/7/hooks"),
        ]
    }

    #[test]
    fn a_hook_that_cannot_be_made_says_why_and_what_to_paste() {
        let address = "https://dovetail.example.com/hooks/gitlab/0123456789abcdef0123456789abcdef".parse().unwrap();
        let mut told = String::new();
        for error in refusals() {
            writeln!(told, "{}: {}", error.kind(), manual(&error, Some(&address))).unwrap();
        }
        writeln!(told, "{}", switched_off(&address)).unwrap();
        insta::assert_snapshot!(told);
    }

    #[test]
    fn each_event_ends_with_an_outcome_and_each_test_with_an_answer() {
        let outcomes = [
            PUSH,
            MERGE_REQUEST,
            NOTE,
            LIST,
            OTHER_NOTE,
            TEST,
            OTHER_REPOSITORY,
            NOT_LINKED,
            REPOSITORY_PAUSED,
            NO_ACCOUNT,
        ];
        let mut told = outcomes.join("\n");
        writeln!(told, "\n{}", not_needed("push to no branch")).unwrap();
        for answer in [NO_ADDRESS, NO_HOOKS, NO_HOOK] {
            writeln!(told, "{answer}").unwrap();
        }
        writeln!(told, "{}\n{}", trying_again(None), trying_again(Some("The host was down."))).unwrap();
        let refused =
            Problem::HookRefused { why: HookRefusal::NothingToTell, said: "Ensure there is a commit".to_owned() };
        let error = ForgeError::at(refused, "/api/v4/projects/7/hooks/3/test/push_events");
        writeln!(told, "{}", no_test(&Failure::Forge(error))).unwrap();
        insta::assert_snapshot!(told);
    }
}
