//! The JSON of sites. Secrets are taken and never given back.

use model::SiteKind;
use model::SiteSettings;
use serde::{Deserialize, Serialize};
use store::SiteProject;
use utoipa::ToSchema;

use super::report_shapes::Report;
use super::shapes::instant;

/// Which Jira a site is.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Server or Data Center.
    DataCenter,
    /// Cloud.
    Cloud,
}

impl From<Kind> for SiteKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::DataCenter => Self::DataCenter,
            Kind::Cloud => Self::Cloud,
        }
    }
}

/// What a site is told; what is absent has the default of its kind, or stays as it is.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsChange {
    /// Whether Dovetail runs smart commits there. Cloud runs them itself.
    smart_commits: Option<bool>,
    /// Whether issues get a remote link for each branch.
    links_of_branches: Option<bool>,
    /// Whether issues get a remote link for each merge request.
    links_of_merge_requests: Option<bool>,
    /// Whether development information is sent; Cloud alone takes it.
    dev_info: Option<bool>,
    /// Whether receipts of smart commits are told as comments of the commits at the forge.
    commit_comments: Option<bool>,
    /// Whether every account serves it; otherwise those of `accounts`. Absent beside `accounts`: whether that is empty.
    all_accounts: Option<bool>,
}

impl SettingsChange {
    /// The settings with the change made. Accounts that are named serve alone.
    pub fn applied(self, settings: &SiteSettings, accounts: Option<&[i64]>) -> SiteSettings {
        let all_accounts = self.all_accounts.or(accounts.map(<[i64]>::is_empty));
        SiteSettings {
            smart_commits: self.smart_commits.unwrap_or(settings.smart_commits),
            links_of_branches: self.links_of_branches.unwrap_or(settings.links_of_branches),
            links_of_merge_requests: self.links_of_merge_requests.unwrap_or(settings.links_of_merge_requests),
            dev_info: self.dev_info.unwrap_or(settings.dev_info),
            commit_comments: self.commit_comments.unwrap_or(settings.commit_comments),
            all_accounts: all_accounts.unwrap_or(settings.all_accounts),
        }
    }
}

/// What a site is told.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch")]
pub struct Settings {
    /// Whether Dovetail runs smart commits there.
    smart_commits: bool,
    /// Whether issues get a remote link for each branch.
    links_of_branches: bool,
    /// Whether issues get a remote link for each merge request.
    links_of_merge_requests: bool,
    /// Whether development information is sent.
    dev_info: bool,
    /// Whether receipts of smart commits are told as comments of the commits at the forge.
    commit_comments: bool,
    /// Whether every account serves it.
    all_accounts: bool,
}

impl From<SiteSettings> for Settings {
    fn from(settings: SiteSettings) -> Self {
        Self {
            smart_commits: settings.smart_commits,
            links_of_branches: settings.links_of_branches,
            links_of_merge_requests: settings.links_of_merge_requests,
            dev_info: settings.dev_info,
            commit_comments: settings.commit_comments,
            all_accounts: settings.all_accounts,
        }
    }
}

/// A site to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSite {
    /// `data_center` (Server, too) or `cloud`.
    pub kind: Kind,
    /// Jira's base URL, with its path if it has one.
    pub url: String,
    /// What people call it; absent: its host.
    pub name: Option<String>,
    /// A log-in (Data Center; absent with a personal access token) or an e-mail (Cloud).
    pub user: Option<String>,
    /// A password, a personal access token (Data Center) or an API token (Cloud).
    pub secret: Option<String>,
    /// OAuth credentials for development information (Cloud): the Client ID.
    pub client_id: Option<String>,
    /// Their secret.
    pub client_secret: Option<String>,
    /// What the site is told.
    #[serde(default)]
    pub settings: SettingsChange,
    /// The accounts that serve it; absent or empty: all of them.
    pub accounts: Option<Vec<i64>>,
}

/// What to change of a site; what is absent stays as it is. Kind and address do not change: add another site.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteChange {
    /// What people call it.
    pub name: Option<String>,
    /// A log-in or an e-mail; empty takes it away.
    pub user: Option<String>,
    /// A password or token for REST.
    pub secret: Option<String>,
    /// OAuth credentials for development information (Cloud): the Client ID.
    pub client_id: Option<String>,
    /// Their secret.
    pub client_secret: Option<String>,
    /// What the site is told.
    #[serde(default)]
    pub settings: SettingsChange,
    /// The accounts that serve it; empty: all of them.
    pub accounts: Option<Vec<i64>>,
    /// `paused`: it is told nothing until it is `active` again, and then what happened meanwhile.
    pub state: Option<Activity>,
}

impl SiteChange {
    /// Whether anything but the state changes.
    pub const fn is_of_the_form(&self) -> bool {
        let texts = self.name.is_some() || self.user.is_some() || self.secret.is_some();
        let client = self.client_id.is_some() || self.client_secret.is_some();
        let settings = &self.settings;
        let links = settings.links_of_branches.is_some() || settings.links_of_merge_requests.is_some();
        let told =
            settings.smart_commits.is_some() || settings.dev_info.is_some() || settings.commit_comments.is_some();
        texts || client || links || told || settings.all_accounts.is_some() || self.accounts.is_some()
    }
}

/// Whether a site is told anything.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// It is.
    Active,
    /// Not until it is active again.
    Paused,
}

/// A Jira that is told about branches, commits and merge requests.
#[derive(Debug, Serialize, ToSchema)]
pub struct Site {
    /// Its id.
    id: i64,
    /// `data_center` or `cloud`.
    kind: &'static str,
    /// What people call it.
    name: String,
    /// Its base URL, without a trailing slash.
    url: String,
    /// What it is told.
    settings: Settings,
    /// The accounts that serve it, where not all do; those that the caller may see.
    accounts: Vec<i64>,
    /// `active` or `paused`.
    state: &'static str,
    /// The log-in or e-mail; only administrators are told.
    user: Option<String>,
    /// Whether there is a password or token for REST.
    has_secret: bool,
    /// The Client ID for development information; only administrators are told.
    client_id: Option<String>,
    /// The version that Jira says it has.
    version: Option<String>,
    /// Its present trouble in words.
    error: Option<String>,
    /// Failures in a row.
    failures: i64,
    /// Until when it is asked nothing; null while it may be asked.
    paused_until: Option<String>,
    /// When its projects were last read.
    projects_read_at: Option<String>,
    /// When it was last tested.
    tested_at: Option<String>,
    /// What that found; only administrators are told.
    report: Option<Report>,
    /// When it was added.
    created_at: Option<String>,
}

impl Site {
    /// The JSON of a site, with the accounts that the caller may see of those that serve it.
    pub fn new(site: store::Site, accounts: Vec<i64>, administrator: bool) -> Self {
        Self {
            id: site.id,
            kind: site.kind.as_str(),
            name: site.name,
            url: site.url,
            settings: site.settings.into(),
            accounts,
            state: site.state.as_str(),
            user: site.rest_user.filter(|_| administrator),
            has_secret: site.has_rest_secret,
            client_id: site.client_id.filter(|_| administrator),
            version: site.version,
            error: site.error,
            failures: site.failures,
            paused_until: site.paused_until.and_then(instant),
            projects_read_at: site.projects_read_at.and_then(instant),
            tested_at: site.tested_at.and_then(instant),
            report: site.report.filter(|_| administrator).and_then(|report| Report::read(report).ok()),
            created_at: instant(site.created_at),
        }
    }
}

/// A site that was added. It is kept even where its test found something missing.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddedSite {
    /// Its id.
    pub id: i64,
    /// What its test found.
    pub report: Report,
}

/// A key of one of a site's projects.
#[derive(Debug, Serialize, ToSchema)]
pub struct Project {
    /// The key, present or former.
    key: String,
    /// Jira's own id of the project.
    project_id: String,
    /// What people call it.
    name: String,
    /// The key that the project has now; of a former key another one.
    present_key: String,
}

impl From<SiteProject> for Project {
    fn from(project: SiteProject) -> Self {
        Self { key: project.key, project_id: project.project_id, name: project.name, present_key: project.present_key }
    }
}
