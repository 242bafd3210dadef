//! Passwords: hashed with argon2id, a few at a time, off the threads that answer requests.

use std::sync::Arc;

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use model::secret::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// The shortest password that is accepted, in characters.
pub const SHORTEST: usize = 10;
/// The longest password that is accepted, in bytes: hashing must stay bounded work.
pub const LONGEST: usize = 1_000;
/// A hash of nothing, checked for users that do not exist so that both answers take the same time.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$ZG92ZXRhaWwtbm9ib2R5$Z6FkxwhkqM6hVBu1RJsY6Yh5lFnF8FzVbCjlC1b4aV0";

/// Why a new password is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Fewer characters than [`SHORTEST`].
    TooShort,
    /// More bytes than [`LONGEST`].
    TooLong,
    /// The second time it was typed differently.
    NotRepeated,
}

/// Whether a new password, typed twice, is accepted.
pub fn accept(password: &str, repeated: &str) -> Result<(), Refused> {
    if password.chars().count() < SHORTEST {
        Err(Refused::TooShort)
    } else if password.len() > LONGEST {
        Err(Refused::TooLong)
    } else if password != repeated {
        Err(Refused::NotRepeated)
    } else {
        Ok(())
    }
}

/// Hashes and checks passwords; at most two at once, as each takes 19 MiB.
#[derive(Debug, Clone)]
pub struct Passwords(Arc<Semaphore>);

/// The hashing itself failed; it says nothing about the password.
#[derive(Debug, thiserror::Error)]
#[error("a password could not be hashed")]
pub struct HashingFailed;

impl Default for Passwords {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(2)))
    }
}

impl Passwords {
    /// The hash to keep.
    pub async fn hash(&self, password: SecretString) -> Result<String, HashingFailed> {
        self.off_thread(move || {
            let hash = Argon2::default().hash_password(password.expose_secret().as_bytes());
            hash.map(|hash| hash.to_string()).map_err(|_| HashingFailed)
        })
        .await?
    }

    /// Whether `password` belongs to `hash`. Without a hash (no such user, no password yet) it takes as long and is
    /// never right.
    pub async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<bool, HashingFailed> {
        self.off_thread(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let matches = Argon2::default().verify_password(password.expose_secret().as_bytes(), hash.as_str()).is_ok();
            known && matches
        })
        .await
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashingFailed> {
        let permit = Arc::clone(&self.0).acquire_owned().await.map_err(|_| HashingFailed)?;
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        done.await.map_err(|_| HashingFailed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_fits_its_password_only() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse".into()).await.unwrap();

        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.verify("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("wrong horse".into(), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_has_no_password_but_costs_the_same_work() {
        let parsed =
            argon2::PasswordHash::new(NOBODY).expect("the stand-in is a hash, so that checking it is real work");
        let own = Passwords::default().hash("anything at all".into()).await.unwrap();
        let own = argon2::PasswordHash::new(&own).unwrap();

        assert_eq!(parsed.params, own.params);
        assert!(!Passwords::default().verify(String::new().into(), None).await.unwrap());
    }
}
