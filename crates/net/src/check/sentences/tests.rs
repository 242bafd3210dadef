use std::io::{self, ErrorKind};

use ::url::Url;
use model::{HostUrlError, Millis};
use rustls::{CipherSuite, ProtocolVersion};

use super::*;
use crate::check::certificate::Certificate;
use crate::check::chain::Fault;
use crate::check::greeting::Speaks;
use crate::check::line::TunnelError;
use crate::check::name::Unresolved;
use crate::proxy::{Hop, ProxyRules, Route};
use crate::{NetError, Network, TlsReason};

const HOST: &str = "git.corp:8443";
const DAY: Millis = 24 * 60 * 60 * 1000;
/// 2026-01-01.
const NOW: Millis = 1_767_225_600_000;

fn shown(told: impl IntoIterator<Item = Told>) -> String {
    let text = |told: Told| format!("{}\n  cause:  {}\n  remedy: {}", told.seen, told.cause, told.remedy);
    told.into_iter().map(text).collect::<Vec<_>>().join("\n\n")
}

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

fn hop(proxy: &str) -> Hop {
    let network = Network { proxy: proxy.parse().ok(), no_proxy: Some(String::new()), ..Network::default() };
    match ProxyRules::new(&network, "network.proxy").route(&url("https://git.corp/")) {
        Route::Through(hop) => *hop,
        other => panic!("{other:?}"),
    }
}

fn leaf() -> Certificate {
    Certificate {
        subject: "CN=git.corp".to_owned(),
        issuer: "CN=Corp Issuing".to_owned(),
        subject_der: Vec::new(),
        issuer_der: Vec::new(),
        not_before: NOW - 30 * DAY,
        not_after: NOW + 60 * DAY,
        names: vec!["git.corp".to_owned(), "10.0.0.1".to_owned()],
        is_authority: true,
        issuer_address: Some("http://pki.corp/issuing.crt".to_owned()),
        fingerprint: "AB:CD".to_owned(),
        der: Vec::new(),
    }
}

#[test]
fn what_is_as_it_should_be() {
    let address = "10.0.0.1:443".parse().unwrap();
    let tls = tls_line(Some(ProtocolVersion::TLSv1_3), Some(CipherSuite::TLS13_AES_256_GCM_SHA384));
    let refused = io::Error::from(ErrorKind::ConnectionRefused);
    let mut lines = vec![
        BEFORE_FAILED.to_owned(),
        NO_TLS.to_owned(),
        url_passed(&url("https://git.corp/gitlab")),
        literal_address("10.0.0.1".parse().unwrap()),
        resolved("git.corp", &[address]),
        resolved("git.corp", &[address, "[::1]:443".parse().unwrap()]),
        address_line(address.ip(), false, true),
        address_line(address.ip(), true, true),
        address_line(address.ip(), true, false),
        proxy_resolves("proxy.corp:3128", "git.corp"),
        no_proxy("https"),
        exempt("git.corp"),
        proxy_forwards("proxy.corp:3128", "network.proxy"),
        proxy_connected("proxy.corp:3128", "the variable HTTPS_PROXY", HOST),
        tcp_by_proxy("proxy.corp:3128", HOST),
        tcp_left_to_proxy("proxy.corp:3128", HOST),
        connected(HOST, 1, 1),
        connected(HOST, 2, 2),
        connected(HOST, 1, 2),
        attempt_line(address, 12, None),
        attempt_line(address, 12, Some(&refused)),
        tls_passed(&tls, Some(&leaf()), NOW),
        tls_passed(&tls_line(None, None), None, NOW),
        answered(HOST, "200 OK"),
        sends_on(HOST, 302, "https://git.corp:8443/users/sign_in"),
    ];
    lines.extend(certificates(&[leaf()], 2));
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn addresses_and_names() {
    use HostUrlError::{Credentials, Empty, Malformed, NoHost, NoScheme, Port, Scheme, TooLong};
    let mut told = vec![out_of_time(Duration::from_secs(60))];
    told.extend([Empty, NoScheme, Scheme, Credentials, NoHost, Port, TooLong, Malformed].map(bad_url));
    told.push(url_shortened("https://git.corp", &["\"/-/jira\" was cut off".to_owned()]));
    told.push(url_shortened("https://git.corp", &["what follows \"?\" or \"#\" was cut off".to_owned()]));
    told.push(unencrypted("http://git.corp"));
    told.extend(
        ["https://git.corp:80", "http://git.corp:443", "https://git.corp:22"].map(|text| odd_port(&url(text)).unwrap()),
    );
    told.push(private_address(HOST));
    told.push(slow_names("git.corp", 1, 4));
    let reasons = [Unresolved::NoSuchName, Unresolved::NoAddress, Unresolved::NoAnswer, Unresolved::Unknown];
    told.extend(reasons.map(|why| unresolved("git.corp", why)));
    insta::assert_snapshot!(shown(told));
}

#[test]
fn proxies_and_connections() {
    let (plain, socks) = (hop("http://proxy.corp:3128"), hop("socks5://proxy.corp"));
    let with_password = hop("http://user:s3cret@proxy.corp:3128");
    let refused = |status, wants: &[&str]| TunnelError::Refused {
        status,
        wants: wants.iter().map(|scheme| (*scheme).to_owned()).collect(),
    };
    let tls = TunnelError::Tls(io::Error::other("invalid peer certificate: UnknownIssuer"));
    let mut told = vec![
        proxy_silent("proxy.corp:3128", "network.proxy"),
        proxy_refused(&plain, HOST, &TunnelError::Unresolved),
        proxy_refused(&plain, HOST, &TunnelError::Connect(ErrorKind::ConnectionRefused.into())),
        proxy_refused(&plain, HOST, &tls),
        proxy_refused(&plain, HOST, &refused(407, &[])),
        proxy_refused(&plain, HOST, &refused(407, &["NTLM", "Negotiate"])),
        proxy_refused(&with_password, HOST, &refused(407, &["Basic"])),
        proxy_refused(&plain, HOST, &refused(403, &[])),
        proxy_refused(&plain, HOST, &refused(503, &[])),
        proxy_refused(&plain, HOST, &refused(405, &[])),
        proxy_refused(&socks, HOST, &TunnelError::Socks("connection not allowed".to_owned())),
        proxy_refused(&plain, HOST, &TunnelError::NoProxy),
        proxy_refused(&plain, HOST, &TunnelError::Closed),
    ];
    use ErrorKind::{ConnectionRefused, ConnectionReset, NetworkUnreachable, TimedOut};
    let each = [ConnectionRefused, TimedOut, ConnectionReset, NetworkUnreachable];
    told.extend(each.map(|kind| no_connection(HOST, &[kind])));
    told.push(no_connection(HOST, &each));
    insta::assert_snapshot!(shown(told));
}

#[test]
fn certificates_that_are_not_accepted() {
    let text = str::to_owned;
    let address = Some(text("http://pki.corp/issuing.crt"));
    let faults = [
        Fault::Expired { title: text("CN=git.corp"), since: NOW, is_leaf: true },
        Fault::Expired { title: text("CN=Corp Issuing"), since: NOW, is_leaf: false },
        Fault::Early { title: text("CN=git.corp"), from: NOW },
        Fault::SelfSigned { fingerprint: text("AB:CD") },
        Fault::AuthorityAsServer { title: text("CN=git.corp") },
        Fault::OtherName { valid_for: Vec::new() },
        Fault::OtherName { valid_for: vec![text("other.corp")] },
        Fault::UnknownRoot { title: text("CN=Corp Root"), fingerprint: text("AB:CD") },
        Fault::LoneLeaf { issuer: text("CN=R11"), address: address.clone() },
        Fault::LoneLeaf { issuer: text("CN=R11"), address: None },
        Fault::UnknownIssuer { last: text("CN=Corp Issuing"), issuer: text("CN=Corp Root"), address },
        Fault::NotTheIssuer { title: text("CN=git.corp"), issuer: text("CN=Corp Issuing") },
        Fault::OtherKey { issuer: text("CN=Corp Root") },
        Fault::Revoked,
        Fault::WrongPurpose,
        Fault::Other(text("invalid peer certificate: BadEncoding")),
    ];
    let mut lines = shown(faults.iter().map(|fault| certificate_fault(HOST, fault)));
    lines.push_str("\n\n");
    lines.push_str(&also(&certificate_fault(HOST, &Fault::Revoked)));
    insta::assert_snapshot!(lines);
}

#[test]
fn encryption_that_does_not_come_about() {
    let https = url("https://git.corp:8443/");
    let mut told = vec![
        expires_soon("CN=git.corp", NOW + 5 * DAY, NOW),
        client_certificate_asked(HOST, "TLS 1.3"),
        client_certificate_wanted(HOST),
        client_certificate_refused(HOST),
        old_protocol(HOST, "TLS 1.0"),
        old_ciphers(HOST),
        handshake_refused(HOST, "received fatal alert: HandshakeFailure"),
        broke_off_in_handshake(HOST),
        tls_line_broke(HOST, &ErrorKind::ConnectionRefused.into()),
        tls_no_answer(HOST),
        name_not_for_tls("git..corp"),
    ];
    told.extend([Speaks::Http, Speaks::Ssh, Speaks::Mail, Speaks::Unknown].map(|speaks| not_tls(HOST, &https, speaks)));
    insta::assert_snapshot!(shown(told));
}

#[test]
fn answers_over_http() {
    let http = url("http://git.corp:8443/");
    let host = || HOST.to_owned();
    let errors = [
        NetError::Timeout { host: host() },
        NetError::Proxy { host: host(), reason: "it refuses to connect to this host".to_owned() },
        NetError::Tls { host: host(), reason: TlsReason::UnknownIssuer },
        NetError::Reset { host: host() },
        NetError::Other { host: host(), reason: "invalid HTTP version parsed".to_owned() },
    ];
    let mut told: Vec<Told> = errors.iter().map(no_answer).collect();
    told.extend([Speaks::Tls, Speaks::Ssh, Speaks::Mail, Speaks::Unknown].map(|speaks| not_http(HOST, &http, speaks)));
    told.extend([
        wants_https(HOST, "https://git.corp/"),
        elsewhere(HOST, 301, "https://other.corp/"),
        log_in_elsewhere(HOST, "https://sso.corp/login"),
        log_in_wall(HOST, &["Basic".to_owned(), "Negotiate".to_owned()]),
        challenge(HOST),
        nothing_behind(HOST, 502),
        server_error(HOST, 500),
        forbidden(HOST),
        nothing_here("https://git.corp/gitlab", 404),
    ]);
    told.extend([407, 403, 503, 400].map(|status| proxy_page("proxy.corp:3128", HOST, status)));
    insta::assert_snapshot!(shown(told));
}
