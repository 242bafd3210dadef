#![doc = include_str!("../README.md")]

pub mod branch;
pub mod clock;
pub mod commit;
pub mod folder_path;
pub mod hook;
pub mod host;
pub mod host_url;
pub mod mention;
pub mod merge_request;
pub mod note;
pub mod object_id;
pub mod repository;
pub mod secret;
pub mod site;
pub mod sync_changes;
pub mod text;
pub mod user;

pub use branch::Branch;
pub use clock::{Clock, ManualClock, Millis, SystemClock};
pub use commit::{Commit, CommitFile, CommitFiles, FileChange, FileStatus, Person, Statistics};
pub use hook::{HookEvent, HookNews, HookScope};
pub use host::HostKind;
pub use host_url::{HostUrl, HostUrlError};
pub use mention::{EntityKind, KeyForm, Mention};
pub use merge_request::{MergeRequest, MergeRequestState, Reviewer};
pub use note::Note;
pub use object_id::ObjectId;
pub use repository::{AccountKind, ForgeAccount, ForgeRepository};
pub use site::{Channel, OutboxLane, OutboxState, Outcome, ReceiptReason, ReceiptState, SiteKind, SiteSettings, Told};
pub use sync_changes::SyncChanges;
pub use user::ForgeUser;
