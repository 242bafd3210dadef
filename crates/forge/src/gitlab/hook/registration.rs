//! Registering hooks (GitLab contract §5.10), idempotently: whatever happened before, the same call ends with one hook.

use http::Method;
use model::secret::ExposeSecret as _;
use serde_json::{Value, json};
use url::Url;

use crate::gitlab::client::Client;
use crate::gitlab::paging::PER_PAGE;
use crate::gitlab::shapes;
use crate::hook::ours::{Listed, ours};
use crate::{ForgeError, HookAddress, HookTarget, Problem, RegisteredHook};

/// Pages of a list of hooks: 2,000 of them, where GitLab allows 100 unless its administrator raises that.
const MAX_PAGES: u32 = 20;
/// What people read in GitLab's list (17.1 and newer).
const NAME: &str = "Dovetail";

impl Client {
    /// Makes sure that one hook calls `address`: ours as it was, ours repaired, or a new one.
    pub async fn hook_register(
        &self,
        target: HookTarget<'_>,
        address: &HookAddress,
        known: Option<&str>,
    ) -> Result<RegisteredHook, ForgeError> {
        let place = place(target);
        let hooks: Vec<shapes::Hook> = self.all_within(&[place.0, place.1, "hooks"], PER_PAGE, MAX_PAGES).await?;
        let (ours, doubles) = ours(hooks, &address.url, known);
        // A double comes from an answer that was lost: each would call for every event.
        for double in doubles {
            self.hook_remove(target, &double.id.0).await?;
        }
        let made = match ours {
            None => self.write(Method::POST, &[place.0, place.1, "hooks"], &wanted(address, None), address).await?,
            Some(hook) if is_as_wanted(&hook, &address.url) => hook,
            Some(hook) => {
                let segments = [place.0, place.1, "hooks", &hook.id.0];
                self.write(Method::PUT, &segments, &wanted(address, Some(&hook)), address).await?
            }
        };
        let disabled = made.is_disabled() && self.stays_disabled(target, &made.id.0).await;
        Ok(RegisteredHook { forge_id: made.id.0, disabled })
    }

    /// Removes a hook; GitLab's "not found" says that it is gone.
    pub async fn hook_remove(&self, target: HookTarget<'_>, forge_id: &str) -> Result<(), ForgeError> {
        let (kind, id) = place(target);
        match self.change(Method::DELETE, &[kind, id, "hooks", forge_id], None).await {
            Ok(_) | Err(ForgeError { problem: Problem::NotFound, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Lets GitLab call a hook with its newest push.
    pub async fn hook_test(&self, target: HookTarget<'_>, forge_id: &str) -> Result<(), ForgeError> {
        let (kind, id) = place(target);
        self.change(Method::POST, &[kind, id, "hooks", forge_id, "test", "push_events"], None).await.map(drop)
    }

    async fn write(
        &self,
        method: Method,
        segments: &[&str],
        wanted: &Value,
        address: &HookAddress,
    ) -> Result<shapes::Hook, ForgeError> {
        let answer = self.change(method, segments, Some(wanted)).await.map_err(|error| address.keep_secret(error))?;
        answer.json()
    }

    /// A hook that was switched off after failures comes back by a call that succeeds, not by being written again
    /// (GitLab contract §5.10). Where that fails too, it is a fact to tell, no failure of registering.
    async fn stays_disabled(&self, target: HookTarget<'_>, forge_id: &str) -> bool {
        let (kind, id) = place(target);
        if self.hook_test(target, forge_id).await.is_err() {
            return true;
        }
        let hook = self.one::<shapes::Hook>(&[kind, id, "hooks", forge_id], "").await;
        hook.map_or(true, |hook| hook.is_disabled())
    }
}

fn place(target: HookTarget<'_>) -> (&'static str, &str) {
    match target {
        HookTarget::Repository(id) => ("projects", id),
        HookTarget::Group(id) => ("groups", id),
    }
}

impl Listed for shapes::Hook {
    fn forge_id(&self) -> &str {
        &self.id.0
    }

    fn address(&self) -> Option<Url> {
        Self::address(self)
    }

    fn is_off(&self) -> bool {
        self.is_disabled()
    }
}

/// Whether a hook does what we need and nothing that only costs. Its secret cannot be compared: GitLab never tells it.
fn is_as_wanted(hook: &shapes::Hook, url: &Url) -> bool {
    let hears = hook.push_events && hook.merge_requests_events && hook.note_events;
    hears && !hook.hears_more() && !hook.is_bent() && !hook.is_disabled() && hook.address().as_ref() == Some(url)
}

/// The parameters of a hook, the secret always among them: GitLab forgets it when the address changes (GitLab contract
/// §5.10). Whether certificates are checked is ours to say for a new address only: an administrator whose authority
/// GitLab does not know may have switched it off.
fn wanted(address: &HookAddress, before: Option<&shapes::Hook>) -> Value {
    let mut wanted = json!({
        "url": address.url.as_str(),
        "token": address.secret.expose_secret(),
        "push_events": true,
        "merge_requests_events": true,
        "note_events": true,
    });
    for event in shapes::Hook::UNWANTED {
        wanted[event] = json!(false);
    }
    if before.and_then(shapes::Hook::address).as_ref() != Some(&address.url) {
        wanted["enable_ssl_verification"] = json!(address.url.scheme() == "https");
    }
    if before.is_none() {
        wanted["name"] = json!(NAME);
    }
    if before.is_some_and(shapes::Hook::is_bent) {
        for parameter in ["push_events_branch_filter", "custom_webhook_template"] {
            wanted[parameter] = json!("");
        }
    }
    wanted
}
