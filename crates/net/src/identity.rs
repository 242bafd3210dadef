//! Who Dovetail is to servers that let only clients with a certificate in (mutual TLS).

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::trust::provider;
use crate::{NetError, Network};

/// The certificate of this client, with its key.
#[derive(Debug, Clone)]
pub struct ClientIdentity {
    /// For our own handshakes.
    pub certified: Arc<CertifiedKey>,
    /// Key and certificates, as the HTTP client reads them.
    pub pem: Vec<u8>,
    /// The files, which git reads itself.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl ClientIdentity {
    /// The identity that the settings name; none where they name none.
    ///
    /// # Errors
    /// [`NetError::Settings`] where a file cannot be read, has no certificate or no key, or both do not belong together.
    pub fn of(network: &Network) -> Result<Option<Self>, NetError> {
        let Some(certificate) = &network.client_certificate else {
            return match &network.client_key {
                Some(_) => Err(wrong("`network.client_key` is set, but not `network.client_certificate`")),
                None => Ok(None),
            };
        };
        let key = network.client_key.as_ref().unwrap_or(certificate);
        let (certificates, secret) = (read(certificate)?, read(key)?);
        let chain: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(&certificates).filter_map(Result::ok).collect();
        if chain.is_empty() {
            return Err(wrong(format!("{} holds no certificate in PEM form", certificate.display())));
        }
        let private = PrivateKeyDer::from_pem_slice(&secret)
            .map_err(|_| wrong(format!("{} holds no private key in PEM form without a password", key.display())))?;
        let certified = CertifiedKey::from_der(chain, private, &provider()).map_err(|_| {
            wrong(format!(
                "the key in {} does not belong to the certificate in {}",
                key.display(),
                certificate.display()
            ))
        })?;
        let pem = if key == certificate { certificates } else { [secret, b"\n".to_vec(), certificates].concat() };
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Ok(Some(Self { certified: Arc::new(certified), pem, certificate: absolute(certificate), key: absolute(key) }))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, NetError> {
    fs::read(path).map_err(|error| wrong(format!("{} cannot be read ({error})", path.display())))
}

fn wrong(why: impl std::fmt::Display) -> NetError {
    NetError::Settings(format!("the client certificate: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Files {
        _folder: tempfile::TempDir,
        network: Network,
    }

    fn files(certificate: &str, key: Option<&str>) -> Files {
        let folder = tempfile::tempdir().expect("a folder");
        let written = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("it is written");
            path
        };
        let network = Network {
            client_certificate: Some(written("certificate.pem", certificate)),
            client_key: key.map(|key| written("key.pem", key)),
            ..Network::default()
        };
        Files { _folder: folder, network }
    }

    fn made() -> (String, String) {
        let key = rcgen::KeyPair::generate().expect("a key");
        let params = rcgen::CertificateParams::new(vec!["dovetail".to_owned()]).expect("a name");
        (params.self_signed(&key).expect("a certificate").pem(), key.serialize_pem())
    }

    #[test]
    fn certificate_and_key_come_from_two_files_or_from_one() {
        let (certificate, key) = made();

        let two = files(&certificate, Some(&key));
        let one = files(&format!("{certificate}{key}"), None);

        let two = ClientIdentity::of(&two.network).expect("it is read").expect("there is one");
        let one = ClientIdentity::of(&one.network).expect("it is read").expect("there is one");
        assert_ne!(two.certificate, two.key);
        assert_eq!(one.certificate, one.key);
        assert_eq!(two.certified.cert, one.certified.cert);
        assert!(ClientIdentity::of(&Network::default()).expect("nothing is wrong").is_none());
    }

    #[test]
    fn what_is_wrong_with_the_files_is_told_without_their_content() {
        let (certificate, key) = made();
        let (_, other) = made();
        let told = |files: &Files| ClientIdentity::of(&files.network).expect_err("it is refused").to_string();

        assert!(told(&files("nothing", Some(&key))).contains("holds no certificate"));
        assert!(told(&files(&certificate, Some("nothing"))).contains("holds no private key"));
        assert!(told(&files(&certificate, Some(&other))).contains("does not belong to the certificate"));
        let mut missing = files(&certificate, Some(&key));
        missing.network.client_key = Some("no/such/file".into());
        assert!(told(&missing).contains("cannot be read"));
        missing.network.client_certificate = None;
        assert!(told(&missing).contains("but not `network.client_certificate`"));
    }
}
