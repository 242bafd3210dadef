//! Why a forge could not answer, as a type to decide on and as sentences for people.

use model::{HostKind, Millis};

use crate::sentences;

/// What is wrong with a credential that a forge refused (GitLab contract §2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFault {
    /// Unknown, mistyped, or missing.
    Invalid,
    /// It was good once; a refresh or a new one helps.
    Expired,
    /// Somebody took it back; only a new authorisation helps.
    Revoked,
}

/// What a forge has against a web hook (GitLab contract §5.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookRefusal {
    /// The address: no web address to it, or one of its own network, which its administrator has to allow.
    Address,
    /// There are too many hooks already.
    Full,
    /// It has no example to test the hook with: nothing was pushed yet.
    NothingToTell,
    /// Anything else, a test call that did not arrive among it.
    Other,
}

/// What kept a forge from answering.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// The forge refused the credential (401).
    Unauthorised(TokenFault),
    /// The credential is good, but its scope is too small.
    InsufficientScope,
    /// The user behind the credential is blocked, deactivated, or has not accepted the terms.
    Blocked,
    /// The user may not do this (403).
    Forbidden,
    /// An organisation does not let this credential in: it asks for single sign-on, or has not approved the application.
    ClosedByOrganisation,
    /// It does not exist, or this user cannot see it: forges do not tell which (404).
    NotFound,
    /// It is switched off there, or a forge of this kind has no such thing.
    NotAvailable,
    /// The path of an account turned out to be a repository.
    IsProject {
        /// The repository's full path, as the forge spells it.
        path: String,
    },
    /// The path of an account is empty.
    PathEmpty,
    /// The forge asks us to wait.
    RateLimited {
        /// Until when, where it says so.
        until: Option<Millis>,
    },
    /// It does not take a web hook, or could not test it (422).
    HookRefused {
        /// What it has against it.
        why: HookRefusal,
        /// Its own reason: at most 200 characters on one line, written by the forge, so to be escaped; empty where it
        /// gives none.
        said: String,
    },
    /// The forge failed (408, 409, 5xx).
    Server(u16),
    /// No answer came, or none that could be read.
    Network(net::NetError),
    /// An answer came, but it was not what the forge's documentation promises.
    Data(String),
    /// Something answers at this address, but it is not the forge that was asked for.
    NotGitlab,
    /// Something answers at this address, but it does not speak GitHub's REST v3.
    NotGithub {
        /// It is a GitLab whose GitHub-compatible API is gone (16.0 and newer).
        gitlab: bool,
    },
    /// The forge names a git address on another server; tokens go to no other server.
    ForeignGitUrl {
        /// The origin (scheme, host, port) that it named.
        origin: String,
    },
    /// The address of the host is no http(s) address.
    NotAnAddress,
    /// The folder does not exist, or is not a folder.
    FolderMissing,
    /// The folder exists, but this process may not read it.
    FolderUnreadable,
    /// The folder holds more than can be looked through.
    FolderTooLarge {
        /// How many repositories it may hold.
        repositories: usize,
        /// How many folders it may hold.
        folders: usize,
    },
    /// Nothing in this program speaks to this kind of host.
    Unsupported(HostKind),
    /// A local repository could not be read.
    Git(git::GitError),
}

/// A [`Problem`], and which request met it.
#[derive(Debug)]
pub struct ForgeError {
    /// What is wrong.
    pub problem: Problem,
    /// The path of the request that met it (never a query, which may carry secrets); none where no request was made.
    pub path: Option<String>,
}

impl ForgeError {
    /// A problem met by the request for `path`.
    #[must_use]
    pub fn at(problem: Problem, path: impl Into<String>) -> Self {
        Self { problem, path: Some(path.into()) }
    }

    /// The stable word for the kind of failure, as kept with a repository: `authentication`, `permission`,
    /// `not_found`, `server`, `network`, `rate_limit`, `git` or `data`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.problem {
            Problem::Unauthorised(_) | Problem::Blocked => "authentication",
            Problem::InsufficientScope
            | Problem::Forbidden
            | Problem::ClosedByOrganisation
            | Problem::NotAvailable
            | Problem::HookRefused { .. }
            | Problem::FolderUnreadable => "permission",
            Problem::NotFound | Problem::IsProject { .. } | Problem::PathEmpty | Problem::FolderMissing => "not_found",
            Problem::RateLimited { .. } => "rate_limit",
            Problem::Server(_) => "server",
            Problem::Network(_) => "network",
            Problem::Data(_)
            | Problem::NotGitlab
            | Problem::NotGithub { .. }
            | Problem::NotAnAddress
            | Problem::ForeignGitUrl { .. }
            | Problem::FolderTooLarge { .. }
            | Problem::Unsupported(_) => "data",
            Problem::Git(error) => error.kind(),
        }
    }

    /// Whether asking again later may help without anybody doing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match &self.problem {
            Problem::RateLimited { .. } | Problem::Server(_) | Problem::Network(_) => true,
            Problem::Git(error) => error.is_transient(),
            _ => false,
        }
    }

    /// Whether the host as a whole seems to be down: no connection, no answer in time, or an answer of 500, 502, 503 or
    /// 504. A pause that it asks for ([`Problem::RateLimited`]) is none: it is there to ask for it.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match &self.problem {
            Problem::Server(status) => matches!(status, 500 | 502 | 503 | 504),
            Problem::Network(error) => error.is_transient(),
            Problem::Git(git::GitError::Network(_)) => true,
            _ => false,
        }
    }

    /// What happened, in one sentence.
    #[must_use]
    pub fn happened(&self) -> String {
        sentences::happened(&self.problem, self.path.as_deref())
    }

    /// The likely cause, in one sentence.
    #[must_use]
    pub fn cause(&self) -> String {
        self.of_hooks(sentences::hook_cause).unwrap_or_else(|| sentences::cause(&self.problem))
    }

    /// What to do about it, in one sentence.
    #[must_use]
    pub fn remedy(&self) -> String {
        self.of_hooks(sentences::hook_remedy).unwrap_or_else(|| sentences::remedy(&self.problem))
    }

    /// Setting up hooks needs more than reading does, so the same refusal has another cause there.
    fn of_hooks(&self, sentence: fn(&Problem, HooksOf) -> Option<String>) -> Option<String> {
        sentence(&self.problem, HooksOf::in_path(self.path.as_deref()?)?)
    }
}

/// Whose web hooks a request was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HooksOf {
    /// A project's, at GitLab.
    Project,
    /// A group's, at GitLab.
    Group,
    /// A repository's, at GitHub.
    Repository,
    /// An organisation's, at GitHub.
    Organisation,
}

impl HooksOf {
    /// None where the path is about something else.
    fn in_path(path: &str) -> Option<Self> {
        let before = path.split('/').take_while(|segment| *segment != "hooks");
        if before.clone().count() == path.split('/').count() {
            return None;
        }
        let of = |segment: &str| match segment {
            "groups" => Some(Self::Group),
            "orgs" => Some(Self::Organisation),
            "repos" | "repositories" => Some(Self::Repository),
            _ => None,
        };
        Some(before.filter_map(of).next().unwrap_or(Self::Project))
    }
}

impl From<Problem> for ForgeError {
    fn from(problem: Problem) -> Self {
        Self { problem, path: None }
    }
}

impl From<git::GitError> for ForgeError {
    /// What git shares with REST gets the same type, and so the same cause and remedy.
    fn from(error: git::GitError) -> Self {
        let problem = match error {
            git::GitError::Unauthorised => Problem::Unauthorised(TokenFault::Invalid),
            git::GitError::Forbidden => Problem::Forbidden,
            git::GitError::NotFound => Problem::NotFound,
            git::GitError::Server { status } => Problem::Server(status),
            git::GitError::Net(error) => Problem::Network(error),
            git::GitError::RateLimited { retry: Some(net::Retry::At(until)) } => {
                Problem::RateLimited { until: Some(until) }
            }
            git::GitError::RateLimited { .. } => Problem::RateLimited { until: None },
            error => Problem::Git(error),
        };
        problem.into()
    }
}

impl std::fmt::Display for ForgeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.happened())
    }
}

impl std::error::Error for ForgeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::Network(error) => Some(error),
            Problem::Git(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use net::NetError;

    #[test]
    fn an_outage_is_a_host_that_gives_no_answer_or_fails_as_a_whole() {
        // given
        let host = || "git.example.com".to_owned();
        let outages = [
            Problem::Network(NetError::Dns { host: host() }),
            Problem::Network(NetError::Refused { host: host() }),
            Problem::Network(NetError::Timeout { host: host() }),
            Problem::Network(NetError::Reset { host: host() }),
            Problem::Git(git::GitError::Network("early EOF".to_owned())),
            Problem::Server(500),
            Problem::Server(502),
            Problem::Server(503),
            Problem::Server(504),
        ];
        let others = [
            Problem::Network(NetError::TooLarge { host: host(), limit: 1 }),
            Problem::Network(NetError::Redirected { host: host(), to: String::new() }),
            Problem::Server(408),
            Problem::Server(409),
            Problem::RateLimited { until: None },
            Problem::Unauthorised(TokenFault::Expired),
            Problem::Forbidden,
            Problem::NotFound,
            Problem::Data(String::new()),
            Problem::Git(git::GitError::NotGit),
        ];

        // then
        for problem in outages {
            assert!(ForgeError::from(problem).is_outage());
        }
        for problem in others {
            let error = ForgeError::from(problem);
            assert!(!error.is_outage(), "{error:?}");
        }
        assert!(ForgeError::from(git::GitError::Net(NetError::Timeout { host: host() })).is_outage());
        assert!(ForgeError::from(git::GitError::Server { status: 502 }).is_outage());
    }
}
