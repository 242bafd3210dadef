#![doc = include_str!("../README.md")]

pub mod address;
pub mod api;
mod assets;
pub mod bearer;
mod cookies;
pub mod dev_status;
pub mod error;
pub mod events;
mod frame;
mod issue_key;
pub mod options;
mod pages;
pub mod password;
pub mod problem;
mod router;
pub mod sentences;
mod serve;
pub mod session;
mod setup;
pub mod state;
mod throttle;
mod view;
mod visit;

pub use bearer::ApiToken;
pub use error::PageError;
pub use options::{Options, TrustedProxy};
pub use problem::Problem;
pub use router::router;
pub use serve::serve;
pub use session::{Administrator, CurrentUser};
pub use setup::setup_link;
pub use state::AppState;
