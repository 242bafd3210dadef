//! What lies outside the group: a personal project, a fork, an archived project.

use crate::gitlab::model::Visibility;
use crate::sample::people::{ADA, BEN, Person};
use crate::sample::script::{Commit, Proposal, Script, ago, on, propose};

/// A project in a personal namespace; every signed-in user sees it, so that the namespace can be connected too.
pub(in crate::sample) const DOTFILES: Script = Script {
    group: ADA.login,
    path: "dotfiles",
    name: "dotfiles",
    description: "",
    visibility: Visibility::Internal,
    commits: &[
        on("main", ADA, ago(50, 2), "Shell and editor", &["profile.sh", "editor.toml"]),
        on("main", ADA, ago(18, 9), "Shortcut for ABC-1", &["profile.sh"]),
    ],
    proposals: &[],
};

/// A project that nobody works on any more.
pub(in crate::sample) const LEGACY: Script = Script {
    group: "attic",
    path: "legacy-shop",
    name: "Legacy Shop",
    description: "The shop before the platform.",
    visibility: Visibility::Private,
    commits: &[
        on("master", BEN, ago(900, 2), "Import from Subversion", &["shop.py"]),
        on("master", BEN, ago(400, 5), "SHOP-101 Last attempt at guest orders", &["shop.py"]),
    ],
    proposals: &[],
};

/// What was done in the fork, and proposed to the project that it was forked from.
pub(in crate::sample) const FORK_OF_CHECKOUT: (Person, &[Commit], Proposal) = (
    BEN,
    &[on("SHOP-155-rounding", BEN, ago(2, 2), "SHOP-155 Round each line as the invoice does", &["src/rounding.rs"])
        .from("main")],
    propose(BEN, ago(2, 1), "SHOP-155-rounding", "SHOP-155: Round totals like the invoice").asking(&[ADA]),
);
