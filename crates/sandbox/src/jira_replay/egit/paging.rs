//! From page to page (`PageIterator`, `PageLinks`).

use url::Url;

use super::client::GitHubClient;
use super::error::ApiError;
use super::gson::Shape;
use crate::jira_replay::calls::Kind;
use crate::jira_replay::wire::Answer;

/// More pages than any list has: a host whose pages have no end is left there. (Jira would stay.)
const MOST: usize = 100_000;

/// Where the next page is: the `Link` header's, else `X-Next`.
pub(crate) fn next_page(answer: &Answer) -> Option<String> {
    let Some(links) = answer.header("link") else { return answer.header("x-next").map(str::to_owned) };
    // A comma inside an address breaks it in two, as it does in Jira.
    links.split(',').find_map(|link| {
        let mut parts = link.split(';');
        let address = parts.next()?.trim().strip_prefix('<')?.strip_suffix('>')?;
        let next = parts.any(|part| {
            let Some((name, value)) = part.trim().split_once('=') else { return false };
            name == "rel" && value.trim_matches('"') == "next"
        });
        next.then(|| address.to_owned())
    })
}

/// The number of the page that an address leads to: its parameter `page`.
pub(crate) fn page_number(address: &str) -> Option<u64> {
    let url = Url::parse(address).or_else(|_| Url::parse("http://host").and_then(|base| base.join(address))).ok()?;
    let (_, page) = url.query_pairs().find(|(name, _)| name == "page")?;
    page.parse().ok().filter(|page| *page > 0)
}

/// What is asked for after an address: path and query of it, where it has a page number; else all of it, which leads nowhere.
fn followed(address: &str) -> String {
    if page_number(address).is_none() {
        return address.to_owned();
    }
    match Url::parse(address) {
        Ok(url) => url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path())),
        Err(_) => address.to_owned(),
    }
}

/// The pages of a list.
#[derive(Debug)]
pub(crate) struct Pages<'a> {
    client: &'a GitHubClient,
    kind: Kind,
    next: Option<String>,
    asked: usize,
}

impl<'a> Pages<'a> {
    /// From the first page on.
    pub(crate) const fn new(client: &'a GitHubClient, kind: Kind, first: String) -> Self {
        Self { client, kind, next: Some(first), asked: 0 }
    }

    /// The next page; none after the last.
    pub(crate) async fn next<T: Shape>(&mut self) -> Option<Result<Vec<T>, ApiError>> {
        let uri = self.next.take()?;
        if self.asked == MOST {
            return Some(Err(ApiError::Io("the pages have no end".to_owned())));
        }
        self.asked += 1;
        match self.client.list(self.kind, &uri).await {
            Ok(reply) => {
                self.next = reply.next.as_deref().map(followed);
                Some(Ok(reply.body))
            }
            Err(error) => Some(Err(error)),
        }
    }

    /// All that is left.
    pub(crate) async fn all<T: Shape>(mut self) -> Result<Vec<T>, ApiError> {
        let mut all = Vec::new();
        while let Some(page) = self.next().await {
            all.extend(page?);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    fn next_of(name: &'static str, value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        next_page(&Answer { status: 200, headers, body: Vec::new() })
    }

    #[test]
    fn the_next_page_is_named_by_link_or_by_x_next() {
        let links = "<https://h/api/v3/a?page=1>; rel=\"prev\", <https://h/api/v3/a?page=3>; rel=\"next\"";
        assert_eq!(next_of("link", links).as_deref(), Some("https://h/api/v3/a?page=3"));
        assert_eq!(next_of("x-next", "https://h/api/v3/a?page=2").as_deref(), Some("https://h/api/v3/a?page=2"));
        assert_eq!(next_of("link", "<https://h/api/v3/a?page=1>; rel=\"first\""), None);
    }

    #[test]
    fn a_comma_in_an_address_breaks_it() {
        assert_eq!(next_of("link", "<https://h/api/v3/a?x=1,2&page=3>; rel=\"next\""), None);
    }

    #[test]
    fn only_path_and_query_are_followed_and_only_with_a_page_number() {
        assert_eq!(followed("https://other:8443/api/v3/a?per_page=100&page=3"), "/api/v3/a?per_page=100&page=3");
        assert_eq!(followed("https://h/api/v3/a?cursor=x"), "https://h/api/v3/a?cursor=x");
        assert_eq!(page_number("https://h/a?page=none"), None);
        assert_eq!(page_number("/a?page=7"), Some(7));
    }
}
