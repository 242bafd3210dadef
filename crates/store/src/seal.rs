//! Secrets at rest: XChaCha20-Poly1305, bound to table, column and row, so that a ciphertext moved to another row is refused.

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use model::secret::{ExposeSecret, SecretString, random_token};
use sha2::{Digest, Sha256};

use crate::{Result, Store, StoreError};

/// The name of the key file in a data directory.
pub const KEY_FILE: &str = "secret.key";

const NONCE_LENGTH: usize = 24;
/// Stands before a ciphertext; another algorithm would get another.
const VERSION: &str = "x1:";

/// Where a secret is kept; part of what is sealed.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row's key.
    pub row: &'a str,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.table, self.column, self.row)
    }
}

/// Seals and opens secrets with one key.
pub struct Sealer {
    cipher: XChaCha20Poly1305,
    fingerprint: String,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

impl Sealer {
    /// With a key of 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`StoreError::MalformedKey`] for any other text.
    pub fn new(key: &SecretString) -> Result<Self> {
        let mut bytes = [0_u8; 32];
        hex::decode_to_slice(key.expose_secret().trim(), &mut bytes).map_err(|_| StoreError::MalformedKey)?;
        let digest = Sha256::new().chain_update("dovetail key fingerprint").chain_update(bytes).finalize();
        Ok(Self { cipher: XChaCha20Poly1305::new(&bytes.into()), fingerprint: hex::encode(&digest[..8]) })
    }

    /// Tells keys apart without telling a key.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Seals a secret for one place.
    #[must_use]
    pub fn seal(&self, place: Place<'_>, secret: &SecretString) -> String {
        let nonce: [u8; NONCE_LENGTH] = rand::random();
        let aad = place.to_string();
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: aad.as_bytes() };
        let ciphertext = self.cipher.encrypt(&XNonce::from(nonce), payload).expect("secrets are shorter than 256 GiB");
        format!("{VERSION}{}", STANDARD_NO_PAD.encode([nonce.as_slice(), &ciphertext].concat()))
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] for what was sealed for another place or with another key, or was changed.
    pub fn open(&self, place: Place<'_>, sealed: &str) -> Result<SecretString> {
        self.try_open(place, sealed).ok_or_else(|| StoreError::Sealed { place: place.to_string() })
    }

    fn try_open(&self, place: Place<'_>, sealed: &str) -> Option<SecretString> {
        let bytes = STANDARD_NO_PAD.decode(sealed.strip_prefix(VERSION)?).ok()?;
        let (nonce, ciphertext) = bytes.split_at_checked(NONCE_LENGTH)?;
        let nonce: [u8; NONCE_LENGTH] = nonce.try_into().ok()?;
        let aad = place.to_string();
        let payload = Payload { msg: ciphertext, aad: aad.as_bytes() };
        let plain = self.cipher.decrypt(&XNonce::from(nonce), payload).ok()?;
        String::from_utf8(plain).ok().map(SecretString::from)
    }
}

impl Store {
    /// The key in `path`, made with mode 0600 if there is none.
    pub async fn load_or_create_key(path: &Path) -> Result<SecretString> {
        let path = path.to_owned();
        let work = tokio::task::spawn_blocking(move || load_or_create(&path));
        work.await.map_err(|error| StoreError::KeyFile(std::io::Error::other(error)))?.map_err(StoreError::KeyFile)
    }
}

fn load_or_create(path: &PathBuf) -> std::io::Result<SecretString> {
    if !path.try_exists()? {
        create(path)?;
    }
    warn_if_open(path)?;
    Ok(SecretString::from(std::fs::read_to_string(path)?.trim().to_owned()))
}

/// Written whole beside its place, then linked there: a second process that starts now reads a whole key, and only one of
/// both is kept.
fn create(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;

    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory)?;
    let draft = directory.join(format!(".{KEY_FILE}.{:016x}", rand::random::<u64>()));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(random_token("").expose_secret().as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn warn_if_open(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    if std::fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        tracing::warn!(file = %path.display(), "the secret key can be read by other users of this machine: chmod 600");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer() -> Sealer {
        Sealer::new(&random_token("")).unwrap()
    }

    const HERE: Place<'_> = Place { table: "credential", column: "access", row: "7" };

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let sealer = sealer();
        for secret in ["", "glpat-secret", "schlüssel \u{1f511}", &"x".repeat(100_000)] {
            let sealed = sealer.seal(HERE, &SecretString::from(secret));
            assert!(secret.is_empty() || !sealed.contains(secret));
            assert_eq!(sealer.open(HERE, &sealed).unwrap().expose_secret(), secret);
            let elsewhere = [
                Place { table: "application", ..HERE },
                Place { column: "refresh", ..HERE },
                Place { row: "8", ..HERE },
            ];
            for place in elsewhere {
                assert!(matches!(sealer.open(place, &sealed), Err(StoreError::Sealed { .. })), "{place}");
            }
        }
    }

    #[test]
    fn no_changed_byte_goes_unnoticed() {
        let sealer = sealer();
        let sealed = sealer.seal(HERE, &SecretString::from("glpat-secret"));
        let bytes = STANDARD_NO_PAD.decode(&sealed[VERSION.len()..]).unwrap();
        for position in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[position] ^= 1;
            let changed = format!("{VERSION}{}", STANDARD_NO_PAD.encode(changed));
            assert!(sealer.open(HERE, &changed).is_err(), "byte {position}");
        }
        for cut in 0..sealed.len() {
            assert!(sealer.open(HERE, &sealed[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn another_key_opens_nothing_and_has_another_fingerprint() {
        let (one, other) = (sealer(), sealer());
        let sealed = one.seal(HERE, &SecretString::from("glpat-secret"));
        assert!(other.open(HERE, &sealed).is_err());
        assert_ne!(one.fingerprint(), other.fingerprint());
        assert!(!format!("{one:?}").contains("cipher"));
    }

    #[test]
    fn the_same_secret_never_looks_the_same() {
        let sealer = sealer();
        let secret = SecretString::from("glpat-secret");
        assert_ne!(sealer.seal(HERE, &secret), sealer.seal(HERE, &secret));
    }

    #[test]
    fn only_64_hexadecimal_digits_are_a_key() {
        for text in ["", "abc", &"0".repeat(63), &"0".repeat(65), &"g".repeat(64)] {
            assert!(matches!(Sealer::new(&SecretString::from(text)), Err(StoreError::MalformedKey)), "{text}");
        }
        assert!(Sealer::new(&SecretString::from(format!("{}\n", "0a".repeat(32)))).is_ok());
    }
}
