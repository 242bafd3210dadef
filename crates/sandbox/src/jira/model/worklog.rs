//! Work that was logged.

use ::model::Millis;
use serde_json::Value;

use super::{IssueId, Model, Permission, Refusal, State, UserId, WorklogId, draw};
use crate::jira::sentences;

/// What logging work does to the remaining estimate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Adjust {
    /// It is less by the time spent.
    #[default]
    Auto,
    /// It stays.
    Leave,
    /// It is this many seconds.
    New(u64),
    /// It is less by so many seconds.
    Manual(u64),
}

/// Work that is to be logged.
#[derive(Debug, Clone, Default)]
pub struct NewWorklog {
    /// How long it took, in seconds.
    pub seconds: u64,
    /// When it began; none: now.
    pub started: Option<Millis>,
    /// What was done.
    pub comment: String,
    /// The document that the comment was taken from (REST v3).
    pub document: Option<Value>,
    /// What happens to the remaining estimate.
    pub adjust: Adjust,
}

/// A worklog.
#[derive(Debug, Clone)]
pub struct Worklog {
    /// The id.
    pub id: WorklogId,
    /// Who worked.
    pub author: UserId,
    /// What was done.
    pub comment: String,
    /// The document that the comment was taken from.
    pub document: Option<Value>,
    /// How long it took, in seconds.
    pub seconds: u64,
    /// When it began.
    pub started: Millis,
    /// Logged.
    pub created_at: Millis,
}

impl Model {
    /// Logs work.
    ///
    /// # Errors
    /// When the issue is not there or visible, time tracking is off, the author may not work on it, or it took no time.
    pub fn log_work(&self, key: &str, author: UserId, new: NewWorklog) -> Result<Worklog, Refusal> {
        let now = self.now();
        self.write(|state| {
            let id = state.visible_issue(key, Some(author), self.deployment)?.id;
            state.add_worklog(id, author, new, now).map_err(|refusal| refusal.and(sentences::WORKLOG_NULL))
        })
    }

    /// Checks whether somebody may log work.
    pub(crate) fn check_log_work(&self, issue: IssueId, author: UserId) -> Result<(), Refusal> {
        let checked = self.read(|state| state.check_worker(issue, author));
        checked.map_err(|refusal| refusal.and(sentences::WORKLOG_NULL))
    }

    /// The worklogs of an issue, oldest first.
    #[must_use]
    pub fn worklogs(&self, key: &str) -> Vec<Worklog> {
        self.read(|state| match state.find_issue(key) {
            Some(issue) => state.worklogs_of(issue.id).cloned().collect(),
            None => Vec::new(),
        })
    }
}

impl State {
    pub(crate) fn worklogs_of(&self, id: IssueId) -> impl Iterator<Item = &Worklog> {
        self.worklogs.range((id, WorklogId(0))..=(id, WorklogId(u64::MAX))).map(|(_, worklog)| worklog)
    }

    /// Checks whether somebody may log so much work.
    pub(super) fn check_worklog(&self, issue: IssueId, author: UserId, seconds: u64) -> Result<(), Refusal> {
        self.check_worker(issue, author)?;
        // Jira writes the seconds as a text of minutes and reads that, so less than a minute is nothing.
        if seconds < 60 {
            return Err(Refusal::field("timeLogged", sentences::ZERO_DURATION));
        }
        Ok(())
    }

    fn check_worker(&self, issue: IssueId, author: UserId) -> Result<(), Refusal> {
        if !self.settings.time_tracking {
            return Err(Refusal::invalid(sentences::NO_TIME_TRACKING));
        }
        let project = self.issues.get(&issue).map(|issue| issue.project);
        if !project.is_some_and(|project| self.may(Some(author), project, Permission::WorkOnIssues)) {
            let name = self.users.get(&author).map_or("", |user| user.name.as_str());
            return Err(Refusal::invalid(sentences::no_worklog(name)));
        }
        Ok(())
    }

    pub(super) fn add_worklog(
        &mut self,
        issue: IssueId,
        author: UserId,
        new: NewWorklog,
        now: Millis,
    ) -> Result<Worklog, Refusal> {
        self.check_worklog(issue, author, new.seconds)?;
        let id = WorklogId(draw(&mut self.numbers.worklog));
        let NewWorklog { seconds, started, comment, document, adjust } = new;
        let seconds = seconds - seconds % 60;
        let started = started.unwrap_or(now);
        let worklog = Worklog { id, author, comment, document, seconds, started, created_at: now };
        self.worklogs.insert((issue, id), worklog.clone());
        if let Some(issue) = self.issues.get_mut(&issue) {
            let less = |by: u64| issue.remaining.map(|left| left.saturating_sub(by));
            issue.remaining = match adjust {
                Adjust::Auto => less(seconds),
                Adjust::Leave => issue.remaining,
                Adjust::New(left) => Some(left),
                Adjust::Manual(by) => less(by),
            };
            issue.updated_at = now;
        }
        Ok(worklog)
    }
}
