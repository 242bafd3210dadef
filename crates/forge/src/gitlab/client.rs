//! Requests to one GitLab's REST v4, with one credential.

use std::sync::Arc;

use http::{HeaderMap, Method, StatusCode, header};
use model::secret::ExposeSecret as _;
use model::{Clock, Millis};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::address::{below, host_and_port, redirected, root};
use crate::answer::{Answer, MAX_ANSWER, MAX_REFUSAL};
use crate::gitlab::refusal;
use crate::{Auth, ClientOptions, ForgeError, Problem, sentences};

/// Asks one GitLab.
#[derive(Debug, Clone)]
pub struct Client {
    root: Url,
    auth: Auth,
    http: net::Client,
    clock: Arc<dyn Clock>,
}

impl Client {
    /// A client of the GitLab at `options.url`.
    ///
    /// # Errors
    /// [`Problem::NotAnAddress`].
    pub fn new(options: ClientOptions) -> Result<Self, ForgeError> {
        let root = root(&options.url)?;
        Ok(Self { root, auth: options.auth, http: options.http, clock: options.clock })
    }

    /// The host's address, without a slash at its end.
    pub fn root(&self) -> &Url {
        &self.root
    }

    /// The present.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// How requests go out, for git.
    pub fn http(&self) -> &net::Client {
        &self.http
    }

    /// What lets us in, for git.
    pub fn auth(&self) -> &Auth {
        &self.auth
    }

    /// The address of an endpoint; every segment is percent-encoded, slashes included.
    pub fn endpoint(&self, segments: &[&str], query: &str) -> Url {
        let mut url = below(&self.root, ["api", "v4"].iter().chain(segments));
        url.set_query((!query.is_empty()).then_some(query));
        url
    }

    /// The one thing at an endpoint.
    ///
    /// # Errors
    /// Whatever keeps GitLab from telling.
    pub async fn one<T: DeserializeOwned>(&self, segments: &[&str], query: &str) -> Result<T, ForgeError> {
        self.get(segments, query).await?.json()
    }

    /// The one thing at an endpoint; none where GitLab says that there is no such thing.
    ///
    /// # Errors
    /// Whatever else keeps GitLab from telling.
    pub async fn optional<T: DeserializeOwned>(&self, segments: &[&str], query: &str) -> Result<Option<T>, ForgeError> {
        match self.one(segments, query).await {
            Ok(found) => Ok(Some(found)),
            Err(ForgeError { problem: Problem::NotFound, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Asks an endpoint. A moved project answers 301 to its new address (GitLab contract §5.2): followed once, and only
    /// to this same GitLab.
    ///
    /// # Errors
    /// Whatever keeps GitLab from answering with 2xx.
    pub async fn get(&self, segments: &[&str], query: &str) -> Result<Answer, ForgeError> {
        let url = self.endpoint(segments, query);
        let response = self.send(Method::GET, &url, None).await?;
        if !response.status().is_redirection() {
            return self.read(response, &url).await;
        }
        let url = self.moved_to(&url, response.header(header::LOCATION.as_str()))?;
        let response = self.send(Method::GET, &url, None).await?;
        if response.status().is_redirection() {
            return Err(ForgeError::at(Problem::Data(sentences::redirected_twice()), url.path()));
        }
        self.read(response, &url).await
    }

    /// Changes what is at an endpoint. No redirect is followed: GitLab answers a change with none (GitLab contract §5.2).
    ///
    /// # Errors
    /// Whatever keeps GitLab from answering with 2xx.
    pub async fn change(&self, method: Method, segments: &[&str], body: Option<&Value>) -> Result<Answer, ForgeError> {
        let url = self.endpoint(segments, "");
        let response = self.send(method, &url, body).await?;
        if response.status().is_redirection() {
            return Err(redirected(&url, response.header(header::LOCATION.as_str())));
        }
        self.read(response, &url).await
    }

    /// Asks an address of this GitLab that is not below its REST API.
    ///
    /// # Errors
    /// Whatever keeps GitLab from answering with 2xx.
    pub async fn get_outside<T: DeserializeOwned>(&self, segments: &[&str]) -> Result<T, ForgeError> {
        let url = below(&self.root, segments.iter());
        let response = self.send(Method::GET, &url, None).await?;
        if response.status().is_redirection() {
            return Err(redirected(&url, response.header(header::LOCATION.as_str())));
        }
        self.read(response, &url).await?.json()
    }

    async fn send(&self, method: Method, url: &Url, body: Option<&Value>) -> Result<net::Response, ForgeError> {
        let (host, now) = (host_and_port(url), self.clock.now());
        if let Some(until) = self.http.gate().paused_until(&host, now) {
            return Err(ForgeError::at(Problem::RateLimited { until: Some(until) }, url.path()));
        }
        let request = self.http.request(method, url).header("accept", "application/json").keep_redirect();
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let request = match &self.auth {
            Auth::Oauth(token) => request.bearer(token),
            Auth::Token(token) => request.secret_header("private-token", token),
            Auth::None => request,
        };
        let response = request.send().await.map_err(|error| ForgeError::at(Problem::Network(error), url.path()))?;
        if !refusal::is_of_this_endpoint_alone(response.status(), response.headers(), url.path()) {
            self.http.gate().record(&host, response.headers(), response.status(), self.clock.now());
        }
        Ok(response)
    }

    async fn read(&self, response: net::Response, url: &Url) -> Result<Answer, ForgeError> {
        let (status, headers) = (response.status(), response.headers().clone());
        let path = url.path().to_owned();
        if status.is_success() {
            let body = response.bytes(MAX_ANSWER).await;
            let body = body.map_err(|error| ForgeError::at(Problem::Network(error), &path))?;
            return Ok(Answer { headers, body, path });
        }
        // A refusal counts by its status even where its body cannot be read.
        let body = response.bytes(MAX_REFUSAL).await.unwrap_or_default();
        Err(ForgeError::at(self.refused(status, &headers, &body, &path), path))
    }

    fn refused(&self, status: StatusCode, headers: &HeaderMap, body: &[u8], path: &str) -> Problem {
        match refusal::problem(status, headers, body, self.clock.now()) {
            Problem::Forbidden if path.ends_with("/merge_requests") && refusal::is_gitlabs_own_forbidden(body) => {
                Problem::NotAvailable
            }
            _ if status == StatusCode::UNPROCESSABLE_ENTITY && refusal::is_about_hooks(path) => {
                refusal::hook_refused(body)
            }
            problem => problem,
        }
    }

    fn moved_to(&self, from: &Url, location: Option<&str>) -> Result<Url, ForgeError> {
        let to = location.and_then(|location| from.join(location).ok());
        let api = format!("{}/", below(&self.root, ["api", "v4"].iter()).path());
        match to {
            Some(to) if to.origin() == self.root.origin() && to.path().starts_with(&api) => Ok(to),
            _ => Err(redirected(from, location)),
        }
    }

    /// The secret that git takes as a password, whatever its kind.
    pub fn secret(&self) -> Option<model::secret::SecretString> {
        match &self.auth {
            Auth::Oauth(token) | Auth::Token(token) => Some(token.expose_secret().to_owned().into()),
            Auth::None => None,
        }
    }
}
