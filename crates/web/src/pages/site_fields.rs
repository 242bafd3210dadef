//! The form of a site: what was typed, what the engine is asked of it, and what the form shows again.

use model::secret::{ExposeSecret, SecretString};
use model::{SiteKind, SiteSettings};
use store::{AccountState, Site, Viewer};
use sync::site::{Field, Form, SiteError};

use crate::sentences::site_pages;
use crate::state::AppState;

/// The fields of the form: everything but secrets.
#[derive(Debug, Clone)]
pub struct Fields {
    pub kind: SiteKind,
    pub url: String,
    pub name: String,
    /// Whether a Data Center is entered with user and password, not with a token.
    pub by_password: bool,
    pub user: String,
    pub email: String,
    pub client_id: String,
    /// What a Data Center is told.
    pub data_center: SiteSettings,
    /// What Cloud is told.
    pub cloud: SiteSettings,
    pub all_accounts: bool,
    pub accounts: Vec<i64>,
}

/// What was typed.
pub struct Submitted {
    pub fields: Fields,
    token: SecretString,
    password: SecretString,
    api_token: SecretString,
    client_secret: SecretString,
}

/// An error, and the input that it belongs to.
#[derive(Debug, Clone)]
pub struct FieldError {
    pub input: Option<&'static str>,
    pub sentence: String,
    /// The site that has the address already.
    pub existing: Option<i64>,
}

/// The form as it is drawn.
pub struct FormView {
    pub fields: Fields,
    /// Whether kind and address stay as they are.
    pub fixed: bool,
    pub accounts: Vec<AccountChoice>,
    pub error: Option<FieldError>,
}

/// An account that may serve a site.
pub struct AccountChoice {
    pub id: i64,
    pub name: String,
    pub path: String,
    pub chosen: bool,
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            kind: SiteKind::DataCenter,
            url: String::new(),
            name: String::new(),
            by_password: false,
            user: String::new(),
            email: String::new(),
            client_id: String::new(),
            data_center: SiteSettings::of(SiteKind::DataCenter),
            cloud: SiteSettings::of(SiteKind::Cloud),
            all_accounts: true,
            accounts: Vec::new(),
        }
    }
}

impl Fields {
    /// What is kept of a site.
    pub fn of(site: &Site, accounts: Vec<i64>) -> Self {
        let user = site.rest_user.clone().unwrap_or_default();
        Self {
            kind: site.kind,
            url: site.url.clone(),
            name: site.name.clone(),
            by_password: !user.is_empty(),
            email: user.clone(),
            user,
            client_id: site.client_id.clone().unwrap_or_default(),
            data_center: site.settings.clone(),
            cloud: site.settings.clone(),
            all_accounts: site.settings.all_accounts,
            accounts,
        }
    }

    fn settings(&self) -> SiteSettings {
        let told = match self.kind {
            SiteKind::DataCenter => &self.data_center,
            SiteKind::Cloud => &self.cloud,
        };
        SiteSettings { all_accounts: self.all_accounts, ..told.clone() }
    }

    /// The input that a field of the engine stands in.
    fn input_of(&self, field: &str) -> Option<&'static str> {
        match (field, self.kind) {
            ("name", _) => Some("name"),
            ("url", _) => Some("url"),
            ("secret", SiteKind::Cloud) => Some("api_token"),
            ("secret", SiteKind::DataCenter) if self.by_password => Some("password"),
            ("secret", SiteKind::DataCenter) => Some("token"),
            ("user", SiteKind::Cloud) => Some("email"),
            ("user", SiteKind::DataCenter) => Some("user"),
            ("client_id", _) => Some("client_id"),
            ("client_secret", _) => Some("client_secret"),
            _ => None,
        }
    }
}

impl Submitted {
    /// Reads a form; the first value of a field counts. `site`: the one that is changed, whose kind and address stay.
    pub fn read(form: &[u8], site: Option<&Site>) -> Self {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(form).into_owned().collect();
        let text =
            |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
        let is_on = |name: &str| text(name) == "true";
        let nothing = SiteSettings::default();
        let data_center = SiteSettings {
            smart_commits: is_on("smart_commits"),
            commit_comments: is_on("commit_comments"),
            links_of_merge_requests: is_on("links_of_merge_requests"),
            links_of_branches: is_on("links_of_branches"),
            ..nothing
        };
        let cloud = SiteSettings {
            dev_info: is_on("dev_info"),
            links_of_merge_requests: is_on("cloud_links_of_merge_requests"),
            links_of_branches: is_on("cloud_links_of_branches"),
            ..nothing
        };
        let fields = Fields {
            kind: site.map_or_else(|| text("kind").parse().unwrap_or(SiteKind::DataCenter), |site| site.kind),
            url: site.map_or_else(|| text("url"), |site| site.url.clone()),
            name: text("name"),
            by_password: text("method") == "password",
            user: text("user"),
            email: text("email"),
            client_id: text("client_id"),
            data_center,
            cloud,
            all_accounts: text("all_accounts") != "false",
            accounts: pairs.iter().filter(|(key, _)| key == "account").filter_map(|(_, id)| id.parse().ok()).collect(),
        };
        let secret = |name: &str| SecretString::from(text(name));
        Self {
            fields,
            token: secret("token"),
            password: secret("password"),
            api_token: secret("api_token"),
            client_secret: secret("client_secret"),
        }
    }

    /// What the engine is asked.
    pub fn form(&self, before: Option<&Site>) -> Result<Form, FieldError> {
        let fields = &self.fields;
        let (user, secret) = match fields.kind {
            SiteKind::Cloud => (fields.email.clone(), self.api_token.clone()),
            SiteKind::DataCenter if fields.by_password => (fields.user.clone(), self.password.clone()),
            SiteKind::DataCenter => (String::new(), self.token.clone()),
        };
        if fields.kind == SiteKind::DataCenter {
            if fields.by_password && user.trim().is_empty() {
                return Err(FieldError::at("user", site_pages::USER_EMPTY));
            }
            let was_by_password = before.map(|site| site.rest_user.is_some());
            let is_another_way = was_by_password.is_some_and(|was| was != fields.by_password);
            if is_another_way && secret.expose_secret().trim().is_empty() {
                let input = if fields.by_password { "password" } else { "token" };
                return Err(FieldError::at(input, site_pages::SECRET_NEEDED));
            }
        }
        if !fields.all_accounts && fields.accounts.is_empty() {
            return Err(FieldError::at("account", site_pages::ACCOUNTS_EMPTY));
        }
        Ok(Form {
            kind: fields.kind,
            name: fields.name.clone(),
            url: fields.url.clone(),
            user,
            secret,
            client_id: fields.client_id.clone(),
            client_secret: self.client_secret.clone(),
            settings: fields.settings(),
            accounts: if fields.all_accounts { Vec::new() } else { fields.accounts.clone() },
        })
    }
}

impl FieldError {
    fn at(input: &'static str, sentence: &str) -> Self {
        Self { input: Some(input), sentence: sentence.to_owned(), existing: None }
    }

    /// What the engine refused.
    pub fn of(error: &SiteError, fields: &Fields) -> Self {
        let existing = match error {
            SiteError::Exists { id } => Some(*id),
            _ => None,
        };
        let input = error.field().map(Field::as_str).and_then(|field| fields.input_of(field));
        Self { input, sentence: error.sentence(), existing }
    }
}

impl FormView {
    /// The form with every account that there is.
    pub async fn new(state: &AppState, fields: Fields, fixed: bool, error: Option<FieldError>) -> store::Result<Self> {
        let summaries = state.store().account_summaries(Viewer::Everything).await?;
        let present = summaries.into_iter().map(|summary| summary.account);
        let present = present.filter(|account| account.state != AccountState::Removing);
        let accounts = present
            .map(|account| AccountChoice {
                chosen: fields.accounts.contains(&account.id),
                id: account.id,
                name: account.name,
                path: account.path,
            })
            .collect();
        Ok(Self { fields, fixed, accounts, error })
    }

    /// Whether the fields of a kind are there, by its word.
    pub fn shows(&self, kind: &str) -> bool {
        !self.fixed || self.is_of(kind)
    }

    /// Whether the site is of a kind, by its word.
    pub fn is_of(&self, kind: &str) -> bool {
        self.fields.kind.as_str() == kind
    }

    /// The error that belongs to an input.
    pub fn error_at(&self, input: &str) -> Option<&str> {
        self.error.as_ref().filter(|error| error.input == Some(input)).map(|error| error.sentence.as_str())
    }

    pub fn has_error_at(&self, input: &str) -> bool {
        self.error_at(input).is_some()
    }

    /// The error that belongs to no input.
    pub fn error_elsewhere(&self) -> Option<&str> {
        self.error.as_ref().filter(|error| error.input.is_none()).map(|error| error.sentence.as_str())
    }

    /// The site that has the address already.
    pub fn existing(&self) -> Option<i64> {
        self.error.as_ref().and_then(|error| error.existing)
    }
}
