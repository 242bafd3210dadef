//! Files of authorities that are not PEM: Java's trust stores (PKCS#12 and JKS), and a bare certificate. Told by their content,
//! as people name them as they like.

use p12_keystore::{KeyStore, KeyStoreEntry, Pkcs12ImportPolicy};
use rustls::pki_types::CertificateDer;
use sha1::{Digest, Sha1};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::pem::certificate as pem;

/// The password that Java's own trust store has, and most that were made after its example.
const USUAL: &str = "changeit";
/// The sign at the beginning of JKS …
const JKS: [u8; 4] = [0xfe, 0xed, 0xfe, 0xed];
/// … and of JCEKS, which has trusted certificates in the same form.
const JCEKS: [u8; 4] = [0xce, 0xce, 0xce, 0xce];
/// What Java mixes into the digest that guards a store.
const GUARD: &[u8] = b"Mighty Aphrodite";
/// The length of that digest in bytes.
const DIGEST: usize = 20;

/// Why a trust store cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another password, or a damaged file: they cannot be told apart.
    #[error(
        "the password does not open it, or it is damaged: set `network.ca_bundle_password` to what `keytool -list -keystore` takes"
    )]
    Password,
    /// It holds keys alone, or nothing.
    #[error("it holds no trusted certificate: import the authority with `keytool -importcert -trustcacerts`")]
    Nothing,
}

/// The certificates of a file in PEM form; a file that is PEM, or nothing known, as it is.
///
/// # Errors
/// [`StoreError`], of a trust store.
pub fn as_pem(file: Vec<u8>, password: Option<&str>) -> Result<Vec<u8>, StoreError> {
    let password = password.unwrap_or(USUAL);
    let certificates = match file.first_chunk::<4>() {
        Some(magic) if [JKS, JCEKS].contains(magic) => of_jks(&file, password)?,
        Some([0x30, ..]) if is_certificate(&file) => vec![file],
        Some([0x30, ..]) => of_pkcs12(&file, password)?,
        _ => return Ok(file),
    };
    if certificates.is_empty() {
        return Err(StoreError::Nothing);
    }
    Ok(certificates.iter().map(|der| pem(&CertificateDer::from(der.as_slice()))).collect::<String>().into_bytes())
}

fn is_certificate(file: &[u8]) -> bool {
    X509Certificate::from_der(file).is_ok_and(|(rest, _)| rest.is_empty())
}

/// The certificates that stand alone. The chain of a private key is a server's own, and Java does not trust it either.
fn of_pkcs12(file: &[u8], password: &str) -> Result<Vec<Vec<u8>>, StoreError> {
    // Trust stores of other tools lack the attribute by which Java marks what is trusted, so all certificates count.
    let store = KeyStore::from_pkcs12(file, password, Pkcs12ImportPolicy::Raw).map_err(|_| StoreError::Password)?;
    let trusted = store.entries().filter_map(|(_, entry)| match entry {
        KeyStoreEntry::Certificate(certificate) => Some(certificate.as_der().to_vec()),
        KeyStoreEntry::PrivateKeyChain(_) | KeyStoreEntry::Secret(_) => None,
    });
    Ok(trusted.collect())
}

/// The trusted certificates of a JKS, once the digest over password and content fits.
fn of_jks(file: &[u8], password: &str) -> Result<Vec<Vec<u8>>, StoreError> {
    let (content, digest) = file.split_last_chunk::<DIGEST>().ok_or(StoreError::Password)?;
    let password: Vec<u8> = password.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let found = Sha1::new().chain_update(password).chain_update(GUARD).chain_update(content).finalize();
    if found.as_slice() != digest {
        return Err(StoreError::Password);
    }
    Fields(content).trusted().ok_or(StoreError::Password)
}

/// What is left to read; every step takes from its front, so that no length in the file leads beyond its end.
struct Fields<'f>(&'f [u8]);

impl<'f> Fields<'f> {
    const KEY: u32 = 1;
    const CERTIFICATE: u32 = 2;

    fn trusted(&mut self) -> Option<Vec<Vec<u8>>> {
        let (_magic, version, count) = (self.number()?, self.number()?, self.number()?);
        let mut trusted = Vec::new();
        for _ in 0..count {
            let kind = self.number()?;
            let (_alias, _date) = (self.text()?, self.take(8)?);
            match kind {
                Self::CERTIFICATE => trusted.push(self.certificate(version)?.to_vec()),
                Self::KEY => {
                    self.bytes()?;
                    for _ in 0..self.number()? {
                        self.certificate(version)?;
                    }
                }
                // Secret keys of JCEKS have no length: what is behind them cannot be reached.
                _ => break,
            }
        }
        Some(trusted)
    }

    fn certificate(&mut self, version: u32) -> Option<&'f [u8]> {
        if version > 1 {
            self.text()?;
        }
        self.bytes()
    }

    fn take(&mut self, length: usize) -> Option<&'f [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    fn text(&mut self) -> Option<&'f [u8]> {
        let (length, rest) = self.0.split_first_chunk::<2>()?;
        self.0 = rest;
        self.take(usize::from(u16::from_be_bytes(*length)))
    }

    fn bytes(&mut self) -> Option<&'f [u8]> {
        let length = self.number()?;
        self.take(usize::try_from(length).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use p12_keystore::Certificate;

    use super::*;

    fn authority(name: &str) -> Vec<u8> {
        let key = rcgen::KeyPair::generate().expect("a key");
        let params = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.self_signed(&key).expect("a certificate").der().to_vec()
    }

    fn text(text: &str) -> Vec<u8> {
        let length = u16::try_from(text.len()).expect("short");
        [&length.to_be_bytes(), text.as_bytes()].concat()
    }

    fn bytes(bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).expect("short");
        [&length.to_be_bytes(), bytes].concat()
    }

    /// As `keytool -importcert -storetype JKS` writes it, with a private key before the authorities.
    fn jks(authorities: &[Vec<u8>], password: &str) -> Vec<u8> {
        let count = u32::try_from(authorities.len() + 1).expect("few");
        let mut file = [&JKS[..], &2_u32.to_be_bytes(), &count.to_be_bytes()].concat();
        let own = [&1_u32.to_be_bytes()[..], &text("own"), &[0; 8], &bytes(b"a key"), &1_u32.to_be_bytes()].concat();
        file.extend(own);
        file.extend([text("X.509"), bytes(&authority("own.example.com"))].concat());
        for der in authorities {
            file.extend(
                [&2_u32.to_be_bytes()[..], &text("an authority"), &[0; 8], &text("X.509"), &bytes(der)].concat(),
            );
        }
        let password: Vec<u8> = password.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let digest = Sha1::new().chain_update(password).chain_update(GUARD).chain_update(&file).finalize();
        file.extend(digest.as_slice());
        file
    }

    fn pkcs12(authorities: &[Vec<u8>], password: &str) -> Vec<u8> {
        let mut store = KeyStore::new();
        for (number, der) in authorities.iter().enumerate() {
            let certificate = Certificate::from_der(der).expect("a certificate");
            store.add_entry(&format!("authority {number}"), KeyStoreEntry::Certificate(certificate));
        }
        store.writer(password).write().expect("a store")
    }

    fn expected(authorities: &[Vec<u8>]) -> Vec<String> {
        let mut all: Vec<String> = authorities.iter().map(|der| pem(&CertificateDer::from(der.as_slice()))).collect();
        all.sort();
        all
    }

    fn found(pem: Vec<u8>) -> Vec<String> {
        let text = String::from_utf8(pem).expect("PEM is text");
        let mut all: Vec<String> = text.split_inclusive("-----END CERTIFICATE-----\n").map(str::to_owned).collect();
        all.sort();
        all
    }

    /// The kinds of trust stores that Java makes.
    const KINDS: [Make; 2] = [jks, pkcs12];
    /// Makes one of these authorities, with this password.
    type Make = fn(&[Vec<u8>], &str) -> Vec<u8>;

    #[test]
    fn the_trusted_certificates_of_a_store_become_pem() {
        for store in KINDS {
            let authorities = [authority("one.example.com"), authority("two.example.com")];

            let usual = as_pem(store(&authorities, "changeit"), None).expect("it opens");
            let own = as_pem(store(&authorities, "geheim ü"), Some("geheim ü")).expect("it opens");

            assert_eq!(found(usual), expected(&authorities));
            assert_eq!(found(own), expected(&authorities));
        }
    }

    #[test]
    fn another_password_and_a_store_without_authorities_are_told() {
        for store in KINDS {
            let authorities = [authority("one.example.com")];

            assert_eq!(as_pem(store(&authorities, "another"), None), Err(StoreError::Password));
            assert_eq!(as_pem(store(&[], "changeit"), None), Err(StoreError::Nothing));
        }
    }

    #[test]
    fn a_bare_certificate_becomes_pem_and_pem_stays_as_it_is() {
        let der = authority("one.example.com");
        let written = expected(std::slice::from_ref(&der)).concat().into_bytes();

        assert_eq!(as_pem(der, None), Ok(written.clone()));
        assert_eq!(as_pem(written.clone(), None), Ok(written));
        assert_eq!(as_pem(b"no certificate".to_vec(), None), Ok(b"no certificate".to_vec()));
    }

    #[test]
    fn a_store_that_is_cut_off_or_lies_about_lengths_is_refused() {
        let whole = jks(&[authority("one.example.com")], "changeit");
        let content = &whole[..whole.len() - DIGEST];
        for length in 0..content.len() {
            // No panic, and no certificate that is not there.
            let _ = Fields(&content[..length]).trusted();
        }
        for cut in [4, 19, whole.len() - 1] {
            assert_eq!(as_pem(whole[..cut].to_vec(), None), Err(StoreError::Password));
        }
    }
}
