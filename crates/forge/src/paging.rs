//! Where a list goes on, as servers tell it (GitLab contract §2.5, §5.3; GitHub's REST, "Using pagination").
//!
//! What ends a list: an empty `X-Next-Page`, no `rel="next"` in `Link`, or an empty page. What also ends it, as an
//! error: a page that announces itself or an earlier one, and more pages than any real list has.

use std::fmt;
use std::str::FromStr;

use http::HeaderMap;
use url::{Url, form_urlencoded};

use crate::answer::Answer;
use crate::{ForgeError, Problem, sentences};

/// Pages of a list that is read page by page: a million elements.
const MAX_PAGES: u32 = 10_000;
/// The longest query of a `Link` that is believed.
const MAX_QUERY: usize = 4_096;

/// One page of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// Its elements.
    pub items: Vec<T>,
    /// Where the list goes on; none at its end.
    pub next: Option<Position>,
}

/// A place in a list. Its text is what crosses our own interface; a server's address never does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// How many pages came before.
    pub number: u32,
    /// What to ask with.
    pub query: String,
}

impl Position {
    /// The beginning of the list asked for with `query`.
    pub fn first(query: impl Into<String>) -> Self {
        Self { number: 0, query: query.into() }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.query)
    }
}

impl FromStr for Position {
    type Err = ForgeError;

    fn from_str(text: &str) -> Result<Self, ForgeError> {
        let parsed = text.split_once(':').and_then(|(number, query)| Some((number.parse().ok()?, query)));
        let (number, query) = parsed.ok_or_else(|| Problem::Data(sentences::not_a_position()))?;
        Ok(Self { number, query: query.to_owned() })
    }
}

/// Where the list goes on after `answer`; none at its end. Of a `Link` only the query is taken: its host is what the forge
/// believes to be called, which need not be how it is reached.
///
/// # Errors
/// [`Problem::Data`] where the list does not end.
pub fn next(answer: &Answer, at: &Position) -> Result<Option<Position>, ForgeError> {
    let query = match text(&answer.headers, "x-next-page") {
        Some("") => None,
        Some(page) => Some(with_page(&at.query, page)),
        None => link_to_next(&answer.headers),
    };
    let Some(query) = query else { return Ok(None) };
    let number = at.number + 1;
    if query == at.query || query.len() > MAX_QUERY || number >= MAX_PAGES {
        return Err(ForgeError::at(Problem::Data(sentences::endless_list()), &answer.path));
    }
    Ok(Some(Position { number, query }))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn with_page(query: &str, page: &str) -> String {
    let kept = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key != "page");
    form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).append_pair("page", page).finish()
}

/// The query of `<URL>; rel="next"`. The URL may contain commas, so the header is not split at them.
fn link_to_next(headers: &HeaderMap) -> Option<String> {
    headers.get_all(http::header::LINK).iter().filter_map(|value| value.to_str().ok()).find_map(|value| {
        let mut rest = value;
        while let Some((_, after)) = rest.split_once('<') {
            let (url, after) = after.split_once('>')?;
            let parameters = after.split('<').next().unwrap_or_default();
            if is_next(parameters) {
                return query_of(url);
            }
            rest = after;
        }
        None
    })
}

fn is_next(parameters: &str) -> bool {
    let compact = parameters.replace(' ', "").to_ascii_lowercase();
    compact.contains(";rel=\"next\"") || compact.contains(";rel=next")
}

/// The query of an absolute or relative address. It may repeat a token that was given as a parameter (GitLab contract
/// §2.5); ours never is, and what looks like one is dropped.
fn query_of(url: &str) -> Option<String> {
    let anywhere = Url::parse("http://host.invalid/").ok()?;
    let url = anywhere.join(url).ok()?;
    let kept = url.query_pairs().filter(|(key, _)| key != "private_token" && key != "access_token");
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    (!query.is_empty()).then_some(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::LINK, value.parse().unwrap());
        link_to_next(&headers)
    }

    #[test]
    fn only_the_query_of_the_next_link_is_taken() {
        assert_eq!(
            link("<https://other.example/api?id_after=42&per_page=100>; rel=\"next\"").as_deref(),
            Some("id_after=42&per_page=100")
        );
        assert_eq!(
            link("<http://h/x?page=1>; rel=\"prev\", <http://h/x?a=1,2&page=3>; rel=\"next\", <http://h/x?page=1>; rel=\"first\"")
                .as_deref(),
            Some("a=1%2C2&page=3")
        );
        assert_eq!(link("<http://h/x?page=9>; rel=\"last\""), None);
        assert_eq!(link("<http://h/x?page=2&private_token=secret>; rel=\"next\"").as_deref(), Some("page=2"));
        assert_eq!(link("</x?cursor=a%3D>; rel=next").as_deref(), Some("cursor=a%3D"));
    }

    #[test]
    fn broken_links_end_the_list() {
        for value in ["", "<", "<http://h/x?page=2", "rel=\"next\"", "<>; rel=\"next\"", "<http://[>; rel=\"next\""] {
            assert_eq!(link(value), None, "{value}");
        }
    }

    #[test]
    fn a_position_survives_as_text() {
        // given
        let position =
            Position { number: 3, query: "page=4&per_page=100&updated_after=2020-01-01T00%3A00%3A00Z".into() };

        // then
        assert_eq!(position.to_string().parse::<Position>().unwrap(), position);
        assert!("nonsense".parse::<Position>().is_err());
    }

    #[test]
    fn the_page_replaces_the_one_before() {
        assert_eq!(with_page("page=1&per_page=100&a=b%26c", "2"), "per_page=100&a=b%26c&page=2");
    }
}
