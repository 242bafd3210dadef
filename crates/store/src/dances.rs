//! Authorisations under way in some browser tab.

use model::Millis;

use crate::rows::words;
use crate::{Result, Store};

words! {
    /// How far it got.
    DanceStage {
        /// The browser was sent to the forge.
        Begun = "begun",
        /// The forge sent it back with tokens; the person has not confirmed yet.
        Authorised = "authorised",
    }
}

/// An authorisation under way.
#[derive(Debug, Clone)]
pub struct Dance {
    /// Who began it.
    pub user_id: i64,
    /// How far it got.
    pub stage: DanceStage,
    /// The form, the PKCE verifier, later the tokens: secret, kept sealed.
    pub payload: serde_json::Value,
}

impl Store {
    /// Keeps a dance by the hash of its OAuth state, in place of an earlier stage.
    pub async fn dance_put(
        &self,
        state_hash: &str,
        user_id: i64,
        stage: DanceStage,
        payload: &serde_json::Value,
        expires_at: Millis,
    ) -> Result<()> { todo!() }

    /// Looks at a dance that has not expired.
    pub async fn dance(&self, state_hash: &str, now: Millis) -> Result<Option<Dance>> { todo!() }

    /// Takes a dance that has not expired out of the store; of several callers, one gets it.
    pub async fn dance_take(&self, state_hash: &str, now: Millis) -> Result<Option<Dance>> { todo!() }

    /// Forgets dances that expired.
    pub async fn dances_prune(&self, now: Millis) -> Result<()> { todo!() }
}
