//! Opening the data directory: configuration, secret key, database.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use model::secret::SecretString;
use model::{Clock, SystemClock};
use store::Store;

use crate::Failure;
use crate::config::Config;

/// The clock of the running program.
pub fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// What the clock of this machine shows.
pub fn now() -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(clock().now()).unwrap_or_default()
}

/// Reads the configuration from the file and this process's environment.
pub fn config(path: Option<&Path>) -> Result<Config, Failure> {
    Config::load(path, |name| std::env::var(name).ok()).map_err(|error| Failure::Usage(error.to_string()))
}

/// Makes the data directory, finds the key and opens the database.
pub async fn store(config: &Config) -> Result<Store, Failure> {
    let folder = &config.server.data_dir;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the data directory {}", folder.display()))?;
    let key = secret_key(folder).await?;
    Ok(Store::open(&config.store_url(), &key).await?)
}

async fn secret_key(folder: &Path) -> Result<SecretString, Failure> {
    if let Ok(key) = std::env::var("DOVETAIL_SECRET_KEY") {
        return Ok(SecretString::from(key));
    }
    if let Ok(path) = std::env::var("DOVETAIL_SECRET_KEY_FILE") {
        let key = std::fs::read_to_string(&path).with_context(|| format!("cannot read the secret key {path}"))?;
        return Ok(SecretString::from(key.trim().to_owned()));
    }
    Ok(Store::load_or_create_key(&folder.join("secret.key")).await?)
}
