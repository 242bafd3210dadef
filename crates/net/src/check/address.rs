//! The step `url`: whether what was typed is an address, and what it means.

use model::HostUrl;
use url::{Host, Url};

use super::sentences;
use super::{Stage, URL};

/// The step, and the address of the root where there is one.
pub fn examine(typed: &str) -> (Stage, Option<Url>) {
    let parsed = match HostUrl::parse(typed) {
        Ok(parsed) => parsed,
        Err(error) => return (sentences::bad_url(error).failed(URL), None),
    };
    let url = parsed.url.url();
    let shown = parsed.url.as_str();
    let stage = if !parsed.notes.is_empty() {
        let notes: Vec<String> = parsed.notes.iter().map(ToString::to_string).collect();
        sentences::url_shortened(shown, &notes).warning(URL)
    } else if let Some(told) = sentences::odd_port(url) {
        told.warning(URL)
    } else if url.scheme() == "http" && !is_this_machine(url) {
        sentences::unencrypted(shown).warning(URL)
    } else {
        Stage::passed(URL, sentences::url_passed(url))
    };
    (stage, Some(url.clone()))
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::examine;
    use crate::check::Verdict;

    #[test]
    fn an_address_is_made_sane_and_what_was_changed_is_told() {
        let passed = [
            ("https://git.corp", "https://git.corp/"),
            ("  https://GIT.corp:8443/gitlab/ ", "https://git.corp:8443/gitlab"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
            ("http://[::1]:8080", "http://[::1]:8080/"),
            ("http://localhost", "http://localhost/"),
        ];
        for (typed, expected) in passed {
            let (stage, url) = examine(typed);
            assert_eq!(
                (stage.verdict, url.unwrap().as_str().trim_end_matches('/')),
                (Verdict::Passed, expected.trim_end_matches('/')),
                "{typed}"
            );
        }
    }

    #[test]
    fn what_works_and_is_odd_is_a_warning() {
        let warned = [
            ("https://git.corp/-/jira", "https://git.corp/"),
            ("https://git.corp/users/sign_in?token=s3cret", "https://git.corp/"),
            ("http://git.corp", "http://git.corp/"),
            ("https://git.corp:80", "https://git.corp:80/"),
            ("http://git.corp:443", "http://git.corp:443/"),
            ("https://git.corp:22", "https://git.corp:22/"),
        ];
        for (typed, expected) in warned {
            let (stage, url) = examine(typed);
            assert_eq!((stage.verdict, url.unwrap().as_str()), (Verdict::Warning, expected), "{typed}");
            assert!(!format!("{stage:?}").contains("s3cret"));
        }
    }

    #[test]
    fn what_is_no_address_is_refused_and_never_repeated() {
        for typed in [
            "",
            "git.corp",
            "ssh://git@git.corp",
            "https://user:s3cret@git.corp",
            "https://",
            "https://git.corp:99999",
            "https://git corp s3cret",
        ] {
            let (stage, url) = examine(typed);
            assert_eq!((stage.verdict, url), (Verdict::Failed, None), "{typed}");
            assert!(!format!("{stage:?}").contains("s3cret"), "{stage:?}");
        }
    }
}
