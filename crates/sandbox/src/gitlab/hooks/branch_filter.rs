//! The branch pattern of a hook.

/// Whether a branch name matches a pattern in which `*` stands for any characters. Linear in `name` for each `*`.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let middle: Vec<&str> = parts.collect();
    let Some((last, middle)) = middle.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(matches("main", "main"));
        assert!(!matches("main", "main2"));
        assert!(matches("*", "feature/x"));
        assert!(matches("feature/*", "feature/ABC-1/α"));
        assert!(!matches("feature/*", "fix/ABC-1"));
        assert!(matches("*-stable", "18-5-stable"));
        assert!(matches("a*b*c", "aXbYbZc"));
        assert!(!matches("a*a", "a"), "both ends need their own letters");
    }
}
