//! From git's standard error to a typed error. git runs with `LC_ALL=C`, so its texts are these.

use crate::GitError;

/// How much of git's own words an error repeats.
const WORDS: usize = 300;

/// What a failed process says about itself.
pub fn failure(stderr: &str) -> GitError {
    about_objects(stderr)
        .or_else(|| about_http(stderr))
        .or_else(|| about_repository(stderr))
        .or_else(|| about_connection(stderr))
        .unwrap_or_else(|| GitError::Other(last_words(stderr)))
}

fn about_objects(stderr: &str) -> Option<GitError> {
    let refused = ["not our ref ", "unadvertised object "].into_iter().find_map(|text| id_after(stderr, text));
    if let Some(id) = refused {
        return Some(GitError::NotOurRef { id });
    }
    let absent = ["bad object ", "bad revision '", "valid commit name ", "valid object name "];
    if let Some(id) = absent.into_iter().find_map(|text| id_after(stderr, text)).and_then(|id| id.parse().ok()) {
        return Some(GitError::MissingObject { id });
    }
    // "filtering not recognized by server, ignoring" and "filter 'tree' not supported"
    let filter = stderr.contains("filtering not recognized")
        || (stderr.contains("filter '") && stderr.contains("not supported"));
    filter.then_some(GitError::FilterUnsupported { filter: "of this fetch" })
}

fn id_after(stderr: &str, text: &str) -> Option<String> {
    let (_, rest) = stderr.split_once(text)?;
    let id: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    matches!(id.len(), 40 | 64).then_some(id)
}

fn about_http(stderr: &str) -> Option<GitError> {
    if stderr.contains("terminal prompts disabled") || stderr.contains("Authentication failed") {
        return Some(GitError::Unauthorised);
    }
    let (_, rest) = stderr.split_once("returned error: ")?;
    let status: u16 = rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()?;
    Some(match status {
        401 | 407 => GitError::Unauthorised,
        403 => GitError::Forbidden,
        404 | 410 => GitError::NotFound,
        429 => GitError::RateLimited { retry: None },
        300..=399 => GitError::Redirected { to: None },
        500..=599 => GitError::Server { status },
        _ => GitError::Other(format!("the server answered HTTP {status}")),
    })
}

fn about_repository(stderr: &str) -> Option<GitError> {
    if stderr.contains("not a git repository") {
        return Some(GitError::NotARepository);
    }
    if stderr.contains("fatal: repository '") && stderr.contains("' not found") {
        return Some(GitError::NotFound);
    }
    if stderr.contains("invalid server response") || stderr.contains("not valid: is this a git repository?") {
        return Some(GitError::NotGit);
    }
    let broken =
        ["bad tree object", "inflate", "is corrupt", "did not send all necessary objects", "pack has bad object"];
    broken.into_iter().any(|text| stderr.contains(text)).then(|| GitError::Corrupt(last_words(stderr)))
}

fn about_connection(stderr: &str) -> Option<GitError> {
    let broken = [
        "Could not resolve",
        "Couldn't resolve",
        "Failed to connect",
        "Couldn't connect",
        "Connection refused",
        "timed out",
        "Operation too slow",
        "certificate",
        "SSL",
        "early EOF",
        "hung up unexpectedly",
        "unexpected disconnect",
        "RPC failed",
        "Recv failure",
        "Empty reply",
        "unable to access",
        "expected flush",
        "unexpected EOF",
    ];
    broken.into_iter().any(|text| stderr.contains(text)).then(|| GitError::Network(cause(stderr)))
}

/// What curl says, where git quotes it ("RPC failed; curl 56 Recv failure …"), else the last words.
fn cause(stderr: &str) -> String {
    let quoted = stderr.lines().find(|line| line.contains("curl ") || line.contains("unable to access"));
    quoted.map_or_else(|| last_words(stderr), plain)
}

/// The last line that git marks as an error, else the last line.
fn last_words(stderr: &str) -> String {
    let lines = || stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let marked = lines().rfind(|line| line.starts_with("fatal:") || line.starts_with("error:"));
    marked.or_else(|| lines().next_back()).map_or_else(|| "it did not say why".to_owned(), plain)
}

fn plain(line: &str) -> String {
    let line = line.trim_start_matches("fatal: ").trim_start_matches("error: ").trim_end_matches('.');
    line.chars().take(WORDS).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::failure;
    use crate::GitError;

    const ID: &str = "8f3b1c0e5a2d4f6978a1b2c3d4e5f60718293a4b";

    #[rstest]
    #[case("fatal: could not read Username for 'https://git.corp': terminal prompts disabled\n", "authentication")]
    #[case("fatal: Authentication failed for 'https://git.corp/a.git/'\n", "authentication")]
    #[case("fatal: unable to access 'https://git.corp/a.git/': The requested URL returned error: 403\n", "permission")]
    #[case("remote: gone\nfatal: repository 'https://git.corp/a.git/' not found\n", "not_found")]
    #[case("fatal: unable to access 'x': The requested URL returned error: 429\n", "rate_limit")]
    #[case("error: RPC failed; HTTP 503 curl 22 The requested URL returned error: 503\nfatal: early EOF\n", "server")]
    #[case("fatal: unable to access 'x': Could not resolve host: git.corp\n", "network")]
    #[case("fatal: unable to access 'x': server certificate verification failed. CAfile: none\n", "network")]
    #[case("error: RPC failed; curl 28 Operation too slow.\nfatal: expected 'packfile'\n", "network")]
    #[case("fatal: unable to access 'x': The requested URL returned error: 301\n", "network")]
    #[case("fatal: pack has bad object at offset 12: inflate returned 1\n", "data")]
    #[case("fatal: not a git repository: '/x'\n", "not_found")]
    #[case("fatal: something new\n", "git")]
    #[case("", "git")]
    fn tells_kinds_apart(#[case] stderr: &str, #[case] kind: &str) {
        assert_eq!(failure(stderr).kind(), kind, "{:?}", failure(stderr));
    }

    #[test]
    fn names_the_object_that_is_gone_or_missing() {
        let gone = failure(&format!("fatal: remote error: upload-pack: not our ref {ID}\n"));
        assert_eq!(gone, GitError::NotOurRef { id: ID.to_owned() });
        let unadvertised = failure(&format!("error: Server does not allow request for unadvertised object {ID}\n"));
        assert_eq!(unadvertised, GitError::NotOurRef { id: ID.to_owned() });
        let missing = failure(&format!("fatal: bad object {ID}\n"));
        assert_eq!(missing, GitError::MissingObject { id: ID.parse().unwrap() });
    }

    #[test]
    fn repeats_the_cause_and_not_its_consequences() {
        let error = failure("error: RPC failed; curl 56 Recv failure: Connection reset by peer\nfatal: early EOF\n");
        assert_eq!(error, GitError::Network("RPC failed; curl 56 Recv failure: Connection reset by peer".to_owned()));
        let long = failure(&format!("fatal: {}", "x".repeat(5000)));
        assert!(long.to_string().len() < 400);
    }
}
