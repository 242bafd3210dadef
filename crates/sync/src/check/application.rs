//! Whether the host knows the OAuth application and its secret, asked with a code that cannot be good; and what it tells
//! strangers about redirect address and scope.

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
    is_connected: bool,
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
    let scope = ::forge::capabilities(target.kind, root).scope;
    let redirect = target.redirect_uri.as_deref();
    let answer = client.check_application(redirect.unwrap_or(REDIRECT)).await;
    let consent = client.consent(redirect.unwrap_or(REDIRECT), scope).await;
    match answer {
        Ok(()) | Err(OAuthError::RedirectMismatch) => {
            let mismatch =
                matches!(answer, Err(OAuthError::RedirectMismatch)) || consent.redirect_listed == Some(false);
            match redirect {
                // Another redirect address is refused only where the secret is right.
                // Whoever is connected needs it only to authorise again.
                Some(redirect) if mismatch && is_connected => {
                    (says::redirect_not_listed(redirect).as_warning(), Some(()))
                }
                Some(redirect) if mismatch => (says::redirect_not_listed(redirect), None),
                _ if consent.scope_granted == Some(false) => (says::scope_not_granted(scope), None),
                Some(redirect) if consent.redirect_listed == Some(true) => {
                    (says::application_good(redirect, scope, consent.scope_granted.is_some()), Some(()))
                }
                Some(redirect) => (says::application_known_so_far(redirect, scope), Some(())),
                None => (says::application_known(), Some(())),
            }
        }
        Err(OAuthError::InvalidClient) => (
            match consent.client_known {
                Some(true) => says::secret_wrong(),
                Some(false) => says::client_unknown(),
                None => says::application_refused(),
            },
            None,
        ),
        Err(error) => (says::application_unclear(&error), Some(())),
    }
}
