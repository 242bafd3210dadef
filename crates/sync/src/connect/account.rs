//! The account that a connection is for: looked at, refused when it is there already, and made.

use std::path::Path;

use forge::Auth;
use model::secret::{ExposeSecret, SecretString, random_token};
use model::{ForgeAccount, ForgeUser, HostKind, Millis};
use store::{
    Account, AccountState, Credential, CredentialKind, DanceStage, Lane, NewAccount, StoreError, Viewer, WriteTx,
};

use super::dance::{self, Found, Grant, Payload};
use super::{Confirmation, ConnectError, Field, Form, token};
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
        Some(account) => Err(exists(account)),
        None => Ok(()),
    }
}

/// Refuses an account of the forge that is connected already, whatever its path was then.
async fn refuse_the_same(
    engine: &Engine,
    kind: HostKind,
    host_url: &str,
    there: &ForgeAccount,
) -> Result<(), ConnectError> {
    refuse_known(engine, kind, host_url, &there.path).await?;
    let is_same = |known: &Account| {
        (known.host_kind, known.host_url.as_str()) == (kind, host_url)
            && (known.kind, &known.forge_id) == (there.kind, &there.forge_id)
    };
    let known = engine.store().accounts(Viewer::Everything).await?.into_iter().find(is_same);
    known.map_or(Ok(()), |account| Err(exists(account)))
}

fn exists(account: Account) -> ConnectError {
    let needs_authorisation = account.state == AccountState::NeedsAuthorisation;
    ConnectError::AccountExists { id: account.id, path: account.path, needs_authorisation }
}

/// As [`look`], with a token that a person made, whose scope and end are looked at first.
pub(super) async fn look_with_token(
    engine: &Engine,
    payload: Payload,
    token: &SecretString,
    ends_at: Option<Millis>,
    user_id: i64,
) -> Result<Confirmation, ConnectError> {
    let told = token::check(engine, payload.kind, &payload.host_url, token).await?;
    let grant = Grant::of_token(token, told.or(ends_at), engine.clock().now());
    look(engine, payload, grant, user_id).await
}

/// Looks who granted access, and to what; keeps it until it is confirmed.
pub(super) async fn look(
    engine: &Engine,
    mut payload: Payload,
    grant: Grant,
    user_id: i64,
) -> Result<Confirmation, ConnectError> {
    let host_failed = |error| ConnectError::of_host(error, &payload.host_url, grant.oauth);
    let forge = engine.forge(payload.kind, &payload.host_url, grant.auth()).map_err(host_failed)?;
    let user = forge.current_user().await.map_err(host_failed)?;
    let account = forge
        .account(&payload.path)
        .await
        .map_err(|error| ConnectError::of_account(error, &payload.host_url, &payload.path, &user.login, grant.oauth))?;
    refuse_the_same(engine, payload.kind, &payload.host_url, &account).await?;
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
    let application_id = put_application(&mut tx, host_id, payload, now).await?;
    let account = found.account();
    let new = new_account(&account, host_id, application_id, payload.auto_link, payload.smart_commits);
    let account_id = insert(&mut tx, &new, now).await?;
    tx.credential_put(&credential(account_id, &found.grant, &found.user)).await?;
    begin_import(tx, account_id, now).await?;
    Ok(account_id)
}

/// Keeps the application of a dance; none where a token lets us in.
pub(super) async fn put_application(
    tx: &mut WriteTx,
    host_id: i64,
    payload: &Payload,
    now: Millis,
) -> Result<Option<i64>, ConnectError> {
    let Some(application) = &payload.application else { return Ok(None) };
    let secret = SecretString::from(application.client_secret.clone());
    Ok(Some(tx.application_put(host_id, &application.client_id, &secret, now).await?))
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
        return Err(ConnectError::AccountExists { id: known.id, path: typed.to_owned(), needs_authorisation: false });
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

async fn insert(tx: &mut WriteTx, account: &NewAccount, now: Millis) -> Result<i64, ConnectError> {
    match tx.account_insert(account, now).await {
        Err(StoreError::AccountExists { id }) => {
            Err(ConnectError::AccountExists { id, path: account.path.clone(), needs_authorisation: false })
        }
        inserted => Ok(inserted?),
    }
}

/// Lets the account's list be read.
pub(super) async fn begin_import(mut tx: WriteTx, account_id: i64, now: Millis) -> Result<(), ConnectError> {
    queue::enqueue(&mut tx, &RefreshAccount { account_id, mode: Mode::Soft }, now).await?;
    Ok(tx.commit().await?)
}

pub(super) fn credential(owner_id: i64, grant: &Grant, user: &ForgeUser) -> Credential {
    Credential {
        owner_id,
        kind: if grant.oauth { CredentialKind::Oauth } else { CredentialKind::Token },
        access: SecretString::from(grant.access.clone()),
        refresh: grant.refresh.clone().map(SecretString::from),
        expires_at: grant.expires_at,
        issued_at: Some(grant.issued_at),
        refresh_attempted_at: None,
        user: user.clone(),
    }
}
