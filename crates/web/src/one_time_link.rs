//! One-time links: whoever opens one first chooses the password of a user.

use model::Millis;
use model::secret::{ExposeSecret, random_token, token_hash};
use store::Store;
use store::users::Purpose;

use crate::address::PublicAddress;

/// How long a one-time link is good, in days.
pub const ONE_TIME_LINK_DAYS: i64 = 7;
const DAY: Millis = 24 * 60 * 60 * 1000;

/// A fresh link for a user, good once and for [`ONE_TIME_LINK_DAYS`]. It is the only place where its token is; the
/// store has the hash.
///
/// # Errors
/// When the store does not answer.
pub async fn one_time_link(
    store: &Store,
    address: &PublicAddress,
    user_id: i64,
    purpose: Purpose,
    now: Millis,
) -> store::Result<String> {
    let token = random_token("");
    let until = now + ONE_TIME_LINK_DAYS * DAY;
    store.invitation_put(&token_hash(token.expose_secret()), purpose, Some(user_id), until).await?;
    Ok(address.absolute(&format!("/invite/{}", token.expose_secret())))
}
