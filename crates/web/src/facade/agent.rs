//! Who says to be asking (GitLab contract §2.1).

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;

/// How every client of Jira's connector but that of its web hooks begins its name.
const JIRA: &str = "Jira DVCS Connector";

/// Whether the caller says to be Jira's connector.
pub fn is_jira(headers: &HeaderMap) -> bool {
    let name = headers.get(USER_AGENT).map_or(&b""[..], |value| value.as_bytes());
    name.get(..JIRA.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(JIRA.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("Jira DVCS Connector/3.4", true)]
    #[case("JIRA DVCS Connector Vertigo/4.42.0", true)]
    #[case("Jira DVCS Connector", true)]
    #[case("Mozilla/5.0 (Jira DVCS Connector)", false)]
    #[case("Jira DVCS", false)]
    #[case("", false)]
    fn only_the_beginning_counts_in_any_case(#[case] name: &str, #[case] jira: bool) {
        let headers: HeaderMap = [(USER_AGENT, name.parse().unwrap())].into_iter().collect();

        assert_eq!(is_jira(&headers), jira);
    }
}
