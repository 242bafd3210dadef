//! The account that a connection is for: looked at, refused when it is there already, and made.

use std::path::Path;

use forge::Auth;
use model::secret::{ExposeSecret, SecretString, random_token};
use model::{ForgeAccount, ForgeUser, HostKind};
use store::{Credential, CredentialKind, DanceStage, Lane, NewAccount, StoreError, WriteTx};

use super::dance::{self, Found, Grant, Payload};
use super::{Confirmation, ConnectError, Field, Form};
use crate::refresh::RefreshAccount;
use crate::{Engine, Mode};

/// Refuses a path that is connected already, in any case.
pub(super) async fn refuse_known(
    engine: &Engine,
    kind: HostKind,
    host_url: &str,
    path: &str,
) -> Result<(), ConnectError> {
    let path = path.trim().trim_matches('/');
    match engine.store().account_by_path(kind, host_url, path).await? {
        Some(account) => Err(ConnectError::AccountExists { id: account.id, path: account.path }),
        None => Ok(()),
    }
}

/// Looks who granted access, and to what; keeps it until it is confirmed.
pub(super) async fn look(
    engine: &Engine,
    mut payload: Payload,
    grant: Grant,
    user_id: i64,
) -> Result<Confirmation, ConnectError> {
    let access = SecretString::from(grant.access.clone());
    let auth = if grant.oauth { Auth::Oauth(access) } else { Auth::Token(access) };
    let host_failed = |error| ConnectError::of_host(error, &payload.host_url, grant.oauth);
    let forge = engine.forge(payload.kind, &payload.host_url, auth).map_err(host_failed)?;
    let user = forge.current_user().await.map_err(host_failed)?;
    let account = forge
        .account(&payload.path)
        .await
        .map_err(|error| ConnectError::of_account(error, &payload.host_url, &payload.path, &user.login, grant.oauth))?;
    refuse_known(engine, payload.kind, &payload.host_url, &account.path).await?;
    payload.verifier = None;
    payload.found = Some(Found::new(grant, user, account));
    let state = random_token("");
    dance::put(engine, state.expose_secret(), user_id, DanceStage::Authorised, &payload).await?;
    payload.confirmation(state.expose_secret())
}

/// Makes host, application, account and credential, and begins the import: all or nothing.
pub(super) async fn add(engine: &Engine, payload: &Payload) -> Result<i64, ConnectError> {
    let Some(found) = &payload.found else { return Err(ConnectError::StateMismatch) };
    let now = engine.clock().now();
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    let host_id = tx.host_ensure(payload.kind, &payload.host_url, now).await?;
    let application_id = match &payload.application {
        Some(application) => {
            let secret = SecretString::from(application.client_secret.clone());
            Some(tx.application_put(host_id, &application.client_id, &secret, now).await?)
        }
        None => None,
    };
    let account = found.account();
    let new = new_account(&account, host_id, application_id, payload.auto_link, payload.smart_commits);
    let account_id = insert(&mut tx, &new, now).await?;
    tx.credential_put(&credential(account_id, &found.grant, &found.user)).await?;
    begin_import(tx, account_id, now).await?;
    Ok(account_id)
}

/// A folder on this machine: nobody has to agree.
pub(super) async fn add_folder(engine: &Engine, form: &Form) -> Result<i64, ConnectError> {
    // An absolute path stands for itself, a relative one begins at the Host URL.
    let folder = Path::new(form.host_url.trim()).join(form.path.trim());
    let typed = folder.to_str().filter(|typed| !typed.is_empty()).ok_or(ConnectError::Empty(Field::Path))?;
    let failed = |error| ConnectError::of_account(error, typed, typed, "", false);
    forge::probe(HostKind::Folder, &[typed], engine.http()).await.map_err(failed)?;
    let url = real_path(typed).await?;
    let forge = engine.forge(HostKind::Folder, &url, Auth::None).map_err(failed)?;
    let account = forge.account(&url).await.map_err(failed)?;
    if let Some(known) = engine.store().account_by_path(HostKind::Folder, &url, &account.path).await? {
        return Err(ConnectError::AccountExists { id: known.id, path: typed.to_owned() });
    }
    let now = engine.clock().now();
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    let host_id = tx.host_ensure(HostKind::Folder, &url, now).await?;
    let new = new_account(&account, host_id, None, form.auto_link, form.smart_commits);
    let account_id = insert(&mut tx, &new, now).await?;
    begin_import(tx, account_id, now).await?;
    Ok(account_id)
}

/// One spelling for each folder: without `..`, symbolic links and slashes at the end.
async fn real_path(typed: &str) -> Result<String, ConnectError> {
    let missing = || ConnectError::FolderMissing { path: typed.to_owned() };
    let real = tokio::fs::canonicalize(typed).await.map_err(|_| missing())?;
    real.into_os_string().into_string().map_err(|_| missing())
}

fn new_account(
    account: &ForgeAccount,
    host_id: i64,
    application_id: Option<i64>,
    auto_link: bool,
    smart_commits: bool,
) -> NewAccount {
    NewAccount {
        host_id,
        application_id,
        path: account.path.clone(),
        name: account.name.clone(),
        kind: account.kind,
        forge_id: account.forge_id.clone(),
        web_url: account.web_url.clone(),
        auto_link,
        smart_commits,
    }
}

async fn insert(tx: &mut WriteTx, account: &NewAccount, now: model::Millis) -> Result<i64, ConnectError> {
    match tx.account_insert(account, now).await {
        Err(StoreError::AccountExists { id }) => Err(ConnectError::AccountExists { id, path: account.path.clone() }),
        inserted => Ok(inserted?),
    }
}

async fn begin_import(mut tx: WriteTx, account_id: i64, now: model::Millis) -> Result<(), ConnectError> {
    queue::enqueue(&mut tx, &RefreshAccount { account_id, mode: Mode::Soft }, now).await?;
    Ok(tx.commit().await?)
}

fn credential(account_id: i64, grant: &Grant, user: &ForgeUser) -> Credential {
    Credential {
        account_id,
        kind: if grant.oauth { CredentialKind::Oauth } else { CredentialKind::Token },
        access: SecretString::from(grant.access.clone()),
        refresh: grant.refresh.clone().map(SecretString::from),
        expires_at: grant.expires_at,
        issued_at: Some(grant.issued_at),
        refresh_attempted_at: None,
        user: user.clone(),
    }
}
