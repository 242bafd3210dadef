//! Writing `git fast-import` streams.

use std::collections::{BTreeMap, HashMap, HashSet};

use model::Millis;

use super::people::Person;
use super::script::Commit;

/// A stream under construction, or several that follow each other in one repository.
#[derive(Debug, Default)]
pub(super) struct Stream {
    bytes: Vec<u8>,
    /// The mark of the newest commit of each branch in this stream.
    tips: HashMap<String, usize>,
    /// The branches of the streams before.
    there: HashSet<String>,
    /// The files of each branch.
    files: HashMap<String, BTreeMap<&'static str, String>>,
    marks: usize,
}

/// A commit, down to the bytes.
#[derive(Debug, Clone)]
pub(super) struct RawCommit<'a> {
    pub(super) branch: &'a str,
    pub(super) by: Person,
    /// Seconds since the epoch; git knows no earlier time.
    pub(super) at: i64,
    pub(super) message: &'a [u8],
    pub(super) encoding: Option<&'a str>,
    /// Branches whose newest commits are its parents; none: the branch's own newest commit, if any.
    pub(super) parents: &'a [&'a str],
    pub(super) files: &'a [(&'a str, &'a str)],
}

impl Stream {
    /// Hands the stream over and begins the next, which goes on from the branches as the repository has them by then.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.there.extend(self.tips.drain().map(|(branch, _)| branch));
        std::mem::take(&mut self.bytes)
    }

    /// Adds a commit of a script; its files grow by a few lines, and lose some.
    pub(super) fn commit(&mut self, commit: &Commit, now: Millis) {
        if let Some(files) = commit.from.and_then(|from| self.files.get(from)).cloned() {
            self.files.insert(commit.branch.to_owned(), files);
        }
        let title = commit.message.lines().next().unwrap_or_default();
        let files = self.files.entry(commit.branch.to_owned()).or_default();
        for path in commit.files {
            let content = files.entry(path).or_default();
            *content = edited(content, path, title);
        }
        let files: Vec<(&str, String)> = commit.files.iter().map(|path| (*path, files[path].clone())).collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(path, content)| (*path, content.as_str())).collect();
        let from = commit.from.map(|from| [from]);
        let message = format!("{}\n", commit.message.trim_end());
        self.raw(&RawCommit {
            branch: commit.branch,
            by: commit.by,
            at: commit.at.before(now) / 1000,
            message: message.as_bytes(),
            encoding: None,
            parents: from.as_ref().map_or(&[], <[_; 1]>::as_slice),
            files: &files,
        });
    }

    /// Adds any commit.
    pub(super) fn raw(&mut self, commit: &RawCommit<'_>) {
        let parents: Vec<String> = match commit.parents {
            [] if !self.tips.contains_key(commit.branch) && !self.there.contains(commit.branch) => Vec::new(),
            [] => vec![self.tip(commit.branch)],
            branches => branches.iter().map(|branch| self.tip(branch)).collect(),
        };
        self.marks += 1;
        self.line(&format!("commit refs/heads/{}", commit.branch));
        self.line(&format!("mark :{}", self.marks));
        let Person { name, email, zone, .. } = commit.by;
        self.line(&format!("author {name} <{email}> {} {zone}", commit.at));
        self.line(&format!("committer {name} <{email}> {} {zone}", commit.at));
        if let Some(encoding) = commit.encoding {
            self.line(&format!("encoding {encoding}"));
        }
        self.data(commit.message);
        for (at, parent) in parents.iter().enumerate() {
            self.line(&format!("{} {parent}", if at == 0 { "from" } else { "merge" }));
        }
        for (path, content) in commit.files {
            self.line(&format!("M 100644 inline {path}"));
            self.data(content.as_bytes());
        }
        self.tips.insert(commit.branch.to_owned(), self.marks);
    }

    /// Adds an annotated tag of a branch's newest commit.
    pub(super) fn tag(&mut self, name: &str, branch: &str, by: Person, at: i64, message: &str) {
        let Person { name: person, email, zone, .. } = by;
        self.line(&format!("tag {name}"));
        self.line(&format!("from {}", self.tip(branch)));
        self.line(&format!("tagger {person} <{email}> {at} {zone}"));
        self.data(message.as_bytes());
    }

    /// Deletes a branch that an earlier stream made.
    pub(super) fn delete(&mut self, branch: &str) {
        self.line(&format!("reset refs/heads/{branch}"));
        self.line(&format!("from {}", "0".repeat(40)));
    }

    /// The newest commit of a branch: of this stream, else of the repository.
    fn tip(&self, branch: &str) -> String {
        self.tips.get(branch).map_or_else(|| format!("refs/heads/{branch}^0"), |mark| format!(":{mark}"))
    }

    fn line(&mut self, line: &str) {
        self.bytes.extend_from_slice(line.as_bytes());
        self.bytes.push(b'\n');
    }

    fn data(&mut self, data: &[u8]) {
        self.line(&format!("data {}", data.len()));
        self.bytes.extend_from_slice(data);
        self.bytes.push(b'\n');
    }
}

/// A file after an edit: one or two lines fewer at its end, and some more about the edit.
fn edited(content: &str, path: &str, title: &str) -> String {
    let mark = match path.rsplit('.').next() {
        Some("md") => "-",
        Some("yml" | "toml" | "sh" | "py") => "#",
        Some("sql") => "--",
        _ => "//",
    };
    let dice = (path.len() * 31 + title.len() * 17) % 11;
    let lines: Vec<&str> = content.lines().collect();
    let kept = lines.len().saturating_sub(dice % 3).max(lines.len().min(1));
    let more = (0..3 + dice).map(|number| format!("{mark} {title} ({})", number + 1));
    lines[..kept].iter().map(|line| (*line).to_owned()).chain(more).map(|line| line + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::edited;

    #[test]
    fn an_edit_adds_and_removes_lines() {
        let first = edited("", "a.rs", "Begin");
        let second = edited(&first, "a.rs", "Go on there");
        assert!(first.lines().count() >= 3);
        assert!(second.contains("// Go on there (1)\n"));
        assert!(second.starts_with("// Begin (1)\n"), "what stood there stays, but for the end");
    }
}
