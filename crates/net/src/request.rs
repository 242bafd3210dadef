//! A request being written, and the one place that sends it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use model::secret::{ExposeSecret, SecretString};
use serde::Serialize;
use tracing::Instrument;
use url::Url;

use crate::address::host_name;
use crate::classify::classify;
use crate::connector::Connector;
use crate::{NetError, Response, redirect, resolver};

/// A request being written; [`Request::send`] sends it.
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    connector: Arc<Connector>,
    builder: reqwest::RequestBuilder,
    method: Method,
    url: Url,
    keep_redirect: bool,
    problem: Option<NetError>,
}

/// Only method and host: query, headers and body may hold secrets.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .finish_non_exhaustive()
    }
}

impl Request {
    pub(crate) fn new(connector: Arc<Connector>, method: Method, url: &Url) -> Self {
        let builder = connector.http.request(method.clone(), url.clone());
        Self { connector, builder, method, url: url.clone(), keep_redirect: false, problem: None }
    }

    fn change(mut self, change: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder) -> Self {
        self.builder = change(self.builder);
        self
    }

    /// Adds a header.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.any_header(name, value, false)
    }

    /// Adds a header whose value is never shown.
    pub fn secret_header(self, name: &str, value: &SecretString) -> Self {
        self.any_header(name, value.expose_secret(), true)
    }

    fn any_header(mut self, name: &str, value: &str, secret: bool) -> Self {
        let header = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
        if let Some((name, mut value)) = header {
            value.set_sensitive(secret);
            return self.change(|builder| builder.header(name, value));
        }
        let reason = format!("the header {name:?} cannot be sent: its value holds characters that HTTP does not allow");
        self.problem = Some(NetError::Other { host: host_name(&self.url), reason });
        self
    }

    /// `Authorization: Bearer`.
    pub fn bearer(self, token: &SecretString) -> Self {
        let value = SecretString::from(format!("Bearer {}", token.expose_secret()));
        self.secret_header(AUTHORIZATION.as_str(), &value)
    }

    /// `Authorization: Basic`.
    pub fn basic(self, username: &str, password: Option<&SecretString>) -> Self {
        self.change(|builder| builder.basic_auth(username, password.map(ExposeSecret::expose_secret)))
    }

    /// Appends query parameters.
    pub fn query(self, pairs: &[(&str, &str)]) -> Self {
        self.change(|builder| builder.query(pairs))
    }

    /// A form body.
    pub fn form(self, pairs: &[(&str, &str)]) -> Self {
        self.change(|builder| builder.form(pairs))
    }

    /// A JSON body.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Self {
        self.change(|builder| builder.json(value))
    }

    /// Any body; give the content type as a header.
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        self.change(|builder| builder.body(body))
    }

    /// How long the whole exchange may take, the body included, instead of `Network::answer_timeout`.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.change(|builder| builder.timeout(timeout))
    }

    /// Hands a redirect back as a response instead of failing with [`NetError::Redirected`]. It is not followed either.
    pub fn keep_redirect(mut self) -> Self {
        self.keep_redirect = true;
        self
    }

    /// Sends the request. Any HTTP status but a redirect is a response.
    ///
    /// # Errors
    /// A [`NetError`] where there is no answer, or where it is a redirect.
    pub async fn send(self) -> Result<Response, NetError> {
        let span = tracing::debug_span!(
            "http",
            method = %self.method,
            host = %host_name(&self.url),
            path = %self.url.path()
        );
        self.exchange().instrument(span).await
    }

    async fn exchange(self) -> Result<Response, NetError> {
        let Self { connector, builder, url, keep_redirect, problem, .. } = self;
        if let Some(problem) = problem {
            return Err(problem);
        }
        resolver::check_literal(&connector.network, &url)?;
        let host = host_name(&url);
        let request = builder.build().map_err(|error| classify(&error, &host))?;
        let started = Instant::now();
        let answer = connector.http.execute(request).await.map_err(|error| classify(&error, &host));
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let answer = answer.inspect_err(|error| tracing::debug!(millis, %error, "no answer"))?;
        tracing::debug!(millis, status = answer.status().as_u16(), "answered");
        match redirect::target(&url, answer.status(), answer.headers()) {
            Some(to) if !keep_redirect => Err(NetError::Redirected { host, to }),
            _ => Ok(Response::new(answer, host)),
        }
    }
}
