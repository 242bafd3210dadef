//! Web hooks that Jira registered here.

use serde_json::{Value, json};
use store::facade::FacadeHook;

use super::super::caller::Caller;
use super::time;

/// The JSON of a web hook, below the repository's path `base`.
pub fn hook(caller: &Caller, base: &str, hook: &FacadeHook) -> Value {
    let url = caller.api(&format!("{base}/hooks/{}", hook.id));
    json!({
        "type": "Repository",
        "id": hook.id,
        "name": "web",
        "active": hook.active,
        "events": hook.events,
        "config": {
            "url": hook.url,
            "content_type": if hook.json { "json" } else { "form" },
            "insecure_ssl": "0",
        },
        "created_at": time(hook.created_at),
        "updated_at": time(hook.called_at.unwrap_or(hook.created_at)),
        "url": url,
        "test_url": format!("{url}/test"),
        "ping_url": format!("{url}/pings"),
        "deliveries_url": format!("{url}/deliveries"),
        "last_response": { "code": null, "status": "unused", "message": hook.outcome },
    })
}
