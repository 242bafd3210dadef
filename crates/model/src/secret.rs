//! Secrets in memory, and random tokens.

use rand::TryRngCore;
use rand::rngs::OsRng;
pub use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// A fresh token: a prefix that tells what it is, and 32 random bytes in hexadecimal.
///
/// # Panics
/// When the operating system has no randomness to give, as nothing secret can be made then.
#[must_use]
pub fn random_token(prefix: &str) -> SecretString {
    let mut bytes = [0_u8; 32];
    OsRng.try_fill_bytes(&mut bytes).expect("the operating system provides randomness");
    SecretString::from(format!("{prefix}{}", hex::encode(bytes)))
}

/// The form in which a token that is only ever compared is kept: its SHA-256 in hexadecimal.
///
/// Tokens of [`random_token`] carry 256 random bits, so a plain hash is enough; passwords need more.
#[must_use]
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_prefix_and_256_random_bits() {
        let (first, second) = (random_token("dt_"), random_token("dt_"));
        let digits = first.expose_secret().strip_prefix("dt_").unwrap();
        assert_eq!(hex::decode(digits).unwrap().len(), 32);
        assert_ne!(first.expose_secret(), second.expose_secret());
    }

    #[test]
    fn a_token_does_not_show_itself() {
        let token = random_token("dt_");
        assert!(!format!("{token:?}").contains(token.expose_secret()));
    }

    #[test]
    fn a_hash_is_sha256_in_hexadecimal() {
        assert_eq!(token_hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
