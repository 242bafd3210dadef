//! What answers at the address.

use ::forge::Problem;
use model::HostKind;
use net::check::{FirstAnswer, Stage};

use super::{KIND, Target};
use crate::sentences::check as says;

/// The other kinds that are tried where the expected one does not answer.
const OTHERS: [HostKind; 2] = [HostKind::Gitlab, HostKind::Github];

/// Where people put a forge that shares its name with other things.
const PLACES: [&str; 3] = ["/gitlab", "/git", "/github"];
/// How the cookies of other servers begin.
const COOKIES: [(&str, &str); 6] = [
    ("i_like_gitea", "a Gitea"),
    ("i_like_forgejo", "a Forgejo"),
    ("i_like_gogs", "a Gogs"),
    ("BITBUCKETSESSIONID", "a Bitbucket"),
    ("atlassian.xsrf.token", "a Jira"),
    ("bbsession", "Bitbucket Cloud"),
];
/// What stands in their pages.
const PAGES: [(&str, &str); 10] = [
    ("name=\"author\" content=\"Gitea", "a Gitea"),
    ("name=\"author\" content=\"Forgejo", "a Forgejo"),
    ("Powered by Forgejo", "a Forgejo"),
    ("Powered by Gitea", "a Gitea"),
    ("name=\"application-name\" content=\"Bitbucket\"", "a Bitbucket"),
    ("<title>Log in - Bitbucket", "a Bitbucket"),
    ("name=\"application-name\" content=\"JIRA\"", "a Jira"),
    ("id=\"jira\"", "a Jira"),
    ("name=\"confluence-base-url\"", "a Confluence"),
    ("Sign in · GitLab", "a GitLab whose API is kept from strangers"),
];
/// Where they send strangers.
const SENT_TO: [(&str, &str); 3] = [
    ("/secure/Dashboard.jspa", "a Jira"),
    ("/login.jsp", "a Jira"),
    ("id.atlassian.com", "a Jira or Confluence Cloud"),
];

/// The root at which the forge answers.
pub(super) async fn look(http: &net::Client, target: &Target, answer: Option<&FirstAnswer>) -> (Stage, Option<String>) {
    let typed = target.host_url.trim();
    let candidates = match ::forge::host_url(target.kind, typed) {
        Ok(parsed) if ::forge::capabilities(target.kind, typed).is_remote => {
            parsed.url.candidates().iter().map(|one| one.as_str().to_owned()).collect()
        }
        _ => vec![typed.to_owned()],
    };
    let title = ::forge::capabilities(target.kind, typed).title;
    let error = match ::forge::probe(target.kind, &candidates, http).await {
        Ok(root) if candidates.first().is_some_and(|first| *first == root) => {
            return (says::kind_found(title, &root), Some(root));
        }
        Ok(root) => return (says::kind_elsewhere(title, typed, &root), Some(root)),
        Err(error) => error,
    };
    if !matches!(error.problem, Problem::NotGitlab | Problem::NotGithub { .. }) {
        return (says::refused(KIND, &error), None);
    }
    for other in OTHERS.into_iter().filter(|other| *other != target.kind) {
        if ::forge::probe(other, &candidates, http).await.is_ok() {
            let other = ::forge::capabilities(other, typed).title;
            return (says::another_kind(title, other), None);
        }
    }
    let below = below(typed, answer);
    if !below.is_empty()
        && let Ok(root) = ::forge::probe(target.kind, &below, http).await
    {
        return (says::kind_elsewhere(title, typed, &root), Some(root));
    }
    match answer.and_then(recognised) {
        Some(name) => (says::foreign_kind(title, name), None),
        None => (says::refused(KIND, &error), None),
    }
}

/// Where a forge may be that does not answer at the address itself: where its front page sends strangers, else where people
/// put one beside other things.
fn below(typed: &str, answer: Option<&FirstAnswer>) -> Vec<String> {
    let Some(answer) = answer.filter(|answer| answer.url.path() == "/") else { return Vec::new() };
    let sent = answer.headers.get("location").and_then(|to| to.to_str().ok());
    let sent = sent.and_then(|to| answer.url.join(to).ok()).filter(|to| to.origin() == answer.url.origin());
    let sent = sent.and_then(|to| to.path().split_once("/users/sign_in").map(|(root, _)| root.to_owned()));
    let places = sent.into_iter().chain(PLACES.map(str::to_owned)).filter(|place| !place.is_empty());
    places.map(|place| format!("{}{place}", typed.trim_end_matches('/'))).collect()
}

/// Who else shows by its front page, its cookies or where it sends strangers.
fn recognised(answer: &FirstAnswer) -> Option<&'static str> {
    let page = String::from_utf8_lossy(&answer.body);
    let values = |name: &'static str| answer.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let cookie = |name: &str| values("set-cookie").any(|cookie| cookie.starts_with(name));
    let sent_to = |part: &str| values("location").any(|to| to.contains(part));
    let by_cookie = COOKIES.iter().find(|(mark, _)| cookie(mark));
    let by_page = PAGES.iter().find(|(mark, _)| page.contains(mark));
    let by_place = SENT_TO.iter().find(|(mark, _)| sent_to(mark));
    by_cookie.or(by_page).or(by_place).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&'static str, &'static str)], body: &'static [u8]) -> FirstAnswer {
        let mut named = http::HeaderMap::new();
        for (name, value) in headers {
            named.append(*name, http::HeaderValue::from_static(value));
        }
        FirstAnswer {
            status: http::StatusCode::OK,
            headers: named,
            body: bytes::Bytes::from_static(body),
            url: "https://git.corp/".parse().unwrap(),
        }
    }

    #[test]
    fn the_front_pages_of_others_are_recognised() {
        let by_page = |body| recognised(&answer(&[], body));
        assert_eq!(by_page(b"<meta name=\"keywords\" content=\"Gitea, git\">"), None);
        assert_eq!(by_page(b"<meta name=\"author\" content=\"Gitea - Git with tea\">"), Some("a Gitea"));
        assert_eq!(by_page(b"<footer>Powered by Forgejo</footer>"), Some("a Forgejo"));
        assert_eq!(by_page(b"<title>Log in - Bitbucket</title>"), Some("a Bitbucket"));
        assert_eq!(by_page(b"<meta name=\"application-name\" content=\"JIRA\" data-name=\"jira\">"), Some("a Jira"));
        assert_eq!(by_page(b"\xff hello"), None);
        let by_header = |name, value| recognised(&answer(&[("date", "today"), (name, value)], b""));
        assert_eq!(by_header("set-cookie", "i_like_gitea=abc; Path=/"), Some("a Gitea"));
        assert_eq!(by_header("set-cookie", "BITBUCKETSESSIONID=abc"), Some("a Bitbucket"));
        assert_eq!(by_header("location", "/secure/Dashboard.jspa"), Some("a Jira"));
        assert_eq!(by_header("set-cookie", "_gitlab_session=abc"), None);
    }

    #[test]
    fn a_forge_below_its_name_is_looked_for_where_strangers_are_sent() {
        let sent = answer(&[("location", "https://git.corp/code/users/sign_in")], b"");
        let expected = ["/code", "/gitlab", "/git", "/github"].map(|place| format!("https://git.corp{place}"));
        assert_eq!(below("https://git.corp/", Some(&sent)), expected);
        let elsewhere = answer(&[("location", "https://login.corp/x/users/sign_in")], b"");
        assert_eq!(below("https://git.corp", Some(&elsewhere)), expected[1..]);
        assert_eq!(below("https://git.corp", None), Vec::<String>::new());
    }
}
