//! Lists in pages, with `Link` and the `X-` headers (GitLab contract §2.5).

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::caller::Caller;
use super::query::Query;

/// How many items a page has where nothing is asked.
const USUAL: i64 = 20;
/// The most that a page has.
const MOST: i64 = 100;
/// The most rows of which the number is told.
const MOST_COUNTED: i64 = 10_000;
/// The last page that can be asked for; its offset still is a number.
const LAST: i64 = i64::MAX / MOST;

/// Which page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    page: i64,
    per_page: i64,
}

impl Paging {
    /// Reads `page` and `per_page`. What is no number falls back to the default, and what is too large to the largest.
    pub fn of(query: &Query) -> Self {
        let page = query.get("page").and_then(number).unwrap_or(1).clamp(1, LAST);
        let per_page = query.get("per_page").and_then(number).filter(|wanted| *wanted > 0).unwrap_or(USUAL).min(MOST);
        Self { page, per_page }
    }

    /// How many rows come before it.
    pub const fn offset(self) -> i64 {
        (self.page - 1).saturating_mul(self.per_page)
    }

    /// How many rows it has at the most.
    pub const fn limit(self) -> i64 {
        self.per_page
    }

    /// The page as an answer to `caller`, out of `total` rows.
    pub fn answer(self, caller: &Caller, items: Vec<Value>, total: i64) -> Response {
        (self.headers(caller, total), Json(items)).into_response()
    }

    fn headers(self, caller: &Caller, total: i64) -> HeaderMap {
        let pages = (total.max(0) as u64).div_ceil(self.per_page as u64).max(1) as i64;
        let next = (self.page < pages).then(|| self.page + 1);
        let previous = (self.page > 1).then(|| (self.page - 1).min(pages));
        let counted = total <= MOST_COUNTED;
        let text = |number: Option<i64>| number.map_or_else(String::new, |number| number.to_string());
        let mut headers = HeaderMap::new();
        let mut set = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        set("x-page", self.page.to_string());
        set("x-per-page", self.per_page.to_string());
        set("x-next-page", text(next));
        set("x-prev-page", text(previous));
        if counted {
            set("x-total", total.to_string());
            set("x-total-pages", pages.to_string());
        }
        let link = |(rel, page): (&str, i64)| {
            format!("<{}?{}>; rel=\"{rel}\"", caller.here(), caller.query().at_page(page, self.per_page))
        };
        // Clients count items by asking for pages of one and looking at the last: nothing has no last page.
        let last = (counted && total > 0).then_some(pages);
        let rels = [("prev", previous), ("next", next), ("first", Some(1)), ("last", last)];
        let links: Vec<String> = rels.into_iter().filter_map(|(rel, page)| Some((rel, page?))).map(link).collect();
        set("link", links.join(", "));
        headers
    }
}

/// A whole number; one with more digits than fit is the largest.
fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("", 1, 20)]
    #[case("page=3&per_page=100", 3, 100)]
    #[case("per_page=101", 1, 100)]
    #[case("per_page=0", 1, 20)]
    #[case("per_page=-5&page=-5", 1, 20)]
    #[case("per_page=99999999999999999999&page=0", 1, 100)]
    #[case("page=two&per_page=1e3", 1, 20)]
    #[case("page=&per_page=%00", 1, 20)]
    fn what_is_not_understood_falls_back(#[case] query: &str, #[case] page: i64, #[case] per_page: i64) {
        let query = Query::of(&format!("/x?{query}").parse().unwrap());

        assert_eq!(Paging::of(&query), Paging { page, per_page });
    }

    #[test]
    fn a_huge_page_has_an_offset_still() {
        let query = Query::of(&"/x?page=99999999999999999999999999&per_page=100".parse().unwrap());

        let paging = Paging::of(&query);

        assert!(paging.offset() > 1_000_000_000 && paging.offset().checked_add(paging.limit()).is_some());
    }
}
