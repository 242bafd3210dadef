//! The one-time link that makes the first administrator.

use model::secret::{ExposeSecret, random_token, token_hash};
use store::users::Purpose;

use crate::address::PublicAddress;
use crate::state::AppState;

/// How long the link of the set-up is good.
const LIFE_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// A fresh link to the set-up, good once and for a day; none once there is a user. Earlier links stop working.
///
/// # Errors
/// When the store does not answer.
pub async fn setup_link(state: &AppState) -> store::Result<Option<String>> {
    let store = state.store();
    if store.users_count().await? > 0 {
        return Ok(None);
    }
    let token = random_token("");
    store.invitations_clear(Purpose::Setup).await?;
    store.invitation_put(&token_hash(token.expose_secret()), Purpose::Setup, None, state.now() + LIFE_MILLIS).await?;
    let page = PublicAddress::without_request(state.options()).absolute("/setup");
    Ok(Some(format!("{page}?token={}", token.expose_secret())))
}
