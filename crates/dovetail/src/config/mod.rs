//! The configuration: `dovetail.toml`, then the environment over it. Read once, passed down.
//!
//! Every key has a default, so an empty file and no file are the same. Unknown keys are refused. Each key `[section] key` is also
//! the variable `DOVETAIL_SECTION_KEY`; a secret one also `DOVETAIL_SECTION_KEY_FILE`, a file that holds it.

mod duration;
mod environment;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytesize::ByteSize;
use model::secret::SecretString;
use serde::Deserialize;
use url::Url;

/// Everything that can be set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub server: Server,
    pub store: Store,
    pub sync: Sync,
    pub network: Network,
    pub links: Links,
    /// The facade for Jira's own connector.
    pub facade: Facade,
    pub retention: Retention,
    pub cache: Cache,
}

/// `[server]`: what listens, and under which address people find it.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    pub listen: SocketAddr,
    pub public_url: Option<Url>,
    pub trusted_proxies: Vec<String>,
    pub metrics_from: Vec<String>,
    pub data_dir: PathBuf,
}

/// `[store]`: the database.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    pub url: Option<String>,
}

/// `[sync]`: the engine.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sync {
    #[serde(with = "duration")]
    pub interval: Duration,
    pub workers: usize,
    pub git: bool,
    pub show_unreachable: bool,
    /// How old a commit may be for its smart commits to run.
    #[serde(with = "duration")]
    pub smart_commit_max_age: Duration,
}

/// `[network]`: how servers outside are reached.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Network {
    pub ca_bundle: Option<PathBuf>,
    pub ca_bundle_password: Option<SecretString>,
    pub client_certificate: Option<PathBuf>,
    pub client_key: Option<PathBuf>,
    pub proxy: Option<Url>,
    pub no_proxy: Option<String>,
    #[serde(with = "duration")]
    pub connect_timeout: Duration,
    pub allow_private: bool,
    /// Where Jira Cloud takes development information.
    pub atlassian_api: Url,
}

/// `[links]`: what counts as an issue key.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Links {
    pub noise: Vec<String>,
}

/// `[facade]`: who may ask what a Jira asks, and where browsers are sent back to.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Facade {
    /// The beginnings of addresses of Jiras: where browsers may be sent with a code, and which web hooks are called.
    pub allowed_redirects: Vec<String>,
    /// Answer only callers that name themselves Jira's connector.
    pub require_user_agent: bool,
}

/// `[retention]`: how long what is over is kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Hook events, which can be worked off again meanwhile.
    #[serde(with = "duration")]
    pub inbox: Duration,
    /// Jobs that were given up.
    #[serde(with = "duration")]
    pub jobs: Duration,
    /// What Jira was told.
    #[serde(with = "duration")]
    pub deliveries: Duration,
}

/// `[cache]`: what git keeps on the disk between syncs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cache {
    /// How much all repositories may take together; none: as much as comes.
    pub max_size: Option<ByteSize>,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            trusted_proxies: Vec::new(),
            metrics_from: Vec::new(),
            data_dir: PathBuf::from("dovetail-data"),
        }
    }
}

impl Default for Sync {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(60 * 60),
            workers: 4,
            git: true,
            show_unreachable: true,
            smart_commit_max_age: 7 * DAY,
        }
    }
}

impl Default for Network {
    fn default() -> Self {
        Self {
            ca_bundle: None,
            ca_bundle_password: None,
            client_certificate: None,
            client_key: None,
            proxy: None,
            no_proxy: None,
            connect_timeout: Duration::from_secs(10),
            allow_private: true,
            atlassian_api: Url::parse("https://api.atlassian.com")
                .expect("the address is fixed and every test parses it"),
        }
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self { inbox: 7 * DAY, jobs: 7 * DAY, deliveries: 30 * DAY }
    }
}

impl Default for Links {
    fn default() -> Self {
        Self { noise: ["UTF", "SHA", "ISO", "RFC", "CVE", "CWE"].map(str::to_owned).to_vec() }
    }
}

impl Default for Facade {
    fn default() -> Self {
        Self { allowed_redirects: Vec::new(), require_user_agent: true }
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the configuration {path}: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("the configuration {path} is not right:\n{text}")]
    File { path: PathBuf, text: String },
    #[error("the variable {variable} is not right: {text}")]
    Variable { variable: String, text: String },
    #[error("{0}")]
    Value(String),
}

impl Config {
    /// Reads `path` (or `dovetail.toml` here, if there is one), then the environment.
    pub fn load(path: Option<&Path>, environment: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut config = match path {
            Some(path) => Self::from_file(path)?,
            None if Path::new("dovetail.toml").exists() => Self::from_file(Path::new("dovetail.toml"))?,
            None => Self::default(),
        };
        environment::apply(&mut config, environment)?;
        config.validate()?;
        Ok(config)
    }

    fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        toml::from_str(&text).map_err(|error| ConfigError::File { path: path.to_owned(), text: error.to_string() })
    }

    fn validate(&self) -> Result<(), ConfigError> {
        let wrong = |text: &str| Err(ConfigError::Value(text.to_owned()));
        if self.sync.workers == 0 {
            return wrong("[sync] workers is 0: nothing would ever be imported; the least is 1");
        }
        if self.sync.interval < Duration::from_secs(60) {
            return wrong("[sync] interval is shorter than a minute; the least is \"1m\"");
        }
        if let Some(url) = &self.server.public_url
            && !matches!(url.scheme(), "http" | "https")
        {
            return wrong("[server] public_url must begin with http:// or https://");
        }
        if !matches!(self.network.atlassian_api.scheme(), "http" | "https") {
            return wrong("[network] atlassian_api must begin with http:// or https://");
        }
        if let Some(url) = &self.store.url
            && !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme))
        {
            return wrong("[store] url must begin with sqlite:// or postgres://");
        }
        Ok(())
    }

    /// The database: the one that is set, or a SQLite file in the data directory.
    pub fn store_url(&self) -> String {
        let default = || format!("sqlite://{}", self.server.data_dir.join("dovetail.db").display());
        self.store.url.clone().unwrap_or_else(default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Config::load(Some(file.path()), |name| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn an_empty_file_gives_the_defaults() {
        let config = load("", &[]).unwrap();
        assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.sync.interval, Duration::from_secs(3600));
        assert_eq!(config.store_url(), "sqlite://dovetail-data/dovetail.db");
    }

    #[test]
    fn an_unknown_key_is_refused_with_line_and_column() {
        let error = load("[server]\nlisten = \"127.0.0.1:1\"\nlissten = 1\n", &[]).unwrap_err().to_string();
        assert!(error.contains("line 3"), "{error}");
        assert!(error.contains("lissten"), "{error}");
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let environment = [("DOVETAIL_SYNC_INTERVAL", "15m"), ("DOVETAIL_LINKS_NOISE", "UTF, XYZ")];
        let config = load("[sync]\ninterval = \"2h\"\n", &environment).unwrap();
        assert_eq!(config.sync.interval, Duration::from_secs(900));
        assert_eq!(config.links.noise, ["UTF", "XYZ"]);
    }

    #[test]
    fn a_secret_can_stand_in_a_file_but_not_in_both() {
        let secret = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(secret.path(), "postgres://u:p@db/d\n").unwrap();
        let path = secret.path().to_str().unwrap();
        let config = load("", &[("DOVETAIL_STORE_URL_FILE", path)]).unwrap();
        assert_eq!(config.store_url(), "postgres://u:p@db/d");
        let both = [("DOVETAIL_STORE_URL_FILE", path), ("DOVETAIL_STORE_URL", "sqlite://x")];
        assert!(load("", &both).unwrap_err().to_string().contains("DOVETAIL_STORE_URL_FILE"));
    }

    #[test]
    fn a_bad_value_names_its_variable_or_key() {
        let error = load("", &[("DOVETAIL_SYNC_WORKERS", "many")]).unwrap_err().to_string();
        assert!(error.contains("DOVETAIL_SYNC_WORKERS"), "{error}");
        let error = load("[sync]\nworkers = 0\n", &[]).unwrap_err().to_string();
        assert!(error.contains("[sync] workers"), "{error}");
        let error = load("[sync]\ninterval = \"sixty\"\n", &[]).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }

    #[test]
    fn what_concerns_jira_has_defaults_and_can_be_set() {
        let config = load("", &[]).unwrap();
        assert_eq!(config.sync.smart_commit_max_age, 7 * DAY);
        assert_eq!(config.retention.deliveries, 30 * DAY);
        assert_eq!(config.network.atlassian_api.as_str(), "https://api.atlassian.com/");

        let environment = [
            ("DOVETAIL_SYNC_SMART_COMMIT_MAX_AGE", "2d"),
            ("DOVETAIL_RETENTION_DELIVERIES", "60d"),
            ("DOVETAIL_NETWORK_ATLASSIAN_API", "http://127.0.0.1:9"),
        ];
        let file = "[sync]\nsmart_commit_max_age = \"1d\"\n[retention]\ndeliveries = \"5d\"\n";
        assert_eq!(load(file, &[]).unwrap().retention.deliveries, 5 * DAY);
        let config = load(file, &environment).unwrap();
        assert_eq!(config.sync.smart_commit_max_age, 2 * DAY);
        assert_eq!(config.retention.deliveries, 60 * DAY);
        assert_eq!(config.network.atlassian_api.as_str(), "http://127.0.0.1:9/");

        let error = load("[network]\natlassian_api = \"ftp://x\"\n", &[]).unwrap_err().to_string();
        assert!(error.contains("[network] atlassian_api"), "{error}");
    }

    #[test]
    fn the_cache_may_take_what_is_set() {
        let max = |text, environment: &[_]| load(text, environment).unwrap().cache.max_size.map(|size| size.as_u64());
        assert_eq!(max("", &[]), None);
        assert_eq!(max("[cache]\nmax_size = \"20GB\"\n", &[]), Some(20_000_000_000));
        assert_eq!(max("[cache]\nmax_size = \"20GB\"\n", &[("DOVETAIL_CACHE_MAX_SIZE", "500 MiB")]), Some(500 << 20));
        assert!(load("[cache]\nmax_size = \"much\"\n", &[]).unwrap_err().to_string().contains("line 2"));
    }

    #[test]
    fn a_jira_is_named_by_the_beginning_of_its_address() {
        let config = load("[facade]\nallowed_redirects = [\"https://jira.example.com/\"]\n", &[]).unwrap();
        assert_eq!(config.facade.allowed_redirects, ["https://jira.example.com/"]);
        assert!(config.facade.require_user_agent);
        let environment = [
            ("DOVETAIL_FACADE_ALLOWED_REDIRECTS", "https://a.example.com, https://b.example.com/jira"),
            ("DOVETAIL_FACADE_REQUIRE_USER_AGENT", "false"),
        ];
        let config = load("", &environment).unwrap();
        assert_eq!(config.facade.allowed_redirects, ["https://a.example.com", "https://b.example.com/jira"]);
        assert!(!config.facade.require_user_agent);
    }

    #[test]
    fn every_setting_is_documented_with_its_variable() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
        let page = std::fs::read_to_string(page).unwrap();
        for variable in environment::variables() {
            assert!(page.contains(variable), "docs/configuration.md says nothing of {variable}");
        }
    }
}
