//! Sites: Jiras that are told about branches, commits and merge requests.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::mention::{UnknownWord, words};

/// Which Jira a site is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteKind {
    /// Server or Data Center, which speak alike.
    DataCenter,
    /// Cloud.
    Cloud,
}

words!(SiteKind { DataCenter = "data_center", Cloud = "cloud" });

impl SiteKind {
    /// The channels by which such a site can be told about such things.
    #[must_use]
    pub const fn channels(self, told: Told) -> &'static [Channel] {
        match (self, told) {
            (Self::DataCenter, Told::Commit | Told::Repository) => &[],
            (Self::DataCenter, Told::Branch | Told::MergeRequest) => &[Channel::RemoteLink],
            (Self::Cloud, Told::Commit | Told::Repository) => &[Channel::DevInfo],
            (Self::Cloud, Told::Branch | Told::MergeRequest) => &[Channel::RemoteLink, Channel::DevInfo],
        }
    }
}

/// What a site is told, as its administrator chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the page")]
pub struct SiteSettings {
    /// Whether Dovetail runs smart commits there. Cloud runs them itself.
    pub smart_commits: bool,
    /// Whether issues get a remote link for each branch.
    pub links_of_branches: bool,
    /// Whether issues get a remote link for each merge request.
    pub links_of_merge_requests: bool,
    /// Whether development information is sent; Cloud alone takes it.
    pub dev_info: bool,
    /// Whether receipts are told as comments of the commits at the forge.
    pub commit_comments: bool,
    /// Whether every account serves it; otherwise those that were chosen.
    pub all_accounts: bool,
}

impl SiteSettings {
    /// What a new site of a kind is told.
    #[must_use]
    pub const fn of(kind: SiteKind) -> Self {
        let is_cloud = matches!(kind, SiteKind::Cloud);
        Self {
            smart_commits: !is_cloud,
            links_of_branches: false,
            links_of_merge_requests: !is_cloud,
            dev_info: is_cloud,
            commit_comments: false,
            all_accounts: true,
        }
    }

    /// Whether such things are told by a channel.
    #[must_use]
    pub const fn tells(&self, channel: Channel, told: Told) -> bool {
        match (channel, told) {
            (Channel::DevInfo, _) => self.dev_info,
            (Channel::RemoteLink, Told::Branch) => self.links_of_branches,
            (Channel::RemoteLink, Told::MergeRequest) => self.links_of_merge_requests,
            (Channel::RemoteLink, Told::Commit | Told::Repository) => false,
            (Channel::SmartCommit, _) => self.smart_commits,
            (Channel::CommitComment, _) => self.commit_comments,
        }
    }
}

impl Default for SiteSettings {
    /// Nothing is told; to all that asks for it later, every account.
    fn default() -> Self {
        Self { smart_commits: false, links_of_merge_requests: false, ..Self::of(SiteKind::DataCenter) }
    }
}

/// A way of telling a site something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Commands of commit messages.
    SmartCommit,
    /// Remote links of issues.
    RemoteLink,
    /// Cloud's development information.
    DevInfo,
    /// Receipts of commands, as comments on the commits at the forge.
    CommitComment,
}

words!(Channel {
    SmartCommit = "smart_commit",
    RemoteLink = "remote_link",
    DevInfo = "dev_info",
    CommitComment = "commit_comment",
});

/// What a site is told about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// A repository itself.
    Repository,
    /// A commit.
    Commit,
    /// A branch.
    Branch,
    /// A merge request.
    MergeRequest,
}

words!(Told { Repository = "repository", Commit = "commit", Branch = "branch", MergeRequest = "merge_request" });

/// What became of one smart-commit command so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptState {
    /// It will be run.
    Waiting,
    /// It was sent, or is about to be; nothing is known yet.
    Sending,
    /// It was done.
    Done,
    /// It was not done and will not be, for the receipt's reason.
    Refused,
}

words!(ReceiptState { Waiting = "waiting", Sending = "sending", Done = "done", Refused = "refused" });

/// Why a command was not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptReason {
    /// The commit came with the first import.
    NotLive,
    /// Smart commits are switched off for the repository.
    SwitchedOff,
    /// The commit is older than `[sync] smart_commit_max_age`.
    TooOld,
    /// It stands in a quotation: of a reverted commit, or of a mail.
    Quoted,
    /// More commands in one message than are run.
    TooMany,
    /// The commit names no e-mail of its author.
    NoEmail,
    /// No user of Jira has the author's e-mail.
    NoUser,
    /// Several users of Jira have it.
    SeveralUsers,
    /// The user is not active.
    UserInactive,
    /// Jira does not show e-mails to the service user.
    EmailsHidden,
    /// The author may not do that to this issue.
    NoPermission,
    /// The service user may not ask whether the author may.
    CannotAsk,
    /// There is no such issue, or the service user may not see it.
    NoIssue,
    /// The time of `#time` cannot be read.
    NoTime,
    /// Jira's time tracking is off.
    TimeTrackingOff,
    /// `#comment` without text.
    EmptyComment,
    /// The issue has no transitions.
    NoTransition,
    /// No transition is called so.
    NoMatch,
    /// Several transitions are.
    Ambiguous,
    /// Jira refused it.
    JiraRefused,
    /// It failed for too long.
    GaveUp,
    /// The site was removed.
    SiteRemoved,
    /// The repository was removed.
    RepositoryRemoved,
}

words!(ReceiptReason {
    NotLive = "not_live",
    SwitchedOff = "switched_off",
    TooOld = "too_old",
    Quoted = "quoted",
    TooMany = "too_many",
    NoEmail = "no_email",
    NoUser = "no_user",
    SeveralUsers = "several_users",
    UserInactive = "user_inactive",
    EmailsHidden = "emails_hidden",
    NoPermission = "no_permission",
    CannotAsk = "cannot_ask",
    NoIssue = "no_issue",
    NoTime = "no_time",
    TimeTrackingOff = "time_tracking_off",
    EmptyComment = "empty_comment",
    NoTransition = "no_transition",
    NoMatch = "no_match",
    Ambiguous = "ambiguous",
    JiraRefused = "jira_refused",
    GaveUp = "gave_up",
    SiteRemoved = "site_removed",
    RepositoryRemoved = "repository_removed",
});

/// How one attempt to tell a site something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Under way.
    Sending,
    /// The site took it.
    Sent,
    /// The site refused it for good.
    Refused,
    /// It failed and is tried again.
    Failed,
    /// It was sent, and no answer came.
    Unknown,
    /// The site does not know the issue yet.
    Parked,
}

words!(Outcome {
    Sending = "sending",
    Sent = "sent",
    Refused = "refused",
    Failed = "failed",
    Unknown = "unknown",
    Parked = "parked",
});

/// Where telling a site about an entity stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    /// Something is to be told.
    Waiting,
    /// The site knows everything.
    Sent,
    /// The site refused it; it is told again when it changes.
    Refused,
    /// The site does not know the issue yet.
    Parked,
}

words!(OutboxState { Waiting = "waiting", Sent = "sent", Refused = "refused", Parked = "parked" });

/// Which of what is to be told goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxLane {
    /// Something changed.
    Live,
    /// Everything is told for the first time, or anew.
    Backfill,
}

words!(OutboxLane { Live = "live", Backfill = "backfill" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stable_names_are_the_same_in_text_and_in_json() {
        for reason in [ReceiptReason::NotLive, ReceiptReason::SeveralUsers, ReceiptReason::TimeTrackingOff] {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.to_string());
        }
        for kind in [SiteKind::DataCenter, SiteKind::Cloud] {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.to_string());
        }
    }

    #[test]
    fn cloud_runs_smart_commits_itself_and_takes_development_information() {
        let cloud = SiteSettings::of(SiteKind::Cloud);
        assert!(cloud.dev_info && !cloud.smart_commits);
        let data_center = SiteSettings::of(SiteKind::DataCenter);
        assert!(data_center.smart_commits && data_center.links_of_merge_requests && !data_center.dev_info);
    }

    #[test]
    fn settings_that_an_older_version_did_not_know_are_off() {
        let settings: SiteSettings = serde_json::from_str(r#"{"smart_commits":true}"#).unwrap();
        assert!(settings.smart_commits && settings.all_accounts && !settings.links_of_merge_requests);
    }
}
