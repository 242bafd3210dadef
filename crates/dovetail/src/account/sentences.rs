//! All sentences of `dovetail account` for people: what happened, the likely cause, what to do.

use std::fmt;

use http::StatusCode;
use net::NetError;
use url::Url;

use super::wire::{Account, Problem};
use crate::explain::harmless;

/// What happened, the likely cause, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    happened: String,
    cause: String,
    remedy: String,
}

impl Sentence {
    fn new(happened: impl Into<String>, cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { happened: happened.into(), cause: cause.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&harmless(&self.happened))?;
        if !self.cause.is_empty() {
            write!(f, "\n  likely cause: {}", harmless(&self.cause))?;
        }
        if !self.remedy.is_empty() {
            write!(f, "\n  what to do: {}", harmless(&self.remedy))?;
        }
        Ok(())
    }
}

impl std::error::Error for Sentence {}

/// The server's own words.
impl From<Problem> for Sentence {
    fn from(problem: Problem) -> Self {
        Self::new(problem.title, problem.detail, problem.remedy)
    }
}

/// The server cannot be talked to.
pub fn unreachable(server: &Url, error: &NetError) -> Sentence {
    let (cause, remedy) = match error {
        NetError::Refused { .. } => (
            "Dovetail is not running there, or listens on another address or port.",
            "Start it with `dovetail serve`, or name its address by --server or DOVETAIL_SERVER.",
        ),
        NetError::Dns { .. } => (
            "The address is mistyped, or the name is only known in another network.",
            "Check --server or DOVETAIL_SERVER.",
        ),
        NetError::Tls { .. } => (
            "The server's certificate is of an authority that this machine does not know, or the address is not the one it is for.",
            "Name the authority's file by DOVETAIL_NETWORK_CA_BUNDLE, or correct --server.",
        ),
        NetError::Redirected { .. } => (
            "The server is known by another address, or a proxy before it sends http to https.",
            "Name the address that it redirects to by --server or DOVETAIL_SERVER.",
        ),
        NetError::Timeout { .. } | NetError::Reset { .. } => (
            "The server is overloaded or restarting, or something between here and there drops connections.",
            "Try again in a minute; if it stays so, look at the server's log.",
        ),
        _ => (
            "Something between here and there does not let it through.",
            "Check --server, and proxies in DOVETAIL_NETWORK_PROXY and the environment.",
        ),
    };
    Sentence::new(format!("Dovetail at {server} did not answer: {error}"), cause, remedy)
}

/// Something answers that is no Dovetail.
pub fn not_dovetail(server: &Url, status: StatusCode) -> Sentence {
    Sentence::new(
        format!("What answers at {server} is not Dovetail's REST API (status {}).", status.as_u16()),
        "The address is another program's, or lacks the path below which Dovetail lives, or a proxy answers in its place.",
        "Open the address in a browser; it should show Dovetail. Correct --server or DOVETAIL_SERVER.",
    )
}

/// No such account.
pub fn no_account(word: &str) -> Sentence {
    Sentence::new(
        format!("There is no account {word:?}."),
        "The id or path is mistyped, the account was removed, or the token may not see it.",
        "`dovetail account list` shows ids and paths.",
    )
}

/// A path on two hosts.
pub fn ambiguous(word: &str, first: &Account, second: &Account) -> Sentence {
    Sentence::new(
        format!("Several accounts have the path {word:?}."),
        format!("{} has id {}, {} has id {}.", first.host_url, first.id, second.host_url, second.id),
        "Name the account by its id.",
    )
}

/// Where to go for OAuth, and what to do there.
pub fn open_for_oauth(page: &Url) -> String {
    format!(
        "Open {page} in a browser, as an administrator of Dovetail, to connect with OAuth.\n\
         To connect without a browser, give a file with an access token: --token-file FILE"
    )
}

/// An account that is not synced.
pub fn not_synced(account: &Account) -> Option<Sentence> {
    let path = &account.path;
    match account.state.as_str() {
        "paused" => Some(Sentence::new(
            format!("The account {path} is paused."),
            "An administrator stopped it for now.",
            "Resume it on its page, then sync again.",
        )),
        "needs_authorisation" => Some(Sentence::new(
            format!("The account {path} needs to be authorised again."),
            account.error.as_deref().unwrap_or("The forge no longer accepts its token."),
            "Authorise it again on its page, or give it another access token there. Nothing that was imported is lost.",
        )),
        "removing" => Some(Sentence::new(
            format!("The account {path} is being removed."),
            "Somebody removed it a moment ago.",
            "Nothing is to be done; add it again if it was a mistake.",
        )),
        _ => None,
    }
}

/// The repository list could not be read.
pub fn not_listed(account: &Account) -> Sentence {
    Sentence::new(
        format!("The repository list of {} could not be read.", account.path),
        account.error.as_deref().unwrap_or("The server did not say why."),
        "Dovetail tries again by itself; the account's page shows the state.",
    )
}

/// Some repositories failed.
pub fn repositories_failed(account: &Account, failed: usize) -> Sentence {
    Sentence::new(
        format!(
            "{failed} {} of {} could not be synced.",
            if failed == 1 { "repository" } else { "repositories" },
            account.path
        ),
        "Each has its own cause, listed above.",
        "Dovetail tries again by itself, less and less often; the others are up to date.",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn account(state: &str) -> Account {
        serde_json::from_value(json!({
            "id": 7, "host_url": "https://gitlab.example.com", "path": "platform", "name": "Platform", "state": state,
            "repositories": 3, "linked": 2, "failed": 1, "error": null, "listed_at": null,
        }))
        .unwrap()
    }

    #[test]
    fn every_failure_tells_what_happened_why_and_what_to_do() {
        let server: Url = "https://dovetail.example.com/".parse().unwrap();
        let host = || "dovetail.example.com".to_owned();
        let other = Account { id: 9, host_url: "https://git.example.com".to_owned(), ..account("active") };
        let refused = Problem {
            title: "This needs a token.".to_owned(),
            detail: "None was sent.".to_owned(),
            remedy: "Make one.".to_owned(),
        };
        let mut all = vec![
            unreachable(&server, &NetError::Refused { host: host() }),
            unreachable(&server, &NetError::Dns { host: host() }),
            unreachable(&server, &NetError::Tls { host: host(), reason: net::TlsReason::UnknownIssuer }),
            unreachable(&server, &NetError::Redirected { host: host(), to: "https://tools.example.com/".to_owned() }),
            unreachable(&server, &NetError::Timeout { host: host() }),
            unreachable(&server, &NetError::Private { host: host() }),
            not_dovetail(&server, StatusCode::NOT_FOUND),
            refused.into(),
            no_account("platfrom"),
            ambiguous("platform", &account("active"), &other),
            not_listed(&account("active")),
            repositories_failed(&account("active"), 1),
            repositories_failed(&account("active"), 2),
        ];
        all.extend(
            ["active", "paused", "needs_authorisation", "removing"]
                .iter()
                .filter_map(|state| not_synced(&account(state))),
        );
        let text: Vec<String> = all.iter().map(ToString::to_string).collect();
        let page = "https://dovetail.example.com/accounts/new".parse().unwrap();

        insta::assert_snapshot!(format!("{}\n\n{}", text.join("\n\n"), open_for_oauth(&page)));
    }
}
