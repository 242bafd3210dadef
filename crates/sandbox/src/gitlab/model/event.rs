//! What happened, told to the web hooks.

use model::Millis;
use serde_json::Value;

use super::{Deliveries, Group, Hook, MergeRequest, MergeRequestId, Note, Project, ProjectId, RefChange, UserId};

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
        /// What GitLab did by itself, when it did.
        system_action: Option<&'static str>,
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
    /// Something happened to a project as a whole; only system hooks are told.
    Project {
        /// What.
        what: ProjectEvent,
        /// The project as it is after that, or was before it ended.
        snapshot: Box<Project>,
        /// Its full path.
        path: String,
        /// The full path that it had before.
        old_path: Option<String>,
    },
    /// A group has another path; only system hooks are told.
    GroupRenamed {
        /// The group.
        snapshot: Box<Group>,
        /// Its full path.
        full_path: String,
        /// The last segment of the path that it had before.
        old_path: String,
        /// The full path that it had before.
        old_full_path: String,
    },
}

/// What happened to a project as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProjectEvent {
    /// It was made.
    Create,
    /// It has another path.
    Rename,
    /// It lies elsewhere.
    Transfer,
    /// Something else about it changed.
    Update,
    /// It is no more.
    Destroy,
}

impl ProjectEvent {
    /// GitLab's word (`event_name` of system hooks).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "project_create",
            Self::Rename => "project_rename",
            Self::Transfer => "project_transfer",
            Self::Update => "project_update",
            Self::Destroy => "project_destroy",
        }
    }
}

/// An event, and the hooks that were there when it happened; those that come later are not told.
#[derive(Debug, Clone)]
pub struct Told {
    /// What happened.
    pub event: Event,
    /// The hooks of the project and of the groups above it, and the system hooks, whatever they want to know.
    pub hooks: Vec<Hook>,
    /// What is to happen to the calls.
    pub deliveries: Deliveries,
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
    /// Approved, with rules not met yet.
    Approval,
    /// Approved, with all rules met.
    Approved,
    /// An approval was taken back; the rules had not been met.
    Unapproval,
    /// An approval was taken back; the rules had been met.
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
            Self::Approval => "approval",
            Self::Approved => "approved",
            Self::Unapproval => "unapproval",
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
