//! Where a redirect points, told without what it may give away.

use http::{HeaderMap, StatusCode, header};
use url::Url;

/// The target of a redirect without query, fragment and user; none where the answer is no redirect.
pub fn target(from: &Url, status: StatusCode, headers: &HeaderMap) -> Option<String> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    let target = location.and_then(|location| from.join(location).ok()).map(shorten);
    Some(target.unwrap_or_else(|| "an unnamed address".to_owned()))
}

fn shorten(mut url: Url) -> String {
    url.set_query(None);
    url.set_fragment(None);
    // Fails only for URLs that cannot have a user at all.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode, header};

    use super::target;

    #[test]
    fn names_the_target_without_secrets() {
        let from = "https://git.corp/group/a.git/info/refs".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::LOCATION, "https://user:word@other.corp/sign_in?token=abc#x".parse().unwrap());
        assert_eq!(target(&from, StatusCode::FOUND, &headers).unwrap(), "https://other.corp/sign_in");
        headers.insert(header::LOCATION, "/group/b.git".parse().unwrap());
        assert_eq!(target(&from, StatusCode::MOVED_PERMANENTLY, &headers).unwrap(), "https://git.corp/group/b.git");
        assert_eq!(target(&from, StatusCode::NOT_MODIFIED, &headers), None);
    }
}
