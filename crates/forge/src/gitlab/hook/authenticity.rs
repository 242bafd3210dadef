//! Who calls, and whether the call was heard before (GitLab contract §7.1, §7.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use model::Millis;
use model::secret::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

use crate::hook::{self, digest};

/// How far a signed time may lie from ours, in either direction (GitLab contract §7.2).
const TOLERANCE: Millis = 5 * 60 * 1_000;
/// More signatures than any sender puts into its list while it changes keys.
const MAX_SIGNATURES: usize = 16;
/// How GitLab marks a signing token.
const SIGNING_TOKEN: &str = "whsec_";

/// A header by its name in lower case.
type Headers<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Whether the caller knows the secret: it sent it, or signed with it. What it sent must hold altogether: a right token
/// beside a wrong or stale signature is refused, and so is a call with neither.
pub(crate) fn verify(headers: Headers<'_>, body: &[u8], secret: &SecretString, now: Millis) -> bool {
    let secret = secret.expose_secret();
    if secret.is_empty() {
        return false;
    }
    let token = headers("x-gitlab-token").map(|token| same(token.as_bytes(), secret.as_bytes()));
    let signature = headers("webhook-signature").map(|list| is_signed(headers, &list, body, secret, now));
    (token.is_some() || signature.is_some()) && token.unwrap_or(true) && signature.unwrap_or(true)
}

/// Compares hashes, so that not even the length of the secret shows in the time that it takes.
fn same(one: &[u8], other: &[u8]) -> bool {
    Sha256::digest(one).ct_eq(&Sha256::digest(other)).into()
}

/// Whether one of the signatures in the list is that of a [Standard Webhook](https://www.standardwebhooks.com).
fn is_signed(headers: Headers<'_>, list: &str, body: &[u8], secret: &str, now: Millis) -> bool {
    let (Some(id), Some(timestamp)) = (headers("webhook-id"), headers("webhook-timestamp")) else { return false };
    let signed_at = timestamp.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1_000));
    let fresh = signed_at.is_some_and(|signed_at| now.abs_diff(signed_at) <= TOLERANCE.unsigned_abs());
    let Some(expected) = signature(&key(secret), &id, &timestamp, body).filter(|_| fresh) else { return false };
    let found = list.split(' ').filter_map(|one| one.strip_prefix("v1,")).take(MAX_SIGNATURES);
    let given = found.filter_map(|text| STANDARD.decode(text).ok());
    given.fold(Choice::from(0), |any, one| any | one.ct_eq(&expected)).into()
}

fn signature(key: &[u8], id: &str, timestamp: &str, body: &[u8]) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    Some(mac.finalize().into_bytes().to_vec())
}

/// The key in a secret: the bytes in a signing token (`whsec_` and base64), those in our own secrets (hexadecimal), else
/// the text itself.
fn key(secret: &str) -> Vec<u8> {
    match secret.strip_prefix(SIGNING_TOKEN) {
        Some(encoded) => STANDARD.decode(encoded).unwrap_or_else(|_| secret.as_bytes().to_vec()),
        None => hex::decode(secret).unwrap_or_else(|_| secret.as_bytes().to_vec()),
    }
}

/// What tells a repetition: the key that GitLab gives for that (17.4 and newer), else what its event has in common with
/// others together with the body, else the body alone.
pub(crate) fn delivery_key(headers: Headers<'_>, body: &[u8]) -> String {
    let named = |name: &str| {
        headers(name).filter(|value| !value.trim().is_empty()).map(|value| hook::delivery_key(value.trim()))
    };
    named("idempotency-key").or_else(|| named("webhook-id")).unwrap_or_else(|| match named("x-gitlab-event-uuid") {
        Some(event) => format!("{event}:{}", digest(body)),
        None => digest(body),
    })
}
