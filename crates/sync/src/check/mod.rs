//! The check of the way to a forge, step by step: what [`net::check`] looks at, then what answers, whether it lets us in, and what
//! is to be read there. [`check`] needs no store, so it can be run before anything is set up; [`stored`] looks at an account
//! that is connected, with what lets it in.

mod account;
mod application;
mod git;
mod hooks;
mod kind;
mod token;
mod walk;

use std::sync::Arc;

use model::secret::SecretString;
use model::{Clock, HostKind};
pub use net::check::{Report, Stage, Verdict, Watch};

use crate::connect::Keys;
use crate::session::Session;
use crate::{Engine, SyncError};
use walk::{Access, Walk};

/// Every step, in order. The version stands behind the token, since hosts tell it only to those whom they let in.
pub const STAGES: [&str; 15] = [
    "url",
    "name",
    "proxy",
    "tcp",
    "tls",
    "http",
    KIND,
    APPLICATION,
    TOKEN,
    VERSION,
    ACCOUNT,
    RIGHTS,
    REPOSITORIES,
    GIT,
    HOOKS,
];
const KIND: &str = "kind";
const APPLICATION: &str = "application";
const TOKEN: &str = "token";
const VERSION: &str = "version";
const ACCOUNT: &str = "account";
const RIGHTS: &str = "rights";
const REPOSITORIES: &str = "repositories";
const GIT: &str = "git";
const HOOKS: &str = "hooks";

/// What is checked.
#[derive(Debug, Clone)]
pub struct Target {
    /// What kind of host it is meant to be.
    pub kind: HostKind,
    /// Its address as typed; the path of a folder.
    pub host_url: String,
    /// The group, user or folder.
    pub account: Option<String>,
    /// What lets us in.
    pub token: Option<SecretString>,
    /// The OAuth application.
    pub application: Option<Keys>,
    /// The address that the browser comes back to after it authorised us, which the application has to list.
    pub redirect_uri: Option<String>,
}

/// Goes through the steps up to `until` (all of them where it is none of [`STAGES`]); after one that failed the others are skipped.
/// What is not given is skipped, too. Each step is told to `watch` as soon as it is known.
pub async fn check(
    http: &net::Client,
    clock: &Arc<dyn Clock>,
    target: &Target,
    until: Option<&str>,
    watch: Option<&Watch>,
) -> Report {
    Walk::new(http, clock, target, Access::Given, until, watch).run().await
}

/// As [`check`], of what somebody typed into a server: with its trust, its proxies and its clock.
pub async fn typed(engine: &Engine, target: &Target, until: Option<&str>, watch: Option<&Watch>) -> Report {
    check(engine.http(), engine.clock(), target, until, watch).await
}

/// As [`check`], of an account that is connected: with its application, and the credential that lets it in, which is renewed
/// where it has to be.
///
/// # Errors
/// [`SyncError::Missing`] without such an account; [`SyncError::Store`] when the store does not answer.
pub async fn stored(
    engine: &Engine,
    account_id: i64,
    until: Option<&str>,
    watch: Option<&Watch>,
) -> Result<Report, SyncError> {
    let account = engine.store().account(account_id).await?.ok_or(SyncError::Missing("account"))?;
    let application = match account.application_id {
        Some(id) => engine.store().application(id).await?,
        None => None,
    };
    let target = Target {
        kind: account.host_kind,
        host_url: account.host_url.clone(),
        account: Some(account.path.clone()),
        token: None,
        redirect_uri: application.as_ref().and_then(|_| redirect_uri(engine)),
        application: application.map(|one| Keys { client_id: one.client_id, client_secret: one.secret }),
    };
    let access = Access::Stored { engine, session: Box::new(Session::new(engine, account)) };
    Ok(Walk::new(engine.http(), engine.clock(), &target, access, until, watch).run().await)
}

/// Where the browser comes back to; none where `[server] public_url` is not set.
fn redirect_uri(engine: &Engine) -> Option<String> {
    let mut url = engine.options().public_url.clone()?;
    url.set_query(None);
    url.set_fragment(None);
    url.path_segments_mut().ok()?.pop_if_empty().extend(["oauth", "callback"]);
    Some(url.into())
}
