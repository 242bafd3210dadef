//! One command, from what became of an earlier attempt to what is written down about this one.
//!
//! Nothing is sent before the attempt is written down, and nothing a second time before it was looked whether the first did
//! it: by the mark of a comment or worklog, or by the changes of the issue's status.

use std::collections::HashMap;

use grammar::smart_commits::{Action, Command, Time};
use jira::{Issue, JiraError, NewWorklog, Problem, Rest, Transition};
use model::Millis;
use model::{Outcome, ReceiptReason, ReceiptState};
use queue::{JobError, Lease};
use store::{Lane, ReceiptToRun, Site, WriteTx};

use super::aim::Aim;
use super::author::Authors;
use super::fate::Stop;
use super::matching::{Match, choose};
use super::{mark, patience};
use crate::Engine;
use crate::sentences::smart_commits as sentences;

/// A permission of Jira: to see an issue, which every command takes.
const BROWSE: &str = "BROWSE_PROJECTS";
/// To comment.
const COMMENT: &str = "ADD_COMMENTS";
/// To log work.
const WORK: &str = "WORK_ON_ISSUES";
/// To move along the workflow.
const TRANSITION: &str = "TRANSITION_ISSUES";

/// Runs commands at one site.
pub(super) struct Runner<'r> {
    engine: &'r Engine,
    lease: &'r Lease,
    site: &'r Site,
    rest: Rest,
    authors: Authors,
    /// Whose credentials these are.
    myself: Option<String>,
    /// Whether it is known that the site answers.
    answers: bool,
    /// Until when commands of a commit to an issue wait for one before them.
    held: HashMap<(i64, String), Millis>,
}

/// How a command was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// It ended, or waits for itself.
    Settled,
    /// The whole site is to be left alone until then.
    SiteWaits(Millis),
}

/// A command under way.
struct Turn<'t> {
    due: &'t ReceiptToRun,
    action: Action,
    mark: String,
    /// 0; the comment that goes with a transition is 1.
    step: i64,
    /// The attempt under way.
    delivery: Option<i64>,
    /// What was sent before: to be looked for, before anything is sent again.
    before: Option<Sent>,
}

/// Something that was sent.
#[derive(Debug, Clone)]
struct Sent {
    at: Millis,
    /// At what a transition aimed.
    aim: Option<Aim>,
    /// Whether Jira may be at it still; otherwise it was refused or given up, and is looked for to be on the safe side.
    open: bool,
}

/// What was done by a step.
struct Done {
    words: String,
    jira_id: Option<String>,
}

impl<'t> Turn<'t> {
    fn of(due: &'t ReceiptToRun) -> Self {
        let receipt = &due.receipt;
        let command =
            Command { key: String::new(), command: receipt.command.clone(), argument: String::new(), position: 0 };
        let open = receipt.state == ReceiptState::Sending;
        let sent_at = receipt.attempted_at.or(open.then_some(receipt.created_at));
        let aim = receipt.jira_id.as_deref().and_then(Aim::read);
        Self {
            due,
            action: command.action(),
            mark: mark::mark(&due.object_id, receipt.position, &receipt.issue_key),
            step: receipt.step,
            delivery: None,
            before: sent_at.map(|at| Sent { at, aim, open }),
        }
    }

    /// Whether Jira may be at something still that was sent before.
    fn is_open(&self) -> bool {
        self.before.as_ref().is_some_and(|sent| sent.open)
    }

    /// Whether this step moves the issue along its workflow.
    fn moves(&self) -> bool {
        self.action == Action::Transition && self.step == 0
    }

    fn argument(&self) -> &str {
        &self.due.receipt.argument
    }

    fn text(&self, of: &str) -> String {
        let address = super::address_of_commit(&self.due.repository, &self.due.object_id);
        mark::signed(of, &self.due.author_name, &self.mark, address.as_deref())
    }
}

impl<'r> Runner<'r> {
    pub(super) fn new(engine: &'r Engine, lease: &'r Lease, site: &'r Site, rest: Rest) -> Self {
        let (authors, held) = (Authors::default(), HashMap::new());
        Self { engine, lease, site, rest, authors, myself: None, answers: false, held }
    }

    /// Runs a command as far as it gets, and writes down how far that is.
    pub(super) async fn run(&mut self, due: &ReceiptToRun) -> Result<Left, JobError> {
        let mut turn = Turn::of(due);
        if let Some(until) = self.held_until(due).await? {
            // One of which it is not known whether it was done stays so.
            let outcome = if turn.is_open() { Outcome::Unknown } else { Outcome::Failed };
            self.later(&turn, until, sentences::BEHIND, outcome).await?;
            return Ok(Left::Settled);
        }
        loop {
            match self.step(&mut turn).await {
                Ok(Some(done)) if turn.moves() && !turn.argument().is_empty() => {
                    self.went_on(&turn).await?;
                    tracing::debug!(receipt_id = due.receipt.id, words = done.words, "the issue was moved");
                    (turn.step, turn.delivery, turn.before) = (1, None, None);
                }
                Ok(Some(done)) => return self.ended(&turn, ReceiptState::Done, None, &done.words, done.jira_id).await,
                Ok(None) => return Ok(Left::Settled),
                Err(Stop::Refused(reason, words)) => return self.refused(&turn, reason, &words).await,
                Err(Stop::Jira(error)) => return self.trouble(&mut turn, error).await,
                Err(Stop::Job(error)) => return Err(error),
            }
        }
    }

    /// Until when a command waits for one that stands before it in its commit and is for the same issue.
    async fn held_until(&self, due: &ReceiptToRun) -> Result<Option<Millis>, JobError> {
        let receipt = &due.receipt;
        if let Some(until) = self.held.get(&(receipt.commit_id, receipt.issue_key.clone())) {
            return Ok(Some(*until));
        }
        if receipt.position == 0 {
            return Ok(None);
        }
        let now = self.now();
        let all = self.engine.store().receipts_of_commit(receipt.commit_id).await?;
        let before = all.iter().filter(|other| {
            other.site_id == receipt.site_id
                && other.issue_key == receipt.issue_key
                && other.position < receipt.position
                && matches!(other.state, ReceiptState::Waiting | ReceiptState::Sending)
        });
        Ok(before.map(|other| other.not_before).filter(|until| *until > now).max())
    }

    /// One step: what became of what was sent before, else what is to be done now. None: it waits.
    async fn step(&mut self, turn: &mut Turn<'_>) -> Result<Option<Done>, Stop> {
        if let Some(sent) = turn.before.clone() {
            let found = match self.look(turn, &sent).await {
                // Something in front of Jira says so, or the issue went away: asking for it tells.
                Err(error) if matches!(error.problem, Problem::NotFound | Problem::Forbidden) => {
                    self.issue(turn).await?;
                    return Err(error.into());
                }
                found => found?,
            };
            if let Some(done) = found {
                return Ok(Some(done));
            }
            let settled_at = sent.at.saturating_add(patience::GRACE);
            if sent.open && settled_at > self.now() {
                self.later(turn, settled_at, sentences::PERHAPS_STILL, Outcome::Unknown).await?;
                return Ok(None);
            }
            turn.before = None;
        }
        if patience::is_over(&turn.due.receipt, self.now()) {
            return Err(Stop::Refused(ReceiptReason::GaveUp, sentences::gave_up(turn.due.receipt.words.as_deref())));
        }
        let issue = self.issue(turn).await?;
        match turn.action {
            Action::Time => self.log_work(turn, &issue).await.map(Some),
            Action::Transition if turn.step == 0 => self.move_along(turn, &issue).await.map(Some),
            Action::Comment | Action::Transition => self.comment(turn, &issue).await.map(Some),
        }
    }

    /// What was sent, where Jira has it.
    async fn look(&mut self, turn: &Turn<'_>, sent: &Sent) -> Result<Option<Done>, JiraError> {
        let key = turn.due.present_key.as_str();
        if turn.moves() {
            // Without an aim nothing was sent.
            let Some(aim) = &sent.aim else { return Ok(None) };
            let myself = self.myself().await?;
            let changes = self.rest.status_changes(key, sent.at).await?;
            let found = aim.made(&changes, &myself);
            return Ok(found.map(|to| Done { words: sentences::moved(to), jira_id: None }));
        }
        let found = match turn.action {
            Action::Time => self.rest.worklog_find(key, &turn.mark, sent.at).await?,
            Action::Comment | Action::Transition => self.rest.comment_find(key, &turn.mark, sent.at).await?,
        };
        Ok(found.map(|id| Done { words: done_in_words(turn), jira_id: Some(id) }))
    }

    async fn issue(&mut self, turn: &Turn<'_>) -> Result<Issue, Stop> {
        let found = match self.rest.issue(&turn.due.present_key).await {
            Err(error) if error.problem == Problem::Forbidden => {
                return Err(Stop::Refused(ReceiptReason::NoIssue, sentences::no_sight(&error)));
            }
            found => found.map_err(final_or_not)?,
        };
        self.answers = true;
        found.ok_or_else(|| refused(ReceiptReason::NoIssue))
    }

    /// Checks that the author is one user of the Jira who may do this to the issue.
    async fn permit(&mut self, turn: &Turn<'_>, issue: &Issue, permission: &str) -> Result<(), Stop> {
        let store = self.engine.store();
        let user = self.authors.find(store, &self.rest, turn.due).await?;
        match self.rest.may(&user, &issue.key, &[BROWSE, permission]).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Stop::Refused(ReceiptReason::NoPermission, sentences::no_permission(&user, permission))),
            Err(error) if matches!(error.problem, Problem::Forbidden | Problem::NotFound) => {
                Err(Stop::Refused(ReceiptReason::CannotAsk, sentences::cannot_ask(&error)))
            }
            Err(error) => Err(final_or_not(error)),
        }
    }

    async fn comment(&mut self, turn: &mut Turn<'_>, issue: &Issue) -> Result<Done, Stop> {
        self.permit(turn, issue, COMMENT).await?;
        let text = turn.text(turn.argument());
        self.attempt(turn, None).await?;
        let id = self.rest.comment_add(&issue.key, &text).await.map_err(final_or_not)?;
        Ok(Done { words: done_in_words(turn), jira_id: Some(id) })
    }

    async fn log_work(&mut self, turn: &mut Turn<'_>, issue: &Issue) -> Result<Done, Stop> {
        let time = Time::parse(turn.argument()).map_err(|_| refused(ReceiptReason::NoTime))?;
        self.permit(turn, issue, WORK).await?;
        if !self.rest.time_tracking().await.map_err(final_or_not)? {
            return Err(refused(ReceiptReason::TimeTrackingOff));
        }
        let worklog = NewWorklog {
            started: turn.due.authored_at,
            seconds: u64::from(time.seconds),
            comment: turn.text(&time.comment),
        };
        self.attempt(turn, None).await?;
        let id = self.rest.worklog_add(&issue.key, worklog).await.map_err(final_or_not)?;
        Ok(Done { words: done_in_words(turn), jira_id: Some(id) })
    }

    async fn move_along(&mut self, turn: &mut Turn<'_>, issue: &Issue) -> Result<Done, Stop> {
        self.permit(turn, issue, TRANSITION).await?;
        let open = self.rest.transitions(&issue.key).await.map_err(final_or_not)?;
        let chosen = chosen(turn, issue, &open)?;
        let (myself, now) = (self.myself().await?, self.now());
        let before = self.rest.status_changes(&issue.key, now).await.map_err(final_or_not)?;
        let aim = Aim::at(&chosen.to_id, &before, &myself);
        self.attempt(turn, Some((now, aim))).await?;
        self.rest.transition(&issue.key, &chosen.id).await.map_err(final_or_not)?;
        Ok(Done { words: sentences::moved(&chosen.to), jira_id: None })
    }

    /// Whose credentials these are: as whom the site knows what is done here.
    async fn myself(&mut self) -> Result<String, JiraError> {
        if self.myself.is_none() {
            self.myself = Some(self.rest.myself().await?.id);
        }
        Ok(self.myself.clone().unwrap_or_default())
    }

    /// Writes down that something is about to be sent.
    async fn attempt(&self, turn: &mut Turn<'_>, aim: Option<(Millis, Aim)>) -> Result<(), Stop> {
        let (now, aim) = aim.map_or_else(|| (self.now(), None), |(now, aim)| (now, Some(aim)));
        let mut tx = self.write().await?;
        let delivery = tx.receipt_attempt(turn.due.receipt.id, turn.step, now).await?;
        if let Some(aim) = &aim {
            tx.receipt_aim(turn.due.receipt.id, &aim.to_string()).await?;
        }
        tx.commit().await?;
        (turn.delivery, turn.before) = (Some(delivery), None);
        Ok(())
    }

    /// A step was done, another one follows.
    async fn went_on(&mut self, turn: &Turn<'_>) -> Result<(), JobError> {
        let mut tx = self.write().await?;
        tx.receipt_step(turn.due.receipt.id, turn.step + 1, turn.delivery, self.now()).await?;
        Ok(tx.commit().await?)
    }

    async fn refused(&mut self, turn: &Turn<'_>, reason: ReceiptReason, words: &str) -> Result<Left, JobError> {
        let moved = turn.action == Action::Transition && turn.step == 1;
        let words = if moved { sentences::moved_without_comment(words) } else { words.to_owned() };
        self.ended(turn, ReceiptState::Refused, Some(reason), &words, None).await
    }

    async fn ended(
        &mut self,
        turn: &Turn<'_>,
        state: ReceiptState,
        reason: Option<ReceiptReason>,
        words: &str,
        jira_id: Option<String>,
    ) -> Result<Left, JobError> {
        let (id, now) = (turn.due.receipt.id, self.now());
        let mut tx = self.write().await?;
        tx.receipt_end(id, state, reason, Some(words), jira_id.as_deref(), turn.delivery, now).await?;
        tx.commit().await?;
        if self.answers && self.site.failures > 0 {
            self.engine.store().site_answered(self.site.id).await?;
        }
        Ok(Left::Settled)
    }

    /// Lets a command wait, and those that follow it in its commit for the same issue.
    async fn later(&mut self, turn: &Turn<'_>, until: Millis, words: &str, outcome: Outcome) -> Result<(), JobError> {
        let receipt = &turn.due.receipt;
        let mut tx = self.write().await?;
        tx.receipt_later(receipt.id, until, words, turn.delivery, outcome, self.now()).await?;
        tx.commit().await?;
        self.held.insert((receipt.commit_id, receipt.issue_key.clone()), until);
        Ok(())
    }

    /// Jira did not answer as it should: the command waits, and where nothing else is answered either, the whole site does.
    async fn trouble(&mut self, turn: &mut Turn<'_>, error: JiraError) -> Result<Left, JobError> {
        let now = self.now();
        let perhaps_done = turn.is_open() || (turn.delivery.is_some() && error.may_have_acted);
        let words = error.sentence();
        if patience::is_over(&turn.due.receipt, now) && turn.delivery.is_none() {
            return self.refused(turn, ReceiptReason::GaveUp, &sentences::gave_up(Some(&words))).await;
        }
        let site_until = patience::of_site(self.engine, self.site, &self.rest, &error).await?;
        let alone = || patience::of_receipt(&turn.due.receipt, now);
        let until = site_until.unwrap_or_else(alone).max(if perhaps_done { now + patience::GRACE } else { now });
        let outcome = if perhaps_done { Outcome::Unknown } else { Outcome::Failed };
        self.later(turn, until, &words, outcome).await?;
        Ok(site_until.map_or(Left::Settled, Left::SiteWaits))
    }

    async fn write(&self) -> Result<WriteTx, JobError> {
        Ok(self.lease.begin_write(Lane::Live).await?)
    }

    fn now(&self) -> Millis {
        self.engine.clock().now()
    }
}

/// The transition that a command names.
fn chosen<'t>(turn: &Turn<'_>, issue: &Issue, open: &'t [Transition]) -> Result<&'t Transition, Stop> {
    let command = turn.due.receipt.command.as_str();
    let names: Vec<&str> = open.iter().map(|it| it.name.as_str()).collect();
    if open.is_empty() {
        return Err(Stop::Refused(ReceiptReason::NoTransition, sentences::no_transition(&issue.status)));
    }
    match choose(command, open, |it| &it.name, |it| &it.to_id) {
        Match::One(transition) => Ok(transition),
        Match::Several => {
            Err(Stop::Refused(ReceiptReason::Ambiguous, sentences::ambiguous(command, &issue.status, &names)))
        }
        Match::None => Err(Stop::Refused(ReceiptReason::NoMatch, sentences::no_match(command, &issue.status, &names))),
    }
}

fn done_in_words(turn: &Turn<'_>) -> String {
    match turn.action {
        Action::Comment => sentences::COMMENTED.to_owned(),
        Action::Transition => sentences::MOVED_WITH_COMMENT.to_owned(),
        Action::Time => sentences::logged(Time::parse(turn.argument()).ok().map(|time| time.spent).as_deref()),
    }
}

fn refused(reason: ReceiptReason) -> Stop {
    Stop::Refused(reason, sentences::of_reason(reason).to_owned())
}

/// What Jira refuses it will refuse again; everything else may be over soon.
fn final_or_not(error: JiraError) -> Stop {
    match error.problem {
        Problem::Forbidden | Problem::Refused | Problem::TooLarge => {
            Stop::Refused(ReceiptReason::JiraRefused, sentences::refused_by_jira(&error))
        }
        _ => Stop::Jira(error),
    }
}
