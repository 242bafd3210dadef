//! Long answers about issues, kept in memory for as long as nothing that they tell has changed.
//!
//! A transaction knows what it touched: nothing that is shown, the issues of some texts, or — unless its methods say otherwise —
//! everything. What it touched is forgotten after its commit, here and, by PostgreSQL's notifications, on the other nodes. An
//! answer that was being made meanwhile is not kept, as nobody knows on which side of the commit it was read.
//!
//! Who asks while the answer is being made waits for it: otherwise every question that comes before the first is answered
//! reads the store again, and under load the readings hold each other up.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

use crate::key_rule::KeyRule;
use crate::site_wants::SiteWants;
use crate::tokens::ActiveTokens;
use crate::until_changed::UntilChanged;

/// What the answers may take together, in bytes; beyond that all are forgotten.
const CAPACITY: usize = 16 << 20;
/// More issues than this are everything.
const MOST_ISSUES: usize = 4_096;
/// Stands for everything in a notification; no issue key.
const EVERYTHING: &str = "*";
/// Stands for API tokens that were revoked; no issue key.
pub(crate) const TOKENS: &str = "#tokens";
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

/// What is kept beside the answers.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// What sites know of projects and issues; who changes that touches everything.
    pub(crate) key_rule: UntilChanged<KeyRule>,
    /// What sites are told; who changes that touches everything.
    pub(crate) wants: UntilChanged<Vec<SiteWants>>,
    /// Who may use REST; who takes that right away touches [`TOKENS`].
    pub(crate) tokens: UntilChanged<ActiveTokens>,
}

impl Beside {
    fn forget(&self, touched: &Touched) {
        match touched {
            Touched::Everything => {
                self.key_rule.forget();
                self.wants.forget();
            }
            Touched::Issues(keys) if keys.contains(TOKENS) => self.tokens.forget(),
            Touched::Issues(_) => {}
        }
    }

    fn hears(&self, hears: bool) {
        self.key_rule.hears(hears);
        self.wants.hears(hears);
        self.tokens.hears(hears);
    }
}

/// The answers of this node.
#[derive(Debug)]
pub struct Answers {
    /// Tells this node's notices from those of others: it has heard its own already.
    node: String,
    kept: Mutex<Kept>,
    /// What else is kept until it changes.
    beside: Arc<Beside>,
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
    BeingMade { number: u64, told: watch::Receiver<Option<Bytes>> },
    Ready(Bytes),
}

/// What is to be done for an answer.
#[derive(Debug)]
enum Turn<'a> {
    /// It is there.
    Take(Bytes),
    /// Somebody makes it from what the store held after its last change, so it is as good as one that is begun now.
    Wait(watch::Receiver<Option<Bytes>>),
    Make(Ticket<'a>),
}

/// The right to keep an answer, unless what it tells changes before it is made.
#[derive(Debug)]
struct Ticket<'a> {
    answers: &'a Answers,
    issue: String,
    question: String,
    number: u64,
    tell: watch::Sender<Option<Bytes>>,
}

impl Answers {
    pub(crate) fn new(beside: Arc<Beside>) -> Self {
        Self {
            node: format!("{:016x}", rand::random::<u64>()),
            kept: Mutex::new(Kept { issues: HashMap::new(), bytes: 0, next_ticket: 0, deaf: false }),
            beside,
        }
    }

    /// The answer to a question about an issue: as it was kept, if it is still true; as somebody is making it; else as `make`
    /// makes it from the store, kept if it has `long` bytes or more. The question names everything the answer depends on
    /// besides the store: who asks, and for what.
    ///
    /// # Errors
    /// Those of `make`. Whoever waited for somebody whose attempt failed makes an attempt of its own.
    pub async fn get_or_make<E>(
        &self,
        issue: &str,
        question: &str,
        long: usize,
        make: impl Future<Output = Result<Bytes, E>> + Send,
    ) -> Result<Bytes, E> {
        loop {
            match self.turn(issue, question) {
                Turn::Take(answer) => return Ok(answer),
                Turn::Wait(mut told) => {
                    if let Ok(answer) = told.wait_for(Option::is_some).await
                        && let Some(answer) = answer.clone()
                    {
                        return Ok(answer);
                    }
                }
                Turn::Make(ticket) => {
                    let answer = make.await?;
                    ticket.give(&answer, answer.len() >= long);
                    return Ok(answer);
                }
            }
        }
    }

    /// To be called before the store is read.
    fn turn(&self, issue: &str, question: &str) -> Turn<'_> {
        let mut kept = self.lock();
        let slot = kept.issues.get(issue).and_then(|questions| questions.get(question));
        match slot.filter(|_| !kept.deaf) {
            Some(Slot::Ready(answer)) => return Turn::Take(answer.clone()),
            // Whoever made it was dropped, if nobody tells any more.
            Some(Slot::BeingMade { told, .. }) if told.has_changed().is_ok() => return Turn::Wait(told.clone()),
            _ => {}
        }
        let number = kept.next_ticket;
        kept.next_ticket += 1;
        let (tell, told) = watch::channel(None);
        kept.put(issue, question, Slot::BeingMade { number, told });
        Turn::Make(Ticket { answers: self, issue: issue.to_owned(), question: question.to_owned(), number, tell })
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
        self.beside.forget(touched);
        let mut kept = self.lock();
        match touched {
            Touched::Everything => kept.clear(),
            Touched::Issues(keys) => keys.iter().for_each(|key| kept.remove(key)),
        }
    }

    /// From now on changes of other nodes are heard, or not.
    pub(crate) fn hears(&self, hears: bool) {
        self.beside.hears(hears);
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
        matches!(slot, Some(Slot::BeingMade { number, .. }) if *number == ticket.number)
    }
}

impl Slot {
    const fn bytes(&self) -> usize {
        match self {
            Self::BeingMade { .. } => 0,
            Self::Ready(answer) => answer.len(),
        }
    }
}

impl Ticket<'_> {
    /// Gives the answer to those who wait for it, and keeps it if it is `to_keep` and nothing that it tells has changed.
    fn give(self, answer: &Bytes, to_keep: bool) {
        self.tell.send_replace(Some(answer.clone()));
        let mut kept = self.answers.lock();
        if to_keep && kept.holds(&self) && answer.len() <= CAPACITY && !kept.deaf {
            kept.put(&self.issue, &self.question, Slot::Ready(answer.clone()));
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

    async fn ask(answers: &Answers, issue: &str, make: &'static str) -> Bytes {
        let made = async { Ok::<_, ()>(answer(make)) };
        answers.get_or_make(issue, "detail", 0, made).await.unwrap()
    }

    /// What is kept, none if nothing is.
    fn kept(answers: &Answers, issue: &str) -> Option<Bytes> {
        match answers.turn(issue, "detail") {
            Turn::Take(answer) => Some(answer),
            Turn::Wait(_) | Turn::Make(_) => None,
        }
    }

    fn begin<'a>(answers: &'a Answers, issue: &str) -> Ticket<'a> {
        let Turn::Make(ticket) = answers.turn(issue, "detail") else { panic!("it is there or being made") };
        ticket
    }

    #[tokio::test]
    async fn an_answer_is_there_until_its_issue_is_touched() {
        let answers = Answers::new(Arc::default());
        ask(&answers, "A-1", "one").await;
        ask(&answers, "A-2", "two").await;

        answers.forget(&touched(&["A-1"]));

        assert_eq!(kept(&answers, "A-1"), None);
        assert_eq!(kept(&answers, "A-2"), Some(answer("two")));
        let summary = answers.get_or_make("A-2", "summary", 0, async { Ok::<_, ()>(answer("another")) }).await;
        assert_eq!(summary, Ok(answer("another")));
        answers.forget(&Touched::Everything);
        assert_eq!(kept(&answers, "A-2"), None);
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let answers = Answers::new(Arc::default());
        let ticket = begin(&answers, "A-1");
        answers.forget(&touched(&["A-1"]));
        ticket.give(&answer("old"), true);
        assert_eq!(kept(&answers, "A-1"), None);

        let ticket = begin(&answers, "A-1");
        answers.forget(&touched(&["B-1"]));
        ticket.give(&answer("new"), true);
        assert_eq!(kept(&answers, "A-1"), Some(answer("new")));
    }

    #[test]
    fn after_a_change_nobody_waits_for_what_was_begun_before_it() {
        let answers = Answers::new(Arc::default());
        let before = begin(&answers, "A-1");
        assert!(matches!(answers.turn("A-1", "detail"), Turn::Wait(_)));
        answers.forget(&touched(&["A-1"]));
        let after = begin(&answers, "A-1");
        before.give(&answer("old"), true);
        assert_eq!(kept(&answers, "A-1"), None);
        after.give(&answer("new"), true);
        assert_eq!(kept(&answers, "A-1"), Some(answer("new")));
    }

    #[tokio::test]
    async fn who_asks_while_an_answer_is_made_waits_for_it() {
        // given
        let answers = Answers::new(Arc::default());
        let first = begin(&answers, "A-1");

        // when
        let (second, ()) = tokio::join!(ask(&answers, "A-1", "second"), async { first.give(&answer("first"), false) });

        // then: they have one answer, though it is too short to be kept
        assert_eq!(second, answer("first"));
        assert_eq!(kept(&answers, "A-1"), None);
    }

    #[tokio::test]
    async fn who_waits_for_somebody_who_fails_makes_the_answer() {
        let answers = Answers::new(Arc::default());
        let first = begin(&answers, "A-1");
        let (second, ()) = tokio::join!(ask(&answers, "A-1", "second"), async { drop(first) });
        assert_eq!(second, answer("second"));
        assert_eq!(kept(&answers, "A-1"), Some(answer("second")));
    }

    #[tokio::test]
    async fn who_cannot_hear_the_others_keeps_nothing_and_waits_for_nobody() {
        let answers = Answers::new(Arc::default());
        ask(&answers, "A-1", "one").await;
        answers.hears(false);
        let under_way = begin(&answers, "A-1");
        assert_eq!(ask(&answers, "A-1", "two").await, answer("two"));
        drop(under_way);
        assert_eq!(kept(&answers, "A-1"), None);
        answers.hears(true);
        assert_eq!(kept(&answers, "A-1"), None);
    }

    #[test]
    fn memory_is_bounded_and_a_ticket_leaves_nothing_behind() {
        let answers = Answers::new(Arc::default());
        let large = Bytes::from(vec![b'x'; CAPACITY / 2 + 1]);
        begin(&answers, "A-1").give(&large, true);
        begin(&answers, "A-2").give(&large, true);
        assert_eq!(kept(&answers, "A-1"), None);
        assert!(kept(&answers, "A-2").is_some());

        drop(begin(&answers, "A-3"));
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
