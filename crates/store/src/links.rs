//! Mentions: what texts say; and issue links: what is shown of it.

use model::{EntityKind, Mention};

use crate::{Result, Store};

impl Store {
    /// What an entity's text says, in order of the keys.
    pub async fn mentions_of(&self, kind: EntityKind, entity_id: i64) -> Result<Vec<Mention>> { todo!() }
}
