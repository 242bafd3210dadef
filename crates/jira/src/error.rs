//! Why a Jira gave no usable answer, as a type to decide on and as sentences for people.

use std::fmt;

use model::Millis;

use crate::sentences;

/// What kept a Jira from answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Problem {
    /// Name, TCP, TLS, proxy or time-out: no answer, or none that came whole. The words say which.
    Network,
    /// The credentials open nothing (401).
    Unauthorised,
    /// Jira wants to see a person solve a CAPTCHA before it takes the password again.
    Captcha,
    /// The credentials are good, but do not reach that far (403).
    Forbidden,
    /// There is no such thing, or this user does not see it (404).
    NotFound,
    /// Jira does not take what was sent (400, 409, 422 …): its words say why.
    Refused,
    /// What was sent is too large (413).
    TooLarge,
    /// Jira asks for a pause (429).
    RateLimited,
    /// Jira, or what stands in front of it, failed (5xx).
    Unavailable,
    /// A redirect to a log-in page, or such a page itself, came instead of an answer.
    LogInPage,
    /// The address sends elsewhere: the site was renamed. Redirects are never followed; the words say where.
    Redirected,
    /// Something answers at this address, but it is no Jira.
    NotJira,
    /// An answer of success with an error inside.
    ErrorInside,
    /// An answer that is not what Jira's documentation promises: cut off, or of another shape, or too long.
    Unreadable,
}

impl Problem {
    /// Its stable name, as in the store, in logs and in REST.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Unauthorised => "unauthorised",
            Self::Captcha => "captcha",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
            Self::TooLarge => "too_large",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::LogInPage => "log_in_page",
            Self::Redirected => "redirected",
            Self::NotJira => "not_jira",
            Self::ErrorInside => "error_inside",
            Self::Unreadable => "unreadable",
        }
    }
}

/// What went wrong in a request to a Jira. Neither it nor its sentences hold a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JiraError {
    /// What kept it from answering.
    pub problem: Problem,
    /// The HTTP status; none where no answer came, or where nothing was sent.
    pub status: Option<u16>,
    /// Jira's own words, bounded to 500 characters, one line, without markup. They come from outside: escape them.
    pub words: Option<String>,
    /// Whether Jira may have acted although nothing usable came back: a change was sent, and then came a time-out, a broken
    /// connection, a 5xx, or something unreadable. Look before sending again.
    pub may_have_acted: bool,
    /// Until when Jira wants no request, where it says so; at most about an hour away.
    pub retry_at: Option<Millis>,
}

impl JiraError {
    /// A problem and nothing else.
    pub(crate) const fn of(problem: Problem) -> Self {
        Self { problem, status: None, words: None, may_have_acted: false, retry_at: None }
    }

    /// A problem told in words of ours.
    pub(crate) fn told(problem: Problem, words: impl Into<String>) -> Self {
        Self { words: Some(words.into()), ..Self::of(problem) }
    }

    /// The same, of something that may have been done.
    pub(crate) fn perhaps_done(self, changes: bool) -> Self {
        Self { may_have_acted: self.may_have_acted || changes, ..self }
    }

    /// What happened, the likely cause, and what to do.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{} {} {}", self.happened(), self.cause(), self.remedy())
    }

    /// What happened, in one sentence.
    #[must_use]
    pub fn happened(&self) -> String {
        sentences::happened(self)
    }

    /// The likely cause, in one sentence.
    #[must_use]
    pub fn cause(&self) -> String {
        sentences::cause(self).to_owned()
    }

    /// What to do about it, in one sentence.
    #[must_use]
    pub fn remedy(&self) -> String {
        sentences::remedy(self).to_owned()
    }

    /// Whether asking again later may help without anybody doing anything.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(
            self.problem,
            Problem::Network
                | Problem::RateLimited
                | Problem::Unavailable
                | Problem::LogInPage
                | Problem::NotJira
                | Problem::ErrorInside
                | Problem::Unreadable
        )
    }
}

impl fmt::Display for JiraError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.happened())
    }
}

impl std::error::Error for JiraError {}
