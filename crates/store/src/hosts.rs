//! Hosts, and the OAuth applications registered on them.

use model::secret::SecretString;
use model::{HostKind, Millis};

use crate::rows::{MaybeJsonText, Word};
use crate::{Result, Store, WriteTx};

/// One forge server.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Host {
    /// Inner id.
    pub id: i64,
    /// What kind of forge it is.
    #[sqlx(try_from = "Word<HostKind>")]
    pub kind: HostKind,
    /// Its normalised URL.
    pub url: String,
    /// What was learnt of the server (version, git filters, …), as its client wrote it.
    #[sqlx(try_from = "MaybeJsonText<serde_json::Value>")]
    pub capabilities: Option<serde_json::Value>,
    /// No request before this.
    pub paused_until: Option<Millis>,
    /// Why it is paused, as a sentence.
    pub paused_reason: Option<String>,
}

/// An OAuth application registered on a host.
#[derive(Debug, Clone)]
pub struct Application {
    /// Inner id.
    pub id: i64,
    /// The host it is registered on.
    pub host_id: i64,
    /// The application id that the forge gave.
    pub client_id: String,
    /// Its secret.
    pub secret: SecretString,
}

impl WriteTx {
    /// The host of this kind at this normalised URL, made when it is new.
    pub async fn host_ensure(&mut self, kind: HostKind, url: &str, now: Millis) -> Result<i64> { todo!() }

    /// Keeps an application; one with the same id on the same host gets the new secret.
    pub async fn application_put(&mut self, host_id: i64, client_id: &str, secret: &SecretString, now: Millis) -> Result<i64> { todo!() }
}

impl Store {
    /// One host.
    pub async fn host(&self, id: i64) -> Result<Option<Host>> { todo!() }

    /// Every host, in order of its URL.
    pub async fn hosts(&self) -> Result<Vec<Host>> { todo!() }

    /// Keeps what was learnt of the server.
    pub async fn host_capabilities_set(&self, id: i64, capabilities: &serde_json::Value) -> Result<()> { todo!() }

    /// Lets no request go to the host before `until`; none ends the pause.
    pub async fn host_pause(&self, id: i64, until: Option<Millis>, reason: Option<&str>) -> Result<()> { todo!() }

    /// One application, its secret opened.
    pub async fn application(&self, id: i64) -> Result<Option<Application>> { todo!() }
}
