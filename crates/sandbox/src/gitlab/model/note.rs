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
