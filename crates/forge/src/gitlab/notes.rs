//! What people wrote below a merge request (GitLab contract §5.7).

use std::collections::HashSet;

use model::Note;
use model::text::plain;

use crate::gitlab::client::Client;
use crate::gitlab::paging::PER_PAGE;
use crate::gitlab::shapes;
use crate::paging::Position;
use crate::{ForgeError, Problem, sentences, timestamp};

/// Comments alone, oldest first. A GitLab too old for the filter tells what it did itself, too.
const QUERY: &str = "activity_filter=only_comments&order_by=created_at&sort=asc";
/// So many pages are read; what comes after a thousand comments is left out.
const MAX_PAGES: usize = 10;
/// So many letters of comments are kept in all.
const MAX_LETTERS: usize = 4 << 20;

impl Client {
    /// The comments of a merge request, oldest first, without those that not every member may read.
    pub async fn notes(&self, project: &str, number: i64) -> Result<Vec<Note>, ForgeError> {
        let path = ["projects", project, "merge_requests", &number.to_string(), "notes"];
        let (mut notes, mut seen, mut room) = (Vec::new(), HashSet::new(), MAX_LETTERS);
        let mut at = Some(Position::first(format!("{QUERY}&{PER_PAGE}")));
        for _ in 0..MAX_PAGES {
            let Some(position) = at else { break };
            let page = self.page::<shapes::Note>(&path, &position).await?;
            for told in page.items.iter().filter(|told| !told.system && !told.internal && !told.confidential) {
                let note = self.note_of(told)?;
                room = match room.checked_sub(note.body.len()) {
                    Some(room) => room,
                    None => return Ok(notes),
                };
                // While it is read the list may grow, and tell one twice.
                if seen.insert(note.forge_id.clone()) {
                    notes.push(note);
                }
            }
            at = page.next;
        }
        Ok(notes)
    }

    fn note_of(&self, told: &shapes::Note) -> Result<Note, ForgeError> {
        let created_at = timestamp::optional(told.created_at.as_deref());
        let created_at = created_at.ok_or_else(|| Problem::Data(sentences::note_without_date()))?;
        Ok(Note {
            forge_id: told.id.0.clone(),
            author: self.user(&told.author),
            body: plain(&told.body).chars().take(Note::MAX_BODY).collect(),
            created_at,
            updated_at: timestamp::optional(told.updated_at.as_deref()).unwrap_or(created_at),
        })
    }
}
