//! What administrators ask about sites.

use model::SiteKind;
use model::secret::SecretString;
use net::check::Report;
use store::{Lane, NewSite, Site, SiteInserted, SiteState, SiteUpdate};

use super::{Form, RefreshSite, RemoveSite, SiteError};
use crate::smart_commits::{RunSmartCommits, WriteCommitComments};
use crate::{Engine, deliver};

/// A site that was added.
#[derive(Debug, Clone)]
pub struct Added {
    /// Its id.
    pub id: i64,
    /// What the test found. A site is kept even where something is still missing.
    pub report: Report,
}

/// Adds a site and tests it.
///
/// # Errors
/// [`SiteError`]: a field is empty or unusable, or a site has the address already.
pub async fn add(engine: &Engine, form: &Form) -> Result<Added, SiteError> {
    let sane = form.sane()?;
    let (client_id, client_secret) = sane.client.clone().unzip();
    let new = NewSite {
        kind: form.kind,
        name: sane.name.clone(),
        url: sane.address().to_owned(),
        settings: form.settings.clone(),
        rest_user: sane.user,
        rest_secret: sane.secret,
        client_id,
        client_secret,
    };
    let id = match engine.store().site_insert(&new, engine.clock().now()).await? {
        SiteInserted::New(id) => id,
        SiteInserted::Exists(id) => return Err(SiteError::Exists { id }),
    };
    engine.store().site_set_accounts(id, &form.accounts).await?;
    // First: who asked may give up during the test, and the site is kept.
    begin(engine, id).await?;
    let report = super::test(engine, id).await?;
    Ok(Added { id, report })
}

/// Changes a site. Empty secrets stay as they are; its address and kind do not change. What it is told follows.
///
/// # Errors
/// [`SiteError::Missing`] without such a site; a field that cannot be kept.
pub async fn update(engine: &Engine, id: i64, form: &Form) -> Result<(), SiteError> {
    let site = present(engine, id).await?;
    form.fit()?;
    let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let filled_secret = |secret: &SecretString| {
        use model::secret::ExposeSecret as _;
        filled(secret.expose_secret()).map(SecretString::from)
    };
    let update = SiteUpdate {
        name: filled(&form.name),
        settings: Some(form.settings.clone()),
        rest_user: Some(filled(&form.user)),
        rest_secret: filled_secret(&form.secret),
        client_id: filled(&form.client_id).filter(|_| site.kind == SiteKind::Cloud),
        client_secret: filled_secret(&form.client_secret).filter(|_| site.kind == SiteKind::Cloud),
    };
    engine.store().site_update(id, &update).await?;
    engine.store().site_set_accounts(id, &form.accounts).await?;
    // Whatever kept it from answering may be mended now.
    engine.store().site_answered(id).await?;
    begin(engine, id).await
}

/// Tells a site nothing until [`resume`].
///
/// # Errors
/// [`SiteError::Missing`] without such a site.
pub async fn pause(engine: &Engine, id: i64) -> Result<(), SiteError> {
    present(engine, id).await?;
    Ok(engine.store().site_set_state(id, SiteState::Paused).await?)
}

/// Goes on with a paused site: it is told what happened meanwhile.
///
/// # Errors
/// [`SiteError::Missing`] without such a site.
pub async fn resume(engine: &Engine, id: i64) -> Result<(), SiteError> {
    present(engine, id).await?;
    engine.store().site_set_state(id, SiteState::Active).await?;
    begin(engine, id).await
}

/// Removes a site: at once from sight, what it was told and what is known of it behind.
///
/// # Errors
/// [`SiteError::Missing`] without such a site.
pub async fn remove(engine: &Engine, id: i64) -> Result<(), SiteError> {
    present(engine, id).await?;
    engine.store().site_set_state(id, SiteState::Removing).await?;
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    queue::enqueue(&mut tx, &RemoveSite { site_id: id }, engine.clock().now()).await?;
    Ok(tx.commit().await?)
}

/// The site, unless it is being removed.
pub(super) async fn present(engine: &Engine, id: i64) -> Result<Site, SiteError> {
    let site = engine.store().site(id).await?;
    site.filter(|site| site.state != SiteState::Removing).ok_or(SiteError::Missing)
}

/// Its projects are read, and it is told what it shall know.
async fn begin(engine: &Engine, id: i64) -> Result<(), SiteError> {
    let (mut tx, now) = (engine.store().begin_write(Lane::Live).await?, engine.clock().now());
    queue::enqueue(&mut tx, &RefreshSite { site_id: id }, now).await?;
    queue::enqueue(&mut tx, &RunSmartCommits { site_id: id }, now).await?;
    queue::enqueue(&mut tx, &WriteCommitComments { site_id: id }, now).await?;
    tx.commit().await?;
    Ok(deliver::begin(engine, id).await?)
}
