//! How a repository is addressed.
//!
//! GitHub's own API takes the id, which renames and moves keep (`/repositories/:id`, as its own `Link` headers spell it).
//! GitLab's GitHub-compatible API and Dovetail's know a repository by owner and name only, so there these are its id; a
//! project in a subgroup has its full path as its name, with `@` for each slash (GitLab contract §2.4).

use crate::{ForgeError, Problem};

/// A repository in the addresses of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// By GitHub's id.
    ById(&'a str),
    /// By owner and name.
    ByName(&'a str, &'a str),
}

impl<'a> Place<'a> {
    /// What the id of a repository stands for.
    ///
    /// # Errors
    /// [`Problem::NotFound`] for an id that no host of this kind gave.
    pub fn of(forge_id: &'a str) -> Result<Self, ForgeError> {
        if is_number(forge_id) {
            return Ok(Self::ById(forge_id));
        }
        match forge_id.split_once('/') {
            Some((owner, name)) if is_segment(owner) && is_segment(name) => Ok(Self::ByName(owner, name)),
            _ => Err(Problem::NotFound.into()),
        }
    }

    /// The address of what is at `tail` below it.
    pub fn segments(self, tail: &[&'a str]) -> Vec<&'a str> {
        let mut segments = match self {
            Self::ById(id) => vec!["repositories", id],
            Self::ByName(owner, name) => vec!["repos", owner, name],
        };
        segments.extend(tail);
        segments
    }
}

/// Whether an id is one of GitHub's.
pub fn is_number(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// The full path that owner and name stand for. `@` in the name makes it the whole path, as GitLab reads it.
pub fn decoded(owner: &str, name: &str) -> String {
    if !name.contains('@') {
        return format!("{owner}/{name}");
    }
    let segments: Vec<&str> = name.split(['@', '/']).filter(|segment| !segment.is_empty()).collect();
    segments.join("/")
}

/// Whether a text can be one segment of an address: `.` and `..` would lead elsewhere.
fn is_segment(text: &str) -> bool {
    !matches!(text, "" | "." | "..") && !text.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_number_or_owner_and_name() {
        assert_eq!(Place::of("1296269").unwrap().segments(&["branches"]), ["repositories", "1296269", "branches"]);
        assert_eq!(Place::of("acme/api").unwrap().segments(&[]), ["repos", "acme", "api"]);
        assert_eq!(Place::of("acme/acme@x@api").unwrap(), Place::ByName("acme", "acme@x@api"));
        for nonsense in ["", "acme", "/api", "acme/", "acme/x/api", "../api", "acme/..", "acme/."] {
            assert!(Place::of(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn the_name_of_a_project_in_a_subgroup_is_its_path() {
        assert_eq!(decoded("acme", "api"), "acme/api");
        assert_eq!(decoded("acme", "acme@backend@api"), "acme/backend/api");
        assert_eq!(decoded("acme", "@@evil.example@api"), "evil.example/api", "never an address of another host");
        assert_eq!(decoded("Acme", "a.b_c-d"), "Acme/a.b_c-d");
    }
}
