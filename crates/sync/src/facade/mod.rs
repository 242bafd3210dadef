//! The facade's side of the engine: what a Jira asks for as if Dovetail were GitHub Enterprise.
//!
//! ```text
//! authorise ─▶ forge's consent ─▶ returned: grant, its credential, a code ─▶ exchange: a token of our own
//! visitor(token) ─▶ account: made on first request, its list and the grant's memberships read ─▶ answers from the store
//! fetch_now: a commit or branches that the import has not come to      hook_add ─▶ after each sync ─▶ CallHook
//! statistics_of, notes: asked of the forge once               read_files ─▶ after each sync ─▶ ReadFiles: what commits touched
//! ```
//!
//! A token opens what the user of its grant is a member of. That list is read again with each list of an account on its host,
//! and what is no longer on it is withdrawn at once ([`memberships`]).

mod account;
mod call;
mod dance;
mod detail;
mod error;
mod fetch;
mod files;
mod hooks;
mod lists;
mod memberships;
mod token;
mod waiting;

pub use account::account;
pub(crate) use call::{CallHook, News, announce};
pub use dance::{authorise, is_dance, returned};
pub use detail::{notes, statistics_of};
pub use error::FacadeError;
pub(crate) use fetch::FetchNow;
pub use fetch::{Wanted, fetch_now};
pub(crate) use files::{ReadFiles, read_files};
pub use hooks::{LONGEST_HOOK_URL, MOST_HOOKS, hook_add, hook_remove};
pub(crate) use memberships::{RefreshMemberships, refresh_on_host, tend};
pub use token::{exchange, visitor};

/// Who asks: a token and whose eyes it sees with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// The token's inner id.
    pub token_id: i64,
    /// Its grant. One that is not active opens nothing.
    pub grant: store::facade::Grant,
}
