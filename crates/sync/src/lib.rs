#![doc = include_str!("../README.md")]

pub mod connect;
mod credential;
pub mod engine;
pub mod error;
mod failure;
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
mod statistics;

pub use engine::{Engine, Options};
pub use error::SyncError;
pub use forge::{Capabilities, Links, capabilities};
pub use request::Mode;
pub use statistics::statistics;
