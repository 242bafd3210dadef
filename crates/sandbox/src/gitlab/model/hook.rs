//! Registrations of web hooks (GitLab contract §5.10).

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use model::Millis;
use url::Host;

use super::{GroupId, HookHealth, HookId, Model, ModelError, Namespace, ProjectId, Settings, State};

macro_rules! hook_events {
    ($($(#[$doc:meta])* $variant:ident = $field:literal;)+) => {
        /// What a hook can be told about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum HookEvent {
            $($(#[$doc])* $variant,)+
        }

        impl HookEvent {
            /// Every event.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The field in GitLab's JSON.
            #[must_use]
            pub const fn field(self) -> &'static str {
                match self { $(Self::$variant => $field),+ }
            }
        }
    };
}

hook_events! {
    /// Branches moved.
    Push = "push_events";
    /// Tags moved.
    TagPush = "tag_push_events";
    /// Merge requests.
    MergeRequests = "merge_requests_events";
    /// Notes.
    Notes = "note_events";
    /// Confidential notes.
    ConfidentialNotes = "confidential_note_events";
    /// Anything in the repository.
    RepositoryUpdate = "repository_update_events";
    /// Issues.
    Issues = "issues_events";
    /// Confidential issues.
    ConfidentialIssues = "confidential_issues_events";
    /// Pipelines.
    Pipelines = "pipeline_events";
    /// Wiki pages.
    WikiPages = "wiki_page_events";
    /// Jobs.
    Jobs = "job_events";
    /// Deployments.
    Deployments = "deployment_events";
    /// Feature flags.
    FeatureFlags = "feature_flag_events";
    /// Releases.
    Releases = "releases_events";
    /// Milestones.
    Milestones = "milestone_events";
    /// Reactions.
    Emoji = "emoji_events";
    /// Access tokens about to expire.
    ResourceAccessTokens = "resource_access_token_events";
}

/// What a hook watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HookPlace {
    /// Everything: a system hook.
    Instance,
    /// A group and all below it.
    Group(GroupId),
    /// A project.
    Project(ProjectId),
}

impl From<GroupId> for HookPlace {
    fn from(id: GroupId) -> Self {
        Self::Group(id)
    }
}

impl From<ProjectId> for HookPlace {
    fn from(id: ProjectId) -> Self {
        Self::Project(id)
    }
}

impl HookPlace {
    /// How many hooks it may have, and how GitLab calls those.
    const fn limit(self) -> (usize, &'static str) {
        match self {
            Self::Instance => (usize::MAX, "system"),
            Self::Group(_) => (50, "group"),
            Self::Project(_) => (100, "project"),
        }
    }

    /// What a new hook is told about when nothing else is said.
    const fn default_event(self) -> HookEvent {
        match self {
            Self::Instance => HookEvent::RepositoryUpdate,
            Self::Group(_) | Self::Project(_) => HookEvent::Push,
        }
    }
}

/// A registered hook.
#[derive(Debug, Clone)]
pub struct Hook {
    /// The id.
    pub id: HookId,
    /// What it watches.
    pub place: HookPlace,
    /// Where events go.
    pub url: String,
    /// The secret sent along in clear; never told again.
    pub token: Option<String>,
    /// The key that calls are signed with (`whsec_…`, GitLab contract §7.2); never told again.
    pub signing_token: Option<String>,
    /// A name for people.
    pub name: Option<String>,
    /// A description for people.
    pub description: Option<String>,
    /// What it is told about.
    pub events: BTreeSet<HookEvent>,
    /// A pattern that branch names must match for push events.
    pub branch_filter: Option<String>,
    /// Whether certificates are checked.
    pub verify_tls: bool,
    /// Headers sent along.
    pub custom_headers: Vec<(String, String)>,
    /// Registered.
    pub created_at: Millis,
    /// How it fared of late.
    pub(crate) health: HookHealth,
}

/// What is to be set on a hook; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct HookChange {
    /// The new address; without a token in the same change, the old token is forgotten.
    pub url: Option<String>,
    /// The new secret.
    pub token: Option<String>,
    /// The new signing key; passed over while the instance is too old for it.
    pub signing_token: Option<String>,
    /// The new name.
    pub name: Option<String>,
    /// The new description.
    pub description: Option<String>,
    /// Events to switch on or off.
    pub events: Vec<(HookEvent, bool)>,
    /// The new branch pattern.
    pub branch_filter: Option<String>,
    /// Whether certificates are checked.
    pub verify_tls: Option<bool>,
    /// New headers.
    pub custom_headers: Option<Vec<(String, String)>>,
}

impl Model {
    /// Registers a hook: push events on (of a system hook: anything in a repository), everything else off, unless the change
    /// says otherwise.
    ///
    /// # Errors
    /// When the address is no http(s) URL or a local one where those are refused, or the place has as many hooks as it may have
    /// (a project 100, a group 50).
    pub fn create_hook(&self, place: impl Into<HookPlace>, change: HookChange) -> Result<HookId, ModelError> {
        let (place, created_at) = (place.into(), self.now());
        self.write(|state| {
            let (most, kind) = place.limit();
            if state.hooks.values().filter(|hook| hook.place == place).count() >= most {
                return Err(ModelError::invalid("base", format!("Maximum number of {kind} hooks ({most}) exceeded")));
            }
            let mut hook = Hook {
                id: HookId(0),
                place,
                url: String::new(),
                token: None,
                signing_token: None,
                name: None,
                description: None,
                events: BTreeSet::from([place.default_event()]),
                branch_filter: None,
                verify_tls: true,
                custom_headers: Vec::new(),
                created_at,
                health: HookHealth::default(),
            };
            hook.apply(change, &state.settings)?;
            hook.id = HookId(state.numbers.hook.draw());
            let id = hook.id;
            state.hooks.insert(id, hook);
            Ok(id)
        })
    }

    /// Changes a hook.
    ///
    /// # Errors
    /// When it does not exist, or the address is no http(s) URL or a local one where those are refused.
    pub fn update_hook(&self, id: HookId, change: HookChange) -> Result<(), ModelError> {
        self.write(|state| state.hooks.get_mut(&id).ok_or(ModelError::NotFound("Hook"))?.apply(change, &state.settings))
    }

    /// Removes a hook; whether there was one.
    pub fn delete_hook(&self, id: HookId) -> bool {
        self.write(|state| state.hooks.remove(&id).is_some())
    }

    /// The hook with this id.
    #[must_use]
    pub fn hook(&self, id: HookId) -> Option<Hook> {
        self.read(|state| state.hooks.get(&id).cloned())
    }

    /// The hooks registered at a place itself, oldest first.
    #[must_use]
    pub fn hooks_at(&self, place: impl Into<HookPlace>) -> Vec<Hook> {
        let place = place.into();
        self.read(|state| state.hooks.values().filter(|hook| hook.place == place).cloned().collect())
    }

    /// The hooks that are told about a project: its own, then those of the groups above it.
    #[must_use]
    pub fn hooks_for(&self, project: ProjectId) -> Vec<Hook> {
        self.read(|state| state.hooks_for(project))
    }
}

impl State {
    pub(crate) fn hooks_for(&self, id: ProjectId) -> Vec<Hook> {
        let mut places = vec![HookPlace::Project(id)];
        if let Some(Namespace::Group(group)) = self.projects.get(&id).map(|project| project.namespace) {
            places.extend(self.ancestry(group).map(|group| HookPlace::Group(group.id)));
        }
        let at =
            |place: &HookPlace| self.hooks.values().filter(|hook| hook.place == *place).cloned().collect::<Vec<_>>();
        places.iter().flat_map(at).collect()
    }

    /// The hooks that are told about everything.
    pub(crate) fn system_hooks(&self) -> Vec<Hook> {
        self.hooks.values().filter(|hook| hook.place == HookPlace::Instance).cloned().collect()
    }
}

impl Hook {
    fn apply(&mut self, change: HookChange, settings: &Settings) -> Result<(), ModelError> {
        if let Some(signing_token) = change.signing_token.filter(|_| settings.signing_tokens) {
            if !signing_token.is_empty() && signing_key(&signing_token).is_none() {
                return Err(ModelError::invalid("signing_token", "must be whsec_ and the base64 of 32 bytes"));
            }
            self.signing_token = Some(signing_token).filter(|token| !token.is_empty());
        }
        if let Some(url) = change.url {
            check_url(&url, settings.local_hooks)?;
            if url != self.url {
                self.token = None;
                self.custom_headers.clear();
            }
            self.url = url;
        }
        self.token = change.token.or(self.token.take()).filter(|token| !token.is_empty());
        self.name = change.name.or(self.name.take());
        self.description = change.description.or(self.description.take());
        self.branch_filter = change.branch_filter.or(self.branch_filter.take()).filter(|filter| !filter.is_empty());
        self.verify_tls = change.verify_tls.unwrap_or(self.verify_tls);
        self.custom_headers = change.custom_headers.unwrap_or_else(|| std::mem::take(&mut self.custom_headers));
        for (event, on) in change.events {
            if on {
                self.events.insert(event);
            } else {
                self.events.remove(&event);
            }
        }
        Ok(())
    }
}

/// The bytes of a signing token.
pub(crate) fn signing_key(token: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(token.strip_prefix("whsec_")?).ok().filter(|key| key.len() == 32)
}

fn check_url(url: &str, local_allowed: bool) -> Result<(), ModelError> {
    let parsed = url::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let allowed = parsed.filter(|url| local_allowed || !is_local(url));
    allowed.map(|_| ()).ok_or_else(|| ModelError::invalid("url", "Invalid url given"))
}

/// Whether an address leads into GitLab's own network, as far as its text tells.
fn is_local(url: &url::Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            name.eq_ignore_ascii_case("localhost") || name.to_lowercase().ends_with(".localhost")
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => {
            ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_unspecified()
        }
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_addresses_are_known_by_their_text() {
        let local = |url: &str| is_local(&url.parse().unwrap());
        for url in
            ["http://localhost:8080/", "http://127.0.0.1/", "http://10.1.2.3/", "http://[::1]/", "http://[fd00::1]/"]
        {
            assert!(local(url), "{url}");
        }
        for url in ["https://dovetail.example.com/", "http://192.0.2.1/", "http://[2001:db8::1]/"] {
            assert!(!local(url), "{url}");
        }
    }

    #[test]
    fn a_signing_token_has_thirty_two_bytes() {
        assert_eq!(signing_key(&format!("whsec_{}", BASE64_STANDARD.encode([7; 32]))), Some(vec![7; 32]));
        assert_eq!(signing_key(&format!("whsec_{}", BASE64_STANDARD.encode([7; 31]))), None);
        assert_eq!(signing_key("secret"), None);
    }
}
