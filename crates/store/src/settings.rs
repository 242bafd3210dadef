//! Single values.

use crate::database::{execute_live, read};
use crate::seal::KEY_FILE;
use crate::{Result, Store, StoreError};

const FINGERPRINT: &str = "key_fingerprint";

impl Store {
    /// A value by its name.
    pub async fn setting(&self, name: &str) -> Result<Option<String>> {
        const SQL: &str = "SELECT value FROM setting WHERE name = $1";
        read!(self, |db| sqlx::query_scalar(SQL).bind(name).fetch_optional(db))
    }

    /// Keeps a value.
    pub async fn setting_put(&self, name: &str, value: &str) -> Result<()> {
        const SQL: &str = "INSERT INTO setting (name, value) VALUES ($1, $2) \
                           ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        execute_live!(aside self, sqlx::query(SQL).bind(name).bind(value))?;
        Ok(())
    }
}

/// Notes the key's fingerprint in a new database, and refuses any other key from then on.
pub(crate) async fn check_fingerprint(store: &Store) -> Result<()> {
    const SQL: &str = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    let given = store.sealer().fingerprint();
    if store.setting(FINGERPRINT).await?.is_none() {
        execute_live!(aside store, sqlx::query(SQL).bind(FINGERPRINT).bind(given))?;
    }
    match store.setting(FINGERPRINT).await? {
        Some(expected) if expected != given => {
            Err(StoreError::WrongKey { expected, given: given.to_owned(), file: KEY_FILE })
        }
        _ => Ok(()),
    }
}
