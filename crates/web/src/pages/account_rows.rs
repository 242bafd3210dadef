//! The repositories of an account, as the rows of a table.

use model::{HookScope, Millis};
use store::repositories::RepositoryState;
use store::{AccountRepository, Hook, HookState, MergeRequestsState};

use crate::outlook::Outlook;
use crate::view::forge_links;
use crate::view::lozenge::{HostPause, Lozenge};
use crate::view::number::thousands;

/// For how long it is told what a full sync changed, in milliseconds: a day.
const CHANGES_TOLD: Millis = 24 * 60 * 60 * 1000;

/// A repository as a row of a table.
pub struct Row {
    pub id: i64,
    pub path: String,
    pub url: Option<String>,
    pub archived: bool,
    pub linked: bool,
    /// Whether commands in its commit messages count.
    pub smart_commits: bool,
    pub branches: String,
    pub commits: String,
    pub merge_requests: String,
    pub last_activity_at: Option<Millis>,
    pub lozenge: Lozenge,
    pub error: Option<String>,
    /// What a full sync of the last day changed, and when.
    pub changes: Option<(String, Millis)>,
    pub paused: bool,
    /// Whether it waits for something that can be moved to the front.
    pub waits: bool,
    pub hook: HookCell,
}

/// The web hook of a repository, as a cell.
pub struct HookCell {
    pub lozenge: Lozenge,
    /// Whether it is the group's and stands for all its repositories: then it cannot tell when one of them last called.
    pub is_group: bool,
    pub last_event_at: Option<Millis>,
    pub error: Option<String>,
    pub can_be_tested: bool,
}

impl Row {
    /// The row of a repository, told at `now`.
    pub fn new(row: AccountRepository, outlook: &Outlook, host_pause: Option<&HostPause>, now: Millis) -> Self {
        let id = row.repository.id;
        let lozenge = Lozenge::repository(&row, outlook.next_sync_at(id), host_pause, now);
        let known = |count: i64| if row.linked { thousands(count) } else { "–".to_owned() };
        let merge_requests = match row.repository.merge_requests_state {
            MergeRequestsState::Available => known(row.merge_requests),
            MergeRequestsState::Unknown | MergeRequestsState::Unavailable => "–".to_owned(),
        };
        let repository = row.repository;
        let changes = repository.changes.as_ref().zip(repository.changes_at);
        let changes = changes.filter(|(_, at)| row.linked && now.saturating_sub(*at) < CHANGES_TOLD);
        Self {
            id,
            url: repository.web_url.as_deref().and_then(forge_links::safe).map(str::to_owned),
            archived: repository.archived,
            linked: row.linked,
            smart_commits: row.smart_commits,
            branches: known(row.branches),
            commits: known(row.commits_with_keys),
            merge_requests,
            last_activity_at: repository.last_activity_at,
            lozenge,
            changes: changes.map(|(changes, at)| (sync::sentence_of_changes(changes), at)),
            paused: repository.paused,
            waits: !repository.paused && repository.state == RepositoryState::Waiting,
            hook: HookCell::new(outlook, id, row.linked),
            error: repository.error.filter(|_| row.linked),
            path: repository.path,
        }
    }
}

impl HookCell {
    fn new(outlook: &Outlook, repository_id: i64, linked: bool) -> Self {
        let hook = outlook.hook(repository_id).filter(|_| linked);
        Self {
            lozenge: Lozenge::hook(hook),
            is_group: hook.is_some_and(is_group),
            last_event_at: hook.filter(|hook| !is_group(hook)).and_then(|hook| hook.last_event_at),
            error: hook.and_then(|hook| hook.error.clone()),
            can_be_tested: hook.is_some_and(|hook| hook.state == HookState::Registered),
        }
    }
}

const fn is_group(hook: &Hook) -> bool {
    matches!(hook.scope, HookScope::Group)
}
