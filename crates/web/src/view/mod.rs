//! How things look on a page: each type here draws itself as HTML and escapes what comes from outside.

pub mod activity;
pub mod forge_links;
pub mod lozenge;
pub mod message;
pub mod number;
pub mod person;
pub mod progress;
pub mod prose;
pub mod report;
pub mod sentence;
pub mod sparkline;
pub mod token_end;
pub mod when;

use std::fmt;

/// Writes text with everything escaped that means something in HTML, also within quotes.
pub fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => continue,
        };
        f.write_str(&text[plain..at])?;
        f.write_str(entity)?;
        plain = at + 1;
    }
    f.write_str(&text[plain..])
}
