//! Issues, and the keys by which they are found.

use ::model::Millis;

use super::{IssueId, Model, Permission, Project, ProjectId, Refusal, RefusalKind, State, UserId, draw, workflow};
use crate::jira::{Deployment, sentences};

/// The most issues that are made at once.
const MOST_AT_ONCE: u64 = 100_000;

/// An issue.
#[derive(Debug, Clone)]
pub struct Issue {
    /// The id.
    pub id: IssueId,
    /// The project.
    pub project: ProjectId,
    /// The number within the project.
    pub number: u64,
    /// What it is about.
    pub summary: String,
    /// The name of its status.
    pub status: String,
    /// The name of its resolution.
    pub resolution: Option<String>,
    /// Whose it is.
    pub assignee: Option<UserId>,
    /// Who made it.
    pub reporter: Option<UserId>,
    /// Made.
    pub created_at: Millis,
    /// Last changed.
    pub updated_at: Millis,
    /// When it was resolved.
    pub resolved_at: Option<Millis>,
    /// The remaining estimate, in seconds.
    pub remaining: Option<u64>,
}

impl Model {
    /// Makes an issue with the project's next number.
    ///
    /// # Errors
    /// When there is no such project.
    pub fn create_issue(&self, project: &str, summary: &str, reporter: Option<UserId>) -> Result<IssueId, Refusal> {
        let now = self.now();
        self.write(|state| {
            let number = state.present_project(project)?.last_number + 1;
            state.create_issue(project, number, (summary, reporter), now)
        })
    }

    /// Makes the issue with this key, unless it is there.
    ///
    /// # Errors
    /// When there is no such project, or the key is malformed.
    pub fn create_issue_with_key(&self, key: &str, summary: &str, by: Option<UserId>) -> Result<IssueId, Refusal> {
        let now = self.now();
        let (project, number) = split(key).ok_or_else(|| Refusal::invalid(format!("'{key}' is no issue key.")))?;
        self.write(|state| match state.find_issue(key) {
            Some(issue) => Ok(issue.id),
            None => state.create_issue(project, number, (summary, by), now),
        })
    }

    /// Makes the issues 1 to `count` of a project, as far as they are not there; the project too, when it is missing.
    ///
    /// # Errors
    /// When the project's key is malformed, or so many issues are not made.
    pub fn provide_issues(&self, project: &str, count: u64) -> Result<ProjectId, Refusal> {
        if count > MOST_AT_ONCE {
            return Err(Refusal::invalid(format!("At most {MOST_AT_ONCE} issues are made at once.")));
        }
        let id = match self.project(project) {
            Some(project) => project.id,
            None => self.create_project(project, project, workflow::Workflow::simplified())?,
        };
        let now = self.now();
        self.write(|state| {
            for number in 1..=count {
                if !state.by_number.contains_key(&(id, number)) {
                    let summary = format!("{project} issue {number}");
                    state.create_issue(project, number, (&summary, None), now)?;
                }
            }
            Ok(id)
        })
    }

    /// The issue with this key (present or former) or id.
    #[must_use]
    pub fn issue(&self, key: &str) -> Option<Issue> {
        self.read(|state| state.find_issue(key).cloned())
    }

    /// The present key of an issue.
    #[must_use]
    pub fn key(&self, id: IssueId) -> Option<String> {
        self.read(|state| state.issues.get(&id).map(|issue| state.key(issue)))
    }

    /// Moves an issue to another project, where it gets the next number and the workflow's first status if its own is not
    /// there. Its new key is returned.
    ///
    /// # Errors
    /// When the issue or the project is not there.
    pub fn move_issue(&self, key: &str, project: &str) -> Result<String, Refusal> {
        let now = self.now();
        self.write(|state| {
            let issue = state.find_issue(key).ok_or_else(|| Refusal::not_found("Issue Does Not Exist"))?;
            let (id, former, from) = (issue.id, state.key(issue), (issue.project, issue.number));
            let (number, target, statuses) = {
                let project = state.present_project(project)?;
                (project.last_number + 1, project.id, project.workflow.statuses.clone())
            };
            state.by_number.remove(&from);
            state.moved_keys.insert(former, id);
            state.by_number.insert((target, number), id);
            if let Some(project) = state.projects.get_mut(&target) {
                project.last_number = number;
            }
            let issue = state.issues.get_mut(&id).ok_or_else(|| Refusal::not_found("Issue Does Not Exist"))?;
            (issue.project, issue.number, issue.updated_at) = (target, number, now);
            if !statuses.iter().any(|status| status.name == issue.status) {
                issue.status = statuses.first().map(|status| status.name.clone()).unwrap_or_default();
            }
            let issue = issue.clone();
            Ok(state.key(&issue))
        })
    }

    /// Deletes an issue with everything that is attached to it.
    ///
    /// # Errors
    /// When it is not there.
    pub fn delete_issue(&self, key: &str) -> Result<(), Refusal> {
        self.write(|state| {
            let issue = state.find_issue(key).ok_or_else(|| Refusal::not_found("Issue Does Not Exist"))?;
            let (id, place) = (issue.id, (issue.project, issue.number));
            state.issues.remove(&id);
            state.by_number.remove(&place);
            state.moved_keys.retain(|_, moved| *moved != id);
            state.comments.retain(|(of, _), _| *of != id);
            state.worklogs.retain(|(of, _), _| *of != id);
            state.histories.remove(&id);
            state.properties.retain(|(of, _), _| *of != id);
            state.remote_links.retain(|(of, _), _| *of != id);
            Ok(())
        })
    }
}

impl State {
    /// The issue with this key, present or former, or id.
    pub(crate) fn find_issue(&self, text: &str) -> Option<&Issue> {
        if let Ok(id) = text.parse() {
            return self.issues.get(&IssueId(id));
        }
        let (project, number) = split(text)?;
        let here = self.project_by_key(project).and_then(|(project, _)| self.by_number.get(&(project.id, number)));
        let moved = || self.moved_keys.get(&text.to_ascii_uppercase());
        self.issues.get(here.or_else(moved)?)
    }

    /// An issue's present key.
    pub(crate) fn key(&self, issue: &Issue) -> String {
        let project = self.projects.get(&issue.project).map_or("", |project| project.key.as_str());
        format!("{project}-{}", issue.number)
    }

    /// The issue with this key or id, for somebody who may see it.
    pub(crate) fn visible_issue(
        &self,
        text: &str,
        viewer: Option<UserId>,
        deployment: Deployment,
    ) -> Result<&Issue, Refusal> {
        let missing = || Refusal::not_found(sentences::no_issue(deployment));
        let issue = self.find_issue(text).ok_or_else(missing)?;
        if self.may(viewer, issue.project, Permission::BrowseProjects) {
            return Ok(issue);
        }
        match (deployment, viewer) {
            (Deployment::Cloud, _) => Err(missing()),
            (Deployment::DataCenter, Some(_)) => Err(Refusal::of(RefusalKind::Forbidden, sentences::NO_SIGHT)),
            (Deployment::DataCenter, None) => {
                Err(Refusal::of(RefusalKind::NotLoggedIn, sentences::NO_SIGHT).and(sentences::LOGIN_REQUIRED))
            }
        }
    }

    fn present_project(&self, key: &str) -> Result<&Project, Refusal> {
        let found = self.project_by_key(key).map(|(project, _)| project);
        found.ok_or_else(|| Refusal::not_found(sentences::no_project(key)))
    }

    fn create_issue(
        &mut self,
        project: &str,
        number: u64,
        (summary, reporter): (&str, Option<UserId>),
        now: Millis,
    ) -> Result<IssueId, Refusal> {
        let project = self.present_project(project)?;
        let (of, status) = (project.id, project.workflow.first_status());
        let id = IssueId(draw(&mut self.numbers.issue));
        let issue = Issue {
            id,
            project: of,
            number,
            summary: summary.to_owned(),
            status,
            resolution: None,
            assignee: None,
            reporter,
            created_at: now,
            updated_at: now,
            resolved_at: None,
            remaining: None,
        };
        self.issues.insert(id, issue);
        self.by_number.insert((of, number), id);
        if let Some(project) = self.projects.get_mut(&of) {
            project.last_number = project.last_number.max(number);
        }
        Ok(id)
    }

    /// Notes that an issue has changed.
    pub(super) fn touch(&mut self, id: IssueId, now: Millis) {
        if let Some(issue) = self.issues.get_mut(&id) {
            issue.updated_at = now;
        }
    }
}

/// The two parts of a key.
fn split(key: &str) -> Option<(&str, u64)> {
    let (project, number) = key.rsplit_once('-')?;
    Some((project, number.parse().ok().filter(|number| *number > 0)?))
}
