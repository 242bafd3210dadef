//! Bringing objects into the cache.

use model::ObjectId;
use model::secret::{ExposeSecret, SecretString};

use crate::cache::id_lines;
use crate::{Cache, Command, Git, GitError, HttpRemote, Remote, smart_http};

/// More tips than this are not named, so that the arguments stay far below the system's bound.
const TIPS: usize = 2000;
/// A server that sends less than one byte a second for this many seconds is given up.
const STALL_SECONDS: &str = "60";
/// git goes on after this, and downloads everything.
const IGNORED: &str = "filtering not recognized";

/// What a fetch leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Filter {
    /// Folders and files: commits alone come (`tree:0`).
    Treeless,
    /// Files (`blob:none`).
    Blobless,
    /// Nothing: the whole repository.
    None,
}

impl Filter {
    const fn spec(self) -> Option<&'static str> {
        match self {
            Self::Treeless => Some("tree:0"),
            Self::Blobless => Some("blob:none"),
            Self::None => None,
        }
    }

    /// The strongest that brings folders.
    const fn with_folders(self) -> Self {
        match self {
            Self::Treeless => Self::Blobless,
            other => other,
        }
    }
}

/// What a fetch left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fetched {
    /// How many packs the cache holds now; from 50 on, [`Cache::gc`] is due.
    pub packs: usize,
    /// How many commits came, where nothing else did and the cache was empty before; else none.
    pub whole: Option<usize>,
}

impl Fetched {
    /// What is there without a fetch.
    const fn nothing(packs: usize) -> Self {
        Self { packs, whole: None }
    }
}

impl Cache {
    /// Fetches commits by id with their history; nothing where all are here or the repository is local.
    /// `tips` are commits that the cache may hold already (absent ones are left out), the most likely first: 2,000 count.
    /// After [`Cache::fetch_folders`], folders come in any case where the server lets them.
    ///
    /// # Errors
    /// [`GitError::NotOurRef`]: list again and retry. [`GitError::FilterUnsupported`]: nothing was fetched, take the next
    /// weaker filter. [`GitError::Busy`]: this cache is being fetched into. [`GitError::Unauthorised`],
    /// [`GitError::Redirected`] and so on.
    pub async fn fetch(
        &self,
        remote: &Remote,
        wants: &[ObjectId],
        tips: &[ObjectId],
        filter: Filter,
    ) -> Result<Fetched, GitError> {
        let Remote::Http(remote) = remote else { return Ok(Fetched::nothing(0)) };
        let known = self.present(&[wants, tips].concat()).await?;
        let wants: Vec<ObjectId> = wants.iter().filter(|id| !known.contains(*id)).cloned().collect();
        if wants.is_empty() || self.local {
            return Ok(Fetched::nothing(self.packs()));
        }
        let tips: Vec<&ObjectId> = tips.iter().filter(|id| known.contains(*id)).collect();
        let fuller = if self.brings_folders() { filter.with_folders() } else { filter };
        match self.fetch_missing(remote, &wants, &tips, fuller).await {
            Err(GitError::FilterUnsupported { .. }) if fuller != filter => {
                self.fetch_missing(remote, &wants, &tips, filter).await
            }
            fetched => fetched,
        }
    }

    async fn fetch_missing(
        &self,
        remote: &HttpRemote,
        wants: &[ObjectId],
        tips: &[&ObjectId],
        filter: Filter,
    ) -> Result<Fetched, GitError> {
        self.git.check_filter(remote, filter).await?;
        let _lock = self.lock_to_fetch().await?;
        let named = tips.iter().take(TIPS).map(|tip| format!("--negotiation-tip={tip}"));
        let was_empty = self.packs() == 0;
        let fetched = self.run_fetch(remote, named.collect(), wants, filter).await?;
        let only_commits = was_empty && filter == Filter::Treeless;
        Ok(Fetched { whole: if only_commits { self.objects() } else { None }, ..fetched })
    }

    /// Fetches folders for what the cache holds already: everything that `wants` lead to comes (again), without files.
    /// From here on every fetch into this cache brings folders along, so once is enough for [`Cache::files`]; a cache that
    /// was lost forgets that with everything else. Other fetches may run meanwhile. Nothing where the repository is local.
    ///
    /// # Errors
    /// As [`Cache::fetch`].
    pub async fn fetch_folders(&self, remote: &Remote, wants: &[ObjectId]) -> Result<Fetched, GitError> {
        let Remote::Http(remote) = remote else { return Ok(Fetched::nothing(0)) };
        if wants.is_empty() || self.local {
            return Ok(Fetched::nothing(self.packs()));
        }
        let filter = Filter::Blobless;
        self.git.check_filter(remote, filter).await?;
        // Before the fetch: what others bring meanwhile has its folders, too.
        self.bring_folders()?;
        let _lock = self.lock_beside_fetches().await?;
        self.run_fetch(remote, vec!["--refetch".to_owned()], wants, filter).await
    }

    async fn run_fetch(
        &self,
        remote: &HttpRemote,
        options: Vec<String>,
        wants: &[ObjectId],
        filter: Filter,
    ) -> Result<Fetched, GitError> {
        let access = remote.client.git_access(&remote.url);
        let command = self.fetch_command(remote, &access, options, filter).await?.input(id_lines(wants));
        command.output().await.map_err(|error| self.git.remember_refusal(remote, filter, error))?;
        self.check_complete(wants).await?;
        Ok(Fetched::nothing(self.packs()))
    }

    /// Everything that matters goes by environment: with `--filter` as an argument, git writes the URL into the cache's
    /// configuration before it connects.
    async fn fetch_command(
        &self,
        remote: &HttpRemote,
        access: &net::GitAccess,
        options: Vec<String>,
        filter: Filter,
    ) -> Result<Command, GitError> {
        let mut arguments: Vec<String> =
            ["fetch", "-q", "--stdin", "--no-tags", "--no-write-fetch-head"].map(str::to_owned).into();
        arguments.extend(options);
        arguments.push("origin".to_owned());
        let mut command = self
            .git
            .command(arguments)
            .repository(&self.directory)
            .env("GIT_ALLOW_PROTOCOL", "http:https")
            .config("remote.origin.url", smart_http::plain(&remote.url).as_str())
            .config("http.followRedirects", "false")
            .config("http.lowSpeedLimit", "1")
            .config("http.lowSpeedTime", STALL_SECONDS)
            .config("fetch.unpackLimit", "1")
            .config("remote.origin.promisor", "true");
        if let Some(spec) = filter.spec() {
            command = command.config("remote.origin.partialclonefilter", spec).stop_at(IGNORED);
        }
        for (key, value) in access.config().iter().chain(&access.guard(&remote.url).await?) {
            command = command.config(key, value);
        }
        for (name, value) in access.environment() {
            command = command.env(name, value);
        }
        Ok(authorised(command, remote))
    }

    async fn check_complete(&self, wants: &[ObjectId]) -> Result<(), GitError> {
        let present = self.present(wants).await?;
        match wants.iter().find(|id| !present.contains(*id)) {
            Some(id) => Err(GitError::Corrupt(format!("the server did not send {id}"))),
            None => Ok(()),
        }
    }
}

/// The header is configuration and so never an argument; errors repeat neither it nor the bare token.
fn authorised(command: Command, remote: &HttpRemote) -> Command {
    let (Some(header), Some(password)) = (remote.authorization(), &remote.password) else { return command };
    let encoded = header.expose_secret().trim_start_matches("Basic ").to_owned();
    command
        .config("http.extraHeader", &format!("Authorization: {}", header.expose_secret()))
        .secret(SecretString::from(encoded))
        .secret(password.clone())
}

impl Git {
    /// A server without filters does not fail: it sends everything. So it is asked first.
    async fn check_filter(&self, remote: &HttpRemote, filter: Filter) -> Result<(), GitError> {
        let Some(spec) = filter.spec() else { return Ok(()) };
        let refused = self.servers.refuses(&remote.url, filter) || !self.capabilities_of(remote).await?.filter;
        if refused { Err(GitError::FilterUnsupported { filter: spec }) } else { Ok(()) }
    }

    fn remember_refusal(&self, remote: &HttpRemote, filter: Filter, error: GitError) -> GitError {
        match (error, filter.spec()) {
            (GitError::FilterUnsupported { .. }, Some(spec)) => {
                self.servers.refuse(&remote.url, filter);
                GitError::FilterUnsupported { filter: spec }
            }
            (error, _) => error,
        }
    }
}
