//! States: a lozenge with a word, so that colour never tells alone.

use std::fmt;

use askama::filters::HtmlSafe;
use model::{MergeRequestState, Millis};
use store::accounts::{Account, AccountState};
use store::repositories::{AccountRepository, RepositoryState};

use super::number::thousands;
use super::when::When;
use super::write_escaped;

/// Which colours a lozenge has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    Accent,
    Good,
    Quiet,
    Outlined,
    Busy,
    Bad,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Accent => "accent",
            Self::Good => "good",
            Self::Quiet => "quiet",
            Self::Outlined => "outlined",
            Self::Busy => "busy",
            Self::Bad => "bad",
        }
    }
}

/// A state as a word in a lozenge, with what belongs to it beside.
#[derive(Debug, Clone)]
pub struct Lozenge {
    tone: Tone,
    word: &'static str,
    detail: String,
}

impl Lozenge {
    const fn plain(tone: Tone, word: &'static str) -> Self {
        Self { tone, word, detail: String::new() }
    }

    fn with(tone: Tone, word: &'static str, detail: impl Into<String>) -> Self {
        Self { tone, word, detail: detail.into() }
    }

    /// The state of a merge request.
    pub const fn merge_request(state: MergeRequestState, draft: bool) -> Self {
        match state {
            MergeRequestState::Open if draft => Self::plain(Tone::Outlined, "draft"),
            MergeRequestState::Open => Self::plain(Tone::Accent, "open"),
            MergeRequestState::Merged => Self::plain(Tone::Good, "merged"),
            MergeRequestState::Declined => Self::plain(Tone::Quiet, "declined"),
        }
    }

    /// The state of a repository within an account.
    pub fn repository(row: &AccountRepository, now: Millis) -> Self {
        let repository = &row.repository;
        if !row.linked {
            return Self::plain(Tone::Outlined, "not linked");
        }
        match repository.state {
            RepositoryState::Waiting => Self::plain(Tone::Quiet, "waiting"),
            RepositoryState::Syncing if repository.commits_total > 0 => {
                let of = format!("{} of {}", thousands(repository.commits_done), thousands(repository.commits_total));
                Self::with(Tone::Busy, "syncing", of)
            }
            RepositoryState::Syncing => Self::plain(Tone::Busy, "syncing"),
            RepositoryState::UpToDate => {
                let when = repository.synced_at.map(|at| When::new(at, now).relative()).unwrap_or_default();
                Self::with(Tone::Good, "up to date", when)
            }
            RepositoryState::Empty => Self::with(Tone::Quiet, "empty", "no commits yet"),
            RepositoryState::Failed => Self::with(Tone::Bad, "failed", failure_word(repository.error_kind.as_deref())),
        }
    }

    /// What hinders an account; none while nothing does.
    pub fn account_hindrance(account: &Account) -> Option<Self> {
        match account.state {
            AccountState::Active if account.error.is_some() => {
                Some(Self::with(Tone::Bad, "failed", failure_word(account.error_kind.as_deref())))
            }
            AccountState::Active => None,
            AccountState::Paused => Some(Self::plain(Tone::Outlined, "paused")),
            AccountState::NeedsAuthorisation => Some(Self::plain(Tone::Bad, "needs authorisation")),
            AccountState::Removing => Some(Self::plain(Tone::Quiet, "being removed")),
        }
    }

    /// A user who may not log in, or has not yet.
    pub const fn user(disabled: bool, has_password: bool) -> Self {
        match (disabled, has_password) {
            (true, _) => Self::plain(Tone::Quiet, "disabled"),
            (false, false) => Self::plain(Tone::Outlined, "invited"),
            (false, true) => Self::plain(Tone::Good, "active"),
        }
    }

    /// A host that asked for fewer requests.
    pub fn host_paused(until: Millis, now: Millis) -> Self {
        Self::with(Tone::Busy, "paused", format!("until {} · rate limit", When::new(until, now).clock()))
    }
}

/// The kinds of failures (`repository.error_kind`) in a word or two.
fn failure_word(kind: Option<&str>) -> &'static str {
    match kind {
        Some("authentication") => "log-in refused",
        Some("permission") => "no permission",
        Some("not_found") => "not found",
        Some("server") => "the forge failed",
        Some("network") => "no connection",
        Some("rate_limit") => "rate limit",
        Some("git") => "git",
        Some("data") => "unreadable data",
        _ => "",
    }
}

impl HtmlSafe for Lozenge {}

impl fmt::Display for Lozenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<span class=\"lozenge {}\">{}</span>", self.tone.class(), self.word)?;
        if !self.detail.is_empty() {
            f.write_str(" <span class=\"beside\">")?;
            write_escaped(f, &self.detail)?;
            f.write_str("</span>")?;
        }
        Ok(())
    }
}
