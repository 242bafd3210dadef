//! GitLab's lists (GitLab contract §2.5, §5.3).

use std::collections::HashSet;

use serde::de::DeserializeOwned;

use crate::gitlab::client::Client;
use crate::paging::{Page, Position, next};
use crate::{ForgeError, Problem, sentences};

/// The largest page that GitLab gives.
pub const PER_PAGE: &str = "per_page=100";
/// Pages of a list that is read into memory as a whole: 100,000 elements.
const MAX_PAGES_IN_MEMORY: u32 = 1_000;

impl Client {
    /// One page of the list at an endpoint.
    ///
    /// # Errors
    /// Whatever keeps GitLab from telling; [`Problem::Data`] where the list does not end.
    pub async fn page<T: DeserializeOwned>(&self, segments: &[&str], at: &Position) -> Result<Page<T>, ForgeError> {
        let answer = self.get(segments, &at.query).await?;
        let items: Vec<T> = answer.json()?;
        let next = if items.is_empty() { None } else { next(&answer, at)? };
        Ok(Page { items, next })
    }

    /// The whole list at an endpoint.
    ///
    /// # Errors
    /// As [`Client::page`].
    pub async fn all<T: DeserializeOwned>(&self, segments: &[&str], query: &str) -> Result<Vec<T>, ForgeError> {
        self.all_within(segments, query, MAX_PAGES_IN_MEMORY).await
    }

    /// The whole list at an endpoint, which is an error where it has more than `max_pages` pages.
    ///
    /// # Errors
    /// As [`Client::page`].
    pub async fn all_within<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        query: &str,
        max_pages: u32,
    ) -> Result<Vec<T>, ForgeError> {
        let mut items = Vec::new();
        let mut seen = HashSet::new();
        let mut at = Some(Position::first(query));
        while let Some(position) = at {
            let page = self.page(segments, &position).await?;
            items.extend(page.items);
            seen.insert(position.query);
            at = page.next;
            if at.as_ref().is_some_and(|next| next.number >= max_pages || seen.contains(&next.query)) {
                let path = self.endpoint(segments, "").path().to_owned();
                return Err(ForgeError::at(Problem::Data(sentences::endless_list()), path));
            }
        }
        Ok(items)
    }
}
