//! What an administrator says about a site.

use model::host_url::HostUrlError;
use model::secret::{ExposeSecret, SecretString};
use model::{HostUrl, SiteKind, SiteSettings};
use url::Url;

use super::{Field, SiteError};

/// What an administrator says about a site.
#[derive(Debug, Clone)]
pub struct Form {
    /// Which Jira it is.
    pub kind: SiteKind,
    /// What people call it; empty: its host.
    pub name: String,
    /// Its base URL, as it was typed or pasted.
    pub url: String,
    /// A login (Data Center; empty with a personal access token) or an e-mail (Cloud).
    pub user: String,
    /// Password or token for REST.
    pub secret: SecretString,
    /// The id of OAuth credentials for development information; Cloud alone.
    pub client_id: String,
    /// Their secret.
    pub client_secret: SecretString,
    /// What the site is told.
    pub settings: SiteSettings,
    /// The accounts that serve it, where not all do.
    pub accounts: Vec<i64>,
}

/// The form, made sane.
#[derive(Debug, Clone)]
pub(super) struct Sane {
    pub(super) name: String,
    pub(super) url: Url,
    pub(super) user: Option<String>,
    pub(super) secret: Option<SecretString>,
    pub(super) client: Option<(String, SecretString)>,
}

impl Sane {
    /// The address as it is kept: without a trailing slash.
    pub(super) fn address(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }
}

/// The longest text in a field, in bytes: far longer than any name, address or token.
const LONGEST: usize = 2_000;

/// Where a page of Jira begins in a pasted address.
const PAGES: [&str; 9] =
    ["browse", "secure", "rest", "plugins", "projects", "issues", "login.jsp", "servicedesk", "sr"];

impl Form {
    pub(super) fn sane(&self) -> Result<Sane, SiteError> {
        self.fit()?;
        let url = base_url(&self.url, self.kind).map_err(SiteError::Url)?;
        let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (user, client_id) = (filled(&self.user), filled(&self.client_id));
        let secret = non_empty(&self.secret);
        let client_secret = non_empty(&self.client_secret);
        let client = match (self.kind, client_id, client_secret) {
            (SiteKind::DataCenter, ..) | (SiteKind::Cloud, None, None) => None,
            (SiteKind::Cloud, None, Some(_)) => return Err(SiteError::Empty(Field::ClientId)),
            (SiteKind::Cloud, Some(_), None) => return Err(SiteError::Empty(Field::ClientSecret)),
            (SiteKind::Cloud, Some(id), Some(secret)) => Some((id, secret)),
        };
        match (self.kind, &user, &secret) {
            (SiteKind::DataCenter, _, None) | (SiteKind::Cloud, Some(_), None) => {
                return Err(SiteError::Empty(Field::Secret));
            }
            (SiteKind::Cloud, None, Some(_)) => return Err(SiteError::Empty(Field::User)),
            (SiteKind::Cloud, None, None) if client.is_none() => return Err(SiteError::Empty(Field::ClientId)),
            _ => {}
        }
        let name = filled(&self.name).unwrap_or_else(|| url.host_str().unwrap_or_default().to_owned());
        Ok(Sane { name, url, user, secret, client })
    }
}

impl Form {
    /// Whether every text is one that can be kept and shown: bounded, and without control characters, of which databases refuse
    /// some.
    pub(super) fn fit(&self) -> Result<(), SiteError> {
        let texts = [
            (Field::Name, self.name.as_str()),
            (Field::Url, &self.url),
            (Field::User, &self.user),
            (Field::Secret, self.secret.expose_secret()),
            (Field::ClientId, &self.client_id),
            (Field::ClientSecret, self.client_secret.expose_secret()),
        ];
        let unfit =
            texts.into_iter().find(|(_, text)| text.len() > LONGEST || text.trim().chars().any(char::is_control));
        unfit.map_or(Ok(()), |(field, _)| Err(SiteError::Unfit(field)))
    }
}

fn non_empty(secret: &SecretString) -> Option<SecretString> {
    let trimmed = secret.expose_secret().trim();
    (!trimmed.is_empty()).then(|| SecretString::from(trimmed.to_owned()))
}

/// The base URL in what was typed: without the page that somebody looked at while copying it. A Cloud site is the root of its
/// name.
pub(super) fn base_url(typed: &str, kind: SiteKind) -> Result<Url, HostUrlError> {
    let typed = typed.trim();
    // Cloud is named by its name often enough.
    let with_scheme = if kind == SiteKind::Cloud && !typed.is_empty() && !typed.contains("://") {
        format!("https://{typed}")
    } else {
        typed.to_owned()
    };
    let parsed = HostUrl::parse_keeping(&with_scheme, &["projects"])?;
    let mut url = Url::parse(parsed.url.as_str()).map_err(|_| HostUrlError::Malformed)?;
    let root = match kind {
        SiteKind::Cloud => String::new(),
        SiteKind::DataCenter => {
            let segments = url.path().split('/').filter(|segment| !segment.is_empty());
            segments.take_while(|segment| !PAGES.contains(segment)).collect::<Vec<_>>().join("/")
        }
    };
    url.set_path(&root);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(typed: &str, kind: SiteKind) -> String {
        base_url(typed, kind).unwrap().as_str().trim_end_matches('/').to_owned()
    }

    #[test]
    fn an_address_pasted_from_a_page_is_cut_to_the_root() {
        for (typed, expected) in [
            ("https://jira.example.com", "https://jira.example.com"),
            (" https://JIRA.example.com:443/ ", "https://jira.example.com"),
            ("https://jira.example.com/browse/ABC-1?filter=1#x", "https://jira.example.com"),
            ("https://example.com/jira/secure/Dashboard.jspa", "https://example.com/jira"),
            ("https://example.com/jira/projects/ABC/issues", "https://example.com/jira"),
            ("http://jira.example.com:8080/jira/", "http://jira.example.com:8080/jira"),
        ] {
            assert_eq!(root(typed, SiteKind::DataCenter), expected, "{typed}");
        }
        for typed in ["example.atlassian.net", "https://example.atlassian.net/jira/software/projects/ABC/boards/1"] {
            assert_eq!(root(typed, SiteKind::Cloud), "https://example.atlassian.net");
        }
        assert_eq!(
            base_url("https://user:password@jira.example.com", SiteKind::DataCenter),
            Err(HostUrlError::Credentials)
        );
        assert_eq!(base_url("jira.example.com", SiteKind::DataCenter), Err(HostUrlError::NoScheme));
    }

    #[test]
    fn what_no_field_can_hold_is_refused_by_its_name() {
        let form = Form {
            kind: SiteKind::DataCenter,
            name: "Jira".to_owned(),
            url: "https://jira.example.com".to_owned(),
            user: String::new(),
            secret: SecretString::from(" token\n".to_owned()),
            client_id: String::new(),
            client_secret: SecretString::from(String::new()),
            settings: SiteSettings::of(SiteKind::DataCenter),
            accounts: Vec::new(),
        };
        assert!(form.sane().is_ok(), "white space around it is cut off");
        let refused = |form: Form| form.sane().err().and_then(|error| error.field());
        assert_eq!(refused(Form { name: "a\0b".to_owned(), ..form.clone() }), Some(Field::Name));
        assert_eq!(refused(Form { user: "a\nb".to_owned(), ..form.clone() }), Some(Field::User));
        assert_eq!(refused(Form { secret: "x".repeat(5_000).into(), ..form.clone() }), Some(Field::Secret));
        assert_eq!(refused(Form { url: format!("https://a/{}", "x".repeat(5_000)), ..form }), Some(Field::Url));
    }

    #[test]
    fn each_kind_needs_its_credentials() {
        let form = |kind, user: &str, secret: &str, id: &str, client_secret: &str| Form {
            kind,
            name: String::new(),
            url: "https://jira.example.com".to_owned(),
            user: user.to_owned(),
            secret: SecretString::from(secret.to_owned()),
            client_id: id.to_owned(),
            client_secret: SecretString::from(client_secret.to_owned()),
            settings: SiteSettings::of(kind),
            accounts: Vec::new(),
        };
        let lacks = |form: Form| form.sane().err().and_then(|error| error.field());
        assert_eq!(lacks(form(SiteKind::DataCenter, "", "pat", "", "")), None);
        assert_eq!(lacks(form(SiteKind::DataCenter, "dovetail", " ", "", "")), Some(Field::Secret));
        assert_eq!(lacks(form(SiteKind::Cloud, "", "", "id", "secret")), None);
        assert_eq!(lacks(form(SiteKind::Cloud, "", "", "id", "")), Some(Field::ClientSecret));
        assert_eq!(lacks(form(SiteKind::Cloud, "", "", "", "")), Some(Field::ClientId));
        assert_eq!(lacks(form(SiteKind::Cloud, "", "token", "id", "secret")), Some(Field::User));
        assert_eq!(lacks(form(SiteKind::Cloud, "ada@example.com", "token", "", "")), None);
    }
}
