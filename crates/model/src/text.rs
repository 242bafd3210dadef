//! Bytes and foreign strings made into text that every store takes: decoded once, free of NUL.

use encoding_rs::{Encoding, REPLACEMENT};

/// Encoding names that git's users write and that the WHATWG labels do not list.
const ALIASES: [(&str, &str); 7] = [
    ("cp932", "windows-31j"),
    ("cp936", "gbk"),
    ("cp949", "windows-949"),
    ("cp950", "big5"),
    ("eucjp", "euc-jp"),
    ("euckr", "euc-kr"),
    ("latin-1", "latin1"),
];

/// Decodes bytes of a commit: by its encoding header, else as UTF-8, else as Latin-1, which is reported as lossy
/// (design of the store: text is decoded once). NUL characters are dropped, as PostgreSQL takes none.
///
/// An encoding header that is unknown, or that the bytes contradict while they are sound UTF-8, counts as absent.
/// Where the bytes fit neither the header nor UTF-8, the header's reading with replacement characters is returned,
/// marked lossy.
#[must_use]
pub fn decode(bytes: &[u8], encoding_header: Option<&str>) -> (String, bool) {
    let declared = encoding_header.and_then(encoding_of).map(|encoding| encoding.decode_without_bom_handling(bytes));
    let (text, lossy) = match (declared, str::from_utf8(bytes)) {
        (Some((text, false)), _) => (text.into_owned(), false),
        (_, Ok(text)) => (text.to_owned(), false),
        (Some((text, true)), Err(_)) => (text.into_owned(), true),
        (None, Err(_)) => (bytes.iter().copied().map(char::from).collect(), true),
    };
    (without_nul(text), lossy)
}

/// Text that came as text (JSON of a REST answer), free of NUL.
#[must_use]
pub fn plain(text: &str) -> String {
    without_nul(text.to_owned())
}

fn without_nul(mut text: String) -> String {
    text.retain(|character| character != '\0');
    text
}

/// The encoding that a header names; none for labels that decode to nothing but replacement characters.
fn encoding_of(label: &str) -> Option<&'static Encoding> {
    let label = label.trim();
    let label = ALIASES.iter().find(|(alias, _)| label.eq_ignore_ascii_case(alias)).map_or(label, |(_, name)| name);
    Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != REPLACEMENT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decoding_follows_header_then_utf8_then_latin1() {
        let cases: [(&[u8], Option<&str>, &str, bool); 14] = [
            (b"plain", None, "plain", false),
            ("Grüße ABC-1".as_bytes(), None, "Grüße ABC-1", false),
            (b"Gr\xfc\xdfe ABC-1", Some("ISO-8859-1"), "Grüße ABC-1", false),
            (b"Gr\xfc\xdfe ABC-1", Some("latin-1"), "Grüße ABC-1", false),
            (b"Gr\xfc\xdfe ABC-1", None, "Grüße ABC-1", true),
            (b"\x93\xfa\x96\x7b ABC-1", Some("CP932"), "日本 ABC-1", false),
            (b"\xc6\xfc\xcb\xdc", Some("eucJP"), "日本", false),
            (b"\xcf\xf0\xe8", Some("cp1251"), "При", false),
            ("Grüße".as_bytes(), Some("no-such-encoding"), "Grüße", false),
            (b"\xfc", Some("no-such-encoding"), "ü", true),
            ("日本".as_bytes(), Some("EUC-JP"), "日本", false),
            (b"\xfc", Some("UTF-8"), "\u{fffd}", true),
            (b"abc", Some("hz-gb-2312"), "abc", false),
            (b"", None, "", false),
        ];
        for (bytes, header, text, lossy) in cases {
            assert_eq!(decode(bytes, header), (text.to_owned(), lossy), "{bytes:?} as {header:?}");
        }
    }

    #[test]
    fn nul_never_survives() {
        assert_eq!(decode(b"a\0b", None), ("ab".to_owned(), false));
        assert_eq!(decode(b"\xfc\0b", None), ("üb".to_owned(), true));
        assert_eq!(decode(b"a\0b", Some("latin1")), ("ab".to_owned(), false));
        assert_eq!(plain("a\0\0b\0"), "ab");
    }

    proptest! {
        #[test]
        fn sound_text_comes_back_as_it_was(text in "[^\0]*") {
            prop_assert_eq!(decode(text.as_bytes(), None), (text.clone(), false));
            prop_assert_eq!(plain(&text), text);
        }

        #[test]
        fn any_bytes_decode_without_nul(bytes: Vec<u8>, header in proptest::option::of("[a-zA-Z0-9-]{0,12}")) {
            let (text, _) = decode(&bytes, header.as_deref());
            prop_assert!(!text.contains('\0'));
        }
    }
}
