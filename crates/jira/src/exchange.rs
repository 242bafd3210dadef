//! Sending requests and judging what comes back: the one place that does, for REST and for development information.

use http::{HeaderMap, StatusCode};
use model::Millis;
use model::secret::{ExposeSecret as _, SecretString};
use net::NetError;
use url::Url;

use crate::JiraError;
use crate::answer::{Answer, MAX_ANSWER, MAX_REFUSAL};
use crate::refusal::{self, Refusal};

/// A request, and what there is to know about it beside.
#[derive(Debug)]
pub struct Call<'a> {
    /// The request.
    pub request: net::Request,
    /// Its address.
    pub url: &'a Url,
    /// Whether it asks for a change.
    pub changes: bool,
    /// The secrets that it carries, which no words may repeat.
    pub secrets: &'a [&'a SecretString],
}

/// What kept a call from succeeding, with what else the answer told.
#[derive(Debug)]
pub struct Failure {
    /// The error.
    pub error: JiraError,
    /// The headers; empty where no answer came.
    pub headers: HeaderMap,
    /// The body, as far as it was read.
    pub body: Vec<u8>,
}

impl From<Failure> for JiraError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

impl From<JiraError> for Failure {
    fn from(error: JiraError) -> Self {
        Self { error, headers: HeaderMap::new(), body: Vec::new() }
    }
}

/// Sends a call. Redirects are not followed; statuses of success are an answer.
///
/// # Errors
/// Whatever keeps Jira from answering with 2xx.
pub async fn exchange(call: Call<'_>, now: Millis) -> Result<Answer, Failure> {
    let Call { request, url, changes, secrets } = call;
    let outcome = answered(request, url, changes, !secrets.is_empty(), now).await;
    outcome.map_err(|mut failure| {
        let repeats = |words: &String| {
            secrets.iter().any(|it| !it.expose_secret().is_empty() && words.contains(it.expose_secret()))
        };
        failure.error.words = failure.error.words.filter(|words| !repeats(words));
        failure
    })
}

async fn answered(
    request: net::Request,
    url: &Url,
    changes: bool,
    logged_in: bool,
    now: Millis,
) -> Result<Answer, Failure> {
    let sent = request.header("accept", "application/json").keep_redirect().send().await;
    let response = sent.map_err(|error| refusal::network(&error, changes))?;
    let (status, headers) = (response.status(), response.headers().clone());
    if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
        return Err(refusal::redirected(url, status, &headers).into());
    }
    if status.is_success() {
        let body = response.bytes(MAX_ANSWER).await.map_err(|error| cut(&error, status, changes))?;
        return Ok(Answer { status: status.as_u16(), body, changes });
    }
    // A refusal counts by its status even where its body cannot be read.
    let body = response.bytes(MAX_REFUSAL).await.unwrap_or_default();
    let error = Refusal { status, headers: &headers, body: &body, logged_in, changes }.error(now);
    Err(Failure { error, headers, body: body.to_vec() })
}

/// An answer of success whose body did not come whole: a change was made, most likely.
fn cut(error: &NetError, status: StatusCode, changes: bool) -> JiraError {
    JiraError { status: Some(status.as_u16()), ..refusal::network(error, changes) }.perhaps_done(changes)
}
