//! The server on a socket, and how it stops.

use std::time::Duration;

use futures::StreamExt;
use model::secret::{ExposeSecret, random_token, token_hash};
use store::Scope;
use store::testing::Engine;
use tokio::net::TcpListener;
use url::Url;

use crate::site::{NOW, Site};

#[tokio::test(flavor = "multi_thread")]
async fn an_open_event_stream_ends_with_the_server() {
    let site = Site::open(Engine::Sqlite).await.unwrap();
    let token = random_token("");
    site.store.api_token_insert(&token_hash(token.expose_secret()), "test", Scope::Read, NOW).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let events = Url::parse(&format!("http://{}/api/v1/events", listener.local_addr().unwrap())).unwrap();
    let shutdown = site.state.shutdown().clone();
    let serving = tokio::spawn(web::serve(listener, web::router(site.state.clone()), shutdown.clone()));
    let client = net::HttpFactory::new(net::Network::default()).unwrap().client();
    let response = client.get(&events).bearer(&token).send().await.unwrap();
    assert_eq!(response.header("content-type"), Some("text/event-stream"));
    let mut stream = response.stream();

    shutdown.cancel();

    let stopped = tokio::time::timeout(Duration::from_secs(2), serving).await;
    stopped.expect("stops within two seconds").unwrap().unwrap();
    let rest = tokio::time::timeout(Duration::from_secs(2), async { while stream.next().await.is_some() {} }).await;
    rest.expect("the stream ends");
}
