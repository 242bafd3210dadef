//! What is said of the address.

use model::HostUrlError;
use url::Url;

use super::Told;

pub fn url_passed(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{} (port {port})", url.as_str().trim_end_matches('/'))
}

pub fn bad_url(error: HostUrlError) -> Told {
    let (seen, cause, remedy) = match error {
        HostUrlError::Empty => ("The address is empty.", "Nothing was typed.", "Type the address of the server."),
        HostUrlError::NoScheme => (
            "The address does not begin with https:// or http://.",
            "Browsers leave the beginning out when they show an address.",
            "Write https:// before it.",
        ),
        HostUrlError::Scheme => (
            "The address begins with something that Dovetail does not speak.",
            "It is probably an address for cloning with git (ssh:// or git@).",
            "Use the address of the web pages, which begins with https://.",
        ),
        HostUrlError::Credentials => (
            "The address holds a user name or a password. It was not used and not kept.",
            "It was probably copied from a clone address.",
            "Leave out everything before the @. Access is granted elsewhere. Replace the password if others saw it.",
        ),
        HostUrlError::NoHost => (
            "The address names no server.",
            "Something is missing between the slashes.",
            "Write it like https://git.example.com.",
        ),
        HostUrlError::Port => (
            "The port in the address is no number from 0 to 65535.",
            "A sign was probably mistyped behind the colon.",
            "Correct the port, or leave it out.",
        ),
        HostUrlError::TooLong => (
            "The address is longer than 2048 bytes.",
            "More than an address was probably pasted.",
            "Use the address of the server alone.",
        ),
        HostUrlError::Malformed => (
            "This is not a web address.",
            "It may hold blanks, line breaks or signs that addresses do not have.",
            "Write it like https://git.example.com.",
        ),
    };
    Told::new(seen, cause, remedy)
}

pub fn url_shortened(url: &str, notes: &[String]) -> Told {
    let cause = if notes.iter().any(|note| note.contains("/-/jira")) {
        "Jira's own dialog wants /-/jira behind the address of a GitLab; Dovetail does not."
    } else {
        "The address of a page was probably pasted."
    };
    Told::new(format!("{url}; {}.", notes.join("; ")), cause, format!("Use {url}."))
}

pub fn unencrypted(url: &str) -> Told {
    Told::new(
        format!("{url} is reached without encryption."),
        "The address begins with http://, so whoever sees the network sees the tokens.",
        "Use https:// where the server offers it.",
    )
}

/// A port that is usually for something else.
pub fn odd_port(url: &Url) -> Option<Told> {
    let (seen, remedy) = match (url.scheme(), url.port()?) {
        ("https", 80) => ("Port 80 usually speaks plain HTTP.", "Leave :80 out."),
        ("http", 443) => ("Port 443 usually speaks HTTPS.", "Write https:// and leave :443 out."),
        (_, 22) => ("Port 22 usually speaks SSH.", "Use the port of the web pages, or leave :22 out."),
        _ => return None,
    };
    Some(Told::new(seen, "The scheme or the port was probably mistyped.", remedy))
}
