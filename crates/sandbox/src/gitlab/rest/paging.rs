//! Pages of lists and their headers (GitLab contract §2.5, §5.3).

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::LINK;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::ask::Ask;
use super::error::RestError;

/// Above this many rows GitLab does not tell how many there are.
const MOST_COUNTED: usize = 10_000;

/// Which page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) page: usize,
    pub(crate) per_page: usize,
}

impl Page {
    /// Reads `page` and `per_page`.
    pub(crate) fn of(ask: &Ask) -> Result<Self, RestError> {
        let page = size(ask.params.number("page")?, 1);
        let per_page = size(ask.params.number("per_page")?, 20);
        if per_page == 0 {
            return Err(RestError::Parameter("per_page has a value not allowed".to_owned()));
        }
        Ok(Self { page: page.max(1), per_page: per_page.min(100) })
    }

    /// As [`Page::of`], where GitLab is lenient: what is not positive is the default.
    pub(crate) fn lenient(ask: &Ask) -> Self {
        let number =
            |name: &str| ask.params.text(name).and_then(|text| text.parse::<usize>().ok()).filter(|it| *it > 0);
        Self { page: number("page").unwrap_or(1), per_page: number("per_page").unwrap_or(20).min(100) }
    }

    /// How many rows come before it.
    pub(crate) const fn skip(self) -> usize {
        (self.page - 1).saturating_mul(self.per_page)
    }
}

fn size(number: Option<u64>, default: usize) -> usize {
    number.map_or(default, |number| usize::try_from(number).unwrap_or(usize::MAX))
}

/// One page of a list that is there as a whole; only the rows of the page are written out.
pub(crate) fn paged<T>(ask: &Ask, rows: &[T], write: impl FnMut(&T) -> Value) -> Result<Response, RestError> {
    let page = Page::of(ask)?;
    let from = page.skip().min(rows.len());
    let body: Vec<Value> = rows[from..].iter().take(page.per_page).map(write).collect();
    let pages = rows.len().div_ceil(page.per_page).max(1);
    let total = (rows.len() <= MOST_COUNTED).then_some((rows.len(), pages));
    Ok(answer(ask, page, page.page < pages, total, body))
}

/// One page of a list whose length nobody knows: a full page announces a next one, which may be empty.
pub(crate) fn guessed(ask: &Ask, page: Page, body: Vec<Value>) -> Response {
    answer(ask, page, body.len() == page.per_page, None, body)
}

fn answer(ask: &Ask, page: Page, more: bool, total: Option<(usize, usize)>, body: Vec<Value>) -> Response {
    let mut response = Json(Value::Array(body)).into_response();
    let headers = response.headers_mut();
    let next = more.then(|| page.page + 1);
    let previous = (page.page > 1).then(|| page.page - 1);
    set(headers, "x-page", &page.page.to_string());
    set(headers, "x-per-page", &page.per_page.to_string());
    set(headers, "x-next-page", &next.map(|page| page.to_string()).unwrap_or_default());
    set(headers, "x-prev-page", &previous.map(|page| page.to_string()).unwrap_or_default());
    if let Some((rows, pages)) = total {
        set(headers, "x-total", &rows.to_string());
        set(headers, "x-total-pages", &pages.to_string());
    }
    let last = total.map(|(_, pages)| pages);
    let rels = [("prev", previous), ("next", next), ("first", Some(1)), ("last", last)];
    let links =
        rels.into_iter().filter_map(|(rel, to)| Some(link(ask, rel, &[("page", to?), ("per_page", page.per_page)])));
    set(headers, LINK.as_str(), &links.collect::<Vec<_>>().join(", "));
    response
}

/// A link to the same list with other values: all parameters, the placeholders of the path among them, sorted by name.
fn link(ask: &Ask, rel: &str, set: &[(&str, usize)]) -> String {
    let mut pairs = ask.params.pairs();
    pairs.extend(ask.captures.iter().cloned());
    pairs.retain(|(name, _)| set.iter().all(|(other, _)| name != other));
    pairs.extend(set.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())));
    pairs.sort();
    let query = Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("<{}{}?{query}>; rel=\"{rel}\"", ask.app.url, ask.path)
}

/// One keyset page of rows that are sorted by id: only a link to the next page, also after the last row.
pub(crate) fn keyset<T>(
    ask: &Ask,
    rows: &[T],
    id: impl Fn(&T) -> u64,
    write: impl FnMut(&T) -> Value,
) -> Result<Response, RestError> {
    if ask.params.text("order_by").is_some_and(|order| order != "id") {
        return Err(no_keyset());
    }
    let page = Page::of(ask)?;
    let ascending = ask.params.text("sort").as_deref() == Some("asc");
    let mark = if ascending { "id_after" } else { "id_before" };
    let bound = ask.params.number(mark)?;
    let beyond = |row: &&T| bound.is_none_or(|bound| if ascending { id(row) > bound } else { id(row) < bound });
    let chosen: Vec<&T> = rows.iter().filter(beyond).take(page.per_page).collect();
    let last = chosen.last().map(|row| id(row));
    let body: Vec<Value> = chosen.into_iter().map(write).collect();
    let mut response = Json(Value::Array(body)).into_response();
    if let Some(last) = last {
        let last = usize::try_from(last).unwrap_or(usize::MAX);
        set(response.headers_mut(), LINK.as_str(), &link(ask, "next", &[(mark, last)]));
    }
    Ok(response)
}

/// What a list answers that has no keyset paging.
pub(crate) fn no_keyset() -> RestError {
    let text = "Keyset pagination is not yet available for this type of request";
    RestError::Error(StatusCode::METHOD_NOT_ALLOWED, text.to_owned())
}

fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}
