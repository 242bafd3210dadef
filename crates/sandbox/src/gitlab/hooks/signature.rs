//! Signed calls, by the rules of Standard Webhooks (GitLab contract §7.2).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use model::Millis;
use sha2::Sha256;

use super::delivery::Message;
use crate::gitlab::model::{Hook, signing_key};

/// The three headers of a signed call; none for a hook without a signing token.
pub(super) fn headers(hook: &Hook, message: &Message, sent_at: Millis) -> Vec<(String, String)> {
    let Some(key) = hook.signing_token.as_deref().and_then(signing_key) else { return Vec::new() };
    let (id, timestamp) = (&message.idempotency_key, sent_at.div_euclid(1000));
    let Some(signature) = signature(&key, id, timestamp, &message.body) else { return Vec::new() };
    let header = |name: &str, value: String| (name.to_owned(), value);
    vec![
        header("webhook-id", id.clone()),
        header("webhook-timestamp", timestamp.to_string()),
        header("webhook-signature", format!("v1,{signature}")),
    ]
}

fn signature(key: &[u8], id: &str, timestamp: i64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Some(BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_standard_webhooks_is_signed_as_there() {
        let key = BASE64_STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed.as_deref(), Some("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }
}
