//! One call of a hook: headers, body, answer.

use std::time::{Duration, Instant};

use model::Millis;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

use super::signature;
use crate::gitlab::model::{Hook, HookEvent, HookId, HookPlace};

/// GitLab's default time-out (GitLab contract §7.1).
const TIMEOUT: Duration = Duration::from_secs(10);
/// How much of an answer is kept.
const ANSWER_LIMIT: usize = 8 * 1024;
/// How many headers of an answer are kept.
const HEADER_LIMIT: usize = 50;

/// One call of a hook, as the log keeps it. The secret is masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number in the log.
    pub id: u64,
    /// The hook.
    pub hook: HookId,
    /// What it was about, as the field of the hook (`push_events`); `system_hooks` for what only those are told.
    pub trigger: &'static str,
    /// Where it went.
    pub url: String,
    /// The headers that were sent, in order.
    pub request_headers: Vec<(String, String)>,
    /// The body that was sent.
    pub request_body: String,
    /// The status of the answer; none when there was none.
    pub status: Option<u16>,
    /// The headers of the answer.
    pub response_headers: Vec<(String, String)>,
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

impl Delivery {
    /// Whether GitLab takes it for a success: 2xx and 3xx.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| (200..400).contains(&status))
    }
}

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    /// Something that hooks can ask for.
    Event(HookEvent),
    /// A project or group as a whole.
    System,
}

impl Topic {
    /// The word of the log.
    pub(super) const fn trigger(self) -> &'static str {
        match self {
            Self::Event(event) => event.field(),
            Self::System => "system_hooks",
        }
    }

    /// The topic with this word.
    pub(super) fn of_trigger(trigger: &str) -> Self {
        let event = HookEvent::ALL.iter().copied().find(|event| event.field() == trigger);
        event.map_or(Self::System, Self::Event)
    }
}

/// What is to be sent to a hook.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) topic: Topic,
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

    /// Calls the hook as a GitLab of this version and waits for the answer. Without `ids`, nothing in the headers tells a
    /// repetition.
    pub(super) async fn send(
        &self,
        hook: &Hook,
        message: &Message,
        (sent_at, version): (Millis, &str),
        ids: bool,
    ) -> Delivery {
        let mut headers = self.headers(hook, message, version);
        headers.retain(|(name, _)| ids || !IDS.contains(&name.as_str()));
        headers.extend(signature::headers(hook, message, sent_at));
        let mut map = HeaderMap::new();
        for (name, value) in &headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                map.insert(name, value);
            }
        }
        let client = if hook.verify_tls { &self.strict } else { &self.trusting };
        let request = client.post(&hook.url).headers(map).body(message.body.clone());
        let start = Instant::now();
        let (status, response_headers, response_body, error) = call(request).await;
        Delivery {
            id: 0,
            hook: hook.id,
            trigger: message.topic.trigger(),
            url: hook.url.clone(),
            request_headers: headers.into_iter().map(|header| masked(hook, header)).collect(),
            request_body: message.body.clone(),
            status,
            response_headers,
            response_body,
            error,
            sent_at,
            duration: start.elapsed(),
            idempotency_key: message.idempotency_key.clone(),
        }
    }

    /// The headers of a call: the hook's own first, so that they cannot replace GitLab's.
    fn headers(&self, hook: &Hook, message: &Message, version: &str) -> Vec<(String, String)> {
        let event = match (hook.place, message.topic) {
            (HookPlace::Instance, _) | (_, Topic::System) => "System Hook",
            (_, Topic::Event(HookEvent::TagPush)) => "Tag Push Hook",
            (_, Topic::Event(HookEvent::MergeRequests)) => "Merge Request Hook",
            (_, Topic::Event(HookEvent::Notes)) => "Note Hook",
            (_, Topic::Event(_)) => "Push Hook",
        };
        let fixed = [
            ("Content-Type", "application/json".to_owned()),
            ("User-Agent", format!("GitLab/{version}")),
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
/// What tells a repetition from another event, where a GitLab is new enough to tell it.
const IDS: [&str; 2] = ["Idempotency-Key", "X-Gitlab-Event-UUID"];

fn masked(hook: &Hook, (name, value): (String, String)) -> (String, String) {
    let secret = name == SECRET || hook.custom_headers.iter().any(|(custom, _)| *custom == name);
    (name, if secret { "[REDACTED]".to_owned() } else { value })
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

/// Status, headers and the start of the body; or why there are none.
type Answer = (Option<u16>, Vec<(String, String)>, String, Option<String>);

#[expect(clippy::disallowed_methods, reason = "the stand-in forge calls hooks by itself; `net` is Dovetail's way out")]
async fn call(request: reqwest::RequestBuilder) -> Answer {
    match request.send().await {
        Ok(mut answer) => {
            let status = answer.status().as_u16();
            let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let headers = answer.headers().iter().take(HEADER_LIMIT);
            let headers = headers.map(|(name, value)| (name.to_string(), text(value))).collect();
            let mut body = Vec::new();
            while let Ok(Some(chunk)) = answer.chunk().await {
                body.extend_from_slice(&chunk);
                if body.len() >= ANSWER_LIMIT {
                    body.truncate(ANSWER_LIMIT);
                    break;
                }
            }
            (Some(status), headers, String::from_utf8_lossy(&body).into_owned(), None)
        }
        Err(error) => (None, Vec::new(), String::new(), Some(error.without_url().to_string())),
    }
}
