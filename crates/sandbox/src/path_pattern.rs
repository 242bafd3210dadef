//! Which requests a failure on purpose is about: a method, and a path in which `*` stands for any text.

use http::Method;

/// Whether a pattern, which may have a method first, is about a request.
pub(crate) fn concerns(pattern: &str, method: &Method, path: &str) -> bool {
    let (wanted, pattern) =
        pattern.split_once(' ').map_or((None, pattern), |(wanted, pattern)| (Some(wanted), pattern));
    wanted.is_none_or(|wanted| wanted == method.as_str()) && matches(pattern, path)
}

/// Whether a path fits a pattern in which `*` stands for any text.
fn matches(pattern: &str, path: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == path };
    let Some(mut left) = path.strip_prefix(head) else { return false };
    loop {
        if matches(rest, left) {
            return true;
        }
        let Some(character) = left.chars().next() else { return false };
        left = &left[character.len_utf8()..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches("/api/v4/projects/*/merge_requests", "/api/v4/projects/7/merge_requests"));
        assert!(matches("*", ""));
        assert!(matches("/a*b*c", "/abbc"));
        assert!(!matches("/api/v4/projects/*/merge_requests", "/api/v4/projects/7/merge_requests/1"));
        assert!(!matches("/api", "/api/v4"));
    }

    #[test]
    fn a_method_may_come_first() {
        assert!(concerns("POST /oauth/token", &Method::POST, "/oauth/token"));
        assert!(!concerns("POST /oauth/token", &Method::GET, "/oauth/token"));
    }
}
