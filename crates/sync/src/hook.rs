//! Hooks: a forge tells that something happened, and the pages are right a second later (GitLab contract §7).
//!
//! An event is a hint where to look, never a fact: what it says is not written anywhere, it only asks for a sync. So an
//! event that is lost, doubled or late does no harm, and the next refresh finds what no event told.
//!
//! ```text
//! forge ─▶ receive: known hook? right secret? ─▶ inbox ─▶ WorkOffInbox ─▶ SyncRepository, RefreshAccount
//! refresh, link, unlink ─▶ keep ─▶ RegisterHook ─▶ one group hook, else one for each linked repository
//! ```

mod at_forge;
mod cover;
mod farewell;
mod incoming;
mod registration;
mod trial;
mod upkeep;
mod work_off;

use forge::capabilities;
use model::secret::{ExposeSecret, SecretString, random_token};
use model::{HostKind, Millis};
use queue::JobLane;
use store::{Hook, HookOf, Lane};
use url::Url;

use crate::{Engine, SyncError};

pub(crate) use farewell::{farewell, inherit};
pub use incoming::{HookRefused, Incoming, LONGEST_BODY, Received, receive};
pub(crate) use registration::{RegisterHook, keep, relinked};
pub use trial::test;
pub(crate) use upkeep::{PruneInbox, tend};
pub(crate) use work_off::{WorkOffInbox, work_off};

/// The lane of everything here: a few requests or rows each, and somebody waits for what it leads to.
const LANE: JobLane = JobLane::Live;

/// Where the forge is to send the events of a hook; none without `[server] public_url`.
#[must_use]
pub fn address(engine: &Engine, hook: &Hook) -> Option<Url> {
    let mut url = engine.options().public_url.clone()?;
    url.set_query(None);
    url.set_fragment(None);
    // An address that no path can be added to (`data:…`) is no address of a server.
    url.path_segments_mut().ok()?.pop_if_empty().extend(["hooks", hook.host_kind.as_str(), &hook.id]);
    Some(url)
}

/// Works a kept event off once more, as if it had just come.
///
/// # Errors
/// [`SyncError::Missing`] without such an event (any more).
pub async fn replay(engine: &Engine, inbox_id: i64) -> Result<(), SyncError> {
    engine.store().inbox_event(inbox_id).await?.ok_or(SyncError::Missing("hook event"))?;
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    tx.inbox_again(inbox_id).await?;
    queue::enqueue(&mut tx, &WorkOffInbox {}, engine.clock().now()).await?;
    Ok(tx.commit().await?)
}

/// Whether the registered hook of a group tells of a repository, whichever account it is of.
pub(crate) async fn is_covered(engine: &Engine, repository_id: i64) -> store::Result<bool> {
    Ok(cover::of_repository(engine, repository_id).await?.is_some())
}

/// Whether there can be hooks of a host: it has them, and it can be told where to call.
fn are_possible(engine: &Engine, kind: HostKind, host_url: &str) -> bool {
    engine.options().public_url.is_some() && capabilities(kind, host_url).hooks
}

/// The row of a hook, made where there is none.
async fn ensure(engine: &Engine, of: HookOf, host_id: i64) -> store::Result<Hook> {
    let now = engine.clock().now();
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    let hook = tx.hook_ensure(of, host_id, &random_id(), &random_token(""), now).await?;
    tx.commit().await?;
    Ok(hook)
}

async fn forget(engine: &Engine, hook: &Hook) -> store::Result<()> {
    let mut tx = engine.store().begin_write(Lane::Live).await?;
    tx.hook_removed(&hook.id).await?;
    tx.commit().await
}

/// How long an id is: 16 random bytes in hexadecimal.
const ID_LENGTH: usize = 32;

fn random_id() -> String {
    let random: SecretString = random_token("");
    random.expose_secret().chars().take(ID_LENGTH).collect()
}

/// How long a hook that was looked at is taken to be as it was.
const CHECK_AGAIN: Millis = 24 * 60 * 60 * 1_000;
