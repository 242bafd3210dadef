//! One TLS handshake, driven by hand so that everything seen on the way is kept, whatever becomes of it.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use model::Millis;
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{
    CipherSuite, ClientConfig, ClientConnection, DigitallySignedStruct, Error, ProtocolVersion, SignatureScheme,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::line::Stream;
use crate::trust::{Trust, provider};

/// How many of the server's first bytes are kept.
const FIRST: usize = 64;
/// How many certificates of a chain are kept.
const CERTIFICATES: usize = 10;

/// What a handshake showed.
#[derive(Debug, Default)]
pub struct Seen {
    pub chain: Vec<CertificateDer<'static>>,
    pub version: Option<ProtocolVersion>,
    pub cipher: Option<CipherSuite>,
    /// The server asked for a certificate of the client.
    pub wants_client_certificate: bool,
    /// The first bytes that came.
    pub first: Vec<u8>,
}

/// Why a handshake did not come to its end.
#[derive(Debug)]
pub enum Broken {
    /// TLS says no.
    Tls(Error),
    /// The connection broke.
    Line,
    /// The server closed the connection.
    Closed,
}

/// Greets the server. Nothing of ours is told but the server's name; an answer is only asked for where the server wants
/// a certificate, as it refuses a missing one after the handshake.
pub async fn handshake(
    mut stream: Stream,
    trust: &Trust,
    name: &ServerName<'static>,
    now: Millis,
) -> (Seen, Result<(), Broken>) {
    let judge = match Judge::new(trust, now) {
        Ok(judge) => Arc::new(judge),
        Err(error) => return (Seen::default(), Err(Broken::Tls(error))),
    };
    let asked = Arc::new(Asked { was: AtomicBool::new(false), identity: trust.identity() });
    let mut connection = match connection(Arc::clone(&judge), Arc::clone(&asked), name) {
        Ok(connection) => connection,
        Err(error) => return (Seen::default(), Err(Broken::Tls(error))),
    };
    let mut first = Vec::new();
    let mut result =
        exchange(&mut connection, &mut stream, &mut first, |connection| !connection.is_handshaking()).await;
    if result.is_ok() && asked.was() {
        result = ask_for_an_answer(&mut connection, &mut stream, &mut first).await;
    }
    let seen = Seen {
        chain: judge.chain(),
        version: connection.protocol_version(),
        cipher: connection.negotiated_cipher_suite().map(|suite| suite.suite()),
        wants_client_certificate: asked.was(),
        first,
    };
    (seen, result)
}

fn connection(judge: Arc<Judge>, asked: Arc<Asked>, name: &ServerName<'static>) -> Result<ClientConnection, Error> {
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    let builder = builder.dangerous().with_custom_certificate_verifier(judge);
    let mut config = builder.with_client_cert_resolver(asked);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    ClientConnection::new(Arc::new(config), name.clone())
}

async fn ask_for_an_answer(
    connection: &mut ClientConnection,
    stream: &mut Stream,
    first: &mut Vec<u8>,
) -> Result<(), Broken> {
    // Not even a valid request is needed: a server that wants a certificate complains of that before it reads.
    let written = io::Write::write_all(&mut connection.writer(), b"HEAD / HTTP/1.0\r\n\r\n");
    written.map_err(|_| Broken::Line)?;
    let answered = exchange(connection, stream, first, |connection| {
        let mut byte = [0];
        io::Read::read(&mut connection.reader(), &mut byte).is_ok()
    });
    match answered.await {
        // A server that closes without a word has not complained.
        Err(Broken::Closed) => Ok(()),
        other => other,
    }
}

/// Carries bytes between TLS and the line until `done`.
async fn exchange(
    connection: &mut ClientConnection,
    stream: &mut Stream,
    first: &mut Vec<u8>,
    mut done: impl FnMut(&mut ClientConnection) -> bool,
) -> Result<(), Broken> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        flush(connection, stream).await.map_err(|_| Broken::Line)?;
        if done(connection) {
            return Ok(());
        }
        let count = stream.read(&mut buffer).await.map_err(|_| Broken::Line)?;
        if count == 0 {
            return Err(Broken::Closed);
        }
        let mut rest = &buffer[..count];
        first.extend(rest.iter().take(FIRST.saturating_sub(first.len())));
        while !rest.is_empty() {
            connection.read_tls(&mut rest).map_err(|_| Broken::Line)?;
            if let Err(error) = connection.process_new_packets() {
                // The alert that tells the server why; whether it arrives is the server's concern.
                let _ = flush(connection, stream).await;
                return Err(Broken::Tls(error));
            }
        }
    }
}

async fn flush(connection: &mut ClientConnection, stream: &mut Stream) -> io::Result<()> {
    let mut out = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut out)?;
    }
    stream.write_all(&out).await?;
    stream.flush().await
}

/// Keeps the chain and lets the client's own verifier decide.
#[derive(Debug)]
struct Judge {
    inner: rustls_platform_verifier::Verifier,
    now: UnixTime,
    chain: Mutex<Vec<CertificateDer<'static>>>,
}

impl Judge {
    fn new(trust: &Trust, now: Millis) -> Result<Self, Error> {
        let seconds = u64::try_from(now / 1000).unwrap_or_default();
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        Ok(Self { inner: trust.verifier()?, now, chain: Mutex::default() })
    }

    fn chain(&self) -> Vec<CertificateDer<'static>> {
        self.chain.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let all = std::iter::once(end_entity).chain(intermediates).take(CERTIFICATES);
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = all.map(|one| one.clone().into_owned()).collect();
        self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, self.now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Notes that a client certificate is wanted, and shows ours if there is one.
#[derive(Debug)]
struct Asked {
    was: AtomicBool,
    identity: Option<Arc<CertifiedKey>>,
}

impl Asked {
    fn was(&self) -> bool {
        self.was.load(Ordering::Relaxed)
    }
}

impl ResolvesClientCert for Asked {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.was.store(true, Ordering::Relaxed);
        self.identity.clone()
    }

    fn has_certs(&self) -> bool {
        true
    }
}
