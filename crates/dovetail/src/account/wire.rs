//! What the REST API takes and answers, as far as this command reads it; the rest is handed on as it came.

use std::collections::BTreeMap;

use model::secret::SecretString;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

/// An account.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Account {
    pub id: i64,
    pub host_url: String,
    pub path: String,
    pub name: String,
    /// `active`, `paused` or `needs_authorisation`.
    pub state: String,
    pub repositories: i64,
    pub linked: i64,
    pub failed: i64,
    pub error: Option<String>,
    /// When the repository list was last read whole.
    pub listed_at: Option<String>,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A repository of an account.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Repository {
    pub id: i64,
    pub path: String,
    /// `waiting`, `syncing`, `up_to_date`, `failed` or `empty`.
    pub state: String,
    pub linked: bool,
    pub visible: bool,
    pub error: Option<String>,
    /// When its last sync ended well.
    pub synced_at: Option<String>,
    /// Whether an administrator stopped it for now.
    #[serde(default)]
    pub paused: bool,
    /// When its next sync is due.
    #[serde(default)]
    pub next_sync_at: Option<String>,
    /// What the last full sync changed, by kind.
    #[serde(default)]
    pub changes: Option<BTreeMap<String, Value>>,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// How far an account is: one line of a `progress` event.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Progress {
    pub account: i64,
    pub running: bool,
    pub repositories_done: u64,
    pub repositories_total: u64,
    pub commits: u64,
    pub commits_total: u64,
    pub links: u64,
    pub rate_per_second: f64,
    pub last_repository: Option<String>,
    pub eta_seconds: Option<u64>,
}

/// An account to add.
#[derive(Debug, Serialize)]
pub struct NewAccount {
    pub host_kind: &'static str,
    pub host_url: String,
    pub path: String,
    #[serde(serialize_with = "exposed", skip_serializing_if = "Option::is_none")]
    pub token: Option<SecretString>,
    pub auto_link: bool,
    pub smart_commits: bool,
}

/// Writes a secret that is to be sent.
pub fn exposed<S: Serializer>(token: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    use model::secret::ExposeSecret;
    token.as_ref().map(ExposeSecret::expose_secret).serialize(serializer)
}
