//! Links that Jira builds itself (`{host}/{account}/{slug}/commit/{sha}` and so on), sent on to the forge's pages.
//!
//! A target is built from what the store holds of repositories and users that some Jira reads through the facade, never from
//! the path alone; so it is never an open redirect. Dovetail's own pages come first: only what is no page comes here.

use axum::http::header::LOCATION;
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use store::Repository;

use super::names;
use crate::error::PageError;
use crate::state::AppState;
use crate::view::forge_links;

/// The longest path that is looked at, in bytes.
const LONGEST: usize = 4_096;
/// How many segments a path has at the most: groups nest twenty deep, and branches have names with slashes.
const MOST_SEGMENTS: usize = 64;
/// At how many places of a path a repository may end.
const MOST_READINGS: usize = 3;

/// What a link leads to, in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Repository,
    Commit(String),
    Tree(String),
    Compare { source: Side, target: Side },
}

/// A branch, in the same repository or in another of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Side {
    repository: Option<String>,
    branch: String,
}

/// Sends the browser on, if the path is such a link.
pub async fn follow(state: &AppState, method: &Method, uri: &Uri) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return PageError::not_found().into_response();
    }
    match target(state, uri.path()).await {
        Ok(Some(url)) => HeaderValue::try_from(url).map_or_else(
            |_| PageError::not_found().into_response(),
            |location| (StatusCode::MOVED_PERMANENTLY, [(LOCATION, location)]).into_response(),
        ),
        Ok(None) => PageError::not_found().into_response(),
        Err(error) => PageError::from(error).into_response(),
    }
}

async fn target(state: &AppState, path: &str) -> store::Result<Option<String>> {
    let Some(segments) = segments(path) else { return Ok(None) };
    if let [name] = segments.as_slice() {
        return namespace_or_user(state, name).await;
    }
    for (repository_path, place) in readings(&segments) {
        if let Some(repository) = state.store().facade_served_repository(&repository_path).await? {
            return page(state, &repository, &place).await;
        }
    }
    // Below `/-/jira` a subgroup may stand as it is.
    match names::namespace_path(&segments.join("@")) {
        Some(path) => namespace(state, &path).await,
        None => Ok(None),
    }
}

/// The decoded segments of a path, without `/-/jira`; none for what cannot be such a link.
fn segments(path: &str) -> Option<Vec<String>> {
    if path.len() > LONGEST {
        return None;
    }
    let path = path.strip_prefix(super::LEGACY).filter(|rest| rest.starts_with('/')).unwrap_or(path);
    let decoded = |segment: &str| {
        let text = percent_decoded(segment)?;
        (!text.is_empty() && !text.contains(char::is_control)).then_some(text)
    };
    let path = path.strip_prefix('/')?.trim_end_matches('/');
    let segments: Vec<&str> = path.split('/').collect();
    if segments.len() > MOST_SEGMENTS { None } else { segments.into_iter().map(decoded).collect() }
}

/// `%41` as `A`; none where that is no UTF-8.
fn percent_decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = (*first == b'%').then(|| tail.get(..2)).flatten().and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 16).ok()
        });
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    String::from_utf8(bytes).ok()
}

/// What a path may mean: which repository, and which place in it. A project may be called `tree`, so there may be several.
fn readings(segments: &[String]) -> Vec<(String, Place)> {
    let words =
        segments.iter().enumerate().skip(2).filter(|(_, word)| ["commit", "tree", "compare"].contains(&word.as_str()));
    let whole = repository_path(segments).map(|path| (path, Place::Repository));
    let parts = words.filter_map(|(at, word)| {
        let (head, tail) = (segments.get(..at)?, segments.get(at + 1..).filter(|tail| !tail.is_empty())?);
        Some((repository_path(head)?, place(word, &tail.join("/"))?))
    });
    whole.into_iter().chain(parts).take(MOST_READINGS).collect()
}

/// The repository that the segments name: with `@` the last one alone, else all of them.
fn repository_path(segments: &[String]) -> Option<String> {
    let (name, groups) = segments.split_last()?;
    names::repository_path(&groups.join("@"), name).filter(|path| path.contains('/'))
}

fn place(word: &str, rest: &str) -> Option<Place> {
    match word {
        "commit" => {
            let is_id = (7..=64).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_id.then(|| Place::Commit(rest.to_ascii_lowercase()))
        }
        "tree" => Some(Place::Tree(rest.to_owned())),
        _ => {
            let (target, source) = rest.split_once("...")?;
            Some(Place::Compare { source: side(source)?, target: side(target)? })
        }
    }
}

fn side(text: &str) -> Option<Side> {
    let (repository, branch) = match text.split_once(':') {
        Some((repository, branch)) => (Some(repository.to_owned()), branch),
        None => (None, text),
    };
    (!branch.is_empty()).then(|| Side { repository, branch: branch.to_owned() })
}

/// The forge's page of a place in a repository.
async fn page(state: &AppState, repository: &Repository, place: &Place) -> store::Result<Option<String>> {
    let Some(web_url) = repository.web_url.as_deref().and_then(forge_links::safe) else { return Ok(None) };
    let links = sync::capabilities(repository.host_kind, &repository.host_url).links;
    let Some(links) = links else { return Ok((*place == Place::Repository).then(|| web_url.to_owned())) };
    Ok(match place {
        Place::Repository => Some(web_url.to_owned()),
        Place::Commit(id) => Some(links.revision_url(web_url, id)),
        Place::Tree(branch) => Some(links.branch_url(web_url, branch)),
        Place::Compare { source, target } => {
            let from = of_side(state, repository, source).await?;
            let to = of_side(state, repository, target).await?;
            let (Some(from), Some(to)) = (from, to) else { return Ok(None) };
            let Some(page) = from.web_url.as_deref().and_then(forge_links::safe) else { return Ok(None) };
            let target_id = (from.id != to.id).then_some(to.forge_id.as_str());
            Some(links.merge_request_url(page, &source.branch, &target.branch, target_id))
        }
    })
}

/// The repository of one side of a comparison: named by its name, by its owner, or not at all.
async fn of_side(state: &AppState, here: &Repository, side: &Side) -> store::Result<Option<Repository>> {
    let Some(name) = &side.repository else { return Ok(Some(here.clone())) };
    if *name == names::name_of(&here.path) || here.path.rsplit('/').next() == Some(name) {
        return Ok(Some(here.clone()));
    }
    let last = here.path.rsplit('/').next().unwrap_or(&here.path);
    let paths = [names::repository_path(names::root_of(&here.path), name), names::repository_path(name, last)];
    for path in paths.into_iter().flatten() {
        if let Some(found) =
            state.store().facade_served_repository(&path).await?.filter(|found| found.host_id == here.host_id)
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

async fn namespace_or_user(state: &AppState, name: &str) -> store::Result<Option<String>> {
    let Some(path) = names::namespace_path(name) else { return Ok(None) };
    if let Some(url) = namespace(state, &path).await? {
        return Ok(Some(url));
    }
    let user = state.store().facade_served_person(&path).await?;
    Ok(user.and_then(|user| user.web_url).filter(|url| forge_links::safe(url).is_some()))
}

/// The page of a group or personal namespace in which repositories are served.
async fn namespace(state: &AppState, path: &str) -> store::Result<Option<String>> {
    let Some(repository) = state.store().facade_served_namespace(path).await? else { return Ok(None) };
    let spelled = repository.path.get(..path.len()).unwrap_or(path);
    Ok(forge_links::safe(&repository.host_url).map(|host| format!("{}/{spelled}", host.trim_end_matches('/'))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Vec<(String, Place)> {
        segments(path).map(|segments| readings(&segments)).unwrap_or_default()
    }

    fn tree(branch: &str) -> Place {
        Place::Tree(branch.to_owned())
    }

    #[rstest::rstest]
    #[case("/group/group@sub@proj", "group/sub/proj", Place::Repository)]
    #[case("/a/b@c@d/commit/ABCDEF0", "b/c/d", Place::Commit("abcdef0".to_owned()))]
    #[case("/x/y@z/tree/feature/ABC-1", "y/z", tree("feature/ABC-1"))]
    #[case("/x/y@z/tree/a%23b", "y/z", tree("a#b"))]
    #[case("/-/jira/group/proj", "group/proj", Place::Repository)]
    #[case("/-/jira/group/sub/proj/tree/main", "group/sub/proj", tree("main"))]
    #[case("/group/project/tree/dir-with-@", "group/project", tree("dir-with-@"))]
    #[case("/group/tree/tree/tree", "group/tree", tree("tree"))]
    fn a_link_names_a_repository_and_a_place(#[case] path: &str, #[case] repository: &str, #[case] place: Place) {
        assert!(read(path).contains(&(repository.to_owned(), place)), "{:?}", read(path));
    }

    #[test]
    fn both_sides_of_a_comparison_may_name_a_repository() {
        let side = |repository: Option<&str>, branch: &str| Side {
            repository: repository.map(str::to_owned),
            branch: branch.to_owned(),
        };

        let read = read("/group/proj/compare/main...fork:feature/x");

        let place = Place::Compare { source: side(Some("fork"), "feature/x"), target: side(None, "main") };
        assert!(read.contains(&("group/proj".to_owned(), place)), "{read:?}");
    }

    #[rstest::rstest]
    #[case("/group/proj/commit/xyz")]
    #[case("/group/proj/commit/abc")]
    #[case("/group/proj/commit/")]
    #[case("/group/proj/compare/main")]
    #[case("/group/proj/compare/...x")]
    #[case("/group/proj/tree/%00")]
    #[case("/group/%ff")]
    #[case("/group//proj")]
    #[case("//evil.example.com/x")]
    fn what_is_no_such_link_leads_nowhere(#[case] path: &str) {
        let read = read(path);

        assert!(read.iter().all(|(_, place)| *place == Place::Repository), "{read:?}");
        assert!(read.iter().all(|(path, _)| !path.contains("evil")), "{read:?}");
    }
}
