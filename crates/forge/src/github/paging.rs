//! Lists, which go on where `Link` says so.

use std::collections::HashSet;

use serde::de::DeserializeOwned;

use crate::answer::Answer;
use crate::github::client::Client;
use crate::paging::{Page, Position, next};
use crate::{ForgeError, Problem, sentences};

/// The largest page that GitHub gives; who gives smaller ones is followed all the same.
pub const PER_PAGE: &str = "per_page=100";
/// Pages of a list that is read into memory as a whole: 100,000 elements.
pub const MAX_PAGES_IN_MEMORY: u32 = 1_000;

/// A list that was read to its end.
#[derive(Debug)]
pub struct Whole<T> {
    /// Its elements.
    pub items: Vec<T>,
    /// Whether GitHub itself told it.
    pub is_githubs_own: bool,
}

impl Client {
    /// One page of the list at an endpoint.
    ///
    /// # Errors
    /// Whatever keeps the host from telling; [`Problem::Data`] where the list does not end.
    pub async fn page<T: DeserializeOwned>(&self, segments: &[&str], at: &Position) -> Result<Page<T>, ForgeError> {
        self.answered_page(segments, at).await.map(|(page, _)| page)
    }

    async fn answered_page<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        at: &Position,
    ) -> Result<(Page<T>, Answer), ForgeError> {
        let answer = self.get(segments, &at.query).await?;
        let items: Vec<T> = answer.json()?;
        let next = if items.is_empty() { None } else { next(&answer, at)? };
        Ok((Page { items, next }, answer))
    }

    /// The whole list at an endpoint.
    ///
    /// # Errors
    /// As [`Client::page`].
    pub async fn all<T: DeserializeOwned>(&self, segments: &[&str], query: &str) -> Result<Vec<T>, ForgeError> {
        self.whole(segments, query, MAX_PAGES_IN_MEMORY).await.map(|whole| whole.items)
    }

    /// The whole list at an endpoint, which is an error where it has more than `max_pages` pages.
    ///
    /// # Errors
    /// As [`Client::page`].
    pub async fn whole<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        query: &str,
        max_pages: u32,
    ) -> Result<Whole<T>, ForgeError> {
        let mut whole = Whole { items: Vec::new(), is_githubs_own: true };
        let mut seen = HashSet::new();
        let mut at = Some(Position::first(query));
        while let Some(position) = at {
            let (page, answer) = self.answered_page(segments, &position).await?;
            whole.items.extend(page.items);
            whole.is_githubs_own &= answer.is_githubs_own();
            seen.insert(position.query);
            at = page.next;
            if at.as_ref().is_some_and(|next| next.number >= max_pages || seen.contains(&next.query)) {
                return Err(ForgeError::at(Problem::Data(sentences::endless_list()), answer.path));
            }
        }
        Ok(whole)
    }
}
