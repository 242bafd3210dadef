//! What answers at the address.

use ::forge::Problem;
use model::HostKind;
use net::check::{FirstAnswer, Stage};

use super::{KIND, Target};
use crate::sentences::check as says;

/// The other kinds that are tried where the expected one does not answer.
const OTHERS: [HostKind; 2] = [HostKind::Gitlab, HostKind::Github];

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
    match answer.and_then(|answer| recognised(&answer.body)) {
        Some(name) => (says::foreign_kind(title, name), None),
        None => (says::refused(KIND, &error), None),
    }
}

/// What the front page of another server gives away.
fn recognised(body: &[u8]) -> Option<&'static str> {
    const MARKS: [(&str, &str); 6] = [
        ("name=\"author\" content=\"Gitea", "a Gitea"),
        ("name=\"author\" content=\"Forgejo", "a Forgejo"),
        ("name=\"application-name\" content=\"Bitbucket\"", "a Bitbucket"),
        ("name=\"application-name\" content=\"JIRA\"", "a Jira"),
        ("id=\"jira\"", "a Jira"),
        ("Sign in · GitLab", "a GitLab whose API is kept from strangers"),
    ];
    let page = String::from_utf8_lossy(body);
    MARKS.iter().find(|(mark, _)| page.contains(mark)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::recognised;

    #[test]
    fn the_front_pages_of_others_are_recognised() {
        assert_eq!(recognised(b"<meta name=\"keywords\" content=\"Gitea, git\">"), None);
        assert_eq!(recognised(b"<meta name=\"author\" content=\"Gitea - Git with tea\">"), Some("a Gitea"));
        assert_eq!(recognised(b"<meta name=\"application-name\" content=\"JIRA\" data-name=\"jira\">"), Some("a Jira"));
        assert_eq!(recognised(b"\xff hello"), None);
    }
}
