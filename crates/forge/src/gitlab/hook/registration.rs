//! Registering hooks (GitLab contract §5.10), idempotently: whatever happened before, the same call ends with one hook.

use http::Method;
use model::secret::ExposeSecret as _;
use serde_json::{Value, json};
use url::Url;

use crate::gitlab::client::Client;
use crate::gitlab::paging::PER_PAGE;
use crate::gitlab::shapes;
use crate::{ForgeError, HookAddress, HookTarget, Problem, RegisteredHook};

/// Pages of a list of hooks: 2,000 of them, where GitLab allows 100 unless its administrator raises that.
const MAX_PAGES: u32 = 20;
/// What people read in GitLab's list (17.1 and newer).
const NAME: &str = "Dovetail";
/// How many segments at the end of our addresses never change: `hooks`, the kind of host, the hook's own id.
const TAIL: usize = 3;

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
        let answer = self.change(method, segments, Some(wanted)).await.map_err(|error| discreet(error, address))?;
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

/// Which hook is ours, and which others are ours as well. `known` counts only where no address is ours, and makes no
/// doubles: after a restored backup GitLab may have given that id to a stranger's hook.
fn ours(hooks: Vec<shapes::Hook>, url: &Url, known: Option<&str>) -> (Option<shapes::Hook>, Vec<shapes::Hook>) {
    let (mut same, others): (Vec<_>, Vec<_>) = hooks.into_iter().partition(|hook| is_of(hook, url));
    if same.is_empty() {
        return (others.into_iter().find(|hook| Some(hook.id.0.as_str()) == known), Vec::new());
    }
    same.sort_by_key(|hook| (hook.address().as_ref() != Some(url), hook.is_disabled()));
    let mut same = same.into_iter();
    (same.next(), same.collect())
}

/// Whether a hook leads to `url`, or to the same place under another public address of ours.
fn is_of(hook: &shapes::Hook, url: &Url) -> bool {
    let tail = |url: &Url| {
        let segments: Vec<String> = url.path_segments()?.filter(|one| !one.is_empty()).map(str::to_owned).collect();
        (segments.len() >= TAIL).then(|| segments[segments.len() - TAIL..].to_vec())
    };
    hook.address().is_some_and(|address| address == *url || tail(&address).is_some_and(|it| Some(it) == tail(url)))
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

/// A refusal without its reason where that repeats our secret.
fn discreet(mut error: ForgeError, address: &HookAddress) -> ForgeError {
    if let Problem::HookRefused { said, .. } = &mut error.problem
        && said.contains(address.secret.expose_secret())
    {
        said.clear();
    }
    error
}
