//! What the REST API takes and answers about sites, as far as this command reads it; the rest is handed on as it came.

use model::secret::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::account::wire::exposed;
use crate::report::Report;

/// A site.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Site {
    pub id: i64,
    /// `data_center` or `cloud`.
    pub kind: String,
    pub name: String,
    pub url: String,
    /// `active` or `paused`.
    pub state: String,
    pub error: Option<String>,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A site to add.
#[derive(Debug, Serialize)]
pub struct NewSite {
    pub kind: &'static str,
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    #[serde(serialize_with = "exposed", skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    #[serde(serialize_with = "exposed", skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<SecretString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
}

/// What a site is told, where that is not the default of its kind.
#[derive(Debug, Serialize)]
pub struct Settings {
    pub commit_comments: bool,
}

/// A site that was added.
#[derive(Debug, Deserialize, Serialize)]
pub struct Added {
    pub id: i64,
    pub report: Report,
}
