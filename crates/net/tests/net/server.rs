//! Servers to test against.

use std::net::SocketAddr;

use axum::Router;
use net::{Client, HttpFactory, Network};
use url::Url;

/// Serves `router` on a port of its own until the test's runtime ends.
pub async fn serve(router: Router) -> Url {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url(address, "")
}

pub fn url(address: SocketAddr, path: &str) -> Url {
    format!("http://{address}/{path}").parse().unwrap()
}

pub fn client() -> Client {
    client_with(Network::default())
}

pub fn client_with(network: Network) -> Client {
    HttpFactory::new(network).unwrap().client()
}

/// A port where nothing listens.
pub fn closed_port() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}
