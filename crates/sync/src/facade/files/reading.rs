//! Reading the files of commits out of the cache, and getting the folders that it takes.

use std::collections::{HashMap, HashSet};

use futures::TryStreamExt;
use git::{Cache, Filter, GitError};
use model::{CommitFiles, ObjectId};
use store::{CommitWithoutFiles, Repository};

use crate::Engine;
use crate::failure::Failure;
use crate::session::{Session, in_forge_words};

/// How many vanished heads are taken out of a fetch one by one, before it is left with the branches.
const VANISHED: usize = 20;
/// How many commits that git cannot read are passed over at a time, before that counts as a failure of git.
const UNREADABLE: usize = 100;

/// A cache that is read.
pub(super) struct Reading<'r> {
    engine: &'r Engine,
    repository: &'r Repository,
    session: Session,
    cache: Cache,
    fetched: bool,
}

impl<'r> Reading<'r> {
    /// `fetched`: folders were asked for a moment ago.
    pub(super) async fn open(engine: &'r Engine, repository: &'r Repository, fetched: bool) -> Result<Self, Failure> {
        let (session, cache) = super::open(engine, repository).await?;
        // A cache that does not know of it is another one.
        let fetched = fetched && cache.brings_folders();
        Ok(Self { engine, repository, session, cache, fetched })
    }

    /// Whether folders were asked for.
    pub(super) const fn is_fetched(&self) -> bool {
        self.fetched
    }

    /// The files of commits by inner ids; none where neither the cache nor the server has what it takes to know.
    pub(super) async fn files_of(
        &mut self,
        commits: &[CommitWithoutFiles],
    ) -> Result<Vec<(i64, Option<CommitFiles>)>, Failure> {
        let mut readable = self.readable(commits).await?;
        if readable.len() < commits.len() && !self.fetched {
            self.fetch_new().await?;
            readable = self.readable(commits).await?;
        }
        if readable.len() < commits.len() && !self.fetched {
            self.fetch_all().await?;
            readable = self.readable(commits).await?;
            self.fetched = true;
        }
        let mut told = self.told(readable).await?;
        Ok(commits.iter().map(|commit| (commit.id, told.remove(&commit.object_id))).collect())
    }

    /// Those whose folder is here, and that of their first parent.
    async fn readable(&self, commits: &[CommitWithoutFiles]) -> Result<Vec<ObjectId>, Failure> {
        let needed = commits.iter().flat_map(|commit| std::iter::once(&commit.object_id).chain(commit.parents.first()));
        let needed: Vec<ObjectId> = needed.collect::<HashSet<_>>().into_iter().cloned().collect();
        let here = self.cache.with_folders(&needed).await?;
        let is_readable = |commit: &&CommitWithoutFiles| {
            here.contains(&commit.object_id) && commit.parents.first().is_none_or(|parent| here.contains(parent))
        };
        Ok(commits.iter().filter(is_readable).map(|commit| commit.object_id.clone()).collect())
    }

    /// Brings what the cache does not have at all, where it gets folders with each fetch: another node synced it.
    async fn fetch_new(&self) -> Result<(), Failure> {
        if !self.cache.brings_folders() {
            return Ok(());
        }
        let tips = self.engine.store().tips(self.repository.id).await?;
        self.fetch(tips, false).await
    }

    /// Brings the folders of everything.
    async fn fetch_all(&self) -> Result<(), Failure> {
        let tips = self.engine.store().tips(self.repository.id).await?;
        tracing::debug!(repository_id = self.repository.id, "fetching folders");
        self.fetch(tips, true).await
    }

    async fn fetch(&self, tips: Vec<ObjectId>, all_again: bool) -> Result<(), Failure> {
        let there = in_forge_words(self.repository);
        let mut remote = self.session.git_remote(&there).await?;
        let (mut wants, mut vanished, mut renewed) = (tips.clone(), 0, false);
        loop {
            let fetched = if all_again {
                self.cache.fetch_folders(&remote, &wants).await
            } else {
                self.cache.fetch(&remote, &wants, &tips, Filter::Blobless).await
            };
            match fetched {
                Err(GitError::Unauthorised) if !renewed => {
                    renewed = true;
                    remote = self.session.git_remote_renewed(&there).await?;
                }
                Err(GitError::NotOurRef { id }) if vanished <= VANISHED => {
                    vanished += 1;
                    wants = self.without(wants, &id, vanished).await?;
                }
                fetched => return Ok(fetched.map(|_| ())?),
            }
        }
    }

    /// What is left to be asked for once the server no longer has one of the heads.
    async fn without(&self, mut wants: Vec<ObjectId>, gone: &str, vanished: usize) -> Result<Vec<ObjectId>, Failure> {
        wants.retain(|id| id.as_str() != gone);
        if vanished <= VANISHED {
            return Ok(wants);
        }
        let branches = self.engine.store().branches(self.repository.id).await?;
        let heads = branches.into_iter().filter(|branch| branch.gone_at.is_none()).map(|branch| branch.head);
        Ok(heads.collect::<HashSet<_>>().into_iter().collect())
    }

    /// Reads them; one that git stumbles over is passed over.
    async fn told(&self, mut left: Vec<ObjectId>) -> Result<HashMap<ObjectId, CommitFiles>, Failure> {
        let mut told = HashMap::with_capacity(left.len());
        let mut unreadable = 0;
        while let Err(error) = self.read(&left, &mut told).await {
            left.retain(|id| !told.contains_key(id));
            let Some(first) = left.first().cloned() else { break };
            match self.read(std::slice::from_ref(&first), &mut told).await {
                Err(error) if !is_about_data(&error) || unreadable == UNREADABLE => return Err(error.into()),
                Err(_) => {
                    unreadable += 1;
                    tracing::warn!(repository_id = self.repository.id, commit = %first, %error, "git cannot tell the files");
                }
                Ok(()) => {}
            }
            left.remove(0);
        }
        Ok(told)
    }

    async fn read(&self, ids: &[ObjectId], told: &mut HashMap<ObjectId, CommitFiles>) -> Result<(), GitError> {
        let mut files = self.cache.files(ids.to_vec());
        while let Some((id, files)) = files.try_next().await? {
            told.insert(id, files);
        }
        Ok(())
    }
}

/// Whether it is the repository that is broken, not git or the machine.
const fn is_about_data(error: &GitError) -> bool {
    matches!(error, GitError::Corrupt(_) | GitError::MissingObject { .. } | GitError::Other(_))
}
