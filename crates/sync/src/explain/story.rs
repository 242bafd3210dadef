//! What explain tells: facts, each a sentence with its remedy, drawn by pages, REST and the command line alike.

use std::fmt;

use model::Millis;

/// The longest piece of a text from outside that a sentence quotes, in characters.
const LONGEST_QUOTE: usize = 120;
/// The longest told error of a sync, in characters.
const LONGEST_TOLD: usize = 1_000;

/// What is known of something, and why it is or is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// What was asked, without what could be a secret (user, password and query of an address). Never markup; pages escape it.
    pub asked: String,
    /// What that is.
    pub subject: Subject,
    /// The story in one sentence.
    pub title: Sentence,
    /// The facts in the order in which they are told.
    pub facts: Vec<Fact>,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// The stable word, as in REST.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

words! {
    /// What was asked about.
    Subject {
        /// An issue key.
        Issue = "issue",
        /// A commit.
        Commit = "commit",
        /// A branch.
        Branch = "branch",
        /// A merge request.
        MergeRequest = "merge_request",
        /// A repository.
        Repository = "repository",
        /// Nothing that is understood.
        Unknown = "unknown",
    }
}

words! {
    /// Whether a fact speaks for being shown.
    Mark {
        /// It does.
        Good = "good",
        /// It hinders.
        Bad = "bad",
        /// Neither.
        Note = "note",
    }
}

words! {
    /// What kind of fact: the cause in one stable word.
    FactKind {
        /// What was asked is nothing that can be looked up.
        NotUnderstood = "not_understood",
        /// It nearly is an issue key.
        BadKey = "bad_key",
        /// Too few digits for a commit.
        ShortId = "short_id",
        /// Several commits begin like this.
        AmbiguousId = "ambiguous_id",
        /// No connected host has this address.
        HostUnknown = "host_unknown",
        /// The host has no known repository at this path.
        PathUnknown = "path_unknown",
        /// The repository is at another path now.
        RepositoryMoved = "repository_moved",

        /// No such commit is known.
        CommitUnknown = "commit_unknown",
        /// The commit is known in another repository than the one asked for.
        CommitElsewhere = "commit_elsewhere",
        /// The commit is known and in a repository that is shown.
        CommitKnown = "commit_known",
        /// The commit is known in a repository that is not shown.
        CommitNotShown = "commit_not_shown",
        /// A branch points at the commit.
        CommitIsHead = "commit_is_head",
        /// A merge request has the commit.
        CommitInMergeRequest = "commit_in_merge_request",
        /// No branch and no merge request leads to the commit any more.
        CommitLost = "commit_lost",

        /// No such branch is known.
        BranchUnknown = "branch_unknown",
        /// The branch is there.
        BranchKnown = "branch_known",
        /// The branch was deleted.
        BranchGone = "branch_gone",
        /// Other branches name the same issue.
        BranchOthers = "branch_others",

        /// No such merge request is known.
        MergeRequestUnknown = "merge_request_unknown",
        /// The forge does not let merge requests be read.
        MergeRequestsUnavailable = "merge_requests_unavailable",
        /// The merge request is open.
        MergeRequestOpen = "merge_request_open",
        /// The merge request was merged.
        MergeRequestMerged = "merge_request_merged",
        /// The merge request was closed.
        MergeRequestClosed = "merge_request_closed",
        /// The merge request was deleted.
        MergeRequestGone = "merge_request_gone",

        /// A text names issues, and what is asked about is shown with them.
        Names = "names",
        /// Its texts name no issue.
        NamesNothing = "names_nothing",
        /// A text nearly names an issue.
        NearMiss = "near_miss",
        /// A key that is named is shown nowhere.
        NamesUnshown = "names_unshown",

        /// The issue is shown with this many.
        IssueShown = "issue_shown",
        /// Nothing is linked to the issue.
        IssueEmpty = "issue_empty",
        /// Something that the issue is shown with, and which of its texts names it.
        IssueNamedBy = "issue_named_by",
        /// Something mentions the key in a form that does not count.
        IssueOtherForm = "issue_other_form",
        /// Something named the issue that is gone.
        IssueNamedByGone = "issue_named_by_gone",
        /// Something in a repository that is not shown names the issue.
        IssueNotShown = "issue_not_shown",
        /// The same number is written with other leading zeros.
        IssueLeadingZeros = "issue_leading_zeros",
        /// Other issues of the project.
        IssueOthers = "issue_others",
        /// No issue of the project is known.
        IssueProjectUnknown = "issue_project_unknown",
        /// The key was asked for in lower case, or with an underscore.
        IssueForm = "issue_form",
        /// The project part of the key is on the noise list.
        IssueNoise = "issue_noise",
        /// The issue has another key now.
        IssueMoved = "issue_moved",
        /// A site says that there is no such issue.
        IssueUnknownAtSite = "issue_unknown_at_site",

        /// A site was told.
        SiteTold = "site_told",
        /// A site is about to be told.
        SiteWaiting = "site_waiting",
        /// Telling a site failed, and is tried again.
        SiteFailed = "site_failed",
        /// A site refused it.
        SiteRefused = "site_refused",
        /// A site does not know the issue, and is asked again.
        SiteParked = "site_parked",
        /// Somebody paused the site.
        SitePaused = "site_paused",
        /// The site lets nobody in, or does not answer.
        SiteTrouble = "site_trouble",
        /// No account that serves the site links it.
        SiteNotServed = "site_not_served",
        /// The site is not told such things.
        SiteSwitchedOff = "site_switched_off",
        /// A command of the message was done.
        CommandDone = "command_done",
        /// A command of the message waits.
        CommandWaiting = "command_waiting",
        /// A command of the message was refused.
        CommandRefused = "command_refused",

        /// No account is connected.
        NoAccounts = "no_accounts",
        /// No repository is linked.
        NothingLinked = "nothing_linked",
        /// Which repositories are linked.
        LinkedRepositories = "linked_repositories",
        /// A repository that is up to date.
        RepositoryCurrent = "repository_current",
        /// A repository without commits.
        RepositoryEmpty = "repository_empty",
        /// A repository that is known but not linked.
        RepositoryNotLinked = "repository_not_linked",
        /// A fork that is not linked.
        ForkNotLinked = "fork_not_linked",
        /// A repository that no account's list names any more.
        RepositoryHidden = "repository_hidden",
        /// A repository that is archived.
        RepositoryArchived = "repository_archived",
        /// A repository that somebody paused.
        RepositoryPaused = "repository_paused",
        /// A repository that waits for its first import, or for a sync.
        RepositoryWaiting = "repository_waiting",
        /// A repository that is being synced.
        RepositorySyncing = "repository_syncing",
        /// A repository whose last sync failed.
        RepositoryFailed = "repository_failed",
        /// An account that somebody paused.
        AccountPaused = "account_paused",
        /// An account that must be authorised again.
        NeedsAuthorisation = "needs_authorisation",
        /// An account whose list of repositories cannot be read.
        AccountFailed = "account_failed",
        /// A host that asked for a pause.
        RateLimited = "rate_limited",
        /// A host that does not answer.
        HostDown = "host_down",
        /// Whether it was pushed is for the asker to see.
        Push = "push",
    }
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What kind of fact.
    pub kind: FactKind,
    /// Whether it speaks for being shown.
    pub mark: Mark,
    /// The fact.
    pub sentence: Sentence,
    /// What to do, where something is to be done.
    pub remedy: Option<Sentence>,
}

impl Fact {
    /// A fact that speaks for being shown.
    pub(crate) const fn good(kind: FactKind, sentence: Sentence) -> Self {
        Self { kind, mark: Mark::Good, sentence, remedy: None }
    }

    /// A fact that hinders.
    pub(crate) const fn bad(kind: FactKind, sentence: Sentence) -> Self {
        Self { kind, mark: Mark::Bad, sentence, remedy: None }
    }

    /// A fact to know.
    pub(crate) const fn note(kind: FactKind, sentence: Sentence) -> Self {
        Self { kind, mark: Mark::Note, sentence, remedy: None }
    }

    /// The fact with what to do.
    pub(crate) fn so(self, remedy: Sentence) -> Self {
        Self { remedy: Some(remedy), ..self }
    }
}

/// A sentence in pieces, so that whoever draws it can link what it names and tell times from the present. [`fmt::Display`] is plain
/// text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence(pub Vec<Piece>);

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words of ours. They may hold told errors, so pages escape them, too.
    Text(String),
    /// Words from outside, bounded and without control characters.
    Quoted(String),
    /// A time.
    Time(Millis),
    /// An issue, by its key.
    Issue(String),
    /// A page of the forge, as the forge tells its address; none where there is none.
    Page {
        /// What it is called.
        words: String,
        /// Its address. May be anything: only http and https may become links.
        url: Option<String>,
    },
    /// An account of ours.
    Account {
        /// Its id.
        id: i64,
        /// Its path.
        path: String,
    },
    /// Something else that may be asked about.
    Question(String),
}

impl From<&str> for Piece {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Piece {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Piece {
    /// Words from outside.
    pub(crate) fn quoted(text: &str) -> Self {
        Self::Quoted(bounded(text, LONGEST_QUOTE))
    }

    /// What a sync told, which may quote the forge.
    pub(crate) fn told(text: &str) -> Self {
        Self::Text(bounded(text, LONGEST_TOLD))
    }

    /// A page of the forge.
    pub(crate) fn page(words: &str, url: Option<String>) -> Self {
        Self::Page { words: bounded(words, LONGEST_QUOTE), url }
    }
}

/// The first line of `text` at most so long, without what steers terminals or turns the direction of writing.
fn bounded(text: &str, longest: usize) -> String {
    let steers = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut short: String = text.chars().take(longest).map(|c| if steers(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(longest).is_some() {
        short.push('…');
    }
    short
}

impl Sentence {
    /// A sentence of these pieces.
    pub(crate) const fn of(pieces: Vec<Piece>) -> Self {
        Self(pieces)
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| piece.fmt(f))
    }
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Quoted(text) => write!(f, "“{text}”"),
            Self::Time(at) => match jiff::Timestamp::from_millisecond(*at) {
                Ok(at) => write!(f, "{}", at.strftime("%-d %b %Y, %H:%M UTC")),
                Err(_) => f.write_str("an unknown time"),
            },
            Self::Issue(text) | Self::Question(text) => f.write_str(text),
            Self::Page { words, .. } => f.write_str(words),
            Self::Account { path, .. } => f.write_str(path),
        }
    }
}

/// A sentence of pieces, one behind the other.
macro_rules! say {
    ($($piece:expr),+ $(,)?) => {
        $crate::explain::story::Sentence::of(vec![$($crate::explain::story::Piece::from($piece)),+])
    };
}
pub(crate) use say;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_is_bounded_and_steers_nothing() {
        let hostile = format!("a\u{1b}[2J\u{202e}b{}", "é".repeat(500));

        let Piece::Quoted(text) = Piece::quoted(&hostile) else { panic!("a quotation") };

        assert_eq!(text.chars().count(), LONGEST_QUOTE + 1);
        assert!(text.starts_with("a\u{fffd}[2J\u{fffd}bé") && text.ends_with("é…"));
    }

    #[test]
    fn a_sentence_is_plain_text_with_exact_times() {
        let pieces = vec![
            "It is in ".into(),
            Piece::page("a/b", Some("https://x".to_owned())),
            " since ".into(),
            Piece::Time(1_795_345_440_000),
            ": ".into(),
            Piece::quoted("x"),
        ];

        assert_eq!(Sentence::of(pieces).to_string(), "It is in a/b since 22 Nov 2026, 11:04 UTC: “x”");
        assert_eq!(Sentence::of(vec![Piece::Time(Millis::MAX)]).to_string(), "an unknown time");
    }
}
