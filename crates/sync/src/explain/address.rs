//! Addresses of pages that people paste: which repository, and what in it.

use url::Url;

/// How many segments a path has at the most: groups nest twenty deep, and branches have names with slashes.
const MOST_SEGMENTS: usize = 64;
/// At how many places of a path a repository may end.
const MOST_READINGS: usize = 4;

/// An address that cannot be asked about. Its words never repeat the text, as it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadAddress {
    /// It is not one of the web.
    NotWeb,
    /// It holds a user name or a password.
    Credentials,
    /// It cannot be read.
    Malformed,
}

/// An address of the web, without query and fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    url: Url,
    /// The decoded segments of its path, without empty ones.
    segments: Vec<String>,
}

/// What an address leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The repository itself, or a page of it that is nothing else here.
    Repository,
    /// A commit, by the beginning of its id.
    Commit(String),
    /// A branch, and perhaps a path behind its name: the longest name that is a branch is meant.
    Branch(Vec<String>),
    /// A merge request, by its number.
    MergeRequest(i64),
}

impl Address {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(BadAddress::Malformed);
        }
        let mut url = Url::parse(text).map_err(|_| BadAddress::Malformed)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BadAddress::NotWeb);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadAddress::Credentials);
        }
        if url.host_str().is_none() {
            return Err(BadAddress::Malformed);
        }
        url.set_query(None);
        url.set_fragment(None);
        let segments: Option<Vec<String>> =
            url.path().split('/').filter(|segment| !segment.is_empty()).map(decoded).collect();
        let segments = segments.filter(|segments| segments.len() <= MOST_SEGMENTS).ok_or(BadAddress::Malformed)?;
        Ok(Self { url, segments })
    }

    /// The address without what may be a secret.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// Host and port, as people read them.
    pub fn place(&self) -> String {
        authority(&self.url)
    }

    /// The last segment of what may be the page of an issue, in a Jira or here.
    pub fn issue(&self) -> Option<String> {
        let (last, before) = self.segments.split_last()?;
        let page = before.last()?;
        ["browse", "issues"].contains(&page.as_str()).then(|| last.clone())
    }

    /// Whether it lies on the server of this address, whatever its path.
    pub fn is_on(&self, other: &str) -> bool {
        Url::parse(other).is_ok_and(|other| authority(&other) == authority(&self.url))
    }

    /// How many segments the root of a host takes, where this lies below it.
    pub fn below(&self, root: &str) -> Option<usize> {
        let root = Url::parse(root).ok()?;
        let segments: Vec<&str> = root.path().split('/').filter(|segment| !segment.is_empty()).collect();
        let begins = self.segments.iter().map(String::as_str).take(segments.len()).eq(segments.iter().copied());
        (authority(&root) == authority(&self.url) && begins).then_some(segments.len())
    }

    /// What it may lead to, below a root of so many segments: paths of repositories, and what in them. The likeliest first; a
    /// project may be called `tree`, so there may be several.
    pub fn readings(&self, root: usize) -> Vec<(String, Place)> {
        let segments = self.segments.get(root..).unwrap_or_default();
        // GitLab puts `-` between a project and its pages, and calls nothing so itself.
        if let Some(dash) = segments.iter().position(|segment| segment == "-") {
            let (path, page) = (&segments[..dash], &segments[dash + 1..]);
            let place = page.split_first().and_then(|(word, rest)| place(word, rest)).unwrap_or(Place::Repository);
            return repository(path).map(|path| (path, place)).into_iter().collect();
        }
        let parts = (2..segments.len()).filter_map(|at| {
            let place = place(&segments[at], &segments[at + 1..])?;
            Some((repository(&segments[..at])?, place))
        });
        let whole = repository(segments).map(|path| (path, Place::Repository));
        parts.take(MOST_READINGS).chain(whole).collect()
    }
}

/// The path of a repository: at least a namespace and a name; `.git` is left out.
fn repository(segments: &[String]) -> Option<String> {
    (segments.len() >= 2).then(|| segments.join("/")).map(|path| path.strip_suffix(".git").unwrap_or(&path).to_owned())
}

/// What the pages of GitLab (`/-/commit/…`, and without `-` before version 12) and GitHub (`/pull/7`) are about.
fn place(word: &str, rest: &[String]) -> Option<Place> {
    let first = rest.first()?;
    match word {
        "commit" => {
            // Both forges show a commit as a patch, too.
            let id = first.trim_end_matches(".patch").trim_end_matches(".diff");
            is_id(id).then(|| Place::Commit(id.to_ascii_lowercase()))
        }
        "commits" if rest.len() == 1 && first.len() >= 40 && is_id(first) => {
            Some(Place::Commit(first.to_ascii_lowercase()))
        }
        "tree" | "blob" | "commits" => Some(Place::Branch(rest.to_vec())),
        "merge_requests" | "pull" => first.parse().ok().filter(|number| *number > 0).map(Place::MergeRequest),
        _ => None,
    }
}

fn is_id(text: &str) -> bool {
    (4..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Host, and port unless it is a usual one: people paste http for https.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// `%41` as `A`; none where that is no UTF-8 or steers something.
fn decoded(segment: &str) -> Option<String> {
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
    String::from_utf8(bytes).ok().filter(|text| !text.contains(char::is_control))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(text: &str) -> Option<(String, Place)> {
        Address::parse(text).unwrap().readings(0).into_iter().next()
    }

    #[test]
    fn pages_of_gitlab_and_github_are_read() {
        let branch = |words: &[&str]| Place::Branch(words.iter().map(|word| (*word).to_owned()).collect());
        let id = "9f3c2ab".to_owned();
        let cases = [
            ("https://h/a/b/c/-/commit/9F3C2AB?view=inline", "a/b/c", Place::Commit(id.clone())),
            ("https://h/a/b/commit/9f3c2ab.patch", "a/b", Place::Commit(id)),
            ("https://h/a/b/-/merge_requests/482/diffs#note_1", "a/b", Place::MergeRequest(482)),
            ("https://h/a/b/merge_requests/482", "a/b", Place::MergeRequest(482)),
            ("https://h/a/b/pull/7/files", "a/b", Place::MergeRequest(7)),
            ("https://h/a/b/-/tree/feature/x%20y?ref_type=heads", "a/b", branch(&["feature", "x y"])),
            ("https://h/a/b/tree/main/src", "a/b", branch(&["main", "src"])),
            ("https://h/a/b/-/commits/main", "a/b", branch(&["main"])),
            ("https://h/a/b/-/pipelines/7", "a/b", Place::Repository),
            ("https://h/a/b.git", "a/b", Place::Repository),
            ("https://h/a/b/", "a/b", Place::Repository),
        ];
        for (text, path, place) in cases {
            assert_eq!(reading(text), Some((path.to_owned(), place)), "{text}");
        }
        assert_eq!(reading("https://h/a"), None);
        assert_eq!(reading("https://h/"), None);
    }

    #[test]
    fn a_project_called_like_a_page_is_read_too() {
        let readings = Address::parse("https://h/a/tree/tree/main").unwrap().readings(0);
        let paths: Vec<&str> = readings.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["a/tree", "a/tree/tree/main"]);
    }

    #[test]
    fn a_host_may_live_below_a_path() {
        let address = Address::parse("https://Example.com/gitlab/a/b/-/commit/9f3c2ab").unwrap();
        assert_eq!(address.below("http://example.com/gitlab"), Some(1));
        assert_eq!(address.below("https://example.com"), Some(0));
        assert_eq!(address.below("https://example.com/git"), None);
        assert_eq!(address.below("https://example.com:8443/gitlab"), None);
        assert_eq!(address.readings(1)[0].0, "a/b");
        assert!(address.is_on("https://example.com/groups/a") && !address.is_on("not an address"));
    }

    #[test]
    fn what_may_be_secret_is_not_kept() {
        let address = Address::parse("https://h/a/b?private_token=glpat-secret#x").unwrap();
        assert_eq!(address.as_str(), "https://h/a/b");
        assert_eq!(Address::parse("https://me:secret@h/a/b"), Err(BadAddress::Credentials));
        assert_eq!(Address::parse("javascript://alert(1)"), Err(BadAddress::NotWeb));
        for malformed in ["https://", "https://h/%00", "https://h/%ff/b", "https://h/a b", "https://h/a\\b"] {
            assert_eq!(Address::parse(malformed), Err(BadAddress::Malformed), "{malformed}");
        }
        assert_eq!(Address::parse(&format!("https://h/{}", "a/".repeat(100))), Err(BadAddress::Malformed));
    }
}
