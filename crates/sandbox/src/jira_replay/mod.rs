//! A replay of the connector that is built into Jira, as far as a host that Jira takes for a GitHub Enterprise sees and feels it:
//! which calls, in which order, with which headers, what it understands of the answers, and what it says when it does not.
//!
//! [`Jira`] speaks to one host. [`Jira::connect`] dances for a [`Token`], [`Jira::add_account`] lists, synchronises and registers
//! hooks, and the [`Account`] does what Jira does later: refresh its list, soft and full syncs, look people up. [`Inbox`] receives
//! what the host calls by hook. A [`Report`] says what Jira ended up with, and what went wrong in Jira's own words.
//!
//! It stores nothing and shares no code with Dovetail, so that agreement between the two means something. What the public record
//! leaves open is decided for the stricter reading: a host that satisfies the replay satisfies the connector.
//!
//! Three clients, as in the connector: egit's for what is read, Jersey for hooks, bare Java for the token.

mod account;
mod address;
mod browser;
mod calls;
mod egit;
mod hooks;
mod inbox;
mod jira;
mod keys;
mod listing;
mod memory;
mod oauth;
mod options;
mod report;
mod sentences;
mod sync;
mod users;
mod wire;

pub use self::account::Account;
pub use self::browser::{Browser, Lost};
pub use self::calls::Figures;
pub use self::inbox::{Content, Inbox, Received};
pub use self::jira::{Jira, Token};
pub use self::memory::{ChangedFile, Changeset, FileAction, Participant, PullRequest, PullRequestCommit, Role, Status};
pub use self::options::JiraOptions;
pub use self::report::{Report, RepositoryReport, Run};
pub use self::sentences::Words;
pub use self::users::JiraUser;
