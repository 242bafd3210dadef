#![doc = include_str!("../README.md")]

pub mod account_changes;
pub mod account_rights;
pub mod accounts;
pub mod branches;
pub mod commits;
pub mod commits_again;
pub mod commits_lost;
pub mod credentials;
pub mod dances;
pub mod database;
pub mod error;
pub mod hosts;
mod ids;
pub mod issues;
pub mod jobs;
pub mod links;
pub mod merge_request_ranges;
pub mod merge_requests;
mod migrations;
mod postgres;
pub mod open_syncs;
pub mod purge;
pub mod repositories;
pub mod repository_progress;
mod rows;
pub mod seal;
pub mod search;
pub mod sessions;
pub mod settings;
mod sql;
mod sqlite;
pub mod statistics;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tips;
pub mod tokens;
pub mod users;
pub mod viewer;

pub use accounts::{Account, AccountState, AccountSummary, NewAccount};
pub use branches::{BranchesChanged, NewBranch, StoredBranch};
pub use commits::{CommitsInserted, NewCommit, Source, StoredCommit};
pub use commits_lost::LostCommit;
pub use credentials::{Credential, CredentialKind};
pub use dances::{Dance, DanceStage};
pub use database::{Lane, Store, WriteTx};
pub use error::StoreError;
pub use hosts::{Application, Host};
pub use issues::{Cursor, HostCounts, IssueBranch, IssueCommit, IssueMergeRequest, IssueQuery, PageOf, RepositoryRef};
pub use jobs::{FailedJob, Job, JobLane, NewJob};
pub use merge_request_ranges::MergeRequestRange;
pub use merge_requests::{NewMergeRequest, StoredMergeRequest};
pub use open_syncs::OpenSync;
pub use repositories::{AccountRepository, MergeRequestsState, Repository, RepositoryState};
pub use seal::Sealer;
pub use tokens::{ApiToken, Scope};
pub use users::{Invitation, Purpose, Role, User};
pub use viewer::Viewer;

/// What every method of the store answers.
pub type Result<T> = std::result::Result<T, StoreError>;
