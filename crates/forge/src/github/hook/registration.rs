//! Registering hooks, idempotently: whatever happened before, the same call ends with one hook.

use http::Method;
use model::secret::ExposeSecret as _;
use serde_json::{Value, json};
use url::Url;

use crate::github::client::Client;
use crate::github::paging::PER_PAGE;
use crate::github::place::{Place, is_number};
use crate::github::shapes;
use crate::hook::ours::{Listed, ours};
use crate::{ForgeError, HookAddress, HookTarget, Problem, RegisteredHook};

/// Pages of a list of hooks: 2,000 of them, where GitHub allows 20 for each event.
const MAX_PAGES: u32 = 20;
/// What we want to hear.
const EVENTS: [&str; 5] = ["push", "pull_request", "pull_request_review", "issue_comment", "repository"];

impl Client {
    /// Makes sure that one hook calls `address`: ours as it was, ours repaired, or a new one.
    pub async fn hook_register(
        &self,
        target: HookTarget<'_>,
        address: &HookAddress,
        known: Option<&str>,
    ) -> Result<RegisteredHook, ForgeError> {
        let place = self.hooks_of(target).await?;
        let place: Vec<&str> = place.iter().map(String::as_str).collect();
        let hooks = self.whole::<shapes::Hook>(&place, PER_PAGE, MAX_PAGES).await.map_err(not_allowed)?.items;
        let (ours, doubles) = ours(hooks, &address.url, known);
        // A double comes from an answer that was lost: each would call for every event.
        for double in doubles {
            self.change_hook(Method::DELETE, &place, &double.id.0, None).await?;
        }
        let made = match ours {
            None => self.write(Method::POST, &place, &wanted(address, None), address).await?,
            Some(hook) if is_as_wanted(&hook, &address.url) => hook,
            Some(hook) => {
                let segments = [&place[..], &[hook.id.0.as_str()]].concat();
                self.write(Method::PATCH, &segments, &wanted(address, Some(&hook)), address).await?
            }
        };
        Ok(RegisteredHook { forge_id: made.id.0, disabled: false })
    }

    /// Removes a hook; "not found" says that it is gone.
    pub async fn hook_remove(&self, target: HookTarget<'_>, forge_id: &str) -> Result<(), ForgeError> {
        let place = self.hooks_of(target).await?;
        let place: Vec<&str> = place.iter().map(String::as_str).collect();
        self.change_hook(Method::DELETE, &place, forge_id, None).await
    }

    /// Lets GitHub call a hook with a ping; whether the call arrived, only its arrival tells.
    pub async fn hook_test(&self, target: HookTarget<'_>, forge_id: &str) -> Result<(), ForgeError> {
        let place = self.hooks_of(target).await?;
        let mut segments: Vec<&str> = place.iter().map(String::as_str).collect();
        segments.extend([forge_id, "pings"]);
        self.change(Method::POST, &segments, None).await.map(drop)
    }

    /// Where the hooks of a repository or an organisation are. What is not GitHub has none, or such as sign nothing.
    async fn hooks_of(&self, target: HookTarget<'_>) -> Result<Vec<String>, ForgeError> {
        let segments = match target {
            HookTarget::Repository(id) => match Place::of(id)? {
                place @ Place::ById(_) => place.segments(&["hooks"]).into_iter().map(str::to_owned).collect(),
                place @ Place::ByName(..) => {
                    let path = self.endpoint(&place.segments(&["hooks"]), "").path().to_owned();
                    return Err(ForgeError::at(Problem::NotAvailable, path));
                }
            },
            HookTarget::Group(id) if is_number(id) => {
                let organisation: shapes::User = self.one(&["user", id], "").await?;
                vec!["orgs".to_owned(), organisation.login().to_owned(), "hooks".to_owned()]
            }
            HookTarget::Group(_) => return Err(Problem::NotAvailable.into()),
        };
        Ok(segments)
    }

    async fn change_hook(
        &self,
        method: Method,
        place: &[&str],
        forge_id: &str,
        body: Option<&Value>,
    ) -> Result<(), ForgeError> {
        match self.change(method, &[place, &[forge_id]].concat(), body).await {
            Ok(_) | Err(ForgeError { problem: Problem::NotFound, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn write(
        &self,
        method: Method,
        segments: &[&str],
        wanted: &Value,
        address: &HookAddress,
    ) -> Result<shapes::Hook, ForgeError> {
        let answer = self.change(method, segments, Some(wanted)).await;
        answer.map_err(|error| not_allowed(address.keep_secret(error)))?.json()
    }
}

impl Listed for shapes::Hook {
    fn forge_id(&self) -> &str {
        &self.id.0
    }

    fn address(&self) -> Option<Url> {
        self.config.address()
    }

    fn is_off(&self) -> bool {
        !self.active
    }
}

/// Who may not administer something is told that it has no hooks at all.
fn not_allowed(error: ForgeError) -> ForgeError {
    match error.problem {
        Problem::NotFound => ForgeError { problem: Problem::Forbidden, ..error },
        _ => error,
    }
}

/// Whether a hook does what we need and nothing that only costs. Its secret cannot be compared, only missed.
fn is_as_wanted(hook: &shapes::Hook, url: &Url) -> bool {
    let hears = EVENTS.iter().all(|event| hook.events.iter().any(|heard| heard == event));
    let is_signed = hook.config.secret.as_deref().is_some_and(|secret| !secret.is_empty());
    let leads_here = hook.config.address().as_ref() == Some(url) && hook.config.content_type == "json";
    hook.active && hears && hook.events.len() == EVENTS.len() && is_signed && leads_here
}

/// The parameters of a hook, the secret always among them: what is left out of `config` is forgotten. Whether certificates
/// are checked is ours to say for a new address only.
fn wanted(address: &HookAddress, before: Option<&shapes::Hook>) -> Value {
    let known = before.filter(|hook| hook.config.address().as_ref() == Some(&address.url));
    let insecure = known.and_then(|hook| hook.config.insecure_ssl.clone()).unwrap_or_else(|| json!("0"));
    let mut wanted = json!({
        "active": true,
        "events": EVENTS,
        "config": {
            "url": address.url.as_str(),
            "content_type": "json",
            "secret": address.secret.expose_secret(),
            "insecure_ssl": insecure,
        },
    });
    if before.is_none() {
        wanted["name"] = json!("web");
    }
    wanted
}
