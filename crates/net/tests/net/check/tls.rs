//! The step `tls` against servers whose certificates, or whose TLS, are broken in one way each.

use std::io::{Read, Write};
use std::net::SocketAddr;

use model::{ManualClock, SystemClock};
use net::check::{Reached, Verdict, reach};
use net::{Client, Network};
use rcgen::{CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, date_time_ymd};

use super::servers::{
    Clients, Identity, answers, intermediate, leaf, root, self_signed, serve_raw, tls_server, tls_server_with,
};
use super::{check, failure, stage, trusting, verdicts, words};
use crate::server::client_with;

async fn https(client: &Client, address: SocketAddr) -> Reached {
    check(client, &format!("https://{address}")).await
}

fn plain() -> Client {
    client_with(Network::default())
}

/// The address of the issuer's certificate, as authorities write it into what they sign (RFC 5280 §4.2.2.1).
fn issuer_address(params: &mut CertificateParams, address: &str) {
    let uri = [&[0x86, address.len() as u8][..], address.as_bytes()].concat();
    let method = [6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2];
    let description = [&[0x30, (method.len() + uri.len()) as u8][..], &method, &uri].concat();
    let content = [&[0x30, description.len() as u8][..], &description].concat();
    params.custom_extensions.push(CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], content));
}

#[tokio::test]
async fn a_trusted_server_passes_and_its_whole_chain_is_told() {
    // given
    let root = root("Corp Root");
    let middle = intermediate("Corp Issuing", &root, |_| ());
    let address = tls_server(&leaf(&middle, |_| ()), &[&middle]);
    let (client, _file) = trusting(&root.pem());

    // when
    let reached = reach(&client, &format!("https://{address}"), Some("tls"), &SystemClock, None).await;

    // then
    assert_eq!(verdicts(&reached), "url passed, name passed, proxy skipped, tcp passed, tls passed");
    let tls = stage(&reached, "tls");
    assert!(tls.seen.starts_with("Successfully connected: TLS 1.3, TLS13_"), "{}", tls.seen);
    assert_eq!(tls.details[0], "1. CN=git.invalid ← CN=Corp Issuing");
    assert_eq!(tls.details[1], "   valid 1975-01-01 to 4096-01-01");
    assert!(tls.details[2].starts_with("   SHA-256 ") && tls.details[2].len() == "   SHA-256 ".len() + 95);
    assert_eq!(tls.details[3], "   for 127.0.0.1, git.invalid");
    assert_eq!(tls.details[4], "2. CN=Corp Issuing ← CN=Corp Root");
    assert!(reached.response.is_none(), "nothing was asked");

    let whole = https(&client, address).await;
    assert_eq!(verdicts(&whole).rsplit_once(", ").unwrap().1, "http passed");
    assert_eq!(whole.response.unwrap().body, "ok");
}

#[tokio::test]
async fn certificates_out_of_their_time_are_named() {
    let root = root("Corp Root");
    let (client, _file) = trusting(&root.pem());

    let expired = tls_server(&leaf(&root, |params| params.not_after = date_time_ymd(2001, 9, 9)), &[]);
    let reached = https(&client, expired).await;
    let told = words(failure(&reached, "tls"));
    assert!(told.contains("its certificate has expired") && told.contains("until 2001-09-09"), "{told}");

    let early = tls_server(&leaf(&root, |params| params.not_before = date_time_ymd(2999, 1, 1)), &[]);
    let reached = https(&client, early).await;
    let told = words(failure(&reached, "tls"));
    assert!(told.contains("not valid yet") && told.contains("from 2999-01-01"), "{told}");

    let old = intermediate("Old Issuing", &root, |params| params.not_after = date_time_ymd(2001, 9, 9));
    let reached = https(&client, tls_server(&leaf(&old, |_| ()), &[&old])).await;
    let told = words(failure(&reached, "tls"));
    assert!(told.contains("a certificate of its chain has expired") && told.contains("CN=Old Issuing"), "{told}");
}

#[tokio::test]
async fn a_certificate_with_few_days_left_is_a_warning() {
    let root = root("Corp Root");
    let (client, _file) = trusting(&root.pem());
    let address = tls_server(&leaf(&root, |params| params.not_after = date_time_ymd(2040, 1, 31)), &[]);
    let day = 24 * 60 * 60 * 1000;
    let end = 2_211_580_800_000; // 2040-01-31
    let at = async |now| reach(&client, &format!("https://{address}"), Some("tls"), &ManualClock::new(now), None).await;

    assert_eq!(stage(&at(end - 20 * day).await, "tls").verdict, Verdict::Passed);
    let soon = at(end - 5 * day).await;
    assert_eq!(stage(&soon, "tls").verdict, Verdict::Warning);
    assert!(stage(&soon, "tls").seen.contains("2040-01-31 (5 days)"), "{soon:?}");
    assert!(words(failure(&at(end + day).await, "tls")).contains("has expired"));
}

#[tokio::test]
async fn a_self_signed_certificate_is_told_and_can_be_trusted() {
    let identity = self_signed(|_| ());
    let address = tls_server(&identity, &[]);
    let reached = https(&plain(), address).await;
    let told = words(failure(&reached, "tls"));
    assert!(told.contains("self-signed") && told.contains("network.ca_bundle"), "{told}");

    let (client, _file) = trusting(&identity.certificate.pem());
    assert_eq!(stage(&https(&client, address).await, "tls").verdict, Verdict::Passed);
}

#[tokio::test]
async fn an_authority_that_stands_for_a_server_is_told_even_where_it_is_trusted() {
    let identity = self_signed(|params| params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained));
    let address = tls_server(&identity, &[]);
    let (client, _file) = trusting(&identity.certificate.pem());
    for client in [plain(), client] {
        let reached = https(&client, address).await;
        let told = words(failure(&reached, "tls"));
        assert!(told.contains("CA:TRUE") && told.contains("basicConstraints=CA:FALSE"), "{told}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_tells_which() {
    let root = root("Corp Root");
    let (client, _file) = trusting(&root.pem());
    let other = leaf(&root, |params| {
        let names = CertificateParams::new(vec!["git.corp".to_owned(), "*.git.corp".to_owned()]).unwrap();
        params.subject_alt_names = names.subject_alt_names;
    });
    let reached = https(&client, tls_server(&other, &[])).await;
    let told = words(failure(&reached, "tls"));
    assert!(told.contains("only valid for git.corp, *.git.corp") && told.contains("127.0.0.1"), "{told}");

    let nameless = leaf(&root, |params| params.subject_alt_names.clear());
    let reached = https(&client, tls_server(&nameless, &[])).await;
    let told = words(failure(&reached, "tls"));
    assert!(told.contains("no subjectAltName"), "{told}");
}

#[tokio::test]
async fn all_faults_are_told_at_once() {
    let root = root("Corp Root");
    let (client, _file) = trusting(&root.pem());
    let bad = leaf(&root, |params| {
        params.not_after = date_time_ymd(2001, 9, 9);
        params.subject_alt_names = CertificateParams::new(vec!["git.corp".to_owned()]).unwrap().subject_alt_names;
    });
    let reached = https(&client, tls_server(&bad, &[])).await;
    let stage = failure(&reached, "tls");
    assert!(stage.seen.contains("has expired"));
    assert!(
        stage.details[0].starts_with("Also: ") && stage.details[0].contains("only valid for git.corp"),
        "{stage:?}"
    );
}

#[tokio::test]
async fn an_unknown_root_is_told_from_an_intermediate_that_is_missing() {
    // given
    let root = root("Corp Root");
    let middle = intermediate("Corp Issuing", &root, |_| ());
    let identity = leaf(&middle, |params| issuer_address(params, "http://pki.corp/issuing.crt"));
    let (whole, without_root, lone) =
        (tls_server(&identity, &[&middle, &root]), tls_server(&identity, &[&middle]), tls_server(&identity, &[]));
    let (trusting, _file) = trusting(&root.pem());

    // then: a whole chain to an authority that nobody knows
    let reached = https(&plain(), whole).await;
    let told = words(failure(&reached, "tls"));
    assert!(told.contains("The chain is complete and ends at CN=Corp Root"), "{told}");
    assert!(told.contains("Compare the fingerprint"), "{told}");

    // then: a chain that ends early
    let reached = https(&plain(), without_root).await;
    let told = words(failure(&reached, "tls"));
    assert!(told.contains("ends at CN=Corp Issuing; its issuer “CN=Corp Root” is neither sent nor trusted"), "{told}");

    // then: a lone certificate has two explanations and two remedies, whether or not the root is known
    for client in [plain(), trusting] {
        let reached = https(&client, lone).await;
        let told = words(failure(&reached, "tls"));
        assert!(told.contains("does not send its intermediate certificate “CN=Corp Issuing”"), "{told}");
        assert!(told.contains("is an authority that is not trusted here"), "{told}");
        assert!(told.contains("fullchain") && told.contains("http://pki.corp/issuing.crt"), "{told}");
        assert!(told.contains("network.ca_bundle"), "{told}");
    }
}

#[tokio::test]
async fn an_authority_that_was_renewed_with_another_key_is_told() {
    let (old, new) = (root("Corp Root"), root("Corp Root"));
    let (client, _file) = trusting(&old.pem());
    // whether or not the root is sent
    for sent in [&[][..], &[&new]] {
        let reached = https(&client, tls_server(&leaf(&new, |_| ()), sent)).await;
        let told = words(failure(&reached, "tls"));
        assert!(told.contains("“CN=Corp Root” is trusted here, but with another key"), "{told}");
    }
}

#[tokio::test]
async fn an_intermediate_that_did_not_sign_is_named_and_the_trusted_root_is_not_blamed() {
    // given
    let root = root("Corp Root");
    let (signed, sent) = (intermediate("Corp Issuing", &root, |_| ()), intermediate("Corp Issuing", &root, |_| ()));
    let (client, _file) = trusting(&root.pem());

    // when
    let reached = https(&client, tls_server(&leaf(&signed, |_| ()), &[&sent])).await;

    // then
    let told = words(failure(&reached, "tls"));
    assert!(told.contains("CN=Corp Issuing that the server sends did not sign CN=git.invalid"), "{told}");
    assert!(!told.contains("another key: it was probably renewed"), "{told}");
}

#[tokio::test]
async fn a_certificate_for_clients_is_none_for_servers() {
    let root = root("Corp Root");
    let (client, _file) = trusting(&root.pem());
    let wrong = leaf(&root, |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    let reached = https(&client, tls_server(&wrong, &[])).await;
    let told = words(failure(&reached, "tls"));
    assert!(told.contains("may not be used for a server"), "{told}");
}

#[tokio::test]
async fn a_client_certificate_that_is_wanted_is_told() {
    let root = root("Corp Root");
    let (client, _file) = trusting(&root.pem());
    let identity = leaf(&root, |_| ());
    for versions in [&[&rustls::version::TLS12][..], &[&rustls::version::TLS13]] {
        let required = tls_server_with(&identity, &[], Clients::Required, versions);
        let reached = https(&client, required).await;
        assert!(failure(&reached, "tls").seen.contains("wants a client certificate"), "{reached:?}");

        let asked = tls_server_with(&identity, &[], Clients::Asked, versions);
        let reached = https(&client, asked).await;
        assert!(verdicts(&reached).ends_with("tls warning, http passed"), "{reached:?}");
        assert!(stage(&reached, "tls").seen.contains("goes on without one"));
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_it_is_wanted() {
    // given servers that want a certificate of an authority of theirs
    let root = root("Corp Root");
    let identity = leaf(&root, |_| ());
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Some(path)
    };
    let client = |identity: &Identity, name: &str| {
        client_with(Network {
            ca_bundle: written("root.pem", root.pem()),
            client_certificate: written(&format!("{name}.pem"), identity.certificate.pem()),
            client_key: written(&format!("{name}.key"), identity.key.serialize_pem()),
            ..Network::default()
        })
    };
    let known =
        client(&leaf(&root, |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]), "known");
    let stranger = client(&leaf(&super::servers::root("Another Root"), |_| ()), "stranger");
    for versions in [&[&rustls::version::TLS12][..], &[&rustls::version::TLS13]] {
        // when a client with such a certificate comes, then it is let in, by the check and by a request
        let required = tls_server_with(&identity, &[], Clients::Of(&root), versions);
        let reached = https(&known, required).await;
        assert!(verdicts(&reached).ends_with("tls passed, http passed"), "{reached:?}");

        // and one with another certificate is told that it is not accepted
        let reached = https(&stranger, required).await;
        assert!(failure(&reached, "tls").seen.contains("does not accept the client certificate"), "{reached:?}");
    }
}

#[tokio::test]
async fn what_is_not_tls_is_told_apart() {
    // A server that answers what it does not understand, and one that only hangs up.
    let answering = answers(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
    let silent = serve_raw(|mut connection| {
        let mut first = [0; 4];
        if connection.read_exact(&mut first).is_ok() && &first == b"HEAD" {
            let _ = connection.read(&mut [0; 4096]);
            connection.write_all(b"HTTP/1.0 200 OK\r\n\r\n").unwrap();
        }
    });
    for address in [answering, silent] {
        let reached = https(&plain(), address).await;
        let told = words(failure(&reached, "tls"));
        assert!(told.contains("does not speak TLS on this port") && told.contains("plain HTTP"), "{told}");
        assert!(told.contains(&format!("http://{address}")), "{told}");
    }
    let ssh = serve_raw(|mut connection| {
        let _ = connection.write_all(b"SSH-2.0-OpenSSH_9.2\r\n");
        let _ = connection.read(&mut [0; 4096]);
    });
    let reached = https(&plain(), ssh).await;
    assert!(words(failure(&reached, "tls")).contains("SSH answers there"), "{reached:?}");
}

#[tokio::test]
async fn a_connection_that_is_reset_after_the_greeting_is_told() {
    let reset = serve_raw(|mut connection| {
        // What was not read when a connection is closed makes a reset of it.
        let _ = connection.read(&mut [0; 1]);
    });
    let reached = https(&plain(), reset).await;
    assert!(failure(&reached, "tls").seen.contains("broke off when encryption began"), "{reached:?}");
}

/// What OpenSSL 3 answers with `-tls1` and with `-tls1_2 -cipher AES128-SHA`: an alert to present-day greetings, and a
/// ServerHello to those of old.
#[tokio::test]
async fn a_server_of_old_protocols_or_ciphers_is_told_as_such() {
    let old = |alert: u8, version: u8| {
        serve_raw(move |mut connection| {
            let mut hello = [0; 4096];
            let count = connection.read(&mut hello).unwrap_or_default();
            let names_versions = hello[..count].windows(4).any(|bytes| bytes == [0, 43, 0, 5]);
            let answer = if names_versions {
                vec![0x15, 3, version, 0, 2, 2, alert]
            } else {
                vec![0x16, 3, version, 0, 0x3d, 2, 0, 0, 0x39, 3, version]
            };
            connection.write_all(&answer).unwrap();
        })
    };
    for (address, expected) in [
        (old(70, 1), "no TLS newer than TLS 1.0"),
        (old(70, 2), "no TLS newer than TLS 1.1"),
        (old(40, 3), "TLS 1.2 with outdated ciphers only"),
    ] {
        let reached = https(&plain(), address).await;
        assert!(failure(&reached, "tls").seen.contains(expected), "{reached:?}");
    }
}

#[tokio::test]
async fn a_hostile_certificate_neither_breaks_the_check_nor_writes_over_its_lines() {
    let root = root(&format!("Evil\n\u{1b}[2J{}", "x".repeat(5000)));
    let reached = https(&plain(), tls_server(&leaf(&root, |_| ()), &[&root])).await;
    let told = failure(&reached, "tls");
    assert!(words(told).lines().all(|line| line.chars().count() < 1500), "{told:?}");
    assert!(!words(told).contains('\u{1b}') && told.details.iter().all(|line| !line.contains('\n')));
}
