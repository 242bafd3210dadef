//! Does a host speak GitHub's REST v3?

use http::{HeaderMap, StatusCode};

use crate::address::{below, root};
use crate::github::client::{api_of, is_below_jira, is_githubs_own, spoken};
use crate::github::shapes;
use crate::{ForgeError, Problem};

/// Far longer than any refusal, far shorter than some pages.
const MAX_ANSWER: usize = 256 << 10;

/// The first of `candidates` that answers a stranger who asks for his repositories as GitHub does, or as GitLab's copy and
/// Dovetail's do: with 401 in JSON. A GitLab without that API answers 410 (GitLab contract §2.3).
pub async fn probe<S: AsRef<str> + Sync>(candidates: &[S], http: &net::Client) -> Result<String, ForgeError> {
    let mut failure: Option<ForgeError> = None;
    for candidate in candidates {
        match ask(candidate.as_ref(), http).await {
            Ok(found) => return Ok(found),
            Err(error) => {
                let says_more = !matches!(error.problem, Problem::NotGithub { gitlab: false });
                if failure.is_none() || says_more {
                    failure = Some(error);
                }
            }
        }
    }
    Err(failure.unwrap_or_else(|| Problem::NotGithub { gitlab: false }.into()))
}

async fn ask(candidate: &str, http: &net::Client) -> Result<String, ForgeError> {
    let root = root(candidate)?;
    let url = below(&api_of(&root), ["user", "repos"].iter());
    let failed = |problem| ForgeError::at(problem, url.path());
    let response = spoken(http.get(&url)).keep_redirect().send().await;
    let response = response.map_err(|error| failed(Problem::Network(error)))?;
    let (status, headers) = (response.status(), response.headers().clone());
    let is_github = is_githubs_own(&headers);
    if status.is_redirection() {
        let to = response.header("location").and_then(|to| url.join(to).ok());
        return Err(failed(elsewhere(&url, to)));
    }
    if status.is_server_error() {
        return Err(failed(Problem::Server(status.as_u16())));
    }
    let body = response.bytes(MAX_ANSWER).await.unwrap_or_default();
    let found = || Ok(root.as_str().trim_end_matches('/').to_owned());
    match speaks(status, &headers, &body) {
        // GitHub itself has no path of an old GitLab's.
        Speaks::Yes if is_github && is_below_jira(&root) => Err(failed(Problem::NotGithub { gitlab: false })),
        Speaks::Yes => found(),
        Speaks::NoLonger => Err(failed(Problem::NotGithub { gitlab: true })),
        Speaks::No if status == StatusCode::TOO_MANY_REQUESTS => Err(failed(Problem::RateLimited { until: None })),
        Speaks::No => Err(failed(Problem::NotGithub { gitlab: false })),
    }
}

fn elsewhere(from: &url::Url, to: Option<url::Url>) -> Problem {
    match to {
        Some(mut to) if to.origin() != from.origin() => {
            to.set_query(None);
            to.set_fragment(None);
            let host = crate::address::host_and_port(from);
            Problem::Network(net::NetError::Redirected { host, to: to.to_string() })
        }
        _ => Problem::NotGithub { gitlab: false },
    }
}

/// Whether an answer is in GitHub's language.
enum Speaks {
    Yes,
    /// A GitLab that did once.
    NoLonger,
    No,
}

fn speaks(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Speaks {
    let refusal: shapes::Refusal = serde_json::from_slice(body).unwrap_or_default();
    match status {
        StatusCode::GONE if refusal.says("api v3 is no longer supported") => Speaks::NoLonger,
        // GitHub signs its pages, too, also those of "there is no such page".
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
            if is_githubs_own(headers) && refusal.message.is_some() =>
        {
            Speaks::Yes
        }
        StatusCode::UNAUTHORIZED if refusal.says("401 unauthorized") => Speaks::Yes,
        _ => Speaks::No,
    }
}
