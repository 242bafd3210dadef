//! Linking and unlinking all repositories of an account that a pattern matches.

use axum::Form;
use axum::extract::{Path, State};
use serde::Deserialize;
use store::Viewer;
use sync::request;

use crate::error::PageError;
use crate::frame::{AdministratorPage, PageResult, redirect};
use crate::state::AppState;

#[derive(Debug, Deserialize)]
pub struct Bulk {
    pattern: String,
    linked: bool,
}

/// Links or unlinks every repository whose path the pattern matches.
pub async fn link(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path(id): Path<i64>,
    Form(form): Form<Bulk>,
) -> PageResult {
    state.store().account(id).await?.ok_or_else(PageError::not_found)?;
    let pattern = form.pattern.trim();
    let repositories = state.store().account_repositories(Viewer::Everything, id).await?;
    let meant =
        repositories.into_iter().filter(|row| row.linked != form.linked && matches(pattern, &row.repository.path));
    for row in meant {
        request::set_linked(state.engine(), id, row.repository.id, form.linked).await?;
    }
    Ok(redirect(&page.frame, &format!("/accounts/{id}")))
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
