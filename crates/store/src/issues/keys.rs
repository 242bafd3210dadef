//! Which issues there are.

use model::Millis;

use crate::{Result, Store, Viewer};

impl Store {
    /// The issues that were last worked on, with when, newest first.
    pub async fn issue_keys_recent(&self, viewer: Viewer, limit: i64) -> Result<Vec<(String, Millis)>> { todo!() }

    /// Issues whose keys begin with `prefix` (upper case), in order of their keys.
    pub async fn issue_keys_with_prefix(&self, viewer: Viewer, prefix: &str, limit: i64) -> Result<Vec<String>> { todo!() }
}
