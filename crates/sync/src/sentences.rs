//! All sentences for people: what happened, the likely cause, what to do.
//!
//! Texts from outside appear only where they are bounded, and pages escape them.

pub mod changes;
pub(crate) mod check;
pub mod smart_commits;

pub(crate) mod commit_comments;
pub(crate) mod deliver;
pub(crate) mod explain;
pub(crate) mod facade;
pub(crate) mod hooks;
pub(crate) mod sites;

use git::GitError;
use model::Millis;
use store::host_outages::DOWN;

use crate::connect::{ConnectError, Field};
use crate::failure::{Failure, Reason};
use crate::settle;

/// Why a host is paused, in a few words to stand behind "paused until 14:05 ·": "GitLab's rate limit".
///
/// `reason` is the word in the store ([`store::Host::paused_reason`]), `host` what the host is called.
#[must_use]
pub fn paused_because(reason: Option<&str>, host: &str) -> String {
    match reason {
        Some(settle::RATE_LIMIT) => format!("{host}'s rate limit"),
        Some(DOWN) => format!("{host} does not answer"),
        _ => format!("{host} asked for a pause"),
    }
}

/// A note about a host that is reached by plain HTTP.
pub(crate) const UNENCRYPTED: &str =
    "The host is reached without encryption (http): whoever sees the network sees the token.";

impl ConnectError {
    /// What happened.
    #[must_use]
    pub fn happened(&self) -> String {
        match self {
            Self::Empty(field) => format!("The {} is empty.", label(*field)),
            Self::UrlWithoutScheme => "The Host URL does not begin with https:// or http://.".to_owned(),
            Self::UrlBad(error) => format!("Not usable: {error}."),
            Self::MethodUnsupported => "This kind of host cannot be authorised this way.".to_owned(),
            Self::Unreachable { host_url, reason } => format!("{host_url} cannot be reached from here. {reason}"),
            Self::Certificate { host_url, reason } => {
                format!("The certificate of {host_url} is not trusted: {reason}.")
            }
            Self::Redirected { host_url, to } => format!("{host_url} redirects to {to}."),
            Self::NotGitlab { host_url } => format!("Something answers at {host_url}, but it is not GitLab."),
            Self::WrongSecret => "The host does not accept the Client ID with this Client Secret.".to_owned(),
            Self::TokenRefused => "The host does not accept the access token.".to_owned(),
            Self::ScopeTooSmall { application: true } => {
                "The application may not use the scope that is needed (“api” at GitLab, “repo” at GitHub).".to_owned()
            }
            Self::ScopeTooSmall { application: false } => {
                "The access token lacks the scope that is needed (“api” at GitLab, “repo” at GitHub).".to_owned()
            }
            Self::Denied { description: None } => "The authorisation was denied at the host.".to_owned(),
            Self::Denied { description: Some(words) } => {
                format!("The authorisation was denied at the host, which says: “{words}”.")
            }
            Self::StateMismatch => {
                "The authorisation does not belong to a connection that you began in this browser.".to_owned()
            }
            Self::CodeRefused => "The host does not accept the authorisation that it gave a moment ago.".to_owned(),
            Self::AccountExists { path, needs_authorisation: false, .. } => {
                format!("“{path}” is connected already.")
            }
            Self::AccountExists { path, needs_authorisation: true, .. } => {
                format!("“{path}” is connected already, and waits to be authorised again.")
            }
            Self::AccountGone => "The account is not there any more.".to_owned(),
            Self::AccountMissing { path, login } if login.is_empty() => {
                format!("“{path}” does not exist on the host, or is hidden.")
            }
            Self::AccountMissing { path, login } => {
                format!("“{path}” does not exist on the host, or {login} cannot see it.")
            }
            Self::AccountIsProject { path, .. } => format!("“{path}” is a single project, not a group or user."),
            Self::FolderMissing { path } => {
                format!("There is no folder “{path}” on this machine that Dovetail can read.")
            }
            Self::RedirectRefused { redirect_uri } => {
                format!("The host does not accept the Redirect URI {redirect_uri}.")
            }
            Self::RateLimited { until: None } => "The host asks for a pause.".to_owned(),
            Self::RateLimited { until: Some(until) } => format!("The host asks for a pause until {}.", time(*until)),
            Self::Forge(error) => error.happened(),
            Self::OAuth(error) => error.happened(),
            Self::Store(_) => "Dovetail's own database did not answer.".to_owned(),
        }
    }

    /// The likely cause.
    #[must_use]
    pub fn cause(&self) -> String {
        let text = match self {
            Self::Empty(_) => "It was left out.",
            Self::UrlWithoutScheme => "Only the name of the host was entered.",
            Self::UrlBad(_) => "Something else was pasted, or more than the address.",
            Self::MethodUnsupported => {
                "An OAuth application or token was given for a host that has none, or none for one that needs it."
            }
            Self::Unreachable { .. } => {
                "The address is mistyped, the host is down, or a firewall or proxy stands between."
            }
            Self::Certificate { .. } => {
                "The host's certificate is signed by your own authority, lacks its intermediate certificate, or is for another name."
            }
            Self::Redirected { .. } => "The host moved, or wants https instead of http.",
            Self::NotGitlab { .. } => {
                "The address is that of another server, or GitLab lives below another path of it."
            }
            Self::WrongSecret => {
                "One of them was copied incompletely, or the secret was renewed, or they belong to another application."
            }
            Self::TokenRefused => "It was copied incompletely, has expired, was revoked, or is of another host.",
            Self::ScopeTooSmall { .. } => "Another scope was ticked when it was made.",
            Self::Denied { .. } => "Somebody clicked “Deny”, or may not give consent.",
            Self::StateMismatch => {
                "More than 15 minutes passed, the page was loaded twice, you signed in as somebody else, or a link from another connection was opened."
            }
            Self::CodeRefused => "More than ten minutes passed, or the Redirect URI of the application differs.",
            Self::AccountExists { needs_authorisation: false, .. } => {
                "Somebody connected it before; upper and lower case make no difference."
            }
            Self::AccountExists { needs_authorisation: true, .. } => {
                "Somebody connected it before, and the host no longer accepts what it was connected with."
            }
            Self::AccountGone => "Somebody removed it while you were at the host.",
            Self::AccountMissing { .. } => {
                "The path is misspelt, or the user who authorised is not a member of the group."
            }
            Self::AccountIsProject { .. } => "The path of a project was entered instead of the path of its group.",
            Self::FolderMissing { .. } => {
                "The path is misspelt or not absolute, or Dovetail runs as a user who may not read it."
            }
            Self::RedirectRefused { .. } => "The application registers another one.",
            Self::RateLimited { .. } => "More requests came from here than the host allows.",
            Self::Forge(error) => return error.cause(),
            Self::OAuth(error) => return error.cause(),
            Self::Store(_) => "The disk is full, or the database server cannot be reached.",
        };
        text.to_owned()
    }

    /// What to do.
    #[must_use]
    pub fn remedy(&self) -> String {
        let text = match self {
            Self::Empty(Field::Path) => "Enter the path of a group or user, for example “platform”.",
            Self::Empty(_) => "Fill it in.",
            Self::UrlWithoutScheme => "Put https:// in front, for example https://gitlab.example.com.",
            Self::UrlBad(_) => {
                "Enter the address at which GitLab's own page appears, for example https://gitlab.example.com."
            }
            Self::MethodUnsupported => "Choose another kind of host, or another way to authorise.",
            Self::Unreachable { .. } => {
                "Open the address from the machine that Dovetail runs on; set `network.proxy` if it needs a proxy."
            }
            Self::Certificate { .. } => {
                "Trust the authority's certificate on the page Servers, or give it as `network.ca_bundle`; or let the server send its whole chain."
            }
            Self::Redirected { .. } => "Enter the address that it redirects to.",
            Self::NotGitlab { .. } => {
                "Open the address in a browser, and enter the one at which GitLab's own page appears."
            }
            Self::WrongSecret => {
                "Copy both again from the application's page at the host; a lost secret can be renewed there."
            }
            Self::TokenRefused => {
                "Make a new token with that scope (“api” at GitLab, “repo” at GitHub) and enter it here."
            }
            Self::ScopeTooSmall { application: true } => {
                "At GitLab, tick the scope “api” in the application and save; then authorise again."
            }
            Self::ScopeTooSmall { application: false } => "Make a token with that scope and enter it here.",
            Self::Denied { .. } => "Authorise again, and choose “Authorize” at the host.",
            Self::StateMismatch | Self::CodeRefused => "Begin again with “Add account”; nothing was changed.",
            Self::AccountExists { needs_authorisation: false, .. } => {
                "Open the existing account; refresh it there if something is missing."
            }
            Self::AccountExists { needs_authorisation: true, .. } => {
                "Open the existing account and authorise it there: its repositories, links and settings stay."
            }
            Self::AccountGone => "Connect it anew with “Add account”.",
            Self::AccountMissing { .. } => {
                "Compare the path with its page at the host, and let that user become a member."
            }
            Self::AccountIsProject { parent, .. } => {
                return format!("Enter “{parent}” instead; single projects are linked and unlinked later.");
            }
            Self::FolderMissing { .. } => "Enter the absolute path of a folder that holds git repositories.",
            Self::RedirectRefused { redirect_uri } => {
                return format!("Enter {redirect_uri} as Redirect URI of the application at the host, and save it.");
            }
            Self::RateLimited { .. } => "Wait until then, and try again.",
            Self::Forge(error) => return error.remedy(),
            Self::OAuth(error) => return error.remedy(),
            Self::Store(_) => "Look at Dovetail's log, and try again.",
        };
        text.to_owned()
    }
}

const fn label(field: Field) -> &'static str {
    match field {
        Field::HostUrl => "Host URL",
        Field::Path => "Team or User Account",
        Field::ClientId => "Client ID",
        Field::ClientSecret => "Client Secret",
        Field::Token => "access token",
    }
}

/// A failure of a job in full: what happened, the likely cause, what to do.
pub(crate) fn of_failure(failure: &Failure) -> String {
    match failure {
        Failure::Forge(error) => format!("{} {} {}", error.happened(), error.cause(), error.remedy()),
        Failure::OAuth(error) => format!("{} {} {}", error.happened(), error.cause(), error.remedy()),
        Failure::Git(error) => format!("{error} {}", git_remedy(error)),
        Failure::NeedsAuthorisation { reason, .. } => format!("{} Authorise the account again.", lost_because(*reason)),
        Failure::Store(_) => "Dovetail's own database did not answer. Look at its log.".to_owned(),
        Failure::RenewalPending => {
            "Another node of Dovetail is renewing the access token and has not come to an end. Dovetail tries again by itself."
                .to_owned()
        }
        Failure::Reserved { .. } | Failure::Interrupted | Failure::Pointless => failure.to_string(),
    }
}

const fn lost_because(reason: Reason) -> &'static str {
    match reason {
        Reason::TokenRefused => "The host no longer accepts the access token: it has expired or was revoked.",
        Reason::GrantRevoked => {
            "The host no longer renews the access token: the grant was revoked, or the application deleted."
        }
        Reason::AnswerLost => {
            "The host renewed the access token, but its answer never arrived here, and it no longer accepts the old one."
        }
        Reason::ApplicationRefused => {
            "The host no longer accepts the application: it was deleted, or its secret was renewed."
        }
    }
}

const fn git_remedy(error: &GitError) -> &'static str {
    match error {
        GitError::Unauthorised | GitError::Forbidden => {
            "The credential may read the API, but not the repository: it needs the scope “api” (at GitHub “repo”), and a role that may read code."
        }
        GitError::NotFound | GitError::NotARepository => {
            "It was deleted or moved, or the user who authorised is not a member."
        }
        GitError::Redirected { .. } => "Enter the address that it redirects to as Host URL.",
        GitError::RateLimited { .. } | GitError::Server { .. } | GitError::Net(_) | GitError::Network(_) => {
            "Dovetail tries again by itself."
        }
        GitError::Corrupt(_) | GitError::MissingObject { .. } => "Run `git fsck` in the repository on the host.",
        GitError::Unavailable(_) => "Install git on the machine that Dovetail runs on.",
        _ => "Dovetail tries again with the next refresh.",
    }
}

/// A time for people, in UTC.
fn time(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at)
        .map_or_else(|_| "later".to_owned(), |at| at.strftime("%H:%M:%S UTC").to_string())
}

#[cfg(test)]
mod tests;
