//! Who calls, and whether the call was heard before.

use forge::{hook_delivery_key, hook_event, hook_verify};
use model::HostKind;
use proptest::prelude::*;

/// The example of GitHub's documentation.
const SECRET: &str = "It's a Secret to Everybody";
const BODY: &[u8] = b"Hello, World!";
const SIGNATURE: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

fn verify(headers: &[(&str, &str)], body: &[u8], secret: &str) -> bool {
    let find = |name: &str| headers.iter().find(|(told, _)| *told == name).map(|(_, value)| (*value).to_owned());
    hook_verify(HostKind::Github, &find, body, &secret.to_owned().into(), 0)
}

#[test]
fn a_call_is_genuine_if_its_body_is_signed_with_the_secret() {
    assert!(verify(&[("x-hub-signature-256", SIGNATURE)], BODY, SECRET));
    assert!(verify(&[("x-hub-signature-256", &SIGNATURE.to_uppercase().replace("SHA256", "sha256"))], BODY, SECRET));
    assert!(!verify(&[("x-hub-signature-256", SIGNATURE)], b"Hello, World?", SECRET));
    assert!(!verify(&[("x-hub-signature-256", SIGNATURE)], BODY, "another"));
}

#[test]
fn nothing_else_opens() {
    let cut = &SIGNATURE[..SIGNATURE.len() - 2];
    let bare = SIGNATURE.strip_prefix("sha256=").unwrap();
    for signature in ["", "sha256=", cut, bare, "sha1=757107ea0eb2509fc211221cce984b8a37570b6d", "sha256=zz"] {
        assert!(!verify(&[("x-hub-signature-256", signature)], BODY, SECRET), "{signature}");
    }
    assert!(!verify(&[], BODY, SECRET));
    assert!(!verify(&[("x-hub-signature", SIGNATURE)], BODY, SECRET), "the older header proves nothing");
    assert!(!verify(&[("x-gitlab-token", SECRET)], BODY, SECRET), "GitHub sends no secret");
    // HMAC of the empty secret
    assert!(!verify(&[("x-hub-signature-256", SIGNATURE)], BODY, ""));
}

#[test]
fn a_delivery_and_its_event_stand_in_headers() {
    // given
    let find = |name: &str| match name {
        "x-github-delivery" => Some("72d3162e-cc78-11e3-81ab-4c9367dc0958".to_owned()),
        "x-github-event" => Some("push".to_owned()),
        _ => None,
    };

    // then
    assert_eq!(hook_delivery_key(HostKind::Github, &find, BODY), "72d3162e-cc78-11e3-81ab-4c9367dc0958");
    assert_eq!(hook_event(HostKind::Github, &find), "push");
    assert_eq!(hook_event(HostKind::Gitlab, &find), "");
    assert_eq!(hook_delivery_key(HostKind::Github, &|_| None, BODY).len(), 64);
}

proptest! {
    #[test]
    fn no_invented_signature_is_taken(signature in ".*", body in any::<Vec<u8>>()) {
        prop_assert!(!verify(&[("x-hub-signature-256", &signature)], &body, SECRET));
    }
}
