//! Who and what exists: the plain model that the translators around it read and change.
//!
//! Everything in memory is behind one lock that is never held across an `await`; what git holds is in the bare
//! repositories, reached through [`Repositories`].

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::model::{Clock, Millis};
use tokio::sync::mpsc::UnboundedSender;

mod access;
mod application;
mod approval;
mod commit_comment;
mod error;
mod event;
mod grant;
mod group;
mod hook;
mod hook_health;
mod ids;
mod merge_request;
mod merge_request_actions;
mod merged_by_push;
mod note;
mod paths;
mod project;
mod project_moves;
mod push;
mod quick_push;
mod scope;
mod settings;
mod token;
mod user;

pub use access::{AccessLevel, Place, Visibility};
pub use application::{Application, ApplicationKeys};
pub use commit_comment::CommitComment;
pub use error::ModelError;
pub use event::{Action, Event, FieldChange, ProjectEvent, Told};
pub use grant::{Authorisation, GrantError, TokenPair};
pub use group::{Group, Namespace};
pub(crate) use hook::signing_key;
pub use hook::{Hook, HookChange, HookEvent, HookPlace};
pub use hook_health::AlertStatus;
pub use ids::{ApplicationId, GroupId, HookId, MergeRequestId, NoteId, ProjectId, TokenId, UserId};
pub use merge_request::{Approval, DiffRefs, MergeRequest, MergeState, NewMergeRequest, Review, ReviewState};
pub use merge_request_actions::{MergeMethod, MergeRequestChange};
pub use note::Note;
pub use project::{ApprovalRules, NewProject, Project};
pub use push::RefChange;
pub use quick_push::{QuickCommit, RefMove};
pub use scope::{Scope, Scopes};
pub use settings::{Deliveries, Settings};
pub use token::{Identity, Token, TokenKind, TokenProblem};
pub use user::{NewUser, User, UserState};

use super::repositories::Repositories;
use hook_health::HookHealth;

/// The model: see the module.
#[derive(Debug)]
pub struct Model {
    state: Mutex<State>,
    pub(crate) repositories: Repositories,
    clock: Arc<dyn Clock>,
    /// A moment of the past in which the sample is made; 0: none.
    pretended: AtomicI64,
    lives: Lives,
    events: UnboundedSender<Told>,
    pushes: push::PushLocks,
}

/// How long things live.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lives {
    pub(crate) access_token: Duration,
    pub(crate) head_ref: Duration,
}

/// Everything in memory.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) numbers: Numbers,
    pub(crate) users: BTreeMap<UserId, User>,
    pub(crate) groups: BTreeMap<GroupId, Group>,
    pub(crate) projects: BTreeMap<ProjectId, Project>,
    /// Projects by the lower-case full paths they had before they were renamed or moved.
    pub(crate) former_paths: HashMap<String, ProjectId>,
    pub(crate) members: BTreeMap<(Place, UserId), AccessLevel>,
    pub(crate) applications: BTreeMap<ApplicationId, Application>,
    pub(crate) tokens: BTreeMap<TokenId, Token>,
    pub(crate) codes: HashMap<String, grant::Code>,
    pub(crate) merge_requests: BTreeMap<MergeRequestId, MergeRequest>,
    pub(crate) notes: BTreeMap<(MergeRequestId, NoteId), Note>,
    pub(crate) commit_comments: Vec<CommitComment>,
    pub(crate) hooks: BTreeMap<HookId, Hook>,
    pub(crate) settings: Settings,
}

/// Where the next ids come from.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    pub(crate) user: Number,
    pub(crate) namespace: Number,
    pub(crate) project: Number,
    pub(crate) application: Number,
    pub(crate) token: Number,
    pub(crate) merge_request: Number,
    pub(crate) note: Number,
    pub(crate) hook: Number,
}

/// A sequence: 1, 2, 3 …
#[derive(Debug, Default)]
pub(crate) struct Number(u64);

impl Number {
    pub(crate) fn draw(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

impl Model {
    pub(crate) fn new(
        repositories: Repositories,
        clock: Arc<dyn Clock>,
        lives: Lives,
        events: UnboundedSender<Told>,
    ) -> Self {
        let state = Mutex::new(State::default());
        let pretended = AtomicI64::new(0);
        Self { state, repositories, clock, pretended, lives, events, pushes: push::PushLocks::default() }
    }

    /// The bare repositories behind the projects.
    #[must_use]
    pub fn repositories(&self) -> &Repositories {
        &self.repositories
    }

    /// The present time, by the server's clock.
    #[must_use]
    pub fn now(&self) -> Millis {
        match self.pretended.load(Ordering::SeqCst) {
            0 => self.clock.now(),
            pretended => pretended,
        }
    }

    /// Lets the model take another moment for the present, so that the sample's past is dated as such; none: no longer.
    pub(crate) fn pretend(&self, at: Option<Millis>) {
        self.pretended.store(at.unwrap_or(0), Ordering::SeqCst);
    }

    pub(crate) fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn write<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells the hooks that are there at this moment; nobody listens once the server stops.
    pub(crate) fn tell(&self, event: Event) {
        let (hooks, deliveries) = self.read(|state| {
            let mut hooks = match &event {
                Event::Push { project, .. } => state.hooks_for(*project),
                Event::MergeRequest { snapshot, .. } => state.hooks_for(snapshot.project),
                Event::Note { snapshot, .. } => {
                    let merge_request = state.merge_requests.get(&snapshot.merge_request);
                    merge_request.map(|it| state.hooks_for(it.project)).unwrap_or_default()
                }
                Event::Project { .. } | Event::GroupRenamed { .. } => Vec::new(),
            };
            hooks.extend(state.system_hooks());
            (hooks, state.settings.deliveries)
        });
        if !hooks.is_empty() {
            let _ = self.events.send(Told { event, hooks, deliveries });
        }
    }
}
