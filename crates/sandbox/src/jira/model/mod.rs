//! Who and what exists: the plain model that the translators around it read and change. Everything is behind one lock that is
//! never held across an `await`.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::model::{Clock, Millis};
use serde_json::Value;

pub mod devinfo;
pub mod duration;

mod comment;
mod credential;
mod history;
mod ids;
mod issue;
mod oauth_client;
mod permission;
mod project;
mod property;
mod refusal;
mod remote_link;
mod settings;
mod transition;
mod user;
mod workflow;
mod worklog;

pub use comment::{Comment, NewComment};
pub(crate) use credential::LogInProblem;
pub use history::{Change, ChangedField};
pub use ids::{CommentId, IssueId, ProjectId, RemoteLinkId, UserId, WorklogId};
pub use issue::Issue;
pub(crate) use oauth_client::TokenDenied;
pub use oauth_client::{DataKind, OAuthKeys};
pub use permission::Permission;
pub use project::Project;
pub use refusal::{Refusal, RefusalKind};
pub use remote_link::{NewRemoteLink, RemoteLink};
pub(crate) use remote_link::{Which, missing as missing_remote_link};
pub use settings::{EmailVisibility, Settings};
pub use transition::{Execution, WorkDone};
pub(crate) use user::UserQuery;
pub use user::{NewUser, User};
pub use workflow::{Category, Condition, Field, ScreenField, Status, Transition, Workflow};
pub(crate) use workflow::{resolution_id, resolutions};
pub use worklog::{Adjust, NewWorklog, Worklog};

use self::credential::Token;
use self::devinfo::Devinfo;
use self::oauth_client::OAuthClient;
use super::{Deployment, Options};

/// The model: see the module.
#[derive(Debug)]
pub struct Model {
    state: Mutex<State>,
    clock: Arc<dyn Clock>,
    deployment: Deployment,
    access_token_life: Duration,
    has_personal_tokens: bool,
}

/// Everything in memory.
#[derive(Debug, Default)]
pub(crate) struct State {
    numbers: Numbers,
    pub(crate) users: BTreeMap<UserId, User>,
    tokens: Vec<Token>,
    pub(crate) projects: BTreeMap<ProjectId, Project>,
    pub(crate) issues: BTreeMap<IssueId, Issue>,
    /// Issues by project and number.
    by_number: HashMap<(ProjectId, u64), IssueId>,
    /// Issues by the keys that they had before they were moved to another project.
    moved_keys: HashMap<String, IssueId>,
    comments: BTreeMap<(IssueId, CommentId), Comment>,
    worklogs: BTreeMap<(IssueId, WorklogId), Worklog>,
    histories: BTreeMap<IssueId, Vec<Change>>,
    properties: BTreeMap<(IssueId, String), Value>,
    remote_links: BTreeMap<(IssueId, RemoteLinkId), RemoteLink>,
    oauth_clients: Vec<OAuthClient>,
    pub(crate) devinfo: Devinfo,
    pub(crate) settings: Settings,
}

/// Where the next ids come from; Jira's own begin at 10000.
#[derive(Debug, Default)]
struct Numbers {
    user: u64,
    project: u64,
    issue: u64,
    comment: u64,
    worklog: u64,
    change: u64,
    remote_link: u64,
}

fn draw(last: &mut u64) -> u64 {
    *last += 1;
    9_999 + *last
}

impl Model {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            state: Mutex::default(),
            clock: Arc::clone(&options.clock),
            deployment: options.deployment,
            access_token_life: options.access_token_life,
            has_personal_tokens: options.has_personal_tokens(),
        }
    }

    /// The present time.
    pub(crate) fn now(&self) -> Millis {
        self.clock.now()
    }

    /// Which Jira it is.
    #[must_use]
    pub fn deployment(&self) -> Deployment {
        self.deployment
    }

    pub(crate) fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes settings of the whole site.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        self.write(|state| change(&mut state.settings));
    }

    /// The present settings.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.read(|state| state.settings)
    }
}

/// How much was written, over all issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Comments.
    pub comments: usize,
    /// Worklogs.
    pub worklogs: usize,
    /// Changes of issues.
    pub changes: usize,
    /// Remote links.
    pub remote_links: usize,
    /// Repositories of development information.
    pub repositories: usize,
    /// Commits, branches and pull requests.
    pub entities: usize,
    /// How often one of those came although what is there is as new; the last commits of branches count, too.
    pub repeated: usize,
}

impl Model {
    /// How much was written so far.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let (repositories, entities) = self.development_counts();
        self.read(|state| Totals {
            comments: state.comments.len(),
            worklogs: state.worklogs.len(),
            changes: state.histories.values().map(Vec::len).sum(),
            remote_links: state.remote_links.len(),
            repositories,
            entities,
            repeated: state.devinfo.repeated,
        })
    }
}
