//! How thorough a sync is, in addresses.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// How much to read.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SyncMode {
    /// What is new.
    #[default]
    Soft,
    /// Everything, compared with what is stored.
    Full,
}

/// How to sync.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SyncParameters {
    /// `soft` reads what is new, `full` compares everything.
    #[serde(default)]
    #[param(inline)]
    pub mode: SyncMode,
}
