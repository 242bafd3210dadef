//! The JSON of accounts and their repositories.

use model::SyncChanges;
use serde::Serialize;
use store::accounts::AccountSummary;
use store::repositories::{AccountRepository, Repository};
use store::{Authoriser, Hook, ServedSite, SiteState};
use utoipa::ToSchema;

use super::shapes::instant;
use crate::account_facts::AccountFacts;
use crate::account_standing::Standing;
use crate::outlook::Outlook;

/// A team or user on a host whose repositories are imported.
#[derive(Debug, Serialize, ToSchema)]
pub struct Account {
    /// Its id.
    pub id: i64,
    /// `gitlab` or `folder`.
    pub host_kind: String,
    /// The host's address.
    pub host_url: String,
    /// The path of the group, subgroup or personal namespace.
    pub path: String,
    /// Its display name.
    pub name: String,
    /// `group`, `user` or `folder`.
    pub kind: String,
    /// Whether new repositories are linked.
    pub auto_link: bool,
    /// Whether smart commits are on for new repositories.
    pub smart_commits: bool,
    /// Whether only chosen readers may see it.
    pub restricted: bool,
    /// `active`, `paused`, `needs_authorisation` or `removing`.
    pub state: String,
    /// How many repositories it has.
    pub repositories: i64,
    /// How many of them are imported.
    pub linked: i64,
    /// How many of these wait for a sync, are being synced, or failed.
    pub waiting: i64,
    /// Being synced.
    pub syncing: i64,
    /// Failed.
    pub failed: i64,
    /// Whether its first import has ended.
    pub imported: bool,
    /// Its present error in words.
    pub error: Option<String>,
    /// When its project list was last read.
    pub listed_at: Option<String>,
    /// When its project list is read next; null while nothing is planned.
    pub next_refresh_at: Option<String>,
    /// How often it is refreshed, in seconds.
    pub interval_seconds: u64,
    /// Until when its host is asked nothing; null while it may be asked.
    pub paused_until: Option<String>,
    /// Why its host is asked nothing: `rate_limit` (it asked for a pause) or `down` (it does not answer).
    pub paused_reason: Option<String>,
    /// When its access token ends, where somebody pasted one whose end is known; null for one that renews itself. Warn from 14
    /// days before.
    pub token_expires_at: Option<String>,
    /// The newest activity in its repositories.
    pub last_activity_at: Option<String>,
    /// Its page on the forge; null where it has none.
    pub web_url: Option<String>,
    /// The forge's user as whom it is read; null where nobody had to let Dovetail in or it is not known who did, and for
    /// callers who are no administrators.
    pub authorised_by: Option<AuthorisedBy>,
    /// The Jiras that are told of it, by name; empty where there are none.
    pub sites: Vec<AccountSite>,
    /// Of how many of its linked repositories somebody has to paste the web hook.
    pub hooks_to_paste: i64,
}

/// The user of a forge who let Dovetail in.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorisedBy {
    /// The log-in at the forge; null where it told none.
    pub login: Option<String>,
    /// The name at the forge; null where it told none.
    pub name: Option<String>,
    /// `oauth` (an application was authorised, and the access renews itself) or `token` (one was pasted).
    pub by: &'static str,
}

impl AuthorisedBy {
    /// The JSON of an authorising user; none where the forge told nothing of it.
    fn new(authoriser: Authoriser) -> Option<Self> {
        let told = |text: String| Some(text).filter(|text| !text.is_empty());
        let (login, name) = (told(authoriser.login), told(authoriser.name));
        (login.is_some() || name.is_some()).then(|| Self { login, name, by: authoriser.kind.as_str() })
    }
}

/// A Jira that is told of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountSite {
    /// Its id.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// Its base URL, without a trailing slash.
    pub url: String,
    /// `active`, or `paused`: it is told nothing until it is resumed.
    pub state: &'static str,
}

impl From<ServedSite> for AccountSite {
    fn from(site: ServedSite) -> Self {
        let state = if site.paused { SiteState::Paused } else { SiteState::Active };
        Self { id: site.id, name: site.name, url: site.url, state: state.as_str() }
    }
}

impl Account {
    /// The JSON of an account, for an administrator or for somebody else.
    pub fn new(summary: AccountSummary, facts: AccountFacts, standing: Standing, administrator: bool) -> Self {
        let account = summary.account;
        let (paused_until, paused_reason) =
            facts.paused_host.map_or((None, None), |host| (host.paused_until.and_then(instant), host.paused_reason));
        Self {
            id: account.id,
            host_kind: account.host_kind.to_string(),
            host_url: account.host_url,
            path: account.path,
            name: account.name,
            kind: account.kind.to_string(),
            auto_link: account.auto_link,
            smart_commits: account.smart_commits,
            restricted: account.restricted,
            state: account.state.as_str().to_owned(),
            repositories: summary.repositories,
            linked: summary.linked,
            waiting: summary.waiting,
            syncing: summary.syncing,
            failed: summary.failed,
            imported: account.imported_at.is_some(),
            error: account.error,
            listed_at: account.listed_at.and_then(instant),
            next_refresh_at: facts.next_refresh_at.and_then(instant),
            interval_seconds: facts.interval.as_secs(),
            paused_until,
            paused_reason,
            token_expires_at: facts.token.and_then(|token| token.expires_at).and_then(instant),
            last_activity_at: summary.last_activity_at.and_then(instant),
            web_url: account.web_url,
            authorised_by: standing.authoriser.filter(|_| administrator).and_then(AuthorisedBy::new),
            sites: standing.sites.into_iter().map(Into::into).collect(),
            hooks_to_paste: standing.to_paste,
        }
    }
}

/// One project of a host.
#[derive(Debug, Serialize, ToSchema)]
pub struct RepositoryShape {
    /// Its id.
    pub id: i64,
    /// The forge's own id.
    pub forge_id: String,
    /// The display name.
    pub name: String,
    /// The full path.
    pub path: String,
    /// Its page on the forge.
    pub web_url: Option<String>,
    /// The default branch.
    pub default_branch: Option<String>,
    /// Whether it is archived.
    pub archived: bool,
    /// `waiting`, `syncing`, `up_to_date`, `failed` or `empty`.
    pub state: String,
    /// `unknown`, `available` or `unavailable`.
    pub merge_requests_state: String,
    /// Its present error in words.
    pub error: Option<String>,
    /// The kind of its present error.
    pub error_kind: Option<String>,
    /// When something last happened in it.
    pub last_activity_at: Option<String>,
    /// When its last sync ended well.
    pub synced_at: Option<String>,
    /// Whether somebody stopped its syncs.
    pub paused: bool,
    /// When it is synced next; null while nothing is planned.
    pub next_sync_at: Option<String>,
    /// When a sync that failed is tried again.
    pub retry_at: Option<String>,
    /// The web hook that calls for it; null where there is none.
    pub hook: Option<RepositoryHook>,
    /// What the last full sync changed; null before the first.
    pub changes: Option<Changes>,
    /// When that was.
    pub changes_at: Option<String>,
}

/// The web hook that calls for a repository: its own, or its group's.
#[derive(Debug, Serialize, ToSchema)]
pub struct RepositoryHook {
    /// `repository` or `group`.
    pub scope: String,
    /// `waiting` (being made), `registered`, or `manual` (it could not be made; a person can paste it).
    pub state: String,
    /// When its last event came.
    pub last_event_at: Option<String>,
    /// Why it could not be made, in words; only administrators are told.
    pub error: Option<String>,
}

impl RepositoryHook {
    /// The JSON of a hook, for an administrator or for somebody else.
    pub fn new(hook: &Hook, administrator: bool) -> Self {
        Self {
            scope: hook.scope.to_string(),
            state: hook.state.as_str().to_owned(),
            last_event_at: hook.last_event_at.and_then(instant),
            // It quotes the address to paste.
            error: hook.error.clone().filter(|_| administrator),
        }
    }
}

/// What a full sync changed, in numbers of items.
#[derive(Debug, Serialize, ToSchema)]
pub struct Changes {
    /// Branches that were missing here.
    pub branches_added: u64,
    /// Branches that are gone at the forge.
    pub branches_removed: u64,
    /// Commits that were missing here.
    pub commits_added: u64,
    /// Commits that no branch and no merge request reaches any more.
    pub commits_lost: u64,
    /// Merge requests that were missing here.
    pub merge_requests_added: u64,
    /// Merge requests that are gone at the forge.
    pub merge_requests_removed: u64,
    /// Issue links that were missing here.
    pub links_added: u64,
    /// Issue links that nothing names any more.
    pub links_removed: u64,
}

impl From<SyncChanges> for Changes {
    fn from(changes: SyncChanges) -> Self {
        Self {
            branches_added: changes.branches_added,
            branches_removed: changes.branches_removed,
            commits_added: changes.commits_added,
            commits_lost: changes.commits_lost,
            merge_requests_added: changes.merge_requests_added,
            merge_requests_removed: changes.merge_requests_removed,
            links_added: changes.links_added,
            links_removed: changes.links_removed,
        }
    }
}

impl RepositoryShape {
    /// The JSON of a repository, for an administrator or for somebody else.
    pub fn new(repository: Repository, outlook: &Outlook, administrator: bool) -> Self {
        Self {
            paused: repository.paused,
            next_sync_at: outlook.next_sync_at(repository.id).and_then(instant),
            retry_at: repository.retry_at.and_then(instant),
            hook: outlook.hook(repository.id).map(|hook| RepositoryHook::new(hook, administrator)),
            changes: repository.changes.map(Into::into),
            changes_at: repository.changes_at.and_then(instant),
            id: repository.id,
            forge_id: repository.forge_id,
            name: repository.name,
            path: repository.path,
            web_url: repository.web_url,
            default_branch: repository.default_branch,
            archived: repository.archived,
            state: repository.state.as_str().to_owned(),
            merge_requests_state: repository.merge_requests_state.as_str().to_owned(),
            error: repository.error,
            error_kind: repository.error_kind,
            last_activity_at: repository.last_activity_at.and_then(instant),
            synced_at: repository.synced_at.and_then(instant),
        }
    }
}

/// A repository as one account sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountRepositoryShape {
    /// The repository.
    #[serde(flatten)]
    pub repository: RepositoryShape,
    /// Whether this account imports and shows it.
    pub linked: bool,
    /// Whether the account's list still names it.
    pub visible: bool,
    /// How many branches it has.
    pub branches: i64,
    /// How many commits name an issue.
    pub commits_with_keys: i64,
    /// How many merge requests it has.
    pub merge_requests: i64,
}

impl AccountRepositoryShape {
    /// The JSON of an account's repository, for an administrator or for somebody else.
    pub fn new(row: AccountRepository, outlook: &Outlook, administrator: bool) -> Self {
        Self {
            repository: RepositoryShape::new(row.repository, outlook, administrator),
            linked: row.linked,
            visible: row.visible,
            branches: row.branches,
            commits_with_keys: row.commits_with_keys,
            merge_requests: row.merge_requests,
        }
    }
}
