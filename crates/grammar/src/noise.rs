//! What looks like an issue key and usually is none.

use std::collections::BTreeSet;

/// The number of the rules in this crate. Raise it with every change of what [`crate::mentions`] finds, so that stored
/// mentions are extracted again.
const RULE: i64 = 1;

/// Project parts that make no key unless a site knows such a project (design §5, difference 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noise(BTreeSet<String>);

impl Noise {
    /// The list that holds where none is configured.
    pub const DEFAULT: [&str; 6] = ["UTF", "SHA", "ISO", "RFC", "CVE", "CWE"];

    /// A list of one's own, in place of the default. Case, order, blanks around and empty entries do not matter; an
    /// empty list lets everything count.
    #[must_use]
    pub fn new(projects: impl IntoIterator<Item: AsRef<str>>) -> Self {
        let projects = projects.into_iter().map(|project| project.as_ref().trim().to_uppercase());
        Self(projects.filter(|project| !project.is_empty()).collect())
    }

    /// Whether a project part, in upper case, is on the list: whole, so `SHA` does not stop `SHA3-256`.
    #[must_use]
    pub fn contains(&self, project: &str) -> bool {
        self.0.contains(project)
    }
}

impl Default for Noise {
    fn default() -> Self {
        Self::new(Self::DEFAULT)
    }
}

/// The version of what a text says: it differs when the rules or the noise list differ, is the same on every machine,
/// and is never negative. Stored with each mention; only another version makes it necessary to extract again.
#[must_use]
pub fn rule_version(noise: &Noise) -> i64 {
    const HASH_BITS: i64 = 0x0000_ffff_ffff_ffff;
    (RULE << 48) | (i64::from_ne_bytes(fnv1a(&noise.0).to_ne_bytes()) & HASH_BITS)
}

/// FNV-1a with 64 bits: the hash of the standard library may change with the compiler, and this one is stored.
fn fnv1a(entries: &BTreeSet<String>) -> u64 {
    let bytes = entries.iter().flat_map(|entry| entry.bytes().chain([b'\n']));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_follows_the_list_and_not_its_spelling() {
        let default = rule_version(&Noise::default());
        assert_eq!(default, rule_version(&Noise::new([" cve", "CWE", "ISO", "RFC", "sha ", "UTF", "", "UTF"])));
        assert_ne!(default, rule_version(&Noise::new(["UTF"])));
        assert_ne!(rule_version(&Noise::new(["AB", "C"])), rule_version(&Noise::new(["A", "BC"])));
        assert_ne!(rule_version(&Noise::new(["A"])), rule_version(&Noise::new([""; 0])));
        assert!(default > 0);
    }

    #[test]
    fn the_version_of_the_default_is_the_one_that_is_stored() {
        // Another number here makes every installation extract everything again: only together with RULE.
        insta::assert_snapshot!(rule_version(&Noise::default()), @"528890622542127");
    }
}
