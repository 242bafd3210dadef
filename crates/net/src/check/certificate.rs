//! What a certificate says, for people. All of it comes from outside, so every text is bounded and bare of control signs.

use std::net::IpAddr;

use jiff::Timestamp;
use model::Millis;
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use sha2::{Digest, Sha256};
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::oid_registry::OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::trust::provider;

/// The longest text that is shown of a certificate, in characters.
const LONGEST: usize = 200;
/// How many of its names are shown.
const NAMES: usize = 10;

/// One certificate that a server sent.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// For whom it is.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// Subject and issuer as they are compared.
    pub subject_der: Vec<u8>,
    pub issuer_der: Vec<u8>,
    /// From when until when it is valid.
    pub not_before: Millis,
    pub not_after: Millis,
    /// Host names and addresses, as many as are shown.
    pub names: Vec<String>,
    /// Whether it may sign others.
    pub is_authority: bool,
    /// Where the certificate of its issuer can be downloaded.
    pub issuer_address: Option<String>,
    /// SHA-256 over the whole, as `AB:CD:…`.
    pub fingerprint: String,
    /// The whole.
    pub der: Vec<u8>,
}

impl Certificate {
    /// Reads a certificate; none where it is none.
    pub fn read(der: &CertificateDer<'_>) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(der).ok()?;
        let validity = parsed.validity();
        Some(Self {
            subject: plain(&parsed.subject().to_string()),
            issuer: plain(&parsed.issuer().to_string()),
            subject_der: parsed.subject().as_raw().to_vec(),
            issuer_der: parsed.issuer().as_raw().to_vec(),
            not_before: validity.not_before.timestamp().saturating_mul(1000),
            not_after: validity.not_after.timestamp().saturating_mul(1000),
            names: names(&parsed),
            is_authority: parsed.is_ca(),
            issuer_address: issuer_address(&parsed),
            fingerprint: fingerprint(der),
            der: der.to_vec(),
        })
    }

    /// Whether it names itself as its issuer.
    pub fn is_self_issued(&self) -> bool {
        self.subject_der == self.issuer_der
    }

    /// Whether its signature is one that can be checked, and not by the key of `issuer`. An algorithm that is not
    /// accepted any more (SHA-1) cannot be checked and proves nothing.
    pub fn is_not_signed_by(&self, issuer: &Self) -> bool {
        let (Ok((_, own)), Ok((_, issuer))) =
            (X509Certificate::from_der(&self.der), X509Certificate::from_der(&issuer.der))
        else {
            return false;
        };
        let oid = own.signature_algorithm.oid().as_bytes();
        let key = &issuer.public_key().subject_public_key.data;
        let (message, signature) = (own.tbs_certificate.as_ref(), &own.signature_value.data);
        let provider = provider();
        // An algorithm identifier begins with the tag and the length of its OID.
        let known = |one: &&&dyn SignatureVerificationAlgorithm| {
            one.signature_alg_id().as_ref().get(2..).is_some_and(|id| id.starts_with(oid))
        };
        let mut fitting = provider.signature_verification_algorithms.all.iter().filter(known).peekable();
        fitting.peek().is_some() && !fitting.any(|one| one.verify_signature(key, message, signature).is_ok())
    }

    /// What to call it: its subject, or its first name where it has none.
    pub fn title(&self) -> String {
        let title = if self.subject.is_empty() { self.names.first() } else { Some(&self.subject) };
        title.cloned().unwrap_or_else(|| "a certificate without a name".to_owned())
    }
}

fn names(parsed: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = parsed.subject_alternative_name() else {
        return Vec::new();
    };
    extension.value.general_names.iter().filter_map(shown).take(NAMES).collect()
}

fn shown(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(plain(name)),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from)).ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

fn issuer_address(parsed: &X509Certificate<'_>) -> Option<String> {
    let access = parsed.iter_extensions().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityInfoAccess(access) => Some(access),
        _ => None,
    })?;
    access.iter().find_map(|entry| match &entry.access_location {
        GeneralName::URI(address) if entry.access_method == OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS => {
            let known = ["http://", "https://"].iter().any(|scheme| address.starts_with(scheme));
            known.then(|| plain(address))
        }
        _ => None,
    })
}

fn fingerprint(der: &[u8]) -> String {
    let bytes: Vec<String> = Sha256::digest(der).iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.join(":")
}

/// A text from outside in one line of bounded length.
pub fn plain(text: &str) -> String {
    let mut line: String = text.chars().filter(|sign| !sign.is_control()).take(LONGEST).collect();
    if text.chars().count() > LONGEST {
        line.push('…');
    }
    line
}

/// The day of a moment, in UTC.
pub fn day(millis: Millis) -> String {
    Timestamp::from_millisecond(millis)
        .map_or_else(|_| "an impossible date".to_owned(), |moment| moment.strftime("%Y-%m-%d").to_string())
}
