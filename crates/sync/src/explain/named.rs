//! What texts name, and what they nearly name.

use grammar::Reason;
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
        let refused = grammar::refused(text, self.noise()).into_iter();
        let near = refused.filter(|refused| !self.counts_all_the_same(&refused.reason));
        near.take(NEAR_MISSES).map(|refused| says::texts::near_miss(whose, &refused)).collect()
    }

    /// Written in a way that counts because a site knows the project.
    fn counts_all_the_same(&self, reason: &Reason) -> bool {
        match reason {
            Reason::Noise(project) | Reason::OtherCase(project) | Reason::Underscore(project) => {
                self.rule.knows_project(project)
            }
            _ => false,
        }
    }

    /// The keys under which a text is shown, each once, in its order.
    pub(super) fn shown_keys(&self, text: &str) -> Vec<String> {
        let mut keys = Vec::new();
        for mention in grammar::mentions(text, self.noise()) {
            if let Some(key) = self.rule.shown(&mention).filter(|key| !keys.iter().any(|known| known == key.as_ref())) {
                keys.push(key.into_owned());
            }
        }
        keys
    }
}
