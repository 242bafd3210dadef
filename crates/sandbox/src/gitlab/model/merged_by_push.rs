//! Merge requests whose commits somebody pushed to the target branch: GitLab takes them for merged.

use std::collections::HashSet;

use super::{Action, MergeRequest, MergeState, Model, ModelError, ProjectId, RefChange, UserId};
use crate::gitlab::repositories::{CommitQuery, CommitRow};

impl Model {
    /// Marks the open merge requests into a pushed branch as merged whose head came with the push.
    pub(crate) async fn note_merged(
        &self,
        project: ProjectId,
        change: &RefChange,
        user: UserId,
    ) -> Result<(), ModelError> {
        let (Some(branch), Some(after)) = (change.branch(), &change.after) else { return Ok(()) };
        let candidates = self.open_into(project, branch);
        if candidates.is_empty() {
            return Ok(());
        }
        let (include, exclude) = (vec![after.clone()], change.before.iter().cloned().collect());
        let query = CommitQuery { include, exclude, ..CommitQuery::default() };
        let gained = self.repositories.commits(project, &query).await?;
        let ids: HashSet<&str> = gained.iter().map(|commit| commit.id.as_str()).collect();
        for (merge_request, head) in candidates.iter().filter(|(_, head)| ids.contains(head.as_str())) {
            let by = merging_commit(&gained, head);
            self.change_merge_request(merge_request.id, user, Action::Merge, |it, now| {
                it.state = MergeState::Merged;
                it.merged_at = Some(now);
                it.merged_by = Some(user);
                it.merge_commit = Some(by);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// The open merge requests into a branch that have commits, with their heads.
    fn open_into(&self, project: ProjectId, branch: &str) -> Vec<(MergeRequest, String)> {
        let into = |it: &&MergeRequest| it.is_open() && it.project == project && it.target_branch == branch;
        let with_head = |it: &MergeRequest| {
            let diff = it.diff.as_ref().filter(|diff| diff.head != diff.base)?;
            Some((it.clone(), diff.head.clone()))
        };
        self.read(|state| state.merge_requests.values().filter(into).filter_map(with_head).collect())
    }
}

/// The commit that GitLab names as the merge commit: the one that joined the head as a further parent; after a fast-forward
/// the head itself.
fn merging_commit(gained: &[CommitRow], head: &str) -> String {
    let joins = |commit: &&CommitRow| commit.parents.iter().skip(1).any(|parent| parent == head);
    gained.iter().find(joins).map_or_else(|| head.to_owned(), |commit| commit.id.clone())
}
