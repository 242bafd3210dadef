//! An application on its own: a Jira that connects through the facade needs one, and no account.

use model::HostKind;
use model::secret::{ExposeSecret, SecretString};
use store::Lane;

use super::host;
use super::{ConnectError, Field, Keys};
use crate::Engine;
use forge::oauth::OAuthError;

/// Keeps an application that is registered on a host, or its new secret; answers its id.
///
/// # Errors
/// [`ConnectError::Empty`]; whatever is wrong with the Host URL; [`ConnectError::WrongSecret`] and a redirect URI that the
/// application does not name, where the forge tells of them before a person signs in.
pub async fn add_application(
    engine: &Engine,
    kind: HostKind,
    host_url: &str,
    keys: &Keys,
    redirect_uri: &str,
) -> Result<i64, ConnectError> {
    let (client_id, secret) = (keys.client_id.trim(), keys.client_secret.expose_secret().trim());
    let fields = [(Field::HostUrl, host_url.trim()), (Field::ClientId, client_id), (Field::ClientSecret, secret)];
    if let Some((field, _)) = fields.into_iter().find(|(_, typed)| typed.is_empty()) {
        return Err(ConnectError::Empty(field));
    }
    let secret = SecretString::from(secret.to_owned());
    let host = host::find(engine, kind, host_url).await?;
    let client = engine.oauth_client(kind, &host.url, client_id, &secret);
    let client = client.map_err(|error| ConnectError::of_host(error, &host.url, true))?;
    // Whatever else is wrong is told better by the forge's own page.
    if let Err(error @ (OAuthError::InvalidClient | OAuthError::BadRedirect)) =
        client.check_application(redirect_uri).await
    {
        return Err(ConnectError::of_oauth(error, &host.url, redirect_uri));
    }
    let now = engine.clock().now();
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    let host_id = tx.host_ensure(kind, &host.url, now).await?;
    let id = tx.application_put(host_id, client_id, &secret, now).await?;
    tx.commit().await?;
    Ok(id)
}
