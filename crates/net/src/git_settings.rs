//! The same trust and proxies for git, which has its own HTTP client.

use std::io::Write;

use tempfile::NamedTempFile;

use crate::identity::ClientIdentity;
use crate::{NetError, Network, pem};

/// Configuration and environment for git, and the file that the configuration names.
pub struct GitSettings {
    pub config: Vec<(String, String)>,
    pub environment: Vec<(String, String)>,
    /// Removed with the settings.
    _trust: Option<NamedTempFile>,
}

impl GitSettings {
    /// `variable` reads the environment of this process.
    pub fn new(
        network: &Network,
        bundle: Option<&[u8]>,
        identity: Option<&ClientIdentity>,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, NetError> {
        let mut config = Vec::new();
        let trust = trust_file(bundle, variable)?;
        if let Some(file) = &trust {
            config.push(("http.sslCAInfo".to_owned(), file.path().to_string_lossy().into_owned()));
        }
        if let Some(identity) = identity {
            config.push(("http.sslCert".to_owned(), identity.certificate.to_string_lossy().into_owned()));
            config.push(("http.sslKey".to_owned(), identity.key.to_string_lossy().into_owned()));
        }
        match &network.proxy {
            // Empty, it turns off those of the environment too.
            _ if network.direct => config.push(("http.proxy".to_owned(), String::new())),
            Some(proxy) => config.push(("http.proxy".to_owned(), proxy.to_string())),
            None => {}
        }
        Ok(Self { config, environment: proxies(network, variable), _trust: trust })
    }
}

/// Git replaces the system's authorities by those configured, so the file holds both. Without a bundle, and unless the
/// environment moves the system's authorities (which git does not notice), git's own default is right.
fn trust_file(
    bundle: Option<&[u8]>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<NamedTempFile>, NetError> {
    let moved = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().any(|name| variable(name).is_some());
    if bundle.is_none() && !moved {
        return Ok(None);
    }
    write_trust(bundle.unwrap_or_default())
        .map(Some)
        .map_err(|error| NetError::Settings(format!("the certificates for git cannot be written ({error})")))
}

fn write_trust(bundle: &[u8]) -> std::io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix("dovetail-trust-").suffix(".pem").tempfile()?;
    for certificate in rustls_native_certs::load_native_certs().certs {
        file.write_all(pem::certificate(&certificate).as_bytes())?;
    }
    file.write_all(bundle)?;
    file.flush()?;
    Ok(file)
}

/// The proxies of the environment under the names that curl reads (it ignores `HTTP_PROXY` in capitals).
fn proxies(network: &Network, variable: &dyn Fn(&str) -> Option<String>) -> Vec<(String, String)> {
    let either = |name: &str| variable(name).or_else(|| variable(&name.to_ascii_uppercase()));
    let exceptions = network.no_proxy.clone().or_else(|| either("no_proxy"));
    let mut pairs: Vec<(String, String)> = exceptions.map(|list| ("no_proxy".to_owned(), list)).into_iter().collect();
    if network.proxy.is_none() && !network.direct {
        let names = ["http_proxy", "https_proxy", "all_proxy"];
        pairs.extend(names.into_iter().filter_map(|name| Some((name.to_owned(), either(name)?))));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::GitSettings;
    use crate::Network;

    fn settings(network: &Network, bundle: Option<&[u8]>, variables: &[(&str, &str)]) -> GitSettings {
        let find =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        GitSettings::new(network, bundle, None, &find).unwrap()
    }

    #[test]
    fn without_settings_git_keeps_its_defaults() {
        let settings = settings(&Network::default(), None, &[]);
        assert!(settings.config.is_empty() && settings.environment.is_empty());
    }

    #[test]
    fn a_bundle_is_trusted_beside_the_system() {
        let settings = settings(&Network::default(), Some(b"-----private authority-----\n"), &[]);
        let (key, path) = settings.config[0].clone();
        let file = fs::read_to_string(&path).unwrap();
        assert_eq!(key, "http.sslCAInfo");
        assert!(file.ends_with("-----private authority-----\n"));
        let system = rustls_native_certs::load_native_certs().certs.len();
        assert_eq!(file.matches("-----BEGIN CERTIFICATE-----").count(), system);
        drop(settings);
        assert!(!fs::exists(&path).unwrap(), "the file goes with the last client");
    }

    #[test]
    fn proxies_of_the_environment_reach_git_under_the_names_it_reads() {
        let variables = [("HTTP_PROXY", "http://one:1"), ("https_proxy", "http://two:2"), ("NO_PROXY", "intern")];
        let settings = settings(&Network::default(), None, &variables);
        let expected = [("no_proxy", "intern"), ("http_proxy", "http://one:1"), ("https_proxy", "http://two:2")];
        assert_eq!(settings.environment, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_configured_proxy_replaces_those_of_the_environment() {
        let network =
            Network { proxy: "http://three:3".parse().ok(), no_proxy: Some("a,b".into()), ..Network::default() };
        let settings = settings(&network, None, &[("http_proxy", "http://one:1"), ("no_proxy", "intern")]);
        assert_eq!(settings.config, [("http.proxy".to_owned(), "http://three:3/".to_owned())]);
        assert_eq!(settings.environment, [("no_proxy".to_owned(), "a,b".to_owned())]);
    }
}
