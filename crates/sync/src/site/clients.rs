//! Clients of a site, let in by its stored credentials.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jira::{DevInfo, DevInfoOptions, Rest, RestAuth, RestOptions};
use model::SiteKind;
use model::secret::{ExposeSecret as _, token_hash};
use store::{Site, StoreError};
use url::Url;

use crate::Engine;

/// Why there is no client of a site.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its address cannot be used.
    #[error("the address of the site cannot be used: {0}")]
    Address(#[from] url::ParseError),
    /// There is nothing that lets us in.
    #[error("the site has no credentials")]
    NoCredentials,
}

/// A client of a site's REST: by user and password (Cloud: e-mail and API token), or by a personal access token where no user
/// is stored.
///
/// # Errors
/// [`ClientError`].
pub async fn rest(engine: &Engine, site: &Site) -> Result<Rest, ClientError> {
    let stored = engine.store().site_credentials(site.id).await?.ok_or(ClientError::NoCredentials)?;
    let secret = stored.rest_secret.ok_or(ClientError::NoCredentials)?;
    let auth = match stored.rest_user.filter(|user| !user.is_empty()) {
        Some(user) => RestAuth::Basic { user, secret },
        None => RestAuth::Bearer(secret),
    };
    Ok(Rest::new(RestOptions {
        base_url: Url::parse(&site.url)?,
        auth,
        http: engine.http().clone(),
        clock: Arc::clone(engine.clock()),
        cloud: site.kind == SiteKind::Cloud,
    }))
}

/// The client of a site's development information. The same one as long as address and credentials stay, so that this process
/// has one access token for each site and one request for it under way.
///
/// # Errors
/// [`ClientError`].
pub async fn dev_info(engine: &Engine, site: &Site) -> Result<DevInfo, ClientError> {
    let stored = engine.store().site_credentials(site.id).await?.ok_or(ClientError::NoCredentials)?;
    let client_id = stored.client_id.filter(|id| !id.is_empty()).ok_or(ClientError::NoCredentials)?;
    let client_secret = stored.client_secret.ok_or(ClientError::NoCredentials)?;
    let let_in_by = token_hash(&format!("{}\n{client_id}\n{}", site.url, client_secret.expose_secret()));
    let options = DevInfoOptions {
        site_url: Url::parse(&site.url)?,
        api_url: engine.options().atlassian_api.clone(),
        client_id,
        client_secret,
        cloud_id: site.cloud_id.clone(),
        http: engine.http().clone(),
        clock: Arc::clone(engine.clock()),
    };
    Ok(engine.dev_info_clients().get(site.id, let_in_by, || DevInfo::new(options)))
}

/// The clients of development information, by site.
#[derive(Debug, Default)]
pub(crate) struct DevInfoClients(Mutex<HashMap<i64, (String, DevInfo)>>);

impl DevInfoClients {
    /// The client that is kept for a site; another one once what lets us in is another.
    fn get(&self, site_id: i64, let_in_by: String, make: impl FnOnce() -> DevInfo) -> DevInfo {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.get(&site_id) {
            Some((hash, client)) if *hash == let_in_by => client.clone(),
            _ => {
                let client = make();
                kept.insert(site_id, (let_in_by, client.clone()));
                client
            }
        }
    }
}
