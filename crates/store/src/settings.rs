//! Single values.

use crate::{Result, Store};

impl Store {
    /// A value by its name.
    pub async fn setting(&self, name: &str) -> Result<Option<String>> { todo!() }

    /// Keeps a value.
    pub async fn setting_put(&self, name: &str, value: &str) -> Result<()> { todo!() }
}
