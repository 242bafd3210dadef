//! Web hooks.

use model::Millis;
use serde_json::{Map, Value, json};

use super::time;
use super::user::merge;
use crate::gitlab::hooks::Delivery;
use crate::gitlab::model::{Hook, HookEvent, HookPlace, Settings};

/// A hook as it is at this moment; its tokens are never told.
pub(crate) fn hook(hook: &Hook, settings: &Settings, now: Millis) -> Value {
    let mut shape = json!({
        "id": hook.id,
        "url": hook.url,
        "name": hook.name,
        "description": hook.description,
        "created_at": time(hook.created_at),
        "push_events_branch_filter": hook.branch_filter,
        "branch_filter_strategy": "wildcard",
        "enable_ssl_verification": hook.verify_tls,
        "alert_status": hook.alert_status(settings, now).as_str(),
        "disabled_until": hook.disabled_until().map(time),
        "url_variables": [],
        "custom_headers": hook.custom_headers.iter().map(|(key, _)| json!({ "key": key })).collect::<Vec<_>>(),
        "custom_webhook_template": null,
    });
    if settings.signing_tokens {
        shape["token_present"] = json!(hook.token.is_some());
        shape["signing_token_present"] = json!(hook.signing_token.is_some());
    }
    let flags = HookEvent::ALL.iter().map(|event| (event.field().to_owned(), json!(hook.events.contains(event))));
    merge(&mut shape, Value::Object(flags.collect::<Map<_, _>>()));
    match hook.place {
        HookPlace::Project(id) => shape["project_id"] = json!(id),
        HookPlace::Group(id) => shape["group_id"] = json!(id),
        HookPlace::Instance => {}
    }
    shape
}

/// A call of a hook (`GET …/hooks/:hook_id/events`).
pub(crate) fn delivery(it: &Delivery) -> Value {
    let object = |pairs: &[(String, String)]| pairs.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
    let body: Value = serde_json::from_str(&it.request_body).unwrap_or_default();
    json!({
        "id": it.id,
        "url": it.url,
        "trigger": trigger(it.trigger),
        "request_headers": Value::Object(object(&it.request_headers)),
        "request_data": body,
        "response_headers": Value::Object(object(&it.response_headers)),
        "response_body": it.response_body,
        "execution_duration": it.duration.as_secs_f64(),
        "response_status": status(it),
    })
}

/// The answer's status as the log has it.
pub(crate) fn status(it: &Delivery) -> String {
    it.status.map_or_else(|| "internal error".to_owned(), |status| status.to_string())
}

/// The log's word for a field of a hook: `push_hooks` for `push_events`.
fn trigger(field: &str) -> String {
    field.replace("merge_requests_", "merge_request_").replace("_events", "_hooks")
}
