//! HTTP as Java's `HttpURLConnection` speaks it, which all three clients stand on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::{ACCEPT, CONNECTION, CONTENT_TYPE, LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method};
use url::Url;

use super::calls::{Calls, Kind};

/// What Java calls itself where nobody says otherwise.
const JAVA: &str = "Java/1.8.0_202";
/// What Java accepts where nobody says otherwise.
const ANYTHING: &str = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2";
/// How many redirects Java follows.
const REDIRECTS: usize = 20;
/// The most that is read of an answer, in bytes.
const LARGEST: usize = 64 << 20;

/// One connection's worth of client: requests one after the other go over the same connection.
#[derive(Debug, Clone)]
pub(super) struct Java {
    client: reqwest::Client,
    calls: Arc<Calls>,
    timeout: Option<Duration>,
}

/// What is sent.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) kind: Kind,
    pub(super) method: Method,
    pub(super) url: String,
    /// In place of Java's own.
    pub(super) headers: Vec<(http::HeaderName, HeaderValue)>,
    pub(super) body: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// A header's last value, as Java reads it.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get_all(name).iter().next_back().and_then(|value| value.to_str().ok())
    }

    /// A header that is a number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.header(name)?.trim().parse().ok()
    }

    /// The status as the status line words it.
    pub(super) fn status_line(&self) -> String {
        let reason = http::StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason());
        format!("{} ({})", reason.unwrap_or("Unknown error occurred"), self.status)
    }
}

impl Java {
    /// A client with Jira's time-outs.
    pub(super) fn new(calls: Arc<Calls>, connect: Duration, read: Duration) -> Self {
        Self { client: client(connect, read), calls, timeout: None }
    }

    /// The same connection, with a limit for a whole call.
    pub(super) fn within(&self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self.clone() }
    }

    /// Sends a request, follows redirects as Java does, and counts it. An error is why there is no answer.
    pub(super) async fn send(&self, request: Request) -> Result<Answer, String> {
        let (kind, started) = (request.kind, Instant::now());
        let answer = self.follow(request).await;
        let (bytes, failed) = answer.as_ref().map_or((0, true), |it| (it.body.len() as u64, it.status >= 400));
        self.calls.add(kind, started.elapsed(), bytes, failed);
        answer
    }

    /// To the same protocol only, with the same headers; a POST becomes a GET unless the status is 307.
    async fn follow(&self, mut request: Request) -> Result<Answer, String> {
        for _ in 0..=REDIRECTS {
            let answer = self.once(&request).await?;
            let Some(next) = next(&request.url, &answer) else { return Ok(answer) };
            if request.method == Method::POST && answer.status != 307 {
                request.method = Method::GET;
                request.headers.clear();
                request.body = None;
            }
            request.url = next;
        }
        Err(format!("Server redirected too many times ({REDIRECTS})"))
    }

    #[expect(clippy::disallowed_methods, reason = "the replay calls as Jira does; `net` is Dovetail's way out")]
    async fn once(&self, request: &Request) -> Result<Answer, String> {
        let mut call = self.client.request(request.method.clone(), &request.url).headers(headers(request));
        if let Some(body) = &request.body {
            call = call.body(body.clone());
        }
        if let Some(timeout) = self.timeout {
            call = call.timeout(timeout);
        }
        let mut response = call.send().await.map_err(|error| why(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| why(&error))? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST {
                return Err("the answer is too long".to_owned());
            }
        }
        Ok(Answer { status, headers, body })
    }
}

/// Java's headers, and those of the client in their place.
fn headers(request: &Request) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static(JAVA));
    headers.insert(ACCEPT, HeaderValue::from_static(ANYTHING));
    headers.insert(CONNECTION, HeaderValue::from_static("keep-alive"));
    if request.body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    }
    for (name, value) in &request.headers {
        headers.insert(name, value.clone());
    }
    headers
}

/// Where Java goes on after an answer.
fn next(from: &str, answer: &Answer) -> Option<String> {
    if !matches!(answer.status, 300..=303 | 305 | 307) {
        return None;
    }
    let from = Url::parse(from).ok()?;
    let to = from.join(answer.header(LOCATION.as_str())?).ok()?;
    (to.scheme() == from.scheme()).then(|| to.to_string())
}

/// Without the address: it may carry a token.
fn why(error: &reqwest::Error) -> String {
    let kind = if error.is_timeout() {
        "SocketTimeoutException"
    } else if error.is_connect() {
        "ConnectException"
    } else {
        "IOException"
    };
    let mut deepest = std::error::Error::source(error);
    while let Some(deeper) = deepest.and_then(std::error::Error::source) {
        deepest = Some(deeper);
    }
    deepest.map_or_else(|| kind.to_owned(), |cause| format!("{kind}: {cause}"))
}

#[expect(clippy::disallowed_methods, reason = "the replay calls as Jira does; `net` is Dovetail's way out")]
fn client(connect: Duration, read: Duration) -> reqwest::Client {
    let builder = reqwest::Client::builder()
        .no_proxy()
        .no_gzip()
        .referer(false)
        .http1_only()
        .http1_title_case_headers()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(1)
        .connect_timeout(connect)
        .read_timeout(read);
    builder.build().expect("a client without certificates of its own needs nothing from outside")
}
