//! Long answers, compressed once for all who ask.

use std::io::Write;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Whether who asks takes gzip: it is named, or everything is, and not with a weight of nothing (RFC 9110 §12.5.3).
pub fn is_accepted(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let offers = values.flat_map(|value| value.split(',')).map(offer);
    let (mut named, mut any) = (None, None);
    offers.for_each(|(name, wanted)| match name {
        name if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => named = Some(wanted),
        "*" => any = Some(wanted),
        _ => {}
    });
    named.or(any).unwrap_or(false)
}

/// The name of an encoding, and whether it is wanted at all.
fn offer(written: &str) -> (&str, bool) {
    let (name, weight) = written.split_once(';').unwrap_or((written, ""));
    let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok());
    (name.trim(), weight.unwrap_or(1.0) > 0.0)
}

/// Quickly rather than well: it is done while somebody waits.
pub fn zipped(body: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).expect("a vector takes everything");
    encoder.finish().expect("a vector takes everything").into()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn gzip_is_accepted_where_it_is_named_or_everything_is() {
        let accepted = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, value.parse().unwrap());
            is_accepted(&headers)
        };
        for value in ["gzip", "br, GZIP;q=0.5", "deflate, gzip ; q=1", "*", "x-gzip", "br;q=0,*;q=0.1"] {
            assert!(accepted(value), "{value}");
        }
        for value in ["", "identity", "gzip;q=0", "gzip;q=0, *", "br", "*;q=0.0", "gzipped"] {
            assert!(!accepted(value), "{value}");
        }
        assert!(!is_accepted(&HeaderMap::new()));
    }

    #[test]
    fn what_is_compressed_is_what_was_there() {
        let body = b"a long answer ".repeat(1_000);
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(zipped(&body).as_ref()).read_to_end(&mut back).unwrap();
        assert_eq!(back, body);
    }
}
