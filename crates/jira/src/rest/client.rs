//! One request to Jira's REST.

use http::{HeaderMap, Method};
use serde_json::Value;
use url::Url;

use super::{Rest, RestAuth};
use crate::address::{below, host_and_port};
use crate::answer::Answer;
use crate::exchange::{Call, Failure, exchange};
use crate::{JiraError, Problem, refusal};

/// Parameters of a query.
pub type Query<'a> = &'a [(&'a str, &'a str)];

impl Rest {
    /// What an endpoint tells.
    pub(super) async fn get(&self, segments: &[&str], query: Query<'_>) -> Result<Answer, JiraError> {
        Ok(self.send(Method::GET, segments, query, None).await?)
    }

    /// What an endpoint tells; none where Jira itself says that there is no such thing.
    pub(super) async fn find(&self, segments: &[&str], query: Query<'_>) -> Result<Option<Answer>, JiraError> {
        none_if_missing(self.send(Method::GET, segments, query, None).await)
    }

    /// Changes something.
    pub(super) async fn post(&self, segments: &[&str], query: Query<'_>, body: &Value) -> Result<Answer, JiraError> {
        Ok(self.send(Method::POST, segments, query, Some(body)).await?)
    }

    /// Removes something; none where Jira itself says that there is no such thing.
    pub(super) async fn delete(&self, segments: &[&str], query: Query<'_>) -> Result<Option<Answer>, JiraError> {
        none_if_missing(self.send(Method::DELETE, segments, query, None).await)
    }

    /// What an endpoint tells those who did not log in.
    pub(super) async fn get_as_nobody(&self, segments: &[&str]) -> Result<Answer, JiraError> {
        Ok(self.send_as(&RestAuth::None, Method::GET, segments, &[], None).await?)
    }

    async fn send(
        &self,
        method: Method,
        segments: &[&str],
        query: Query<'_>,
        body: Option<&Value>,
    ) -> Result<Answer, Failure> {
        self.send_as(&self.0.auth, method, segments, query, body).await
    }

    async fn send_as(
        &self,
        auth: &RestAuth,
        method: Method,
        segments: &[&str],
        query: Query<'_>,
        body: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let segments: Vec<_> = ["rest", "api", "2"].iter().chain(segments).copied().collect();
        let url = below(&self.0.base_url, &segments)?;
        self.check_pause(&url)?;
        let changes = method != Method::GET;
        let request = self.0.http.request(method, &url).query(query);
        // What comes from a program needs no check against forged requests of browsers.
        let request = if changes { request.header("x-atlassian-token", "no-check") } else { request };
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let (request, secret) = match auth {
            RestAuth::Bearer(token) => (request.bearer(token), Some(token)),
            RestAuth::Basic { user, secret } => (request.basic(user, Some(secret)), Some(secret)),
            RestAuth::None => (request, None),
        };
        let secrets = Vec::from_iter(secret);
        let call = Call { request, url: &url, changes, secrets: &secrets };
        let outcome = exchange(call, self.0.clock.now()).await;
        outcome.inspect_err(|failure| self.note_pause(&url, &failure.error, &failure.headers))
    }

    /// Fails while the site wants no request.
    fn check_pause(&self, url: &Url) -> Result<(), JiraError> {
        let until = self.0.http.gate().paused_until(&host_and_port(url), self.0.clock.now());
        match until {
            Some(_) => Err(JiraError { retry_at: until, ..JiraError::of(Problem::RateLimited) }),
            None => Ok(()),
        }
    }

    fn note_pause(&self, url: &Url, error: &JiraError, headers: &HeaderMap) {
        if let Some(until) = error.retry_at
            && error.problem == Problem::RateLimited
            && !refusal::is_about_one_issue(headers)
        {
            self.0.http.gate().pause(&host_and_port(url), until);
        }
    }
}

fn none_if_missing(outcome: Result<Answer, Failure>) -> Result<Option<Answer>, JiraError> {
    match outcome {
        Ok(answer) => Ok(Some(answer)),
        Err(failure) if refusal::is_jiras_own_not_found(&failure.error, &failure.body) => Ok(None),
        Err(failure) => Err(failure.error),
    }
}
