//! The address of a host as people type it, made sane.

mod error;
mod note;
mod page;

use std::fmt;

use url::Url;

pub use error::HostUrlError;
pub use note::Note;

/// A normalised host address: scheme, host in lower case, port unless it is the scheme's own, relative root; no
/// credentials, query, fragment or trailing slash. Two spellings of one address are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostUrl(Url);

/// What [`HostUrl::parse`] made of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The address; its path may still be a group's ([`HostUrl::candidates`]).
    pub url: HostUrl,
    /// What was left out of what was typed, in order.
    pub notes: Vec<Note>,
}

impl HostUrl {
    /// The longest text that is taken, in bytes.
    pub const MAX_BYTES: usize = 2048;

    /// The most addresses that [`HostUrl::candidates`] names, as each costs the caller a request.
    pub const MAX_CANDIDATES: usize = 6;

    /// Reads an address as people type or paste it. What certainly belongs to a page of the forge and not to its
    /// root (`/-/jira`, `/users/sign_in`, `/api/v4`, `/groups/…`) is cut off with a note, and so are query and
    /// fragment.
    ///
    /// # Errors
    /// [`HostUrlError`], whose words never repeat the text, as it may hold a password.
    pub fn parse(text: &str) -> Result<Parsed, HostUrlError> {
        Self::parse_keeping(text, &[])
    }

    /// As [`HostUrl::parse`], for a host whose root may end in the segments `kept` (`-`, `jira`), though they look like a
    /// page's path.
    ///
    /// # Errors
    /// [`HostUrlError`].
    pub fn parse_keeping(text: &str, kept: &[&str]) -> Result<Parsed, HostUrlError> {
        let mut url = strict(text.trim())?;
        let mut notes = Vec::new();
        let typed: Vec<String> = segments(&url).map(str::to_owned).collect();
        let page = page::begins_at(&typed);
        let begins_with_kept = typed[page..].iter().map(String::as_str).take(kept.len()).eq(kept.iter().copied());
        let (root, page) = typed.split_at(if begins_with_kept { page + kept.len() } else { page });
        if !page.is_empty() {
            notes.push(Note::CutOff { part: format!("/{}", page.join("/")) });
        }
        if url.query().is_some() || url.fragment().is_some() {
            notes.push(Note::QueryCut);
        }
        url.set_path(&root.join("/"));
        url.set_query(None);
        url.set_fragment(None);
        Ok(Parsed { url: Self(url), notes })
    }

    /// Where the forge's root may be: this address first, then one path segment less each time, down to the bare
    /// host. A relative root (`https://example.com/gitlab`) looks like a group's path, so only asking tells them
    /// apart. At most [`HostUrl::MAX_CANDIDATES`]; of a longer path the shortest ones, as relative roots are short.
    #[must_use]
    pub fn candidates(&self) -> Vec<Self> {
        let segments: Vec<&str> = segments(&self.0).collect();
        let longest = segments.len().min(Self::MAX_CANDIDATES - 1);
        (0..=longest).rev().map(|length| self.with_path(&segments[..length])).collect()
    }

    /// The note to show when `root`, one of the [`HostUrl::candidates`], is where the forge answered; none where
    /// nothing was cut off.
    #[must_use]
    pub fn note_against(&self, root: &Self) -> Option<Note> {
        let part = self.as_str().strip_prefix(root.as_str())?;
        part.starts_with('/').then(|| Note::CutOff { part: part.to_owned() })
    }

    /// The address, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The address of a path below this root. The path (with a query, if any) is appended as it is, so its parts
    /// must be percent-encoded; it cannot lead to another host.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}/{}", self.as_str(), path.trim_start_matches('/'))
    }

    /// Scheme, host and port, as browsers compare them.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The parsed address, whose path ends in a slash where it has no relative root.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.0
    }

    fn with_path(&self, segments: &[&str]) -> Self {
        let mut url = self.0.clone();
        url.set_path(&segments.join("/"));
        Self(url)
    }
}

impl fmt::Display for HostUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl AsRef<str> for HostUrl {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// The non-empty segments of the path.
fn segments(url: &Url) -> impl Iterator<Item = &str> {
    url.path().split('/').filter(|segment| !segment.is_empty())
}

/// The text as an http(s) address without credentials.
fn strict(text: &str) -> Result<Url, HostUrlError> {
    if text.is_empty() {
        return Err(HostUrlError::Empty);
    }
    if text.len() > HostUrl::MAX_BYTES {
        return Err(HostUrlError::TooLong);
    }
    // `url` drops tabs and line breaks and reads a backslash as a slash: two pasted addresses would become one.
    if text.chars().any(|character| character.is_control() || character == '\\') {
        return Err(HostUrlError::Malformed);
    }
    let (scheme, _) = text.split_once("://").ok_or(HostUrlError::NoScheme)?;
    if !scheme.chars().all(|character| character.is_ascii_alphanumeric() || "+-.".contains(character)) {
        return Err(HostUrlError::NoScheme);
    }
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Err(HostUrlError::Scheme);
    }
    let mut url = Url::parse(text).map_err(|error| HostUrlError::from_parse(text, error))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(HostUrlError::Credentials);
    }
    let host = url.host_str().ok_or(HostUrlError::NoHost)?.trim_end_matches('.').to_owned();
    url.set_host(Some(&host)).map_err(|_| HostUrlError::NoHost)?;
    Ok(url)
}

#[cfg(test)]
mod tests;
