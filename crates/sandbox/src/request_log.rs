//! What was asked: for tests that count requests and bytes.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::Request;
use bytes::Bytes;
use http::StatusCode;
use http_body::Frame;

/// The requests so far. Clones share the log.
#[derive(Debug, Clone, Default)]
pub struct RequestLog {
    entries: Arc<Mutex<Vec<Entry>>>,
    under_way: Arc<AtomicUsize>,
    bodies_at: Arc<Mutex<Option<String>>>,
}

/// Counts a request as under way until it is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay(Arc<AtomicUsize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(Debug)]
struct Entry {
    request: LoggedRequest,
    bytes: Arc<AtomicU64>,
}

/// One request. Tokens are in none of its fields, but for the body where a test asks for those of such a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// The method.
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// The query without tokens and codes; may be empty.
    pub query: String,
    /// The `User-Agent`; empty when there was none.
    pub user_agent: String,
    /// The status of the answer; none when the connection was dropped instead.
    pub status: Option<u16>,
    /// Bytes of the answer's body sent so far.
    pub bytes: u64,
    /// The request's body, where it is kept ([`RequestLog::keep_bodies`]).
    pub body: Option<Bytes>,
}

impl RequestLog {
    /// The requests since the start or the last [`RequestLog::clear`], oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<LoggedRequest> {
        let with_bytes =
            |entry: &Entry| LoggedRequest { bytes: entry.bytes.load(Ordering::SeqCst), ..entry.request.clone() };
        self.entries().iter().map(with_bytes).collect()
    }

    /// How many requests had a path that begins so.
    #[must_use]
    pub fn count(&self, path_prefix: &str) -> usize {
        self.entries().iter().filter(|entry| entry.request.path.starts_with(path_prefix)).count()
    }

    /// How many requests have come whose answer has not begun.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::SeqCst)
    }

    /// Keeps the bodies of requests whose path ends so, from now on.
    pub fn keep_bodies(&self, path_end: &str) {
        *self.bodies_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(path_end.to_owned());
    }

    /// A request's body, where it is to be kept, beside the request with all of it.
    pub(crate) async fn body_of(&self, request: Request) -> (Request, Option<Bytes>) {
        let at = self.bodies_at.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if !at.is_some_and(|end| request.uri().path().ends_with(&end)) {
            return (request, None);
        }
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        (Request::from_parts(parts, Body::from(body.clone())), Some(body))
    }

    /// Counts a request that has come.
    pub(crate) fn begin(&self) -> UnderWay {
        self.under_way.fetch_add(1, Ordering::SeqCst);
        UnderWay(Arc::clone(&self.under_way))
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.entries().clear();
    }

    /// Writes a request down when its answer begins; what is returned counts the answer's bytes.
    pub(crate) fn add(
        &self,
        parts: &http::request::Parts,
        body: Option<Bytes>,
        status: Option<StatusCode>,
    ) -> Arc<AtomicU64> {
        let bytes = Arc::<AtomicU64>::default();
        let agent = parts.headers.get(http::header::USER_AGENT);
        let request = LoggedRequest {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: without_secrets(parts.uri.query().unwrap_or_default()),
            user_agent: agent.and_then(|agent| agent.to_str().ok()).unwrap_or_default().to_owned(),
            status: status.map(|status| status.as_u16()),
            bytes: 0,
            body,
        };
        self.entries().push(Entry { request, bytes: Arc::clone(&bytes) });
        bytes
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn without_secrets(query: &str) -> String {
    const SECRET: [&str; 5] = ["access_token=", "private_token=", "code=", "client_secret=", "state="];
    let plain = query.split('&').filter(|pair| !SECRET.iter().any(|name| pair.starts_with(name)));
    plain.collect::<Vec<_>>().join("&")
}

/// A body that counts what is read from it.
pub(crate) struct Counted {
    body: Body,
    bytes: Arc<AtomicU64>,
}

impl Counted {
    pub(crate) fn body(body: Body, bytes: Arc<AtomicU64>) -> Body {
        Body::new(Self { body, bytes })
    }
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.bytes.fetch_add(data.len() as u64, Ordering::SeqCst);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_in_the_query_are_not_logged() {
        assert_eq!(without_secrets("page=2&private_token=abc&per_page=5&access_token=x"), "page=2&per_page=5");
        assert_eq!(without_secrets(""), "");
    }
}
