//! Streams of `git fast-import`: small commits that each name an issue.

use std::fmt::Write as _;

/// Commits on one branch, oldest first.
pub struct Stream {
    text: String,
    branch: String,
}

impl Stream {
    /// Commits that go on where `from` is; none begins a history.
    pub fn new(branch: &str, from: Option<&str>) -> Self {
        let mut text = String::new();
        // A branch that the stream names first is not where the repository has it.
        writeln!(text, "reset refs/heads/{branch}").unwrap();
        if let Some(from) = from {
            writeln!(text, "from {from}").unwrap();
        }
        text.push('\n');
        Self { text, branch: branch.to_owned() }
    }

    /// One commit; `serial` makes it different from all others.
    pub fn commit(&mut self, at: i64, serial: u64, message: &str) {
        let (branch, length) = (&self.branch, message.len());
        write!(
            self.text,
            "commit refs/heads/{branch}\ncommitter Ada <ada@example.com> {at} +0000\ndata {length}\n{message}\n\
             M 100644 inline {serial}.txt\ndata 2\nx\n\n"
        )
        .unwrap();
    }

    /// The stream.
    pub fn finish(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}
