//! How one attempt at a command ends.

use jira::JiraError;
use model::ReceiptReason;
use queue::JobError;
use store::StoreError;

/// What keeps a command from being done.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It is refused: why, and that in words.
    Refused(ReceiptReason, String),
    /// Jira did not answer, or not as it should.
    Jira(JiraError),
    /// The job itself cannot go on.
    Job(JobError),
}

impl From<(ReceiptReason, String)> for Stop {
    fn from((reason, words): (ReceiptReason, String)) -> Self {
        Self::Refused(reason, words)
    }
}

impl From<JiraError> for Stop {
    fn from(error: JiraError) -> Self {
        Self::Jira(error)
    }
}

impl From<JobError> for Stop {
    fn from(error: JobError) -> Self {
        Self::Job(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}
