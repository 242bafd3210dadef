//! Reading commits in bulk.

use std::process::Stdio;

use futures::{Stream, StreamExt, stream};
use model::{Commit, ObjectId};
use tokio::io::AsyncWriteExt;
use tokio::process::{ChildStdin, ChildStdout};

use crate::cache::id_lines;
use crate::object_stream::{Entry, ObjectStream};
use crate::process::Process;
use crate::{Cache, GitError, RawCommit};

/// A running `cat-file`, and the `rev-list` that feeds it.
struct Reading {
    objects: ObjectStream<ChildStdout>,
    reader: Process,
    walker: Option<Process>,
}

impl Cache {
    /// Reads commits, in the order given, while the ids are still being written.
    /// An id that is not here, or no commit, yields an error in its place and the stream goes on.
    pub fn commits(&self, ids: Vec<ObjectId>) -> impl Stream<Item = Result<Commit, GitError>> + Send + Unpin + 'static {
        commit_stream(self.read_ids(ids))
    }

    /// Reads every commit reachable from a branch of the repository, newest first, without holding their ids.
    pub fn all_commits(&self) -> impl Stream<Item = Result<Commit, GitError>> + Send + Unpin + 'static {
        commit_stream(self.read_branches())
    }

    /// Reads every commit reachable from `heads`, newest first, while git is still looking for them. Heads that are not here
    /// count as unreachable.
    pub fn commits_below(
        &self,
        heads: &[ObjectId],
    ) -> impl Stream<Item = Result<Commit, GitError>> + Send + Unpin + 'static {
        commit_stream(self.read_below(heads))
    }

    /// As [`Cache::all_commits`], undecoded and without copying, for a scan. Returns how many there were.
    ///
    /// # Errors
    /// Where git fails, or the repository's data is broken.
    pub async fn visit_commits(&self, mut visit: impl FnMut(RawCommit<'_>) + Send) -> Result<usize, GitError> {
        let mut reading = self.read_branches()?;
        let mut count = 0;
        while let Some(entry) = reading.objects.next().await? {
            match entry {
                Entry::Commit(commit) => visit(commit),
                Entry::Missing(id) | Entry::Unreadable(id) => return Err(unreadable(id)),
            }
            count += 1;
        }
        reading.end().await.map(|()| count)
    }

    fn read_ids(&self, ids: Vec<ObjectId>) -> Result<Reading, GitError> {
        let mut reader = self.cat_file(Stdio::piped())?;
        if let Some(stdin) = reader.stdin() {
            tokio::spawn(feed(stdin, ids));
        }
        Reading::of(reader, None)
    }

    /// One pipe from the walk to the reader: both run at the same time, and no id passes through here.
    fn read_branches(&self) -> Result<Reading, GitError> {
        self.read_walked(self.git.command(["rev-list", "--branches"]).repository(&self.directory).start(Stdio::null())?)
    }

    fn read_below(&self, heads: &[ObjectId]) -> Result<Reading, GitError> {
        let arguments = ["rev-list", "--ignore-missing", "--stdin"];
        let mut walker = self.git.command(arguments).repository(&self.directory).start(Stdio::piped())?;
        if let Some(stdin) = walker.stdin() {
            tokio::spawn(feed(stdin, heads.to_vec()));
        }
        self.read_walked(walker)
    }

    fn read_walked(&self, mut walker: Process) -> Result<Reading, GitError> {
        let ids = walker.stdout().map(TryInto::<Stdio>::try_into);
        let ids = ids.unwrap_or_else(|| Ok(Stdio::null())).map_err(|error| GitError::Unavailable(error.to_string()))?;
        Reading::of(self.cat_file(ids)?, Some(walker))
    }

    fn cat_file(&self, stdin: Stdio) -> Result<Process, GitError> {
        self.git.command(["cat-file", "--batch", "--buffer"]).repository(&self.directory).start(stdin)
    }
}

/// In slices, so that a million ids are never held twice. When the reader is dropped, the pipe breaks and this ends.
pub(crate) async fn feed(mut stdin: ChildStdin, ids: Vec<ObjectId>) {
    for slice in ids.chunks(4096) {
        if stdin.write_all(&id_lines(slice)).await.is_err() {
            return;
        }
    }
    let _ = stdin.shutdown().await;
}

impl Reading {
    fn of(mut reader: Process, walker: Option<Process>) -> Result<Self, GitError> {
        let stdout = reader.stdout().ok_or_else(|| GitError::Unavailable("it has no output".to_owned()))?;
        Ok(Self { objects: ObjectStream::new(stdout), reader, walker })
    }

    /// A walk that broke off must not look like a short history.
    async fn end(self) -> Result<(), GitError> {
        self.reader.end().await?.into_result()?;
        match self.walker {
            Some(walker) => walker.end().await?.into_result(),
            None => Ok(()),
        }
    }
}

fn commit_stream(
    reading: Result<Reading, GitError>,
) -> impl Stream<Item = Result<Commit, GitError>> + Send + Unpin + 'static {
    stream::unfold(Some(reading), |state| async {
        let mut reading = match state? {
            Ok(reading) => reading,
            Err(error) => return Some((Err(error), None)),
        };
        let item = match reading.objects.next().await {
            Ok(Some(Entry::Commit(commit))) => commit.decode(),
            Ok(Some(Entry::Missing(id) | Entry::Unreadable(id))) => Err(unreadable(id)),
            Ok(None) => return reading.end().await.err().map(|error| (Err(error), None)),
            Err(error) => return Some((Err(error), None)),
        };
        Some((item, Some(Ok(reading))))
    })
    // Readers in batches ask once more after the end, which an unfolded stream answers with a panic.
    .fuse()
    .boxed()
}

fn unreadable(id: &str) -> GitError {
    id.parse().map_or_else(
        |_| GitError::Corrupt("git named something that is no object id".to_owned()),
        |id| GitError::MissingObject { id },
    )
}
