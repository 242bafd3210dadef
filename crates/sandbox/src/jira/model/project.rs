//! Projects, with the keys that they have and had.

use std::collections::{BTreeMap, BTreeSet};

use super::{Model, Permission, ProjectId, Refusal, State, UserId, Workflow, draw, permission};

/// A project.
#[derive(Debug, Clone)]
pub struct Project {
    /// The id.
    pub id: ProjectId,
    /// The key.
    pub key: String,
    /// The name.
    pub name: String,
    /// The keys that it had before, oldest first.
    pub former_keys: Vec<String>,
    /// How its issues go.
    pub workflow: Workflow,
    /// The number of its newest issue.
    pub(super) last_number: u64,
    /// What everybody may do.
    pub(super) everybody: BTreeSet<Permission>,
    /// What somebody may do, in place of that.
    pub(super) own: BTreeMap<UserId, BTreeSet<Permission>>,
}

impl Model {
    /// Makes a project in which everybody may do everything but administer it.
    ///
    /// # Errors
    /// When the key is malformed, or is or was another project's.
    pub fn create_project(&self, key: &str, name: &str, workflow: Workflow) -> Result<ProjectId, Refusal> {
        check_key(key)?;
        self.write(|state| {
            state.check_free(key)?;
            let id = ProjectId(draw(&mut state.numbers.project));
            let (key, name) = (key.to_owned(), name.to_owned());
            let (everybody, own) = (permission::of_everybody(), BTreeMap::new());
            let former_keys = Vec::new();
            state.projects.insert(id, Project { id, key, name, former_keys, workflow, last_number: 0, everybody, own });
            Ok(id)
        })
    }

    /// Gives a project another key; its issues are found by both.
    ///
    /// # Errors
    /// When there is no such project, or the key is malformed or another project's.
    pub fn rename_project(&self, id: ProjectId, key: &str) -> Result<(), Refusal> {
        check_key(key)?;
        self.write(|state| {
            if state.project_by_key(key).is_some_and(|(project, _)| project.id != id) {
                return Err(taken());
            }
            let project = state.projects.get_mut(&id).ok_or_else(|| Refusal::not_found("No project."))?;
            let former = std::mem::replace(&mut project.key, key.to_owned());
            // A key that it had before can be its own again.
            project.former_keys.retain(|old| old != key && *old != former);
            if former != key {
                project.former_keys.push(former);
            }
            Ok(())
        })
    }

    /// The project with this key, present or former.
    #[must_use]
    pub fn project(&self, key: &str) -> Option<Project> {
        self.read(|state| state.project_by_key(key).map(|(project, _)| project.clone()))
    }
}

impl State {
    /// The project with this key, ignoring case; whether it is the present one.
    pub(crate) fn project_by_key(&self, key: &str) -> Option<(&Project, bool)> {
        let present = self.projects.values().find(|project| project.key.eq_ignore_ascii_case(key));
        let had = |project: &&Project| project.former_keys.iter().any(|old| old.eq_ignore_ascii_case(key));
        let former = || self.projects.values().find(had).map(|project| (project, false));
        present.map(|project| (project, true)).or_else(former)
    }

    fn check_free(&self, key: &str) -> Result<(), Refusal> {
        if self.project_by_key(key).is_some() { Err(taken()) } else { Ok(()) }
    }
}

fn taken() -> Refusal {
    Refusal::field("projectKey", "A project with that project key already exists.")
}

/// Jira's own pattern for new projects: an upper-case letter, then upper-case letters, digits and underscores.
fn check_key(key: &str) -> Result<(), Refusal> {
    let fine = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if key.len() >= 2 && key.starts_with(|c: char| c.is_ascii_uppercase()) && key.chars().all(fine) {
        return Ok(());
    }
    let text =
        "Project keys must start with an uppercase letter, followed by one or more uppercase alphanumeric characters.";
    Err(Refusal::field("projectKey", text))
}
