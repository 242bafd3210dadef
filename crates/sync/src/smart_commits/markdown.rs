//! Text from outside in the Markdown of forges: it stays text, calls nobody, links nothing, and commands nothing.

/// Stands between a sign and what it would refer to. It has no width, and no line breaks there.
const JOINER: char = '\u{2060}';
/// What means something in Markdown within a line, and what is not taken for more with a backslash before it.
const MARKUP: &str = "\\`*_{}[]<>|~^&$";
/// What makes references of what follows (people, issues, merge requests, labels, milestones, addresses): a backslash alone
/// does not keep GitHub and older versions of GitLab from that.
const REFERRING: &str = "@#!%~&$^:";

/// A text in one line of Markdown, at most so many characters of it.
pub(super) fn escaped(text: &str, longest: usize) -> String {
    let line = one_line(text, longest);
    let mut escaped = String::with_capacity(line.len() + line.len() / 8);
    let mut before = ' ';
    let mut rest = line.chars().peekable();
    while let Some(one) = rest.next() {
        // The addresses that forges make links of without a scheme.
        if one == '.' && before.eq_ignore_ascii_case(&'w') {
            escaped.push(JOINER);
        }
        if MARKUP.contains(one) {
            escaped.push('\\');
        }
        escaped.push(one);
        if REFERRING.contains(one) && rest.peek().is_some_and(|next| !next.is_whitespace()) {
            escaped.push(JOINER);
        }
        before = one;
    }
    escaped
}

/// A text as code in one line of Markdown, at most so many characters of it: there nothing has a meaning but backticks.
pub(super) fn code(text: &str, longest: usize) -> String {
    let line = one_line(text, longest);
    let longest_run = line.split(|one| one != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest_run + 1);
    let padding = if line.starts_with('`') || line.ends_with('`') { " " } else { "" };
    format!("{fence}{padding}{line}{padding}{fence}")
}

/// One line without what is not seen (control characters, and what turns the direction of writing), bounded.
fn one_line(text: &str, longest: usize) -> String {
    let unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let plain: String = text.chars().take(longest.saturating_mul(4)).map(|c| if unseen(c) { ' ' } else { c }).collect();
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None if text.chars().nth(longest.saturating_mul(4)).is_some() => format!("{line}…"),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As people see it: without joiners and backslashes.
    fn seen(escaped: &str) -> String {
        escaped.replace([JOINER, '\\'], "")
    }

    #[test]
    fn nothing_from_outside_means_more_than_its_letters() {
        let hostile = "@all #1 !2 ~bug %v1 &3 $4 <img src=x onerror=alert(1)> [x](javascript:alert(1)) **b** `c` \
                       https://evil.example www.evil.example a@b.example :tada: | x {+ y +} ^2^";
        let told = escaped(hostile, 1_000);
        for sign in REFERRING.chars() {
            let held = |after: &str| after.is_empty() || after.starts_with([JOINER, ' ']);
            let all = told.match_indices(sign).all(|(at, found)| held(&told[at + found.len()..]));
            assert!(all, "{sign} refers to something in {told}");
        }
        for sign in MARKUP.chars().filter(|sign| *sign != '\\') {
            assert!(told.match_indices(sign).all(|(at, _)| told[..at].ends_with('\\')), "{sign} in {told}");
        }
        assert!(!told.contains("www.") && !told.contains("://"), "{told}");
        assert_eq!(seen(&told), hostile);
        assert_eq!(escaped("a\\b", 9), "a\\\\b");
    }

    #[test]
    fn a_text_stays_in_its_line_and_is_bounded() {
        assert_eq!(escaped("one\n/close\r\n\u{202e}two\u{0}", 99), "one /close two");
        assert_eq!(escaped(&"é".repeat(100), 10), format!("{}…", "é".repeat(10)));
        assert_eq!(escaped(&format!("{}x", " ".repeat(100)), 10), "…");
        assert_eq!(code(&"x".repeat(100), 10), "`xxxxxxxxxx…`");
    }

    #[test]
    fn code_ends_where_it_is_to_end() {
        assert_eq!(code("#comment @all <b>", 99), "`#comment @all <b>`");
        assert_eq!(code("a `` b ` c", 99), "```a `` b ` c```");
        assert_eq!(code("`x", 99), "`` `x ``");
        assert_eq!(code("x\n/close", 99), "`x /close`");
    }
}
