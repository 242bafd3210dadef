//! What a call of GitLab asks for (GitLab contract §7.3–7.7).
//!
//! A call is a hint where to look, no source of facts: calls are lost, doubled and out of order, and a push tells at most
//! twenty of its commits. So only the kind, the project and the number of a merge request are read, and whatever else a
//! body holds (times in three spellings, addresses, the commits themselves) may be missing or of any type.

use model::hook::{HookEvent, HookNews};
use serde::Deserialize;

use crate::hook::harmless_word;
use crate::hook::loose::{Object, Scalar};
use crate::{HookFault, MAX_HOOK_BODY};

/// Things that happened to projects and groups themselves, as system hooks and hooks of groups tell them. Which projects
/// there are, and how they are called, only the account's list tells.
const LIFE_OF_PROJECTS: [&str; 10] = [
    "project_create",
    "project_destroy",
    "project_rename",
    "project_transfer",
    "project_update",
    "group_create",
    "group_destroy",
    "group_rename",
    "subgroup_create",
    "subgroup_destroy",
];

/// A body, as far as it is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    object_kind: Scalar,
    event_name: Scalar,
    #[serde(rename = "ref")]
    reference: Scalar,
    project_id: Scalar,
    project: Object<Project>,
    object_attributes: Object<Attributes>,
    merge_request: Object<NotedMergeRequest>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Project {
    id: Scalar,
}

/// What a merge request's call tells of it, and what a note's call tells of the note.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Attributes {
    iid: Scalar,
    action: Scalar,
    target_project_id: Scalar,
    noteable_type: Scalar,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NotedMergeRequest {
    iid: Scalar,
}

/// What the body asks for. The body says what it is; `event`, the header, counts only where it does not, because the
/// header of a system hook names no event.
pub(crate) fn news(event: &str, body: &[u8]) -> Result<HookNews, HookFault> {
    if body.len() > MAX_HOOK_BODY {
        return Err(HookFault::TooLarge);
    }
    let not_json = |error: serde_json::Error| HookFault::NotJson { line: error.line(), column: error.column() };
    let body = serde_json::from_slice::<Object<Body>>(body).map_err(not_json)?.0.ok_or(HookFault::NotAnObject)?;
    let kind = body.object_kind.text().or(body.event_name.text()).unwrap_or_else(|| kind_of(event));
    match kind {
        "push" => body.push(),
        "repository_update" => Ok(HookNews { repository_forge_id: Some(body.project()?), event: HookEvent::Push }),
        "merge_request" => body.merge_request(),
        "note" => body.note(),
        kind if LIFE_OF_PROJECTS.contains(&kind) => {
            Ok(HookNews { repository_forge_id: None, event: HookEvent::RepositoryChanged })
        }
        other => Ok(ignored(body.project().ok(), harmless_word(other))),
    }
}

impl Body {
    /// A branch was created, moved or deleted.
    fn push(&self) -> Result<HookNews, HookFault> {
        let project = self.project()?;
        match self.reference.text() {
            Some(name) if !name.starts_with("refs/heads/") => {
                Ok(ignored(Some(project), "push to no branch".to_owned()))
            }
            _ => Ok(HookNews { repository_forge_id: Some(project), event: HookEvent::Push }),
        }
    }

    /// Something happened to a merge request: whatever it was, reading it tells. Only test calls come without an action.
    fn merge_request(&self) -> Result<HookNews, HookFault> {
        let lacks = |field| HookFault::Lacks { field };
        let attributes = self.object_attributes.0.as_ref().ok_or_else(|| lacks("object_attributes"))?;
        // The one that a merge request belongs to is its target; `project` is the same in a sound body.
        let project = attributes.target_project_id.id().map_or_else(|| self.project(), Ok)?;
        let number = attributes.iid.number().ok_or_else(|| lacks("object_attributes.iid"))?;
        let event = match attributes.action.text() {
            Some(_) => HookEvent::MergeRequest { number },
            None => HookEvent::Test,
        };
        Ok(HookNews { repository_forge_id: Some(project), event })
    }

    /// Somebody, or GitLab itself, wrote a note.
    fn note(&self) -> Result<HookNews, HookFault> {
        let project = self.project()?;
        let on = self.object_attributes.0.as_ref().and_then(|note| note.noteable_type.text());
        let noted = self.merge_request.0.as_ref();
        let merge_request = match (on, noted) {
            (Some("MergeRequest"), _) | (None, Some(_)) => {
                let number = noted.and_then(|merge_request| merge_request.iid.number());
                Some(number.ok_or(HookFault::Lacks { field: "merge_request.iid" })?)
            }
            _ => None,
        };
        Ok(HookNews { repository_forge_id: Some(project), event: HookEvent::Note { merge_request } })
    }

    fn project(&self) -> Result<String, HookFault> {
        let within = || self.project.0.as_ref().and_then(|project| project.id.id());
        self.project_id.id().or_else(within).ok_or(HookFault::Lacks { field: "project_id" })
    }
}

fn ignored(repository_forge_id: Option<String>, what: String) -> HookNews {
    HookNews { repository_forge_id, event: HookEvent::Ignored { what } }
}

/// The kind that a header stands for; the header itself where it is none that is read.
fn kind_of(event: &str) -> &str {
    match event {
        "Push Hook" => "push",
        "Merge Request Hook" => "merge_request",
        "Note Hook" | "Confidential Note Hook" => "note",
        other => other,
    }
}
