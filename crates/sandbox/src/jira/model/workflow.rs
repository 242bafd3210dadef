//! Workflows: statuses, the transitions between them, what their screens ask for and on whom they depend.

use super::{Permission, UserId};

/// Where a status stands between new and done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Not begun.
    New,
    /// Begun.
    InProgress,
    /// Finished.
    Done,
}

/// A status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Jira's number.
    pub id: u64,
    /// The name.
    pub name: String,
    /// Where it stands.
    pub category: Category,
}

/// On whom a transition depends, besides the permission to transition issues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// On nobody.
    Nobody,
    /// Only these.
    Only(Vec<UserId>),
    /// Only whose issue it is.
    Assignee,
    /// Only who has this permission.
    Permission(Permission),
}

/// A field that a screen can ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// Why the issue is done: one of the resolutions.
    Resolution,
    /// Whose the issue is.
    Assignee,
    /// A comment.
    Comment,
    /// Work.
    Worklog,
    /// A text of one's own, by id and name.
    Text {
        /// The id (`customfield_10042`).
        id: String,
        /// The name.
        name: String,
    },
}

impl Field {
    /// The id under which its value is sent.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Resolution => "resolution",
            Self::Assignee => "assignee",
            Self::Comment => "comment",
            Self::Worklog => "worklog",
            Self::Text { id, .. } => id,
        }
    }

    /// The name that people see.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Resolution => "Resolution",
            Self::Assignee => "Assignee",
            Self::Comment => "Comment",
            Self::Worklog => "Log Work",
            Self::Text { name, .. } => name,
        }
    }
}

/// A field on a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScreenField {
    /// The field.
    pub field: Field,
    /// Whether it must be filled in.
    pub required: bool,
}

/// A transition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Jira's number.
    pub id: u64,
    /// The name.
    pub name: String,
    /// The names of the statuses that it begins at; empty: any.
    pub from: Vec<String>,
    /// The name of the status that it leads to.
    pub to: String,
    /// What it asks for; none: it has no screen, and then Jira takes no fields and silently drops a comment.
    pub screen: Option<Vec<ScreenField>>,
    /// On whom it depends.
    pub condition: Condition,
}

impl Transition {
    /// A transition without screen and condition; no statuses to begin at: any.
    #[must_use]
    pub fn new(id: u64, name: &str, from: &[&str], to: &str) -> Self {
        let from = from.iter().map(|status| (*status).to_owned()).collect();
        Self { id, name: name.to_owned(), from, to: to.to_owned(), screen: None, condition: Condition::Nobody }
    }

    /// With a screen; each field with whether it is required.
    #[must_use]
    pub fn asking(mut self, fields: &[(Field, bool)]) -> Self {
        let field = |(field, required): &(Field, bool)| ScreenField { field: field.clone(), required: *required };
        self.screen = Some(fields.iter().map(field).collect());
        self
    }

    /// With a condition.
    #[must_use]
    pub fn only_for(mut self, condition: Condition) -> Self {
        self.condition = condition;
        self
    }
}

/// The resolutions of the site, with their numbers.
pub(super) const RESOLUTIONS: [(u64, &str); 4] =
    [(10_000, "Done"), (10_001, "Won't Do"), (10_002, "Duplicate"), (10_003, "Cannot Reproduce")];

/// The resolutions of the site.
pub(crate) fn resolutions() -> impl Iterator<Item = (u64, &'static str)> {
    RESOLUTIONS.into_iter()
}

/// The number of a resolution.
pub(crate) fn resolution_id(name: &str) -> Option<u64> {
    resolutions().find(|(_, known)| *known == name).map(|(id, _)| id)
}

/// A workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// The statuses; issues begin at the first.
    pub statuses: Vec<Status>,
    /// The transitions.
    pub transitions: Vec<Transition>,
}

impl Workflow {
    /// Jira's simplified workflow: from everywhere to everywhere, without screens.
    #[must_use]
    pub fn simplified() -> Self {
        let statuses = statuses(&[
            (10_000, "To Do", Category::New),
            (3, "In Progress", Category::InProgress),
            (10_001, "Done", Category::Done),
        ]);
        let transitions = vec![
            Transition::new(11, "To Do", &[], "To Do"),
            Transition::new(21, "In Progress", &[], "In Progress"),
            Transition::new(31, "Done", &[], "Done"),
        ];
        Self { statuses, transitions }
    }

    /// Jira's classic workflow: a transition for each verb, with a screen that asks for a resolution.
    #[must_use]
    pub fn classic() -> Self {
        let statuses = statuses(&[
            (1, "Open", Category::New),
            (3, "In Progress", Category::InProgress),
            (5, "Resolved", Category::Done),
            (4, "Reopened", Category::New),
            (6, "Closed", Category::Done),
        ]);
        let resolution =
            [(Field::Resolution, true), (Field::Assignee, false), (Field::Worklog, false), (Field::Comment, false)];
        let unresolved = ["Open", "In Progress", "Reopened"];
        let transitions = vec![
            Transition::new(4, "Start Progress", &["Open", "Reopened"], "In Progress"),
            Transition::new(301, "Stop Progress", &["In Progress"], "Open"),
            Transition::new(5, "Resolve Issue", &unresolved, "Resolved").asking(&resolution),
            Transition::new(2, "Close Issue", &unresolved, "Closed").asking(&resolution),
            Transition::new(701, "Close Issue", &["Resolved"], "Closed").asking(&[(Field::Comment, false)]),
            Transition::new(3, "Reopen Issue", &["Resolved", "Closed"], "Reopened").asking(&[(Field::Comment, false)]),
        ];
        Self { statuses, transitions }
    }

    /// The status with this name.
    #[must_use]
    pub fn status(&self, name: &str) -> Option<&Status> {
        self.statuses.iter().find(|status| status.name == name)
    }

    pub(super) fn first_status(&self) -> String {
        self.statuses.first().map(|status| status.name.clone()).unwrap_or_default()
    }
}

fn statuses(of: &[(u64, &str, Category)]) -> Vec<Status> {
    of.iter().map(|(id, name, category)| Status { id: *id, name: (*name).to_owned(), category: *category }).collect()
}
