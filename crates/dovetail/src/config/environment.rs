//! The variables that stand over the file: one table, so that none is forgotten.

use model::secret::SecretString;

use super::{Config, ConfigError, duration};

type Setter = fn(&mut Config, &str) -> Result<(), String>;

/// Variable, whether it is secret (and may come as `…_FILE`), and where it goes.
const TABLE: &[(&str, bool, Setter)] = &[
    ("DOVETAIL_SERVER_LISTEN", false, |config, text| put(&mut config.server.listen, text)),
    ("DOVETAIL_SERVER_PUBLIC_URL", false, |config, text| put_some(&mut config.server.public_url, text)),
    ("DOVETAIL_SERVER_TRUSTED_PROXIES", false, |config, text| put_list(&mut config.server.trusted_proxies, text)),
    ("DOVETAIL_SERVER_METRICS_FROM", false, |config, text| put_list(&mut config.server.metrics_from, text)),
    ("DOVETAIL_SERVER_DATA_DIR", false, |config, text| put(&mut config.server.data_dir, text)),
    ("DOVETAIL_STORE_URL", true, |config, text| put_some(&mut config.store.url, text)),
    ("DOVETAIL_SYNC_INTERVAL", false, |config, text| put_duration(&mut config.sync.interval, text)),
    ("DOVETAIL_SYNC_WORKERS", false, |config, text| put(&mut config.sync.workers, text)),
    ("DOVETAIL_SYNC_GIT", false, |config, text| put(&mut config.sync.git, text)),
    ("DOVETAIL_SYNC_SHOW_UNREACHABLE", false, |config, text| put(&mut config.sync.show_unreachable, text)),
    ("DOVETAIL_SYNC_SMART_COMMIT_MAX_AGE", false, |config, text| {
        put_duration(&mut config.sync.smart_commit_max_age, text)
    }),
    ("DOVETAIL_NETWORK_CA_BUNDLE", false, |config, text| put_some(&mut config.network.ca_bundle, text)),
    ("DOVETAIL_NETWORK_CA_BUNDLE_PASSWORD", true, |config, text| {
        config.network.ca_bundle_password = (!text.is_empty()).then(|| SecretString::from(text));
        Ok(())
    }),
    ("DOVETAIL_NETWORK_CLIENT_CERTIFICATE", false, |config, text| {
        put_some(&mut config.network.client_certificate, text)
    }),
    ("DOVETAIL_NETWORK_CLIENT_KEY", false, |config, text| put_some(&mut config.network.client_key, text)),
    ("DOVETAIL_NETWORK_PROXY", true, |config, text| put_some(&mut config.network.proxy, text)),
    ("DOVETAIL_NETWORK_NO_PROXY", false, |config, text| put_some(&mut config.network.no_proxy, text)),
    ("DOVETAIL_NETWORK_CONNECT_TIMEOUT", false, |config, text| put_duration(&mut config.network.connect_timeout, text)),
    ("DOVETAIL_NETWORK_ALLOW_PRIVATE", false, |config, text| put(&mut config.network.allow_private, text)),
    ("DOVETAIL_NETWORK_ATLASSIAN_API", false, |config, text| put(&mut config.network.atlassian_api, text)),
    ("DOVETAIL_LINKS_NOISE", false, |config, text| put_list(&mut config.links.noise, text)),
    ("DOVETAIL_FACADE_ALLOWED_REDIRECTS", false, |config, text| put_list(&mut config.facade.allowed_redirects, text)),
    ("DOVETAIL_FACADE_REQUIRE_USER_AGENT", false, |config, text| put(&mut config.facade.require_user_agent, text)),
    ("DOVETAIL_RETENTION_INBOX", false, |config, text| put_duration(&mut config.retention.inbox, text)),
    ("DOVETAIL_RETENTION_JOBS", false, |config, text| put_duration(&mut config.retention.jobs, text)),
    ("DOVETAIL_CACHE_MAX_SIZE", false, |config, text| put_some(&mut config.cache.max_size, text)),
    ("DOVETAIL_RETENTION_DELIVERIES", false, |config, text| put_duration(&mut config.retention.deliveries, text)),
];

/// Lays the variables over what the file said.
pub fn apply(config: &mut Config, environment: impl Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
    for (variable, secret, set) in TABLE {
        let wrong = |text: String| ConfigError::Variable { variable: (*variable).to_owned(), text };
        let direct = environment(variable);
        let file = if *secret { environment(&format!("{variable}_FILE")) } else { None };
        let value = match (direct, file) {
            (Some(_), Some(_)) => return Err(wrong(format!("{variable}_FILE is set too; keep one of them"))),
            (Some(value), None) => value,
            (None, Some(path)) => read_secret(&path).map_err(wrong)?,
            (None, None) => continue,
        };
        set(config, value.trim()).map_err(wrong)?;
    }
    Ok(())
}

/// The names, for the test that each is documented.
#[cfg(test)]
pub fn variables() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(variable, ..)| *variable)
}

fn read_secret(path: &str) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("cannot read {path}: {error}"))
}

fn put<T: std::str::FromStr<Err: std::fmt::Display>>(place: &mut T, text: &str) -> Result<(), String> {
    *place = text.parse().map_err(|error| format!("{error}"))?;
    Ok(())
}

fn put_some<T: std::str::FromStr<Err: std::fmt::Display>>(place: &mut Option<T>, text: &str) -> Result<(), String> {
    *place = if text.is_empty() { None } else { Some(text.parse().map_err(|error| format!("{error}"))?) };
    Ok(())
}

fn put_list(place: &mut Vec<String>, text: &str) -> Result<(), String> {
    *place = text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect();
    Ok(())
}

fn put_duration(place: &mut std::time::Duration, text: &str) -> Result<(), String> {
    *place = duration::parse(text)?;
    Ok(())
}
