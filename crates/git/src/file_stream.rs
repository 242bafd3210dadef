//! The answers of `git diff-tree --stdin --name-status -z`: an id, then a letter and a path for each file.

use model::{CommitFile, CommitFiles, FileStatus, ObjectId};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

use crate::GitError;

/// As much as the pipe holds.
const ROOM: usize = 64 * 1024;

/// Reads one commit after the other. However long paths and lists are, only so much of them is held as is kept.
pub struct FileStream<R> {
    source: BufReader<R>,
    /// The word read last, cut to one byte more than the longest path.
    word: Vec<u8>,
    /// Which commit's files come next.
    next: Option<ObjectId>,
    at_end: bool,
}

impl<R: AsyncRead + Unpin> FileStream<R> {
    pub fn new(source: R) -> Self {
        Self { source: BufReader::with_capacity(ROOM, source), word: Vec::new(), next: None, at_end: false }
    }

    /// Whether nothing comes any more.
    pub const fn is_at_end(&self) -> bool {
        self.at_end
    }

    /// The next commit; none at the end.
    pub async fn next(&mut self) -> Result<Option<(ObjectId, CommitFiles)>, GitError> {
        let commit = match self.next.take() {
            Some(commit) => commit,
            None if !self.read_word().await? => return Ok(None),
            None => self.object_id()?,
        };
        let (mut files, mut bytes) = (CommitFiles::default(), 0);
        loop {
            if !self.read_word().await? {
                self.at_end = true;
                return Ok(Some((commit, files)));
            }
            let &[letter] = self.word.as_slice() else {
                self.next = Some(self.object_id()?);
                return Ok(Some((commit, files)));
            };
            if !self.read_word().await? {
                return Err(broken());
            }
            bytes += self.word.len();
            self.add(letter, bytes, &mut files)?;
        }
    }

    /// Adds the file whose path was read last; `bytes` are those of all paths of the commit until now.
    fn add(&self, letter: u8, bytes: usize, files: &mut CommitFiles) -> Result<(), GitError> {
        let change = match letter {
            b'A' => FileStatus::Added,
            b'D' => FileStatus::Removed,
            // Content or mode; its kind (a link in place of a file).
            b'M' | b'T' => FileStatus::Modified,
            _ => return Err(broken()),
        };
        let is_full = files.files.len() >= CommitFiles::MAX_FILES || bytes > CommitFiles::MAX_BYTES;
        if is_full || self.word.len() > CommitFiles::MAX_PATH {
            files.cut = true;
            return Ok(());
        }
        let (path, _) = model::text::decode(&self.word, None);
        files.files.push(CommitFile { path, change });
        Ok(())
    }

    fn object_id(&self) -> Result<ObjectId, GitError> {
        str::from_utf8(&self.word).ok().and_then(|text| text.parse().ok()).ok_or_else(broken)
    }

    /// Reads up to the next NUL; false at the end.
    async fn read_word(&mut self) -> Result<bool, GitError> {
        self.word.clear();
        let mut begun = false;
        loop {
            let buffer = self.source.fill_buf().await.map_err(|error| GitError::Other(error.to_string()))?;
            if buffer.is_empty() {
                return if begun { Err(broken()) } else { Ok(false) };
            }
            begun = true;
            let end = buffer.iter().position(|byte| *byte == 0);
            let part = &buffer[..end.unwrap_or(buffer.len())];
            let room = (CommitFiles::MAX_PATH + 1).saturating_sub(self.word.len());
            self.word.extend_from_slice(&part[..part.len().min(room)]);
            let read = part.len() + usize::from(end.is_some());
            self.source.consume(read);
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

fn broken() -> GitError {
    GitError::Corrupt("git's list of files is cut short or malformed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "8f3b1c0e5a2d4f6978a1b2c3d4e5f60718293a4b";
    const B: &str = "0000000000000000000000000000000000000001";

    async fn read(source: &[u8]) -> Result<Vec<(ObjectId, CommitFiles)>, GitError> {
        let mut stream = FileStream::new(source);
        let mut told = Vec::new();
        while let Some(one) = stream.next().await? {
            told.push(one);
        }
        Ok(told)
    }

    #[tokio::test]
    async fn reads_commits_with_and_without_files() {
        let source = format!("{A}\0A\0new\nline\0T\0d/link\0{B}\0{A}\0D\0{B}\0");

        let told = read(source.as_bytes()).await.unwrap();

        let files: Vec<Vec<(&str, FileStatus)>> = told
            .iter()
            .map(|(_, files)| files.files.iter().map(|file| (file.path.as_str(), file.change)).collect())
            .collect();
        let first = vec![("new\nline", FileStatus::Added), ("d/link", FileStatus::Modified)];
        // A path may look like an id: it always follows a letter.
        assert_eq!(files, [first, vec![], vec![(B, FileStatus::Removed)]]);
        assert_eq!(told.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), [A, B, A]);
    }

    #[tokio::test]
    async fn long_lists_and_long_paths_are_cut_and_the_next_commit_is_read() {
        let many = (0..CommitFiles::MAX_FILES + 7).map(|number| format!("M\0{number}\0")).collect::<String>();
        let (longest, longer) = ("x".repeat(CommitFiles::MAX_PATH), "y".repeat(3 * ROOM));
        let source = format!("{A}\0{many}{B}\0A\0{longer}\0A\0{longest}\0");

        let told = read(source.as_bytes()).await.unwrap();

        assert_eq!((told[0].1.files.len(), told[0].1.cut), (CommitFiles::MAX_FILES, true));
        assert_eq!((told[1].1.files.len(), told[1].1.cut), (1, true));
        assert_eq!(told[1].1.files[0].path, longest);
        let files = format!("A\0{longest}\0").repeat(65);
        let told = read(format!("{A}\0{files}").as_bytes()).await.unwrap();
        assert_eq!((told[0].1.files.len(), told[0].1.cut), (64, true));
    }

    #[tokio::test]
    async fn cut_and_malformed_answers_are_errors() {
        for source in
            [format!("{A}\0A\0pat"), format!("{A}\0A\0"), format!("{A}\0R\0x\0"), "x\0".to_owned(), A.to_owned()]
        {
            assert!(matches!(read(source.as_bytes()).await, Err(GitError::Corrupt(_))), "{source:?}");
        }
        assert!(read(b"").await.unwrap().is_empty());
    }
}
