//! What a hook is tested with: the newest of its kind.

use serde_json::Value;

use super::TestProblem;
use super::delivery::Topic;
use super::payload::Change;
use super::worker::Worker;
use crate::gitlab::model::{
    Action, GroupId, Hook, HookEvent, HookPlace, MergeRequest, Namespace, Note, ProjectId, RefChange,
};

impl Worker {
    /// The body for a test of a hook.
    pub(super) async fn sample(&self, hook: &Hook, trigger: &str) -> Result<(Topic, Value), TestProblem> {
        let event = HookEvent::ALL.iter().copied().find(|event| event.field() == trigger);
        let event = event.ok_or(TestProblem::Trigger)?;
        let project = match hook.place {
            HookPlace::Project(project) => Some(project),
            HookPlace::Group(group) => self.first_project(|namespace| self.is_below(namespace, group)),
            HookPlace::Instance => self.first_project(|_| true),
        };
        let project = project.ok_or(TestProblem::NoData("Ensure the group has a project."))?;
        Ok((Topic::Event(event), self.sample_of(project, event).await?))
    }

    fn first_project(&self, within: impl Fn(Namespace) -> bool) -> Option<ProjectId> {
        let projects: Vec<(ProjectId, Namespace)> =
            self.model.read(|state| state.projects.values().map(|it| (it.id, it.namespace)).collect());
        projects.into_iter().find(|(_, namespace)| within(*namespace)).map(|(id, _)| id)
    }

    fn is_below(&self, namespace: Namespace, group: GroupId) -> bool {
        let Namespace::Group(id) = namespace else { return false };
        self.model.read(|state| state.ancestry(id).any(|above| above.id == group))
    }

    async fn sample_of(&self, project: ProjectId, event: HookEvent) -> Result<Value, TestProblem> {
        let owner = self.model.project(project).ok_or(TestProblem::NotFound)?.creator;
        let rendered = match event {
            HookEvent::Push | HookEvent::TagPush => {
                let change = self.newest_push(project, event).await;
                let change = change.ok_or(TestProblem::NoData("Ensure the project has at least one commit."))?;
                self.payloads().push(project, owner, &change).await
            }
            HookEvent::MergeRequests => {
                let newest = self.newest_merge_request(project);
                let newest = newest.ok_or(TestProblem::NoData("Ensure the project has merge requests."))?;
                let opened = Change { action: Action::Open, changes: &[], oldrev: None, system_action: None };
                self.payloads().merge_request(owner, &newest, opened).await
            }
            HookEvent::Notes => {
                let newest = self.newest_note(project);
                let newest = newest.ok_or(TestProblem::NoData("Ensure the project has notes."))?;
                self.payloads().note(owner, &newest).await.map(Option::unwrap_or_default)
            }
            _ => return Err(TestProblem::Trigger),
        };
        rendered.map_err(|_| TestProblem::NoData("Ensure the project has a repository."))
    }

    fn newest_merge_request(&self, project: ProjectId) -> Option<MergeRequest> {
        self.model.read(|state| state.merge_requests.values().rfind(|it| it.project == project).cloned())
    }

    fn newest_note(&self, project: ProjectId) -> Option<Note> {
        self.model.read(|state| {
            let here =
                |note: &&Note| state.merge_requests.get(&note.merge_request).is_some_and(|it| it.project == project);
            state.notes.values().filter(here).filter(|note| !note.system).max_by_key(|note| note.id).cloned()
        })
    }

    async fn newest_push(&self, project: ProjectId, event: HookEvent) -> Option<RefChange> {
        let refs = self.model.repositories().refs(project).await.ok()?;
        let default = self.model.repositories().default_branch(project).await.ok()??;
        let wanted = format!("refs/heads/{default}");
        let pick =
            |name: &String| if event == HookEvent::Push { *name == wanted } else { name.starts_with("refs/tags/") };
        let (name, id) = refs.into_iter().find(|(name, _)| pick(name))?;
        Some(RefChange { name, before: None, after: Some(id) })
    }
}
