//! Sites: the Jiras that are told what the forges have.

pub mod clients;
mod error;
mod form;
mod keys;
mod projects;
mod relink;
mod removal;
mod test;
mod verbs;

pub use error::{Field, SiteError};
pub use form::Form;
pub use keys::ask_key;
pub use net::check::{Report, Stage, Verdict};
pub use projects::refresh_projects;
pub use test::{test, test_form};
pub use verbs::{Added, add, pause, remove, resume, update};

pub(crate) use keys::{AskKey, AskKeys};
pub(crate) use projects::{RefreshSite, tend};
pub(crate) use relink::{RelinkJob, relink_all};
pub(crate) use removal::RemoveSite;
