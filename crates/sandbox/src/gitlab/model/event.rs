//! What happened, told to the web hooks.

use model::Millis;
use serde_json::Value;

use super::{Hook, MergeRequest, MergeRequestId, Note, ProjectId, RefChange, UserId};

/// Something that hooks may want to know.
#[derive(Debug, Clone)]
pub enum Event {
    /// Branches or tags moved.
    Push {
        /// Where.
        project: ProjectId,
        /// By whom.
        user: UserId,
        /// From where to where.
        changes: Vec<RefChange>,
        /// When.
        at: Millis,
    },
    /// Something about a merge request.
    MergeRequest {
        /// Which.
        merge_request: MergeRequestId,
        /// What.
        action: Action,
        /// By whom.
        user: UserId,
        /// The fields that changed.
        changes: Vec<FieldChange>,
        /// The head before, when a push caused it.
        oldrev: Option<String>,
        /// The merge request as it was then.
        snapshot: Box<MergeRequest>,
    },
    /// Somebody commented.
    Note {
        /// By whom.
        user: UserId,
        /// The note.
        snapshot: Box<Note>,
    },
}

/// An event, and the hooks that were there when it happened; those that come later are not told.
#[derive(Debug, Clone)]
pub struct Told {
    /// What happened.
    pub event: Event,
    /// The hooks of the project and of the groups above it, whatever they want to know.
    pub hooks: Vec<Hook>,
}

/// What happened to a merge request (GitLab contract §7.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Opened.
    Open,
    /// Closed.
    Close,
    /// Opened again.
    Reopen,
    /// Changed.
    Update,
    /// Approved, with all rules met.
    Approved,
    /// An approval was taken back.
    Unapproved,
    /// Merged.
    Merge,
}

impl Action {
    /// GitLab's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Close => "close",
            Self::Reopen => "reopen",
            Self::Update => "update",
            Self::Approved => "approved",
            Self::Unapproved => "unapproved",
            Self::Merge => "merge",
        }
    }
}

/// A field that changed.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// Its name, as in the hook's `changes`.
    pub field: &'static str,
    /// Before.
    pub previous: Value,
    /// After.
    pub current: Value,
}
