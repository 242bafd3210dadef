//! Which files commits touched.

use std::collections::HashSet;
use std::process::Stdio;

use futures::{Stream, StreamExt, stream};
use model::{CommitFiles, ObjectId};
use tokio::process::ChildStdout;

use crate::file_stream::FileStream;
use crate::process::Process;
use crate::reader::feed;
use crate::{Cache, GitError};

/// Compared with the first parent, a root with nothing; renamed files as removed and added, which needs no file's
/// content. A commit without files is named, too.
const ARGUMENTS: [&str; 10] = [
    "diff-tree",
    "--stdin",
    "-r",
    "--root",
    "--no-renames",
    "--name-status",
    "-z",
    "--always",
    "--diff-merges=first-parent",
    "--ignore-submodules=none",
];

/// A running `diff-tree`.
struct Reading {
    files: FileStream<ChildStdout>,
    reader: Process,
}

impl Cache {
    /// Reads which files commits touched, in the order given, while the ids are still being written. One that is not here
    /// is passed over. One whose folders are not here ends the stream with an error ([`Cache::with_folders`]); then what
    /// came before it is right, but for the last one it may not have come.
    pub fn files(
        &self,
        ids: Vec<ObjectId>,
    ) -> impl Stream<Item = Result<(ObjectId, CommitFiles), GitError>> + Send + Unpin + 'static {
        stream::unfold(Some(self.read_files(ids)), |state| async {
            let mut reading = match state? {
                Ok(reading) => reading,
                Err(error) => return Some((Err(error), None)),
            };
            match reading.files.next().await {
                // git may have been killed in the midst of the last one.
                Ok(Some(last)) if reading.files.is_at_end() => match reading.end().await {
                    Ok(()) => Some((Ok(last), None)),
                    Err(error) => Some((Err(error), None)),
                },
                Ok(Some(one)) => Some((Ok(one), Some(Ok(reading)))),
                Ok(None) => reading.end().await.err().map(|error| (Err(error), None)),
                Err(broken) => Some((Err(reading.end().await.err().unwrap_or(broken)), None)),
            }
        })
        .fuse()
        .boxed()
    }

    /// Those of these commits that are here with their topmost folder; the others may be here without.
    ///
    /// # Errors
    /// Where git fails.
    pub async fn with_folders(&self, ids: &[ObjectId]) -> Result<HashSet<ObjectId>, GitError> {
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let mut input = String::new();
        for id in ids {
            input.push_str(id.as_str());
            input.push_str("^{tree}\n");
        }
        let arguments = ["cat-file", "--batch-check=%(objecttype)", "--buffer"];
        let told = self.git.command(arguments).repository(&self.directory).input(input).output().await?;
        let lines = told.split(|byte| *byte == b'\n');
        Ok(ids.iter().zip(lines).filter(|(_, line)| *line == b"tree").map(|(id, _)| id.clone()).collect())
    }

    fn read_files(&self, ids: Vec<ObjectId>) -> Result<Reading, GitError> {
        let mut reader = self.git.command(ARGUMENTS).repository(&self.directory).start(Stdio::piped())?;
        if let Some(stdin) = reader.stdin() {
            tokio::spawn(feed(stdin, ids));
        }
        let stdout = reader.stdout().ok_or_else(|| GitError::Unavailable("it has no output".to_owned()))?;
        Ok(Reading { files: FileStream::new(stdout), reader })
    }
}

impl Reading {
    async fn end(self) -> Result<(), GitError> {
        self.reader.end().await?.into_result()
    }
}
