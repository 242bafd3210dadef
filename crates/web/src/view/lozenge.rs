//! States: a lozenge with a word, so that colour never tells alone.

use std::fmt;

use askama::filters::HtmlSafe;
use model::{MergeRequestState, Millis, Outcome, ReceiptState};
use store::accounts::{Account, AccountState};
use store::repositories::{AccountRepository, Repository, RepositoryState};
use store::{Hook, HookState, Host, InboxState, Site, SiteState};
use sync::site::Verdict;

use super::forge_links;
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

    /// The state of a repository within an account: while its host is asked nothing, what waits is told as paused.
    pub fn repository(
        row: &AccountRepository,
        next_sync_at: Option<Millis>,
        host_pause: Option<&HostPause>,
        now: Millis,
    ) -> Self {
        let repository = &row.repository;
        if !row.linked {
            return Self::plain(Tone::Outlined, "not linked");
        }
        if repository.paused {
            return Self::with(Tone::Outlined, "paused", "until it is resumed");
        }
        match (repository.state, host_pause) {
            (RepositoryState::Waiting | RepositoryState::Syncing, Some(pause)) => pause.lozenge(),
            (RepositoryState::Waiting, None) => Self::plain(Tone::Quiet, "waiting"),
            (RepositoryState::Syncing, None) if repository.commits_total > 0 => {
                let of = format!("{} of {}", thousands(repository.commits_done), thousands(repository.commits_total));
                Self::with(Tone::Busy, "syncing", of)
            }
            (RepositoryState::Syncing, None) => Self::plain(Tone::Busy, "syncing"),
            (RepositoryState::UpToDate, _) => {
                let last = repository.synced_at.map(|at| When::new(at, now).relative());
                Self::with(Tone::Good, "up to date", joined([last, next("next", next_sync_at, now)]))
            }
            (RepositoryState::Empty, _) => Self::with(Tone::Quiet, "empty", "no commits yet"),
            (RepositoryState::Failed, _) => Self::failed(repository, next_sync_at, now),
        }
    }

    fn failed(repository: &Repository, next_sync_at: Option<Millis>, now: Millis) -> Self {
        let kind = Some(failure_word(repository.error_kind.as_deref()).to_owned()).filter(|word| !word.is_empty());
        let next_try = next("next try", repository.retry_at.or(next_sync_at), now);
        Self::with(Tone::Bad, "failed", joined([kind, next_try]))
    }

    /// How the web hook is that calls for a repository or a group; none where there is none.
    pub fn hook(hook: Option<&Hook>) -> Self {
        match hook.map(|hook| hook.state) {
            Some(HookState::Registered) => Self::plain(Tone::Good, "registered"),
            Some(HookState::Waiting) => Self::plain(Tone::Quiet, "being made"),
            Some(HookState::Manual) => Self::plain(Tone::Busy, "paste it yourself"),
            Some(HookState::Removed) | None => Self::plain(Tone::Outlined, "none"),
        }
    }

    /// What became of an event of a web hook.
    pub const fn event(state: InboxState) -> Self {
        match state {
            InboxState::Waiting => Self::plain(Tone::Busy, "waiting"),
            InboxState::Done => Self::plain(Tone::Good, "done"),
            InboxState::Ignored => Self::plain(Tone::Quiet, "ignored"),
            InboxState::Failed => Self::plain(Tone::Bad, "failed"),
        }
    }

    /// How an attempt to tell a site something ended.
    pub const fn outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Sending => Self::plain(Tone::Busy, "under way"),
            Outcome::Sent => Self::plain(Tone::Good, "told"),
            Outcome::Refused => Self::plain(Tone::Bad, "refused"),
            Outcome::Failed => Self::plain(Tone::Bad, "failed"),
            Outcome::Unknown => Self::plain(Tone::Busy, "no answer"),
            Outcome::Parked => Self::plain(Tone::Outlined, "parked"),
        }
    }

    /// What became of a smart commit.
    pub const fn receipt(state: ReceiptState) -> Self {
        match state {
            ReceiptState::Waiting => Self::plain(Tone::Busy, "waiting"),
            ReceiptState::Sending => Self::plain(Tone::Busy, "under way"),
            ReceiptState::Done => Self::plain(Tone::Good, "done"),
            ReceiptState::Refused => Self::plain(Tone::Bad, "refused"),
        }
    }

    /// How a site is.
    pub fn site(site: &Site, test_failed: bool, now: Millis) -> Self {
        match site.state {
            SiteState::Paused => Self::with(Tone::Outlined, "paused", "until it is resumed"),
            SiteState::Removing => Self::plain(Tone::Quiet, "being removed"),
            SiteState::Active => match site.paused_until.filter(|until| *until > now) {
                Some(until) => Self::with(Tone::Busy, "waiting", format!("until {}", When::new(until, now).clock())),
                None if site.error.is_some() => {
                    Self::with(Tone::Bad, "failed", site_failure_word(site.error_kind.as_deref()))
                }
                None if test_failed => Self::plain(Tone::Bad, "test failed"),
                None if site.tested_at.is_none() => Self::plain(Tone::Quiet, "not tested yet"),
                None => Self::plain(Tone::Good, "connected"),
            },
        }
    }

    /// Something that a site is told.
    pub const fn told(what: &'static str) -> Self {
        Self::plain(Tone::Outlined, what)
    }

    /// How a step of a test ended.
    pub const fn verdict(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Passed => Self::plain(Tone::Good, "passed"),
            Verdict::Warning => Self::plain(Tone::Busy, "warning"),
            Verdict::Failed => Self::plain(Tone::Bad, "failed"),
            Verdict::Skipped => Self::plain(Tone::Quiet, "skipped"),
        }
    }

    /// The word alone.
    pub const fn word(&self) -> &'static str {
        self.word
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
}

/// Until when a host is asked nothing, and why.
#[derive(Debug, Clone)]
pub struct HostPause {
    until: String,
    why: String,
}

impl HostPause {
    /// The pause of a host; none while it may be asked.
    pub fn of(host: &Host, now: Millis) -> Option<Self> {
        let until = host.paused_until.filter(|until| *until > now)?;
        let brand = forge_links::brand(host.kind, &host.url);
        let why = sync::paused_because(host.paused_reason.as_deref(), brand);
        Some(Self { until: When::new(until, now).clock(), why })
    }

    /// "paused until 14:05 UTC · GitLab’s rate limit".
    pub fn lozenge(&self) -> Lozenge {
        Lozenge::with(Tone::Busy, "paused", format!("until {} · {}", self.until, self.why))
    }
}

/// "next in 23 min"; none for what is over or not planned.
fn next(what: &str, at: Option<Millis>, now: Millis) -> Option<String> {
    at.filter(|at| *at > now).map(|at| format!("{what} {}", When::new(at, now).relative()))
}

fn joined(parts: [Option<String>; 2]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
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

/// The kinds of trouble with a site (`site.error_kind`) in a word or two.
fn site_failure_word(kind: Option<&str>) -> &'static str {
    match kind {
        Some("network") => "no connection",
        Some("unauthorised" | "captcha" | "log_in_page") => "log-in refused",
        Some("forbidden") => "no permission",
        Some("rate_limited") => "rate limit",
        Some("unavailable") => "Jira is down",
        Some("not_jira" | "redirected" | "not_found") => "no Jira there",
        Some("unreadable" | "too_large") => "unreadable answer",
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
