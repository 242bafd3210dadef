//! Comments on commits.

use http::Method;
use model::ObjectId;
use serde_json::json;

use crate::commit_comments::{MAX_PAGES, ends_with};
use crate::github::client::Client;
use crate::github::paging::PER_PAGE;
use crate::github::place::Place;
use crate::github::shapes;
use crate::paging::{Page, Position};
use crate::{ForgeError, Problem, sentences};

impl Client {
    /// Comments a commit; whether the answer confirms it.
    pub async fn commit_comment_add(
        &self,
        repository: &str,
        commit: &ObjectId,
        text: &str,
    ) -> Result<bool, ForgeError> {
        let path = Place::of(repository)?.segments(&["commits", commit.as_str(), "comments"]);
        let answer = self.change(Method::POST, &path, Some(&json!({ "body": text }))).await?;
        Ok(answer.json::<shapes::CommitComment>().is_ok_and(|comment| !comment.body.is_empty()))
    }

    /// Whether a commit has a comment with the mark in its last line.
    pub async fn commit_comment_find(
        &self,
        repository: &str,
        commit: &ObjectId,
        mark: &str,
    ) -> Result<bool, ForgeError> {
        let path = Place::of(repository)?.segments(&["commits", commit.as_str(), "comments"]);
        let mut at = Some(Position::first(PER_PAGE));
        while let Some(position) = at {
            if position.number >= MAX_PAGES {
                let asked = self.endpoint(&path, "").path().to_owned();
                return Err(ForgeError::at(Problem::Data(sentences::endless_list()), asked));
            }
            let page: Page<shapes::CommitComment> = self.page(&path, &position).await?;
            if page.items.iter().any(|comment| ends_with(&comment.body, mark)) {
                return Ok(true);
            }
            at = page.next;
        }
        Ok(false)
    }
}
