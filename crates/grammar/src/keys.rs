//! Which issues a text names (design §5).
//!
//! A key is a project part, a hyphen-minus and ASCII digits, at most 255 characters, that touches neither a decimal
//! digit nor a letter of a script with case. How the project part is written decides the [`KeyForm`]: strict keys
//! count everywhere, the others only where a site knows the project.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use model::{KeyForm, Mention};

use crate::candidate::{Candidate, candidates};
use crate::noise::Noise;
use crate::written_key::{WrittenKey, read};

/// A key and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where, in bytes of the text.
    pub range: Range<usize>,
    /// The key in upper case, digits as written.
    pub key: String,
    /// How it is written.
    pub form: KeyForm,
}

/// Every key of a text, in order of their numbers. Where one number ends several (`my_ABC-1` names `ABC-1` and, should
/// a site know such a project, `MY_ABC-1`), the shortest comes first; the ranges of these overlap.
#[must_use]
pub fn find(text: &str, noise: &Noise) -> Vec<Found> {
    candidates(text).filter(Candidate::ends_well).flat_map(|candidate| found_at(&candidate, noise)).collect()
}

/// The keys that end with this candidate's number.
pub(crate) fn found_at(candidate: &Candidate<'_>, noise: &Noise) -> Vec<Found> {
    let free = candidate.starts.iter().filter(|start| start.free);
    free.filter_map(|start| {
        let WrittenKey { key, form, .. } = read(candidate.project(*start), candidate.number(), noise).ok()?;
        Some(Found { range: start.at..candidate.end, key, form })
    })
    .collect()
}

/// What a text mentions, each key once, in order of appearance. A key that stands there in several forms is strict if
/// one of them is.
#[must_use]
pub fn mentions(text: &str, noise: &Noise) -> Vec<Mention> {
    let mut mentions: Vec<Mention> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for Found { key, form, .. } in find(text, noise) {
        match places.entry(key) {
            Entry::Occupied(place) if form == KeyForm::Strict => mentions[*place.get()].form = form,
            Entry::Occupied(_) => {}
            Entry::Vacant(place) => {
                mentions.push(Mention { key: place.key().clone(), form });
                place.insert(mentions.len() - 1);
            }
        }
    }
    mentions
}
