//! People on a forge.

use serde::{Deserialize, Serialize};

/// A user of a forge.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ForgeUser {
    /// The forge's own id; empty where unknown.
    pub forge_id: String,
    /// The log-in name.
    pub login: String,
    /// The display name.
    pub name: String,
    /// A picture, as an absolute URL.
    pub avatar_url: Option<String>,
    /// The user's page.
    pub web_url: Option<String>,
    /// Whether the forge says that the user is an administrator; false where it does not tell.
    pub administrator: bool,
}
