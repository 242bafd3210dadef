//! The groups: the one that is connected, two levels of subgroups, and some that lie outside.

use crate::gitlab::model::AccessLevel;

use super::people::{BEN, CHEN, DALIA, EMILE, INTEGRATION, MIKA, Person};

/// The group that a connector is pointed at.
pub(super) const GROUP: &str = "platform";

/// A group or subgroup.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The full path.
    pub(super) path: &'static str,
    pub(super) name: &'static str,
}

/// All groups, each after the one above it.
pub(super) const GROUPS: &[Place] = &[
    Place { path: GROUP, name: "Platform" },
    Place { path: "platform/shop", name: "Shop" },
    Place { path: "platform/shop/storefront", name: "Schaufenster · 店面" },
    Place { path: "platform/payments", name: "Zahlungen & Überweisungen" },
    Place { path: "platform/ops", name: "Operations" },
    Place { path: "attic", name: "Attic" },
    Place { path: "playground", name: "Playground" },
];

/// Who has which role where; the owner owns all groups.
pub(super) const MEMBERS: &[(&str, Person, AccessLevel)] = &[
    (GROUP, INTEGRATION, AccessLevel::Owner),
    (GROUP, BEN, AccessLevel::Maintainer),
    (GROUP, CHEN, AccessLevel::Developer),
    (GROUP, DALIA, AccessLevel::Developer),
    ("platform/shop", EMILE, AccessLevel::Developer),
    ("platform/shop/storefront", MIKA, AccessLevel::Developer),
    ("platform/payments", MIKA, AccessLevel::Maintainer),
    ("platform/ops", MIKA, AccessLevel::Reporter),
    ("attic", BEN, AccessLevel::Developer),
];

/// The group above, and the last segment of a path.
pub(super) fn split(path: &str) -> (Option<&str>, &str) {
    path.rsplit_once('/').map_or((None, path), |(above, last)| (Some(above), last))
}
