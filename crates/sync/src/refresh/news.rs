//! What the merge request list of a whole account tells: one request for all repositories in which nothing happened.

use std::collections::{BTreeSet, HashMap};

use forge::{ForgeError, MergeRequestChange, Problem};
use model::{ForgeAccount, Millis};
use store::Repository;

use crate::Engine;
use crate::failure::Failure;
use crate::session::Session;

/// How far behind the watermark the list is read again: a page over a moving order can skip rows (GitLab contract §5.7).
const OVERLAP: Millis = 120_000;
/// Where the first watermark is set, before our own time: further back than clocks are apart.
const BEGINNING: Millis = 24 * 60 * 60 * 1000;
/// For how long a list that cannot be read is hoped for, before each repository is asked for its own.
const PATIENCE: Millis = 6 * 60 * 60 * 1000;
/// The longest list that is read: of a hundred thousand changes. Who was away for longer asks each repository.
const PAGES: usize = 1_000;

/// What happened to the merge requests of an account's repositories.
#[derive(Debug, Default)]
pub(super) struct News {
    /// The repositories in whose lists something is new, by inner id.
    pub(super) repositories: BTreeSet<i64>,
    /// Every repository has to be asked once: the list was not followed so far.
    pub(super) all: bool,
    /// The list was read from where it was left to its end: where it tells nothing, nothing happened.
    pub(super) complete: bool,
    /// The new watermark; none where there is no such list, so that every repository is asked for its own.
    pub(super) until: Option<Millis>,
}

impl News {
    /// Reads the list from the account's watermark on. A list that there is not, or that the forge cannot put together,
    /// is no failure: then each repository's own is read.
    pub(super) async fn read(
        engine: &Engine,
        session: &Session,
        account: &ForgeAccount,
        linked: &[Repository],
    ) -> Result<Self, Failure> {
        let watermark = session.account().merge_requests_until;
        // Never further back than a day: what is older was seen when the list was last read, and be it empty.
        let beginning = engine.clock().now() - BEGINNING;
        let after = Some(watermark.unwrap_or(beginning) - OVERLAP);
        let mut news = Self { until: watermark.max(Some(beginning)), all: watermark.is_none(), ..Self::default() };
        let imported = linked.iter().filter(|repository| repository.imported_at.is_some());
        let imported = imported.map(|repository| (repository.forge_id.as_str(), repository)).collect();
        let mut page = None;
        for _ in 0..PAGES {
            let from = &page;
            let list = session
                .ask(|forge| async move { forge.account_merge_requests(account, after, Option::clone(from)).await });
            let told = match list.await {
                Err(Failure::Forge(error)) if is_no_list(&error) => {
                    return Ok(Self::without(watermark, beginning, &error));
                }
                told => told?,
            };
            news.until = news.until.max(told.until);
            news.add(engine, &imported, &told.changes).await?;
            match told.next {
                Some(next) => page = Some(next),
                None => return Ok(Self { complete: watermark.is_some(), ..news }),
            }
        }
        Ok(Self { all: true, ..news })
    }

    /// What is known without the list. One that fails for the first time is read the next time, from where it was left.
    fn without(watermark: Option<Millis>, beginning: Millis, error: &ForgeError) -> Self {
        tracing::debug!(kind = error.kind(), "an account's list of merge requests cannot be read");
        let until = watermark.filter(|until| error.is_transient() && *until > beginning - PATIENCE);
        Self { until, ..Self::default() }
    }

    /// Of the changes those that the store does not know yet: the overlap tells most of them again.
    async fn add(
        &mut self,
        engine: &Engine,
        linked: &HashMap<&str, &Repository>,
        changes: &[MergeRequestChange],
    ) -> Result<(), Failure> {
        let mut by_repository: HashMap<i64, Vec<&MergeRequestChange>> = HashMap::new();
        for change in changes {
            if let Some(repository) = linked.get(change.repository.as_str()) {
                by_repository.entry(repository.id).or_default().push(change);
            }
        }
        by_repository.retain(|id, _| !self.repositories.contains(id));
        for (id, changes) in by_repository {
            let stored = engine.store().merge_request_heads(id).await?;
            let known: HashMap<i64, Millis> = stored.iter().map(|one| (one.number, one.updated_at)).collect();
            if changes.iter().any(|change| known.get(&change.number).copied() != change.updated_at) {
                self.repositories.insert(id);
            }
        }
        Ok(())
    }
}

/// Whether the forge has no such list, hides it, or fails over it; what concerns every other question, too, is no such
/// case.
const fn is_no_list(error: &ForgeError) -> bool {
    !matches!(error.problem, Problem::RateLimited { .. } | Problem::Unauthorised(_) | Problem::Blocked)
}
