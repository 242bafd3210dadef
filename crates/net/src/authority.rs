//! Certificates of authorities that somebody hands in to be trusted, read before they are.

use model::Millis;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::check::Certificate;
use crate::pem;

/// The longest text that is read, in bytes.
const LONGEST: usize = 64 * 1024;
/// How many certificates it may hold.
const MOST: usize = 20;

/// The certificate of an authority. All texts come from outside; they are bounded and bare of control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// Whom it calls itself.
    pub subject: String,
    /// Who signed it; the same for a root.
    pub issuer: String,
    /// SHA-256 over the whole, as `AB:CD:…`: what is compared before it is trusted.
    pub fingerprint: String,
    /// From when it is valid.
    pub not_before: Millis,
    /// Until when.
    pub not_after: Millis,
    /// The certificate alone, in PEM form.
    pub pem: String,
}

/// Why a text is not taken for authorities.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// More than 64 KiB, or more than 20 certificates.
    #[error("too large for the certificates of authorities")]
    TooLarge,
    /// No certificate between `-----BEGIN CERTIFICATE-----` and its end, or one that cannot be read.
    #[error("no certificate in PEM form")]
    NotPem,
    /// The certificate of a server, which vouches for nobody.
    #[error("the certificate of {subject}, which is no authority")]
    OfServer {
        /// Whose it is.
        subject: String,
        /// The authority that signed it.
        issuer: String,
    },
    /// It is valid no more, or not yet.
    #[error("the certificate of {subject} is not valid now")]
    OutOfTime {
        /// Whose it is.
        subject: String,
        /// From when it is valid.
        not_before: Millis,
        /// Until when.
        not_after: Millis,
    },
}

/// The certificates of a text in PEM form, at the time `now`. One that a server signed for itself counts as an authority, as
/// it vouches for that server.
///
/// # Errors
/// [`AuthorityError`]; then none of them is to be trusted.
pub fn read_authorities(text: &str, now: Millis) -> Result<Vec<Authority>, AuthorityError> {
    let authorities = read_authorities_of_any_time(text)?;
    match authorities.iter().find(|authority| now < authority.not_before || now > authority.not_after) {
        Some(Authority { subject, not_before, not_after, .. }) => {
            let (subject, not_before, not_after) = (subject.clone(), *not_before, *not_after);
            Err(AuthorityError::OutOfTime { subject, not_before, not_after })
        }
        None => Ok(authorities),
    }
}

/// As [`read_authorities`], whenever they are valid.
///
/// # Errors
/// [`AuthorityError`], but not [`AuthorityError::OutOfTime`].
pub fn read_authorities_of_any_time(text: &str) -> Result<Vec<Authority>, AuthorityError> {
    if text.len() > LONGEST {
        return Err(AuthorityError::TooLarge);
    }
    let mut authorities = Vec::new();
    for der in CertificateDer::pem_slice_iter(text.as_bytes()) {
        let der = der.map_err(|_| AuthorityError::NotPem)?;
        let found = Certificate::read(&der).ok_or(AuthorityError::NotPem)?;
        let authority = trustworthy(found, &der)?;
        if !authorities.contains(&authority) {
            authorities.push(authority);
        }
        if authorities.len() > MOST {
            return Err(AuthorityError::TooLarge);
        }
    }
    if authorities.is_empty() { Err(AuthorityError::NotPem) } else { Ok(authorities) }
}

fn trustworthy(found: Certificate, der: &CertificateDer<'_>) -> Result<Authority, AuthorityError> {
    let (subject, issuer) = (found.title(), found.issuer.clone());
    let vouches_for_itself = found.is_self_issued() && !found.is_not_signed_by(&found);
    if !found.is_authority && !vouches_for_itself {
        return Err(AuthorityError::OfServer { subject, issuer });
    }
    Ok(Authority {
        subject,
        issuer,
        fingerprint: found.fingerprint,
        not_before: found.not_before,
        not_after: found.not_after,
        pem: pem::certificate(der),
    })
}
