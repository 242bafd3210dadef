//! Requests to one host's REST v3, with one credential.

use std::sync::Arc;

use http::{HeaderMap, Method, StatusCode, header};
use model::Clock;
use model::secret::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::address::{below, host_and_port, redirected, root};
use crate::answer::{Answer, MAX_ANSWER, MAX_REFUSAL};
use crate::github::refusal;
use crate::github::walk::Walk;
use crate::{Auth, ClientOptions, ForgeError, Problem, sentences};

/// The media type that GitHub recommends.
const JSON: &str = "application/vnd.github+json";
/// The version of the API that this client was written for; hosts that know no versions ignore it.
const VERSION: &str = "2022-11-28";
/// GitLab's GitHub-compatible API answers only to programs that begin like this (GitLab contract §2.1).
pub const USER_AGENT: &str = concat!("Jira DVCS Connector/Dovetail-", env!("CARGO_PKG_VERSION"));
/// Where old versions of that API have their OAuth (GitLab contract §4).
pub const JIRA: [&str; 2] = ["-", "jira"];
/// The header that every answer of GitHub's own has.
const SIGNATURE: &str = "x-github-request-id";
/// The headers that belong to a body which is kept.
const KEPT_HEADERS: [&str; 3] = ["link", "x-next-page", SIGNATURE];

impl Answer {
    /// Whether GitHub itself answered, and no other program that speaks its language.
    pub fn is_githubs_own(&self) -> bool {
        is_githubs_own(&self.headers)
    }
}

/// Whether these are headers of GitHub itself.
pub fn is_githubs_own(headers: &HeaderMap) -> bool {
    headers.contains_key(SIGNATURE)
}

/// Asks one host.
#[derive(Debug)]
pub struct Client {
    root: Url,
    api: Url,
    auth: Auth,
    http: net::Client,
    clock: Arc<dyn Clock>,
    walk: Walk,
}

impl Client {
    /// A client of the host at `options.url`.
    ///
    /// # Errors
    /// [`Problem::NotAnAddress`].
    pub fn new(options: ClientOptions) -> Result<Self, ForgeError> {
        let root = root(&options.url)?;
        let api = api_of(&root);
        Ok(Self { root, api, auth: options.auth, http: options.http, clock: options.clock, walk: Walk::default() })
    }

    /// The host's address, without a slash at its end.
    pub fn root(&self) -> &Url {
        &self.root
    }

    /// How requests go out, for git.
    pub fn http(&self) -> &net::Client {
        &self.http
    }

    /// What walks from commit to commit have shown.
    pub fn walk(&self) -> &Walk {
        &self.walk
    }

    /// What lets us in.
    pub fn auth(&self) -> &Auth {
        &self.auth
    }

    /// The address of an endpoint; every segment is percent-encoded, slashes included.
    pub fn endpoint(&self, segments: &[&str], query: &str) -> Url {
        let mut url = below(&self.api, segments.iter());
        url.set_query((!query.is_empty()).then_some(query));
        url
    }

    /// The one thing at an endpoint.
    ///
    /// # Errors
    /// Whatever keeps the host from telling.
    pub async fn one<T: DeserializeOwned>(&self, segments: &[&str], query: &str) -> Result<T, ForgeError> {
        self.get(segments, query).await?.json()
    }

    /// The answer of an endpoint; none where the host says that there is no such thing.
    ///
    /// # Errors
    /// Whatever else keeps the host from telling.
    pub async fn optional(&self, segments: &[&str], query: &str) -> Result<Option<Answer>, ForgeError> {
        absent_is_none(self.get(segments, query).await)
    }

    /// Asks an endpoint. A repository that moved answers with a redirect to its new address: followed once, and only
    /// within this API. What the host confirms to be as it was (304) is not sent again.
    ///
    /// # Errors
    /// Whatever keeps the host from answering with 2xx.
    pub async fn get(&self, segments: &[&str], query: &str) -> Result<Answer, ForgeError> {
        let url = self.endpoint(segments, query);
        let key = self.key(&url);
        let kept = self.http.kept().get(&key);
        let etag = kept.as_ref().map(|kept| kept.etag.as_str());
        let mut response = self.send(Method::GET, &url, None, etag).await?;
        if response.status() == StatusCode::NOT_MODIFIED
            && let Some(kept) = kept
        {
            let mut headers = kept.headers;
            headers.extend(response.headers().clone());
            return Ok(Answer { headers, body: kept.body, path: url.path().to_owned() });
        }
        let mut asked = url.clone();
        if response.status().is_redirection() {
            asked = self.moved_to(&url, response.header(header::LOCATION.as_str()))?;
            response = self.send(Method::GET, &asked, None, None).await?;
            if response.status().is_redirection() {
                return Err(ForgeError::at(Problem::Data(sentences::redirected_twice()), asked.path()));
            }
        }
        let answer = self.read(response, &asked).await?;
        if asked == url {
            self.keep(key, &answer);
        }
        Ok(answer)
    }

    /// Changes what is at an endpoint. No redirect is followed.
    ///
    /// # Errors
    /// Whatever keeps the host from answering with 2xx.
    pub async fn change(&self, method: Method, segments: &[&str], body: Option<&Value>) -> Result<Answer, ForgeError> {
        let url = self.endpoint(segments, "");
        let response = self.send(method, &url, body, None).await?;
        if response.status().is_redirection() {
            return Err(redirected(&url, response.header(header::LOCATION.as_str())));
        }
        self.read(response, &url).await
    }

    async fn send(
        &self,
        method: Method,
        url: &Url,
        body: Option<&Value>,
        etag: Option<&str>,
    ) -> Result<net::Response, ForgeError> {
        // By the name that people know the host by: github.com's API has another.
        let (host, now) = (host_and_port(&self.root), self.clock.now());
        if let Some(until) = self.http.gate().paused_until(&host, now) {
            return Err(ForgeError::at(Problem::RateLimited { until: Some(until) }, url.path()));
        }
        let request = self.http.request(method, url).keep_redirect();
        let mut request = spoken(request).header("x-github-api-version", VERSION);
        if let Some(etag) = etag {
            request = request.header(header::IF_NONE_MATCH.as_str(), etag);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        if let Some(token) = self.secret() {
            // The word that GitHub, GitLab's copy and Dovetail's take; the copy turns the first "token" in the header into
            // "Bearer", wherever it stands (GitLab contract §2.2).
            let value = SecretString::from(format!("token {}", token.expose_secret()));
            request = request.secret_header(header::AUTHORIZATION.as_str(), &value);
        }
        let response = request.send().await.map_err(|error| ForgeError::at(Problem::Network(error), url.path()))?;
        self.http.gate().record(&host, response.headers(), response.status(), self.clock.now());
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
        let problem = refusal::problem(status, &headers, &body, &path, self.clock.now());
        if let Problem::RateLimited { until: Some(until) } = problem {
            self.http.gate().pause(&host_and_port(&self.root), until);
        }
        Err(ForgeError::at(problem, path))
    }

    fn moved_to(&self, from: &Url, location: Option<&str>) -> Result<Url, ForgeError> {
        let to = location.and_then(|location| from.join(location).ok());
        let api = format!("{}/", self.api.path().trim_end_matches('/'));
        match to {
            Some(to) if to.origin() == self.api.origin() && to.path().starts_with(&api) => Ok(to),
            _ => Err(redirected(from, location)),
        }
    }

    fn keep(&self, key: net::KeptKey, answer: &Answer) {
        let etag = answer.headers.get(header::ETAG).and_then(|etag| etag.to_str().ok());
        let Some(etag) = etag else { return };
        let mut headers = HeaderMap::new();
        for name in KEPT_HEADERS {
            for value in answer.headers.get_all(name) {
                headers.append(name, value.clone());
            }
        }
        let (etag, body) = (etag.to_owned(), answer.body.clone());
        self.http.kept().put(key, net::KeptAnswer { etag, headers, body });
    }

    /// What tells a question of this credential from every other.
    fn key(&self, url: &Url) -> net::KeptKey {
        let mut hash = Sha256::new();
        hash.update(self.secret().map(|token| token.expose_secret().to_owned()).unwrap_or_default());
        hash.update([0]);
        hash.update(url.as_str());
        hash.finalize().into()
    }

    /// The secret that git takes as a password, whatever its kind.
    pub fn secret(&self) -> Option<SecretString> {
        match &self.auth {
            Auth::Oauth(token) | Auth::Token(token) => Some(token.expose_secret().trim().to_owned().into()),
            Auth::None => None,
        }
    }
}

/// None where the host says that there is no such thing, or that it has no such endpoint.
///
/// # Errors
/// Every other failure.
pub fn absent_is_none<T>(answer: Result<T, ForgeError>) -> Result<Option<T>, ForgeError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(ForgeError { problem: Problem::NotFound | Problem::NotAvailable, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A request in the words that every host of this kind understands.
pub fn spoken(request: net::Request) -> net::Request {
    request.header("accept", JSON).header("user-agent", USER_AGENT)
}

/// Whether the address is one of an old GitLab's, which says so in its path.
pub fn is_below_jira(root: &Url) -> bool {
    root.path().trim_end_matches('/').ends_with("/-/jira")
}

/// The root of the whole server: of an old GitLab, what comes before `/-/jira`.
pub fn server_of(root: &Url) -> Url {
    let mut server = root.clone();
    if let Some(path) = root.path().trim_end_matches('/').strip_suffix("/-/jira") {
        server.set_path(path);
    }
    server
}

/// Where the REST API of a host is: at github.com and GitHub's cloud of one's own below a name of its own, elsewhere below
/// `/api/v3`. Jira asks an old GitLab there too, whatever the path of the Host URL.
pub fn api_of(root: &Url) -> Url {
    let mut server = server_of(root);
    let host = server.host_str().unwrap_or_default().to_owned();
    if host == "github.com" || host.ends_with(".ghe.com") {
        // It is a name already, and stays one.
        let _ = server.set_host(Some(&format!("api.{host}")));
        server.set_path("");
        return server;
    }
    below(&server, ["api", "v3"].iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_has_its_api_at_its_own_place() {
        let cases = [
            ("https://github.com", "https://api.github.com/user"),
            ("https://acme.ghe.com", "https://api.acme.ghe.com/user"),
            ("https://git.example.com", "https://git.example.com/api/v3/user"),
            ("https://git.example.com:8443/code", "https://git.example.com:8443/code/api/v3/user"),
            ("https://git.example.com/-/jira", "https://git.example.com/api/v3/user"),
            ("https://example.com/gitlab/-/jira", "https://example.com/gitlab/api/v3/user"),
            ("https://github.com.example.org", "https://github.com.example.org/api/v3/user"),
        ];
        for (typed, expected) in cases {
            assert_eq!(below(&api_of(&root(typed).unwrap()), ["user"].iter()).as_str(), expected, "{typed}");
        }
    }
}
