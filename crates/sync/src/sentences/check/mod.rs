//! What the check says of a forge: what was seen, the likely cause, what to do.

mod account;
mod application;
mod hooks;

use std::time::Duration;

use forge::ForgeError;
use git::GitError;
use model::ForgeUser;
use net::check::Stage;

use super::{git_remedy, lost_because, of_failure};

use crate::failure::Failure;

pub(crate) use account::{
    NO_ROLES, NO_VERSION, account_found, account_is_repository, account_missing, repositories, rights, version,
};
pub(crate) use application::{
    application_good, application_known, application_known_so_far, application_refused, application_unclear,
    client_unknown, redirect_not_listed, scope_not_granted, secret_wrong,
};
pub(crate) use hooks::{
    Hooks, NOT_CONNECTED, NOTHING_LINKED, OF_ANOTHER, came, no_address, none_here, none_registered, not_called,
    nothing_came,
};

/// Why a folder needs no network.
pub(crate) const ON_THIS_MACHINE: &str = "It is on this machine.";
/// Why a step is not taken.
pub(crate) const BEFORE_FAILED: &str = "Not looked at, because a step before it failed.";
/// Why a step is not taken.
pub(crate) const NOT_ASKED: &str = "Not looked at: something that it needs was not given.";
/// Without an application.
pub(crate) const NO_APPLICATION: &str = "No Client ID and Client Secret were given.";
/// Without a token.
pub(crate) const NO_TOKEN: &str =
    "No token was given, so what it may do, the account and its repositories are not looked at.";
/// Without an account.
pub(crate) const NO_ACCOUNT: &str = "No account was named.";
/// Without commits.
pub(crate) const NOTHING_TO_READ: &str = "No repository has anything to read yet.";

/// It took too long.
pub(crate) fn out_of_time(stage: &str, limit: Duration) -> Stage {
    Stage::failed(
        stage,
        format!("The check was given up after {} seconds.", limit.as_secs()),
        "The host answers very slowly.",
        "Look at the host's load, and check again.",
    )
}

/// What the host says no to.
pub(crate) fn refused(stage: &str, error: &ForgeError) -> Stage {
    Stage::failed(stage, error.happened(), error.cause(), error.remedy())
}

/// What is stored does not let us in.
pub(crate) fn not_let_in(stage: &str, failure: &Failure) -> Stage {
    match failure {
        Failure::Forge(error) => refused(stage, error),
        Failure::OAuth(error) => Stage::failed(stage, error.happened(), error.cause(), error.remedy()),
        Failure::NeedsAuthorisation { reason, .. } => Stage::failed(
            stage,
            "The host no longer lets this account in.",
            lost_because(*reason),
            "Authorise the account again: on its page, “Authorise again”. Nothing is imported anew.",
        ),
        _ => Stage::failed(
            stage,
            of_failure(failure),
            "The cause is on Dovetail's own side.",
            "Check again in a minute; if it stays so, look at Dovetail's log.",
        ),
    }
}

/// It is what it is meant to be.
pub(crate) fn kind_found(title: &str, root: &str) -> Stage {
    Stage::passed("kind", format!("{title} answers at {root}."))
}

/// It is, at another path.
pub(crate) fn kind_elsewhere(title: &str, typed: &str, root: &str) -> Stage {
    Stage::warning(
        "kind",
        format!("{title} answers at {root}."),
        format!("{typed} is the address of a page of it, or another path."),
        format!("Use {root} as Host URL."),
    )
}

/// It is another kind that Dovetail speaks to.
pub(crate) fn another_kind(title: &str, other: &str) -> Stage {
    Stage::failed(
        "kind",
        format!("This is not {title}, but {other}."),
        "Another kind of host was chosen.",
        format!("Choose {other} as Host."),
    )
}

/// It is something that Dovetail does not speak to.
pub(crate) fn foreign_kind(title: &str, name: &str) -> Stage {
    Stage::failed(
        "kind",
        format!("This is not {title}: it looks like {name}."),
        "The address is that of another server.",
        "Open the address in a browser and compare it with the one at which your repositories are.",
    )
}

fn who(user: &ForgeUser) -> String {
    if user.login.is_empty() { "its user".to_owned() } else { user.login.clone() }
}

/// The host tells nothing about the token.
pub(crate) fn token_believed(user: &ForgeUser) -> Stage {
    Stage::passed(
        "token",
        format!("It lets {} in. The host does not tell its scopes and its end (GitLab before 15.5).", who(user)),
    )
}

/// All is well.
pub(crate) fn token_good(user: &ForgeUser, days: Option<i64>) -> Stage {
    let left = days.map_or_else(|| "has no end".to_owned(), |days| format!("is good for {days} more days"));
    Stage::passed("token", format!("It lets {} in, has the scope that is needed, and {left}.", who(user)))
}

/// It may too little.
pub(crate) fn scope_too_small(needed: &str, granted: &[String]) -> Stage {
    Stage::failed(
        "token",
        format!("The token has the scope {}, and “{needed}” is needed.", granted.join(", ")),
        "Another scope was ticked when it was made.",
        format!("Make a token with the scope “{needed}”."),
    )
}

/// It may more than is needed.
pub(crate) fn scope_too_large(user: &ForgeUser, needed: &str, granted: &[String]) -> Stage {
    Stage::warning(
        "token",
        format!("It lets {} in, with more than is needed: {}.", who(user), granted.join(", ")),
        "More scopes were ticked when it was made. Whoever steals it can do all of that.",
        format!("Make one with “{needed}” alone."),
    )
}

/// It ends.
pub(crate) fn token_ends_soon(user: &ForgeUser, days: i64) -> Stage {
    Stage::warning(
        "token",
        format!("It lets {} in, for {} more days.", who(user), days.max(0)),
        "Tokens of this host have an end.",
        "Make a new one in time; the account's page takes it without importing anything again.",
    )
}

/// A folder.
pub(crate) fn git_here() -> Stage {
    Stage::passed("git", "It is read where it is.")
}

/// All is well.
pub(crate) fn git_good(path: &str) -> Stage {
    Stage::passed("git", format!("{path} can be read by git, without its files."))
}

/// All files come along.
pub(crate) fn git_without_filters(path: &str) -> Stage {
    Stage::warning(
        "git",
        format!("{path} can be read by git, but only with all its files."),
        "The server does not offer partial clones (`uploadpack.allowFilter`).",
        "Nothing has to be done: reading is slower and takes more room. GitLab has them switched on from 13.0 on.",
    )
}

/// Git is refused.
pub(crate) fn git_refused(path: &str, error: &GitError) -> Stage {
    Stage::failed(
        "git",
        format!("{path} cannot be read by git: {error}"),
        "Git over HTTP is switched off at the host, or the token may read the API and not the repository.",
        git_remedy(error),
    )
}

#[cfg(test)]
mod tests;
