//! Which authorities are trusted: the system's and those of `network.ca_bundle`; and who we are to those who ask.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::sign::CertifiedKey;
use rustls_platform_verifier::Verifier;
use x509_parser::prelude::{FromDer, X509Certificate};

/// The authorities of `network.ca_bundle`; those of the system are asked for when they are needed.
#[derive(Clone, Default)]
pub struct Trust {
    bundle: Vec<CertificateDer<'static>>,
    identity: Option<Arc<CertifiedKey>>,
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust").field("bundle", &self.bundle.len()).finish()
    }
}

impl Trust {
    /// The certificates of a PEM file; what is none is left out, as the client's own reading of the file refuses it. And what
    /// makes us trusted where a server asks for that.
    pub fn new(bundle: Option<&[u8]>, identity: Option<Arc<CertifiedKey>>) -> Self {
        let read = |pem| CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect();
        Self { bundle: bundle.map(read).unwrap_or_default(), identity }
    }

    /// The certificate of this client, with its key.
    pub fn identity(&self) -> Option<Arc<CertifiedKey>> {
        self.identity.clone()
    }

    /// The judge that reqwest makes of the same certificates.
    pub fn verifier(&self) -> Result<Verifier, rustls::Error> {
        Verifier::new_with_extra_roots(self.bundle.iter().cloned(), provider())
    }

    /// Whether an authority with this name (DER) is trusted, whatever its key.
    pub fn knows(&self, subject: &[u8]) -> bool {
        let system = rustls_native_certs::load_native_certs().certs;
        self.bundle.iter().chain(&system).any(|root| {
            X509Certificate::from_der(root).is_ok_and(|(_, parsed)| parsed.tbs_certificate.subject.as_raw() == subject)
        })
    }
}

/// The provider that reqwest uses, named, as a build may contain others.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}
