//! Links of an issue to things elsewhere; one with a global id is found by that.

use serde_json::Value;
use url::Url;

use super::{IssueId, Model, Permission, Refusal, RefusalKind, RemoteLinkId, State, UserId, draw};
use crate::jira::{Deployment, sentences};

/// The longest global id, title, name or relationship.
const LONGEST: usize = 255;
/// The longest address.
const LONGEST_URL: usize = 2_000;

/// A remote link that is to be made, or to replace the one with the same global id.
#[derive(Debug, Clone, Default)]
pub struct NewRemoteLink {
    /// The id that whoever makes it gives it.
    pub global_id: Option<String>,
    /// `application`: type and name.
    pub application: Value,
    /// How the thing relates to the issue.
    pub relationship: Option<String>,
    /// `object`: address, title, icon, status.
    pub object: Value,
}

/// A remote link.
#[derive(Debug, Clone)]
pub struct RemoteLink {
    /// The id.
    pub id: RemoteLinkId,
    /// What it says.
    pub content: NewRemoteLink,
}

/// Which remote link is meant.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which<'a> {
    Id(u64),
    GlobalId(&'a str),
}

impl Model {
    /// Makes a remote link, or replaces the one with the same global id; whether it is new.
    ///
    /// # Errors
    /// When the issue is not there or visible, the user may not link it, linking is off, or a field is missing or too long.
    pub fn put_remote_link(
        &self,
        key: &str,
        user: UserId,
        new: NewRemoteLink,
    ) -> Result<(RemoteLinkId, bool), Refusal> {
        let now = self.now();
        self.write(|state| {
            let issue = state.linkable_issue(key, user, self.deployment)?;
            check(&new)?;
            let global_id = new.global_id.as_deref().filter(|id| !id.is_empty());
            let there = global_id.and_then(|id| state.remote_link(issue, Which::GlobalId(id)).map(|link| link.id));
            let id = there.unwrap_or_else(|| RemoteLinkId(draw(&mut state.numbers.remote_link)));
            state.remote_links.insert((issue, id), RemoteLink { id, content: new });
            state.touch(issue, now);
            Ok((id, there.is_none()))
        })
    }

    /// Deletes a remote link.
    pub(crate) fn delete_remote_link(&self, key: &str, user: UserId, which: Which<'_>) -> Result<(), Refusal> {
        self.write(|state| {
            let issue = state.linkable_issue(key, user, self.deployment)?;
            let id = state.remote_link(issue, which).map(|link| link.id).ok_or_else(|| missing(which))?;
            state.remote_links.remove(&(issue, id));
            Ok(())
        })
    }

    /// The remote links of an issue, in the order in which they were made.
    #[must_use]
    pub fn remote_links(&self, key: &str) -> Vec<RemoteLink> {
        self.read(|state| match state.find_issue(key) {
            Some(issue) => state.remote_links_of(issue.id).cloned().collect(),
            None => Vec::new(),
        })
    }
}

impl State {
    pub(crate) fn remote_links_of(&self, id: IssueId) -> impl Iterator<Item = &RemoteLink> {
        self.remote_links.range((id, RemoteLinkId(0))..=(id, RemoteLinkId(u64::MAX))).map(|(_, link)| link)
    }

    pub(crate) fn remote_link(&self, issue: IssueId, which: Which<'_>) -> Option<&RemoteLink> {
        self.remote_links_of(issue).find(|link| match which {
            Which::Id(id) => link.id.0 == id,
            Which::GlobalId(id) => link.content.global_id.as_deref() == Some(id),
        })
    }

    fn linkable_issue(&self, key: &str, user: UserId, deployment: Deployment) -> Result<IssueId, Refusal> {
        let issue = self.visible_issue(key, Some(user), deployment)?;
        let forbidden = |text: &str| Err(Refusal::of(RefusalKind::Forbidden, text));
        if !self.settings.issue_linking {
            return forbidden("Issue linking is currently disabled.");
        }
        if !self.may(Some(user), issue.project, Permission::LinkIssues) {
            return forbidden("You do not have permission to link issues in this project.");
        }
        Ok(issue.id)
    }
}

/// The refusal for a link that is not there.
pub(crate) fn missing(which: Which<'_>) -> Refusal {
    Refusal::not_found(match which {
        Which::Id(id) => sentences::no_remote_link(&id.to_string()),
        Which::GlobalId(id) => sentences::no_remote_link(id),
    })
}

fn check(new: &NewRemoteLink) -> Result<(), Refusal> {
    let mut refusal = Refusal { kind: RefusalKind::Invalid, messages: Vec::new(), errors: Vec::new() };
    let mut wrong = |field: &str, text: String| refusal.errors.push((field.to_owned(), text));
    for field in ["url", "title"] {
        if new.object[field].as_str().is_none_or(|text| text.trim().is_empty()) {
            wrong(field, format!("'{field}' is required."));
        }
    }
    let texts = [
        ("globalId", new.global_id.as_deref(), LONGEST),
        ("relationship", new.relationship.as_deref(), LONGEST),
        ("title", new.object["title"].as_str(), LONGEST),
        ("summary", new.object["summary"].as_str(), usize::MAX),
        ("url", new.object["url"].as_str(), LONGEST_URL),
    ];
    for (field, text, longest) in texts {
        if text.is_some_and(|text| text.chars().count() > longest) {
            wrong(field, format!("'{field}' cannot be longer than {longest} characters."));
        }
    }
    let addresses = [
        ("url", &new.object["url"]),
        ("iconUrl", &new.object["icon"]["url16x16"]),
        ("iconUrl", &new.object["status"]["icon"]["url16x16"]),
    ];
    for (field, address) in addresses {
        let fine = |text: &str| Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if address.as_str().is_some_and(|text| !text.trim().is_empty() && !fine(text)) {
            wrong(field, format!("'{field}' is not a valid URL."));
        }
    }
    if refusal.errors.is_empty() { Ok(()) } else { Err(refusal) }
}
