//! Servers with an authority or a proxy of their own.

use axum::http::StatusCode;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use store::testing::Engine;

use crate::site::Site;

const SERVER: &str = "https://git.example.com/group";
const ADDRESS: &str = "git.example.com:443";

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

#[rstest::rstest]
#[tokio::test]
async fn an_authority_is_shown_before_it_is_trusted(#[values("sqlite", "postgres")] engine: Engine) {
    // given
    let Some(site) = Site::open(engine).await else { return };
    let mut admin = site.administrator().await;
    let pem = authority("Example <Corp> Root").pem();
    assert!(admin.get("/servers").await.text.contains("No server has settings of its own"));

    // when: the first of two steps
    let shown = admin.post("/servers/read", &[("server", SERVER), ("pem", &pem)]).await;

    // then: nothing is kept yet
    assert_eq!(shown.status, StatusCode::OK);
    let fingerprint = shown.between("<code class=\"fingerprint\">", "</code>").to_owned();
    assert_eq!(fingerprint.split(':').count(), 32);
    assert!(shown.text.contains("CN=Example &#60;Corp&#62; Root") && shown.text.contains(ADDRESS));
    assert!(site.store.server_authorities().await.unwrap().is_empty());

    // when: the second
    let handed = shown.between("name=\"pem\" value=\"", "\"").to_owned();
    let trusted = admin.post("/servers/trust", &[("server", ADDRESS), ("pem", &handed)]).await;

    // then
    assert_eq!((trusted.status, trusted.location()), (StatusCode::SEE_OTHER, "/servers"));
    let list = admin.get("/servers").await;
    assert!(list.text.contains(&fingerprint) && list.text.contains("Trust no more"));

    // when
    let fields = [("server", ADDRESS), ("fingerprint", fingerprint.as_str())];
    assert_eq!(admin.post("/servers/distrust", &fields).await.location(), "/servers");

    // then
    assert!(!admin.get("/servers").await.text.contains(&fingerprint));
}

#[tokio::test]
async fn what_is_no_authority_is_told_and_typed_texts_stay() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let mut admin = site.administrator().await;
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["git.example.com".to_owned()]).unwrap();
    let of_server = params.signed_by(&key, &authority("Example Corp Root")).unwrap().pem();
    let cases = [
        (SERVER, "<script>", "no certificate in PEM form"),
        (SERVER, of_server.as_str(), "CN=Example Corp Root signed it"),
        ("not a server", "x", "neither a URL nor host:port"),
    ];
    for path in ["/servers/read", "/servers/trust"] {
        for (server, pem, expected) in cases {
            let page = admin.post(path, &[("server", server), ("pem", pem)]).await;

            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {pem}");
            assert!(page.between("role=\"alert\"", "</div>").contains(expected), "{path} {pem}: {}", page.text);
            assert!(page.text.contains(&format!("value=\"{server}\"")) && !page.text.contains("<script>"));
        }
    }
    assert!(site.store.server_authorities().await.unwrap().is_empty());
}

#[rstest::rstest]
#[tokio::test]
async fn the_password_of_a_proxy_is_never_shown(#[values("sqlite", "postgres")] engine: Engine) {
    // given
    let Some(site) = Site::open(engine).await else { return };
    let mut admin = site.administrator().await;
    let fields = |route, url| [("server", SERVER), ("route", route), ("url", url)];

    // when
    let kept = admin.post("/servers/proxy", &fields("through", "http://me:s3cret@proxy.example.com:3128")).await;

    // then
    assert_eq!((kept.status, kept.location()), (StatusCode::SEE_OTHER, "/servers"));
    let list = admin.get("/servers").await;
    assert!(list.text.contains("http://proxy.example.com:3128<") && !list.text.contains("s3cret"));

    // when: another one that is none
    let refused = admin.post("/servers/proxy", &fields("through", "me:s3cret@proxy")).await;

    // then
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("no address of a proxy") && !refused.text.contains("s3cret"));

    // when
    admin.post("/servers/proxy", &fields("direct", "")).await;

    // then
    assert!(admin.get("/servers").await.text.contains("Proxy: <bdi>none</bdi>"));

    // when
    admin.post("/servers/proxy", &fields("usual", "")).await;

    // then
    assert!(admin.get("/servers").await.text.contains("No server has settings of its own"));
}

#[tokio::test]
async fn only_administrators_see_and_change_them() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let (_, mut reader) = site.reader("reader").await;
    assert_eq!(reader.get("/servers").await.status, StatusCode::FORBIDDEN);
    for path in ["/servers/read", "/servers/trust", "/servers/distrust", "/servers/proxy"] {
        let fields = [("server", SERVER), ("pem", ""), ("fingerprint", ""), ("route", "direct")];
        assert_eq!(reader.post(path, &fields).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(site.store.server_proxies().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_check_that_ends_at_the_connection_leads_there_with_the_server_filled_in() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let mut admin = site.administrator().await;

    let page = admin.post("/check", &[("host", "gitlab"), ("host_url", "http://127.0.0.1:1")]).await;

    let link = "/servers?server=http%3A%2F%2F127.0.0.1%3A1#proxy";
    assert!(page.text.contains(&format!("<a href=\"{link}\">Choose the proxy for this server</a>")), "{}", page.text);
    let servers = admin.get(link.split('#').next().unwrap()).await;
    assert_eq!(servers.count("value=\"http://127.0.0.1:1\""), 2);
}
