//! What the facade for Jira's own connector keeps and serves: who authorised it, its codes and tokens, what each may see, and
//! the hooks that Jira registered.
//!
//! A *grant* is one user of a forge who let a Jira in, by one application. It has a credential (its owner's id is the grant's)
//! and a list of the repositories that its user is a member of. Everything that is served goes through that list: a look-up by
//! grant answers repositories that are linked, visible, and on it.

mod applications;
mod branches;
mod codes;
mod commits;
mod grants;
mod hooks;
mod memberships;
mod people;
mod pulls;
mod repositories;
mod served;
mod tokens;

pub use applications::PlacedApplication;
pub use codes::CodeExchange;
pub use commits::FacadeCommit;
pub use grants::{Grant, GrantState};
pub use hooks::{FacadeHook, NewFacadeHook};
pub use people::FacadePerson;
pub use pulls::{FacadePull, PullFilter, PullSort, PullState, PullsOf};
pub use tokens::FacadeToken;

/// One page of a list that is paged by offset, as GitHub's are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: i64,
}

impl<T> Page<T> {
    /// Nothing at all.
    #[must_use]
    pub const fn empty() -> Self {
        Self { items: Vec::new(), total: 0 }
    }
}

/// Whether the user of the grant whose id is parameter `$grant` sees the repository `r`: on the list of the grant, which is
/// not refused, and shown by an account. Without the last a removed account would go on being served.
macro_rules! grant_sees {
    ($grant:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM facade_membership fm JOIN facade_grant fg ON fg.id = fm.grant_id WHERE fm.grant_id = ",
            $grant,
            " AND fg.state = 'active' AND fg.host_id = r.host_id AND fm.repository_forge_id = r.forge_id) \
             AND EXISTS (SELECT 1 FROM account_repository ar JOIN account a ON a.id = ar.account_id \
             WHERE ar.repository_id = r.id AND ar.linked AND ar.visible AND a.state <> 'removing')"
        )
    };
}
use grant_sees;

/// Ids of forges are numbers as a rule: in the order of the numbers then, by bytes otherwise.
macro_rules! by_forge_id {
    ($column:literal) => {
        concat!("LENGTH(", $column, "), ", $column)
    };
}
use by_forge_id;
