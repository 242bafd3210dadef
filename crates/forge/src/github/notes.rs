//! What people wrote into the conversation of a pull request; what stands on lines is no part of it.

use std::collections::HashSet;

use model::Note;
use model::text::plain;

use crate::github::client::{Client, is_below_jira};
use crate::github::paging::PER_PAGE;
use crate::github::place::Place;
use crate::github::shapes;
use crate::paging::{Page, Position};
use crate::{ForgeError, Problem, sentences, timestamp};

/// So many pages are read; what comes after a thousand comments is left out.
const MAX_PAGES: usize = 10;
/// So many letters of comments are kept in all.
const MAX_LETTERS: usize = 4 << 20;

impl Client {
    /// The comments on a pull request, oldest first.
    pub async fn notes(&self, repository: &str, number: i64) -> Result<Vec<Note>, ForgeError> {
        let (place, number) = (Place::of(repository)?, number.to_string());
        let own = self.notes_at(&place.segments(&["issues", &number, "comments"])).await;
        match own {
            Err(ForgeError { problem: Problem::NotFound | Problem::NotAvailable, .. })
                if is_below_jira(self.root()) =>
            {
                self.notes_at(&["repos", "-", "jira", "issues", &number, "comments"]).await
            }
            own => own,
        }
    }

    async fn notes_at(&self, segments: &[&str]) -> Result<Vec<Note>, ForgeError> {
        let (mut notes, mut seen, mut room) = (Vec::new(), HashSet::new(), MAX_LETTERS);
        let mut at = Some(Position::first(PER_PAGE));
        for _ in 0..MAX_PAGES {
            let Some(position) = at else { break };
            let page: Page<shapes::Comment> = self.page(segments, &position).await?;
            for told in &page.items {
                let note = self.note_of(told)?;
                room = match room.checked_sub(note.body.len()) {
                    Some(room) => room,
                    None => return Ok(sorted(notes)),
                };
                // While it is read the list may grow, and tell one twice.
                if seen.insert(note.forge_id.clone()) {
                    notes.push(note);
                }
            }
            at = page.next;
        }
        Ok(sorted(notes))
    }

    fn note_of(&self, told: &shapes::Comment) -> Result<Note, ForgeError> {
        let created_at = timestamp::optional(told.created_at.as_deref());
        let created_at = created_at.ok_or_else(|| Problem::Data(sentences::note_without_date()))?;
        Ok(Note {
            forge_id: told.id.0.clone(),
            author: self.user(&told.user),
            body: plain(&told.body).chars().take(Note::MAX_BODY).collect(),
            created_at,
            updated_at: timestamp::optional(told.updated_at.as_deref()).unwrap_or(created_at),
        })
    }
}

/// GitLab's copy tells them in no order (GitLab contract §3.4).
fn sorted(mut notes: Vec<Note>) -> Vec<Note> {
    notes.sort_by_key(|note| note.created_at);
    notes
}
