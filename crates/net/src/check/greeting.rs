//! What speaks at a port where TLS does not come about: one greeting as of old, one in plain HTTP.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::line::Stream;

/// What a server turned out to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    Http,
    /// TLS or its forerunner, whichever version.
    Tls,
    Ssh,
    /// SMTP or FTP, whose greetings begin alike.
    Mail,
    Unknown,
}

/// What the first bytes of an answer are.
pub fn recognise(first: &[u8]) -> Speaks {
    match first {
        [b'H', b'T', b'T', b'P', b'/', ..] => Speaks::Http,
        [0x14..=0x17, 3, ..] => Speaks::Tls,
        [b'S', b'S', b'H', b'-', ..] => Speaks::Ssh,
        [b'2', b'2', b'0', b' ' | b'-', ..] => Speaks::Mail,
        _ => Speaks::Unknown,
    }
}

/// Asks in plain HTTP and tells what answers.
pub async fn ask_plainly(mut stream: Stream) -> Speaks {
    if stream.write_all(b"HEAD / HTTP/1.0\r\n\r\n").await.is_err() {
        return Speaks::Unknown;
    }
    recognise(&first_bytes(&mut stream, 5).await)
}

/// What a server takes that knows nothing newer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Old {
    /// A version before TLS 1.2, by name.
    Version(&'static str),
    /// TLS 1.2, but only with what is outdated.
    Ciphers,
}

/// Greets as browsers did before TLS 1.3, with the suites of that time; none where even that is refused.
pub async fn old(mut stream: Stream, host: Option<&str>) -> Option<Old> {
    stream.write_all(&hello(host)).await.ok()?;
    let answer = first_bytes(&mut stream, 11).await;
    // A record with a handshake in it, the handshake a ServerHello: its version stands behind both heads.
    match answer.as_slice() {
        [0x16, 3, _, _, _, 2, _, _, _, 3, minor] => match minor {
            0 => Some(Old::Version("SSL 3.0")),
            1 => Some(Old::Version("TLS 1.0")),
            2 => Some(Old::Version("TLS 1.1")),
            _ => Some(Old::Ciphers),
        },
        _ => None,
    }
}

/// At most `count` bytes, fewer where no more come.
async fn first_bytes(stream: &mut Stream, count: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(count);
    let mut byte = [0];
    while bytes.len() < count && matches!(stream.read(&mut byte).await, Ok(1..)) {
        bytes.push(byte[0]);
    }
    bytes
}

/// The suites of TLS 1.0 to 1.2, without forward secrecy or with CBC, that servers know (RFC 5246, RFC 4492), and the mark for renegotiation (RFC 5746).
const SUITES: [u16; 17] = [
    0xc028, 0xc027, 0x003d, 0x003c, 0xc014, 0xc013, 0xc00a, 0xc009, 0xc012, 0x0039, 0x0033, 0x0035, 0x002f, 0x0016,
    0x000a, 0x0005, 0x00ff,
];

/// The signatures of that time (RFC 5246 §7.4.1.4.1): RSA and ECDSA with SHA-2 and SHA-1.
const SIGNATURES: [u16; 8] = [0x0401, 0x0501, 0x0601, 0x0403, 0x0503, 0x0603, 0x0201, 0x0203];

/// A ClientHello of TLS 1.2 (RFC 5246 §7.4.1.2), to which older servers answer with what they have.
fn hello(host: Option<&str>) -> Vec<u8> {
    let mut extensions = vec![0, 10, 0, 8, 0, 6, 0, 23, 0, 24, 0, 25, 0, 11, 0, 2, 1, 0]; // curves and point formats
    extensions.extend([0, 13]);
    extensions.extend(with_length(&with_length(&pairs(&SIGNATURES))));
    if let Some(host) = host {
        let name = [&[0][..], &with_length(host.as_bytes())].concat();
        extensions.extend([0, 0]);
        extensions.extend(with_length(&with_length(&name)));
    }
    let mut body = vec![3, 3];
    body.extend([0x44; 32]); // no secret depends on it: the handshake is never finished
    body.push(0);
    body.extend(with_length(&pairs(&SUITES)));
    body.extend([1, 0]);
    body.extend(with_length(&extensions));
    let handshake = [&[1, 0][..], &with_length(&body)].concat();
    [&[0x16, 3, 1][..], &with_length(&handshake)].concat()
}

fn pairs(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// The bytes behind their number in two bytes.
fn with_length(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::{Speaks, recognise};

    #[test]
    fn greetings_are_recognised() {
        assert_eq!(recognise(b"HTTP/1.1 400 Bad Request"), Speaks::Http);
        assert_eq!(recognise(&[0x15, 3, 1, 0, 2]), Speaks::Tls);
        assert_eq!(recognise(b"SSH-2.0-OpenSSH_9.2"), Speaks::Ssh);
        assert_eq!(recognise(b"220 mail.corp ESMTP"), Speaks::Mail);
        assert_eq!(recognise(b""), Speaks::Unknown);
    }
}
