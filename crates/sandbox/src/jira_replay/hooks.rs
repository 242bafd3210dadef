//! The second client, Jersey: hooks. It keeps port and path of the Host URL, carries the token in the query, and calls itself Java.

use std::sync::Arc;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method};
use serde::Serialize;
use url::form_urlencoded::byte_serialize;

use super::address::PREFIX;
use super::calls::Kind;
use super::egit::{Field, Json, Refused, Shape, list_in, next_page};
use super::jira::{Inner, Token};
use super::sentences::{HOOK_STAYS, NO_HOOK, NO_HOOK_NO_RIGHTS};
use super::wire::{Answer, Java, Request};

/// Below Jira's address, where hooks call.
pub(super) const INBOX: &str = "/rest/bitbucket/1.0/repository";
/// More pages than any list of hooks has.
const PAGES: usize = 1_000;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What is registered, and for which content.
const PUSHES: &[&str] = &["push"];
const PULL_REQUESTS: &[&str] = &["push", "pull_request", "pull_request_review_comment", "issue_comment"];

/// The client of one account.
#[derive(Debug)]
pub(super) struct Jersey {
    java: Java,
    repositories: String,
    jira: String,
    token: Token,
}

/// Why hooks were not touched: what Jira says, and what its log says.
#[derive(Debug)]
pub(super) struct HookTrouble {
    pub(super) words: &'static str,
    pub(super) log: String,
}

/// A hook that is registered.
struct Hook {
    id: i64,
    url: String,
    content_type: Option<String>,
}

struct Config {
    url: Option<String>,
    content_type: Option<String>,
}

impl Shape for Hook {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        json.declares(&[("name", Field::Text), ("active", Field::Flag)])?;
        json.texts("events")?;
        let config: Option<Config> = json.object("config")?;
        let (url, content_type) = config.map_or((None, None), |config| (config.url, config.content_type));
        Ok(Self { id: json.long("id")?, url: url.unwrap_or_default(), content_type })
    }
}

impl Shape for Config {
    fn read(json: &Json<'_>) -> Result<Self, Refused> {
        Ok(Self { url: json.text("url")?, content_type: json.text("content_type")? })
    }
}

#[derive(Serialize)]
struct NewHook<'a> {
    id: Option<i64>,
    name: &'a str,
    active: bool,
    events: &'a [&'a str],
    config: NewConfig<'a>,
}

#[derive(Serialize)]
struct NewConfig<'a> {
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<&'a str>,
}

impl Jersey {
    /// A client for an account.
    pub(super) fn new(jira: &Inner, account: &str, token: Token) -> Self {
        let options = &jira.options;
        Self {
            java: Java::new(Arc::clone(&jira.calls), options.connect_timeout, options.read_timeout),
            repositories: format!("{}{PREFIX}/repos/{account}", jira.host.url),
            jira: options.url.clone(),
            token,
        }
    }

    /// Registers the two hooks of a repository where they are missing, and removes what was left of former repositories.
    pub(super) async fn install(&self, slug: &str, repository: i64) -> Result<(), HookTrouble> {
        let callback = self.callback(repository);
        let hooks = self.list(slug).await?;
        let ours = |hook: &&Hook| hook.url == callback;
        let json = |hook: &Hook| hook.content_type.as_deref() == Some("json");
        if !hooks.iter().filter(ours).any(|hook| !json(hook)) {
            self.add(slug, &callback, PUSHES, None).await?;
        }
        if !hooks.iter().filter(ours).any(json) {
            self.add(slug, &callback, PULL_REQUESTS, Some("json")).await?;
        }
        for orphan in hooks.iter().filter(|hook| self.is_orphan(hook, &callback)) {
            self.remove_one(slug, orphan.id).await?;
        }
        Ok(())
    }

    /// Removes the hooks of a repository.
    pub(super) async fn remove(&self, slug: &str, repository: i64) -> Result<(), HookTrouble> {
        let callback = self.callback(repository);
        let hooks = self.list(slug).await.map_err(|trouble| HookTrouble { words: HOOK_STAYS, ..trouble })?;
        for hook in hooks.iter().filter(|hook| hook.url == callback) {
            self.remove_one(slug, hook.id).await?;
        }
        Ok(())
    }

    /// Where the hooks of a repository call.
    fn callback(&self, repository: i64) -> String {
        format!("{}{INBOX}/{repository}/sync", self.jira)
    }

    /// Calls this Jira about another repository. A Jira at `http://localhost:` may be anybody's.
    fn is_orphan(&self, hook: &Hook, callback: &str) -> bool {
        let here = format!("{}{INBOX}/", self.jira);
        !self.jira.starts_with("http://localhost:") && hook.url.starts_with(&here) && hook.url != callback
    }

    async fn list(&self, slug: &str) -> Result<Vec<Hook>, HookTrouble> {
        let (mut hooks, mut next) = (Vec::new(), Some(self.address(slug, "")));
        for _ in 0..PAGES {
            let Some(url) = next else { break };
            let answer = self.call(Kind::HookList, Method::GET, url, None).await.map_err(not_added)?;
            hooks.extend(list_in::<Hook>(&answer.body).map_err(|refused| not_added((None, refused.to_string())))?);
            next = next_page(&answer);
        }
        Ok(hooks)
    }

    async fn add(&self, slug: &str, url: &str, events: &[&str], content_type: Option<&str>) -> Result<(), HookTrouble> {
        let hook = NewHook { id: None, name: "web", active: true, events, config: NewConfig { url, content_type } };
        let body = serde_json::to_string(&hook).expect("texts and lists become JSON");
        self.call(Kind::HookAdd, Method::POST, self.address(slug, ""), Some(body)).await.map_err(not_added)?;
        Ok(())
    }

    async fn remove_one(&self, slug: &str, id: i64) -> Result<(), HookTrouble> {
        let url = self.address(slug, &format!("/{id}"));
        let removed = self.call(Kind::HookRemove, Method::DELETE, url, None).await;
        removed.map(|_| ()).map_err(|(_, log)| HookTrouble { words: HOOK_STAYS, log })
    }

    fn address(&self, slug: &str, below: &str) -> String {
        let token: String = byte_serialize(self.token.text().as_bytes()).collect();
        format!("{}/{slug}/hooks{below}?access_token={token}", self.repositories)
    }

    /// Calls; whatever is not below 300 is an error, with the status if there is one.
    async fn call(
        &self,
        kind: Kind,
        method: Method,
        url: String,
        body: Option<String>,
    ) -> Result<Answer, (Option<u16>, String)> {
        let mut headers = vec![(ACCEPT, JSON)];
        if body.is_some() {
            headers.push((CONTENT_TYPE, JSON));
        }
        let request = Request { kind, method, url, headers, body };
        let answer = self.java.send(request).await.map_err(|why| (None, why))?;
        if answer.status >= 300 { Err((Some(answer.status), answer.status_line())) } else { Ok(answer) }
    }
}

fn not_added((status, log): (Option<u16>, String)) -> HookTrouble {
    HookTrouble { words: if status == Some(404) { NO_HOOK_NO_RIGHTS } else { NO_HOOK }, log }
}
