//! Who calls, and whether the call was heard before (GitLab contract §7.1, §7.2).

use forge::{hook_delivery_key, hook_verify};
use model::{HostKind, Millis};
use proptest::prelude::*;

/// The example of the specification of Standard Webhooks.
const SIGNING_TOKEN: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const ID: (&str, &str) = ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek");
const AT: (&str, &str) = ("webhook-timestamp", "1614265330");
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const NOW: Millis = 1_614_265_330_000;

fn verify(headers: &[(&str, &str)], secret: &str, now: Millis) -> bool {
    let find = |name: &str| Some(headers.iter().find(|header| header.0 == name)?.1.to_owned());
    hook_verify(HostKind::Gitlab, &find, BODY, &secret.to_owned().into(), now)
}

fn key(headers: &[(&str, &str)], body: &[u8]) -> String {
    let find = |name: &str| Some(headers.iter().find(|header| header.0 == name)?.1.to_owned());
    hook_delivery_key(HostKind::Gitlab, &find, body)
}

#[test]
fn the_secret_is_compared_whole() {
    // given
    let token = |token| verify(&[("x-gitlab-token", token)], "0ddba11", NOW);

    // then
    assert!(token("0ddba11"));
    for wrong in ["", "0ddba1", "0ddba111", "0DDBA11", "0ddba12", " 0ddba11"] {
        assert!(!token(wrong), "{wrong}");
    }
    assert!(!verify(&[], "0ddba11", NOW), "nothing shows nothing");
    assert!(!verify(&[("x-gitlab-token", "")], "", NOW), "no secret opens nothing");
}

#[test]
fn a_signature_stands_for_the_secret() {
    let signed = |list: &str| verify(&[ID, AT, ("webhook-signature", list)], SIGNING_TOKEN, NOW);
    assert!(signed(SIGNATURE));
    assert!(signed(&format!("v1,AAAA v1a,{0} v2,x {SIGNATURE}", &SIGNATURE[3..])), "one of several");
    assert!(signed(&format!("{SIGNATURE} v1,AAAA")));
    for wrong in
        ["", "v1,", "v1", &SIGNATURE[3..], &SIGNATURE.replace("v1", "v2"), &SIGNATURE.replace('g', "h"), "v1,%%%"]
    {
        assert!(!signed(wrong), "{wrong}");
    }
}

#[test]
fn a_list_of_signatures_is_read_up_to_a_bound() {
    let list = |before: usize| format!("{}{SIGNATURE}", "v1,AAAA ".repeat(before));
    let signed = |list: &str| verify(&[ID, AT, ("webhook-signature", list)], SIGNING_TOKEN, NOW);
    assert!(signed(&list(15)));
    assert!(!signed(&list(16)));
}

#[test]
fn a_signature_is_good_for_five_minutes_in_both_directions() {
    let at = |now| verify(&[ID, AT, ("webhook-signature", SIGNATURE)], SIGNING_TOKEN, now);
    let five = 5 * 60 * 1_000;
    assert!(at(NOW + five) && at(NOW - five));
    assert!(!at(NOW + five + 1) && !at(NOW - five - 1));
    for time in ["", "x", "-1", "9223372036854775807", "1614265330.5", "1614265331"] {
        let headers = [ID, ("webhook-timestamp", time), ("webhook-signature", SIGNATURE)];
        assert!(!verify(&headers, SIGNING_TOKEN, NOW), "{time}");
    }
}

#[test]
fn everything_that_is_signed_counts() {
    let signature = ("webhook-signature", SIGNATURE);
    assert!(!verify(&[AT, signature], SIGNING_TOKEN, NOW));
    assert!(!verify(&[ID, signature], SIGNING_TOKEN, NOW));
    assert!(!verify(&[("webhook-id", "other"), AT, signature], SIGNING_TOKEN, NOW));
    assert!(!verify(&[ID, AT, signature], "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx", NOW));
    let find = |name: &str| Some([ID, AT, signature].iter().find(|header| header.0 == name)?.1.to_owned());
    assert!(!hook_verify(HostKind::Gitlab, &find, b"{}", &SIGNING_TOKEN.to_owned().into(), NOW), "another body");
}

#[test]
fn what_is_sent_must_hold_altogether() {
    // given
    let token = ("x-gitlab-token", SIGNING_TOKEN);
    let (good, bad) = (("webhook-signature", SIGNATURE), ("webhook-signature", "v1,AAAA"));

    // then
    assert!(verify(&[token, ID, AT, good], SIGNING_TOKEN, NOW));
    assert!(!verify(&[token, ID, AT, bad], SIGNING_TOKEN, NOW));
    assert!(!verify(&[("x-gitlab-token", "wrong"), ID, AT, good], SIGNING_TOKEN, NOW));
    assert!(!verify(&[token, ID, AT, good], SIGNING_TOKEN, NOW + 3_600_000), "a call that was recorded and repeated");
}

#[test]
fn our_own_secrets_sign_with_the_bytes_that_they_spell() {
    // given the same 24 bytes in hexadecimal
    let secret = "31f290f6bf06298aab4f08d43c3f082cf648a362da2da4b0";

    // then
    assert!(verify(&[ID, AT, ("webhook-signature", SIGNATURE)], secret, NOW));
}

#[test]
fn other_kinds_of_hosts_call_nobody() {
    let find = |name: &str| (name == "x-gitlab-token").then(|| "0ddba11".to_owned());
    for kind in [HostKind::Folder, HostKind::Github] {
        assert!(!hook_verify(kind, &find, BODY, &"0ddba11".to_owned().into(), NOW));
    }
}

#[test]
fn a_delivery_is_known_by_the_best_key_that_it_has() {
    // given
    let (idempotency, webhook, event) =
        (("idempotency-key", "3a427872"), ("webhook-id", "msg_1"), ("x-gitlab-event-uuid", "9cebe914"));
    let digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    // then
    assert_eq!(key(&[event, webhook, idempotency], b"{}"), "3a427872");
    assert_eq!(key(&[event, webhook], b"{}"), "msg_1");
    assert_eq!(key(&[event], b"{}"), format!("9cebe914:{digest}"));
    assert_eq!(key(&[], b"{}"), digest);
    assert_eq!(key(&[("idempotency-key", " "), event], b"{}"), format!("9cebe914:{digest}"));
    assert_ne!(key(&[event], b"{}"), key(&[event], b"[]"), "one event, told to one hook about two branches");
}

proptest! {
    #[test]
    fn a_key_is_short_and_plain_whatever_was_sent(value in ".*", name in 0_usize..3, body in any::<Vec<u8>>()) {
        let name = ["idempotency-key", "webhook-id", "x-gitlab-event-uuid"][name];
        let key = key(&[(name, &value)], &body);
        prop_assert!(!key.is_empty() && key.len() <= 200 && key.bytes().all(|byte| byte.is_ascii_graphic()));
    }

    #[test]
    fn nothing_but_the_secret_opens(token in ".*", list in ".*", id in ".*", at in ".*") {
        let headers =
            [("x-gitlab-token", token.as_str()), ("webhook-signature", &list), ("webhook-id", &id), ("webhook-timestamp", &at)];
        prop_assert!(!verify(&headers, "0ddba11-0ddba11", NOW));
    }
}
