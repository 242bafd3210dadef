//! When a host wants no request.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use net::{RateGate, rate_limit};

const NOW: i64 = 1_700_000_000_000;
const HOUR_AND_MINUTE: i64 = 61 * 60 * 1000;

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
}

#[test]
fn reads_what_servers_say() {
    let limit = |status: u16, pairs: &[(&'static str, &'static str)]| {
        rate_limit(&headers(pairs), StatusCode::from_u16(status).unwrap(), NOW).map(|until| until - NOW)
    };
    assert_eq!(limit(429, &[("retry-after", "30")]), Some(30_000));
    assert_eq!(limit(503, &[("retry-after", "5")]), Some(5_000));
    assert_eq!(limit(429, &[]), Some(60_000), "a minute, where nothing is said");
    assert_eq!(limit(200, &[("ratelimit-remaining", "0"), ("ratelimit-reset", "1700000042")]), Some(42_000));
    assert_eq!(limit(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1700000007")]), Some(7_000));
    assert_eq!(limit(200, &[("ratelimit-remaining", "1"), ("ratelimit-reset", "1700000042")]), None);
    assert_eq!(limit(200, &[("retry-after", "30")]), None);
    assert_eq!(limit(503, &[]), None);
    assert_eq!(limit(403, &[]), None);
}

#[test]
fn nonsense_neither_stops_a_host_for_good_nor_goes_back_in_time() {
    let limit = |pairs| rate_limit(&headers(pairs), StatusCode::TOO_MANY_REQUESTS, NOW).unwrap() - NOW;
    assert_eq!(limit(&[("retry-after", "99999999999999")]), HOUR_AND_MINUTE);
    assert_eq!(limit(&[("retry-after", "-5")]), 0);
    assert_eq!(limit(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "9223372036854775807")]), HOUR_AND_MINUTE);
    assert_eq!(limit(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "12")]), 0);
    assert_eq!(limit(&[("retry-after", "soon")]), 60_000);
}

#[test]
fn the_gate_remembers_each_host_until_its_time() {
    let gate = RateGate::default();
    let shared = gate.clone();
    let until = gate.record("a", &headers(&[("retry-after", "30")]), StatusCode::TOO_MANY_REQUESTS, NOW).unwrap();
    shared.pause("a", NOW + 1);
    assert_eq!(shared.paused_until("a", NOW), Some(until), "the longer pause stays");
    assert_eq!(shared.paused_until("b", NOW), None);
    assert_eq!(shared.paused_until("a", until), None);
    assert_eq!(gate.record("a", &HeaderMap::new(), StatusCode::OK, until), None);
}

#[test]
fn who_can_wait_leaves_the_last_part_of_the_allowance_to_others() {
    let gate = RateGate::default();
    let answer = |remaining: &'static str, observed: &'static str| {
        let told =
            [("ratelimit-remaining", remaining), ("ratelimit-observed", observed), ("ratelimit-reset", "1700000042")];
        gate.record("a", &headers(&told), StatusCode::OK, NOW);
        gate.reserve_until("a", 20, NOW)
    };
    assert_eq!(gate.reserve_until("a", 20, NOW), None, "nothing is known yet");
    assert_eq!(answer("21", "79"), None);
    assert_eq!(answer("20", "80"), Some(NOW + 42_000));
    assert_eq!(gate.paused_until("a", NOW), None, "the others go on");
    assert_eq!(gate.reserve_until("b", 20, NOW), None);
    assert_eq!(gate.reserve_until("a", 20, NOW + 42_000), None, "the next window has begun");
}

#[test]
fn github_tells_its_allowance_in_headers_of_its_own() {
    let gate = RateGate::default();
    let told = [("x-ratelimit-limit", "5000"), ("x-ratelimit-remaining", "900"), ("x-ratelimit-reset", "1700000042")];
    gate.record("a", &headers(&told), StatusCode::OK, NOW);
    assert_eq!(gate.reserve_until("a", 20, NOW), Some(NOW + 42_000));
    assert_eq!(gate.reserve_until("a", 10, NOW), None);
}

#[test]
fn an_allowance_is_believed_only_where_it_makes_sense() {
    let reserve = |pairs: &[(&'static str, &'static str)]| {
        let gate = RateGate::default();
        gate.record("a", &headers(pairs), StatusCode::OK, NOW);
        gate.reserve_until("a", 20, NOW)
    };
    let soon = ("ratelimit-reset", "1700000042");
    assert_eq!(reserve(&[("ratelimit-remaining", "5"), ("ratelimit-limit", "100"), soon]), Some(NOW + 42_000));
    assert_eq!(reserve(&[("ratelimit-remaining", "5"), soon]), None);
    assert_eq!(reserve(&[("ratelimit-remaining", "5"), ("ratelimit-limit", "2"), soon]), None);
    assert_eq!(reserve(&[("ratelimit-remaining", "5"), ("ratelimit-limit", "100"), ("ratelimit-reset", "12")]), None);
}
