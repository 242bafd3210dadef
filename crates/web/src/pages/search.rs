//! Search: an issue key opens the issue, the beginning of a commit's id finds the commit.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use model::KeyForm;
use serde::Deserialize;
use store::{RepositoryRef, StoredCommit};

use crate::frame::{Frame, PageResult, ReaderPage, draw, redirect};
use crate::state::AppState;
use crate::view::forge_links;
use crate::view::message::Message;
use crate::view::person::Initials;

/// How many commits, or issues, are listed.
const LIMIT: usize = 50;
/// How many digits of a commit's id are needed.
const SHORTEST_PREFIX: usize = 4;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    keys: Vec<String>,
    commits: Vec<Row>,
    more: bool,
}

struct Row {
    commit: StoredCommit,
    message: Message,
    repository: String,
    url: Option<String>,
}

impl Row {
    fn initials(&self) -> Initials<'_> {
        Initials(&self.commit.author_name)
    }
}

#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

/// Finds issues and commits.
pub async fn show(State(state): State<AppState>, page: ReaderPage, Query(asked): Query<Asked>) -> PageResult {
    let text: String = asked.q.trim().chars().take(200).collect();
    if let Some(response) = issue_named(&state, &page.frame, &text) {
        return Ok(response);
    }
    let limit = LIMIT as i64;
    let mut keys = Vec::new();
    if is_beginning_of_key(&text) {
        keys = state.store().issue_keys_with_prefix(page.viewer(), &text.to_uppercase(), limit).await?;
    }
    let mut commits = Vec::new();
    if is_beginning_of_id(&text) {
        let hex = text.to_ascii_lowercase();
        commits = state.store().commits_by_prefix(page.viewer(), &hex, limit + 1).await?;
    }
    let more = commits.len() > LIMIT;
    let mut frame = page.frame;
    let rows = commits.into_iter().take(LIMIT).map(|(commit, repositories)| row(&state, &frame, commit, &repositories));
    let commits = rows.collect();
    frame.search = text;
    draw(&SearchPage { frame, keys, commits, more })
}

/// The whole text is one issue key, in any case: its page.
fn issue_named(state: &AppState, frame: &Frame, text: &str) -> Option<Response> {
    let found = grammar::find(text, state.noise());
    let whole = found.into_iter().find(|found| found.range == (0..text.len()) && found.form != KeyForm::Noise)?;
    Some(redirect(frame, &format!("/issues/{}", whole.key)))
}

fn row(state: &AppState, frame: &Frame, commit: StoredCommit, repositories: &[RepositoryRef]) -> Row {
    let message = Message::in_list(&commit.message, state.noise(), |key| frame.link(&format!("/issues/{key}")));
    let names: Vec<&str> = repositories.iter().map(|repository| repository.path.as_str()).collect();
    let url = repositories.first().and_then(|repository| forge_links::commit(repository, &commit.object_id));
    Row { message, repository: names.join(", "), url, commit }
}

fn is_beginning_of_id(text: &str) -> bool {
    (SHORTEST_PREFIX..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Letters first, then what keys are made of: `ABC`, `ABC-`, `ABC-12`.
fn is_beginning_of_key(text: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text.chars().count() >= 2 && text.chars().next().is_some_and(char::is_alphabetic) && text.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("9f3c2ab", true)]
    #[case("9F3C", true)]
    #[case("9f3", false)]
    #[case("xyz1", false)]
    fn beginnings_of_ids(#[case] text: &str, #[case] is: bool) {
        assert_eq!(is_beginning_of_id(text), is);
    }

    #[rstest::rstest]
    #[case("ABC-", true)]
    #[case("abc", true)]
    #[case("A", false)]
    #[case("12", false)]
    #[case("a b", false)]
    fn beginnings_of_keys(#[case] text: &str, #[case] is: bool) {
        assert_eq!(is_beginning_of_key(text), is);
    }
}
