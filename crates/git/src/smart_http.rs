//! Git's HTTP requests over Dovetail's own client.

use http::{HeaderMap, StatusCode};
use net::{NetError, Retry};
use url::Url;

use crate::{GitError, HttpRemote};

/// How long a listing may be: some 500,000 branches.
const LISTING_LIMIT: usize = 64 * 1024 * 1024;

/// What a server answered.
pub enum Answer {
    /// 200 and its body.
    Body(bytes::Bytes),
    /// A refusal of the request as such, not of the credentials or the repository (405, 415 …).
    Refused(StatusCode),
}

/// Asks what the repository offers, in protocol 2 if the server speaks it.
pub async fn get_info_refs(remote: &HttpRemote) -> Result<Answer, GitError> {
    let request = remote.client.get(&address(&remote.url, "info/refs")).query(&[("service", "git-upload-pack")]);
    exchange(remote, request).await
}

/// Runs one protocol 2 command.
pub async fn post_upload_pack(remote: &HttpRemote, message: Vec<u8>) -> Result<Answer, GitError> {
    let request = remote
        .client
        .post(&address(&remote.url, "git-upload-pack"))
        .header("Content-Type", "application/x-git-upload-pack-request")
        .header("Accept", "application/x-git-upload-pack-result")
        .body(message);
    exchange(remote, request).await
}

async fn exchange(remote: &HttpRemote, request: net::Request) -> Result<Answer, GitError> {
    let request = request.header("Git-Protocol", "version=2");
    let request = match &remote.password {
        Some(password) => request.basic(&remote.username, Some(password)),
        None => request,
    };
    let response = request.send().await.map_err(redirected)?;
    let status = response.status();
    if let Some(error) = refusal(status, response.headers()) {
        return Err(error);
    }
    if status != StatusCode::OK {
        return Ok(Answer::Refused(status));
    }
    Ok(Answer::Body(response.bytes(LISTING_LIMIT).await?))
}

fn redirected(error: NetError) -> GitError {
    match error {
        NetError::Redirected { to, .. } => GitError::Redirected { to: Some(to) },
        other => GitError::Net(other),
    }
}

/// Refusals that another form of the same request cannot help.
fn refusal(status: StatusCode, headers: &HeaderMap) -> Option<GitError> {
    let retry = Retry::from_headers(headers, status);
    match status.as_u16() {
        401 => Some(GitError::Unauthorised),
        429 => Some(GitError::RateLimited { retry }),
        403 if retry.is_some() => Some(GitError::RateLimited { retry }),
        403 => Some(GitError::Forbidden),
        404 | 410 => Some(GitError::NotFound),
        501 => None, // "not implemented" refuses the request, not the service
        status @ 500..=599 => Some(GitError::Server { status }),
        _ => None,
    }
}

/// The repository's address without user, password, query and fragment.
pub fn plain(url: &Url) -> Url {
    let mut url = url.clone();
    // Fails only for URLs that cannot have a user at all.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url
}

fn address(url: &Url, service: &str) -> Url {
    let mut url = plain(url);
    let path = format!("{}/{service}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_hold_no_credentials() {
        let url = "https://user:word@git.corp/root/a%20b.git/?x=1#y".parse().unwrap();
        assert_eq!(address(&url, "info/refs").as_str(), "https://git.corp/root/a%20b.git/info/refs");
    }
}
