//! Calling the hooks that a Jira registered, after each sync that changed something: durable jobs, tried again with a back-off.

use std::time::Duration;

use model::Millis;
use model::secret::token_hash;
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::facade::FacadeHook;
use store::{Repository, WriteTx};
use url::{Position, Url, form_urlencoded};

use crate::Engine;
use crate::sentences::facade as sentences;

/// How long a Jira may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a sync brought, in GitHub's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct News {
    /// Commits or branches changed.
    pub(crate) push: bool,
    /// Merge requests changed.
    pub(crate) pull_request: bool,
}

/// An event in GitHub's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    Push,
    PullRequest,
}

impl Event {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::PullRequest => "pull_request",
        }
    }
}

/// Has every hook of a repository called that wants to know, as part of the transaction that brings the news.
pub(crate) async fn announce(tx: &mut WriteTx, repository_id: i64, news: News, now: Millis) -> store::Result<()> {
    let happened = [(news.push, Event::Push), (news.pull_request, Event::PullRequest)];
    let happened: Vec<Event> = happened.into_iter().filter(|(happened, _)| *happened).map(|(_, event)| event).collect();
    if happened.is_empty() {
        return Ok(());
    }
    for hook in tx.facade_hooks_active(repository_id).await? {
        for event in happened.iter().copied().filter(|event| wants(&hook, *event)) {
            queue::enqueue(tx, &CallHook::new(&hook, event), now).await?;
        }
    }
    Ok(())
}

fn wants(hook: &FacadeHook, event: Event) -> bool {
    hook.events.iter().any(|wanted| wanted == "*" || wanted == event.as_str())
}

/// Calls a hook.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CallHook {
    hook_id: i64,
    event: Event,
    /// Host and port that are called.
    server: String,
}

impl queue::Job for CallHook {
    type Context = Engine;
    const KIND: &'static str = "call_facade_hook";

    fn dedup_key(&self) -> String {
        format!("facade_hook:{}:{}", self.hook_id, self.event.as_str())
    }

    /// One call at a time to each Jira: one that does not answer holds up no more than one worker.
    fn resource_key(&self) -> String {
        format!("facade_hooks:{}", self.server)
    }

    fn lane(&self) -> JobLane {
        JobLane::Live
    }

    /// After what is done for forges and people.
    fn priority(&self) -> i64 {
        -1
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let Some(hook) = engine.store().facade_hook_to_call(self.hook_id).await? else { return Ok(()) };
        let Some(repository) = engine.store().repository(hook.repository_id).await? else { return Ok(()) };
        let delivery = delivery_id(lease.job().id);
        let outcome = self.call(&engine, &hook, &repository, &delivery).await;
        engine.store().facade_hook_called(hook.id, &outcome.told(), engine.clock().now()).await?;
        match outcome {
            Outcome::Taken(_) | Outcome::Refused(_) => Ok(()),
            Outcome::NotNow(why) => Err(JobError::retry(why)),
        }
    }
}

/// What came of a call.
enum Outcome {
    /// It was taken, with this status.
    Taken(u16),
    /// It was refused, and will be again.
    Refused(String),
    /// It may be taken later.
    NotNow(String),
}

impl Outcome {
    fn told(&self) -> String {
        match self {
            Self::Taken(status) => sentences::taken(*status),
            Self::Refused(why) => sentences::given_up(why),
            Self::NotNow(why) => sentences::again(why),
        }
    }

    fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Taken(status),
            408 | 425 | 429 | 500..=599 => Self::NotNow(sentences::status(status)),
            _ => Self::Refused(sentences::status(status)),
        }
    }
}

impl CallHook {
    fn new(hook: &FacadeHook, event: Event) -> Self {
        let url = Url::parse(&hook.url).ok();
        let server = url.map(|url| url[Position::BeforeHost..Position::AfterPort].to_owned()).unwrap_or_default();
        Self { hook_id: hook.id, event, server }
    }

    async fn call(&self, engine: &Engine, hook: &FacadeHook, repository: &Repository, delivery: &str) -> Outcome {
        let Ok(url) = Url::parse(&hook.url) else { return Outcome::Refused(sentences::NO_ADDRESS.to_owned()) };
        let body = self.payload(hook, repository).to_string();
        let (kind, body) = if hook.json { ("application/json", body) } else { (FORM, form(&body)) };
        let request = engine.http().post(&url).timeout(PATIENCE).header("Content-Type", kind);
        let request = request.header("X-GitHub-Event", self.event.as_str()).header("X-GitHub-Delivery", delivery);
        let request = request.header("X-GitHub-Hook-ID", &hook.id.to_string());
        match request.body(body).send().await {
            Ok(answer) => Outcome::of_status(answer.status().as_u16()),
            Err(error) if error.is_transient() => Outcome::NotNow(error.to_string()),
            Err(error) => Outcome::Refused(error.to_string()),
        }
    }

    /// That something happened, and where. Jira reads nothing of it: it asks what happened itself.
    fn payload(&self, hook: &FacadeHook, repository: &Repository) -> serde_json::Value {
        let id = repository.forge_id.parse::<i64>().map_or_else(|_| json!(repository.forge_id), |id| json!(id));
        let name = repository.path.rsplit('/').next().unwrap_or(&repository.path);
        let repository = json!({ "id": id, "name": name, "full_name": repository.path });
        match self.event {
            Event::Push => json!({ "hook_id": hook.id, "repository": repository, "commits": [] }),
            Event::PullRequest => json!({ "hook_id": hook.id, "repository": repository, "action": "synchronize" }),
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

fn form(payload: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair("payload", payload).finish()
}

/// An id of the shape of a UUID, the same for each try of a job.
fn delivery_id(job_id: i64) -> String {
    let digits = token_hash(&format!("delivery {job_id}"));
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_try_again_has_the_same_delivery_id_and_another_job_has_another() {
        assert_eq!(delivery_id(7), delivery_id(7));
        assert_ne!(delivery_id(7), delivery_id(8));
        let parts: Vec<usize> = delivery_id(7).split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
    }

    #[test]
    fn what_may_work_later_is_told_from_what_never_will() {
        let again = |status| matches!(Outcome::of_status(status), Outcome::NotNow(_));
        assert!([408, 429, 500, 503].into_iter().all(again));
        assert!(![301, 400, 401, 403, 404, 410].into_iter().any(again));
        assert!(matches!(Outcome::of_status(204), Outcome::Taken(204)));
    }

    #[test]
    fn a_form_holds_the_payload_as_one_field() {
        assert_eq!(form(r#"{"a":"b&c"}"#), "payload=%7B%22a%22%3A%22b%26c%22%7D");
    }
}
