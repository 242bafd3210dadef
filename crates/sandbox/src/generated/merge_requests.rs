//! The merge requests of a generated history, put into the model all at once: opening thousands one by one would take git
//! thousands of processes.

use std::collections::HashMap;

use model::{Millis, ObjectId};

use super::history::{Draft, Ending};
use crate::gitlab::model::{
    DiffRefs, MergeRequest, MergeRequestId, MergeState, Model, ModelError, ProjectId, State, UserId,
};
use crate::gitlab::repositories::RepositoryError;

/// What git says about the commits.
struct Graph {
    /// The parents of every commit.
    parents: HashMap<ObjectId, Vec<ObjectId>>,
    /// The commit that merged a head, by the head.
    merged_by: HashMap<ObjectId, ObjectId>,
    /// The heads, by the number of the merge request.
    heads: HashMap<u64, ObjectId>,
}

pub(super) async fn put(
    model: &Model,
    project: ProjectId,
    people: &[UserId],
    drafts: &[Draft],
) -> Result<(), ModelError> {
    let graph = Graph::read(model, project).await?;
    model.write(|state| {
        for draft in drafts {
            let diff = graph.diff(draft)?;
            let merge_commit = graph.merged_by.get(&diff.head).map(ObjectId::to_string);
            let diff =
                DiffRefs { base: diff.base.to_string(), head: diff.head.to_string(), start: diff.base.to_string() };
            insert(state, project, people, draft, (diff, merge_commit));
        }
        Ok(())
    })
}

/// Where a merge request begins and ends.
struct Ends {
    base: ObjectId,
    head: ObjectId,
}

impl Graph {
    async fn read(model: &Model, project: ProjectId) -> Result<Self, ModelError> {
        let (git, path) = (model.repositories().git(), model.repositories().path(project));
        let listed = git.command(["rev-list", "--all", "--parents"]).repository(&path).text().await;
        let parents = parents(&listed.map_err(RepositoryError::from)?);
        let merges = parents.iter().filter_map(|(id, parents)| Some((parents.get(1)?.clone(), id.clone())));
        let merged_by = merges.collect();
        let refs = git.refs(&path, "refs/merge-requests/").await.map_err(RepositoryError::from)?;
        let number = |name: &str| name.strip_prefix("refs/merge-requests/")?.strip_suffix("/head")?.parse().ok();
        let heads = refs.into_iter().filter_map(|head| Some((number(&head.name)?, head.id))).collect();
        Ok(Self { parents, merged_by, heads })
    }

    fn diff(&self, draft: &Draft) -> Result<Ends, ModelError> {
        let missing = || RepositoryError::Missing(format!("merge request {}", draft.number));
        let head = self.heads.get(&draft.number).ok_or_else(missing)?;
        let mut base = head;
        for _ in 0..draft.commits {
            base = self.parents.get(base).and_then(|parents| parents.first()).ok_or_else(missing)?;
        }
        Ok(Ends { base: base.clone(), head: head.clone() })
    }
}

/// Reads `rev-list --parents`.
fn parents(listed: &str) -> HashMap<ObjectId, Vec<ObjectId>> {
    let ids = |line: &str| -> Option<(ObjectId, Vec<ObjectId>)> {
        let mut ids = line.split(' ').filter_map(|id| id.parse().ok());
        Some((ids.next()?, ids.collect()))
    };
    listed.lines().filter_map(ids).collect()
}

fn insert(
    state: &mut State,
    project: ProjectId,
    people: &[UserId],
    draft: &Draft,
    (diff, merge_commit): (DiffRefs, Option<String>),
) {
    let millis = |seconds: i64| -> Millis { seconds * 1_000 };
    let (author, ended_at) = (people[draft.author % people.len()], millis(draft.ended_at));
    let ended = |ending: Ending| (draft.ending == ending).then_some(ended_at);
    let by = |ending: Ending| (draft.ending == ending).then_some(author);
    let id = MergeRequestId(state.numbers.merge_request.draw());
    let merge_request = MergeRequest {
        id,
        iid: draft.number,
        project,
        source_project: Some(project),
        source_branch: draft.source_branch.clone(),
        target_branch: "main".to_owned(),
        title: draft.title.clone(),
        description: Some(draft.description.clone()),
        state: match draft.ending {
            Ending::Open => MergeState::Opened,
            Ending::Closed => MergeState::Closed,
            Ending::Merged => MergeState::Merged,
        },
        author,
        assignees: Vec::new(),
        reviewers: Vec::new(),
        approvals: Vec::new(),
        labels: Vec::new(),
        squash: false,
        created_at: millis(draft.opened_at),
        updated_at: if draft.ending == Ending::Open { millis(draft.opened_at) } else { ended_at },
        merged_at: ended(Ending::Merged),
        merged_by: by(Ending::Merged),
        closed_at: ended(Ending::Closed),
        closed_by: by(Ending::Closed),
        diff: Some(diff),
        merge_commit,
        squash_commit: None,
        // The refs of those that ended stay, as GitLab kept them before 16.6: this is about many refs.
        head_ref: draft.ending == Ending::Open,
    };
    state.merge_requests.insert(id, merge_request);
    if let Some(project) = state.projects.get_mut(&project) {
        project.last_iid = project.last_iid.max(draft.number);
    }
}
