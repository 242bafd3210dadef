//! One call: its headers, its address, its answer.

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, USER_AGENT};
use http::{HeaderName, HeaderValue, Method};
use model::secret::ExposeSecret;

use super::dates::Dates;
use super::error::ApiError;
use super::gson::{self, Json, Shape};
use super::paging::{self, Pages};
use crate::jira_replay::address::{Host, PREFIX};
use crate::jira_replay::calls::{Calls, Kind};
use crate::jira_replay::jira::Token;
use crate::jira_replay::options::JiraOptions;
use crate::jira_replay::wire::{Answer, Java, Request};

/// What the client accepts.
const BETA: HeaderValue = HeaderValue::from_static("application/vnd.github.beta+json");
/// How long Jira waits for somebody's name and face.
const USER_TIMEOUT: Duration = Duration::from_secs(2);

/// egit's client. Cheap to clone; clones share the connection.
#[derive(Debug, Clone)]
pub(crate) struct GitHubClient {
    java: Java,
    api: String,
    dates: Dates,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// The clients of one account.
#[derive(Debug)]
pub(crate) struct Clients {
    /// For repositories, branches, commits and users.
    pub(crate) enterprise: GitHubClient,
    /// For pull requests, events and comments.
    pub(crate) plain: GitHubClient,
    /// As `enterprise`, each on a connection of its own; the first is `enterprise`'s.
    pub(crate) connections: Vec<GitHubClient>,
}

/// An answer that was understood.
#[derive(Debug)]
pub(crate) struct Reply<T> {
    pub(crate) body: T,
    /// Where the next page is.
    pub(crate) next: Option<String>,
    /// `X-RateLimit-Limit` and `X-RateLimit-Remaining`.
    pub(crate) rate: Option<(i64, i64)>,
}

impl Clients {
    /// The clients for a host; without a token they send no credentials.
    pub(crate) fn new(host: &Host, options: &JiraOptions, calls: &Arc<Calls>, token: Option<&Token>) -> Self {
        let headers = headers(options, token);
        let connection = |_| GitHubClient {
            java: Java::new(Arc::clone(calls), options.connect_timeout, options.read_timeout),
            api: host.api.clone(),
            dates: Dates::Enterprise,
            headers: headers.clone(),
        };
        let connections: Vec<GitHubClient> = (0..options.connections.max(1)).map(connection).collect();
        let enterprise = connections[0].clone();
        let plain = GitHubClient { dates: Dates::Plain, ..enterprise.clone() };
        Self { enterprise, plain, connections }
    }
}

fn headers(options: &JiraOptions, token: Option<&Token>) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = vec![(ACCEPT, BETA)];
    if let Ok(agent) = HeaderValue::from_str(&options.user_agent()) {
        headers.push((USER_AGENT, agent));
    }
    // An empty token is none; one that no header can carry would not arrive in Java either.
    let text = token.map(|token| token.0.expose_secret()).filter(|text| !text.is_empty());
    if let Some(Ok(mut value)) = text.map(|text| HeaderValue::from_str(&format!("token {text}"))) {
        value.set_sensitive(true);
        headers.push((AUTHORIZATION, value));
    }
    headers
}

impl GitHubClient {
    /// The same client with the short time-out of people.
    pub(crate) fn for_users(&self) -> Self {
        Self { java: self.java.within(USER_TIMEOUT), ..self.clone() }
    }

    /// GETs an answer, whatever it is.
    pub(crate) async fn ask(&self, kind: Kind, uri: &str) -> Result<Answer, ApiError> {
        let prefix = if uri.starts_with(PREFIX) { "" } else { PREFIX };
        let url = format!("{}{prefix}{uri}", self.api);
        let request = Request { kind, method: Method::GET, url, headers: self.headers.clone(), body: None };
        self.java.send(request).await.map_err(ApiError::Io)
    }

    /// GETs an object; none where the answer is empty.
    pub(crate) async fn get<T: Shape>(&self, kind: Kind, uri: &str) -> Result<Reply<Option<T>>, ApiError> {
        let answer = self.understood(kind, uri).await?;
        let body = match gson::parse(&answer.body)? {
            Some(value) => Some(T::read(&Json::of(&value, self.dates)?)?),
            None => None,
        };
        Ok(reply(&answer, body))
    }

    /// GETs one page of a list; an empty answer is an empty page.
    pub(crate) async fn list<T: Shape>(&self, kind: Kind, uri: &str) -> Result<Reply<Vec<T>>, ApiError> {
        let answer = self.understood(kind, uri).await?;
        let body = match gson::parse(&answer.body)? {
            Some(value) => Json::list_of(&value, self.dates)?,
            None => Vec::new(),
        };
        Ok(reply(&answer, body))
    }

    /// The pages of a list. The address begins with `/` and may have a query.
    pub(crate) fn pages(&self, kind: Kind, uri: &str, per_page: u32) -> Pages<'_> {
        let sign = if uri.contains('?') { '&' } else { '?' };
        Pages::new(self, kind, format!("{uri}{sign}per_page={per_page}&page=1"))
    }

    /// GETs an answer that is neither an error nor another status than Jira knows.
    async fn understood(&self, kind: Kind, uri: &str) -> Result<Answer, ApiError> {
        let mut answer = self.ask(kind, uri).await?;
        match answer.status {
            200..=202 => Ok(answer),
            204 => {
                answer.body.clear();
                Ok(answer)
            }
            _ => Err(ApiError::of(&answer)),
        }
    }
}

fn reply<T>(answer: &Answer, body: T) -> Reply<T> {
    let rate = answer.number("x-ratelimit-limit").zip(answer.number("x-ratelimit-remaining"));
    Reply { body, next: paging::next_page(answer), rate }
}
