//! The history of the generated project, and the merge requests that it came about by.

use super::Shape;
use super::stream::{File, From, PEOPLE, Stream};

/// How far back on `main` work begins.
const BEHIND: usize = 40;
/// Commits of a merge request that gets merged.
const MERGED_COMMITS: usize = 2;
/// Commits of a branch that is still there.
const OPEN_COMMITS: usize = 3;

/// How a merge request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Open,
    Closed,
    Merged,
}

/// A merge request as the history has it; git names its commits later.
#[derive(Debug)]
pub(super) struct Draft {
    /// Its number in the project.
    pub(super) number: u64,
    pub(super) ending: Ending,
    pub(super) source_branch: String,
    pub(super) title: String,
    pub(super) description: String,
    /// How many commits lie between its base and its head.
    pub(super) commits: usize,
    /// Which of the people opened it.
    pub(super) author: usize,
    /// Opened, in seconds.
    pub(super) opened_at: i64,
    /// Merged or closed, in seconds.
    pub(super) ended_at: i64,
}

/// A history on its way into git.
#[derive(Debug)]
pub(super) struct History {
    pub(super) stream: String,
    pub(super) drafts: Vec<Draft>,
}

/// What is still to be written on `main`.
struct Left {
    plain: usize,
    merged: usize,
    closed: usize,
}

impl Left {
    /// Shares the commits out: first what merge requests and branches need, the rest is plain work on `main`.
    fn of(shape: &Shape) -> Self {
        let open = shape.branches.saturating_sub(1).min(shape.merge_requests);
        let ended = shape.merge_requests - open;
        let closed = ended / 8;
        let merged = ended - closed;
        let by_merge_requests = merged * (MERGED_COMMITS + 1) + open * OPEN_COMMITS;
        Self { plain: shape.commits.saturating_sub(by_merge_requests).max(1), merged, closed }
    }

    fn all(&self) -> usize {
        self.plain + self.merged + self.closed
    }
}

/// A history under way.
struct Writer {
    stream: Stream,
    /// The commits of `main`, oldest first.
    main: Vec<u32>,
    drafts: Vec<Draft>,
}

impl History {
    /// Writes the history of the project. The same shape gives the same bytes.
    pub(super) fn of_project(shape: &Shape) -> Self {
        let stream = Stream::new(shape.seed, shape.issues(), 0);
        let mut writer = Writer { stream, main: Vec::new(), drafts: Vec::new() };
        let mut left = Left::of(shape);
        writer.plain();
        left.plain -= 1;
        while left.all() > 0 {
            writer.step(&mut left);
        }
        let open = shape.branches.saturating_sub(1);
        for branch in 0..open {
            writer.open(branch < shape.merge_requests);
        }
        Self { stream: writer.stream.into_text(), drafts: writer.drafts }
    }

    /// Writes what one fork adds on a branch of its own.
    pub(super) fn of_fork(shape: &Shape, fork: usize) -> Self {
        let seed = shape.seed.wrapping_add(1 + fork as u64);
        let before = u32::try_from(shape.commits + shape.merge_requests).unwrap_or(u32::MAX / 2);
        let mut stream = Stream::new(seed, shape.issues(), before);
        let mut from = From::Branch("refs/heads/main");
        for _ in 0..OPEN_COMMITS {
            from = From::Mark(stream.work("refs/heads/our-changes", from).0);
        }
        Self { stream: stream.into_text(), drafts: Vec::new() }
    }
}

impl Writer {
    fn step(&mut self, left: &mut Left) {
        let at = self.stream.dice.below(left.all());
        if at < left.plain {
            left.plain -= 1;
            self.plain();
        } else if at < left.plain + left.merged {
            left.merged -= 1;
            self.merged();
        } else {
            left.closed -= 1;
            self.closed();
        }
    }

    /// A commit straight on `main`.
    fn plain(&mut self) {
        let from = self.main.last().map_or(From::Nothing, |tip| From::Mark(*tip));
        let (mark, _) = self.stream.work("refs/heads/main", from);
        self.main.push(mark);
    }

    /// A merge request, and the commit on `main` that merges it.
    fn merged(&mut self) {
        let (draft, head, files) = self.merge_request(Ending::Merged, MERGED_COMMITS, None);
        let message = format!(
            "Merge branch '{}' into 'main'\n\n{}\n\nSee merge request !{}\n",
            draft.source_branch, draft.title, draft.number
        );
        let tip = self.main.last().copied().unwrap_or(head);
        let mark = self.stream.merge("refs/heads/main", tip, head, &message, &files);
        self.main.push(mark);
        self.drafts.push(draft);
    }

    fn closed(&mut self) {
        let (draft, _, _) = self.merge_request(Ending::Closed, 1, None);
        self.drafts.push(draft);
    }

    /// A branch that is still there, as a rule with an open merge request.
    fn open(&mut self, with_merge_request: bool) {
        let title = self.stream.title();
        let branch = format!("feature/{}-{}", slug(&title), self.stream.now());
        let name = format!("refs/heads/{branch}");
        if with_merge_request {
            let (draft, head, _) = self.merge_request(Ending::Open, OPEN_COMMITS, Some((branch, title)));
            self.stream.reset(&name, head);
            self.drafts.push(draft);
        } else {
            let from = self.somewhere();
            self.commits(&name, from, OPEN_COMMITS);
        }
    }

    /// Commits on the ref that GitLab keeps for a merge request; also gives its head and what it changed.
    fn merge_request(
        &mut self,
        ending: Ending,
        commits: usize,
        names: Option<(String, String)>,
    ) -> (Draft, u32, Vec<File>) {
        let number = self.drafts.len() as u64 + 1;
        let (source_branch, title) = names.unwrap_or_else(|| {
            let title = self.stream.title();
            (format!("feature/{}-{number}", slug(&title)), title)
        });
        let (description, author) = (self.stream.prose(5), self.stream.dice.below(PEOPLE));
        let from = self.somewhere();
        let (head, files) = self.commits(&format!("refs/merge-requests/{number}/head"), from, commits);
        let opened_at = self.stream.now();
        let ended_at = opened_at + 3_600;
        let draft = Draft { number, ending, source_branch, title, description, commits, author, opened_at, ended_at };
        (draft, head, files)
    }

    fn commits(&mut self, name: &str, from: u32, count: usize) -> (u32, Vec<File>) {
        let (mut tip, mut all) = (from, Vec::new());
        for _ in 0..count {
            let (mark, files) = self.stream.work(name, From::Mark(tip));
            tip = mark;
            all.extend(files);
        }
        (tip, all)
    }

    /// A commit of `main` from the last days.
    fn somewhere(&mut self) -> u32 {
        let back = self.stream.dice.below(BEHIND.min(self.main.len()));
        self.main[self.main.len() - 1 - back]
    }
}

/// The words of a title as a branch has them; the key keeps its case.
fn slug(title: &str) -> String {
    let (key, rest) = title.split_once(' ').unwrap_or((title, ""));
    format!("{key}-{}", rest.to_lowercase().replace(' ', "-"))
}
