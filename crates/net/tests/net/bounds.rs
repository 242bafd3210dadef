//! Bounds of size and time.

use std::io::Write;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::StreamExt;
use net::NetError;

use crate::server::{client, serve};

#[tokio::test]
async fn a_body_beyond_its_bound_is_refused() {
    let url = serve(Router::new().route("/", get(async || "x".repeat(1000)))).await;
    let body = async |limit| client().get(&url).send().await.unwrap().bytes(limit).await;
    assert_eq!(body(1000).await.unwrap().len(), 1000);
    assert!(matches!(body(999).await.unwrap_err(), NetError::TooLarge { limit: 999, .. }));
}

#[tokio::test]
async fn the_bound_holds_after_decompression() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![b'x'; 10_000_000]).unwrap();
    let packed = encoder.finish().unwrap();
    assert!(packed.len() < 20_000);
    let url = serve(Router::new().route("/", get(async move || ([("content-encoding", "gzip")], packed)))).await;

    let error = client().get(&url).send().await.unwrap().bytes(100_000).await.unwrap_err();

    assert!(matches!(error, NetError::TooLarge { .. }), "{error:?}");
}

#[tokio::test]
async fn a_broken_compression_is_a_bad_body() {
    let url = serve(Router::new().route("/", get(async || ([("content-encoding", "gzip")], "no gzip")))).await;
    let error = client().get(&url).send().await.unwrap().bytes(100).await.unwrap_err();
    assert!(matches!(error, NetError::BadBody { .. }), "{error:?}");
}

#[tokio::test]
async fn a_body_comes_in_pieces() {
    let url = serve(Router::new().route("/", get(async || "piece"))).await;
    let pieces: Vec<_> = client().get(&url).send().await.unwrap().stream().collect().await;
    assert_eq!(pieces.into_iter().map(|piece| piece.unwrap().len()).sum::<usize>(), 5);
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let url = serve(Router::new().route("/", get(std::future::pending::<&str>))).await;
    let error = client().get(&url).timeout(Duration::from_millis(30)).send().await.unwrap_err();
    assert!(matches!(error, NetError::Timeout { .. }) && error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let endless =
        async || axum::body::Body::from_stream(futures::stream::pending::<Result<bytes::Bytes, std::io::Error>>());
    let url = serve(Router::new().route("/", get(endless))).await;
    let response = client().get(&url).timeout(Duration::from_millis(200)).send().await.unwrap();
    let error = response.bytes(100).await.unwrap_err();
    assert!(matches!(error, NetError::Timeout { .. }), "{error:?}");
}
