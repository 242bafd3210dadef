//! What a call of GitHub asks for.
//!
//! A call is a hint where to look, no source of facts. So only the repository, the number of a pull request and whether a
//! branch was pushed are read; whatever else a body holds may be missing or of any type.

use std::borrow::Cow;

use model::hook::{HookEvent, HookNews};
use serde::Deserialize;
use url::form_urlencoded;

use crate::hook::harmless_word;
use crate::hook::loose::{Object, Scalar};
use crate::{HookFault, MAX_HOOK_BODY};

/// What a body in a form begins with: GitHub's own default, where a hook is made by hand.
const FORM: &[u8] = b"payload=";

/// A body, as far as it is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    #[serde(rename = "ref")]
    reference: Scalar,
    repository: Object<Numbered>,
    number: Scalar,
    pull_request: Object<Numbered>,
    issue: Object<Issue>,
}

/// Something with an id and a number.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Numbered {
    id: Scalar,
    number: Scalar,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Issue {
    number: Scalar,
    /// There only where the issue is a pull request.
    pull_request: Object<Numbered>,
}

/// What the body asks for. GitHub says what it is in the header alone.
pub(crate) fn news(event: &str, body: &[u8]) -> Result<HookNews, HookFault> {
    if body.len() > MAX_HOOK_BODY {
        return Err(HookFault::TooLarge);
    }
    let not_json = |error: serde_json::Error| HookFault::NotJson { line: error.line(), column: error.column() };
    let body = serde_json::from_slice::<Object<Body>>(&json_of(body)).map_err(not_json)?;
    let body = body.0.ok_or(HookFault::NotAnObject)?;
    match event {
        "push" => body.push(),
        "pull_request" | "pull_request_review" => body.pull_request(),
        "issue_comment" => body.comment(),
        "pull_request_review_comment" => body.remark(),
        "repository" => Ok(HookNews { repository_forge_id: None, event: HookEvent::RepositoryChanged }),
        "ping" => Ok(HookNews { repository_forge_id: body.id(), event: HookEvent::Test }),
        other => Ok(ignored(body.id(), harmless_word(other))),
    }
}

/// The JSON in a body: the body itself, or the field `payload` of a form.
fn json_of(body: &[u8]) -> Cow<'_, [u8]> {
    if !body.starts_with(FORM) {
        return Cow::Borrowed(body);
    }
    let payload = form_urlencoded::parse(body).next().map(|(_, value)| value.into_owned().into_bytes());
    Cow::Owned(payload.unwrap_or_default())
}

impl Body {
    /// A branch was created, moved or deleted.
    fn push(&self) -> Result<HookNews, HookFault> {
        let repository = self.repository()?;
        match self.reference.text() {
            Some(name) if !name.starts_with("refs/heads/") => {
                Ok(ignored(Some(repository), "push to no branch".to_owned()))
            }
            _ => Ok(HookNews { repository_forge_id: Some(repository), event: HookEvent::Push }),
        }
    }

    /// Something happened to a pull request, or it was reviewed: whatever it was, reading it tells.
    fn pull_request(&self) -> Result<HookNews, HookFault> {
        let within = || self.pull_request.0.as_ref().and_then(|pull| pull.number.number());
        let number = within().or_else(|| self.number.number());
        let number = number.ok_or(HookFault::Lacks { field: "pull_request.number" })?;
        Ok(HookNews { repository_forge_id: Some(self.repository()?), event: HookEvent::MergeRequest { number } })
    }

    /// Somebody wrote into the conversation of an issue or a pull request.
    fn comment(&self) -> Result<HookNews, HookFault> {
        let issue = self.issue.0.as_ref().ok_or(HookFault::Lacks { field: "issue" })?;
        let merge_request = match issue.pull_request.0 {
            Some(_) => Some(issue.number.number().ok_or(HookFault::Lacks { field: "issue.number" })?),
            None => None,
        };
        Ok(HookNews { repository_forge_id: Some(self.repository()?), event: HookEvent::Note { merge_request } })
    }

    /// Somebody wrote on a line.
    fn remark(&self) -> Result<HookNews, HookFault> {
        let number = self.pull_request.0.as_ref().and_then(|pull| pull.number.number());
        let number = number.ok_or(HookFault::Lacks { field: "pull_request.number" })?;
        let event = HookEvent::Note { merge_request: Some(number) };
        Ok(HookNews { repository_forge_id: Some(self.repository()?), event })
    }

    fn id(&self) -> Option<String> {
        self.repository.0.as_ref().and_then(|repository| repository.id.id())
    }

    fn repository(&self) -> Result<String, HookFault> {
        self.id().ok_or(HookFault::Lacks { field: "repository.id" })
    }
}

fn ignored(repository_forge_id: Option<String>, what: String) -> HookNews {
    HookNews { repository_forge_id, event: HookEvent::Ignored { what } }
}
