//! Long answers about issues, kept in memory for as long as nothing that they tell has changed.
//!
//! A transaction knows what it touched: nothing that is shown, the issues of some texts, or — unless its methods say otherwise —
//! everything. What it touched is forgotten after its commit, here and, by PostgreSQL's notifications, on the other nodes. An
//! answer that was being made meanwhile is not kept, as nobody knows on which side of the commit it was read.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

/// What the answers may take together, in bytes; beyond that all are forgotten.
const CAPACITY: usize = 16 << 20;
/// More issues than this are everything.
const MOST_ISSUES: usize = 4_096;
/// Stands for everything in a notification; no issue key.
const EVERYTHING: &str = "*";
/// Bytes of a notification that PostgreSQL carries.
const LONGEST_NOTICE: usize = 7_900;

/// What a transaction touched of what is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Touched {
    /// These issues; none of them: nothing.
    Issues(BTreeSet<String>),
    /// Perhaps everything.
    Everything,
}

impl Touched {
    pub(crate) const fn nothing() -> Self {
        Self::Issues(BTreeSet::new())
    }

    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self, Self::Issues(keys) if keys.is_empty())
    }

    /// These issues, too.
    pub(crate) fn add<'k>(&mut self, added: impl IntoIterator<Item = &'k str>) {
        let Self::Issues(keys) = self else { return };
        for key in added {
            if !keys.contains(key) {
                keys.insert(key.to_owned());
            }
        }
        if keys.len() > MOST_ISSUES {
            *self = Self::Everything;
        }
    }

    fn notice(&self) -> String {
        let written = match self {
            Self::Everything => EVERYTHING.to_owned(),
            Self::Issues(keys) => keys.iter().map(String::as_str).collect::<Vec<_>>().join(" "),
        };
        if written.len() > LONGEST_NOTICE { EVERYTHING.to_owned() } else { written }
    }

    fn noticed(written: &str) -> Self {
        let keys: BTreeSet<String> = written.split_whitespace().map(str::to_owned).collect();
        if keys.contains(EVERYTHING) { Self::Everything } else { Self::Issues(keys) }
    }
}

/// The answers of this node.
#[derive(Debug)]
pub struct Answers {
    /// Tells this node's notices from those of others: it has heard its own already.
    node: String,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    issues: HashMap<String, HashMap<String, Slot>>,
    bytes: usize,
    next_ticket: u64,
    /// Changes of other nodes cannot be heard at the moment.
    deaf: bool,
}

#[derive(Debug)]
enum Slot {
    BeingMade(u64),
    Ready(Bytes),
}

/// The right to keep an answer, unless what it tells changes before it is made.
#[derive(Debug)]
pub struct Ticket<'a> {
    answers: &'a Answers,
    issue: String,
    question: String,
    number: u64,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            node: format!("{:016x}", rand::random::<u64>()),
            kept: Mutex::new(Kept { issues: HashMap::new(), bytes: 0, next_ticket: 0, deaf: false }),
        }
    }
}

impl Answers {
    /// The answer to a question about an issue, if it is still true. The question names everything the answer depends on besides
    /// the store: who asks, and for what.
    #[must_use]
    pub fn get(&self, issue: &str, question: &str) -> Option<Bytes> {
        let kept = self.lock();
        match kept.issues.get(issue)?.get(question)? {
            Slot::Ready(answer) if !kept.deaf => Some(answer.clone()),
            _ => None,
        }
    }

    /// To be called before the store is read for an answer that is to be kept.
    #[must_use]
    pub fn begin(&self, issue: &str, question: &str) -> Ticket<'_> {
        let mut kept = self.lock();
        let number = kept.next_ticket;
        kept.next_ticket += 1;
        kept.put(issue, question, Slot::BeingMade(number));
        Ticket { answers: self, issue: issue.to_owned(), question: question.to_owned(), number }
    }

    /// What other nodes are told of a commit.
    pub(crate) fn notice(&self, touched: &Touched) -> String {
        format!("{} {}", self.node, touched.notice())
    }

    /// Another node, or this one, told of a commit.
    pub(crate) fn hear(&self, notice: &str) {
        match notice.split_once(' ') {
            Some((node, _)) if node == self.node => {}
            Some((_, touched)) => self.forget(&Touched::noticed(touched)),
            None => self.forget(&Touched::Everything),
        }
    }

    pub(crate) fn forget(&self, touched: &Touched) {
        let mut kept = self.lock();
        match touched {
            Touched::Everything => kept.clear(),
            Touched::Issues(keys) => keys.iter().for_each(|key| kept.remove(key)),
        }
    }

    /// From now on changes of other nodes are heard, or not.
    pub(crate) fn hears(&self, hears: bool) {
        let mut kept = self.lock();
        kept.deaf = !hears;
        kept.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn put(&mut self, issue: &str, question: &str, slot: Slot) {
        let bytes = slot.bytes();
        if self.bytes + bytes > CAPACITY {
            self.clear();
        }
        let before = self.issues.entry(issue.to_owned()).or_default().insert(question.to_owned(), slot);
        self.bytes = self.bytes + bytes - before.map_or(0, |before| before.bytes());
    }

    fn remove(&mut self, issue: &str) {
        let gone = self.issues.remove(issue).into_iter().flat_map(HashMap::into_values);
        self.bytes -= gone.map(|slot| slot.bytes()).sum::<usize>();
    }

    fn clear(&mut self) {
        self.issues.clear();
        self.bytes = 0;
    }

    fn holds(&self, ticket: &Ticket<'_>) -> bool {
        let slot = self.issues.get(&ticket.issue).and_then(|questions| questions.get(&ticket.question));
        matches!(slot, Some(Slot::BeingMade(number)) if *number == ticket.number)
    }
}

impl Slot {
    const fn bytes(&self) -> usize {
        match self {
            Self::BeingMade(_) => 0,
            Self::Ready(answer) => answer.len(),
        }
    }
}

impl Ticket<'_> {
    /// Keeps the answer, if nothing that it tells has changed meanwhile.
    pub fn keep(self, answer: Bytes) {
        let mut kept = self.answers.lock();
        if kept.holds(&self) && answer.len() <= CAPACITY && !kept.deaf {
            kept.put(&self.issue, &self.question, Slot::Ready(answer));
        }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let mut kept = self.answers.lock();
        if kept.holds(self) {
            let questions = kept.issues.get_mut(&self.issue);
            let left = questions.map(|questions| {
                questions.remove(&self.question);
                questions.is_empty()
            });
            if left == Some(true) {
                kept.issues.remove(&self.issue);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    fn touched(keys: &[&str]) -> Touched {
        let mut touched = Touched::nothing();
        touched.add(keys.iter().copied());
        touched
    }

    #[test]
    fn an_answer_is_there_until_its_issue_is_touched() {
        let answers = Answers::default();
        answers.begin("A-1", "detail").keep(answer("one"));
        answers.begin("A-2", "detail").keep(answer("two"));

        answers.forget(&touched(&["A-1"]));

        assert_eq!(answers.get("A-1", "detail"), None);
        assert_eq!(answers.get("A-2", "detail"), Some(answer("two")));
        assert_eq!(answers.get("A-2", "summary"), None);
        answers.forget(&Touched::Everything);
        assert_eq!(answers.get("A-2", "detail"), None);
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let answers = Answers::default();
        let ticket = answers.begin("A-1", "detail");
        answers.forget(&touched(&["A-1"]));
        ticket.keep(answer("old"));
        assert_eq!(answers.get("A-1", "detail"), None);

        let ticket = answers.begin("A-1", "detail");
        answers.forget(&touched(&["B-1"]));
        ticket.keep(answer("new"));
        assert_eq!(answers.get("A-1", "detail"), Some(answer("new")));
    }

    #[test]
    fn of_two_that_make_the_same_answer_the_later_one_counts() {
        let answers = Answers::default();
        let first = answers.begin("A-1", "detail");
        let second = answers.begin("A-1", "detail");
        first.keep(answer("first"));
        assert_eq!(answers.get("A-1", "detail"), None);
        second.keep(answer("second"));
        assert_eq!(answers.get("A-1", "detail"), Some(answer("second")));
    }

    #[test]
    fn who_cannot_hear_the_others_keeps_nothing() {
        let answers = Answers::default();
        answers.begin("A-1", "detail").keep(answer("one"));
        answers.hears(false);
        answers.begin("A-1", "detail").keep(answer("one"));
        assert_eq!(answers.get("A-1", "detail"), None);
        answers.hears(true);
        assert_eq!(answers.get("A-1", "detail"), None);
    }

    #[test]
    fn memory_is_bounded_and_a_ticket_leaves_nothing_behind() {
        let answers = Answers::default();
        let large = Bytes::from(vec![b'x'; CAPACITY / 2 + 1]);
        answers.begin("A-1", "detail").keep(large.clone());
        answers.begin("A-2", "detail").keep(large);
        assert_eq!(answers.get("A-1", "detail"), None);
        assert!(answers.get("A-2", "detail").is_some());

        drop(answers.begin("A-3", "detail"));
        assert!(!answers.lock().issues.contains_key("A-3"));
    }

    #[test]
    fn a_notice_says_what_was_touched_or_everything() {
        for before in [touched(&["A-1", "B-2"]), Touched::Everything, Touched::nothing()] {
            assert_eq!(Touched::noticed(&before.notice()), before);
        }
        let many: Vec<String> = (0..2_000).map(|number| format!("LONG-{number}")).collect();
        let mut long = Touched::nothing();
        long.add(many.iter().map(String::as_str));
        assert_eq!(Touched::noticed(&long.notice()), Touched::Everything);
    }
}
