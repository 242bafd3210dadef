//! Comments on commits (GitLab contract §5.6).

use http::Method;
use model::ObjectId;
use serde_json::json;

use crate::commit_comments::{MAX_PAGES, ends_with};
use crate::gitlab::client::Client;
use crate::gitlab::paging::PER_PAGE;
use crate::gitlab::shapes;
use crate::paging::Position;
use crate::{ForgeError, Problem, sentences};

impl Client {
    /// Comments a commit; whether the answer confirms it.
    pub async fn commit_comment_add(&self, project: &str, commit: &ObjectId, text: &str) -> Result<bool, ForgeError> {
        let answer = self.change(Method::POST, &path(project, commit), Some(&json!({ "note": text }))).await?;
        Ok(answer.json::<shapes::CommitNote>().is_ok_and(|comment| !comment.note.is_empty()))
    }

    /// Whether a commit has a comment with the mark in its last line.
    pub async fn commit_comment_find(&self, project: &str, commit: &ObjectId, mark: &str) -> Result<bool, ForgeError> {
        let path = path(project, commit);
        let mut at = Some(Position::first(PER_PAGE));
        while let Some(position) = at {
            if position.number >= MAX_PAGES {
                let asked = self.endpoint(&path, "").path().to_owned();
                return Err(ForgeError::at(Problem::Data(sentences::endless_list()), asked));
            }
            let page = self.page::<shapes::CommitNote>(&path, &position).await?;
            if page.items.iter().any(|comment| ends_with(&comment.note, mark)) {
                return Ok(true);
            }
            at = page.next;
        }
        Ok(false)
    }
}

fn path<'p>(project: &'p str, commit: &'p ObjectId) -> [&'p str; 6] {
    ["projects", project, "repository", "commits", commit.as_str(), "comments"]
}
