//! The answers of `git cat-file --batch`: a line about each object, then its bytes.

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::{GitError, RawCommit};

/// The least room for one read: a large part of what the pipe and git's own buffer hold.
const ROOM: usize = 256 * 1024;
/// The longest commit that is kept whole; longer ones are skipped. Real ones stay below a megabyte.
const LONGEST: usize = 64 * 1024 * 1024;

/// What was found under an id.
#[derive(Debug)]
pub enum Entry<'a> {
    /// A commit.
    Commit(RawCommit<'a>),
    /// Nothing.
    Missing(&'a str),
    /// Something else, or a commit too long to keep; its id.
    Unreadable(&'a str),
}

/// Reads one answer after the other from one buffer that grows to the longest commit only.
pub struct ObjectStream<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// The id of the object left out last.
    skipped: String,
}

/// The first line of an answer, by its place in the buffer.
struct Head {
    id: std::ops::Range<usize>,
    kind: Kind,
}

enum Kind {
    Missing,
    Object { commit: bool, size: usize },
}

impl<R: AsyncRead + Unpin> ObjectStream<R> {
    pub fn new(source: R) -> Self {
        Self { source, buffer: vec![0; 2 * ROOM], start: 0, end: 0, skipped: String::new() }
    }

    /// The next answer; none at the end.
    pub async fn next(&mut self) -> Result<Option<Entry<'_>>, GitError> {
        let Some(line) = self.line().await? else { return Ok(None) };
        let head = parse(&self.buffer[self.start..self.start + line]).ok_or_else(broken)?;
        match head.kind {
            Kind::Missing => {
                let id = self.start + head.id.start..self.start + head.id.end;
                self.start += line + 1;
                Ok(Some(Entry::Missing(text(&self.buffer[id])?)))
            }
            Kind::Object { commit: true, size } if size <= LONGEST => self.commit(&head, line, size).await.map(Some),
            Kind::Object { size, .. } => self.skip(&head, line, size).await.map(Some),
        }
    }

    async fn commit(&mut self, head: &Head, line: usize, size: usize) -> Result<Entry<'_>, GitError> {
        let length = line + 1 + size + 1;
        self.fill(length).await?;
        let answer = self.start;
        self.start += length;
        let answer = &self.buffer[answer..answer + length];
        let (id, bytes) = (text(&answer[head.id.clone()])?, &answer[line + 1..length - 1]);
        Ok(Entry::Commit(RawCommit { id, bytes }))
    }

    /// Leaves out the bytes of an object.
    async fn skip(&mut self, head: &Head, line: usize, size: usize) -> Result<Entry<'_>, GitError> {
        let id = self.start + head.id.start..self.start + head.id.end;
        self.skipped = text(&self.buffer[id])?.to_owned();
        self.start += line + 1;
        let mut left = size + 1;
        while left > 0 {
            self.fill(left.min(ROOM)).await?;
            let step = left.min(self.end - self.start);
            self.start += step;
            left -= step;
        }
        Ok(Entry::Unreadable(&self.skipped))
    }

    /// The length of the line at `start`; none at the end of the source.
    async fn line(&mut self) -> Result<Option<usize>, GitError> {
        let mut searched = 0;
        loop {
            let unread = &self.buffer[self.start..self.end];
            if let Some(position) = unread[searched..].iter().position(|byte| *byte == b'\n') {
                return Ok(Some(searched + position));
            }
            searched = unread.len();
            if !self.read().await? {
                return if searched == 0 { Ok(None) } else { Err(broken()) };
            }
        }
    }

    /// Reads until `length` bytes stand at `start`.
    async fn fill(&mut self, length: usize) -> Result<(), GitError> {
        while self.end - self.start < length {
            if self.buffer.len() - self.start < length {
                self.make_room(length);
            }
            if !self.read().await? {
                return Err(broken());
            }
        }
        Ok(())
    }

    /// One read; false at the end.
    async fn read(&mut self) -> Result<bool, GitError> {
        if self.buffer.len() - self.end < ROOM {
            self.make_room(self.end - self.start + ROOM);
        }
        let read = self.source.read(&mut self.buffer[self.end..]).await;
        let length = read.map_err(|error| GitError::Other(error.to_string()))?;
        self.end += length;
        Ok(length > 0)
    }

    /// Moves what is unread to the front and lets the buffer hold `length` bytes from there.
    fn make_room(&mut self, length: usize) {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.buffer.len() < length {
            self.buffer.resize(length, 0);
        }
    }
}

/// `<id> <type> <size>` or `<id> missing`.
fn parse(line: &[u8]) -> Option<Head> {
    let mut spaces = line.iter().enumerate().filter(|(_, byte)| **byte == b' ').map(|(position, _)| position);
    let first = spaces.next()?;
    let Some(second) = spaces.next() else {
        return (&line[first + 1..] == b"missing").then_some(Head { id: 0..first, kind: Kind::Missing });
    };
    let size = str::from_utf8(&line[second + 1..]).ok()?.parse().ok()?;
    Some(Head { id: 0..first, kind: Kind::Object { commit: &line[first + 1..second] == b"commit", size } })
}

fn text(bytes: &[u8]) -> Result<&str, GitError> {
    str::from_utf8(bytes).map_err(|_| broken())
}

fn broken() -> GitError {
    GitError::Corrupt("git's list of objects is cut short or malformed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Entry, LONGEST, ObjectStream, ROOM};
    use crate::GitError;

    /// What the stream tells, each answer as one short text.
    async fn read(source: &[u8]) -> Result<Vec<String>, GitError> {
        let mut stream = ObjectStream::new(source);
        let mut told = Vec::new();
        while let Some(entry) = stream.next().await? {
            told.push(match entry {
                Entry::Commit(commit) => format!("{} has {}", commit.id, commit.bytes.len()),
                Entry::Missing(id) => format!("{id} missing"),
                Entry::Unreadable(id) => format!("{id} unreadable"),
            });
        }
        Ok(told)
    }

    #[tokio::test]
    async fn reads_commits_of_any_size_between_other_answers() {
        for size in [0, 1, ROOM - 1, ROOM, ROOM + 1, 5 * ROOM] {
            let mut source = b"a1 missing\nb2 blob 3\nx\ny\n".to_vec();
            source.extend_from_slice(format!("c3 commit {size}\n{}\n", "\n".repeat(size)).as_bytes());
            source.extend_from_slice(b"d4 commit 2\nzz\n");
            let told = read(&source).await.unwrap();
            assert_eq!(told, ["a1 missing", "b2 unreadable", &format!("c3 has {size}"), "d4 has 2"]);
        }
    }

    #[tokio::test]
    async fn a_commit_beyond_the_bound_is_left_out_and_the_next_is_read() {
        let size = LONGEST + 1;
        let source = format!("a1 commit {size}\n{}\nb2 commit 1\nx\n", "x".repeat(size));
        assert_eq!(read(source.as_bytes()).await.unwrap(), ["a1 unreadable", "b2 has 1"]);
    }

    #[tokio::test]
    async fn cut_and_malformed_answers_are_errors() {
        for source in [&b"a1 commit 5\nab"[..], b"a1 commit", b"a1 commit x\n", b"nonsense\n", b"a1 ambiguous\n"] {
            assert!(matches!(read(source).await, Err(GitError::Corrupt(_))), "{source:?}");
        }
        assert!(read(b"").await.unwrap().is_empty());
    }
}
