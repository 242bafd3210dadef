//! Whether the host knows the OAuth application and its secret: asked with a code that cannot be good.

use std::sync::Arc;

use ::forge::oauth::{OAuthClient, OAuthError};
use model::Clock;
use net::check::Stage;

use super::{APPLICATION, Target};
use crate::sentences::check as says;

/// An address that is one; the answer does not hang on it before the secret was looked at.
const REDIRECT: &str = "https://localhost/oauth/callback";

pub(super) async fn look(
    http: &net::Client,
    clock: &Arc<dyn Clock>,
    target: &Target,
    root: &str,
) -> (Stage, Option<()>) {
    let Some(keys) = &target.application else {
        return (Stage::skipped(APPLICATION, says::NO_APPLICATION), Some(()));
    };
    let client =
        OAuthClient::new(target.kind, root, &keys.client_id, &keys.client_secret, http.clone(), Arc::clone(clock));
    let client = match client {
        Ok(client) => client,
        Err(error) => return (says::refused(APPLICATION, &error), None),
    };
    match client.check_application(REDIRECT).await {
        // Another redirect address is refused only where the secret is right.
        Ok(()) | Err(OAuthError::RedirectMismatch) => (says::application_known(), Some(())),
        Err(OAuthError::InvalidClient) => (says::application_refused(), None),
        Err(error) => (says::application_unclear(&error), Some(())),
    }
}
