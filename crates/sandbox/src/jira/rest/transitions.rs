//! Transitions of issues.

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::{Value, json};

use super::ask::{Ask, Version};
use super::error::{Answer, RestError};
use super::{comments, worklogs};
use crate::jira::model::{Execution, NewComment, Refusal, WorkDone};
use crate::jira::sentences;

/// `GET /issue/{key}/transitions`: those that the viewer can execute now; with `expand=transitions.fields` what their screens ask
/// for.
pub(super) async fn list(ask: Ask) -> Answer {
    let issue = ask.issue()?;
    let with_fields = ask.words("expand").contains(&"transitions.fields");
    let only = ask.param("transitionId").map(str::to_owned);
    let told: Vec<_> = ask.look(|lens| {
        let open = lens.state.transitions_for(&issue, ask.viewer).into_iter();
        let wanted = open.filter(|it| only.as_ref().is_none_or(|id| it.id.to_string() == *id));
        wanted.map(|transition| lens.transition(&issue, transition, with_fields)).collect()
    });
    Ok(Json(json!({ "expand": "transitions", "transitions": told })).into_response())
}

/// `POST /issue/{key}/transitions`
pub(super) async fn execute(ask: Ask) -> Answer {
    let issue = ask.issue()?;
    let user = ask.user()?;
    let execution = read(&ask.body, ask.version)?;
    ask.app.model.transition(&issue.id.to_string(), user, execution)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn read(sent: &Value, version: Version) -> Result<Execution, RestError> {
    let transition = match &sent["transition"]["id"] {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return Err(Refusal::invalid(sentences::NO_TRANSITION).into()),
    };
    let mut execution = Execution { transition, ..Execution::default() };
    for (id, value) in sent["fields"].as_object().into_iter().flatten() {
        execution.fields.push((id.clone(), value.clone()));
    }
    for (id, operations) in sent["update"].as_object().into_iter().flatten() {
        for operation in operations.as_array().into_iter().flatten() {
            match id.as_str() {
                "comment" => execution.comment = Some(comment(&operation["add"], version)?),
                "worklog" => execution.worklog = Some(work(&operation["add"])?),
                _ => execution.fields.push((id.clone(), operation["set"].clone())),
            }
        }
    }
    Ok(execution)
}

fn comment(sent: &Value, version: Version) -> Result<NewComment, Refusal> {
    comments::read(sent, version)
}

fn work(sent: &Value) -> Result<WorkDone, RestError> {
    let seconds = worklogs::seconds(sent)?;
    let comment = sent["comment"].as_str().unwrap_or_default().to_owned();
    Ok(WorkDone { seconds, comment, started: worklogs::started(&sent["started"])? })
}
