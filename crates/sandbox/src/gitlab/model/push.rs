//! What a push means to the model: new heads of merge requests, news for the hooks.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::merge_request::News;
use super::{DiffRefs, Event, MergeRequest, MergeRequestId, MergeState, Model, ModelError, Project, ProjectId, UserId};

/// A branch or tag that moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefChange {
    /// The full name (`refs/heads/main`).
    pub name: String,
    /// Where it was; none: it is new.
    pub before: Option<String>,
    /// Where it is; none: it is gone.
    pub after: Option<String>,
}

impl RefChange {
    /// What differs between two listings of refs, by name.
    #[must_use]
    pub fn between(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<Self> {
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        names
            .into_iter()
            .filter(|name| before.get(*name) != after.get(*name))
            .map(|name| Self { name: name.clone(), before: before.get(name).cloned(), after: after.get(name).cloned() })
            .collect()
    }

    /// The branch's name, if it is a branch.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        self.name.strip_prefix("refs/heads/")
    }

    /// The tag's name, if it is a tag.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.name.strip_prefix("refs/tags/")
    }
}

/// One lock a project: refs are compared before and after a push, so pushes to one project go one by one.
#[derive(Debug, Default)]
pub(crate) struct PushLocks(Mutex<HashMap<ProjectId, Arc<tokio::sync::Mutex<()>>>>);

impl PushLocks {
    fn of(&self, project: ProjectId) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(project).or_default())
    }
}

impl Model {
    /// Waits for the right to push to a project; it is held until the guard is dropped.
    pub async fn push_lock(&self, project: ProjectId) -> tokio::sync::OwnedMutexGuard<()> {
        self.pushes.of(project).lock_owned().await
    }

    /// Pushes in process: a `git fast-import` stream, refs compared around it, told as any other push.
    ///
    /// # Errors
    /// When git refuses the stream.
    pub async fn import(&self, project: ProjectId, user: UserId, stream: Vec<u8>) -> Result<(), ModelError> {
        let _turn = self.push_lock(project).await;
        let before = self.repositories.refs(project).await?;
        self.repositories.fast_import(project, stream).await?;
        self.push_moved(project, user, &before).await
    }

    /// Tells what moved since the refs were listed.
    pub(crate) async fn push_moved(
        &self,
        project: ProjectId,
        user: UserId,
        before: &BTreeMap<String, String>,
    ) -> Result<(), ModelError> {
        let after = self.repositories.refs(project).await?;
        self.pushed(project, user, RefChange::between(before, &after)).await
    }

    /// Takes note of refs that moved: merge requests of their branches get new heads or are merged, the hooks are told.
    ///
    /// # Errors
    /// When a repository cannot be read or written.
    pub async fn pushed(&self, project: ProjectId, user: UserId, changes: Vec<RefChange>) -> Result<(), ModelError> {
        if changes.is_empty() {
            return Ok(());
        }
        let at = self.now();
        self.note_default_branch(project).await?;
        self.write(|state| state.touch(project, at));
        self.tell(Event::Push { project, user, changes: changes.clone(), at });
        for change in &changes {
            if let (Some(branch), Some(head)) = (change.branch(), &change.after) {
                self.move_heads(project, branch, head, user).await?;
                self.move_bases(project, branch, change).await?;
            }
            self.note_merged(project, change, user).await?;
        }
        Ok(())
    }

    /// Asks git which branch is the default now.
    pub(crate) async fn note_default_branch(&self, project: ProjectId) -> Result<(), ModelError> {
        let default_branch = self.repositories.default_branch(project).await?;
        self.change_project(project, |project| project.default_branch = default_branch);
        Ok(())
    }

    /// Gives the open merge requests from a branch its new head.
    async fn move_heads(&self, project: ProjectId, branch: &str, head: &str, user: UserId) -> Result<(), ModelError> {
        for merge_request in self.open_from(project, branch) {
            let target = (merge_request.project, merge_request.target_branch.as_str());
            let old = merge_request.diff.as_ref().map(|diff| diff.head.clone());
            if old.as_deref() == Some(head) {
                continue;
            }
            let Ok(diff) = self.diff_between((project, branch), target).await else { continue };
            let Some(moved) = self.set_head(merge_request.id, diff) else { continue };
            self.keep_head(&moved).await?;
            self.tell_merge_request(moved, user, News { oldrev: old, ..News::default() });
            self.reset_approvals(merge_request.id, user);
        }
        Ok(())
    }

    /// Compares the open merge requests into a branch anew when it was forced to where it did not lead: their heads stay, and
    /// nobody is told.
    async fn move_bases(&self, project: ProjectId, branch: &str, change: &RefChange) -> Result<(), ModelError> {
        let (Some(before), Some(after)) = (&change.before, &change.after) else { return Ok(()) };
        let into = |it: &&MergeRequest| it.is_open() && it.project == project && it.target_branch == branch;
        let concerned: Vec<MergeRequest> =
            self.read(|state| state.merge_requests.values().filter(into).cloned().collect());
        if concerned.is_empty() || self.repositories.is_ancestor(project, before, after).await? {
            return Ok(());
        }
        for merge_request in concerned {
            let Some(source) = merge_request.source_project else { continue };
            let source = (source, merge_request.source_branch.as_str());
            let Ok(diff) = self.diff_between(source, (project, branch)).await else { continue };
            self.write(|state| {
                if let Some(stored) = state.merge_requests.get_mut(&merge_request.id).filter(|it| it.is_open()) {
                    stored.diff = Some(diff);
                }
            });
        }
        Ok(())
    }

    fn open_from(&self, project: ProjectId, branch: &str) -> Vec<MergeRequest> {
        let from =
            |it: &&MergeRequest| it.is_open() && it.source_project == Some(project) && it.source_branch == branch;
        self.read(|state| state.merge_requests.values().filter(from).cloned().collect())
    }

    fn set_head(&self, id: MergeRequestId, diff: DiffRefs) -> Option<MergeRequest> {
        let now = self.now();
        self.write(|state| {
            let merge_request = state.merge_requests.get_mut(&id).filter(|it| it.is_open())?;
            merge_request.diff = Some(diff);
            merge_request.updated_at = now;
            Some(merge_request.clone())
        })
    }

    /// Removes the refs that keep the heads of merge requests that were merged or closed too long ago (GitLab: 14 days).
    ///
    /// # Errors
    /// When the repository cannot be written.
    pub async fn drop_expired_head_refs(&self, project: ProjectId) -> Result<(), ModelError> {
        let life = i64::try_from(self.lives.head_ref.as_millis()).unwrap_or(i64::MAX);
        let end = self.now().saturating_sub(life);
        let over = |it: &&mut MergeRequest| {
            let ended = if it.state == MergeState::Merged { it.merged_at } else { it.closed_at };
            it.project == project && it.head_ref && ended.is_some_and(|ended| ended <= end)
        };
        let names: Vec<String> = self.write(|state| {
            let expired = state.merge_requests.values_mut().filter(over);
            expired
                .map(|merge_request| {
                    merge_request.head_ref = false;
                    merge_request.head_ref_name()
                })
                .collect()
        });
        for name in names {
            self.repositories.delete_ref(project, &name).await?;
        }
        Ok(())
    }

    /// The project that a path leads to now, and whether that is its present path.
    #[must_use]
    pub fn find_project(&self, full_path: &str) -> Option<(Project, bool)> {
        let present = self.project_by_path(full_path).map(|project| (project, true));
        present.or_else(|| Some((self.project(self.project_redirect(full_path)?)?, false)))
    }
}
