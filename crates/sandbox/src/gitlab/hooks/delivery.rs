//! One call of a hook: headers, body, answer.

use std::time::{Duration, Instant};

use model::Millis;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

use crate::gitlab::VERSION;
use crate::gitlab::model::{Hook, HookEvent, HookId};

/// GitLab's default time-out (GitLab contract §7.1).
const TIMEOUT: Duration = Duration::from_secs(10);
/// How much of an answer is kept.
const ANSWER_LIMIT: usize = 8 * 1024;

/// One call of a hook, as the log keeps it. The secret is masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number in the log.
    pub id: u64,
    /// The hook.
    pub hook: HookId,
    /// What it was about, as the field of the hook (`push_events`).
    pub trigger: &'static str,
    /// Where it went.
    pub url: String,
    /// The headers that were sent, in order.
    pub request_headers: Vec<(String, String)>,
    /// The body that was sent.
    pub request_body: String,
    /// The status of the answer; none when there was none.
    pub status: Option<u16>,
    /// The start of the answer.
    pub response_body: String,
    /// Why there was no answer.
    pub error: Option<String>,
    /// When it was sent, by the server's clock.
    pub sent_at: Millis,
    /// How long the answer took.
    pub duration: Duration,
    /// The same for every repetition of this delivery.
    pub idempotency_key: String,
}

/// What is to be sent to a hook.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) event: HookEvent,
    pub(super) body: String,
    /// Shared by all hooks that are told about the same event.
    pub(super) event_uuid: Uuid,
    pub(super) idempotency_key: String,
}

/// The two clients: with and without looking at certificates. Neither follows redirects nor uses a proxy.
#[derive(Debug)]
pub(super) struct Sender {
    strict: reqwest::Client,
    trusting: reqwest::Client,
    instance: String,
}

impl Sender {
    /// A sender for the GitLab at this address.
    pub(super) fn new(instance: String) -> Self {
        Self { strict: client(true), trusting: client(false), instance }
    }

    /// Calls the hook and waits for the answer.
    pub(super) async fn send(&self, hook: &Hook, message: &Message, sent_at: Millis) -> Delivery {
        let headers = self.headers(hook, message);
        let mut map = HeaderMap::new();
        for (name, value) in &headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                map.insert(name, value);
            }
        }
        let client = if hook.verify_tls { &self.strict } else { &self.trusting };
        let request = client.post(&hook.url).headers(map).body(message.body.clone());
        let start = Instant::now();
        let (status, response_body, error) = call(request).await;
        Delivery {
            id: 0,
            hook: hook.id,
            trigger: message.event.field(),
            url: hook.url.clone(),
            request_headers: headers.into_iter().map(masked).collect(),
            request_body: message.body.clone(),
            status,
            response_body,
            error,
            sent_at,
            duration: start.elapsed(),
            idempotency_key: message.idempotency_key.clone(),
        }
    }

    /// The headers of a call: the hook's own first, so that they cannot replace GitLab's.
    fn headers(&self, hook: &Hook, message: &Message) -> Vec<(String, String)> {
        let event = match message.event {
            HookEvent::TagPush => "Tag Push Hook",
            HookEvent::MergeRequests => "Merge Request Hook",
            HookEvent::Notes => "Note Hook",
            _ => "Push Hook",
        };
        let fixed = [
            ("Content-Type", "application/json".to_owned()),
            ("User-Agent", format!("GitLab/{VERSION}")),
            ("Idempotency-Key", message.idempotency_key.clone()),
            ("X-Gitlab-Event", event.to_owned()),
            ("X-Gitlab-Webhook-UUID", Uuid::new_v4().to_string()),
            ("X-Gitlab-Instance", self.instance.clone()),
            ("X-Gitlab-Event-UUID", message.event_uuid.to_string()),
        ];
        let fixed = fixed.into_iter().map(|(name, value)| (name.to_owned(), value));
        let secret = hook.token.iter().map(|token| (SECRET.to_owned(), token.replace(['\r', '\n'], "")));
        hook.custom_headers.iter().cloned().chain(fixed).chain(secret).collect()
    }
}

const SECRET: &str = "X-Gitlab-Token";

fn masked((name, value): (String, String)) -> (String, String) {
    let value = if name == SECRET { "[REDACTED]".to_owned() } else { value };
    (name, value)
}

#[expect(clippy::disallowed_methods, reason = "the stand-in forge calls hooks by itself; `net` is Dovetail's way out")]
fn client(verify: bool) -> reqwest::Client {
    let builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TIMEOUT)
        .danger_accept_invalid_certs(!verify);
    builder.build().expect("a client without certificates of its own needs nothing from outside")
}

#[expect(clippy::disallowed_methods, reason = "the stand-in forge calls hooks by itself; `net` is Dovetail's way out")]
async fn call(request: reqwest::RequestBuilder) -> (Option<u16>, String, Option<String>) {
    match request.send().await {
        Ok(mut answer) => {
            let status = answer.status().as_u16();
            let mut body = Vec::new();
            while let Ok(Some(chunk)) = answer.chunk().await {
                body.extend_from_slice(&chunk);
                if body.len() >= ANSWER_LIMIT {
                    body.truncate(ANSWER_LIMIT);
                    break;
                }
            }
            (Some(status), String::from_utf8_lossy(&body).into_owned(), None)
        }
        Err(error) => (None, String::new(), Some(error.without_url().to_string())),
    }
}
