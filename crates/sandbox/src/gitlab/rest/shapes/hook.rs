//! Web hooks.

use serde_json::{Map, Value, json};

use super::time;
use super::user::merge;
use crate::gitlab::model::{Hook, HookEvent, Place};

/// A hook; its token is never told.
pub(crate) fn hook(hook: &Hook) -> Value {
    let mut shape = json!({
        "id": hook.id,
        "url": hook.url,
        "name": hook.name,
        "description": hook.description,
        "created_at": time(hook.created_at),
        "push_events_branch_filter": hook.branch_filter,
        "branch_filter_strategy": "wildcard",
        "enable_ssl_verification": hook.verify_tls,
        "alert_status": "executable",
        "disabled_until": null,
        "url_variables": [],
        "custom_headers": hook.custom_headers.iter().map(|(key, _)| json!({ "key": key })).collect::<Vec<_>>(),
        "custom_webhook_template": null,
    });
    let flags = HookEvent::ALL.iter().map(|event| (event.field().to_owned(), json!(hook.events.contains(event))));
    merge(&mut shape, Value::Object(flags.collect::<Map<_, _>>()));
    match hook.place {
        Place::Project(id) => shape["project_id"] = json!(id),
        Place::Group(id) => shape["group_id"] = json!(id),
    }
    shape
}
