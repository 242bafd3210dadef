//! What is wrong with the certificates of a server: which one, and what follows from it.

use model::Millis;
use rustls::CertificateError;
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;

use super::certificate::Certificate;

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A certificate's time is over.
    Expired { title: String, since: Millis, is_leaf: bool },
    /// A certificate's time has not come.
    Early { title: String, from: Millis },
    /// The server's certificate is its own issuer and is not trusted.
    SelfSigned { fingerprint: String },
    /// The server uses the certificate of an authority as its own.
    AuthorityAsServer { title: String },
    /// The server's certificate is for other names; empty: it has none but perhaps in its subject.
    OtherName { valid_for: Vec<String> },
    /// The chain is whole and ends at an authority that is not trusted.
    UnknownRoot { title: String, fingerprint: String },
    /// Only the server's own certificate was sent, and its issuer is not trusted: two explanations.
    LoneLeaf { issuer: String, address: Option<String> },
    /// The chain ends at an intermediate whose issuer is neither sent nor trusted.
    UnknownIssuer { last: String, issuer: String, address: Option<String> },
    /// The certificate sent as the issuer's has its name and not its key.
    NotTheIssuer { title: String, issuer: String },
    /// An authority of this name is trusted, and did not sign this.
    OtherKey { issuer: String },
    /// Its authority withdrew it.
    Revoked,
    /// It may not be used for servers.
    WrongPurpose,
    /// Anything else, in rustls's words.
    Other(String),
}

/// A chain as it was sent, and the question that it was sent for.
pub struct Sent<'a> {
    pub der: &'a [CertificateDer<'static>],
    pub read: &'a [Certificate],
    pub name: &'a ServerName<'static>,
    pub now: Millis,
}

/// Everything that is wrong, what the verifier complained about first.
pub fn faults(error: &CertificateError, sent: &Sent<'_>, knows: &dyn Fn(&[u8]) -> bool) -> Vec<Fault> {
    let mut faults: Vec<Fault> = main_fault(error, sent, knows).into_iter().collect();
    // The verifier stops at the first fault; people want to mend all of them at once.
    for fault in times(sent).into_iter().chain(other_name(sent)) {
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    if faults.is_empty() {
        faults.push(Fault::Other(error.to_string()));
    }
    faults
}

fn main_fault(error: &CertificateError, sent: &Sent<'_>, knows: &dyn Fn(&[u8]) -> bool) -> Option<Fault> {
    match error {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => Some(unknown(sent.read, knows)),
        CertificateError::NotValidForName
        | CertificateError::NotValidForNameContext { .. }
        | CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => None, // told with the certificate that it is about
        CertificateError::Revoked => Some(Fault::Revoked),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => Some(Fault::WrongPurpose),
        // webpki's errors of their own come wrapped, and the platform's verifier wraps the wrong purpose.
        CertificateError::Other(other) => Some(match (format!("{other:?}").as_str(), sent.read.first()) {
            (text, Some(leaf)) if text.contains("CaUsedAsEndEntity") => {
                Fault::AuthorityAsServer { title: leaf.title() }
            }
            (text, _) if text.contains("EkuError") => Fault::WrongPurpose,
            _ => Fault::Other(error.to_string()),
        }),
        other => Some(Fault::Other(other.to_string())),
    }
}

/// Why no path leads to an authority that is trusted.
fn unknown(chain: &[Certificate], knows: &dyn Fn(&[u8]) -> bool) -> Fault {
    let Some(leaf) = chain.first() else {
        return Fault::Other("the server sent no certificate".to_owned());
    };
    if leaf.is_self_issued() {
        return Fault::SelfSigned { fingerprint: leaf.fingerprint.clone() };
    }
    let last = match end_of_path(chain, leaf) {
        Ok(last) => last,
        Err(fault) => return fault,
    };
    let (issuer, address) = (last.issuer.clone(), last.issuer_address.clone());
    if knows(&last.issuer_der) {
        return Fault::OtherKey { issuer };
    }
    if last.is_self_issued() {
        return Fault::UnknownRoot { title: last.title(), fingerprint: last.fingerprint.clone() };
    }
    if std::ptr::eq(last, leaf) {
        Fault::LoneLeaf { issuer, address }
    } else {
        Fault::UnknownIssuer { last: last.title(), issuer, address }
    }
}

/// From the leaf from issuer to issuer, as far as they were sent.
fn end_of_path<'a>(chain: &'a [Certificate], leaf: &'a Certificate) -> Result<&'a Certificate, Fault> {
    let mut last = leaf;
    // Two certificates may name each other as issuers, so the steps are counted.
    for _ in chain {
        if last.is_self_issued() {
            break;
        }
        // Of two of that name, such as before and after a renewal, the one that signed is meant.
        let is_named = |one: &&Certificate| one.subject_der == last.issuer_der && !std::ptr::eq(*one, last);
        match chain.iter().filter(is_named).find(|one| !last.is_not_signed_by(one)) {
            Some(issuer) => last = issuer,
            None => match chain.iter().find(is_named) {
                Some(issuer) => return Err(Fault::NotTheIssuer { title: last.title(), issuer: issuer.title() }),
                None => break,
            },
        }
    }
    Ok(last)
}

fn times(sent: &Sent<'_>) -> Vec<Fault> {
    let is_leaf = |one: &Certificate| sent.read.first().is_some_and(|leaf| std::ptr::eq(leaf, one));
    let fault = |one: &Certificate| {
        if one.not_after < sent.now {
            Some(Fault::Expired { title: one.title(), since: one.not_after, is_leaf: is_leaf(one) })
        } else if one.not_before > sent.now {
            Some(Fault::Early { title: one.title(), from: one.not_before })
        } else {
            None
        }
    };
    sent.read.iter().filter_map(fault).collect()
}

fn other_name(sent: &Sent<'_>) -> Option<Fault> {
    let leaf = ParsedCertificate::try_from(sent.der.first()?).ok()?;
    verify_server_name(&leaf, sent.name).err()?;
    Some(Fault::OtherName { valid_for: sent.read.first()?.names.clone() })
}

#[cfg(test)]
mod tests {
    use super::{Fault, end_of_path, unknown};
    use crate::check::certificate::Certificate;

    fn certificate(subject: &str, issuer: &str) -> Certificate {
        Certificate {
            subject: subject.to_owned(),
            issuer: issuer.to_owned(),
            subject_der: subject.into(),
            issuer_der: issuer.into(),
            not_before: 0,
            not_after: 1,
            names: Vec::new(),
            is_authority: true,
            issuer_address: None,
            fingerprint: format!("fingerprint of {subject}"),
            der: Vec::new(),
        }
    }

    #[test]
    fn certificates_that_sign_each_other_come_to_an_end() {
        let chain = [certificate("a", "b"), certificate("b", "a")];
        assert!(["a", "b"].contains(&end_of_path(&chain, &chain[0]).unwrap().subject.as_str()));
    }

    #[test]
    fn the_order_in_which_they_were_sent_does_not_matter() {
        let chain = [certificate("leaf", "first"), certificate("root", "root"), certificate("first", "root")];
        let expected = Fault::UnknownRoot { title: "root".to_owned(), fingerprint: "fingerprint of root".to_owned() };
        assert_eq!(unknown(&chain, &|_| false), expected);
    }

    #[test]
    fn a_trusted_name_with_another_key_is_told() {
        let chain = [certificate("leaf", "root")];
        assert_eq!(unknown(&chain, &|name| name == b"root"), Fault::OtherKey { issuer: "root".to_owned() });
    }
}
