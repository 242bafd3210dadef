//! What one server needs that others do not.

use model::secret::ExposeSecret;
use rstest::rstest;
use store::testing::Engine;
use store::{ServerProxy, ServerRoute};

use crate::world::{NOW, World};

const ONE: &str = "git.example.com:443";
const OTHER: &str = "jira.example.com:8443";

fn pair(name: &str) -> (String, String) {
    (format!("AB:{name}"), format!("certificate {name}"))
}

#[rstest]
#[tokio::test]
async fn authorities_are_trusted_for_one_server_until_they_are_not(#[values("sqlite", "postgres")] engine: Engine) {
    // given
    let Some(world) = World::open(engine).await else { return };
    world.server_authorities_put(ONE, &[pair("1"), pair("2")], NOW).await.unwrap();
    world.server_authorities_put(OTHER, &[pair("1")], NOW).await.unwrap();

    // when: one comes again later, with a new one
    world.server_authorities_put(ONE, &[pair("1"), pair("0")], NOW + 5).await.unwrap();

    // then
    let told = async || {
        let all = world.server_authorities().await.unwrap();
        all.into_iter().map(|it| (it.address, it.fingerprint, it.created_at - NOW)).collect::<Vec<_>>()
    };
    let row = |address: &str, name: &str, since| (address.to_owned(), pair(name).0, since);
    assert_eq!(told().await, [row(ONE, "1", 0), row(ONE, "2", 0), row(ONE, "0", 5), row(OTHER, "1", 0)]);

    // when
    assert!(world.server_authority_delete(ONE, "AB:1").await.unwrap());

    // then
    assert!(!world.server_authority_delete(ONE, "AB:1").await.unwrap());
    assert_eq!(told().await, [row(ONE, "2", 0), row(ONE, "0", 5), row(OTHER, "1", 0)]);
}

#[rstest]
#[tokio::test]
async fn a_proxy_is_sealed_for_its_server(#[values("sqlite", "postgres")] engine: Engine) {
    // given
    let Some(world) = World::open(engine).await else { return };
    let proxy = |address: &str, url: Option<&str>| ServerProxy {
        address: address.to_owned(),
        route: if url.is_some() { ServerRoute::Through } else { ServerRoute::Direct },
        url: url.map(|url| url.to_owned().into()),
    };
    let told = async || {
        let all = world.server_proxies().await.unwrap();
        let url = |it: &ServerProxy| it.url.as_ref().map(|url| url.expose_secret().to_owned());
        all.iter().map(|it| (it.address.clone(), it.route, url(it))).collect::<Vec<_>>()
    };

    // when
    world.server_proxy_put(&proxy(ONE, Some("http://me:s3cret@proxy:3128/")), NOW).await.unwrap();
    world.server_proxy_put(&proxy(OTHER, None), NOW).await.unwrap();

    // then
    let through = (ONE.to_owned(), ServerRoute::Through, Some("http://me:s3cret@proxy:3128/".to_owned()));
    assert_eq!(told().await, [through, (OTHER.to_owned(), ServerRoute::Direct, None)]);

    // when
    world.server_proxy_put(&proxy(ONE, None), NOW).await.unwrap();
    assert!(world.server_proxy_delete(OTHER).await.unwrap());

    // then
    assert_eq!(told().await, [(ONE.to_owned(), ServerRoute::Direct, None)]);
    assert!(!world.server_proxy_delete(OTHER).await.unwrap());
}
