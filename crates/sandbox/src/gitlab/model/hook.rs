//! Registrations of web hooks (GitLab contract §5.10).

use std::collections::BTreeSet;

use model::Millis;

use super::{HookId, Model, ModelError, Namespace, Place, ProjectId, State};

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

/// A registered hook.
#[derive(Debug, Clone)]
pub struct Hook {
    /// The id.
    pub id: HookId,
    /// The project or group it watches.
    pub place: Place,
    /// Where events go.
    pub url: String,
    /// The secret sent along in clear; never told again.
    pub token: Option<String>,
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
}

/// What is to be set on a hook; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct HookChange {
    /// The new address; without a token in the same change, the old token is forgotten.
    pub url: Option<String>,
    /// The new secret.
    pub token: Option<String>,
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
    /// Registers a hook: push events on, everything else off, unless the change says otherwise.
    ///
    /// # Errors
    /// When the address is no http(s) URL, or the place has a hundred hooks already.
    pub fn create_hook(&self, place: impl Into<Place>, change: HookChange) -> Result<HookId, ModelError> {
        let (place, created_at) = (place.into(), self.now());
        self.write(|state| {
            if state.hooks.values().filter(|hook| hook.place == place).count() >= 100 {
                return Err(ModelError::invalid("base", "Maximum number of project hooks (100) exceeded"));
            }
            let mut hook = Hook {
                id: HookId(0),
                place,
                url: String::new(),
                token: None,
                name: None,
                description: None,
                events: BTreeSet::from([HookEvent::Push]),
                branch_filter: None,
                verify_tls: true,
                custom_headers: Vec::new(),
                created_at,
            };
            hook.apply(change)?;
            hook.id = HookId(state.numbers.hook.draw());
            let id = hook.id;
            state.hooks.insert(id, hook);
            Ok(id)
        })
    }

    /// Changes a hook.
    ///
    /// # Errors
    /// When it does not exist or the address is no http(s) URL.
    pub fn update_hook(&self, id: HookId, change: HookChange) -> Result<(), ModelError> {
        self.write(|state| state.hooks.get_mut(&id).ok_or(ModelError::NotFound("Hook"))?.apply(change))
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
    pub fn hooks_at(&self, place: impl Into<Place>) -> Vec<Hook> {
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
        let mut places = vec![Place::Project(id)];
        if let Some(Namespace::Group(group)) = self.projects.get(&id).map(|project| project.namespace) {
            places.extend(self.ancestry(group).map(|group| Place::Group(group.id)));
        }
        let at = |place: &Place| self.hooks.values().filter(|hook| hook.place == *place).cloned().collect::<Vec<_>>();
        places.iter().flat_map(at).collect()
    }
}

impl Hook {
    fn apply(&mut self, change: HookChange) -> Result<(), ModelError> {
        if let Some(url) = change.url {
            check_url(&url)?;
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

fn check_url(url: &str) -> Result<(), ModelError> {
    let parsed = url::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    parsed.map(|_| ()).ok_or_else(|| ModelError::invalid("url", "Invalid url given"))
}
