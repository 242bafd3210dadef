//! Sentences as they are written for terminals and logs: what stands between backticks is code.

use std::fmt;

use askama::filters::HtmlSafe;

use super::write_escaped;

/// A text as HTML, escaped, with `<code>` where it has backticks.
#[derive(Debug, Clone, Copy)]
pub struct Prose<'a>(pub &'a str);

impl HtmlSafe for Prose<'_> {}

impl fmt::Display for Prose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((before, code, after)) = split(rest) {
            write_escaped(f, before)?;
            f.write_str("<code>")?;
            write_escaped(f, code)?;
            f.write_str("</code>")?;
            rest = after;
        }
        write_escaped(f, rest)
    }
}

/// What comes before the first pair of backticks, between them, and behind.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, after) = rest.split_once('`')?;
    Some((before, code, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_code_and_everything_is_escaped() {
        let shown = |text| Prose(text).to_string();
        assert_eq!(shown("Set `a.b = <x>` & `c`."), "Set <code>a.b = &lt;x&gt;</code> &amp; <code>c</code>.");
        assert_eq!(shown("One ` alone <b>"), "One ` alone &lt;b&gt;");
        assert_eq!(shown(""), "");
    }
}
