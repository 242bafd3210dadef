//! What texts name, and what they nearly name.

use model::EntityKind;

use super::Asking;
use super::story::Fact;
use crate::sentences::explain as says;
use crate::sentences::explain::texts::Whose;

/// How many issues of one thing are named.
const KEYS: usize = 10;
/// How many near misses of one text are told.
const NEAR_MISSES: usize = 5;

/// Issues, cut to what a sentence can hold.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// The first of them.
    pub(super) some: Vec<String>,
    /// How many more.
    pub(super) more: i64,
}

impl Keys {
    /// Of all these.
    pub(super) fn of(mut all: Vec<String>) -> Self {
        let more = all.len().saturating_sub(KEYS) as i64;
        all.truncate(KEYS);
        Self { some: all, more }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.some.is_empty()
    }
}

impl Asking<'_> {
    /// The issues that something is linked to.
    pub(super) async fn links(&self, kind: EntityKind, entity_id: i64) -> store::Result<Keys> {
        // All are stored, however many; so many that none of them would be read anyway are not counted.
        Ok(Keys::of(self.store().explain_links(kind, entity_id, 1_000).await?))
    }

    /// What a text nearly names.
    pub(super) fn near_misses(&self, whose: Whose, text: &str) -> Vec<Fact> {
        let refused = grammar::refused(text, self.noise());
        refused.iter().take(NEAR_MISSES).map(|refused| says::texts::near_miss(whose, refused)).collect()
    }

    /// The keys of a text that count everywhere.
    pub(super) fn strict_keys(&self, text: &str) -> Vec<String> {
        let mentions = grammar::mentions(text, self.noise());
        let strict = mentions.into_iter().filter(|mention| mention.form == model::KeyForm::Strict);
        strict.map(|mention| mention.key).collect()
    }
}
