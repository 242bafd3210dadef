//! Comments on commits.

use model::Millis;

use super::{Model, ModelError, ProjectId, State, UserId};

/// A comment on a commit as a whole.
#[derive(Debug, Clone)]
pub struct CommitComment {
    /// The project.
    pub project: ProjectId,
    /// The id of the commit.
    pub commit: String,
    /// Who wrote it.
    pub author: UserId,
    /// Its text, in Markdown.
    pub note: String,
    /// Written.
    pub created_at: Millis,
}

impl Model {
    /// Comments a commit. No hook is told.
    ///
    /// # Errors
    /// When the text is empty or the project does not exist.
    pub fn comment_commit(
        &self,
        project: ProjectId,
        commit: &str,
        author: UserId,
        note: &str,
    ) -> Result<CommitComment, ModelError> {
        if note.trim().is_empty() {
            return Err(ModelError::invalid("note", "can't be blank"));
        }
        let (commit, note, created_at) = (commit.to_owned(), note.to_owned(), self.now());
        let comment = CommitComment { project, commit, author, note, created_at };
        self.write(|state| {
            state.projects.get(&project).ok_or(ModelError::NotFound("Project"))?;
            state.commit_comments.push(comment.clone());
            Ok(comment)
        })
    }

    /// The comments on a commit, oldest first.
    #[must_use]
    pub fn commit_comments(&self, project: ProjectId, commit: &str) -> Vec<CommitComment> {
        self.read(|state| state.comments_on(project, commit).cloned().collect())
    }
}

impl State {
    pub(crate) fn comments_on(&self, project: ProjectId, commit: &str) -> impl Iterator<Item = &CommitComment> {
        self.commit_comments.iter().filter(move |it| it.project == project && it.commit == commit)
    }
}
