//! A token that a person made: good enough, and until when.

use forge::{Auth, ForgeError, Problem};
use model::secret::{ExposeSecret, SecretString};
use model::{HostKind, Millis};

use super::{ConnectError, suffices};
use crate::Engine;

/// Checks that the forge accepts the token and that its scope suffices; answers when it ends, as far as the forge tells.
///
/// # Errors
/// [`ConnectError::TokenRefused`], [`ConnectError::ScopeTooSmall`], and whatever keeps the forge from answering.
pub(super) async fn check(
    engine: &Engine,
    kind: HostKind,
    host_url: &str,
    token: &SecretString,
) -> Result<Option<Millis>, ConnectError> {
    let host_failed = |error| ConnectError::of_host(error, host_url, false);
    let auth = Auth::Token(SecretString::from(token.expose_secret().trim()));
    let forge = engine.forge(kind, host_url, auth).map_err(host_failed)?;
    let detail = match forge.token().await {
        // It tells nothing about its tokens (GitLab before 15.5): what the token may do is seen when it is used.
        Err(ForgeError { problem: Problem::NotFound | Problem::NotAvailable, .. }) => return Ok(None),
        detail => detail.map_err(host_failed)?,
    };
    if !suffices(kind, host_url, detail.scopes.iter()) {
        return Err(ConnectError::ScopeTooSmall { application: false });
    }
    Ok(detail.expires_at)
}
