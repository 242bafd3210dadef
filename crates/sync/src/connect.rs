//! Connecting an account: the form, the authorisation at the forge, the confirmation, the account.
//!
//! Nothing but the dance is stored before [`confirm`], so whatever goes wrong leaves no half-made account. An account that is
//! there already can be authorised again by the same way ([`begin_again`]) or by a token ([`replace_token`]); it keeps its
//! repositories, links and settings.

mod account;
mod again;
mod application;
mod dance;
mod error;
mod host;
mod token;
mod warning;

use forge::oauth::OAuthError;
use model::secret::{ExposeSecret, SecretString, random_token};
use model::{ForgeAccount, ForgeUser, HostKind, Millis};
use store::DanceStage;
use url::Url;

use crate::Engine;
use dance::{Grant, Payload};

pub use again::{Keys, begin_again, replace_token};
pub use application::add_application;
pub use error::{ConnectError, Field};
pub use warning::Warning;

/// What a person typed into "Add account".
#[derive(Debug, Clone)]
pub struct Form {
    /// Host.
    pub kind: HostKind,
    /// Host URL; for a folder, empty, or the folder that a relative `path` begins at.
    pub host_url: String,
    /// Team or User Account; for a folder, its path on this machine.
    pub path: String,
    /// How it is authorised.
    pub method: Method,
    /// Auto-link new repositories.
    pub auto_link: bool,
    /// Enable smart commits on new repositories.
    pub smart_commits: bool,
}

/// How an account is authorised.
#[derive(Debug, Clone)]
pub enum Method {
    /// By an OAuth application registered on the host.
    OAuth {
        /// Client ID ("Application ID" at GitLab).
        client_id: String,
        /// Client Secret.
        client_secret: SecretString,
    },
    /// By an access token.
    Token {
        /// The token.
        token: SecretString,
        /// When it ends, where the forge does not tell (GitLab before 15.5).
        ends_at: Option<Millis>,
    },
    /// Not at all: a folder on this machine.
    None,
}

impl Method {
    /// By an access token whose end the forge tells, if it has one.
    #[must_use]
    pub const fn token(token: SecretString) -> Self {
        Self::Token { token, ends_at: None }
    }
}

/// Where a connection goes on after the form.
#[derive(Debug, Clone)]
pub enum Begun {
    /// Send the browser there; it comes back to the redirect URI.
    Authorise {
        /// The forge's consent page.
        url: Url,
    },
    /// Show [`confirmation`] of this state.
    Confirm {
        /// What [`confirm`] and [`cancel`] take.
        state: String,
    },
    /// A folder: nobody has to agree, the account exists.
    Added {
        /// The new account.
        account_id: i64,
    },
}

/// What the forge sent back with the browser.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Consent: the authorisation code.
    Code(String),
    /// Refusal.
    Denied {
        /// OAuth's `error` (`access_denied`).
        error: String,
        /// OAuth's `error_description`: outside text, bounded and escaped before it is shown.
        description: Option<String>,
    },
}

/// What a person confirms before the account exists.
#[derive(Debug, Clone)]
pub struct Confirmation {
    /// What [`confirm`] and [`cancel`] take; differs from the state that the forge saw.
    pub state: String,
    /// Who gave consent at the forge, or whose token it is.
    pub authorised_by: ForgeUser,
    /// What is risky about it.
    pub warning: Option<Warning>,
    /// What will be imported.
    pub account: ForgeAccount,
    /// The normalised Host URL.
    pub host_url: String,
    /// The kind of host.
    pub kind: HostKind,
    /// Further facts worth knowing, as sentences.
    pub notes: Vec<String>,
    /// The account that is there already and is authorised again; none where a new one is to be made.
    pub existing: Option<i64>,
    /// Whether nothing is left to confirm: who had authorised the existing account before did so again.
    pub done: bool,
}

/// Whether one of the `granted` scopes is the one that hosts like this ask for. A host that tells none is believed.
pub(crate) fn suffices(kind: HostKind, host_url: &str, mut granted: impl Iterator<Item = impl AsRef<str>>) -> bool {
    let needed = forge::capabilities(kind, host_url).scope;
    let mut any = false;
    granted.any(|scope| {
        any = true;
        scope.as_ref() == needed
    }) || !any
}

/// Checks the form, the host and the application, and begins: nobody is sent to the forge's consent page for something
/// that can be known to fail before.
///
/// # Errors
/// Everything wrong with the form, the host, the application, the token or the account.
pub async fn begin(engine: &Engine, form: Form, redirect_uri: &str, user_id: i64) -> Result<Begun, ConnectError> {
    if form.kind == HostKind::Folder {
        return account::add_folder(engine, &form).await.map(|account_id| Begun::Added { account_id });
    }
    host::check_filled_in(&form)?;
    let host = host::find(engine, form.kind, &form.host_url).await?;
    account::refuse_known(engine, form.kind, &host.url, &form.path).await?;
    let payload = Payload::new(&form, host, redirect_uri);
    match form.method {
        Method::OAuth { .. } => authorise(engine, payload, user_id).await,
        Method::Token { token, ends_at } => {
            let state = account::look_with_token(engine, payload, &token, ends_at, user_id).await?.state;
            Ok(Begun::Confirm { state })
        }
        Method::None => Err(ConnectError::MethodUnsupported),
    }
}

async fn authorise(engine: &Engine, mut payload: Payload, user_id: i64) -> Result<Begun, ConnectError> {
    let client = payload.oauth_client(engine)?;
    let failed = |error, payload: &Payload| ConnectError::of_oauth(error, &payload.host_url, &payload.redirect_uri);
    // Whatever else is wrong is told better by the forge's own page.
    if let Err(error @ (OAuthError::InvalidClient | OAuthError::BadRedirect)) =
        client.check_application(&payload.redirect_uri).await
    {
        return Err(failed(error, &payload));
    }
    let (state, verifier) = (random_token(""), random_token(""));
    let challenge = forge::oauth::challenge(&verifier);
    let scope = forge::capabilities(payload.kind, &payload.host_url).scope;
    let url = client.authorize_url(state.expose_secret(), &challenge, &payload.redirect_uri, scope);
    let url = url.map_err(|error| failed(error, &payload))?;
    payload.verifier = Some(verifier.expose_secret().to_owned());
    dance::put(engine, state.expose_secret(), user_id, DanceStage::Begun, &payload).await?;
    Ok(Begun::Authorise { url })
}

/// Goes on when the browser comes back from the forge. The state is used up, whatever happens. An existing account that the
/// same user authorised again has its new credential now; everything else is to be confirmed.
///
/// # Errors
/// [`ConnectError::StateMismatch`] for a state that is unknown, expired, used or of another user; what the forge says
/// against the secret, the code or the account.
pub async fn finish(
    engine: &Engine,
    state: &str,
    outcome: Outcome,
    user_id: i64,
) -> Result<Confirmation, ConnectError> {
    let payload = dance::take(engine, state, user_id, DanceStage::Begun).await?;
    let code = match outcome {
        Outcome::Code(code) => SecretString::from(code),
        Outcome::Denied { error, .. } if error == "invalid_scope" => {
            return Err(ConnectError::ScopeTooSmall { application: true });
        }
        Outcome::Denied { description, .. } => {
            return Err(ConnectError::Denied { description: description.map(|words| error::bounded(&words)) });
        }
    };
    let verifier = SecretString::from(payload.verifier.clone().unwrap_or_default());
    let issued_at = engine.clock().now();
    let tokens = payload.oauth_client(engine)?.exchange(&code, &verifier, &payload.redirect_uri).await;
    let tokens = tokens.map_err(|error| ConnectError::of_oauth(error, &payload.host_url, &payload.redirect_uri))?;
    if !suffices(payload.kind, &payload.host_url, tokens.scope.split(' ').filter(|scope| !scope.is_empty())) {
        return Err(ConnectError::ScopeTooSmall { application: true });
    }
    let grant = Grant::of_tokens(&tokens, issued_at);
    match payload.again {
        Some(account_id) => again::look(engine, account_id, payload, grant, user_id).await,
        None => account::look(engine, payload, grant, user_id).await,
    }
}

/// What is to be confirmed.
///
/// # Errors
/// [`ConnectError::StateMismatch`] for a state that is unknown, expired, used or of another user.
pub async fn confirmation(engine: &Engine, state: &str, user_id: i64) -> Result<Confirmation, ConnectError> {
    let payload = dance::look(engine, state, user_id, DanceStage::Authorised).await?;
    payload.confirmation(state)
}

/// Makes the account and begins its import, in one transaction, or gives an existing one its new credential; answers the
/// account's id.
///
/// # Errors
/// [`ConnectError::StateMismatch`]; [`ConnectError::AccountExists`] when someone was faster.
pub async fn confirm(engine: &Engine, state: &str, user_id: i64) -> Result<i64, ConnectError> {
    let payload = dance::take(engine, state, user_id, DanceStage::Authorised).await?;
    match payload.again {
        Some(account_id) => again::replace(engine, account_id, &payload).await.map(|()| account_id),
        None => account::add(engine, &payload).await,
    }
}

/// Forgets a connection that is not wanted after all.
///
/// # Errors
/// [`ConnectError::StateMismatch`] for a state that is unknown, expired, used or of another user.
pub async fn cancel(engine: &Engine, state: &str, user_id: i64) -> Result<(), ConnectError> {
    dance::take(engine, state, user_id, DanceStage::Authorised).await.map(drop)
}
