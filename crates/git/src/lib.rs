#![doc = include_str!("../README.md")]

mod cache;
mod command;
mod error;
mod fetch;
mod history;
pub mod http_backend;
mod listing;
mod merge;
mod raw_commit;
mod reader;
mod remote;
mod repository;

pub use cache::Cache;
pub use command::{Command, Git, Version};
pub use error::GitError;
pub use fetch::{Fetched, Filter};
pub use listing::{Refs, ServerCapabilities, server_capabilities};
pub use merge::{Merge, MergeMethod, NewCommit};
pub use raw_commit::RawCommit;
pub use remote::{HttpRemote, Remote};
pub use repository::{Ref, RefUpdate};
