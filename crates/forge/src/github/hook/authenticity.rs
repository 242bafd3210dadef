//! Who calls, and whether the call was heard before.

use hmac::{Hmac, KeyInit as _, Mac as _};
use model::secret::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use crate::hook::{self, digest};

/// A header by its name in lower case.
type Headers<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Whether the caller signed the body with the secret: `X-Hub-Signature-256`. The older `X-Hub-Signature` proves nothing any
/// more and is not looked at. Signatures are compared in constant time.
pub(crate) fn verify(headers: Headers<'_>, body: &[u8], secret: &SecretString) -> bool {
    let secret = secret.expose_secret();
    let signature = headers("x-hub-signature-256").unwrap_or_default();
    let Some(signature) = signature.trim().strip_prefix("sha256=").and_then(|told| hex::decode(told).ok()) else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(body);
    !secret.is_empty() && mac.verify_slice(&signature).is_ok()
}

/// What tells a repetition: the key of the delivery, which GitHub keeps when it delivers again, else the body.
pub(crate) fn delivery_key(headers: Headers<'_>, body: &[u8]) -> String {
    match headers("x-github-delivery") {
        Some(key) if !key.trim().is_empty() => hook::delivery_key(key.trim()),
        _ => digest(body),
    }
}
