#![doc = include_str!("../README.md")]

mod advertisement;
mod cache;
mod cache_space;
mod command;
mod decode;
mod environment;
mod error;
mod fetch;
mod file_stream;
mod files;
mod history;
pub mod http_backend;
mod listing;
mod local;
mod ls_refs;
mod merge;
mod object_stream;
mod pkt_line;
mod process;
mod raw_commit;
mod reader;
mod remote;
mod repository;
mod server_memory;
mod smart_http;
mod verdict;

pub use cache::Cache;
pub use cache_space::{Room, make_room};
pub use command::{Command, Git, Version};
pub use error::GitError;
pub use fetch::{Fetched, Filter};
pub use listing::{Refs, ServerCapabilities, server_capabilities};
pub use merge::{Merge, MergeMethod, NewCommit};
pub use raw_commit::RawCommit;
pub use remote::{HttpRemote, Remote};
pub use repository::{Ref, RefUpdate};
