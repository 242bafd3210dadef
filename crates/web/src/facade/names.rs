//! How a repository's path stands in GitHub's two segments (GitLab contract §2.4): below a subgroup, `@` stands for `/`.

/// The longest path that is looked up, in bytes: no forge has longer ones.
const LONGEST: usize = 1024;

/// What GitHub calls the repository's name: the last segment, or below a subgroup the whole path with `@` for `/`.
pub fn name_of(path: &str) -> String {
    match path.split_once('/') {
        Some((_, name)) if !name.contains('/') => name.to_owned(),
        _ => encoded(path),
    }
}

/// The first segment: the root group, or the personal namespace.
pub fn root_of(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

/// The owner to name for a repository at `path` to a caller who asked by `asked`: a subgroup that was asked by (`a@b`),
/// as the forge spells it, else the root.
pub fn owner_of(path: &str, asked: &str) -> String {
    let asked = asked.replace('@', "/");
    let begins = path.get(..asked.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(&asked));
    match path.get(..asked.len()) {
        Some(begin) if begins && path[asked.len()..].starts_with('/') => encoded(begin),
        _ => root_of(path).to_owned(),
    }
}

/// A path as one segment.
pub fn encoded(path: &str) -> String {
    path.replace('/', "@")
}

/// The path of the repository that two segments name; none where no repository can have such a name.
pub fn repository_path(owner: &str, name: &str) -> Option<String> {
    if name.contains('@') { namespace_path(name) } else { Some(format!("{}/{}", namespace_path(owner)?, plain(name)?)) }
}

/// The path of the group, namespace or repository that one segment names. Runs of `@` count once (CVE-2022-2250).
pub fn namespace_path(segment: &str) -> Option<String> {
    if segment.len() > LONGEST {
        return None;
    }
    let parts: Option<Vec<&str>> = segment.split('@').filter(|part| !part.is_empty()).map(plain).collect();
    parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join("/"))
}

/// A segment that a group or project can be called.
fn plain(segment: &str) -> Option<&str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let is_plain = !segment.is_empty()
        && segment.len() <= LONGEST
        && !matches!(segment, "." | ".." | "-")
        && segment.bytes().all(allowed);
    is_plain.then_some(segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("group/project", "project")]
    #[case("group/sub/project", "group@sub@project")]
    #[case("group/sub.one/pro.ject", "group@sub.one@pro.ject")]
    #[case("project", "project")]
    fn a_path_is_named_as_at_gitlab(#[case] path: &str, #[case] name: &str) {
        assert_eq!(name_of(path), name);
        assert_eq!(
            repository_path(root_of(path), name).as_deref().unwrap_or(path).rsplit('/').next(),
            path.rsplit('/').next()
        );
    }

    #[rstest::rstest]
    #[case("group", "project", Some("group/project"))]
    #[case("group", "pro.ject", Some("group/pro.ject"))]
    #[case("anything", "group@sub@project", Some("group/sub/project"))]
    #[case("group@sub", "project", Some("group/sub/project"))]
    #[case("a", "@@evil.example", Some("evil.example"))]
    #[case("a", "..", None)]
    #[case("..", "b", None)]
    #[case("a", "b@..@c", None)]
    #[case("a", "b/c", None)]
    #[case("-", "jira", None)]
    #[case("a", "b c", None)]
    #[case("a", "é", None)]
    #[case("a", "", None)]
    #[case("a", "@", None)]
    fn two_segments_name_a_path(#[case] owner: &str, #[case] name: &str, #[case] path: Option<&str>) {
        assert_eq!(repository_path(owner, name).as_deref(), path);
    }

    #[test]
    fn names_of_ten_thousand_characters_name_nothing() {
        let long = "a".repeat(10_000);

        assert_eq!(
            (repository_path(&long, "b"), repository_path("b", &long), namespace_path(&long)),
            (None, None, None)
        );
    }

    #[rstest::rstest]
    #[case("Group/Sub/project", "group@sub", "Group@Sub")]
    #[case("Group/Sub/project", "group", "Group")]
    #[case("Group/Sub/project", "other", "Group")]
    #[case("Group/Sub/project", "gro", "Group")]
    #[case("Group/Sub/project", "-", "Group")]
    fn the_owner_is_the_one_that_was_asked_by_or_the_root(
        #[case] path: &str,
        #[case] asked: &str,
        #[case] owner: &str,
    ) {
        assert_eq!(owner_of(path, asked), owner);
    }
}
