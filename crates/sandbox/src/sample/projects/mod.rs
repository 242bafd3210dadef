//! One script a project.

mod checkout;
mod deploy;
mod gateway;
mod handbook;
mod ledger;
mod outside;
mod web;

use super::script::Script;

pub(super) use outside::{DOTFILES, FORK_OF_CHECKOUT, LEGACY};

/// The projects of the group, in the order in which they were made.
pub(super) const ALL: &[&Script] =
    &[&checkout::SCRIPT, &web::SCRIPT, &gateway::SCRIPT, &ledger::SCRIPT, &deploy::SCRIPT, &handbook::SCRIPT];

/// The project that is forked.
pub(super) const FORKED: &Script = &checkout::SCRIPT;

/// The project that was renamed, and its path before.
pub(super) const RENAMED: (&Script, &str) = (&gateway::SCRIPT, "payment-gw");
