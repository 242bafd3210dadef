//! Notes below merge requests.

use model::Millis;

use super::{Event, MergeRequestId, Model, ModelError, NoteId, State, UserId};

/// A note: a person's comment, or the system's word about an action.
#[derive(Debug, Clone)]
pub struct Note {
    /// The id.
    pub id: NoteId,
    /// Below which merge request.
    pub merge_request: MergeRequestId,
    /// Who wrote it.
    pub author: UserId,
    /// Its text, in Markdown.
    pub body: String,
    /// Whether the system wrote it about an action.
    pub system: bool,
    /// Written.
    pub created_at: Millis,
    /// Last changed.
    pub updated_at: Millis,
}

impl Model {
    /// Comments a merge request.
    ///
    /// # Errors
    /// When the merge request does not exist or the text is empty.
    pub fn comment(&self, id: MergeRequestId, author: UserId, body: &str) -> Result<NoteId, ModelError> {
        if body.trim().is_empty() {
            return Err(ModelError::invalid("note", "can't be blank"));
        }
        let now = self.now();
        let note = self.write(|state| {
            let merge_request = state.merge_requests.get_mut(&id).ok_or(ModelError::NotFound("Merge Request"))?;
            merge_request.updated_at = now;
            let project = merge_request.project;
            state.touch(project, now);
            Ok::<_, ModelError>(state.add_note(id, author, body, false, now))
        })?;
        let id = note.id;
        self.tell(Event::Note { user: author, snapshot: Box::new(note) });
        Ok(id)
    }

    /// Changes a comment; the hooks are told, the merge request counts as changed.
    ///
    /// # Errors
    /// When there is no such comment or the text is empty.
    pub fn edit_note(&self, id: NoteId, body: &str) -> Result<(), ModelError> {
        if body.trim().is_empty() {
            return Err(ModelError::invalid("note", "can't be blank"));
        }
        let now = self.now();
        let note = self.write(|state| {
            let note = state.notes.values_mut().find(|note| note.id == id && !note.system);
            let note = note.ok_or(ModelError::NotFound("Note"))?;
            body.clone_into(&mut note.body);
            // The hooks know an update by it, even where the clock of a test stands still.
            note.updated_at = now.max(note.created_at + 1);
            let note = note.clone();
            if let Some(merge_request) = state.merge_requests.get_mut(&note.merge_request) {
                merge_request.updated_at = now;
                let project = merge_request.project;
                state.touch(project, now);
            }
            Ok::<_, ModelError>(note)
        })?;
        self.tell(Event::Note { user: note.author, snapshot: Box::new(note) });
        Ok(())
    }

    /// Deletes a comment. GitLab tells no hook of it and does not count the merge request as changed: only its number of
    /// comments is another.
    ///
    /// # Errors
    /// When there is no such comment.
    pub fn delete_note(&self, id: NoteId) -> Result<(), ModelError> {
        self.write(|state| {
            let found = state.notes.iter().find(|(_, note)| note.id == id && !note.system).map(|(key, _)| *key);
            state.notes.remove(&found.ok_or(ModelError::NotFound("Note"))?);
            Ok(())
        })
    }

    /// The notes of a merge request, oldest first.
    #[must_use]
    pub fn notes(&self, id: MergeRequestId) -> Vec<Note> {
        self.read(|state| state.notes_of(id).cloned().collect())
    }
}

impl State {
    pub(crate) fn notes_of(&self, id: MergeRequestId) -> impl Iterator<Item = &Note> {
        self.notes.range((id, NoteId(0))..=(id, NoteId(u64::MAX))).map(|(_, note)| note)
    }

    pub(crate) fn add_note(
        &mut self,
        merge_request: MergeRequestId,
        author: UserId,
        body: &str,
        system: bool,
        now: Millis,
    ) -> Note {
        let id = NoteId(self.numbers.note.draw());
        let body = body.to_owned();
        let note = Note { id, merge_request, author, body, system, created_at: now, updated_at: now };
        self.notes.insert((merge_request, id), note.clone());
        note
    }
}
