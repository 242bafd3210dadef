use proptest::prelude::*;

use super::*;

fn parsed(text: &str) -> (String, Vec<String>) {
    let Parsed { url, notes } = HostUrl::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    (url.to_string(), notes.iter().map(Note::to_string).collect())
}

#[test]
fn spellings_of_one_address_become_one() {
    let cases = [
        ("https://gitlab.example.com", "https://gitlab.example.com"),
        ("  https://gitlab.example.com/ \n", "https://gitlab.example.com"),
        ("HTTPS://GitLab.Example.COM:443//", "https://gitlab.example.com"),
        ("http://gitlab.example.com:80", "http://gitlab.example.com"),
        ("http://gitlab.example.com:443", "http://gitlab.example.com:443"),
        ("https://gitlab.example.com.:8443", "https://gitlab.example.com:8443"),
        ("https://example.com/gitlab/", "https://example.com/gitlab"),
        ("https://example.com//tools///GitLab", "https://example.com/tools/GitLab"),
        ("https://example.com/a/../gitlab", "https://example.com/gitlab"),
        ("http://[::1]:3000/", "http://[::1]:3000"),
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ];
    for (typed, expected) in cases {
        assert_eq!(parsed(typed), (expected.to_owned(), vec![]), "{typed:?}");
    }
}

#[test]
fn pages_of_the_forge_are_cut_off_with_a_note() {
    let cases = [
        ("https://gitlab.example.com/-/jira", "https://gitlab.example.com", "/-/jira"),
        ("https://example.com/gitlab/-/jira/", "https://example.com/gitlab", "/-/jira"),
        ("https://gitlab.example.com/group/app/-/tree/main", "https://gitlab.example.com/group/app", "/-/tree/main"),
        ("https://gitlab.example.com/users/sign_in", "https://gitlab.example.com", "/users/sign_in"),
        ("https://gitlab.example.com/api/v4/projects", "https://gitlab.example.com", "/api/v4/projects"),
        ("https://example.com/gitlab/groups/acme", "https://example.com/gitlab", "/groups/acme"),
        ("https://gitlab.example.com/login/oauth/callback", "https://gitlab.example.com", "/login/oauth/callback"),
        ("https://gitlab.example.com/dashboard/projects", "https://gitlab.example.com", "/dashboard/projects"),
    ];
    for (typed, root, part) in cases {
        let Parsed { url, notes } = HostUrl::parse(typed).unwrap();
        assert_eq!(url.as_str(), root, "{typed:?}");
        assert_eq!(notes, [Note::CutOff { part: part.to_owned() }], "{typed:?}");
    }
}

#[test]
fn what_belongs_to_the_root_of_a_kind_of_host_is_kept() {
    let cases = [
        ("https://gitlab.example.com/-/jira/", "https://gitlab.example.com/-/jira"),
        ("https://example.com/gitlab/-/jira/login/oauth/authorize", "https://example.com/gitlab/-/jira"),
        ("https://gitlab.example.com/-/profile", "https://gitlab.example.com"),
        ("https://gitlab.example.com/-", "https://gitlab.example.com"),
        ("https://gitlab.example.com", "https://gitlab.example.com"),
    ];
    for (typed, root) in cases {
        assert_eq!(HostUrl::parse_keeping(typed, &["-", "jira"]).unwrap().url.as_str(), root, "{typed:?}");
    }
}

#[test]
fn words_that_only_look_like_pages_stay() {
    for typed in ["https://example.com/groups", "https://example.com/api", "https://example.com/users/team"] {
        assert_eq!(parsed(typed), (typed.to_owned(), vec![]), "{typed:?}");
    }
}

#[test]
fn query_and_fragment_are_cut_off_and_not_repeated() {
    let (url, notes) = parsed("https://gitlab.example.com/users/sign_in?private_token=glpat-secret#top");
    assert_eq!(url, "https://gitlab.example.com");
    insta::assert_snapshot!(notes.join("\n"), @r##"
    "/users/sign_in" was cut off: it is no part of the host's own address
    what follows "?" or "#" was cut off
    "##);
}

#[test]
fn what_is_no_host_address_is_refused() {
    let long = format!("https://{}.example", "a".repeat(HostUrl::MAX_BYTES));
    let cases = [
        ("", HostUrlError::Empty),
        ("   ", HostUrlError::Empty),
        ("gitlab.example.com", HostUrlError::NoScheme),
        ("localhost:8080", HostUrlError::NoScheme),
        ("gitlab.example.com:8443/group", HostUrlError::NoScheme),
        ("//gitlab.example.com", HostUrlError::NoScheme),
        ("/srv/git", HostUrlError::NoScheme),
        ("git@gitlab.example.com:group/app.git", HostUrlError::NoScheme),
        ("gitlab.example.com/?next=https://x", HostUrlError::NoScheme),
        ("https:gitlab.example.com", HostUrlError::NoScheme),
        ("ssh://git@gitlab.example.com", HostUrlError::Scheme),
        ("javascript://gitlab.example.com", HostUrlError::Scheme),
        ("file:///srv/git", HostUrlError::Scheme),
        ("https://user:secret@gitlab.example.com", HostUrlError::Credentials),
        ("https://user@gitlab.example.com", HostUrlError::Credentials),
        ("https://user:se/cret@gitlab.example.com", HostUrlError::Credentials),
        ("https://", HostUrlError::NoHost),
        ("https://.", HostUrlError::NoHost),
        ("https://gitlab.example.com:99999", HostUrlError::Port),
        ("https://gitlab example.com", HostUrlError::Malformed),
        ("https://gitlab.example.com\nhttps://other.example", HostUrlError::Malformed),
        ("https:\\\\gitlab.example.com", HostUrlError::Malformed),
        (&long, HostUrlError::TooLong),
    ];
    for (typed, expected) in cases {
        assert_eq!(HostUrl::parse(typed), Err(expected), "{typed:?}");
    }
}

#[test]
fn the_error_says_what_to_type_and_repeats_nothing() {
    insta::assert_snapshot!(HostUrlError::NoScheme, @"the Host URL has no scheme: begin it with https:// (or http://)");
    let error = HostUrl::parse("https://user:secret@gitlab.example.com").unwrap_err();
    assert!(!error.to_string().contains("secret"));
}

#[test]
fn candidates_go_from_the_longest_path_to_the_bare_host() {
    let typed = HostUrl::parse("https://example.com/gitlab/acme/tools").unwrap().url;
    let candidates: Vec<String> = typed.candidates().iter().map(ToString::to_string).collect();
    assert_eq!(
        candidates,
        [
            "https://example.com/gitlab/acme/tools",
            "https://example.com/gitlab/acme",
            "https://example.com/gitlab",
            "https://example.com",
        ]
    );
    let bare = HostUrl::parse("https://example.com").unwrap().url;
    assert_eq!(bare.candidates(), [bare]);
}

#[test]
fn candidates_stay_few_and_end_at_the_bare_host() {
    let deep = HostUrl::parse(&format!("https://example.com{}", "/group".repeat(300))).unwrap().url;
    let candidates = deep.candidates();
    assert_eq!(candidates.len(), HostUrl::MAX_CANDIDATES);
    assert_eq!(candidates.last().unwrap().as_str(), "https://example.com");
}

#[test]
fn the_root_that_answered_tells_what_was_cut_off() {
    let typed = HostUrl::parse("https://example.com/gitlab/acme").unwrap().url;
    let notes: Vec<Option<Note>> = typed.candidates().iter().map(|root| typed.note_against(root)).collect();
    let cut = |part: &str| Some(Note::CutOff { part: part.to_owned() });
    assert_eq!(notes, [None, cut("/acme"), cut("/gitlab/acme")]);
}

#[test]
fn joined_paths_stay_below_the_root() {
    let root = HostUrl::parse("https://example.com/gitlab/").unwrap().url;
    assert_eq!(root.join("/api/v4/version?x=1"), "https://example.com/gitlab/api/v4/version?x=1");
    assert_eq!(root.join("api/v4"), "https://example.com/gitlab/api/v4");
    assert_eq!(root.join("//evil.example/x"), "https://example.com/gitlab/evil.example/x");
    assert_eq!(root.origin(), "https://example.com");
    let port = HostUrl::parse("http://127.0.0.1:8081/x").unwrap().url;
    assert_eq!(port.origin(), "http://127.0.0.1:8081");
}

proptest! {
    #[test]
    fn parsing_an_address_again_changes_nothing(typed in "https?://[a-zA-Z0-9.:@-]{1,12}(/[a-z.%?#-]{0,6}){0,5}") {
        if let Ok(Parsed { url, .. }) = HostUrl::parse(&typed) {
            let again = HostUrl::parse(url.as_str());
            prop_assert_eq!(again, Ok(Parsed { url: url.clone(), notes: vec![] }));
            prop_assert!(!url.as_str().ends_with('/'));
        }
    }

    #[test]
    fn no_text_makes_it_panic(typed: String) {
        if let Ok(Parsed { url, .. }) = HostUrl::parse(&typed) {
            prop_assert!(url.as_str().starts_with(&url.origin()));
            prop_assert!(url.candidates().len() <= HostUrl::MAX_CANDIDATES);
        }
    }
}
