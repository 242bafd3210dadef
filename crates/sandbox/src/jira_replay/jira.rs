//! One Jira that is connected to one host.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use model::secret::{ExposeSecret, SecretString};
use url::Url;

use super::account::Account;
use super::address::Host;
use super::browser::Lost;
use super::calls::{Calls, Kind};
use super::egit::Clients;
use super::oauth::{self, Dance};
use super::options::JiraOptions;
use super::sentences::Words;
use super::wire::Java;

/// The host type that the connector calls GitHub Enterprise.
pub(super) const DVCS_TYPE: &str = "githube";

/// What opens the host for Jira: sent for ever, never refreshed.
#[derive(Debug, Clone)]
pub struct Token(pub(super) SecretString);

impl Token {
    /// A token that was got elsewhere.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(SecretString::from(text.to_owned()))
    }

    /// The token itself.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.expose_secret()
    }
}

/// A Jira and the host that it takes for a GitHub Enterprise. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Jira(Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) options: JiraOptions,
    pub(super) host: Host,
    pub(super) calls: Arc<Calls>,
    next_account: AtomicI64,
    next_repository: AtomicI64,
}

impl Inner {
    /// The number of a new repository.
    pub(super) fn new_repository(&self) -> i64 {
        self.next_repository.fetch_add(1, Ordering::Relaxed)
    }
}

impl Jira {
    /// A Jira that is pointed at a Host URL.
    ///
    /// # Errors
    /// When that is no address.
    pub fn new(host_url: &str, options: JiraOptions) -> Result<Self, Words> {
        let host = Host::parse(host_url, &options)?;
        let (next_account, next_repository) = (AtomicI64::new(1), AtomicI64::new(1));
        Ok(Self(Arc::new(Inner { options, host, calls: Arc::default(), next_account, next_repository })))
    }

    /// What the dialog asks when the account was typed as a URL: whether the host is a GitHub.
    ///
    /// # Errors
    /// When it is none.
    pub async fn identify(&self, account: &str) -> Result<(), Words> {
        let clients = Clients::new(&self.0.host, &self.0.options, &self.0.calls, None);
        match clients.enterprise.ask(Kind::Probe, &format!("/users/{account}")).await {
            Ok(answer) if matches!(answer.status, 200 | 403) => Ok(()),
            _ => Err(Words::NotResponding(format!("{}/{account}", self.0.host.url))),
        }
    }

    /// Where Jira sends the browser to add an account.
    #[must_use]
    pub fn authorize_url(&self, account: &str, client_id: &str) -> String {
        Dance::adding(&self.0, account).authorize_url(&self.0, client_id)
    }

    /// Adds an account up to its token: sends a browser to the host and trades the code that it brings back. The browser is given
    /// the address to open and says where it ended: at Jira, whose page it need not ask for (see [`Browser`](super::Browser)).
    ///
    /// # Errors
    /// What the form says when that does not work.
    pub async fn connect(
        &self,
        account: &str,
        client_id: &str,
        client_secret: &str,
        browser: impl AsyncFnOnce(Url) -> Result<Url, Lost>,
    ) -> Result<Token, Words> {
        if account.trim().is_empty() {
            return Err(Words::MissingParameters);
        }
        let dance = Dance::adding(&self.0, account);
        self.dance(&dance, (client_id, client_secret), browser).await
    }

    /// Gets an account another token, as *Regenerate Access Token* does.
    ///
    /// # Errors
    /// What the page says when that does not work.
    pub async fn regenerate(
        &self,
        account: &mut Account,
        client_id: &str,
        client_secret: &str,
        browser: impl AsyncFnOnce(Url) -> Result<Url, Lost>,
    ) -> Result<(), Words> {
        let dance = Dance::regenerating(&self.0, account.id());
        let token = self.dance(&dance, (client_id, client_secret), browser).await;
        account.replace_token(token.map_err(|words| Words::FailedRegenerating(Box::new(words)))?);
        Ok(())
    }

    async fn dance(
        &self,
        dance: &Dance,
        (client_id, client_secret): (&str, &str),
        browser: impl AsyncFnOnce(Url) -> Result<Url, Lost>,
    ) -> Result<Token, Words> {
        let away = Url::parse(&dance.authorize_url(&self.0, client_id)).map_err(|_| Words::BadHostUrl)?;
        let back = browser(away).await.map_err(|lost| Words::Lost(lost.to_string()))?;
        let code = dance.code(&back)?;
        let options = &self.0.options;
        let java = Java::new(Arc::clone(&self.0.calls), options.connect_timeout, options.read_timeout);
        oauth::exchange(&java, &self.0.host, (client_id, client_secret), &code).await
    }

    /// Adds an account: reads its repositories, then synchronises each linked one and registers its hooks.
    ///
    /// # Errors
    /// When the list of repositories cannot be read; nothing is added then.
    pub async fn add_account(&self, account: &str, token: Token) -> Result<Account, Words> {
        let id = self.0.next_account.fetch_add(1, Ordering::Relaxed);
        let mut account = Account::new(Arc::clone(&self.0), id, account, token);
        account.refresh().await.map_err(|words| Words::FailedAdding(Box::new(words)))?;
        Ok(account)
    }
}
