//! Notes of people on merge requests (GitLab contract §7.6).

use serde_json::{Value, json};

use super::{Payloads, database_time};
use crate::gitlab::model::{Note, UserId};
use crate::gitlab::repositories::RepositoryError;

impl Payloads<'_> {
    /// The body for a new note; none when its merge request is gone meanwhile.
    pub(in crate::gitlab::hooks) async fn note(
        &self,
        user: UserId,
        note: &Note,
    ) -> Result<Option<Value>, RepositoryError> {
        let merge_request = self.model.merge_request(note.merge_request);
        let found = merge_request.and_then(|it| self.model.project(it.project).map(|project| (it, project)));
        let Some((merge_request, project)) = found else { return Ok(None) };
        let page = format!("{}/-/merge_requests/{}", self.web_url(project.id), merge_request.iid);
        let body = json!({
            "object_kind": "note",
            "event_type": "note",
            "user": self.user(user),
            "project_id": project.id,
            "project": self.project(&project).await?,
            "repository": self.repository(&project),
            "object_attributes": {
                "id": note.id,
                "note": note.body,
                "description": note.body,
                "noteable_type": "MergeRequest",
                "noteable_id": merge_request.id,
                "author_id": note.author,
                "created_at": database_time(note.created_at),
                "updated_at": database_time(note.updated_at),
                "attachment": null,
                "commit_id": null,
                "line_code": null,
                "st_diff": null,
                "system": note.system,
                "type": null,
                "position": null,
                "action": if note.created_at == note.updated_at { "create" } else { "update" },
                "url": format!("{page}#note_{}", note.id),
            },
            "merge_request": self.attributes(&merge_request, &project).await?,
        });
        Ok(Some(body))
    }
}
