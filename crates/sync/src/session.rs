//! The way of an owner of a credential to its forge: every request carries a fresh token, and a refused token is renewed.

use std::future::Future;
use std::ops::Deref;
use std::sync::Arc;

use forge::{Auth, Forge, ForgeError, Problem};
use model::secret::SecretString;
use model::{ForgeRepository, HostKind};
use store::facade::Grant;
use store::{Account, AccountState, Repository};
use tokio::sync::Mutex;
use url::{Position, Url};

use crate::Engine;
use crate::credential::{self, Owner};
use crate::failure::{Failure, Reason};

/// An account's way to its forge.
pub(crate) struct Session {
    way: Way,
    account: Account,
}

/// The way to a forge of whoever owns a credential.
pub(crate) struct Way {
    engine: Engine,
    owner: Owner,
    kind: HostKind,
    host_url: String,
    current: Mutex<Option<Opened>>,
    behind_live: bool,
}

/// How many tokens are tried for one question.
const TOKENS: u32 = 3;
/// Which part of a host's allowance, in percent, imports leave to live work.
const RESERVE: i64 = 20;

/// A client and the token that it sends.
#[derive(Clone)]
struct Opened {
    token: Option<SecretString>,
    forge: Arc<dyn Forge>,
}

impl Deref for Session {
    type Target = Way;

    fn deref(&self) -> &Way {
        &self.way
    }
}

impl Session {
    pub(crate) fn new(engine: &Engine, account: Account) -> Self {
        let way = Way::new(engine, Owner::of(&account), account.host_kind, &account.host_url);
        Self { way, account }
    }

    /// A session whose questions can wait: once only the reserve of the host's allowance is left, it asks no more before
    /// the next window ([`Failure::Reserved`]).
    pub(crate) fn behind_live(self) -> Self {
        Self { way: Way { behind_live: true, ..self.way }, ..self }
    }

    /// A session of the first account that sees the repository and is authorised, those that link it first.
    ///
    /// # Errors
    /// [`Failure::Pointless`] when there is none.
    pub(crate) async fn for_repository(engine: &Engine, repository_id: i64) -> Result<Self, Failure> {
        for id in engine.store().repository_accounts(repository_id).await? {
            if let Some(account) = engine.store().account(id).await?
                && account.state == AccountState::Active
            {
                return Ok(Self::new(engine, account));
            }
        }
        Err(Failure::Pointless)
    }

    pub(crate) const fn account(&self) -> &Account {
        &self.account
    }
}

impl Way {
    fn new(engine: &Engine, owner: Owner, kind: HostKind, host_url: &str) -> Self {
        let (engine, host_url) = (engine.clone(), host_url.to_owned());
        Self { engine, owner, kind, host_url, current: Mutex::new(None), behind_live: false }
    }

    /// With the credential of a grant of the facade.
    pub(crate) fn of_grant(engine: &Engine, grant: &Grant) -> Self {
        Self::new(engine, Owner::Grant(grant.id), grant.host_kind, &grant.host_url)
    }

    /// Asks the forge; a token that it refuses is renewed, and the question put again. The new token may be refused too,
    /// when its turn ended while we asked or a replica of the forge has not heard of it, so there are [`TOKENS`] tries.
    pub(crate) async fn ask<T, F, A>(&self, question: F) -> Result<T, Failure>
    where
        F: Fn(Arc<dyn Forge>) -> A + Send,
        A: Future<Output = Result<T, ForgeError>> + Send,
    {
        self.leave_reserve()?;
        let mut opened = self.open(None).await?;
        for _ in 1..TOKENS {
            match question(Arc::clone(&opened.forge)).await {
                Err(ForgeError { problem: Problem::Unauthorised(_), .. }) => {
                    opened = self.open(opened.token.as_ref()).await?;
                }
                answer => return Ok(answer?),
            }
        }
        question(opened.forge).await.map_err(|error| self.refused_again(error))
    }

    /// A client whose token the forge has accepted a moment ago, for whoever asks one thing after the other.
    pub(crate) async fn accepted(&self) -> Result<Arc<dyn Forge>, Failure> {
        self.ask(|forge| async move { forge.current_user().await.map(|_| ()) }).await?;
        Ok(self.open(None).await?.forge)
    }

    fn leave_reserve(&self) -> Result<(), Failure> {
        let host = Url::parse(&self.host_url).ok().filter(|_| self.behind_live);
        let Some(host) = host else { return Ok(()) };
        let name = &host[Position::BeforeHost..Position::AfterPort];
        match self.engine.http().gate().reserve_until(name, RESERVE, self.engine.clock().now()) {
            Some(until) => Err(Failure::Reserved { until }),
            None => Ok(()),
        }
    }

    /// Tokens that are refused as soon as they were made are no good.
    fn refused_again(&self, error: ForgeError) -> Failure {
        match error.problem {
            Problem::Unauthorised(_) => Failure::NeedsAuthorisation { owner: self.owner, reason: Reason::TokenRefused },
            _ => error.into(),
        }
    }

    /// Where git reads a repository, with a fresh token.
    pub(crate) async fn git_remote(&self, repository: &ForgeRepository) -> Result<git::Remote, Failure> {
        self.leave_reserve()?;
        let opened = self.open(None).await?;
        Ok(opened.forge.git_remote(repository)?)
    }

    /// As [`Way::git_remote`], after git's server refused the token that it had accepted a moment ago: renewed once.
    ///
    /// # Errors
    /// [`Failure::NeedsAuthorisation`] when it cannot be renewed.
    pub(crate) async fn git_remote_renewed(&self, repository: &ForgeRepository) -> Result<git::Remote, Failure> {
        let refused = self.current.lock().await.as_ref().and_then(|opened| opened.token.clone());
        let opened = self.open(refused.as_ref()).await?;
        Ok(opened.forge.git_remote(repository)?)
    }

    /// A client with a token that is fresh and not `refused`.
    async fn open(&self, refused: Option<&SecretString>) -> Result<Opened, Failure> {
        let auth = credential::auth(&self.engine, self.owner, refused).await?;
        let token = match &auth {
            Auth::Oauth(token) | Auth::Token(token) => Some(token.clone()),
            Auth::None => None,
        };
        let mut current = self.current.lock().await;
        if let Some(opened) = &*current
            && same(opened.token.as_ref(), token.as_ref())
        {
            return Ok(opened.clone());
        }
        let forge = self.engine.forge(self.kind, &self.host_url, auth)?;
        let opened = Opened { token, forge: Arc::from(forge) };
        *current = Some(opened.clone());
        Ok(opened)
    }
}

fn same(one: Option<&SecretString>, other: Option<&SecretString>) -> bool {
    use model::secret::ExposeSecret;
    one.map(ExposeSecret::expose_secret) == other.map(ExposeSecret::expose_secret)
}

/// A repository of the store in the forge's words, for questions about it.
pub(crate) fn in_forge_words(repository: &Repository) -> ForgeRepository {
    ForgeRepository {
        forge_id: repository.forge_id.clone(),
        name: repository.name.clone(),
        path: repository.path.clone(),
        web_url: repository.web_url.clone(),
        git_url: repository.git_url.clone(),
        default_branch: repository.default_branch.clone(),
        fork_of: repository.fork_of.clone(),
        archived: repository.archived,
        empty: false,
        last_activity_at: repository.last_activity_at,
    }
}
