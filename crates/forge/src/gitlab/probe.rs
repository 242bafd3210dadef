//! Is there a GitLab at an address?

use http::StatusCode;

use crate::address::{below, root};
use crate::gitlab::shapes;
use crate::{ForgeError, Problem};

/// Far longer than any answer of `/version`, far shorter than some pages.
const MAX_ANSWER: usize = 256 << 10;

/// A header that GitLab adds to the answers of its API.
const SIGNATURE: &str = "x-gitlab-meta";

/// The first of `candidates` where a GitLab answers: `/api/v4/version` tells a stranger nothing, but it says so in
/// JSON. A GitLab sends strangers who ask for a path that is none of its own to its sign-in page, so a redirect within
/// the same server says only that the root is elsewhere.
pub async fn probe<S: AsRef<str> + Sync>(candidates: &[S], http: &net::Client) -> Result<String, ForgeError> {
    let mut failure: Option<ForgeError> = None;
    for candidate in candidates {
        match ask(candidate.as_ref(), http).await {
            Ok(found) => return Ok(found),
            Err(error) => {
                let says_more = !matches!(error.problem, Problem::NotGitlab);
                if failure.is_none() || says_more {
                    failure = Some(error);
                }
            }
        }
    }
    Err(failure.unwrap_or_else(|| Problem::NotGitlab.into()))
}

async fn ask(candidate: &str, http: &net::Client) -> Result<String, ForgeError> {
    let root = root(candidate)?;
    let url = below(&root, ["api", "v4", "version"].iter());
    let failed = |problem| ForgeError::at(problem, url.path());
    let response = http.get(&url).header("accept", "application/json").keep_redirect().send().await;
    let response = response.map_err(|error| failed(Problem::Network(error)))?;
    let status = response.status();
    if status.is_redirection() {
        let to = response.header("location").and_then(|to| url.join(to).ok());
        return Err(failed(elsewhere(&url, to)));
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Err(failed(Problem::RateLimited { until: None }));
    }
    if status.is_server_error() {
        return Err(failed(Problem::Server(status.as_u16())));
    }
    let signed = response.headers().contains_key(SIGNATURE);
    let body = response.bytes(MAX_ANSWER).await.unwrap_or_default();
    if speaks_gitlab(status, signed, &body) {
        Ok(root.as_str().trim_end_matches('/').to_owned())
    } else {
        Err(failed(Problem::NotGitlab))
    }
}

fn elsewhere(from: &url::Url, to: Option<url::Url>) -> Problem {
    match to {
        Some(mut to) if to.origin() != from.origin() => {
            to.set_query(None);
            to.set_fragment(None);
            let host = from[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
            Problem::Network(net::NetError::Redirected { host, to: to.to_string() })
        }
        _ => Problem::NotGitlab,
    }
}

/// A refusal counts where it is worded as GitLab's or signed as such: a gateway may refuse everything in JSON.
fn speaks_gitlab(status: StatusCode, signed: bool, body: &[u8]) -> bool {
    match status {
        StatusCode::OK => serde_json::from_slice::<shapes::Version>(body)
            .is_ok_and(|version| version.version.is_some() && version.revision.is_some()),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            let worded = serde_json::from_slice::<shapes::Refusal>(body)
                .is_ok_and(|refusal| refusal.message.is_some_and(|message| message.starts_with(status.as_str())));
            signed || worded
        }
        _ => false,
    }
}
