//! Which paths certainly belong to a page of a forge and not to its root.

/// Pairs of path segments that begin a page's path; `*` is any segment. GitLab keeps these words for itself, so no
/// group is called so.
const PAGES: [(&str, &str); 14] = [
    ("users", "sign_in"),
    ("users", "sign_up"),
    ("users", "auth"),
    ("api", "v3"),
    ("api", "v4"),
    ("api", "graphql"),
    ("groups", "*"),
    ("login", "oauth"),
    ("oauth", "authorize"),
    ("oauth", "token"),
    ("oauth", "callback"),
    ("oauth", "applications"),
    ("dashboard", "*"),
    ("explore", "*"),
];

/// How many segments of the path come before a page's path; all of them where there is none.
///
/// `-` alone is enough: GitLab puts it between a namespace and its pages (`/-/jira`, `/-/profile`).
pub fn begins_at(segments: &[String]) -> usize {
    let is_page = |at: usize| {
        let next = segments.get(at + 1);
        segments[at] == "-"
            || PAGES.iter().any(|(first, second)| {
                segments[at] == *first && next.is_some_and(|next| *second == "*" || next == second)
            })
    };
    (0..segments.len()).find(|&at| is_page(at)).unwrap_or(segments.len())
}
