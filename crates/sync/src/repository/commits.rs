//! Writing the commits that git gained: reading and looking for issue keys go on while the store writes.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use futures::{Stream, TryStreamExt};
use git::{Cache, GitError};
use model::{Commit, ObjectId, SyncChanges};
use store::{LinksChanged, NewCommit, Source, WriteTx};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::Sync;
use crate::failure::Failure;
use crate::smart_commits::{Rules, prepare};

/// How many rows a writing transaction of an import brings at most (engine §2).
const ROWS: usize = 500;
/// How many commits are read at a time.
const READ_AT_ONCE: usize = 128;
/// From how many bytes of messages on they are handed on, however few commits that are.
const BYTES: usize = 1 << 20;
/// How many batches may wait for the store: what bounds the memory of an import.
const BATCHES_WAITING: usize = 4;
/// How long a transaction goes on with further batches while nobody waits for it.
const ALONE: Duration = Duration::from_millis(25);
/// How many ids one question to the store names.
const ASKED_AT_ONCE: usize = 500;

/// Commits as git gives them.
trait CommitStream: Stream<Item = Result<Commit, GitError>> + Send + Unpin + 'static {}
impl<S: Stream<Item = Result<Commit, GitError>> + Send + Unpin + 'static> CommitStream for S {}

impl Sync<'_> {
    /// Writes commits, given newest first, as far as they are not there yet.
    pub(super) async fn write_commits(&self, cache: &Cache, gained: Vec<ObjectId>) -> Result<(), Failure> {
        let news = if self.is_full() { self.all_of(gained).await? } else { self.unknown(gained).await? };
        if news.is_empty() && self.repository.imported_at.is_some() {
            return Ok(());
        }
        self.begin_writing(news.len()).await?;
        let news = if self.repository.fork_of.is_some() && !self.is_full() { self.attach(news).await? } else { news };
        self.write_stream(cache.commits(news)).await
    }

    /// Whether nothing of the repository is here or elsewhere, so that everything that came is to be written.
    pub(super) fn has_nothing(&self) -> bool {
        let repository = &self.repository;
        repository.imported_at.is_none()
            && repository.commits_done == 0
            && repository.fork_of.is_none()
            && !self.is_full()
    }

    /// Writes a whole history while git still walks it; `commits` is how many there are.
    pub(super) async fn write_whole(&self, cache: &Cache, heads: &[ObjectId], commits: usize) -> Result<(), Failure> {
        self.begin_writing(commits).await?;
        self.write_stream(cache.commits_below(heads)).await
    }

    async fn write_stream(&self, commits: impl CommitStream) -> Result<(), Failure> {
        let (batches, mut waiting) = mpsc::channel(BATCHES_WAITING);
        let reader = read(commits, Rules::of(self.engine), batches);
        let _reader = AbortOnDropHandle::new(tokio::spawn(reader));
        while let Some(batch) = waiting.recv().await {
            self.write_batches(batch?, &mut waiting).await?;
            self.step().await?;
        }
        Ok(())
    }

    /// One transaction with a batch, and with those that are read already for as long as nobody waits for it to end: each one
    /// writes the pages of the indexes anew.
    async fn write_batches(
        &self,
        first: Vec<NewCommit>,
        waiting: &mut mpsc::Receiver<Result<Vec<NewCommit>, Failure>>,
    ) -> Result<(), Failure> {
        let begun = Instant::now();
        let mut tx = self.write().await?;
        self.insert(&mut tx, &first, Source::Git).await?;
        while tx.is_alone() && begun.elapsed() < ALONE {
            match waiting.try_recv() {
                Ok(Ok(batch)) => self.insert(&mut tx, &batch, Source::Git).await?,
                Ok(Err(failure)) => {
                    tx.commit().await?;
                    return Err(failure);
                }
                Err(_) => break,
            }
        }
        Ok(tx.commit().await?)
    }

    /// A full sync reads them all again; those that are not there yet are counted as missing.
    async fn all_of(&self, gained: Vec<ObjectId>) -> Result<Vec<ObjectId>, Failure> {
        let missing = self.unknown(gained.clone()).await?.len() as u64;
        self.changed(SyncChanges { commits_added: missing, ..SyncChanges::default() }).await;
        Ok(gained)
    }

    /// What is not in this repository yet: after a kill, a part is.
    async fn unknown(&self, gained: Vec<ObjectId>) -> Result<Vec<ObjectId>, Failure> {
        if self.repository.imported_at.is_none() && self.repository.commits_done == 0 {
            return Ok(gained);
        }
        let mut unknown = Vec::new();
        for ids in gained.chunks(ASKED_AT_ONCE) {
            let present = self.engine.store().commits_present(self.repository.id, ids).await?;
            unknown.extend(ids.iter().filter(|id| !present.contains(*id)).cloned());
        }
        Ok(unknown)
    }

    /// A fork shares most commits with its parent: what the store knows need not be read again.
    async fn attach(&self, news: Vec<ObjectId>) -> Result<Vec<ObjectId>, Failure> {
        let mut unknown = Vec::new();
        for ids in news.chunks(ASKED_AT_ONCE) {
            let mut tx = self.write().await?;
            let missing = tx.commits_attach(self.repository.id, ids, self.engine.clock().now()).await?;
            let attached = ids.len() - missing.len();
            let done = self.wrote(attached, LinksChanged::default()).await;
            tx.repository_progress(self.repository.id, count(done)).await?;
            tx.commit().await?;
            unknown.extend(missing);
            self.step().await?;
        }
        // In the order given: newest first.
        let missing: HashSet<_> = unknown.into_iter().collect();
        Ok(news.into_iter().filter(|id| missing.contains(id)).collect())
    }

    /// One transaction.
    pub(super) async fn write_batch(&self, batch: &[NewCommit], source: Source) -> Result<(), Failure> {
        let mut tx = self.write().await?;
        self.insert(&mut tx, batch, source).await?;
        Ok(tx.commit().await?)
    }

    async fn insert(&self, tx: &mut WriteTx, batch: &[NewCommit], source: Source) -> Result<(), Failure> {
        let (rules, now) = (self.engine.rule_version(), self.engine.clock().now());
        let inserted = tx.commits_insert(self.repository.id, batch, source, rules, now).await?;
        if self.is_full() && source == Source::Rest {
            self.changed(SyncChanges { commits_added: inserted.new, ..SyncChanges::default() }).await;
        }
        let links = LinksChanged { added: inserted.links, removed: inserted.links_removed };
        let done = self.wrote(batch.len(), links).await;
        Ok(tx.repository_progress(self.repository.id, count(done)).await?)
    }
}

fn count(commits: u64) -> i64 {
    i64::try_from(commits).unwrap_or(i64::MAX)
}

/// Reads commits and looks for issue keys and commands in their messages; hands on batches of at most [`ROWS`] rows.
async fn read(mut commits: impl CommitStream, rules: Rules, batches: mpsc::Sender<Result<Vec<NewCommit>, Failure>>) {
    let mut batch = Batch::default();
    loop {
        let read = match read_some(&mut commits).await {
            Ok(read) if read.is_empty() => break,
            Ok(read) => read,
            Err(error) => {
                // Whoever waited for batches is gone when this cannot be told.
                let _ = batches.send(Err(error.into())).await;
                return;
            }
        };
        for commit in extract(read, rules.clone()).await {
            if let Some(full) = batch.add(commit)
                && batches.send(Ok(full)).await.is_err()
            {
                return;
            }
        }
    }
    if !batch.commits.is_empty() {
        let _ = batches.send(Ok(batch.commits)).await;
    }
}

/// A few commits; none at the end. A message can be megabytes long, so it is their bytes that count, too.
async fn read_some(commits: &mut impl CommitStream) -> Result<Vec<Commit>, GitError> {
    let (mut some, mut bytes) = (Vec::new(), 0);
    while some.len() < READ_AT_ONCE && bytes < BYTES {
        let Some(commit) = commits.try_next().await? else { break };
        bytes += commit.message.len();
        some.push(commit);
    }
    Ok(some)
}

/// Away from the threads that serve requests: a message can be a megabyte long.
async fn extract(commits: Vec<Commit>, rules: Rules) -> Vec<NewCommit> {
    let work = tokio::task::spawn_blocking(move || as_read(commits, &rules));
    work.await.expect("looking for issue keys does not panic: it is pure and fuzzed")
}

/// Commits with what their messages name and command.
pub(crate) fn as_read(commits: Vec<Commit>, rules: &Rules) -> Vec<NewCommit> {
    let as_read = |commit: Commit| NewCommit {
        mentions: grammar::mentions(&commit.message, &rules.noise),
        commands: prepare(&commit.message, commit.committed_at, rules),
        commit,
    };
    commits.into_iter().map(as_read).collect()
}

#[derive(Default)]
struct Batch {
    commits: Vec<NewCommit>,
    rows: usize,
    bytes: usize,
}

impl Batch {
    /// Adds a commit; answers what was there when it no longer fits.
    fn add(&mut self, commit: NewCommit) -> Option<Vec<NewCommit>> {
        let (rows, bytes) = (rows(&commit), commit.commit.message.len());
        let is_full = self.rows + rows > ROWS || self.bytes + bytes > BYTES;
        let full = (is_full && !self.commits.is_empty()).then(|| std::mem::take(self).commits);
        self.rows += rows;
        self.bytes += bytes;
        self.commits.push(commit);
        full
    }
}

/// The commit, its place in the repository, for each issue key a mention and a link, and for each command a receipt.
fn rows(commit: &NewCommit) -> usize {
    2 + 2 * commit.mentions.len() + commit.commands.len()
}

#[cfg(test)]
mod tests {
    use model::{KeyForm, Mention, Person};

    use super::*;

    fn commit(number: usize, keys: usize) -> NewCommit {
        let person = Person { name: "Ada".to_owned(), email: String::new() };
        let mentions = (0..keys).map(|key| Mention { key: format!("AB-{key}"), form: KeyForm::Strict }).collect();
        let commit = Commit {
            id: format!("{number:040x}").parse().unwrap(),
            parents: Vec::new(),
            author: person.clone(),
            authored_at: 0,
            committer: person,
            committed_at: 0,
            message: String::new(),
            lossy: false,
        };
        NewCommit { commit, mentions, commands: Vec::new() }
    }

    #[test]
    fn batches_hold_at_most_500_rows_and_a_single_giant() {
        // given: commits of 2, 4, 6, … rows and one of 2,002
        let mut batch = Batch::default();
        let commits = (0..400).map(|number| commit(number, if number == 200 { 1_000 } else { number % 3 }));

        // when
        let mut batches: Vec<_> = commits.filter_map(|commit| batch.add(commit)).collect();
        batches.push(batch.commits);

        // then
        let sizes: Vec<usize> = batches.iter().map(|batch| batch.iter().map(rows).sum()).collect();
        assert!(sizes.iter().all(|rows| *rows <= ROWS || *rows == 2_002), "{sizes:?}");
        assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 400);
        assert!(batches.iter().any(|batch| batch.len() == 1 && rows(&batch[0]) == 2_002));
    }
}
