//! Comments of issues.

use ::model::Millis;
use serde_json::Value;

use super::{CommentId, IssueId, Model, Permission, Refusal, State, UserId, draw};
use crate::jira::sentences;

/// A comment that is to be made.
#[derive(Debug, Clone, Default)]
pub struct NewComment {
    /// Its text.
    pub body: String,
    /// The document that the text was taken from, where one was sent (REST v3).
    pub document: Option<Value>,
    /// Its properties.
    pub properties: Vec<(String, Value)>,
}

/// A comment.
#[derive(Debug, Clone)]
pub struct Comment {
    /// The id.
    pub id: CommentId,
    /// Who wrote it.
    pub author: UserId,
    /// Its text.
    pub body: String,
    /// The document that the text was taken from.
    pub document: Option<Value>,
    /// Its properties.
    pub properties: Vec<(String, Value)>,
    /// Written.
    pub created_at: Millis,
}

impl Model {
    /// Comments an issue.
    ///
    /// # Errors
    /// When the issue is not there or visible, the author may not comment it, or the text is empty or too long.
    pub fn comment(&self, key: &str, author: UserId, new: NewComment) -> Result<Comment, Refusal> {
        let now = self.now();
        self.write(|state| {
            let id = state.visible_issue(key, Some(author), self.deployment)?.id;
            state.add_comment(id, author, new, now)
        })
    }

    /// The comments of an issue, oldest first.
    #[must_use]
    pub fn comments(&self, key: &str) -> Vec<Comment> {
        self.read(|state| match state.find_issue(key) {
            Some(issue) => state.comments_of(issue.id).cloned().collect(),
            None => Vec::new(),
        })
    }
}

impl State {
    pub(crate) fn comments_of(&self, id: IssueId) -> impl DoubleEndedIterator<Item = &Comment> {
        self.comments.range((id, CommentId(0))..=(id, CommentId(u64::MAX))).map(|(_, comment)| comment)
    }

    /// Checks what is to be a comment.
    pub(super) fn check_comment(&self, id: IssueId, author: UserId, body: &str) -> Result<(), Refusal> {
        let project = self.issues.get(&id).map(|issue| issue.project);
        if !project.is_some_and(|project| self.may(Some(author), project, Permission::AddComments)) {
            let name = self.users.get(&author).map_or("", |user| user.name.as_str());
            return Err(Refusal::invalid(sentences::no_comment(name)));
        }
        if body.trim().is_empty() {
            return Err(Refusal::field("comment", sentences::EMPTY_COMMENT));
        }
        let longest = self.settings.longest_text;
        if body.chars().count() > longest {
            return Err(Refusal::field("comment", sentences::too_long(longest)));
        }
        Ok(())
    }

    pub(super) fn add_comment(
        &mut self,
        issue: IssueId,
        author: UserId,
        new: NewComment,
        now: Millis,
    ) -> Result<Comment, Refusal> {
        self.check_comment(issue, author, &new.body)?;
        let id = CommentId(draw(&mut self.numbers.comment));
        let NewComment { body, document, properties } = new;
        let comment = Comment { id, author, body, document, properties, created_at: now };
        self.comments.insert((issue, id), comment.clone());
        self.touch(issue, now);
        Ok(comment)
    }
}
