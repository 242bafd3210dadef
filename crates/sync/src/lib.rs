#![doc = include_str!("../README.md")]

mod circuit;
pub mod connect;
mod credential;
pub mod deliver;
pub mod engine;
pub mod error;
pub mod explain;
pub mod facade;
mod failure;
pub mod hook;
pub mod progress;
mod refresh;
mod removal;
mod repository;
pub mod request;
mod review;
mod schedule;
mod sentences;
mod session;
mod settle;
pub mod site;
mod smart_commits;
mod spread;
mod statistics;
mod stops;
mod whereabouts;

pub use credential::{CredentialState, credential_state};
pub use engine::{Engine, Options};
pub use error::SyncError;
pub use forge::{Capabilities, Links, capabilities};
pub use request::Mode;
pub use schedule::next_refresh_at;
pub use sentences::changes::sentence as sentence_of_changes;
pub use sentences::paused_because;
pub use sentences::smart_commits::sentence as sentence_of_receipt;
pub use statistics::statistics;
