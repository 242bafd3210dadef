//! Linking and unlinking all repositories of an account that a pattern matches.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use store::{ListedRepository, Viewer};
use sync::request;

use crate::error::PageError;
use crate::frame::{AdministratorPage, Frame, PageResult, draw, redirect};
use crate::state::AppState;

use super::account::view_of;
use super::account_view::AccountView;

/// How many repositories are named before anything is changed; of the others only the number is told.
const NAMED: usize = 20;

#[derive(Template)]
#[template(path = "account_bulk.html")]
struct BulkPage {
    frame: Frame,
    account: AccountView,
    pattern: String,
    linked: bool,
    meant: usize,
    named: Vec<String>,
    all: usize,
}

impl BulkPage {
    const fn verb(&self) -> &'static str {
        if self.linked { "Link" } else { "Unlink" }
    }
}

#[derive(Debug, Deserialize)]
pub struct Bulk {
    pattern: String,
    linked: bool,
}

/// Says which repositories a pattern matches, and asks whether they are meant.
pub async fn ask(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path(id): Path<i64>,
    Query(form): Query<Bulk>,
) -> PageResult {
    let account = view_of(&state, &page.frame, Viewer::Everything, id).await?;
    let list = state.store().account_repository_list(Viewer::Everything, id).await?;
    let all = list.len();
    let pattern = form.pattern.trim().to_owned();
    let mut paths: Vec<String> = meant(list, &pattern, form.linked).map(|row| row.path).collect();
    let meant = paths.len();
    paths.sort();
    paths.truncate(NAMED);
    draw(&BulkPage { frame: page.frame, account, pattern, linked: form.linked, meant, named: paths, all })
}

/// Links or unlinks every repository whose path the pattern matches.
pub async fn link(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path(id): Path<i64>,
    Form(form): Form<Bulk>,
) -> PageResult {
    state.store().account(id).await?.ok_or_else(PageError::not_found)?;
    let list = state.store().account_repository_list(Viewer::Everything, id).await?;
    let ids: Vec<i64> = meant(list, form.pattern.trim(), form.linked).map(|row| row.id).collect();
    request::set_all_linked(state.engine(), id, &ids, form.linked).await?;
    Ok(redirect(&page.frame, &format!("/accounts/{id}")))
}

/// Those that the pattern matches and that are not so yet.
fn meant(list: Vec<ListedRepository>, pattern: &str, linked: bool) -> impl Iterator<Item = ListedRepository> {
    list.into_iter().filter(move |row| row.linked != linked && matches(pattern, &row.path))
}

/// Whether a path matches a pattern, ignoring case: `*` stands for anything, slashes included, `?` for one character.
fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let path: Vec<char> = path.to_lowercase().chars().collect();
    let (mut at, mut seen) = (0, 0);
    // Where to go on when the text behind the last star does not fit: the star takes one character more.
    let mut star: Option<(usize, usize)> = None;
    while seen < path.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at + 1, seen));
                at += 1;
            }
            Some(sign) if *sign == '?' || *sign == path[seen] => (at, seen) = (at + 1, seen + 1),
            _ => match star {
                Some((behind, taken)) => {
                    star = Some((behind, taken + 1));
                    (at, seen) = (behind, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|sign| *sign == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("platform/*", "platform/tools/deploy", true)]
    #[case("Platform/*", "platform/Web", true)]
    #[case("*-archive", "platform/web-archive", true)]
    #[case("*-archive", "platform/web-archive-2", false)]
    #[case("*/w?b", "platform/web", true)]
    #[case("*a*b*c*", "xxaxxbxxcxx", true)]
    #[case("*a*b*c*", "xxaxxcxxbxx", false)]
    #[case("web", "platform/web", false)]
    #[case("*", "", true)]
    #[case("", "platform/web", false)]
    fn patterns_match_whole_paths(#[case] pattern: &str, #[case] path: &str, #[case] expected: bool) {
        assert_eq!(matches(pattern, path), expected);
    }

    #[test]
    fn a_hostile_pattern_is_quadratic_at_worst() {
        assert!(!matches(&"*a".repeat(250), &format!("{}b", "a".repeat(2_000))));
    }
}
