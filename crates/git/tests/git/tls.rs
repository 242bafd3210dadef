//! Git trusts whom Dovetail's own client trusts.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use git::{Filter, GitError, HttpRemote, Remote};
use net::{HttpFactory, Network};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::world::{World, absent};

/// A server that answers 404 to all, behind a certificate of an authority of its own; the authority in PEM form.
fn missing_everything() -> (SocketAddr, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap().der().clone();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), connection.unwrap());
            if stream.read(&mut [0; 4096]).is_ok() {
                // A client that does not trust us has gone by now.
                let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            }
        }
    });
    (address, authority.pem())
}

#[tokio::test]
async fn a_private_authority_holds_for_listing_and_for_fetching() {
    let world = World::new();
    let (address, authority) = missing_everything();
    let bundle = world.path("authority.pem");
    std::fs::write(&bundle, authority).unwrap();
    let remote = |ca_bundle| {
        Remote::Http(HttpRemote {
            url: format!("https://{address}/a.git").parse().unwrap(),
            username: String::new(),
            password: None,
            client: HttpFactory::new(Network { ca_bundle, ..Network::default() }).unwrap().client(),
        })
    };
    let cache = world.git.cache(&world.path("cache"), &remote(None), false).await.unwrap();
    // Filter::None asks no capabilities: git itself meets the certificate.
    let fetch = async |remote: &Remote| cache.fetch(remote, &[absent()], &[], Filter::None).await.unwrap_err();

    let stranger = remote(None);
    assert!(matches!(world.git.ls_refs(&stranger).await.unwrap_err(), GitError::Net(net::NetError::Tls { .. })));
    let refused = fetch(&stranger).await;
    assert!(matches!(&refused, GitError::Network(text) if text.contains("certificate")), "{refused:?}");

    let trusting = remote(Some(bundle));
    assert_eq!(world.git.ls_refs(&trusting).await.unwrap_err(), GitError::NotFound);
    assert_eq!(fetch(&trusting).await, GitError::NotFound);
}
