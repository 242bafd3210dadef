//! Worklogs of issues.

use axum::Json;
use axum::response::IntoResponse;
use http::StatusCode;
use serde_json::{Value, json};

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::{comments, time};
use crate::jira::model::{Adjust, NewWorklog, Refusal, duration};
use crate::jira::sentences;

/// `GET /issue/{key}/worklog`
pub(super) async fn list(ask: Ask) -> Answer {
    let issue = ask.issue()?;
    let shape = ask.look(|lens| {
        let told: Vec<_> = lens.state.worklogs_of(issue.id).map(|worklog| lens.worklog(issue.id, worklog)).collect();
        json!({ "startAt": 0, "maxResults": told.len(), "total": told.len(), "worklogs": told })
    });
    Ok(Json(shape).into_response())
}

/// `GET /issue/{key}/worklog/{id}`
pub(super) async fn one(ask: Ask) -> Answer {
    let issue = ask.issue()?;
    let id = ask.capture("id");
    if !ask.app.model.settings().time_tracking {
        return Err(Refusal::not_found(sentences::NO_TIME_TRACKING).into());
    }
    let shape = ask.look(|lens| {
        let found = lens.state.worklogs_of(issue.id).find(|worklog| worklog.id.to_string() == id)?;
        Some(lens.worklog(issue.id, found))
    });
    let missing = || Refusal::not_found(format!("Cannot find worklog with id: '{id}'."));
    Ok::<_, RestError>(Json(shape.ok_or_else(missing)?).into_response())
}

/// `POST /issue/{key}/worklog`
pub(super) async fn create(ask: Ask) -> Answer {
    let issue = ask.issue()?;
    let user = ask.user()?;
    let adjust = adjust(&ask)?;
    let sent = &ask.body;
    let started = started(&sent["started"])?;
    let (comment, document) = comments::text(&sent["comment"], ask.version).unwrap_or_default();
    // Whether somebody may log work is asked before what they log is read.
    ask.app.model.check_log_work(issue.id, user)?;
    let seconds = seconds(sent).map_err(|refusal| refusal.and(sentences::WORKLOG_NULL))?;
    let new = NewWorklog { seconds, started, comment, document, adjust };
    let made = ask.app.model.log_work(&issue.id.to_string(), user, new)?;
    let shape = ask.look(|lens| lens.worklog(issue.id, &made));
    Ok((StatusCode::CREATED, Json(shape)).into_response())
}

/// `started`; a time in any other form than Jira's breaks it.
pub(super) fn started(sent: &Value) -> Result<Option<::model::Millis>, RestError> {
    match sent {
        Value::Null => Ok(None),
        Value::String(text) => time::read(text).map(Some).ok_or(RestError::Broken),
        _ => Err(RestError::Broken),
    }
}

/// `timeSpent` or `timeSpentSeconds`.
pub(super) fn seconds(sent: &Value) -> Result<u64, Refusal> {
    let invalid = || Refusal::field("timeLogged", sentences::BAD_DURATION);
    match (&sent["timeSpent"], &sent["timeSpentSeconds"]) {
        (Value::String(text), _) => duration::parse(text).ok_or_else(invalid),
        (_, Value::Number(number)) => number.as_u64().ok_or_else(invalid),
        _ => Err(invalid()),
    }
}

fn adjust(ask: &Ask) -> Result<Adjust, RestError> {
    let seconds = |field: &'static str, text: &str| {
        let sent = ask.param(field).and_then(duration::parse);
        sent.ok_or_else(|| RestError::Refused(Refusal::field(field, text)))
    };
    match ask.param("adjustEstimate").map(str::to_lowercase).as_deref() {
        None | Some("" | "auto") => Ok(Adjust::Auto),
        Some("leave") => Ok(Adjust::Leave),
        Some("new") => Ok(Adjust::New(seconds("newEstimate", "You must supply a valid new estimate.")?)),
        Some("manual") => Ok(Adjust::Manual(seconds("reduceBy", "You must supply a valid amount of time to adjust.")?)),
        Some(_) => {
            let text = "The adjustEstimate parameter must be one of: [AUTO, LEAVE, NEW, MANUAL]";
            Err(Refusal::field("adjustEstimate", text).into())
        }
    }
}
