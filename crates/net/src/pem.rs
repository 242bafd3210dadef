//! Certificates as PEM writes them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// A certificate (DER) in PEM form, with its last line ended.
pub fn certificate(der: &[u8]) -> String {
    let encoded = BASE64_STANDARD.encode(der);
    let mut text = "-----BEGIN CERTIFICATE-----\n".to_owned();
    for (position, letter) in encoded.chars().enumerate() {
        if position > 0 && position % 64 == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    text + "\n-----END CERTIFICATE-----\n"
}
