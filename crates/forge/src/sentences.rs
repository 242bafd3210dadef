//! Every sentence for people that this crate speaks: what happened, the likely cause, what to do.
//!
//! None repeats what a server wrote, save the reason for which a forge refuses a web hook, bounded and on one line; a
//! request is named by its path alone.

mod oauth;
mod versions;

use jiff::Timestamp;
use model::Millis;

use crate::error::HooksOf;
use crate::{HookFault, HookRefusal, MAX_HOOK_BODY, Problem, TokenFault};

pub use oauth::{oauth_cause, oauth_happened, oauth_remedy};
pub use versions::{facade_at_the_root, facade_below_jira, facade_gone, tokens_of_two_hours, tokens_without_end};

/// What happened.
pub fn happened(problem: &Problem, path: Option<&str>) -> String {
    let asked = path.map(|path| format!(" (asked for {path})")).unwrap_or_default();
    match problem {
        Problem::Unauthorised(TokenFault::Invalid) => format!("The host does not know the token{asked}."),
        Problem::Unauthorised(TokenFault::Expired) => format!("The token has expired{asked}."),
        Problem::Unauthorised(TokenFault::Revoked) => format!("The token was revoked{asked}."),
        Problem::InsufficientScope => format!("The token's scope is too small{asked}."),
        Problem::Blocked => format!("The host does not let this user use its API{asked}."),
        Problem::Forbidden => format!("This user may not do that{asked}."),
        Problem::ClosedByOrganisation => format!("The organisation does not let this token in{asked}."),
        Problem::NotFound => format!("It does not exist, or this user cannot see it{asked}."),
        Problem::NotAvailable => format!("This is switched off or missing there{asked}."),
        Problem::IsProject { path } => format!("“{path}” is a single repository, not an account."),
        Problem::PathEmpty => "No team or user was named.".to_owned(),
        Problem::RateLimited { until: None } => format!("The host asks for a pause{asked}."),
        Problem::RateLimited { until: Some(until) } => {
            format!("The host asks for a pause until {}{asked}.", time(*until))
        }
        Problem::HookRefused { said, .. } if said.is_empty() => format!("The host refuses the web hook{asked}."),
        Problem::HookRefused { said, .. } => format!("The host refuses the web hook: “{said}”{asked}."),
        Problem::Server(status) => format!("The host failed with HTTP {status}{asked}."),
        Problem::Network(error) => error.to_string(),
        Problem::Data(what) => format!("What came back cannot be used: {what}{asked}."),
        Problem::NotGitlab => format!("Something answers at this address, but it is not GitLab{asked}."),
        Problem::NotGithub { gitlab: false } => {
            format!("Something answers at this address, but it does not speak GitHub's language{asked}.")
        }
        Problem::NotGithub { gitlab: true } => {
            format!("This is a GitLab whose GitHub-compatible API is gone{asked}.")
        }
        Problem::ForeignGitUrl { origin } => format!("The host names a git address on another server ({origin})."),
        Problem::NotAnAddress => "The host's address is no http or https address.".to_owned(),
        Problem::FolderTooLarge { repositories, folders } => {
            format!("The folder holds more than {repositories} repositories, or more than {folders} folders.")
        }
        Problem::FolderMissing => "There is no such folder on this machine.".to_owned(),
        Problem::FolderUnreadable => "The folder exists, but Dovetail may not read it.".to_owned(),
        Problem::Unsupported(kind) => format!("Dovetail does not speak to hosts of the kind {kind} in this way."),
        Problem::Git(error) => error.to_string(),
    }
}

/// The likely cause.
pub fn cause(problem: &Problem) -> String {
    match problem {
        Problem::Unauthorised(TokenFault::Invalid) => "It was mistyped, or deleted, or is of another host.",
        Problem::Unauthorised(TokenFault::Expired) => {
            "OAuth tokens live two hours, others until the date they were given."
        }
        Problem::Unauthorised(TokenFault::Revoked) => {
            "Someone withdrew it on the host, or it was used up by a newer one."
        }
        Problem::InsufficientScope => "It was created with another scope than “api” (at GitHub: “repo”).",
        Problem::Blocked => "The user is blocked or deactivated, or has to accept the host's terms first.",
        Problem::Forbidden => "The user's role is too low, or the host refuses the address of this machine.",
        Problem::ClosedByOrganisation => {
            "It asks for single sign-on, or its owners have not approved the application or this kind of token."
        }
        Problem::NotFound => "The name is misspelt, it was moved or deleted, or the user is not a member.",
        Problem::NotAvailable => "The feature is disabled for this project, or nothing was ever pushed to it.",
        Problem::IsProject { .. } => "The path of a project was given instead of the path of its group.",
        Problem::PathEmpty => "The address ends where the group's path should begin.",
        Problem::RateLimited { .. } => "More requests came from here than the host allows in its window.",
        Problem::HookRefused { why: HookRefusal::Address, .. } => {
            "Dovetail's address lies in the host's own network, which it does not call unless its administrator allows it."
        }
        Problem::HookRefused { why: HookRefusal::Full, .. } => "The host allows only so many web hooks in one place.",
        Problem::HookRefused { why: HookRefusal::NothingToTell, .. } => "Nothing was pushed there yet.",
        Problem::HookRefused { why: HookRefusal::Other, .. } => {
            "The host cannot reach Dovetail's address, or is set up not to call it."
        }
        Problem::Server(_) => "The host is overloaded, being upgraded, or broken.",
        Problem::Network(net::NetError::Redirected { .. }) => {
            "The host's address was entered with another scheme or name."
        }
        Problem::Network(net::NetError::Tls { .. }) => "The host's certificate is not trusted by this machine.",
        Problem::Network(net::NetError::Proxy { .. }) => "The proxy wants credentials, or does not allow this host.",
        Problem::Network(_) => "The host is down, or this machine may not reach it: a firewall, a proxy, a name.",
        Problem::Data(_) => "Something between here and the host changes its answers, or it is another kind of host.",
        Problem::NotGitlab => "The address is that of another server, or GitLab lives below another path of it.",
        Problem::NotGithub { gitlab: false } => {
            "The address is that of another server, or GitHub lives below another path of it."
        }
        Problem::NotGithub { gitlab: true } => "GitLab removed it in version 16.",
        Problem::ForeignGitUrl { .. } => {
            "The external URL in the host's configuration differs from the address entered here."
        }
        Problem::NotAnAddress => "The scheme at its beginning is missing or another one.",
        Problem::FolderTooLarge { .. } => "A whole disk was named instead of the folder with the repositories.",
        Problem::FolderMissing => "The path is misspelt or not absolute, or the disk is not mounted.",
        Problem::FolderUnreadable => "Dovetail runs as another user than the folder's owner.",
        Problem::Unsupported(_) => "The host was added with a kind that has no such thing.",
        Problem::Git(_) => "The repository is damaged, or git is missing on this machine.",
    }
    .to_owned()
}

/// What to do.
pub fn remedy(problem: &Problem) -> String {
    match problem {
        Problem::Unauthorised(_) => "Authorise the account again, or enter a new token.",
        Problem::InsufficientScope => {
            "Give the application or the token the scope “api” (at GitHub: “repo”), then authorise again."
        }
        Problem::Blocked => "Sign in on the host as this user and see what it asks for, or authorise as another user.",
        Problem::Forbidden => "Ask for the role Reporter or higher, or authorise as a user who has it.",
        Problem::ClosedByOrganisation => {
            "On GitHub, authorise the token for the organisation's single sign-on, or let an owner of it approve the application."
        }
        Problem::NotFound => "Compare the path with the host's page, and let the user become a member.",
        Problem::NotAvailable => "Nothing, if that is intended; else switch the feature on in the project's settings.",
        Problem::IsProject { .. } => "Enter the path of the group or user that the repository belongs to.",
        Problem::PathEmpty => "Enter the path of a group, subgroup or user, for example “platform/backend”.",
        Problem::RateLimited { .. } => {
            "Nothing: Dovetail goes on after the pause. If it happens often, raise the limit."
        }
        Problem::HookRefused { why: HookRefusal::Address, .. } => {
            "Correct `server.public_url`, or let the host's administrator allow local requests from web hooks."
        }
        Problem::HookRefused { why: HookRefusal::Full, .. } => "Remove web hooks that nobody needs, then try again.",
        Problem::HookRefused { why: HookRefusal::NothingToTell, .. } => "Push a commit, then test again.",
        Problem::HookRefused { why: HookRefusal::Other, .. } => {
            "Open `server.public_url` from the host's machine, and look at the web hook's recent events there."
        }
        Problem::Server(_) => "Nothing at first: Dovetail tries again. If it stays, look into the host's logs.",
        Problem::Network(net::NetError::Redirected { .. }) => "Enter the address that it redirects to.",
        Problem::Network(net::NetError::Tls { .. }) => {
            "Trust the authority's certificate on the page Servers, or give it as `network.ca_bundle`."
        }
        Problem::Network(net::NetError::Proxy { .. }) => {
            "Correct `network.proxy`, name the host in `network.no_proxy`, or choose another way for it on the page Servers."
        }
        Problem::Network(_) => "Open the address from this machine, and run `dovetail check` to see where it ends.",
        Problem::Data(_) => "Run `dovetail check` and compare what it sees with what a browser shows.",
        Problem::NotGitlab => "Open the address in a browser and enter the one at which GitLab's own page appears.",
        Problem::NotGithub { gitlab: false } => {
            "Open the address in a browser and enter the one at which GitHub's own page appears."
        }
        Problem::NotGithub { gitlab: true } => "Choose GitLab as the kind of host: Dovetail speaks its own API.",
        Problem::ForeignGitUrl { .. } => "Enter the host's external URL as its address, or correct it in the host's configuration.",
        Problem::NotAnAddress => "Enter it as in a browser, for example “https://gitlab.example.com”.",
        Problem::FolderTooLarge { .. } => "Add one or several folders below it as accounts instead.",
        Problem::FolderMissing => "Enter the absolute path of a folder that exists on the machine Dovetail runs on.",
        Problem::FolderUnreadable => "Let the user that Dovetail runs as read the folder and what is in it.",
        Problem::Unsupported(_) => "Remove the account and add it with the right kind of host.",
        Problem::Git(_) => "Run `git fsck` in the repository, as the user that Dovetail runs as.",
    }
    .to_owned()
}

/// The likely cause where setting up hooks failed for want of rights; none where it is that of any other request.
pub fn hook_cause(problem: &Problem, of: HooksOf) -> Option<String> {
    let cause = match (problem, of) {
        (Problem::Forbidden, HooksOf::Project) => "Web hooks of a project are for its Maintainers and Owners.",
        (Problem::Forbidden, HooksOf::Group) => "Web hooks of a group are for its Owners.",
        (Problem::Forbidden, HooksOf::Repository) => "Web hooks of a repository are for its administrators.",
        (Problem::Forbidden | Problem::InsufficientScope, HooksOf::Organisation) => {
            "Web hooks of an organisation are for its owners, with the scope “admin:org_hook”."
        }
        (Problem::NotAvailable, HooksOf::Repository) => {
            "GitLab's GitHub-compatible API has no web hooks, and Dovetail's own signs no calls."
        }
        (Problem::NotFound, HooksOf::Group) => {
            "GitLab has web hooks of groups from its Premium tier on; or the user is not a member."
        }
        _ => return None,
    };
    Some(cause.to_owned())
}

/// What to do where setting up hooks failed for want of rights; none where it is as for any other request.
pub fn hook_remedy(problem: &Problem, of: HooksOf) -> Option<String> {
    let remedy = match (problem, of) {
        (Problem::Forbidden, HooksOf::Project) => {
            "Authorise as a Maintainer, or let one paste the hook's address and secret in the project's settings."
        }
        (Problem::Forbidden, HooksOf::Repository) => {
            "Authorise as an administrator of the repository, or let one paste the hook's address and secret in its settings."
        }
        (Problem::NotAvailable, HooksOf::Repository) => "Nothing: changes come with each refresh.",
        (Problem::Forbidden | Problem::NotFound, HooksOf::Group) => {
            "Nothing: Dovetail registers a web hook in each project instead."
        }
        (Problem::Forbidden | Problem::InsufficientScope, HooksOf::Organisation) => {
            "Nothing: Dovetail registers a web hook in each repository instead."
        }
        _ => return None,
    };
    Some(remedy.to_owned())
}

/// What is wrong with the call of a web hook.
pub fn hook_fault(fault: &HookFault) -> String {
    match fault {
        HookFault::TooLarge => format!("The call is longer than the {} MB that forges send.", MAX_HOOK_BODY >> 20),
        HookFault::NotJson { line, column } => {
            format!("The call is no JSON that fits, at line {line}, column {column}.")
        }
        HookFault::NotAnObject => "The call is JSON, but not an object.".to_owned(),
        HookFault::Lacks { field } => format!("The call does not tell its `{field}`."),
        HookFault::Unsupported(kind) => format!("Hosts of the kind {kind} call nobody."),
    }
}

/// A moment in UTC, to the second.
fn time(at: Millis) -> String {
    match Timestamp::from_millisecond(at) {
        Ok(at) => at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => "a time that no calendar has".to_owned(),
    }
}

/// The owner of a folder, where a forge would name a user.
pub fn this_machine() -> String {
    "This machine".to_owned()
}

/// [`Problem::Data`]: a page came instead of data.
pub fn html() -> String {
    "an HTML page instead of JSON".to_owned()
}

/// [`Problem::Data`]: not the JSON expected.
pub fn not_json(line: usize, column: usize) -> String {
    format!("JSON that does not fit, at line {line}, column {column}")
}

/// [`Problem::Data`]: a user without id or name.
pub fn nobody() -> String {
    "a user without an id or a name".to_owned()
}

/// [`Problem::Data`]: a status that no documentation mentions.
pub fn unexpected_status(status: u16) -> String {
    format!("HTTP {status}")
}

/// [`Problem::Data`]: a redirect led to a redirect.
pub fn redirected_twice() -> String {
    "a redirect that leads to another redirect".to_owned()
}

/// [`Problem::Data`]: a list without end.
pub fn endless_list() -> String {
    "a list that does not end".to_owned()
}

/// [`Problem::Data`]: a place in a list that we did not make.
pub fn not_a_position() -> String {
    "a place in a list that this version does not know".to_owned()
}

/// [`Problem::Data`]: the watermark of the list is missing.
pub fn merge_request_without_change(number: i64) -> String {
    format!("merge request {number} does not tell when it was changed")
}

/// [`Problem::Data`]: a commit that cannot be placed in time.
pub fn commit_without_date() -> String {
    "a commit without a date".to_owned()
}

/// [`Problem::Data`]: a comment that cannot be placed in time.
pub fn note_without_date() -> String {
    "a comment without a date".to_owned()
}

/// [`Problem::Data`]: a commit that cannot be named.
pub fn not_an_object_id() -> String {
    "a commit whose id is no object id".to_owned()
}

/// [`Problem::Data`]: git's list of changed lines is cut or changed.
pub fn unreadable_numstat() -> String {
    "git's list of changed lines cannot be read".to_owned()
}

/// [`Problem::Data`]: reading the disk stopped on our side.
pub fn interrupted(by_a_defect: bool) -> String {
    if by_a_defect {
        "a defect of Dovetail stopped the reading of the folder"
    } else {
        "reading the folder was stopped"
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ForgeError;
    use model::HostKind;
    use net::{NetError, TlsReason};
    use std::fmt::Write as _;

    const MOMENT: Millis = 1_537_438_681_123;

    fn problems() -> Vec<Problem> {
        let host = || "git.example.com".to_owned();
        vec![
            Problem::Unauthorised(TokenFault::Invalid),
            Problem::Unauthorised(TokenFault::Expired),
            Problem::Unauthorised(TokenFault::Revoked),
            Problem::InsufficientScope,
            Problem::Blocked,
            Problem::Forbidden,
            Problem::ClosedByOrganisation,
            Problem::NotFound,
            Problem::NotAvailable,
            Problem::IsProject { path: "platform/api".into() },
            Problem::PathEmpty,
            Problem::RateLimited { until: None },
            Problem::RateLimited { until: Some(MOMENT) },
            refused(HookRefusal::Address, "Invalid url given"),
            refused(HookRefusal::Full, "Maximum number of project hooks (100) exceeded"),
            refused(HookRefusal::NothingToTell, "Ensure the project has at least one commit."),
            refused(HookRefusal::Other, ""),
            Problem::Server(502),
            Problem::Network(NetError::Dns { host: host() }),
            Problem::Network(NetError::Tls { host: host(), reason: TlsReason::UnknownIssuer }),
            Problem::Network(NetError::Proxy { host: host(), reason: "HTTP 407".into() }),
            Problem::Network(NetError::Redirected { host: host(), to: "https://git.example.com/".into() }),
            Problem::Data(not_json(1, 20)),
            Problem::NotGitlab,
            Problem::NotGithub { gitlab: false },
            Problem::NotGithub { gitlab: true },
            Problem::ForeignGitUrl { origin: "http://10.0.0.1".into() },
            Problem::NotAnAddress,
            Problem::FolderTooLarge { repositories: 20_000, folders: 200_000 },
            Problem::FolderMissing,
            Problem::FolderUnreadable,
            Problem::Unsupported(HostKind::Github),
            Problem::Git(git::GitError::NotARepository),
        ]
    }

    fn refused(why: HookRefusal, said: &str) -> Problem {
        Problem::HookRefused { why, said: said.to_owned() }
    }

    #[test]
    fn every_problem_names_cause_and_remedy() {
        // given
        let mut told = String::new();

        // when
        for problem in problems() {
            let happened = happened(&problem, Some("/api/v4/groups/platform"));
            writeln!(told, "{happened}\n  cause:  {}\n  remedy: {}", cause(&problem), remedy(&problem)).unwrap();
        }

        // then
        insta::assert_snapshot!(told);
    }

    #[test]
    fn rights_that_hooks_need_are_told_where_a_hook_was_refused() {
        // given
        let mut told = String::new();
        let places = [
            "/api/v4/projects/7",
            "/api/v4/projects/7/hooks",
            "/api/v4/groups/5/hooks/3",
            "/api/v3/repositories/7/hooks",
            "/api/v3/orgs/acme/hooks",
        ];

        // when
        for problem in
            [|| Problem::Forbidden, || Problem::NotFound, || Problem::InsufficientScope, || Problem::NotAvailable]
        {
            for path in places {
                let error = ForgeError::at(problem(), path);
                let (cause, remedy) = (error.cause(), error.remedy());
                writeln!(told, "{}\n  cause:  {cause}\n  remedy: {remedy}", error.happened()).unwrap();
            }
        }

        // then
        insta::assert_snapshot!(told);
    }

    #[test]
    fn what_is_wrong_with_a_call_is_told_without_its_content() {
        // given
        let faults = [
            HookFault::TooLarge,
            HookFault::NotJson { line: 1, column: 5 },
            HookFault::NotAnObject,
            HookFault::Lacks { field: "project_id" },
            HookFault::Unsupported(HostKind::Folder),
        ];

        // when
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();

        // then
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn what_does_not_fit_is_told_in_a_clause() {
        // given
        let clauses = [
            html(),
            not_json(3, 7),
            nobody(),
            unexpected_status(418),
            redirected_twice(),
            endless_list(),
            not_a_position(),
            merge_request_without_change(7),
            commit_without_date(),
            note_without_date(),
            not_an_object_id(),
            unreadable_numstat(),
            interrupted(true),
            interrupted(false),
        ];

        // when
        let told: Vec<String> = clauses.into_iter().map(|what| happened(&Problem::Data(what), None)).collect();

        // then
        insta::assert_snapshot!(told.join("\n"));
    }
}
