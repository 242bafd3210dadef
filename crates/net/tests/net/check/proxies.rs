//! The step `proxy`, and what comes behind one.

use std::net::SocketAddr;

use net::check::{Reached, Verdict};
use net::{Client, NetError, Network};

use super::servers::{answers, leaf, proxy_to, root, serve_raw, socks_to, tls_server};
use super::{check, failure, stage, trusting_with, verdicts, words};
use crate::server::{client_with, closed_port};

fn network(proxy: &str) -> Network {
    // Nothing of the environment may exempt what the tests ask for.
    Network { proxy: Some(proxy.parse().unwrap()), no_proxy: Some("direct.invalid".to_owned()), ..Network::default() }
}

fn through(proxy: SocketAddr) -> Client {
    client_with(network(&format!("http://{proxy}")))
}

async fn told(proxy: SocketAddr) -> (Reached, String) {
    let reached = check(&through(proxy), "https://git.invalid").await;
    let told = words(failure(&reached, "proxy"));
    (reached, told)
}

#[tokio::test]
async fn through_a_proxy_everything_is_looked_at() {
    // given
    let root = root("Corp Root");
    let (proxy, heads) = proxy_to(tls_server(&leaf(&root, |_| ()), &[]));
    let (client, _file) = trusting_with(&root.pem(), network(&format!("http://user:s3cret@{proxy}")));

    // when
    let reached = check(&client, "https://git.invalid").await;

    // then
    let expected = "url passed, name skipped, proxy passed, tcp passed, tls passed, http passed";
    assert_eq!(verdicts(&reached), expected, "{reached:#?}");
    let seen = &stage(&reached, "proxy").seen;
    assert_eq!(*seen, format!("Through the proxy {proxy} (network.proxy), which connected to git.invalid."));
    assert!(heads.lock().unwrap().iter().all(|head| head.starts_with("CONNECT git.invalid:443 HTTP/1.1")));
    assert!(heads.lock().unwrap()[0].contains("Proxy-Authorization: Basic dXNlcjpzM2NyZXQ="));
    assert!(!format!("{reached:?}").contains("s3cret"));
}

#[tokio::test]
async fn behind_a_proxy_a_certificate_is_told_as_without() {
    let root = root("Corp Root");
    let (proxy, _) = proxy_to(tls_server(&leaf(&root, |_| ()), &[&root]));
    let reached = check(&through(proxy), "https://git.invalid").await;
    assert!(words(failure(&reached, "tls")).contains("CN=Corp Root"), "{reached:?}");
}

#[tokio::test]
async fn plain_requests_are_left_to_the_proxy() {
    let (proxy, heads) = proxy_to(closed_port());
    let reached = check(&through(proxy), "http://git.invalid").await;
    let expected = "url warning, name skipped, proxy passed, tcp skipped, tls skipped, http passed";
    assert_eq!(verdicts(&reached), expected, "{reached:#?}");
    assert!(heads.lock().unwrap().iter().any(|head| head.starts_with("GET http://git.invalid/ HTTP/1.1")));
}

#[tokio::test]
async fn an_exempt_host_goes_without_the_proxy() {
    let reached = check(&through(closed_port()), "http://direct.invalid").await;
    failure(&reached, "name");
    let network = Network { no_proxy: Some("127.0.0.1".to_owned()), ..network(&format!("http://{}", closed_port())) };
    let reached = check(&client_with(network), &format!("http://{}", closed_port())).await;
    assert!(stage(&reached, "proxy").seen.contains("no_proxy exempts this host"), "{reached:?}");
    failure(&reached, "tcp");
}

#[tokio::test]
async fn each_refusal_of_a_proxy_is_told_with_its_cause() {
    let (_, basic) = told(answers(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n")).await;
    assert!(basic.contains("(407)") && basic.contains("holds no user name and password"), "{basic}");
    let (_, ntlm) =
        told(answers(b"HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: Negotiate\r\n\r\n")).await;
    assert!(ntlm.contains("only takes NTLM, Negotiate; Dovetail speaks Basic"), "{ntlm}");
    let (_, denied) = told(answers(b"HTTP/1.1 403 Forbidden\r\n\r\n")).await;
    assert!(denied.contains("it answered 403") && denied.contains("rules do not allow"), "{denied}");
    let (_, unreached) = told(answers(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")).await;
    assert!(unreached.contains("could not resolve or reach the server"), "{unreached}");
    let (_, web) = told(answers(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")).await;
    assert!(web.contains("no proxy at all but a web server"), "{web}");
    let (_, other) = told(answers(b"SSH-2.0-OpenSSH_9.2\r\n")).await;
    assert!(other.contains("something that is not HTTP"), "{other}");
    let (_, closed) = told(serve_raw(drop)).await;
    assert!(closed.contains("closed the connection"), "{closed}");
    let address = closed_port();
    let (_, refused) = told(address).await;
    assert!(refused.contains(&format!("The proxy {address} (network.proxy) cannot be reached: refused")), "{refused}");

    let client = client_with(network("http://no-such-proxy.invalid:3128"));
    let reached = check(&client, "https://git.invalid").await;
    assert!(failure(&reached, "proxy").seen.contains("name that could not be resolved"), "{reached:?}");
    let wrong = answers(b"HTTP/1.1 407 No\r\n\r\n");
    let client = client_with(network(&format!("http://user:s3cret@{wrong}")));
    let reached = check(&client, "https://git.invalid").await;
    assert!(words(failure(&reached, "proxy")).contains("is wrong"), "{reached:?}");
}

#[tokio::test]
async fn a_page_that_the_proxy_made_is_not_taken_for_the_servers() {
    let squid = answers(b"HTTP/1.1 503 Service Unavailable\r\nServer: squid/5.7\r\nX-Squid-Error: ERR_DNS_FAIL 0\r\ncontent-length: 0\r\n\r\n");
    let reached = check(&through(squid), "http://git.invalid").await;
    let told = words(failure(&reached, "http"));
    assert!(told.contains(&format!("The proxy {squid} answered 503 itself")), "{told}");
}

#[tokio::test]
async fn a_socks_proxy_resolves_and_connects_for_requests_too() {
    // given
    let root = root("Corp Root");
    let proxy = socks_to(tls_server(&leaf(&root, |_| ()), &[]), 0);
    let (client, _file) = trusting_with(&root.pem(), network(&format!("socks5h://{proxy}")));

    // when
    let reached = check(&client, "https://git.invalid").await;

    // then
    let expected = "url passed, name skipped, proxy passed, tcp passed, tls passed, http passed";
    assert_eq!(verdicts(&reached), expected, "{reached:#?}");
}

#[tokio::test]
async fn a_refusal_of_a_socks_proxy_is_told_alike_by_check_and_request() {
    let proxy = socks_to(closed_port(), 2);
    let client = client_with(network(&format!("socks5h://{proxy}")));
    let reached = check(&client, "https://git.invalid").await;
    assert!(failure(&reached, "proxy").seen.contains("it refuses to connect to this host"), "{reached:?}");

    let error = client.get(&"https://git.invalid/".parse().unwrap()).send().await.unwrap_err();
    assert!(
        matches!(&error, NetError::Proxy { reason, .. } if reason == "it refuses to connect to this host"),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_encrypted_proxy_is_trusted_like_a_server() {
    let root = root("Corp Root");
    let proxy = tls_server(&leaf(&root, |_| ()), &[]);
    let reached = check(&client_with(network(&format!("https://{proxy}"))), "https://git.invalid").await;
    assert!(failure(&reached, "proxy").seen.contains("gives no secure connection"), "{reached:?}");

    // The server behind it answers any request with 200, which is what a proxy answers to CONNECT.
    let (client, _file) = trusting_with(&root.pem(), network(&format!("https://{proxy}")));
    let reached = check(&client, "https://git.invalid").await;
    assert_eq!(stage(&reached, "proxy").verdict, Verdict::Passed, "{reached:?}");
}

/// A process cannot change its own environment safely, so this test starts itself again with another one.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test of the environment of its own process")]
async fn a_proxy_of_the_environment_is_named_by_its_variable() {
    if std::env::var_os("CHECK_OF_THE_ENVIRONMENT").is_some() {
        let reached = check(&client_with(Network::default()), "https://git.invalid").await;
        assert!(failure(&reached, "proxy").seen.contains("(the variable HTTPS_PROXY)"), "{reached:?}");
        let reached = check(&client_with(Network::default()), "https://git.exempt.invalid").await;
        assert_eq!(stage(&reached, "name").verdict, Verdict::Failed, "no_proxy exempts it: {reached:?}");
        return;
    }
    let name = "check::proxies::a_proxy_of_the_environment_is_named_by_its_variable";
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env("CHECK_OF_THE_ENVIRONMENT", "1")
        .env("HTTPS_PROXY", format!("http://{}", closed_port()))
        .env("NO_PROXY", "exempt.invalid")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
